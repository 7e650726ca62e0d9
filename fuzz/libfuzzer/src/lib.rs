//! The targets of `riser-fuzz` as libFuzzer wants them.

use riser_fuzz::targets;

/// Runs a target on an input; panics with what is wrong, and with the module that shows it.
pub fn check(target: &str, data: &[u8]) {
    let target = targets::find(target).expect("fuzz targets are named as targets are");
    let Err(finding) = (target.run)(data) else { return };
    let module = finding.module.as_deref().and_then(|wasm| wasmprinter::print_bytes(wasm).ok()).unwrap_or_default();
    panic!("{finding}\n{module}");
}
