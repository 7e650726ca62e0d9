//! Driving LLVM.

use std::ffi::CStr;
use std::ptr;
use std::sync::{Mutex, Once, PoisonError};

use inkwell::OptimizationLevel;
use inkwell::context::Context as Llvm;
use inkwell::llvm_sys::support::LLVMParseCommandLineOptions;
use inkwell::memory_buffer::MemoryBuffer;
use inkwell::module::Module;
use inkwell::passes::PassBuilderOptions;
use inkwell::targets::{CodeModel, FileType, InitializationConfig, RelocMode, Target, TargetMachine};
use riser_tiers_core::ahead::{Relocatable, Relocation, Target as Place};
use riser_tiers_core::{Bailout, CompileRequest, NativeCode};
use riser_translator::{FuncTranslator, TranslatorConfig};

use crate::cost::{self, Effort};
use crate::diagnostics::Diagnostics;
use crate::exit::{compiled, compiling};
use crate::features;
use crate::ir::Ir;
use crate::library;
use crate::loads;
use crate::lower::{Lowered, Lowering};
use crate::module::ModuleCode;
use crate::object;
use crate::passes::{before, pipeline};
use crate::{OptLevel, Processor};

/// Checks that this machine has the features that the tier relies on.
///
/// # Errors
///
/// If it lacks one; says which.
pub(crate) fn check_processor() -> Result<(), String> {
    // Without SSE4.1, rounding would call the C library.
    if std::arch::is_x86_feature_detected!("sse4.1") {
        Ok(())
    } else {
        Err("the LLVM tier needs a processor with SSE4.1".to_owned())
    }
}

/// Options of LLVM.
///
/// The first three keep LLVM from merging two instructions with different positions: the merged instruction would trap at one position, or
/// at none. Only calls can be marked as not to be merged (`nomerge`), and LLVM 19's `ubsantrap` not even so.
///
/// Shrink wrapping would set up the frame only on paths that need one: a trap on another path would find the caller's frame, and not the
/// function's.
///
/// The last option makes the register allocator assign short-lived values first. Then it sees which register is left for the base address
/// of the memory, which lives as long as the function. Otherwise the base would be spilled, and reloaded for each access.
const OPTIONS: &[&CStr] = &[
    c"riser",
    c"-enable-tail-merge=false",
    c"-simplifycfg-hoist-common=false",
    c"-simplifycfg-sink-common=false",
    c"-enable-shrink-wrap=false",
    c"-greedy-reverse-local-assignment",
];

/// Initialises LLVM, once for the process.
///
/// # Errors
///
/// If LLVM is not available; says why.
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

/// LLVM's name of a processor, and the features that it has or lacks, whatever the name implies, with `+` or `-` in front.
fn description(processor: Processor) -> (String, String) {
    let name = match processor {
        Processor::Native => TargetMachine::get_host_cpu_name().to_string(),
        Processor::Baseline => "x86-64".to_owned(),
    };
    (name, features::description(processor))
}

/// LLVM's description of a processor.
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

/// The state of a compilation, reused for each function.
pub(crate) struct Compiler {
    machine: TargetMachine,
    /// The target machine of level 0, once it has been needed.
    least: Option<TargetMachine>,
    processor: Processor,
    translator: FuncTranslator,
}

// SAFETY: LLVM's target machines are bound to no thread, and one thread at a time uses a compiler.
unsafe impl Send for Compiler {}

