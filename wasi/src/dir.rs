//! Directories, where `wasi-common` deviates from POSIX: for paths that end in a slash, which may only lead to directories, and
//! for files that are opened to append.

use std::any::Any;
use std::path::PathBuf;

use wasi_common::dir::{OpenResult, ReaddirCursor, ReaddirEntity};
use wasi_common::file::{FdFlags, FileType, Filestat, OFlags};
use wasi_common::snapshots::preview_1::types::Errno;
use wasi_common::{Error, ErrorExt, SystemTimeSpec, WasiDir};

/// A directory.
pub(crate) struct Dir(pub(crate) Box<dyn WasiDir>);

/// A path without its trailing slashes, and whether there were any. The root, which no guest can reach, stays as it is.
fn split(path: &str) -> (&str, bool) {
    match path.trim_end_matches('/') {
        "" => (path, false),
        trimmed => (trimmed, trimmed.len() < path.len()),
    }
}

fn is_dir(stat: &Filestat) -> bool {
    stat.filetype == FileType::Directory
}

impl Dir {
    /// The target of a path that ended in a slash, which has to be a directory.
    async fn directory(&self, path: &str) -> Result<Filestat, Error> {
        let stat = self.0.get_path_filestat(path, true).await?;
        if is_dir(&stat) { Ok(stat) } else { Err(Error::not_dir()) }
    }

    /// The entry at a path, which may be a link. `None` if there is none.
    async fn entry(&self, path: &str) -> Result<Option<Filestat>, Error> {
        match self.0.get_path_filestat(path, false).await {
            Ok(stat) => Ok(Some(stat)),
            Err(error) if matches!(error.downcast_ref(), Some(Errno::Noent)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The error for creating something other than a directory at a path that ends in a slash.
    async fn no_name(&self, path: &str) -> Result<Error, Error> {
        Ok(if self.entry(path).await?.is_some() { Error::exist() } else { Error::not_found() })
    }
}

#[async_trait::async_trait]
impl WasiDir for Dir {
    fn as_any(&self) -> &dyn Any {
        self
    }

    async fn open_file(
        &self,
        symlink_follow: bool,
        path: &str,
        oflags: OFlags,
        read: bool,
        write: bool,
        fdflags: FdFlags,
    ) -> Result<OpenResult, Error> {
        let (path, slash) = split(path);
        if slash {
            if oflags.contains(OFlags::CREATE) {
                self.entry(path).await?;
                return Err(Errno::Isdir.into());
            }
            self.directory(path).await?;
        }
        // Appending does not affect how a file is opened: the flag is set afterwards. A file that is truncated is opened for
        // writing.
        let opened = fdflags & !(FdFlags::APPEND | FdFlags::NONBLOCK);
        let write = write || oflags.contains(OFlags::TRUNCATE);
        match self.0.open_file(symlink_follow || slash, path, oflags, read, write, opened).await? {
            OpenResult::File(mut file) => {
                let set = fdflags & (FdFlags::APPEND | FdFlags::NONBLOCK);
                if !set.is_empty() {
                    file.set_fdflags(set).await?;
                }
                Ok(OpenResult::File(file))
            }
            OpenResult::Dir(dir) => Ok(OpenResult::Dir(Box::new(Dir(dir)))),
        }
    }

    async fn create_dir(&self, path: &str) -> Result<(), Error> {
        self.0.create_dir(split(path).0).await
    }

    async fn readdir(
        &self,
        cursor: ReaddirCursor,
    ) -> Result<Box<dyn Iterator<Item = Result<ReaddirEntity, Error>> + Send>, Error> {
        self.0.readdir(cursor).await
    }

    async fn symlink(&self, old_path: &str, new_path: &str) -> Result<(), Error> {
        match split(new_path) {
            (new_path, true) => Err(self.no_name(new_path).await?),
            (new_path, false) => self.0.symlink(old_path, new_path).await,
        }
    }

    async fn remove_dir(&self, path: &str) -> Result<(), Error> {
        let (path, slash) = split(path);
        match self.entry(path).await? {
            Some(stat) if slash && !is_dir(&stat) => Err(Error::not_dir()),
            _ => self.0.remove_dir(path).await,
        }
    }

    async fn unlink_file(&self, path: &str) -> Result<(), Error> {
        match split(path) {
            (path, true) => match self.entry(path).await? {
                None => Err(Error::not_found()),
                Some(stat) if is_dir(&stat) => Err(Errno::Isdir.into()),
                Some(_) => Err(Error::not_dir()),
            },
            (path, false) => self.0.unlink_file(path).await,
        }
    }

    async fn read_link(&self, path: &str) -> Result<PathBuf, Error> {
        match split(path) {
            (path, true) => Err(self.directory(path).await.map_or_else(|error| error, |_| Error::invalid_argument())),
            (path, false) => self.0.read_link(path).await,
        }
    }

    async fn get_filestat(&self) -> Result<Filestat, Error> {
        self.0.get_filestat().await
    }

    async fn get_path_filestat(&self, path: &str, follow_symlinks: bool) -> Result<Filestat, Error> {
        match split(path) {
            (path, true) => self.directory(path).await,
            (path, false) => self.0.get_path_filestat(path, follow_symlinks).await,
        }
    }

    async fn rename(&self, path: &str, dest_dir: &dyn WasiDir, dest_path: &str) -> Result<(), Error> {
        let Some(dest_dir) = dest_dir.as_any().downcast_ref::<Dir>() else { return Err(Error::badf()) };
        let ((path, slash), (dest_path, dest_slash)) = (split(path), split(dest_path));
        if slash || dest_slash {
            match self.entry(path).await? {
                None => return Err(Error::not_found()),
                Some(stat) if !is_dir(&stat) => return Err(Error::not_dir()),
                Some(_) => {}
            }
        }
        self.0.rename(path, &*dest_dir.0, dest_path).await
    }

    async fn hard_link(&self, path: &str, target_dir: &dyn WasiDir, target_path: &str) -> Result<(), Error> {
        let Some(target_dir) = target_dir.as_any().downcast_ref::<Dir>() else { return Err(Error::badf()) };
        let ((path, slash), (target_path, target_slash)) = (split(path), split(target_path));
        if slash {
            self.directory(path).await?;
            return Err(Error::perm());
        }
        if target_slash {
            return Err(target_dir.no_name(target_path).await?);
        }
        self.0.hard_link(path, &*target_dir.0, target_path).await
    }

    async fn set_times(
        &self,
        path: &str,
        atime: Option<SystemTimeSpec>,
        mtime: Option<SystemTimeSpec>,
        follow_symlinks: bool,
    ) -> Result<(), Error> {
        let (path, slash) = split(path);
        if slash {
            self.directory(path).await?;
        }
        self.0.set_times(path, atime, mtime, follow_symlinks || slash).await
    }
}
