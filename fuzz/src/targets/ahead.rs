//! Property: files of compiled modules are read without trusting them.
//!
//! A file is read without its hash, which would keep everything else from being examined. Reading ends with an error, or with
//! offsets that are all in bounds. Nothing of the file is run.

use std::sync::LazyLock;

use riser::{Config, Engine, Mode, read_precompiled_unhashed};

use crate::mutate::damage;

use super::{Finding, Verdict};

/// Bytes of the hash at the end of a file.
const HASH_BYTES: usize = 8;

/// An undamaged file.
static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let text = r#"
        (module
          (import "host" "f" (func (param i32) (result i32)))
          (memory 1)
          (func (export "a") (param i32) (result i32) (i32.load (call 0 (local.get 0))))
          (func (export "b") (param i32) (result i32) (i32.div_s (call 1 (local.get 0)) (local.get 0)))
          (func (export "c") (result i64 i64 f32) unreachable)
          (func (export "d") (param v128) (result v128) (i16x8.mul (local.get 0) (v128.const i64x2 7 -1))))
    "#;
    let mut config = Config::new();
    config.mode(Mode::Aot);
    let engine = Engine::new(&config).expect("there is a tier that compiles ahead of time");
    let mut file = engine.precompile_module(text).expect("valid");
    file.truncate(file.len() - HASH_BYTES);
    file
});

/// The property for the file that `data` contains, or otherwise for a file that `data` damages.
///
/// # Errors
///
/// If the undamaged file is refused. Other failures are panics.
pub fn ahead(data: &[u8]) -> Result<Verdict, Finding> {
    if data.is_empty() {
        let read = read_precompiled_unhashed(&FILE);
        return read.map(|()| Verdict::ONE).map_err(|why| Finding::new(format!("a whole file: {why:#}")));
    }
    let mut file = if Engine::detect_precompiled(data) { data.to_vec() } else { FILE.clone() };
    if !Engine::detect_precompiled(data) {
        damage(&mut file, data);
    }
    Ok(match read_precompiled_unhashed(&file) {
        Ok(()) => Verdict::ONE,
        Err(_) => Verdict::NOTHING,
    })
}
