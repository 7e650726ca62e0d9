//! Files that are written after a guest has run.
//!
//! A guest may change what is in the folders that it was given. So what it makes must not decide where the command writes: not a link by the
//! name of the output, nor one by the name of a file on the way to it. The folder of the output is found and opened before the guest runs.
//! Afterwards, a new file whose name nobody can guess takes the output's place in that folder.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Seek as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use riser_lab::folder::unguessable;
use rustix::fs::{Access, AtFlags, CWD, FileType, Mode, OFlags};

use super::usage::Misuse;

/// Checks that no output is one of the files that are read, by whatever name or link.
///
/// # Errors
///
/// If one is: it would replace that. A device or a pipe is no such file.
pub fn keep_inputs<'a>(
    inputs: impl IntoIterator<Item = &'a Path> + Clone,
    outputs: impl IntoIterator<Item = &'a Path>,
) -> Result<()> {
    let identity = |path: &Path| {
        let file = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        Some((file.dev(), file.ino()))
    };
    for output in outputs {
        let Some(written) = identity(output) else { continue };
        if let Some(input) = inputs.clone().into_iter().find(|input| identity(input) == Some(written)) {
            let names = match input == output {
                true => format!("`{}`", input.display()),
                false => format!("`{}` is `{}`", output.display(), input.display()),
            };
            bail!(Misuse::new(format!("the output would replace the input: {names}; name another file to write")));
        }
    }
    Ok(())
}

/// A file to write.
#[derive(Clone, Debug)]
pub struct OutputFile(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// As the user has named it.
    path: PathBuf,
    place: Place,
}

/// Where the bytes go.
#[derive(Debug)]
enum Place {
    /// A regular file, or none yet: its name in its folder.
    Name(File, OsString),
    /// What is there is no regular file, such as a pipe, or the folder takes no new files: it is open.
    Open(File),
}

impl OutputFile {
    /// Finds the place of a file. Links of the user's are followed.
    ///
    /// # Errors
    ///
    /// If a file cannot be written there.
    pub fn find(path: PathBuf) -> Result<OutputFile> {
        let place = Place::find(&path).with_context(|| cannot_write(&path))?;
        Ok(OutputFile(Arc::new(Inner { path, place })))
    }

    /// The file, as the user has named it.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Writes the file. A regular file is either what it was or whole. Anything else is written in order.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn write(&self, bytes: impl AsRef<[u8]>) -> Result<()> {
        let bytes = bytes.as_ref();
        let written = match &self.0.place {
            Place::Name(folder, name) => replace(folder, name, bytes),
            Place::Open(file) => overwrite(file, bytes),
        };
        written.with_context(|| cannot_write(&self.0.path))
    }
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write `{}`", path.display())
}

impl Place {
    fn find(path: &Path) -> io::Result<Place> {
        let to_write = || OpenOptions::new().write(true).open(path);
        let (path, existing) = match fs::metadata(path) {
            Ok(found) if !found.is_file() || is_of_process(path) => return to_write().map(Place::Open),
            // Not one that must not be written, though it could be replaced.
            Ok(_) => (path.canonicalize()?, Some(to_write()?)),
            Err(error) if error.kind() == ErrorKind::NotFound && fs::symlink_metadata(path).is_ok() => {
                return Err(io::Error::new(ErrorKind::NotFound, "it is a link to what is not there"));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => (path.to_owned(), None),
            Err(error) => return Err(error),
        };
        let name = path.file_name().ok_or(ErrorKind::IsADirectory)?.to_owned();
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
        let folder = rustix::fs::openat(CWD, parent, flags, Mode::empty())?;
        let takes_files = rustix::fs::accessat(&folder, ".", Access::WRITE_OK | Access::EXEC_OK, AtFlags::empty());
        match (takes_files, existing) {
            (Ok(()), _) => Ok(Place::Name(folder.into(), name)),
            (Err(_), Some(file)) => Ok(Place::Open(file)),
            (Err(error), None) => Err(error.into()),
        }
    }
}

/// Whether a path is that of an open file, such as `/dev/fd/3`: whoever has opened it wants that one.
fn is_of_process(path: &Path) -> bool {
    path.parent().and_then(|parent| parent.canonicalize().ok()).is_some_and(|parent| parent.starts_with("/proc"))
}

/// Puts a new file in a file's place.
fn replace(folder: &File, name: &OsString, bytes: &[u8]) -> io::Result<()> {
    let part = format!(".riser-{:016x}.part", unguessable());
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(rustix::fs::openat(folder, &*part, flags, Mode::from_raw_mode(0o666))?);
    let mut fill = || {
        if let Ok(before) = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)
            && FileType::from_raw_mode(before.st_mode).is_file()
        {
            rustix::fs::fchmod(&file, Mode::from_raw_mode(before.st_mode))?;
        }
        file.write_all(bytes)?;
        rustix::fs::renameat(folder, &*part, folder, name)?;
        Ok(())
    };
    fill().inspect_err(|_| {
        let _ = rustix::fs::unlinkat(folder, &*part, AtFlags::empty());
    })
}