/// The forms of a function on its way to machine code.
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
    /// Compilers for optimisation level `level`.
    pub(crate) fn new(level: OptLevel, processor: Processor) -> Compilers {
        Compilers { level, processor, free: Mutex::default() }
    }

    /// Lets `work` use a compiler that nobody else uses.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut Compiler) -> Result<R, Bailout>) -> Result<R, Bailout> {
        let _compiling = compiling();
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut compiler = match free {
            Some(compiler) => compiler,
            None => {
                let machine = machine(self.level, self.processor).map_err(Bailout::Unsupported)?;
                Compiler { machine, least: None, processor: self.processor, translator: FuncTranslator::new() }
            }
        };
        let result = work(&mut compiler);
        compiled();
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(compiler);
        result
    }

    /// Compiles functions of a module, and publishes their code.
    pub(crate) fn functions(
        &self,
        requests: &[CompileRequest<'_>],
        module: &ModuleCode,
    ) -> Vec<Result<NativeCode, Bailout>> {
        let publish = |(request, made): (&CompileRequest<'_>, Result<Made, Bailout>)| {
            let Made { compiled, accesses_memory } = made?;
            module.publish(compiled, accesses_memory, request.module.info(), request.defined())
        };
        requests.iter().zip(self.compile(requests)).map(publish).collect()
    }

    /// Compiles OSR code, which takes over frames of a function at a loop, and adds it to the module's code.
    pub(crate) fn take_over(
        &self,
        request: &CompileRequest<'_>,
        module: &ModuleCode,
        offset: u32,
    ) -> Result<NativeCode, Bailout> {
        let made = self.with(|compiler| compiler.compile_one(request, self.level, Some(offset)))?;
        module.add(made.compiled, made.accesses_memory, request.module.info(), request.defined())
    }

    /// Compiles functions ahead of time, to code that can be kept.
    pub(crate) fn functions_ahead(&self, requests: &[CompileRequest<'_>]) -> Vec<Result<Relocatable, Bailout>> {
        let relocation = |(at, addend): (usize, i64)| Relocation { at: at as u32, target: Place::Entries(addend) };
        let keep = |Made { compiled, accesses_memory }| {
            let object::Compiled { bytes, code_bytes, start, entries, tables } = compiled;
            Relocatable {
                bytes,
                code_bytes: code_bytes as u32,
                start: start as u32,
                relocations: entries.into_iter().map(relocation).collect(),
                tables,
                may_access_memory: accesses_memory,
            }
        };
        self.compile(requests).into_iter().map(|made| made.map(keep)).collect()
    }

    fn compile(&self, requests: &[CompileRequest<'_>]) -> Vec<Result<Made, Bailout>> {
        let made = self.with(|compiler| Ok(compiler.compile(requests, self.level)));
        made.unwrap_or_else(|why| requests.iter().map(|_| Err(why.clone())).collect())
    }

    /// A form of a function, as text.
    pub(crate) fn show(&self, request: &CompileRequest<'_>, stage: Stage) -> Result<String, Bailout> {
        self.with(|compiler| compiler.show(request, self.level, stage))
    }
}

fn failed(why: inkwell::support::LLVMString) -> Bailout {
    Bailout::Unsupported(format!("LLVM: {why}"))
}

/// A function's machine code.
struct Made {
    compiled: object::Compiled,
    /// Whether it has accesses that are left to guard pages.
    accesses_memory: bool,
}

/// The reason for a function to stay in the machine code that it has.
fn too_costly() -> Bailout {
    Bailout::TooLarge("LLVM would take too long for optimised code of it".to_owned())
}

/// Whether the passes of a level would take too long for a function, which is [finished](Compiler::finish).
fn is_high_for_passes(level: OptLevel, lowered: &Lowered<'_>) -> bool {
    before(level, lowered.effort).is_some() && cost::is_high_for_passes(lowered.function)
}

impl Compiler {
    fn ir<'c>(&self, llvm: &'c Llvm, level: OptLevel) -> Ir<'c> {
        let ir = Ir::new(llvm, level);
        ir.module.set_triple(&self.machine.get_triple());
        ir.module.set_data_layout(&self.machine.get_target_data().get_data_layout());
        ir
    }

    /// Builds the IR of a function, or of what runs from a loop on; `None` if it costs too much at the level.
    fn lower<'c>(
        &mut self,
        ir: Ir<'c>,
        request: &CompileRequest<'_>,
        number: usize,
        loop_offset: Option<u32>,
    ) -> (Ir<'c>, Result<Option<Lowered<'c>>, Bailout>) {
        // LLVM does the fusing; what matters here is that providers emit nothing.
        let TranslatorConfig { fuel, epoch, .. } = *request.config;
        let config = TranslatorConfig { fuel, epoch, ..TranslatorConfig::optimized() };
        let mut lowering = Lowering::new(ir, request, self.processor, number, loop_offset);
        let translated = self.translator.translate(request.module, request.function, &config, &mut lowering);
        if let (Ok(()), false, Err(error)) = (lowering.check(), lowering.costs_too_much(), translated) {
            lowering.give_up(Bailout::Unsupported(error.to_string()));
        }
        lowering.finish()
    }

    /// Completes the IR, and runs what has to come before the passes of a level over it.
    fn finish(&self, ir: &Ir<'_>, level: OptLevel, effort: Effort) -> Result<(), Bailout> {
        ir.finish();
        if cfg!(debug_assertions)
            && let Err(why) = ir.module.verify()
        {
            panic!("LLVM's IR is wrong: {why}\n{}", ir.module.to_string());
        }
        before(level, effort).map_or(Ok(()), |passes| self.run_passes(ir, passes))
    }

    fn run_passes(&self, ir: &Ir<'_>, passes: &str) -> Result<(), Bailout> {
        ir.module.run_passes(passes, &self.machine, PassBuilderOptions::create()).map_err(failed)
    }

    /// Completes the IR of a function that is compiled alone. Returns the level of the passes that it gets.
    fn finish_one(&self, ir: &Ir<'_>, level: OptLevel, lowered: &Lowered<'_>) -> Result<OptLevel, Bailout> {
        self.finish(ir, level, lowered.effort)?;
        Ok(if is_high_for_passes(level, lowered) { OptLevel::O2 } else { level })
    }

    /// Runs the passes of a level over completed IR.
    fn optimize(&self, llvm: &Llvm, ir: &Ir<'_>, level: OptLevel, effort: Effort) -> Result<(), Bailout> {
        self.run_passes(ir, pipeline(level, effort))?;
        if effort != Effort::Least {
            loads::settle(llvm, &ir.module);
        }
        Ok(())
    }

    /// Emits the machine code of a module.
    fn write(&mut self, module: &Module<'_>, effort: Effort, file: FileType) -> Result<MemoryBuffer<'static>, Bailout> {
        let machine = match effort {
            Effort::Full | Effort::Few => &self.machine,
            Effort::Small | Effort::Least => match &mut self.least {
                Some(least) => least,
                none => none.insert(machine(OptLevel::O0, self.processor).map_err(Bailout::Unsupported)?),
            },
        };
        machine.write_to_memory_buffer(module, file).map_err(failed)
    }

    /// Compiles functions, several in one LLVM module: LLVM's setup for each module and each run of its passes takes longer than a small
    /// function.
    fn compile(&mut self, requests: &[CompileRequest<'_>], level: OptLevel) -> Vec<Result<Made, Bailout>> {
        let mut results: Vec<Option<Result<Made, Bailout>>> = requests.iter().map(|_| None).collect();
        if requests.len() > 1 {
            let is_small = |number: &usize| {
                let CompileRequest { module, function, .. } = requests[*number];
                module.info().body_bytes(function).is_some_and(|body| body.len() <= cost::BYTES_OF_SMALL)
            };
            let (small, mut others): (Vec<usize>, Vec<usize>) = match level {
                OptLevel::O0 => (Vec::new(), (0..requests.len()).collect()),
                OptLevel::O1 | OptLevel::O2 | OptLevel::O3 => (0..requests.len()).partition(is_small),
            };
            // Functions that have not been compiled together with others, for whatever reason, are compiled alone.
            if let Ok(larger) = self.compile_together(requests, &small, level, Effort::Small, &mut results) {
                others.extend(larger);
            }
            let usual = if level == OptLevel::O0 { Effort::Least } else { Effort::Full };
            let _ = self.compile_together(requests, &others, level, usual, &mut results);
        }
        let alone = |(request, result): (&CompileRequest<'_>, Option<Result<Made, Bailout>>)| {
            result.unwrap_or_else(|| self.compile_one(request, level, None))
        };
        requests.iter().zip(results).map(alone).collect()
    }

    /// Compiles together those of the functions with these numbers whose effort is `effort`. Returns the numbers of the others.
    fn compile_together(
        &mut self,
        requests: &[CompileRequest<'_>],
        numbers: &[usize],
        level: OptLevel,
        effort: Effort,
        results: &mut [Option<Result<Made, Bailout>>],
    ) -> Result<Vec<usize>, Bailout> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let diagnostics = Diagnostics::default();
        let llvm = Llvm::create();
        diagnostics.listen(&llvm);
        let mut ir = self.ir(&llvm, level);
        let (mut together, mut others) = (Vec::new(), Vec::new());
        for &number in numbers {
            let lowered;
            (ir, lowered) = self.lower(ir, &requests[number], number, None);
            match lowered {
                Ok(Some(lowered)) if lowered.effort == effort => together.push((number, lowered)),
                Ok(Some(lowered)) => {
                    ir.remove(lowered.function);
                    others.push(number);
                }
                Ok(None) => others.push(number),
                Err(why) => results[number] = Some(Err(why)),
            }
        }
        if together.is_empty() {
            return Ok(others);
        }
        self.finish(&ir, level, effort)?;
        together.retain(|&(number, ref lowered)| {
            let is_high = is_high_for_passes(level, lowered);
            if is_high {
                ir.remove(lowered.function);
                others.push(number);
            }
            !is_high
        });
        self.optimize(&llvm, &ir, level, effort)?;
        if effort == Effort::Full {
            together.retain(|(_, lowered)| {
                let is_high = cost::is_high(lowered.function);
                if is_high {
                    ir.remove(lowered.function);
                }
                !is_high
            });
        }
        let object = self.write(&ir.module, effort, FileType::Object)?;
        diagnostics.check()?;
        let starts: Vec<(usize, u32)> = together.iter().map(|(number, lowered)| (*number, lowered.start)).collect();
        for ((number, lowered), compiled) in together.iter().zip(object::read(object.as_slice(), &starts)?) {
            let made = |compiled| Made { compiled, accesses_memory: lowered.accesses_memory };
            results[*number] = Some(compiled.map(made));
        }
        Ok(others)
    }

    /// Compiles a function, or what runs of it from a loop on.
    fn compile_one(
        &mut self,
        request: &CompileRequest<'_>,
        level: OptLevel,
        loop_offset: Option<u32>,
    ) -> Result<Made, Bailout> {
        match self.try_one(request, level, loop_offset)? {
            Some(made) => Ok(made),
            None if request.is_above => Err(too_costly()),
            None => self.try_one(request, OptLevel::O0, loop_offset)?.ok_or_else(too_costly),
        }
    }

    /// As [`Compiler::compile_one`]; `None` if it costs too much at this level.
    fn try_one(
        &mut self,
        request: &CompileRequest<'_>,
        level: OptLevel,
        loop_offset: Option<u32>,
    ) -> Result<Option<Made>, Bailout> {
        // Outlives the LLVM context that reports to it.
        let diagnostics = Diagnostics::default();
        let llvm = Llvm::create();
        diagnostics.listen(&llvm);
        let (ir, lowered) = self.lower(self.ir(&llvm, level), request, 0, loop_offset);
        let Some(lowered) = lowered? else { return Ok(None) };
        let passes = self.finish_one(&ir, level, &lowered)?;
        self.optimize(&llvm, &ir, passes, lowered.effort)?;
        if level != OptLevel::O0 && cost::is_high(lowered.function) {
            return Ok(None);
        }
        let object = self.write(&ir.module, lowered.effort, FileType::Object)?;
        diagnostics.check()?;
        let compiled = object::read(object.as_slice(), &[(0, lowered.start)])?.swap_remove(0)?;
        Ok(Some(Made { compiled, accesses_memory: lowered.accesses_memory }))
    }

    fn show(&mut self, request: &CompileRequest<'_>, level: OptLevel, stage: Stage) -> Result<String, Bailout> {
        let diagnostics = Diagnostics::default();
        let llvm = Llvm::create();
        diagnostics.listen(&llvm);
        let (ir, lowered) = self.lower(self.ir(&llvm, level), request, 0, None);
        let Some(lowered) = lowered? else { return self.show(request, OptLevel::O0, stage) };
        if stage == Stage::Ir {
            ir.finish();
            return Ok(ir.module.to_string());
        }
        let passes = self.finish_one(&ir, level, &lowered)?;
        self.optimize(&llvm, &ir, passes, lowered.effort)?;
        if stage == Stage::OptimizedIr {
            return Ok(ir.module.to_string());
        }
        let text = self.write(&ir.module, lowered.effort, FileType::Assembly)?;
        Ok(String::from_utf8_lossy(text.as_slice()).trim_end_matches('\0').to_owned())
    }
}

#[cfg(test)]
mod tests {
    use riser_tiers_core::{Landings, MAX_UNCHECKED_FRAME};

    use super::*;
    use crate::lower::function_name;
    use crate::object::Compiled;
    use crate::signature::array_type;

    /// Compiles a function that passes an array of `slots` slots to other code.
    fn compile_frame(slots: u32) -> Result<(), Bailout> {
        library::load().expect("LLVM is there");
        let diagnostics = Diagnostics::default();
        let llvm = Llvm::create();
        let machine = machine(OptLevel::O0, Processor::Native).expect("the machine is supported");
        diagnostics.listen(&llvm);
        let mut ir = Ir::new(&llvm, OptLevel::O0);
        ir.module.set_triple(&machine.get_triple());
        ir.module.set_data_layout(&machine.get_target_data().get_data_layout());
        let ty = array_type(&llvm);
        let function = ir.begin("f", ty, 8);
        ir.position(1);
        let array = ir.array();
        ir.resize_array(array, slots);
        let context = function.get_nth_param(0).expect("it has two");
        ir.call_code(ty, function.as_global_value().as_pointer_value(), &[context, array.into()], None);
        ir.ret(None);
        ir.finish();
        machine.write_to_memory_buffer(&ir.module, FileType::Object).map_err(failed)?;
        diagnostics.check()
    }

    /// Compiles a function that calls code twice with an edge for exceptions, with an array of `slots` slots in its frame, and once without.
    fn compile_landing(level: OptLevel, slots: u32) -> Compiled {
        library::load().expect("LLVM is there");
        let llvm = Llvm::create();
        let machine = machine(level, Processor::Native).expect("the machine is supported");
        let mut ir = Ir::new(&llvm, level);
        ir.module.set_triple(&machine.get_triple());
        ir.module.set_data_layout(&machine.get_target_data().get_data_layout());
        let ty = array_type(&llvm);
        let function = ir.begin(&function_name(0), ty, 8);
        ir.position(1);
        let array = ir.array();
        ir.resize_array(array, slots);
        ir.record_place(0, array);
        let [context, code] = [0, 1].map(|number| function.get_nth_param(number).expect("it has two"));
        let dispatch = ir.block();
        let landing = ir.landing(dispatch);
        let arguments = [context, array.into()];
        ir.call_code(ty, code.into_pointer_value(), &arguments, Some(landing));
        ir.call_code(ty, code.into_pointer_value(), &arguments, None);
        ir.position(2);
        ir.call_code(ty, code.into_pointer_value(), &arguments, Some(landing));
        ir.ret(None);
        ir.go_on_in(dispatch);
        ir.call_code(ty, code.into_pointer_value(), &arguments, None);
        ir.ret(None);
        ir.finish();
        let object = machine.write_to_memory_buffer(&ir.module, FileType::Object).expect("it can be compiled");
        let mut read = object::read(object.as_slice(), &[(0, 1)]).expect("it is an object file");
        read.swap_remove(0).expect("there is a function")
    }

    #[test]
    fn calls_land_where_exceptions_are_handled() {
        for level in [OptLevel::O0, OptLevel::O1, OptLevel::O2, OptLevel::O3] {
            for slots in [1, 20, 1000] {
                let Compiled { tables, code_bytes, .. } = compile_landing(level, slots);
                let Landings { frame_bytes, calls } = tables.landings;
                assert!(frame_bytes >= slots * 8, "{level:?}: {frame_bytes}");
                assert!((slots * 8..=frame_bytes).contains(&tables.copy), "{level:?}: {}", tables.copy);
                let [first, second] = *calls else { panic!("two calls land: {calls:?}") };
                assert_eq!(first.landing, second.landing);
                assert!(first.to < second.from, "the call between them does not: {calls:?}");
                assert!((first.landing as usize) < code_bytes);
            }
        }
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
