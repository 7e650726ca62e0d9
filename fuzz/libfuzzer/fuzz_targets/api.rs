//! `riser_fuzz::targets::api` under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| riser_libfuzzer::check("api", data));
