//! Cranelift's IR as lines.

use std::fmt::{self, Write};

use cranelift_codegen::entity::SecondaryMap;
use cranelift_codegen::ir::entities::AnyEntity;
use cranelift_codegen::ir::{Block, Function, Inst, Value};
use cranelift_codegen::write::{FuncWriter, PlainWriter, write_function_spec};
use riser_translator::module::ModuleInfo;

use super::{Line, callee};
use crate::positions::trap_code;

/// The IR of a function that has no value aliases.
pub(super) fn lines(func: &Function, info: &ModuleInfo) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut text = String::new();
    let mut decorated = Decorated { info };
    // Writing to a string does not fail.
    let _ = write_function_spec(&mut text, func);
    lines.push((None, format!("function {text} {{")));
    let mut preamble = String::new();
    let _ = decorated.write_preamble(&mut preamble, func);
    lines.extend(preamble.lines().map(|line| (None, line.to_owned())));
    let aliases: SecondaryMap<Value, Vec<Value>> = SecondaryMap::new();
    for block in func.layout.blocks() {
        text.clear();
        let _ = decorated.write_block_header(&mut text, func, block, 4);
        lines.push((None, text.trim_end().to_owned()));
        for inst in func.layout.block_insts(block) {
            text.clear();
            let _ = decorated.write_instruction(&mut text, func, &aliases, inst, 0);
            let location = func.srcloc(inst);
            let offset = (!location.is_default()).then(|| location.bits());
            // The location is in a column of its own.
            let rest = text.strip_prefix(&format!("{location} ")).unwrap_or(&text);
            lines.push((offset, format!("    {}", rest.trim())));
        }
    }
    lines.push((None, "}".to_owned()));
    lines
}

/// Adds the names of callees and traps.
struct Decorated<'a> {
    info: &'a ModuleInfo,
}

impl FuncWriter for Decorated<'_> {
    fn write_block_header(&mut self, w: &mut dyn Write, func: &Function, block: Block, indent: usize) -> fmt::Result {
        PlainWriter.write_block_header(w, func, block, indent)
    }

    fn write_instruction(
        &mut self,
        w: &mut dyn Write,
        func: &Function,
        aliases: &SecondaryMap<Value, Vec<Value>>,
        inst: Inst,
        indent: usize,
    ) -> fmt::Result {
        let trap = func.dfg.insts[inst].trap_code().map(|code| trap_code(code).to_string());
        let Some(note) = callee::callee(func, self.info, inst).or(trap) else {
            return PlainWriter.write_instruction(w, func, aliases, inst, indent);
        };
        let mut text = String::new();
        PlainWriter.write_instruction(&mut text, func, aliases, inst, indent)?;
        let text = text.trim_end();
        // Cranelift has already added the values of constants there.
        let separator = if text.contains("  ; ") { "," } else { "  ;" };
        writeln!(w, "{text}{separator} {note}")
    }

    fn write_entity_definition(
        &mut self,
        w: &mut dyn Write,
        func: &Function,
        entity: AnyEntity,
        value: &dyn fmt::Display,
    ) -> fmt::Result {
        let name = match entity {
            AnyEntity::FuncRef(reference) => callee::defined(func, self.info, reference),
            _ => None,
        };
        match name {
            Some(name) => writeln!(w, "    {entity} = {value}  ; {name}"),
            None => writeln!(w, "    {entity} = {value}"),
        }
    }
}
