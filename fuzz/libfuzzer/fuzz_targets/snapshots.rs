//! `riser_fuzz::targets::snapshots` under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| riser_libfuzzer::check("snapshots", data));
