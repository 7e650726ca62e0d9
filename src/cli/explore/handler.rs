//! The machine code of the interpreter's handlers, as it is in this process.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

use anyhow::{Context, Result};
use iced_x86::{Decoder, DecoderOptions, FlowControl, Formatter as _};

use crate::fast_jit::dump::formatter;

/// The most bytes of a handler that are shown: the longest have about half as many.
const MOST_BYTES: usize = 2048;

/// The instructions of the handler at an address, up to its last one: an unconditional jump or a return that no branch before it
/// goes beyond.
pub fn disassemble(address: u64) -> Result<Vec<String>> {
    let mut bytes = vec![0; MOST_BYTES];
    let memory = File::open("/proc/self/mem").context("cannot read this process's memory")?;
    let read = memory.read_at(&mut bytes, address).context("a handler has an address")?;
    let mut formatter = formatter();
    let mut decoder = Decoder::with_ip(64, &bytes[..read], address, DecoderOptions::NONE);
    let mut lines = Vec::new();
    // The furthest place that a branch goes to.
    let mut furthest = address;
    while decoder.can_decode() {
        let instruction = decoder.decode();
        let mut text = String::new();
        formatter.format(&instruction, &mut text);
        lines.push(format!("{:>4x}  {text}", instruction.ip() - address));
        let within = |target: u64| (address..address + MOST_BYTES as u64).contains(&target);
        let ends = match instruction.flow_control() {
            FlowControl::ConditionalBranch => {
                furthest = furthest.max(instruction.near_branch_target());
                false
            }
            FlowControl::UnconditionalBranch => {
                let target = instruction.near_branch_target();
                // A jump to another handler or function goes away for good.
                if within(target) && target > furthest && target < instruction.next_ip() + 256 {
                    furthest = target;
                }
                true
            }
            FlowControl::IndirectBranch | FlowControl::Return | FlowControl::Exception => true,
            FlowControl::Next
            | FlowControl::IndirectCall
            | FlowControl::Call
            | FlowControl::Interrupt
            | FlowControl::XbeginXabortXend => false,
        };
        if ends && instruction.next_ip() > furthest {
            break;
        }
    }
    Ok(lines)
}
