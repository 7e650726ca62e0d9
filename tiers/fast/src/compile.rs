//! Driving Cranelift.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::ir::{ExternalName, UserFuncName};
use cranelift_codegen::isa::{OwnedTargetIsa, TargetIsa};
use cranelift_codegen::settings::{self, Configurable, RegallocAlgorithm};
use cranelift_codegen::{
    CodegenError, Context, Final, FinalizedMachExceptionHandler, FinalizedRelocTarget, MachBufferFinalized, MachTrap,
};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use riser_tiers_core::ahead::{Relocatable, Relocation, Target};
use riser_tiers_core::{Bailout, CodeTables, CompileRequest, LandingCalls, Landings};
use riser_translator::{DefinedFuncIndex, FuncTranslator, TranslatorConfig};

use crate::cost;
use crate::lower::{Lowering, copy_bytes};
use crate::positions::{place_accesses, positions, trap_code};
use crate::{OptLevel, Options, Processor, RegAlloc};

/// Cranelift's description of this machine, with the given settings.
pub(crate) fn isa(options: Options) -> Result<OwnedTargetIsa, String> {
    isa_with(options, Processor::Native, &[])
}

/// Features of [`Processor::Baseline`]: without them, rounding would call the C library.
const BASELINE: &[&str] = &["has_sse3", "has_ssse3", "has_sse41"];

/// As [`isa`], for the given processor, with more of Cranelift's settings.
fn isa_with(options: Options, processor: Processor, more: &[(&str, &str)]) -> Result<OwnedTargetIsa, String> {
    let mut flags = settings::builder();
    let opt_level = match options.opt_level {
        OptLevel::None => "none",
        OptLevel::Speed => "speed",
    };
    let regalloc = match options.regalloc {
        RegAlloc::SinglePass => "single_pass",
        RegAlloc::Backtracking => "backtracking",
    };
    let settings = [
        ("opt_level", opt_level),
        ("regalloc_algorithm", regalloc),
        ("preserve_frame_pointers", "true"),
        ("unwind_info", "false"),
        ("enable_probestack", "false"),
        ("enable_heap_access_spectre_mitigation", "false"),
        ("enable_table_access_spectre_mitigation", "false"),
        ("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }),
    ];
    for &(name, value) in settings.iter().chain(more) {
        flags.set(name, value).map_err(|error| format!("Cranelift setting {name}={value}: {error}"))?;
    }
    let native = processor == Processor::Native;
    cranelift_native::builder_with_options(native)
        .and_then(|mut builder| {
            if !native {
                BASELINE.iter().try_for_each(|feature| builder.enable(feature)).map_err(|_| "unknown feature")?;
            }
            builder.finish(settings::Flags::new(flags)).map_err(|_| "unsupported processor")
        })
        .map_err(|why| format!("Cranelift cannot compile for this machine: {why}"))
}

/// Cranelift's descriptions of this machine.
pub(crate) struct Machine {
    /// With the requested settings.
    usual: OwnedTargetIsa,
    /// With the settings that compile fastest.
    quick: OwnedTargetIsa,
    /// With the requested settings, for functions that have been optimised.
    optimized: OwnedTargetIsa,
}

impl Machine {
    /// As [`isa_with`].
    pub(crate) fn new(options: Options, processor: Processor, more: &[(&str, &str)]) -> Result<Machine, String> {
        let [usual, quick, optimized] = [options, Options::QUICK, Options { opt_level: OptLevel::None, ..options }]
            .map(|options| isa_with(options, processor, more));
        Ok(Machine { usual: usual?, quick: quick?, optimized: optimized? })
    }

    /// The description with the requested settings.
    pub(crate) fn usual(&self) -> &dyn TargetIsa {
        &*self.usual
    }

    /// The description with the settings to use for the requested function, which is in the context: the quick ones if its cost is high.
    /// What the allocation of registers will cost is known only of the optimised function, so one that is large is optimised here.
    ///
    /// # Errors
    ///
    /// If Cranelift cannot optimise it.
    pub(crate) fn for_function<'m>(
        &'m self,
        context: &mut Context,
        request: &CompileRequest<'_>,
    ) -> Result<&'m dyn TargetIsa, Bailout> {
        let body_bytes = request.module.info().body_bytes(request.function).map_or(0, <[u8]>::len);
        let flags = self.usual.flags();
        if cost::is_high(context, flags.opt_level(), body_bytes) {
            return Ok(&*self.quick);
        }
        if flags.regalloc_algorithm() == RegallocAlgorithm::SinglePass || !cost::may_live_long(&context.func) {
            return Ok(&*self.usual);
        }
        context.optimize(&*self.usual, &mut Default::default()).map_err(|error| failed(&error))?;
        let lives_long = cost::lives_long(context, flags.opt_level());
        Ok(if lives_long { &*self.quick } else { &*self.optimized })
    }
}

