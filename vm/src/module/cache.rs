//! The code cache: files of modules compiled ahead of time, in a folder.
//!
//! A file's name is a hash of what it depends on: the module, and the [`Settings`]. What decides is what is in the file,
//! module and all; a hash that two modules share costs a compilation. Files are written under a name of
//! their own and renamed, so that processes at the same time see whole files only; what one finds damaged, or made
//! by another version, it makes again. Whoever adds a file removes those that were used longest ago, if all take more than
//! the cache's limit. The folder and the files are [`private`].

mod private;

use std::fs::{self, FileTimes};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Error, Result};

use super::Module;
use crate::ahead::{AheadFile, Settings, hash};

/// Takes the module's code from the cache, or compiles it and puts it there. A cache that cannot be written to is no error; one that
/// somebody else may write to is.
pub(super) fn load(module: &Module, tier: usize, folder: &Path) -> Result<()> {
    let engine = module.engine();
    let settings = Settings::of(engine, &*engine.tiers()[tier]);
    let folder = private::folder(folder)?;
    let name = format!("{:016x}-{:016x}.aot", hash(&module.info().bytes), settings.hash());
    let place = folder.map(|folder| (folder.join(name), folder));
    let found = place.as_ref().and_then(|(path, _)| read(path).ok()).unwrap_or_default();
    if let Ok(file) = AheadFile::read(&found)
        && file.wasm == &*module.info().bytes
        && file.settings == settings
        // SAFETY: nobody but the user and the administrator can have written to the file, and what they have in such a
        // folder comes from here. The module is the file's.
        && unsafe { module.load(tier, &file) }.is_ok()
    {
        return Ok(());
    }
    let bytes = module.compile_ahead(tier)?;
    if let Some((path, folder)) = &place {
        // If it fails, the next process will compile again.
        let _ = write(path, &bytes).and_then(|()| make_room(folder, path, engine.config().cache_limit));
    }
    let file = AheadFile::read(&bytes).map_err(Error::msg)?;
    // SAFETY: just made.
    unsafe { module.load(tier, &file) }.context("cannot load what was just compiled")
}

/// Reads a file, and notes that it was used, which file systems do rarely by themselves.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let (file, bytes) = private::read(path)?;
    let _ = file.set_times(FileTimes::new().set_accessed(SystemTime::now()));
    Ok(bytes)
}

/// Writes a file that others see as a whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let temporary = path.with_extension(format!("{}-{number}.tmp", process::id()));
    let written = private::create(&temporary)
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
