//! Paths in memory.

use std::sync::Arc;

use super::directory::MemoryDir;
use super::node::{Body, Node};
use crate::errno::{Errno, Result};

/// The most links on the way of one path.
const MOST_LINKS: usize = 40;

/// The longest name of an entry, as in the host's file systems.
pub(super) const LONGEST_NAME: usize = 255;

/// Where a path leads.
pub(super) struct Found {
    /// The directory of the last name.
    pub(super) parent: Arc<Node>,
    /// The last name; `None` if the path ends in `.` or `..`.
    pub(super) name: Option<String>,
    /// What is there.
    pub(super) node: Option<Arc<Node>>,
}

impl Found {
    /// What is there, if anything is.
    pub(super) fn there(self) -> Result<Arc<Node>> {
        self.node.ok_or(Errno::NoEnt)
    }

    /// The name of something that is to be made here.
    pub(super) fn new_name(self) -> Result<(Arc<Node>, String)> {
        match (self.name, self.node) {
            (Some(name), None) => Ok((self.parent, name)),
            (_, Some(_)) | (None, None) => Err(Errno::Exist),
        }
    }
}

impl MemoryDir {
    /// Looks up a path, for someone who holds the lock of the tree. No path leads above the directory where it begins.
    pub(super) fn walk(&self, path: &str, follow: bool) -> Result<Found> {
        if path.is_empty() {
            return Err(Errno::NoEnt);
        }
        if path.starts_with('/') {
            return Err(Errno::Perm);
        }
        if path.contains('\0') {
            return Err(Errno::Inval);
        }
        // The names that are left, the next one last, and the directories down to where the path has led.
        let mut left: Vec<String> = names(path);
        let mut down = vec![Arc::clone(&self.node)];
        let mut links = 0;
        while let Some(name) = left.pop() {
            let parent = Arc::clone(down.last().expect("where the path began"));
            if name == ".." {
                if down.len() == 1 {
                    return Err(Errno::Perm);
                }
                down.pop();
                continue;
            }
            if name.len() > LONGEST_NAME {
                return Err(Errno::NameTooLong);
            }
            let node = parent.get(&name)?;
            let last = left.is_empty();
            let target = match node.as_ref().map(|node| node.lock()) {
                Some(inner) => match &inner.body {
                    Body::Link(target) if !last || follow => Some(target.clone()),
                    Body::Link(_) | Body::File(_) | Body::Directory { .. } => None,
                },
                None => None,
            };
            if let Some(target) = target {
                links += 1;
                if links > MOST_LINKS {
                    return Err(Errno::Loop);
                }
                if target.starts_with('/') {
                    return Err(Errno::Perm);
                }
                left.extend(names(&target));
                continue;
            }
            if last {
                return Ok(Found { parent, name: Some(name), node });
            }
            let node = node.ok_or(Errno::NoEnt)?;
            if !node.is_directory() {
                return Err(Errno::NotDir);
            }
            down.push(node);
        }
        let node = down.pop();
        let parent = down.pop().unwrap_or_else(|| Arc::clone(&self.node));
        Ok(Found { parent, name: None, node })
    }
}

/// The names in a path, the first one last.
fn names(path: &str) -> Vec<String> {
    path.split('/').filter(|name| !matches!(*name, "" | ".")).rev().map(str::to_owned).collect()
}
