//! Folders for what is made on the way.

use std::hash::{BuildHasher as _, RandomState};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io, process};

use anyhow::{Context, Result};

use crate::interrupt;

/// A number for a name that nobody can guess.
pub fn unguessable() -> u64 {
    // The keys are random.
    RandomState::new().hash_one(0)
}

/// A folder that is removed with the value, and what is in it as well; also if `SIGHUP`, `SIGINT` or `SIGTERM` ends the process.
#[derive(Debug)]
pub struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    /// Makes a folder in the system's folder for temporary files; its name begins with `prefix`.
    ///
    /// Others may write to the system's folder, too. Where they could guess a name, they could put a link there, and what is written to it
    /// would replace a file of ours. So nobody can guess the name, what is there already is not taken, and nobody else may enter.
    ///
    /// # Errors
    ///
    /// If the folder cannot be made.
    pub fn new(prefix: &str) -> Result<TemporaryFolder> {
        loop {
            let path = env::temp_dir().join(format!("{prefix}-{}-{:016x}", process::id(), unguessable()));
            match fs::DirBuilder::new().mode(0o700).create(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => {
                    made.with_context(|| format!("cannot create `{}`", path.display()))?;
                    return Ok(TemporaryFolder::remembered(path));
                }
            }
        }
    }

    /// Makes a folder in a place of one's own, unless it is there.
    ///
    /// # Errors
    ///
    /// If the folder cannot be made.
    pub fn at(path: PathBuf) -> Result<TemporaryFolder> {
        fs::create_dir_all(&path).with_context(|| format!("cannot create `{}`", path.display()))?;
        Ok(TemporaryFolder::remembered(path))
    }

    fn remembered(path: PathBuf) -> TemporaryFolder {
        interrupt::remember(&path);
        TemporaryFolder(path)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // A folder that is left takes space only.
        let _ = fs::remove_dir_all(&self.0);
        interrupt::forget(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_folder_is_ones_own_and_goes_with_the_value() {
        let [one, other] = [(); 2].map(|()| TemporaryFolder::new("riser-folder").expect("a folder"));
        assert_ne!(one.path(), other.path());
        let path = one.path().to_owned();
        assert!(path.starts_with(env::temp_dir()) && path.to_string_lossy().contains("riser-folder-"), "{path:?}");
        let mode = fs::metadata(&path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{mode:o}");
        fs::create_dir(path.join("inner")).and_then(|()| fs::write(path.join("inner/file"), "x")).expect("is writable");
        drop(one);
        assert!(!path.exists() && other.path().exists());
    }

    #[test]
    fn a_folder_may_have_a_place() {
        let outer = TemporaryFolder::new("riser-folder").expect("a folder");
        let path = outer.path().join("a/b");
        fs::create_dir_all(&path).expect("is writable");
        drop(TemporaryFolder::at(path.clone()).expect("it is there"));
        assert!(!path.exists() && outer.path().join("a").exists());
    }
}
