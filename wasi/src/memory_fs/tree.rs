//! A file system in memory as a list of its nodes, for snapshots.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::MemoryFs;
use super::directory::MemoryDir;
use super::node::{Body, Node};
use super::walk::LONGEST_NAME;
use crate::errno::Result;
use crate::file::Directory;

/// The largest number of a node in a snapshot: a file system that goes on from there does not run out of numbers.
const LARGEST_INODE: u64 = i64::MAX as u64;

/// The nodes of a file system. The first one is the root. A directory comes behind the one that it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tree {
    /// The number that was given last.
    pub(crate) last_inode: u64,
    pub(crate) nodes: Vec<TreeNode>,
}

/// A file, a directory or a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TreeNode {
    pub(crate) inode: u64,
    pub(crate) accessed: u64,
    pub(crate) modified: u64,
    pub(crate) changed: u64,
    pub(crate) body: TreeBody,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TreeBody {
    File(Vec<u8>),
    /// Names in their order, and the nodes' places in the list.
    Directory(Vec<(String, u32)>),
    Link(String),
}

impl Tree {
    /// Checks that the nodes are those of a file system. The error says what is wrong.
    pub(crate) fn check(&self) -> std::result::Result<(), String> {
        if !matches!(self.nodes.first(), Some(TreeNode { body: TreeBody::Directory(_), .. })) {
            return Err("a file system has no root".to_owned());
        }
        if self.last_inode > LARGEST_INODE || self.nodes.iter().any(|node| node.inode > self.last_inode) {
            return Err("an inode's number is too large".to_owned());
        }
        let mut links = vec![0_u32; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            match &node.body {
                TreeBody::File(_) => {}
                TreeBody::Link(target) if target.starts_with('/') => return Err("a link leads out".to_owned()),
                TreeBody::Link(_) => {}
                TreeBody::Directory(entries) => {
                    let are_names = entries.iter().all(|(name, _)| is_name(name));
                    if !are_names || !entries.is_sorted_by(|(a, _), (b, _)| a < b) {
                        return Err("a name is none, or not in its place".to_owned());
                    }
                    for (name, to) in entries {
                        let to = *to as usize;
                        let is_free = match self.nodes.get(to).map(|node| &node.body) {
                            Some(TreeBody::Directory(_)) => to > at && links[to] == 0,
                            Some(TreeBody::File(_) | TreeBody::Link(_)) => true,
                            None => false,
                        };
                        if !is_free {
                            return Err(format!("the entry {name:?} cannot lead to node {to}"));
                        }
                        links[to] += 1;
                    }
                }
            }
        }
        match links[1..].iter().position(|&links| links == 0) {
            Some(lost) => Err(format!("nothing in the file system leads to node {}, so it cannot lead on", lost + 1)),
            None => Ok(()),
        }
    }
}

fn is_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.contains(['/', '\0']) && name.len() <= LONGEST_NAME
}

impl MemoryFs {
    /// The file system that a directory is the root of, if it is one in memory.
    pub(crate) fn of(directory: &dyn Directory) -> Option<MemoryFs> {
        let directory: &dyn std::any::Any = directory;
        directory.downcast_ref::<MemoryDir>().map(|root| MemoryFs { root: root.clone() })
    }

    /// Whether two are the same file system.
    pub(crate) fn is(&self, other: &MemoryFs) -> bool {
        Arc::ptr_eq(&self.root.store, &other.root.store)
    }

    /// All nodes that paths lead to.
    pub(crate) fn tree(&self) -> Tree {
        let _tree = self.root.store.lock();
        let mut found = vec![Arc::clone(&self.root.node)];
        let mut places: HashMap<*const Node, u32> = HashMap::from([(Arc::as_ptr(&found[0]), 0)]);
        let mut nodes = Vec::new();
        while let Some(node) = found.get(nodes.len()).cloned() {
            let inner = node.lock();
            let body = match &inner.body {
                Body::File(bytes) => TreeBody::File(bytes.clone()),
                Body::Link(target) => TreeBody::Link(target.clone()),
                Body::Directory { entries } => {
                    let place = |(name, node): (&String, &Arc<Node>)| {
                        let place = *places.entry(Arc::as_ptr(node)).or_insert_with(|| {
                            found.push(Arc::clone(node));
                            found.len() as u32 - 1
                        });
                        (name.clone(), place)
                    };
                    TreeBody::Directory(entries.iter().map(place).collect())
                }
            };
            let (inode, accessed, modified, changed) = (node.inode(), inner.accessed, inner.modified, inner.changed);
            nodes.push(TreeNode { inode, accessed, modified, changed, body });
        }
        Tree { last_inode: self.root.store.last_inode.load(Ordering::Relaxed), nodes }
    }

