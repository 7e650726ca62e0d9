//! The code cache: files of modules compiled ahead of time, in a folder.
//!
//! A file's name is a hash of what it depends on: the module, and the [`Settings`]. What decides is what is in the file,
//! module and all; a hash that two modules share costs a compilation. Files are written under a name of
//! their own and renamed, so that processes at the same time see whole files only; what one finds damaged, or made
//! by another version, it makes again.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Error, Result};

use super::Module;
use crate::ahead::{AheadFile, Settings, hash};

/// Takes the module's code from the cache, or compiles it and puts it there. A cache that cannot be written to is no error.
pub(super) fn load(module: &Module, tier: usize, folder: &Path) -> Result<()> {
    let engine = module.engine();
    let settings = Settings::of(engine, &*engine.tiers()[tier]);
    let path = folder.join(format!("{:016x}-{:016x}.aot", hash(&module.info().bytes), settings.hash()));
    let found = fs::read(&path).unwrap_or_default();
    if let Ok(file) = AheadFile::read(&found)
        && file.wasm == &*module.info().bytes
        && file.settings == settings
        // SAFETY: the folder is the user's own, and what is in it comes from here, as far as anything can be trusted that
        // another process can write to. The module is the file's.
        && unsafe { module.load(tier, &file) }.is_ok()
    {
        return Ok(());
    }
    let bytes = module.compile_ahead(tier)?;
    // The next process will compile again.
    let _ = write(folder, &path, &bytes);
    let file = AheadFile::read(&bytes).map_err(Error::msg)?;
    // SAFETY: just made.
    unsafe { module.load(tier, &file) }.context("cannot load what was just compiled")
}

/// Writes a file that others see as a whole or not at all.
fn write(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    // What is in it will run.
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let temporary = path.with_extension(format!("{}-{number}.tmp", process::id()));
    let written = fs::File::create_new(&temporary)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}
