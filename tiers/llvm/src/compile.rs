//! Driving LLVM.

use std::ffi::CStr;
use std::ptr;
use std::sync::{Mutex, Once, PoisonError};

use inkwell::OptimizationLevel;
use inkwell::context::Context as Llvm;
use inkwell::llvm_sys::support::LLVMParseCommandLineOptions;
use inkwell::module::Module;
use inkwell::passes::PassBuilderOptions;
use inkwell::targets::{CodeModel, FileType, InitializationConfig, RelocMode, Target, TargetMachine};
use riser_tiers_core::ahead::{Relocatable, Relocation, Target as Place};
use riser_tiers_core::{Bailout, CompileRequest, NativeCode};
use riser_translator::{FuncTranslator, TranslatorConfig};

use crate::diagnostics::Diagnostics;
use crate::exit::{compiled, compiling};
use crate::features;
use crate::ir::Ir;
use crate::library;
use crate::loads;
use crate::lower::{Lowered, Lowering};
use crate::module::ModuleCode;
use crate::object;
use crate::passes::pipeline;
use crate::{OptLevel, Processor};

/// Whether this machine has what the tier relies on.
///
/// # Errors
///
/// If not; says what is missing.
pub(crate) fn check_processor() -> Result<(), String> {
    // Without it, rounding would be calls of the C library.
    if std::arch::is_x86_feature_detected!("sse4.1") {
        Ok(())
    } else {
        Err("the LLVM tier needs a processor with SSE4.1".to_owned())
    }
}

/// Options of LLVM.
///
/// The first three keep it from making one instruction of two that are at different positions: what is left would trap at
/// one of them, or nowhere. That two may not be merged can be said of calls only (`nomerge`), and of LLVM 19's `ubsantrap`
/// not even that.
///
/// Shrink wrapping would set the frame up only on the ways that need one: a trap on another would find the caller's frame, and not the function's.
///
/// The last has short-lived values get their registers first, after which what is left for the base address of the memory, which lives as
/// long as the function, is seen. Else it would be on the stack, and loaded again for each access.
const OPTIONS: &[&CStr] = &[
    c"riser",
    c"-enable-tail-merge=false",
    c"-simplifycfg-hoist-common=false",
    c"-simplifycfg-sink-common=false",
    c"-enable-shrink-wrap=false",
    c"-greedy-reverse-local-assignment",
];

/// Makes LLVM ready, once for the process.
///
/// # Errors
///
/// If it is not there; says why.
fn initialize() -> Result<(), String> {
    library::load()?;
    static INITIALIZED: Once = Once::new();
    INITIALIZED.call_once(|| {
        let options: Vec<_> = OPTIONS.iter().map(|option| option.as_ptr()).collect();
        // SAFETY: the strings end with a zero; nobody else sets LLVM's options, and nobody has used it before.
        unsafe { LLVMParseCommandLineOptions(options.len() as i32, options.as_ptr(), ptr::null()) };
        Target::initialize_x86(&InitializationConfig::default());
    });
    Ok(())
}

/// LLVM's name of a processor, and those of features that it has beyond its name, or has not, with `+` or `-` in front.
fn description(processor: Processor) -> (String, String) {
    let name = match processor {
        Processor::Native => TargetMachine::get_host_cpu_name().to_string(),
        Processor::Baseline => "x86-64".to_owned(),
    };
    (name, features::description(processor))
}

/// The description of a processor for LLVM.
fn machine(level: OptLevel, processor: Processor) -> Result<TargetMachine, String> {
    initialize()?;
    let triple = TargetMachine::get_default_triple();
    let target = Target::from_triple(&triple).map_err(|error| error.to_string())?;
    let (name, features) = description(processor);
    let level = match level {
        OptLevel::O0 => OptimizationLevel::None,
        OptLevel::O1 => OptimizationLevel::Less,
        OptLevel::O2 => OptimizationLevel::Default,
        OptLevel::O3 => OptimizationLevel::Aggressive,
    };
    target
        .create_target_machine(&triple, &name, &features, level, RelocMode::PIC, CodeModel::Small)
        .ok_or_else(|| "LLVM cannot compile for this machine".to_owned())
}

