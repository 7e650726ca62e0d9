//! The code cache: files of modules compiled ahead of time, in a folder.
//!
//! A file's name is a hash of what it depends on: the module, and the [`Settings`]. What decides is what is in the file,
//! module and all; a hash that two modules share costs a compilation. Files are written under a name of
//! their own and renamed, so that processes at the same time see whole files only; what one finds damaged, or made
//! by another version, it makes again. Whoever adds a file removes those that were used longest ago, if all take more than
//! the cache's limit.

use std::fs::{self, File, FileTimes};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Error, Result};

use super::Module;
use crate::ahead::{AheadFile, Settings, hash};

/// Takes the module's code from the cache, or compiles it and puts it there. A cache that cannot be written to is no error.
pub(super) fn load(module: &Module, tier: usize, folder: &Path) -> Result<()> {
    let engine = module.engine();
    let settings = Settings::of(engine, &*engine.tiers()[tier]);
    let path = folder.join(format!("{:016x}-{:016x}.aot", hash(&module.info().bytes), settings.hash()));
    let found = read(&path).unwrap_or_default();
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
    // If it fails, the next process will compile again.
    let _ = write(folder, &path, &bytes).and_then(|()| make_room(folder, &path, engine.config().cache_limit));
    let file = AheadFile::read(&bytes).map_err(Error::msg)?;
    // SAFETY: just made.
    unsafe { module.load(tier, &file) }.context("cannot load what was just compiled")
}

/// Reads a file, and notes that it was used, which file systems do rarely by themselves.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let _ = file.set_times(FileTimes::new().set_accessed(SystemTime::now()));
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
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
    let written = File::create_new(&temporary)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// How long a file takes to write, at most: the process that wrote an older one is gone.
const WRITTEN_WITHIN: Duration = Duration::from_secs(3600);

/// Removes the files that were used longest ago, until all take at most `limit` bytes or `newest` is the only one; and those whose
/// process ended while it wrote. Others in the folder are not the cache's.
fn make_room(folder: &Path, newest: &Path, limit: u64) -> io::Result<()> {
    let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let Ok(metadata) = entry.metadata() else { continue };
        if !entry.file_name().to_str().is_some_and(is_named_by_hashes) {
            continue;
        }
        if path.extension().is_some_and(|extension| extension == "aot") {
            files.push((metadata.accessed()?, metadata.len(), path));
        } else if metadata.modified()?.elapsed().is_ok_and(|age| age > WRITTEN_WITHIN) {
            // Another process may have done so, here and below.
            let _ = fs::remove_file(path);
        }
    }
    files.sort();
    let mut total: u64 = files.iter().map(|(_, size, _)| size).sum();
    for (_, size, path) in files.iter().filter(|(.., path)| path != newest) {
        if total <= limit {
            break;
        }
        let _ = fs::remove_file(path);
        total -= size;
    }
    Ok(())
}

/// Whether a file is the cache's: of code, or being written.
fn is_named_by_hashes(name: &str) -> bool {
    let is_hash = |hash: &str| hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let hashes = name.split_once('.').filter(|(_, rest)| *rest == "aot" || rest.ends_with(".tmp"));
    hashes
        .and_then(|(hashes, _)| hashes.split_once('-'))
        .is_some_and(|(module, settings)| is_hash(module) && is_hash(settings))
}
