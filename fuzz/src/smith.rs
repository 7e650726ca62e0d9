//! Modules by wasm-smith: valid, small, with the features that Riser has.
//!
//! wasm-smith covers odd sections and types; the programs themselves do little. The module is determined by the bytes alone.

use arbitrary::Unstructured;
use wasm_smith::{Config, MemoryOffsetChoices, Module};

use crate::plan::{MEMORY_BYTES, TABLE_ELEMENTS};

/// Settings of wasm-smith: the proposals of [`riser::Proposal`], relaxed SIMD if `relaxed`, exceptions if `exceptions`, and
/// sizes that run quickly.
pub fn config(relaxed: bool, exceptions: bool) -> Config {
    Config {
        bulk_memory_enabled: true,
        reference_types_enabled: true,
        multi_value_enabled: true,
        saturating_float_to_int_enabled: true,
        sign_extension_ops_enabled: true,
        extended_const_enabled: true,
        tail_call_enabled: true,
        memory64_enabled: true,
        custom_descriptors_enabled: false,
        custom_page_sizes_enabled: true,
        exceptions_enabled: exceptions,
        gc_enabled: false,
        relaxed_simd_enabled: relaxed,
        simd_enabled: true,
        shared_everything_threads_enabled: false,
        threads_enabled: false,
        wide_arithmetic_enabled: true,
        export_everything: true,
        max_imports: 6,
        max_types: 12,
        min_types: 1,
        min_funcs: 1,
        max_funcs: 6,
        max_globals: 8,
        max_memories: 3,
        max_tables: 3,
        max_data_segments: 4,
        max_element_segments: 4,
        max_elements: 12,
        max_instructions: 120,
        max_table_elements: TABLE_ELEMENTS as u64 / 2,
        max_memory32_bytes: MEMORY_BYTES as u64 / 2,
        max_memory64_bytes: MEMORY_BYTES as u128 / 2,
        memory_offset_choices: MemoryOffsetChoices(90, 9, 1),
        ..Config::default()
    }
}

/// The module that the bytes stand for; `None` if there are too few. One in four may have relaxed SIMD operators, for which the
/// other engine may compute other results, and another one exceptions, which that engine does not have.
pub fn module(data: &[u8]) -> Option<Vec<u8>> {
    let (&first, rest) = data.split_first()?;
    let mut source = Unstructured::new(rest);
    Module::new(config(first % 4 == 3, first % 4 == 2), &mut source).ok().map(|module| module.to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_accepted() {
        let mut bytes: Vec<u8> = Vec::new();
        let mut accepted = 0;
        for number in 0..100u64 {
            bytes.extend(crate::value::mix(number, 5).to_le_bytes());
            if let Some(wasm) = module(&bytes) {
                riser::Module::new(&riser::Engine::default(), wasm).unwrap_or_else(|error| panic!("{error:#}"));
                accepted += 1;
            }
        }
        assert!(accepted > 50, "{accepted}");
    }
}
