//! Dumps of a function: Cranelift's IR before and after its optimisations, and machine code.
//!
//! Nothing is published. Each line has the offset of the wasm operator that it belongs to, as far as Cranelift
//! keeps it. Callees are named: functions of the module by their relocations, others by following the callee's
//! address back to where it is loaded from. The names get to the machine code as Cranelift's debug tags, which are
//! numbers attached to instructions.

mod callee;
mod clif;
mod disassembly;

pub use disassembly::formatter;

use riser_tiers_core::{Bailout, CompileRequest};
use riser_translator::FuncIndex;
use riser_translator::module::ModuleInfo;

use crate::FastTier;
use crate::compile::Machine;

/// The position of code for which Cranelift has no position. There is no operator at this offset.
const NOWHERE: u32 = 0;

/// A line: the module offset of the operator that it belongs to, if any, and the text.
pub type Line = (Option<u32>, String);

/// The forms of a function in a dump.
#[derive(Clone, Debug)]
pub struct Dump {
    /// Cranelift's IR as the sink builds it.
    pub clif: Vec<Line>,
    /// The same after Cranelift's optimisations.
    pub optimized: Vec<Line>,
    /// The disassembled machine code, with offsets from the function's start.
    pub code: Vec<Line>,
    /// The size of the machine code in bytes.
    pub code_bytes: usize,
}

impl FastTier {
    /// Compiles a function for inspection; with the offset of a loop, the OSR code that takes over frames there.
    ///
    /// # Errors
    ///
    /// If the tier does not take the function.
    pub fn dump(&self, request: &CompileRequest<'_>, loop_offset: Option<u32>) -> Result<Dump, Bailout> {
        // The starts of blocks distinguish code from the branch tables in it.
        let machine = Machine::new(self.options(), self.processor, &[("machine_code_cfg_info", "true")])
            .map_err(Bailout::Unsupported)?;
        let info: &ModuleInfo = request.module.info();
        self.compilers.with(|compiler| {
            compiler.lower(machine.usual(), request, loop_offset)?;
            compiler.context.func.dfg.resolve_all_aliases();
            let clif = clif::lines(&compiler.context.func, info);
            let callees = callee::tag(&mut compiler.context.func, info);
            let isa = machine.for_function(&mut compiler.context, request)?;
            let compiled = compiler.compile(isa, NOWHERE)?;
            compiler.context.func.debug_tags.clear();
            let optimized = clif::lines(&compiler.context.func, info);
            let extra = compiler.context.compiled_code();
            let marks = disassembly::Marks::new(&compiled, extra, &callees, info);
            Ok(Dump { clif, optimized, code: disassembly::lines(&compiled, &marks), code_bytes: compiled.code.len() })
        })
    }
}

/// A function's name in listings.
fn name(info: &ModuleInfo, function: FuncIndex) -> String {
    match info.func_name(function) {
        Some(name) => format!("${}", riser_translator::shown::label(name)),
        None => format!("function {function}"),
    }
}