/// Cranelift's names of the processor features that code may use.
pub(crate) fn features(isa: &dyn TargetIsa) -> Vec<String> {
    let has = isa.isa_flags().into_iter().filter(|flag| flag.name.starts_with("has_") && flag.as_bool() == Some(true));
    has.map(|flag| flag.name.to_owned()).collect()
}

/// The state of a compilation, reused for each function.
pub(crate) struct Compiler {
    pub(crate) context: Context,
    pub(crate) builder: FunctionBuilderContext,
    translator: FuncTranslator,
    /// Positions of the accesses to memory, in the order of their numbers; see [`access_trap`].
    accesses: Vec<u32>,
}

/// Compilers that are not in use.
#[derive(Default)]
pub(crate) struct Compilers(Mutex<Vec<Compiler>>);

impl Compilers {
    /// Lets `work` use a compiler that nobody else uses. If it panics, the function is declined as unsupported.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut Compiler) -> Result<R, Bailout>) -> Result<R, Bailout> {
        let free = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut compiler = free.unwrap_or_else(|| Compiler {
            context: Context::new(),
            builder: FunctionBuilderContext::new(),
            translator: FuncTranslator::new(),
            accesses: Vec::new(),
        });
        // After a failure the partially built function may be large, and is incomplete, so the compiler is not reused.
        let result = catch_unwind(AssertUnwindSafe(|| work(&mut compiler)))
            .map_err(|_| Bailout::Unsupported("Cranelift panicked".to_owned()))??;
        compiler.context.clear();
        compiler.accesses.clear();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(compiler);
        Ok(result)
    }
}

/// A function's machine code before it is placed.
pub(crate) struct Compiled {
    /// The code.
    pub(crate) code: Vec<u8>,
    /// The offsets of calls' 32-bit displacements, which count from their own ends, each with the index of the callee
    /// among the functions that the module defines.
    pub(crate) calls: Vec<(u32, DefinedFuncIndex)>,
    /// What is known of the code.
    pub(crate) tables: CodeTables,
    /// The stack bytes that a call takes, without the return address.
    pub(crate) frame_bytes: u32,
}

impl Compiler {
    /// Compiles a function ahead of time, to code that can be kept.
    pub(crate) fn function_ahead(
        &mut self,
        machine: &Machine,
        request: &CompileRequest<'_>,
    ) -> Result<Relocatable, Bailout> {
        let Compiled { code, calls, tables, .. } = self.function(machine, request, None)?;
        let relocation = |(at, callee)| Relocation { at, target: Target::Function(callee) };
        Ok(Relocatable {
            code_bytes: code.len() as u32,
            start: 0,
            relocations: calls.into_iter().map(relocation).collect(),
            tables,
            may_access_memory: false,
            bytes: code,
        })
    }

    /// Compiles a function or, with the offset of a loop, the OSR code that takes over its frames there.
    pub(crate) fn function(
        &mut self,
        machine: &Machine,
        request: &CompileRequest<'_>,
        loop_offset: Option<u32>,
    ) -> Result<Compiled, Bailout> {
        let start = self.lower(machine.usual(), request, loop_offset)?;
        let isa = machine.for_function(&mut self.context, request)?;
        self.compile(isa, start)
    }

