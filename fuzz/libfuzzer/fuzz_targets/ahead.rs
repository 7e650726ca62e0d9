//! `riser_fuzz::targets::ahead` under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| riser_libfuzzer::check("ahead", data));
