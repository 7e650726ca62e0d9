//! Directories of the host's: `cap-std` resolves paths beneath them.

use std::any::Any;
use std::sync::Arc;

use cap_fs_ext::{DirExt as _, FollowSymlinks, OpenOptionsFollowExt as _, OpenOptionsMaybeDirExt as _};
use cap_fs_ext::{OpenOptionsSyncExt as _, SystemTimeSpec};
use cap_std::fs::{Dir, MetadataExt as _, OpenOptions};
use cap_std::time::{Duration, SystemClock};

use crate::errno::{Errno, Result};
use crate::file::{Directory, Entry, Open, Opened, SetTime, SetTimes};
use crate::flags::{FdFlags, OFlags};
use crate::host_file::{HostFile, file_type, stat, timestamps};
use crate::layout::Stat;

/// A directory that is open.
#[derive(Debug)]
pub(crate) struct HostDir(pub(crate) Dir);

/// A directory of this kind: there is no way from the host's file system into another.
fn of_the_host(directory: &dyn Directory) -> Result<&HostDir> {
    (directory as &dyn Any).downcast_ref().ok_or(Errno::XDev)
}

/// How `cap-std` is to open a path.
fn options(how: Open) -> OpenOptions {
    let Open { follow, oflags, read, write, flags } = how;
    let mut options = OpenOptions::new();
    options.maybe_dir(true).follow(if follow { FollowSymlinks::Yes } else { FollowSymlinks::No });
    let creates = oflags.contains(OFlags::CREATE);
    options.create(creates).create_new(creates && oflags.contains(OFlags::EXCLUSIVE));
    options.truncate(oflags.contains(OFlags::TRUNCATE));
    // The system wants one of the two, and the second for a file that is to be made or cut. What the guest may do is in its rights.
    let write = write || how.changes();
    options.write(write).read(read || !write);
    options.nonblock(flags.contains(FdFlags::NONBLOCK));
    options.dsync(flags.contains(FdFlags::DSYNC)).sync(flags.contains(FdFlags::SYNC));
    options.rsync(flags.contains(FdFlags::RSYNC));
    options
}

impl Directory for HostDir {
    fn stat(&self) -> Result<Stat> {
        Ok(stat(&self.0.dir_metadata()?))
    }

    fn set_times(&self, times: SetTimes) -> Result<()> {
        Ok(rustix::fs::futimens(&self.0, &timestamps(times))?)
    }

    fn entries(&self) -> Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in self.0.entries()? {
            let entry = entry?;
            // What goes meanwhile is not there; nor is, for a guest, what has no name in Unicode.
            let (Ok(name), Ok(metadata)) = (entry.file_name().into_string(), entry.metadata()) else { continue };
            entries.push(Entry { name, inode: metadata.ino(), ty: file_type(&metadata) });
        }
        Ok(entries)
    }

    fn open(&self, path: &str, how: Open) -> Result<Opened> {
        let file = self.0.open_with(path, &options(how))?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            let directory = HostDir(Dir::from_std_file(file.into_std()));
            return Ok(Opened::Directory(Arc::new(directory)));
        }
        if how.oflags.contains(OFlags::DIRECTORY) {
            return Err(Errno::NotDir);
        }
        Ok(Opened::File(Arc::new(HostFile::new(file, &metadata))))
    }

    fn stat_at(&self, path: &str, follow: bool) -> Result<Stat> {
        Ok(stat(&if follow { self.0.metadata(path)? } else { self.0.symlink_metadata(path)? }))
    }

    fn set_times_at(&self, path: &str, follow: bool, times: SetTimes) -> Result<()> {
        let spec = |time| match time {
            SetTime::Keep => None,
            SetTime::Now => Some(SystemTimeSpec::SymbolicNow),
            SetTime::At(nanoseconds) => {
                let time = SystemClock::UNIX_EPOCH + Duration::from_nanos(nanoseconds);
                Some(SystemTimeSpec::Absolute(time))
            }
        };
        let (accessed, modified) = (spec(times.accessed), spec(times.modified));
        if follow {
            self.0.set_times(path, accessed, modified)?;
        } else {
            self.0.set_symlink_times(path, accessed, modified)?;
        }
        Ok(())
    }

    fn create_directory(&self, path: &str) -> Result<()> {
        Ok(self.0.create_dir(path)?)
    }

    fn remove_directory(&self, path: &str) -> Result<()> {
        Ok(self.0.remove_dir(path)?)
    }

    fn remove_file(&self, path: &str) -> Result<()> {
        Ok(self.0.remove_file(path)?)
    }

    fn read_link(&self, path: &str) -> Result<String> {
        self.0.read_link(path)?.into_os_string().into_string().map_err(|_| Errno::Ilseq)
    }

    fn make_link(&self, target: &str, path: &str) -> Result<()> {
        Ok(self.0.symlink(target, path)?)
    }

    fn add_name(&self, path: &str, to: &dyn Directory, to_path: &str) -> Result<()> {
        Ok(self.0.hard_link(path, &of_the_host(to)?.0, to_path)?)
    }

    fn rename(&self, path: &str, to: &dyn Directory, to_path: &str) -> Result<()> {
        Ok(self.0.rename(path, &of_the_host(to)?.0, to_path)?)
    }
}
