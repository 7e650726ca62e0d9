//! Directories in memory.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::file::MemoryFile;
use super::node::{Body, Node, Store};
use super::walk::Found;
use crate::errno::{Errno, Result};
use crate::file::{Directory, Entry, File, Open, Opened, SetTimes};
use crate::flags::OFlags;
use crate::layout::Stat;

/// A directory that is open.
#[derive(Clone, Debug)]
pub(super) struct MemoryDir {
    pub(super) store: Arc<Store>,
    pub(super) node: Arc<Node>,
}

impl MemoryDir {
    /// A directory of the same file system.
    fn of_the_same(&self, directory: &dyn Directory) -> Result<MemoryDir> {
        let other: &MemoryDir = (directory as &dyn Any).downcast_ref().ok_or(Errno::XDev)?;
        if Arc::ptr_eq(&self.store, &other.store) { Ok(other.clone()) } else { Err(Errno::XDev) }
    }

    fn opened(&self, node: Arc<Node>, how: Open) -> Result<Opened> {
        if node.is_directory() {
            if how.write || how.changes() {
                return Err(Errno::IsDir);
            }
            return Ok(Opened::Directory(Arc::new(MemoryDir { store: Arc::clone(&self.store), node })));
        }
        if how.oflags.contains(OFlags::DIRECTORY) {
            return Err(Errno::NotDir);
        }
        if let Body::Link(_) = node.lock().body {
            return Err(Errno::Loop);
        }
        let file = MemoryFile::new(&self.store, node);
        if how.oflags.contains(OFlags::TRUNCATE) {
            file.set_len(0)?;
        }
        Ok(Opened::File(Arc::new(file)))
    }
}

/// Whether a node is a directory with entries.
fn is_full(node: &Node) -> bool {
    matches!(&node.lock().body, Body::Directory { entries } if !entries.is_empty())
}

/// Whether a directory is another one or somewhere in it. This takes time for each directory that it is in, and not for what is in the other
/// one: a guest would have it walked again by each call.
fn is_within(node: &Arc<Node>, directory: &Arc<Node>) -> bool {
    std::iter::successors(Some(Arc::clone(node)), |node| node.parent()).any(|node| Arc::ptr_eq(&node, directory))
}

/// Whether something may take the place of something else.
fn may_replace(new: &Node, old: &Node) -> Result<()> {
    match (new.is_directory(), old.is_directory()) {
        (true, false) => Err(Errno::NotDir),
        (false, true) => Err(Errno::IsDir),
        (true, true) if is_full(old) => Err(Errno::NotEmpty),
        (true, true) | (false, false) => Ok(()),
    }
}

impl Directory for MemoryDir {
    fn stat(&self) -> Result<Stat> {
        Ok(self.node.stat())
    }

    fn set_times(&self, times: SetTimes) -> Result<()> {
        self.node.set_times(times);
        Ok(())
    }

    fn entries(&self) -> Result<Vec<Entry>> {
        let nodes: Vec<(String, Arc<Node>)> = match &self.node.lock().body {
            Body::Directory { entries } => {
                entries.iter().map(|(name, node)| (name.clone(), Arc::clone(node))).collect()
            }
            Body::File(_) | Body::Link(_) => return Err(Errno::NotDir),
        };
        let entry = |(name, node): (String, Arc<Node>)| {
            let stat = node.stat();
            Entry { name, inode: stat.inode, ty: stat.ty }
        };
        Ok(nodes.into_iter().map(entry).collect())
    }

    fn open(&self, path: &str, how: Open) -> Result<Opened> {
        let _tree = self.store.lock();
        let exclusive = how.oflags.contains(OFlags::CREATE | OFlags::EXCLUSIVE);
        match self.walk(path, how.follow && !exclusive)? {
            Found { node: Some(_), .. } if exclusive => Err(Errno::Exist),
            Found { node: Some(node), .. } => self.opened(node, how),
            Found { parent, name: Some(name), node: None } if how.oflags.contains(OFlags::CREATE) => {
                self.opened(parent.make(&name, Body::File(Vec::new()))?, how)
            }
            Found { node: None, .. } => Err(Errno::NoEnt),
        }
    }

    fn stat_at(&self, path: &str, follow: bool) -> Result<Stat> {
        let _tree = self.store.lock();
        Ok(self.walk(path, follow)?.there()?.stat())
    }

    fn set_times_at(&self, path: &str, follow: bool, times: SetTimes) -> Result<()> {
        let _tree = self.store.lock();
        self.walk(path, follow)?.there()?.set_times(times);
        Ok(())
    }

    fn create_directory(&self, path: &str) -> Result<()> {
        let _tree = self.store.lock();
        let (parent, name) = self.walk(path, false)?.new_name()?;
        parent.make(&name, Body::Directory { entries: BTreeMap::new() }).map(drop)
    }

    fn remove_directory(&self, path: &str) -> Result<()> {
        let _tree = self.store.lock();
        let Found { parent, name, node } = self.walk(path, false)?;
        let (node, name) = (node.ok_or(Errno::NoEnt)?, name.ok_or(Errno::Inval)?);
        if !node.is_directory() {
            return Err(Errno::NotDir);
        }
        if is_full(&node) {
            return Err(Errno::NotEmpty);
        }
        parent.remove(&name);
        Ok(())
    }

