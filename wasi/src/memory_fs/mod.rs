//! File systems in memory: for guests that need files, and are to see none of the host's.

mod directory;
mod file;
mod node;
mod tree;
mod walk;

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::file::{Directory, Open, Opened};
use crate::flags::{FdFlags, OFlags};
use directory::MemoryDir;
use node::{Body, Node, Store};
pub(crate) use tree::{Tree, TreeBody, TreeNode};

/// A file system in memory, to pass to [`WasiCtxBuilder::preopened_memory_fs`](crate::WasiCtxBuilder::preopened_memory_fs). A clone is the
/// same file system. Paths are relative to its root, with `/` between names.
///
/// ```
/// use riser_wasi::{DirPerms, FilePerms, MemoryFs, WasiCtxBuilder};
///
/// let fs = MemoryFs::new(1 << 20);
/// fs.write("etc/config", "verbose = true")?;
/// let ctx = WasiCtxBuilder::new().preopened_memory_fs(&fs, "/", DirPerms::all(), FilePerms::all()).build();
/// // … run a guest with `ctx` …
/// assert_eq!(fs.read("etc/config")?, b"verbose = true");
/// # drop(ctx);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct MemoryFs {
    root: MemoryDir,
}

impl fmt::Debug for MemoryFs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryFs").field("used", &self.root.store.used()).finish_non_exhaustive()
    }
}

/// Says an errno to the embedder.
fn error(errno: crate::errno::Errno, path: &str) -> io::Error {
    io::Error::other(format!("`{path}` in memory: {errno:?}"))
}

impl MemoryFs {
    /// An empty file system that takes up to `capacity` bytes: of files and names, and some for each entry. To a guest that writes more,
    /// the device is full.
    #[must_use]
    pub fn new(capacity: usize) -> MemoryFs {
        let store = Store::new(capacity);
        let root = Node::root(&store);
        MemoryFs { root: MemoryDir { store, node: root } }
    }

    /// The root, for a guest.
    pub(crate) fn root(&self) -> Arc<dyn Directory> {
        Arc::new(self.root.clone())
    }

    /// Writes a file, in place of one that is there, with the directories that it needs.
    ///
    /// # Errors
    ///
    /// If there is no room, or something else in the way.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        for (at, _) in path.match_indices('/') {
            match self.root.create_directory(&path[..at]) {
                Ok(()) | Err(crate::errno::Errno::Exist) => {}
                Err(errno) => return Err(error(errno, path)),
            }
        }
        let oflags = OFlags::CREATE | OFlags::TRUNCATE;
        let how = Open { follow: true, oflags, read: false, write: true, flags: FdFlags::empty() };
        let written = self.root.open(path, how).and_then(|opened| match opened {
            Opened::File(file) => file.write_at(&[io::IoSlice::new(bytes.as_ref())], 0),
            Opened::Directory(_) => Err(crate::errno::Errno::IsDir),
        });
        match written {
            Ok(written) if written == bytes.as_ref().len() => Ok(()),
            Ok(_) => Err(error(crate::errno::Errno::NoSpc, path)),
            Err(errno) => Err(error(errno, path)),
        }
    }

    /// The bytes of a file.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let _tree = self.root.store.lock();
        let node = self.root.walk(path, true).and_then(walk::Found::there).map_err(|errno| error(errno, path))?;
        let inner = node.lock();
        match &inner.body {
            Body::File(bytes) => Ok(bytes.clone()),
            Body::Directory { .. } | Body::Link(_) => Err(error(crate::errno::Errno::IsDir, path)),
        }
    }

    /// The paths of all files, in order.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        let _tree = self.root.store.lock();
        let mut files = Vec::new();
        let mut directories = vec![(String::new(), Arc::clone(&self.root.node))];
        while let Some((directory, node)) = directories.pop() {
            let entries = match &node.lock().body {
                Body::Directory { entries } => entries.clone(),
                Body::File(_) | Body::Link(_) => continue,
            };
            for (name, node) in entries {
                let path = format!("{directory}{name}");
                match node.is_directory() {
                    true => directories.push((path + "/", node)),
                    false => files.push(path),
                }
            }
        }
        files.sort_unstable();
        files
    }
}
