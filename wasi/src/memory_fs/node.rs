//! What a file system in memory consists of.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::clock::Clock;
use crate::errno::{Errno, Result};
use crate::file::{SetTime, SetTimes};
use crate::layout::{FileType, Stat};

/// What an entry costs besides its name and a file's bytes.
const ENTRY: usize = 128;

/// What all nodes of a file system share.
#[derive(Debug)]
pub(crate) struct Store {
    capacity: usize,
    used: AtomicUsize,
    pub(crate) last_inode: AtomicU64,
    /// Held by whoever looks up a path or changes entries, so that each of these happens as a whole.
    pub(crate) tree: Mutex<()>,
}

impl Store {
    pub(crate) fn new(capacity: usize) -> Arc<Store> {
        let (used, last_inode) = (AtomicUsize::new(0), AtomicU64::new(0));
        Arc::new(Store { capacity, used, last_inode, tree: Mutex::new(()) })
    }

    pub(crate) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Counts bytes, unless there is no room for them.
    pub(crate) fn take(&self, bytes: usize) -> Result<()> {
        let order = Ordering::Relaxed;
        let more = |used: usize| used.checked_add(bytes).filter(|&used| used <= self.capacity);
        self.used.fetch_update(order, order, more).map(drop).map_err(|_| Errno::NoSpc)
    }

    /// Counts as many bytes as there is room for, at most `bytes`.
    pub(crate) fn take_some(&self, bytes: usize) -> usize {
        let order = Ordering::Relaxed;
        let room = |used: usize| bytes.min(self.capacity - used);
        self.used.fetch_update(order, order, |used| Some(used + room(used))).map_or(0, room)
    }

