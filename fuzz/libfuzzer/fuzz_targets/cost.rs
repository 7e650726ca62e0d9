//! `riser_fuzz::targets::cost` under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| riser_libfuzzer::check("cost", data));