    fn remove_file(&self, path: &str) -> Result<()> {
        let _tree = self.store.lock();
        let Found { parent, name, node } = self.walk(path, false)?;
        let node = node.ok_or(Errno::NoEnt)?;
        match name {
            Some(name) if !node.is_directory() => parent.remove(&name),
            Some(_) | None => return Err(Errno::IsDir),
        }
        Ok(())
    }

    fn read_link(&self, path: &str) -> Result<String> {
        let _tree = self.store.lock();
        match &self.walk(path, false)?.there()?.lock().body {
            Body::Link(target) => Ok(target.clone()),
            Body::File(_) | Body::Directory { .. } => Err(Errno::Inval),
        }
    }

    fn make_link(&self, target: &str, path: &str) -> Result<()> {
        if target.starts_with('/') {
            return Err(Errno::Perm);
        }
        if target.is_empty() {
            return Err(Errno::NoEnt);
        }
        if target.contains('\0') {
            return Err(Errno::Inval);
        }
        let _tree = self.store.lock();
        let (parent, name) = self.walk(path, false)?.new_name()?;
        parent.make(&name, Body::Link(target.to_owned())).map(drop)
    }

    fn add_name(&self, path: &str, to: &dyn Directory, to_path: &str) -> Result<()> {
        let to = self.of_the_same(to)?;
        let _tree = self.store.lock();
        let node = self.walk(path, false)?.there()?;
        let (parent, name) = to.walk(to_path, false)?.new_name()?;
        if node.is_directory() {
            return Err(Errno::Perm);
        }
        parent.put(&name, node)
    }

    fn rename(&self, path: &str, to: &dyn Directory, to_path: &str) -> Result<()> {
        let to = self.of_the_same(to)?;
        let _tree = self.store.lock();
        let from = self.walk(path, false)?;
        let to = to.walk(to_path, false)?;
        let (Some(name), Some(to_name)) = (from.name, to.name) else { return Err(Errno::Busy) };
        let node = from.node.ok_or(Errno::NoEnt)?;
        if to.node.as_ref().is_some_and(|old| Arc::ptr_eq(old, &node)) {
            return Ok(());
        }
        if node.is_directory() && is_within(&to.parent, &node) {
            return Err(Errno::Inval);
        }
        if let Some(old) = &to.node {
            may_replace(&node, old)?;
        }
        to.parent.put(&to_name, node)?;
        from.parent.remove(&name);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::super::MemoryFs;
    use super::*;

    #[test]
    fn a_directory_does_not_move_into_itself() {
        let fs = MemoryFs::new(1 << 16);
        let root = &fs.root;
        let rename = |from: &str, to: &str| root.rename(from, root, to);
        fs.write("a/b/c/file", "x").unwrap();
        fs.write("d/file", "y").unwrap();
        for to in ["a/e", "a/b/e", "a/b/c/e"] {
            assert_eq!(rename("a", to), Err(Errno::Inval), "{to}");
        }
        // What is above a directory moves with it.
        rename("a/b", "d/b").unwrap();
        assert_eq!(rename("d", "d/b/c/e"), Err(Errno::Inval));
        rename("a", "d/b/c/a").unwrap();
        assert_eq!(rename("d/b", "d/b/c/a/b"), Err(Errno::Inval));
        rename("d/b/c/a", "a").unwrap();
        rename("d", "a/d").unwrap();
        assert_eq!(fs.files(), ["a/d/b/c/file", "a/d/file"]);
        let other = MemoryFs::new(1 << 16);
        other.set_tree(&fs.tree()).unwrap();
        assert_eq!(other.root.rename("a", &other.root, "a/d/b/e"), Err(Errno::Inval));
    }

    #[test]
    fn a_directory_that_was_removed_is_in_none() {
        let fs = MemoryFs::new(1 << 16);
        let root = &fs.root;
        fs.write("a/b/file", "x").unwrap();
        fs.write("c/file", "y").unwrap();
        root.remove_file("a/b/file").unwrap();
        let b = MemoryDir { store: Arc::clone(&root.store), node: root.walk("a/b", false).unwrap().there().unwrap() };
        root.remove_directory("a/b").unwrap();
        assert!(b.node.parent().is_none());
        assert_eq!(root.rename("a", &b, "e"), Err(Errno::NoEnt));
        // One that is replaced, too.
        root.create_directory("a/b").unwrap();
        let b = root.walk("a/b", false).unwrap().there().unwrap();
        root.rename("c", root, "a/b").unwrap();
        assert!(b.parent().is_none());
        assert_eq!(fs.files(), ["a/b/file"]);
    }

    #[test]
    fn a_full_directory_moves_as_fast_as_an_empty_one() {
        let fs = MemoryFs::new(1 << 24);
        let root = &fs.root;
        for directory in ["a/full", "a/empty", "b"] {
            fs.write(&format!("{directory}/file"), "").unwrap();
        }
        for number in 0..20_000 {
            fs.write(&format!("a/full/{number}"), "").unwrap();
        }
        let time = |name: &str| {
            let [here, there] = ["a", "b"].map(|directory| format!("{directory}/{name}"));
            let start = Instant::now();
            for _ in 0..200 {
                root.rename(&here, root, &there).unwrap();
                root.rename(&there, root, &here).unwrap();
            }
            start.elapsed()
        };
        let least = |name: &str| (0..5).map(|_| time(name)).min().unwrap_or(Duration::MAX);
        let (full, empty) = (least("full"), least("empty"));
        assert!(full < empty * 20, "{full:?} beside {empty:?}");
    }
}
