//! `riser_fuzz::targets::single_inst` under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| riser_libfuzzer::check("single_inst", data));