/// What compiling needs, used again for each function.
pub(crate) struct Compiler {
    machine: TargetMachine,
    translator: FuncTranslator,
}

// SAFETY: LLVM's target machines belong to no thread; a compiler is used by one at a time.
unsafe impl Send for Compiler {}

/// What becomes of a function on its way to code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// LLVM's IR as it is built.
    Ir,
    /// LLVM's IR after the passes.
    OptimizedIr,
    /// Assembly.
    Assembly,
}

/// Compilers that are not in use.
pub(crate) struct Compilers {
    level: OptLevel,
    processor: Processor,
    free: Mutex<Vec<Compiler>>,
}

impl Compilers {
    /// Compilers that do as much work as `level` says.
    pub(crate) fn new(level: OptLevel, processor: Processor) -> Compilers {
        Compilers { level, processor, free: Mutex::default() }
    }

    /// Has a compiler that nobody else uses do something.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut Compiler) -> Result<R, Bailout>) -> Result<R, Bailout> {
        let _compiling = compiling();
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut compiler = match free {
            Some(compiler) => compiler,
            None => {
                let machine = machine(self.level, self.processor).map_err(Bailout::Unsupported)?;
                Compiler { machine, translator: FuncTranslator::new() }
            }
        };
        let result = work(&mut compiler);
        compiled();
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(compiler);
        result
    }

    /// Compiles a function, and publishes its code.
    pub(crate) fn function(&self, request: &CompileRequest<'_>, module: &ModuleCode) -> Result<NativeCode, Bailout> {
        let (compiled, accesses_memory) = self.with(|compiler| compiler.compile(request, self.level, None))?;
        module.publish(compiled, accesses_memory, request.module.info(), request.function)
    }

    /// Compiles the code that takes over frames of a function at a loop, and adds it to the module's.
    pub(crate) fn take_over(
        &self,
        request: &CompileRequest<'_>,
        module: &ModuleCode,
        offset: u32,
    ) -> Result<NativeCode, Bailout> {
        let (compiled, accesses_memory) = self.with(|compiler| compiler.compile(request, self.level, Some(offset)))?;
        module.add(compiled, accesses_memory, request.module.info(), request.function)
    }

    /// Compiles a function to code that can be kept.
    pub(crate) fn function_ahead(&self, request: &CompileRequest<'_>) -> Result<Relocatable, Bailout> {
        let (compiled, may_access_memory) = self.with(|compiler| compiler.compile(request, self.level, None))?;
        let object::Compiled { bytes, code_bytes, align, start, entries, positions, traps } = compiled;
        let relocation = |(at, addend): (usize, i64)| Relocation { at: at as u32, target: Place::Entries(addend) };
        Ok(Relocatable {
            bytes,
            code_bytes: code_bytes as u32,
            align: align as u32,
            start: start as u32,
            relocations: entries.into_iter().map(relocation).collect(),
            positions,
            traps,
            may_access_memory,
        })
    }

    /// What becomes of a function, as text.
    pub(crate) fn show(&self, request: &CompileRequest<'_>, stage: Stage) -> Result<String, Bailout> {
        self.with(|compiler| compiler.show(request, self.level, stage))
    }
}

fn failed(why: inkwell::support::LLVMString) -> Bailout {
    Bailout::Unsupported(format!("LLVM: {why}"))
}