/// Writes an open file: from the start, if it has one.
fn overwrite(mut file: &File, bytes: &[u8]) -> io::Result<()> {
    if file.metadata()?.is_file() {
        file.set_len(0)?;
        file.rewind()?;
    }
    file.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn links_that_come_later_are_not_followed() {
        let folder = tempfile::tempdir().expect("is writable");
        let [victim, path] = ["victim", "output"].map(|name| folder.path().join(name));
        fs::write(&victim, "kept").expect("is writable");
        let output = OutputFile::find(path.clone()).expect("can be written");
        symlink(&victim, &path).expect("is writable");
        output.write("new").expect("can be written");
        assert_eq!(fs::read(&victim).expect("is there"), b"kept");
        assert_eq!(fs::read(&path).expect("is there"), b"new");
        assert!(fs::symlink_metadata(&path).expect("is there").is_file());
        assert_eq!(fs::read_dir(folder.path()).expect("is there").count(), 2, "nothing else is left");
    }

    #[test]
    fn folders_that_come_later_are_not_entered() {
        let folder = tempfile::tempdir().expect("is writable");
        let [inner, other] = ["inner", "other"].map(|name| folder.path().join(name));
        for folder in [&inner, &other] {
            fs::create_dir(folder).expect("is writable");
        }
        let output = OutputFile::find(inner.join("output")).expect("can be written");
        fs::rename(&inner, folder.path().join("moved")).expect("is writable");
        symlink(&other, &inner).expect("is writable");
        output.write("new").expect("can be written");
        assert_eq!(fs::read(folder.path().join("moved/output")).expect("is there"), b"new");
        assert_eq!(fs::read_dir(&other).expect("is there").count(), 0);
    }

    #[test]
    fn links_of_the_user_are_followed_and_modes_stay() {
        let folder = tempfile::tempdir().expect("is writable");
        let [file, path] = ["file", "link"].map(|name| folder.path().join(name));
        fs::write(&file, "old and longer").expect("is writable");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("is ours");
        symlink(&file, &path).expect("is writable");
        let output = OutputFile::find(path.clone()).expect("can be written");
        for text in ["new", "newer"] {
            output.write(text).expect("can be written");
            assert_eq!(fs::read(&file).expect("is there"), text.as_bytes());
        }
        assert!(fs::symlink_metadata(&path).expect("is there").is_symlink());
        assert_eq!(fs::metadata(&file).expect("is there").permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn what_cannot_be_written_is_known_at_once() {
        let folder = tempfile::tempdir().expect("is writable");
        symlink("nothing", folder.path().join("link")).expect("is writable");
        for name in ["", "missing/file", "link"] {
            let error = OutputFile::find(folder.path().join(name)).expect_err("cannot be written");
            assert!(format!("{error:#}").starts_with("cannot write `"), "{error:#}");
        }
        OutputFile::find("/dev/null".into()).and_then(|null| null.write("x")).expect("takes all");
    }
}
