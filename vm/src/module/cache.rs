//! The code cache: files of modules compiled ahead of time, in a folder.
//!
//! A file's name consists of hashes of what its contents depend on: the module, and the [`Settings`] with the build. The
//! file contains module and settings, and they decide whether it is used, so two modules with the same hash cost no more
//! than a compilation. Files are written under a temporary name and renamed, so that concurrent processes only see whole
//! files. A file that is damaged, or that another version made, is made again. When a file is added, the least recently
//! used ones are removed if all together take more than the cache's limit. The folder and the files are [`private`].

mod private;

use std::env;
use std::fs::{self, FileTimes};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Error, Result};

use super::Module;
use crate::Cache;
use crate::ahead::{AheadFile, Settings, hash};

/// Takes the module's code from the cache, or compiles it and puts it there. A cache that cannot be written to is not
/// an error, but noted ([`Engine::why_not_cached`](crate::Engine::why_not_cached)); a cache that somebody else may write to is an error.
pub(super) fn load(module: &Module, tier: usize, kept: &Cache) -> Result<()> {
    let (engine, folder) = (module.engine(), kept.directory());
    let settings = Settings::of(engine, &*engine.tiers()[tier]);
    let usable = private::folder(folder)?;
    let made_by = [settings.hash(), build()].map(u64::to_le_bytes).concat();
    let name = format!("{:016x}-{:016x}.aot", hash(&module.info().bytes), hash(&made_by));
    let place = usable.as_ref().map(|folder| (folder.join(name), folder));
    let found = place.as_ref().ok().and_then(|(path, _)| read(path).ok()).unwrap_or_default();
    if let Ok(file) = AheadFile::read(&found)
        && file.wasm == &*module.info().bytes
        && file.settings == settings
        // SAFETY: only the user and the administrator can have written to the file, and their files in such a folder
        // come from here. The file's module is this one.
        && unsafe { module.load(tier, &file) }.is_ok()
    {
        return Ok(());
    }
    let bytes = module.compile_ahead(tier)?;
    match place {
        Ok((path, usable)) => match write(&path, &bytes) {
            // Files that cannot be removed now are removed some other time.
            Ok(()) => drop(make_room(usable, &path, kept.limit(engine.config()))),
            Err(why) => engine.note_not_cached(not_cached(folder, &why)),
        },
        Err(why) => engine.note_not_cached(not_cached(folder, why)),
    }
    let file = AheadFile::read(&bytes).map_err(Error::msg)?;
    // SAFETY: just made.
    unsafe { module.load(tier, &file) }.context("cannot load what was just compiled")
}

/// Says that code is not kept in a folder.
fn not_cached(folder: &Path, why: &io::Error) -> String {
    format!("code cannot be kept in the cache folder `{}`: {why}", folder.display())
}

/// Tells builds of one version apart: by the size of the file that this code is in, and when that was written. What another build's
/// compilers made with the same settings may be other code, and may expect another engine.
fn build() -> u64 {
    static BUILD: OnceLock<u64> = OnceLock::new();
    *BUILD.get_or_init(|| {
        let Some(file) = own_file().and_then(|path| fs::metadata(path).ok()) else { return 0 };
        let written = file.modified().ok().and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
        let nanoseconds = written.map_or(0, |at| at.as_nanos() as u64);
        hash(&[file.len(), nanoseconds].map(u64::to_le_bytes).concat())
    })
}

/// The program or the shared library that this code is in.
fn own_file() -> Option<PathBuf> {
    let here = build as *const () as usize;
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let mapped = maps.lines().find_map(|line| {
        let (range, rest) = line.split_once(' ')?;
        let (start, end) = range.split_once('-')?;
        let address = |text| usize::from_str_radix(text, 16).ok();
        let path = &rest[rest.find('/')?..];
        (address(start)?..address(end)?).contains(&here).then(|| PathBuf::from(path))
    });
    mapped.or_else(|| env::current_exe().ok())
}

/// Reads a file, and sets its time of access, which file systems rarely do by themselves.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let (file, bytes) = private::read(path)?;
    let _ = file.set_times(FileTimes::new().set_accessed(SystemTime::now()));
    Ok(bytes)
}

/// Writes a file such that other processes see either the whole of it or nothing.
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

/// The longest time that writing a file takes: a process that has been writing for longer is gone.
const WRITTEN_WITHIN: Duration = Duration::from_secs(3600);

/// Removes the least recently used files until all take at most `limit` bytes or only `newest` is left. Also removes
/// files whose process ended while it wrote them. Other files in the folder do not belong to the cache.
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
            // Errors are ignored, here and below, because another process may have removed the file.
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

/// Whether a file belongs to the cache: as a file of code, or as one that is being written.
fn is_named_by_hashes(name: &str) -> bool {
    let is_hash = |hash: &str| hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let hashes = name.split_once('.').filter(|(_, rest)| *rest == "aot" || rest.ends_with(".tmp"));
    hashes
        .and_then(|(hashes, _)| hashes.split_once('-'))
        .is_some_and(|(module, settings)| is_hash(module) && is_hash(settings))
}
