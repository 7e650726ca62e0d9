//! Machine code as lines.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use cranelift_codegen::ir::DebugTag;
use cranelift_codegen::{CompiledCode, MachDebugTagPos};
use iced_x86::{Decoder, DecoderOptions, FlowControl, Formatter, Instruction, IntelFormatter};
use riser_translator::module::ModuleInfo;

use super::{Line, NOWHERE, name};
use crate::compile::Compiled;

/// Known places in the code.
pub(super) struct Marks<'a> {
    /// Places that are reached other than from the instruction before: blocks, and out-of-line traps.
    starts: BTreeSet<usize>,
    /// Displacements of calls within the module, each with the callee.
    direct: BTreeMap<usize, String>,
    /// Ends of calls through an address, each with the callee.
    returns: BTreeMap<usize, &'a str>,
    /// Starts of tail calls through an address, each with the callee.
    tail_calls: BTreeMap<usize, &'a str>,
}

impl<'a> Marks<'a> {
    /// The places that Cranelift reports beside the code. `callees` are the names that tags index.
    pub(super) fn new(
        compiled: &Compiled,
        output: Option<&CompiledCode>,
        callees: &'a [String],
        info: &ModuleInfo,
    ) -> Marks<'a> {
        let traps = compiled.tables.traps.iter().map(|&(at, _)| at as usize);
        let mut marks = Marks {
            starts: traps.collect(),
            direct: BTreeMap::new(),
            returns: BTreeMap::new(),
            tail_calls: BTreeMap::new(),
        };
        for &(at, defined) in &compiled.calls {
            marks.direct.insert(at as usize, name(info, info.func_index(defined)));
        }
        let Some(output) = output else { return marks };
        marks.starts.extend(output.bb_starts.iter().map(|&start| start as usize));
        let ends: Vec<usize> = output.buffer.call_sites().map(|call| call.ret_addr as usize).collect();
        for list in output.buffer.debug_tags() {
            let Some(&DebugTag::User(number)) = list.tags.first() else { continue };
            let (at, callee) = (list.offset as usize, callees[number as usize].as_str());
            match list.pos {
                // More than the call may be in front of the tag: a jump to where it goes on.
                MachDebugTagPos::Post => {
                    let end = ends[..ends.partition_point(|&end| end <= at)].last();
                    marks.returns.insert(*end.unwrap_or(&at), callee);
                }
                MachDebugTagPos::Pre => {
                    marks.tail_calls.insert(at, callee);
                }
            }
        }
        marks
    }

    /// The callee of an instruction.
    fn callee(&self, instruction: &Instruction, block: usize) -> Option<&str> {
        let range = instruction.ip() as usize..instruction.next_ip() as usize;
        if let Some((_, callee)) = self.direct.range(range.clone()).next() {
            return Some(callee);
        }
        match instruction.flow_control() {
            FlowControl::IndirectCall => self.returns.get(&range.end).copied(),
            FlowControl::IndirectBranch => {
                self.tail_calls.range(block..=range.start).next_back().map(|(_, callee)| *callee)
            }
            _ => None,
        }
    }
}

/// What formats instructions in listings.
pub fn formatter() -> IntelFormatter {
    let mut formatter = IntelFormatter::new();
    let options = formatter.options_mut();
    options.set_hex_prefix("0x");
    options.set_hex_suffix("");
    options.set_uppercase_hex(false);
    options.set_branch_leading_zeros(false);
    options.set_space_after_operand_separator(true);
    options.set_rip_relative_addresses(true);
    options.set_show_branch_size(false);
    formatter
}

/// The code, one line for each instruction.
pub(super) fn lines(compiled: &Compiled, marks: &Marks<'_>) -> Vec<Line> {
    let mut formatter = formatter();
    let mut lines = Vec::new();
    let mut decoder = Decoder::new(64, &compiled.code, DecoderOptions::NONE);
    let mut block = 0;
    let mut text = String::new();
    while decoder.can_decode() {
        let instruction = decoder.decode();
        let at = instruction.ip() as usize;
        if marks.starts.contains(&at) {
            block = at;
        }
        text.clear();
        formatter.format(&instruction, &mut text);
        let mut notes = Vec::new();
        if let Some(callee) = marks.callee(&instruction, block) {
            if matches!(instruction.flow_control(), FlowControl::Call | FlowControl::UnconditionalBranch) {
                let word = text.split(' ').next().unwrap_or_default().to_owned();
                text = format!("{word} {callee}");
            } else {
                notes.push(callee.to_owned());
            }
        }
        if matches!(instruction.flow_control(), FlowControl::Call | FlowControl::IndirectCall) {
            let landing = compiled.tables.landings.find(instruction.next_ip() as u32 - 1);
            notes.extend(landing.map(|landing| format!("exception: {landing:#x}")));
        }
        if let Ok(found) = compiled.tables.traps.binary_search_by_key(&(at as u32), |&(place, _)| place) {
            notes.push(format!("trap: {}", compiled.tables.traps[found].1));
        }
        let line = if notes.is_empty() { text.clone() } else { format!("{text:<40}  ; {}", notes.join(", ")) };
        lines.push((wasm_offset(compiled, at), format!("{at:>5x}  {line}")));

        // After the end of a block there may be data, up to the next known place of code.
        let end = instruction.next_ip() as usize;
        let ends = matches!(
            instruction.flow_control(),
            FlowControl::Return
                | FlowControl::UnconditionalBranch
                | FlowControl::IndirectBranch
                | FlowControl::Exception
        );
        if ends {
            let next = marks.starts.range(end..).next().copied().unwrap_or(compiled.code.len());
            lines.extend(data(compiled, end..next));
            if decoder.set_position(next).is_err() {
                break;
            }
            decoder.set_ip(next as u64);
        }
    }
    lines
}

/// The module offset of the operator that the code at an offset belongs to.
fn wasm_offset(compiled: &Compiled, at: usize) -> Option<u32> {
    let after = compiled.tables.positions.partition_point(|&(start, _)| start as usize <= at);
    Some(compiled.tables.positions[after.checked_sub(1)?].1).filter(|&offset| offset != NOWHERE)
}

/// Data in the code: branch tables and constants.
fn data(compiled: &Compiled, range: Range<usize>) -> impl Iterator<Item = Line> {
    let bytes = &compiled.code[range.clone()];
    range.step_by(4).zip(bytes.chunks(4)).map(|(at, chunk)| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        (None, format!("{at:>5x}  .long {:#x}", u32::from_le_bytes(word)))
    })
}
