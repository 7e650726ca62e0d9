//! What has been made of a module, and how it runs.

use std::ffi::c_char;

use riser::{Module, Statistics, TierStatistics};

use crate::object::Object;
use crate::text::lasting;
use crate::vector::{Bytes, Out, put};

/// `riser_statistics_t`.
#[repr(C)]
struct ModuleStatistics {
    functions: usize,
    translated: usize,
    wasm_bytes: usize,
    code_bytes: usize,
    validation_ns: u64,
    translation_ns: u64,
}

/// `riser_tier_statistics_t`.
#[repr(C)]
struct OfTier {
    mode: *const c_char,
    compiled: usize,
    wasm_bytes: usize,
    code_bytes: usize,
    bailouts: usize,
    compile_ns: u64,
}

fn statistics(module: Option<&Object>) -> Option<Statistics> {
    module.and_then(Object::module).map(Module::statistics)
}

#[unsafe(no_mangle)]
extern "C" fn riser_module_statistics(module: Option<&Object>, out: Out<'_, ModuleStatistics>) -> bool {
    let Some(of) = statistics(module) else { return false };
    put(
        out,
        ModuleStatistics {
            functions: of.functions,
            translated: of.translated,
            wasm_bytes: of.wasm_bytes,
            code_bytes: of.code_bytes,
            validation_ns: of.validation_time.as_nanos() as u64,
            translation_ns: of.translation_time.as_nanos() as u64,
        },
    );
    true
}

#[unsafe(no_mangle)]
extern "C" fn riser_module_tier_statistics(module: Option<&Object>, index: usize, out: Out<'_, OfTier>) -> bool {
    let of = statistics(module).and_then(|of| of.tiers.into_iter().nth(index));
    let Some(TierStatistics { mode, compiled, wasm_bytes, code_bytes, bailouts, compile_time }) = of else {
        return false;
    };
    let (mode, compile_ns) = (lasting(mode.name()), compile_time.as_nanos() as u64);
    put(out, OfTier { mode, compiled, wasm_bytes, code_bytes, bailouts, compile_ns });
    true
}

#[unsafe(no_mangle)]
extern "C" fn riser_module_settings(module: Option<&Object>, out: Out<'_, Bytes>) {
    let settings = module.and_then(Object::module).map(Module::settings).unwrap_or_default();
    let lines: Vec<String> = settings.into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
    put(out, Bytes::message(&lines.join("\n")));
}