    /// Builds Cranelift's IR of a function in the context: of all of it, or of what runs from a loop on. Returns the
    /// position of the first operator.
    pub(crate) fn lower(
        &mut self,
        isa: &dyn TargetIsa,
        request: &CompileRequest<'_>,
        loop_offset: Option<u32>,
    ) -> Result<u32, Bailout> {
        let ir = &mut self.context.func;
        ir.name = UserFuncName::user(0, request.function.as_u32());
        let builder = FunctionBuilder::new(ir, &mut self.builder);
        // Cranelift does the fusing; what matters here is that providers emit nothing.
        let TranslatorConfig { fuel, epoch, .. } = *request.config;
        let config = TranslatorConfig { fuel, epoch, ..TranslatorConfig::optimized() };
        let mut lowering = Lowering::new(builder, request, isa, loop_offset);
        let translated = self.translator.translate(request.module, request.function, &config, &mut lowering);
        lowering.check()?;
        translated.map_err(|error| Bailout::Unsupported(error.to_string()))?;
        let (start, accesses) = lowering.finish()?;
        self.accesses = accesses;
        Ok(start)
    }

    /// Compiles the function in the context. Code without a position of its own gets `start`.
    pub(crate) fn compile(&mut self, isa: &dyn TargetIsa, start: u32) -> Result<Compiled, Bailout> {
        if let Err(error) = self.context.compile(isa, &mut Default::default()) {
            return Err(failed(&error.inner));
        }
        let Some(compiled) = self.context.compiled_code() else {
            return Err(Bailout::Unsupported("a function without code".to_owned()));
        };
        let buffer = &compiled.buffer;
        let mut calls = Vec::new();
        for reloc in buffer.relocs() {
            let FinalizedRelocTarget::ExternalName(ExternalName::User(name)) = reloc.target else {
                return Err(Bailout::Unsupported(format!("code that refers to {:?}", reloc.target)));
            };
            if (reloc.kind, reloc.addend) != (Reloc::X86CallPCRel4, -4) {
                return Err(Bailout::Unsupported(format!("a relocation of kind {:?}", reloc.kind)));
            }
            let name = &self.context.func.params.user_named_funcs()[name];
            calls.push((reloc.offset, DefinedFuncIndex::new(name.index)));
        }
        let frame_bytes = buffer.frame_layout().map_or(u32::MAX, |frame| frame.frame_to_fp_offset.saturating_add(8));
        let mut positions = positions(buffer.get_srclocs_sorted(), start);
        place_accesses(&mut positions, start, buffer.traps(), &self.accesses);
        Ok(Compiled {
            code: buffer.data().to_vec(),
            calls,
            tables: CodeTables {
                positions: positions.into(),
                traps: buffer.traps().iter().map(|&MachTrap { offset, code }| (offset, trap_code(code))).collect(),
                landings: landings(buffer)?,
                copy: copy_bytes(buffer),
            },
            frame_bytes,
        })
    }
}

/// The reason to decline a function that Cranelift cannot compile.
fn failed(error: &CodegenError) -> Bailout {
    Bailout::TooLarge(format!("Cranelift: {error:?}"))
}

/// The calls with an edge for exceptions.
fn landings(buffer: &MachBufferFinalized<Final>) -> Result<Landings, Bailout> {
    let unsupported = |what: String| Bailout::Unsupported(format!("a call {what}"));
    let mut frame_bytes = None;
    let mut calls = Vec::new();
    for call in buffer.call_sites() {
        let landing = match call.exception_handlers {
            [] => continue,
            &[FinalizedMachExceptionHandler::Default(landing)] => landing,
            others => return Err(unsupported(format!("with the handlers {others:?}"))),
        };
        let bytes = call.frame_offset.ok_or_else(|| unsupported("from a frame of unknown size".to_owned()))?;
        if *frame_bytes.get_or_insert(bytes) != bytes {
            return Err(unsupported("from a frame of another size".to_owned()));
        }
        calls.push(LandingCalls { from: call.ret_addr - 1, to: call.ret_addr, landing });
    }
    Ok(Landings { frame_bytes: frame_bytes.unwrap_or(0), calls: calls.into() })
}