    pub(crate) fn give_back(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, ()> {
        self.tree.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file, a directory or a link. It lives as long as an entry or a descriptor leads to it.
#[derive(Debug)]
pub(crate) struct Node {
    store: Arc<Store>,
    inode: u64,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) body: Body,
    /// How many entries lead here.
    pub(crate) links: u64,
    /// Of a directory: the one that it is in. The root and what was removed are in none.
    parent: Weak<Node>,
    pub(crate) accessed: u64,
    pub(crate) modified: u64,
    pub(crate) changed: u64,
}

#[derive(Debug)]
pub(crate) enum Body {
    File(Vec<u8>),
    Directory { entries: BTreeMap<String, Arc<Node>> },
    Link(String),
}

/// The host's time, in nanoseconds since 1970.
fn now() -> u64 {
    Clock::Realtime.time()
}

impl Node {
    pub(crate) fn root(store: &Arc<Store>) -> Arc<Node> {
        Node::new(store, Body::Directory { entries: BTreeMap::new() }, 1)
    }

    pub(crate) fn new(store: &Arc<Store>, body: Body, links: u64) -> Arc<Node> {
        let inode = store.last_inode.fetch_add(1, Ordering::Relaxed) + 1;
        Node::numbered(store, inode, body, links)
    }

    /// One that had its number in another file system, and that no entry leads to. Its bytes have been counted.
    pub(crate) fn with_inode(store: &Arc<Store>, inode: u64, body: Body) -> Arc<Node> {
        Node::numbered(store, inode, body, 0)
    }

    fn numbered(store: &Arc<Store>, inode: u64, body: Body, links: u64) -> Arc<Node> {
        let now = now();
        let inner = Inner { body, links, parent: Weak::new(), accessed: now, modified: now, changed: now };
        Arc::new(Node { store: Arc::clone(store), inode, inner: Mutex::new(inner) })
    }

    pub(crate) fn inode(&self) -> u64 {
        self.inode
    }

    /// For a moment, and never two at a time.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn stat(&self) -> Stat {
        let inner = self.lock();
        let (ty, size) = match &inner.body {
            Body::File(bytes) => (FileType::RegularFile, bytes.len()),
            Body::Directory { entries } => (FileType::Directory, entries.len()),
            Body::Link(target) => (FileType::SymbolicLink, target.len()),
        };
        let Inner { links, accessed, modified, changed, .. } = *inner;
        Stat { device: 0, inode: self.inode, ty, links, size: size as u64, accessed, modified, changed }
    }

    pub(crate) fn set_times(&self, times: SetTimes) {
        let now = now();
        let mut inner = self.lock();
        let time = |set, old| match set {
            SetTime::Keep => old,
            SetTime::Now => now,
            SetTime::At(time) => time,
        };
        inner.accessed = time(times.accessed, inner.accessed);
        inner.modified = time(times.modified, inner.modified);
        inner.changed = now;
    }

    pub(crate) fn is_directory(&self) -> bool {
        matches!(self.lock().body, Body::Directory { .. })
    }

    /// The directory that a directory is in, unless it is the root or was removed.
    pub(crate) fn parent(&self) -> Option<Arc<Node>> {
        self.lock().parent.upgrade()
    }

    /// The entry of a directory with this name.
    pub(crate) fn get(&self, name: &str) -> Result<Option<Arc<Node>>> {
        match &self.lock().body {
            Body::Directory { entries } => Ok(entries.get(name).cloned()),
            Body::File(_) | Body::Link(_) => Err(Errno::NotDir),
        }
    }

    /// Makes an entry that leads to a node, in place of one that is there.
    pub(crate) fn put(self: &Arc<Node>, name: &str, node: Arc<Node>) -> Result<()> {
        // A directory that was removed while someone had it open stays empty.
        if self.lock().links == 0 {
            return Err(Errno::NoEnt);
        }
        self.store.take(ENTRY + name.len())?;
        {
            let mut inner = node.lock();
            inner.links += 1;
            if let Body::Directory { .. } = inner.body {
                inner.parent = Arc::downgrade(self);
            }
        }
        let replaced = {
            let mut inner = self.lock();
            let replaced = match &mut inner.body {
                Body::Directory { entries } => Ok(entries.insert(name.to_owned(), Arc::clone(&node))),
                Body::File(_) | Body::Link(_) => Err(Errno::NotDir),
            };
            inner.touch();
            replaced
        };
        if let Some(replaced) = replaced? {
            self.left(name, &replaced);
        }
        Ok(())
    }

    /// Makes an entry that leads to something new.
    pub(crate) fn make(self: &Arc<Node>, name: &str, body: Body) -> Result<Arc<Node>> {
        if let Body::Link(target) = &body {
            self.store.take(target.len())?;
        }
        let node = Node::new(&self.store, body, 0);
        self.put(name, Arc::clone(&node))?;
        Ok(node)
    }

    /// Removes an entry.
    pub(crate) fn remove(&self, name: &str) {
        let removed = match &mut *self.lock() {
            inner @ Inner { body: Body::Directory { .. }, .. } => {
                inner.touch();
                let Body::Directory { entries } = &mut inner.body else { return };
                entries.remove(name)
            }
            _ => None,
        };
        if let Some(removed) = removed {
            self.left(name, &removed);
        }
    }

    /// Removes all entries of a directory.
    pub(crate) fn clear(&self) {
        let names: Vec<String> = match &self.lock().body {
            Body::Directory { entries } => entries.keys().cloned().collect(),
            Body::File(_) | Body::Link(_) => Vec::new(),
        };
        names.iter().for_each(|name| self.remove(name));
    }

    /// An entry does not lead to a node any more.
    fn left(&self, name: &str, node: &Node) {
        self.store.give_back(ENTRY + name.len());
        let mut inner = node.lock();
        inner.links -= 1;
        if inner.links == 0 {
            inner.parent = Weak::new();
        }
        inner.changed = now();
    }
}

impl Inner {
    /// The bytes of a file.
    pub(crate) fn bytes(&mut self) -> Result<&mut Vec<u8>> {
        match &mut self.body {
            Body::File(bytes) => Ok(bytes),
            Body::Directory { .. } | Body::Link(_) => Err(Errno::BadF),
        }
    }

    /// Its bytes or entries have changed.
    pub(crate) fn touch(&mut self) {
        self.modified = now();
        self.changed = self.modified;
    }
}

impl Node {
    /// Takes out what it has, which costs nothing any more. Returns what was in a directory.
    fn emptied(&mut self) -> Vec<Arc<Node>> {
        let inner = self.inner.get_mut().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut inner.body, Body::File(Vec::new())) {
            Body::File(bytes) => self.store.give_back(bytes.len()),
            Body::Link(target) => self.store.give_back(target.len()),
            Body::Directory { entries } => {
                self.store.give_back(entries.keys().map(|name| ENTRY + name.len()).sum());
                return entries.into_values().collect();
            }
        }
        Vec::new()
    }
}

/// However deep a guest has made directories, the stack does not grow with them.
impl Drop for Node {
    fn drop(&mut self) {
        let mut left = self.emptied();
        while let Some(node) = left.pop() {
            if let Some(mut node) = Arc::into_inner(node) {
                left.extend(node.emptied());
            }
        }
    }
}