    /// Replaces all that there is by the nodes of a tree, which has been checked.
    ///
    /// # Errors
    ///
    /// If there is no room; some of the nodes may be there then.
    pub(crate) fn set_tree(&self, tree: &Tree) -> Result<()> {
        let store = &self.root.store;
        let _tree = store.lock();
        self.root.node.clear();
        store.last_inode.fetch_max(tree.last_inode, Ordering::Relaxed);
        let mut nodes = Vec::with_capacity(tree.nodes.len());
        for saved in &tree.nodes {
            let node = if nodes.is_empty() {
                Arc::clone(&self.root.node)
            } else {
                Node::with_inode(store, saved.inode, body(&self.root, &saved.body)?)
            };
            nodes.push(node);
        }
        for (saved, node) in tree.nodes.iter().zip(&nodes) {
            let TreeBody::Directory(entries) = &saved.body else { continue };
            for (name, to) in entries {
                node.put(name, Arc::clone(&nodes[*to as usize]))?;
            }
        }
        for (saved, node) in tree.nodes.iter().zip(&nodes) {
            let mut inner = node.lock();
            (inner.accessed, inner.modified, inner.changed) = (saved.accessed, saved.modified, saved.changed);
        }
        Ok(())
    }
}

/// The body of a new node, which has been counted.
fn body(root: &MemoryDir, saved: &TreeBody) -> Result<Body> {
    Ok(match saved {
        TreeBody::File(bytes) => {
            root.store.take(bytes.len())?;
            Body::File(bytes.clone())
        }
        TreeBody::Directory(_) => Body::Directory { entries: Default::default() },
        TreeBody::Link(target) => {
            root.store.take(target.len())?;
            Body::Link(target.clone())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::{Open, Opened};
    use crate::flags::{FdFlags, OFlags};

    #[test]
    fn a_file_system_comes_back_whole() {
        let fs = MemoryFs::new(1 << 16);
        for (path, bytes) in [("a/b/c", "deep"), ("z", "first"), ("a/d", "")] {
            fs.write(path, bytes).unwrap();
        }
        fs.root.add_name("z", &fs.root, "a/y").unwrap();
        fs.root.make_link("b/c", "a/link").unwrap();
        let tree = fs.tree();
        assert_eq!(tree.check(), Ok(()));
        let other = MemoryFs::new(1 << 16);
        other.write("old/file", "gone").unwrap();
        other.set_tree(&tree).unwrap();
        assert_eq!(other.tree(), tree);
        assert_eq!(other.root.store.used(), fs.root.store.used());
        assert_eq!(other.files(), fs.files());
        assert_eq!(other.read("a/link").unwrap(), b"deep");
        // Both names lead to one file.
        other.write("z", "changed").unwrap();
        assert_eq!(other.read("a/y").unwrap(), b"changed");
        assert_eq!(other.root.stat_at("z", true).unwrap().links, 2);
    }

    #[test]
    fn a_small_file_system_has_no_room() {
        let fs = MemoryFs::new(1 << 16);
        fs.write("a", vec![1; 5000]).unwrap();
        let small = MemoryFs::new(1000);
        assert!(small.set_tree(&fs.tree()).is_err());
        small.write("b", "c").unwrap();
    }

    #[test]
    fn what_is_open_and_has_no_name_is_left_out() {
        let fs = MemoryFs::new(1 << 16);
        fs.write("a", "b").unwrap();
        let how = Open { follow: true, oflags: OFlags::empty(), read: true, write: false, flags: FdFlags::empty() };
        let Opened::File(file) = fs.root.open("a", how).unwrap() else { panic!("it is a file") };
        fs.root.remove_file("a").unwrap();
        assert_eq!((fs.tree().nodes.len(), file.stat().unwrap().size), (1, 1));
    }
}