impl Compiler {
    /// Builds the IR of a function: all of it, or what runs from a loop on.
    fn lower<'c>(
        &mut self,
        llvm: &'c Llvm,
        request: &CompileRequest<'_>,
        loop_offset: Option<u32>,
    ) -> Result<Lowered<'c>, Bailout> {
        // Fusions are LLVM's business; what matters here is that providers emit nothing.
        let TranslatorConfig { fuel, epoch, .. } = *request.config;
        let config = TranslatorConfig { fuel, epoch, ..TranslatorConfig::optimized() };
        let ir = Ir::new(llvm);
        ir.module.set_triple(&self.machine.get_triple());
        ir.module.set_data_layout(&self.machine.get_target_data().get_data_layout());
        let mut lowering = Lowering::new(ir, request, loop_offset);
        let translated = self.translator.translate(request.module, request.function, &config, &mut lowering);
        lowering.check()?;
        translated.map_err(|error| Bailout::Unsupported(error.to_string()))?;
        let lowered = lowering.finish()?;
        if cfg!(debug_assertions)
            && let Err(why) = lowered.ir.module.verify()
        {
            let text = lowered.ir.module.to_string();
            panic!("LLVM's IR of function {} is wrong: {why}\n{text}", request.function);
        }
        Ok(lowered)
    }

    fn optimize(&self, llvm: &Llvm, module: &Module<'_>, level: OptLevel) -> Result<(), Bailout> {
        module.run_passes(pipeline(level), &self.machine, PassBuilderOptions::create()).map_err(failed)?;
        if level != OptLevel::O0 {
            loads::settle(llvm, module);
        }
        Ok(())
    }

    /// Compiles a function: all of it, or what runs from a loop on. Answers whether it has accesses that are left to guard pages, too.
    fn compile(
        &mut self,
        request: &CompileRequest<'_>,
        level: OptLevel,
        loop_offset: Option<u32>,
    ) -> Result<(object::Compiled, bool), Bailout> {
        // Outlives the context that reports to it.
        let diagnostics = Diagnostics::default();
        let llvm = Llvm::create();
        diagnostics.listen(&llvm);
        let lowered = self.lower(&llvm, request, loop_offset)?;
        let module = &lowered.ir.module;
        self.optimize(&llvm, module, level)?;
        let object = self.machine.write_to_memory_buffer(module, FileType::Object).map_err(failed)?;
        diagnostics.check()?;
        Ok((object::read(object.as_slice(), lowered.start)?, lowered.accesses_memory))
    }

    fn show(&mut self, request: &CompileRequest<'_>, level: OptLevel, stage: Stage) -> Result<String, Bailout> {
        let diagnostics = Diagnostics::default();
        let llvm = Llvm::create();
        diagnostics.listen(&llvm);
        let lowered = self.lower(&llvm, request, None)?;
        let module = &lowered.ir.module;
        if stage == Stage::Ir {
            return Ok(module.to_string());
        }
        self.optimize(&llvm, module, level)?;
        if stage == Stage::OptimizedIr {
            return Ok(module.to_string());
        }
        let text = self.machine.write_to_memory_buffer(module, FileType::Assembly).map_err(failed)?;
        Ok(String::from_utf8_lossy(text.as_slice()).trim_end_matches('\0').to_owned())
    }
}

#[cfg(test)]
mod tests {
    use riser_tiers_core::MAX_UNCHECKED_FRAME;

    use super::*;
    use crate::lower::signature::array_type;

    /// Compiles a function that gives an array of so many slots away.
    fn compile_frame(slots: u32) -> Result<(), Bailout> {
        library::load().expect("LLVM is there");
        let diagnostics = Diagnostics::default();
        let llvm = Llvm::create();
        let machine = machine(OptLevel::O0, Processor::Native).expect("the machine is supported");
        diagnostics.listen(&llvm);
        let mut ir = Ir::new(&llvm);
        ir.module.set_triple(&machine.get_triple());
        ir.module.set_data_layout(&machine.get_target_data().get_data_layout());
        let ty = array_type(&llvm);
        let function = ir.begin("f", ty, false, 8);
        ir.position(1);
        let array = ir.array();
        ir.resize_array(array, slots);
        let context = function.get_nth_param(0).expect("it has two");
        ir.call_code(ty, function.as_global_value().as_pointer_value(), &[context, array.into()]);
        ir.ret(None);
        ir.finish();
        machine.write_to_memory_buffer(&ir.module, FileType::Object).map_err(failed)?;
        diagnostics.check()
    }

    #[test]
    fn a_function_with_a_large_frame_is_declined() {
        let most = MAX_UNCHECKED_FRAME as u32 / 8;
        for slots in [1, 1000, most - 100] {
            assert_eq!(compile_frame(slots), Ok(()), "{slots}");
        }
        for slots in [most + 1, 20_000, 1_000_000] {
            let why = compile_frame(slots).expect_err("too large");
            assert!(matches!(&why, Bailout::TooLarge(text) if text.contains("stack frame size")), "{why:?}");
        }
    }
}
