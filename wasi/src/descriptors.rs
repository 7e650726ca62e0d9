//! A guest's descriptors: the table, and what each number stands for.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bitflags::bitflags;

use crate::errno::{Errno, Result};
use crate::file::{Directory, Entry, File, Opened, Socket};
use crate::flags::{FdFlags, Rights};
use crate::layout::FileType;
use crate::memory::LONGEST_PATH;

bitflags! {
    /// What a guest may do with a preopened directory, and with those beneath it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct DirPerms: u8 {
        /// Look at it: open, list, ask for attributes.
        const READ = 1;
        /// Create, rename and remove entries, and set their times.
        const MUTATE = 2;
    }

    /// What a guest may do with files in a preopened directory and beneath it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct FilePerms: u8 {
        /// Read them.
        const READ = 1;
        /// Write them, change their sizes and set their times.
        const WRITE = 2;
    }
}

/// Where a descriptor comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DescriptorKind {
    /// Standard input.
    Stdin,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// A directory that the guest was given.
    Preopen {
        /// The guest's name for it.
        name: String,
    },
    /// What the guest has opened.
    Opened {
        /// The name of the preopened directory.
        preopen: String,
        /// The path in it, by the names with which it was opened; `.` for the directory itself.
        path: String,
    },
    /// A listening socket that the guest was given.
    Listener,
    /// A connection, which the guest was given or has accepted.
    Connection,
}

/// One descriptor, for [`WasiCtx::descriptors`](crate::WasiCtx::descriptors).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescriptorInfo {
    /// The descriptor's number.
    pub number: u32,
    /// Where it comes from.
    pub kind: DescriptorKind,
    /// What it leads to.
    pub file_type: FileType,
    /// The position in a file, if it has one.
    pub offset: Option<u64>,
    /// How it reads and writes.
    pub flags: FdFlags,
    /// What may be done with it.
    pub rights_base: Rights,
    /// What may be done with what is opened beneath it.
    pub rights_inheriting: Rights,
    /// What the embedder allows with directories.
    pub dir_perms: DirPerms,
    /// What the embedder allows with files.
    pub file_perms: FilePerms,
}

/// What a descriptor's number stands for.
#[derive(Debug)]
pub(crate) struct Descriptor {
    pub(crate) opened: Opened,
    pub(crate) kind: DescriptorKind,
    pub(crate) dir_perms: DirPerms,
    pub(crate) file_perms: FilePerms,
    state: Mutex<State>,
}

/// What a guest can change of a descriptor.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) flags: FdFlags,
    pub(crate) base: Rights,
    pub(crate) inheriting: Rights,
    /// The entries that `fd_readdir` is in the middle of.
    pub(crate) listing: Option<Arc<[Entry]>>,
}

impl Descriptor {
    /// Something that is no directory, with all rights that it can have.
    pub(crate) fn of_file(kind: DescriptorKind, file: Arc<dyn File>, base: Rights, flags: FdFlags) -> Descriptor {
        let state = State { flags, base, inheriting: Rights::empty(), listing: None };
        let (dir_perms, file_perms) = (DirPerms::all(), FilePerms::all());
        Descriptor { opened: Opened::File(file), kind, dir_perms, file_perms, state: Mutex::new(state) }
    }

    /// A directory that the guest is given.
    pub(crate) fn preopen(
        name: String,
        directory: Arc<dyn Directory>,
        dir_perms: DirPerms,
        file_perms: FilePerms,
    ) -> Descriptor {
        let (base, inheriting) = (Rights::DIRECTORY, Rights::DIRECTORY | Rights::FILE);
        let state = State { flags: FdFlags::empty(), base, inheriting, listing: None };
        let (opened, kind) = (Opened::Directory(directory), DescriptorKind::Preopen { name });
        Descriptor { opened, kind, dir_perms, file_perms, state: Mutex::new(state) }
    }

    /// Where something at a path beneath this directory comes from. The whole path has a bound, as each directory could contain a link
    /// to itself.
    pub(crate) fn kind_beneath(&self, path: &str) -> Result<DescriptorKind> {
        let names = path.split('/').filter(|name| !matches!(*name, "" | "."));
        let (preopen, parent) = match &self.kind {
            DescriptorKind::Preopen { name } => (name, None),
            DescriptorKind::Opened { preopen, path } => (preopen, Some(path.as_str())),
            DescriptorKind::Stdin
            | DescriptorKind::Stdout
            | DescriptorKind::Stderr
            | DescriptorKind::Listener
            | DescriptorKind::Connection => return Err(Errno::NotDir),
        };
        let path = parent.into_iter().filter(|parent| *parent != ".").chain(names).collect::<Vec<_>>().join("/");
        if path.len() > LONGEST_PATH as usize {
            return Err(Errno::NameTooLong);
        }
        let path = if path.is_empty() { ".".to_owned() } else { path };
        Ok(DescriptorKind::Opened { preopen: preopen.clone(), path })
    }

    /// What was opened beneath this directory, for the rights that were asked for.
    pub(crate) fn beneath(&self, kind: DescriptorKind, opened: Opened, asked: Rights, flags: FdFlags) -> Descriptor {
        let parent = self.state().inheriting;
        let (base, inheriting) = match &opened {
            Opened::Directory(_) => (Rights::DIRECTORY & parent, parent),
            Opened::File(file) => {
                let most = if file.is_seekable() { Rights::FILE } else { Rights::STREAM };
                let unasked = (Rights::FD_READ | Rights::FD_WRITE) - asked;
                ((most & parent) - unasked, Rights::empty())
            }
        };
        let state = Mutex::new(State { flags, base, inheriting, listing: None });
        Descriptor { opened, kind, dir_perms: self.dir_perms, file_perms: self.file_perms, state }
    }

    /// Another descriptor of the same, whose state is its own.
    pub(crate) fn again(&self) -> Descriptor {
        let Descriptor { opened, kind, dir_perms, file_perms, state: _ } = self;
        let state = Mutex::new(self.state().clone());
        Descriptor { opened: opened.clone(), kind: kind.clone(), dir_perms: *dir_perms, file_perms: *file_perms, state }
    }

    /// What the guest can change. Only for a moment: other threads wait.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // Every change is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn flags(&self) -> FdFlags {
        self.state().flags
    }

    /// Whether the guest has not given up some rights.
    pub(crate) fn require(&self, rights: Rights) -> Result<()> {
        let missing = rights - self.state().base;
        if missing.is_empty() {
            Ok(())
        } else if missing.intersects(Rights::FD_READ | Rights::FD_WRITE) {
            // As for a descriptor that was not opened for it.
            Err(Errno::BadF)
        } else {
            Err(Errno::NotCapable)
        }
    }

    /// The file, for what needs some rights.
    pub(crate) fn file(&self, rights: Rights) -> Result<&dyn File> {
        let Opened::File(file) = &self.opened else { return Err(Errno::BadF) };
        self.require(rights)?;
        Ok(&**file)
    }

    /// The directory, for what needs some rights.
    pub(crate) fn directory(&self, rights: Rights) -> Result<&dyn Directory> {
        let Opened::Directory(directory) = &self.opened else { return Err(Errno::NotDir) };
        self.require(rights)?;
        if self.dir_perms.contains(DirPerms::READ) { Ok(&**directory) } else { Err(Errno::Perm) }
    }

    /// The directory, for what changes it.
    pub(crate) fn changed_directory(&self, rights: Rights) -> Result<&dyn Directory> {
        let directory = self.directory(rights)?;
        if self.dir_perms.contains(DirPerms::MUTATE) { Ok(directory) } else { Err(Errno::Perm) }
    }

    /// The file, for what changes its attributes.
    pub(crate) fn changed_file(&self, rights: Rights) -> Result<&dyn File> {
        let file = self.file(rights)?;
        if self.file_perms.contains(FilePerms::WRITE) { Ok(file) } else { Err(Errno::Perm) }
    }

    /// The socket.
    pub(crate) fn socket(&self, rights: Rights) -> Result<&dyn Socket> {
        let Opened::File(file) = &self.opened else { return Err(Errno::NotSock) };
        let socket = file.as_socket().ok_or(Errno::NotSock)?;
        self.require(rights)?;
        Ok(socket)
    }

    pub(crate) fn file_type(&self) -> Result<FileType> {
        match &self.opened {
            Opened::File(file) => file.file_type(),
            Opened::Directory(_) => Ok(FileType::Directory),
        }
    }

    fn info(&self, number: u32) -> DescriptorInfo {
        let state = self.state().clone();
        DescriptorInfo {
            number,
            kind: self.kind.clone(),
            file_type: self.file_type().unwrap_or(FileType::Unknown),
            offset: match &self.opened {
                Opened::File(file) if file.is_seekable() => file.seek(std::io::SeekFrom::Current(0)).ok(),
                Opened::File(_) | Opened::Directory(_) => None,
            },
            flags: state.flags,
            rights_base: state.base,
            rights_inheriting: state.inheriting,
            dir_perms: self.dir_perms,
            file_perms: self.file_perms,
        }
    }
}

/// The descriptors of a guest, by their numbers. A thread that uses one keeps it although another closes it.
#[derive(Debug)]
pub(crate) struct Table {
    slots: Mutex<Vec<Option<Arc<Descriptor>>>>,
    /// The most numbers that may be in use.
    most: usize,
    /// Those that keep the entries of a listing, in the order in which they were used for it.
    listings: Mutex<VecDeque<Weak<Descriptor>>>,
}

/// The most descriptors that keep the entries of a listing. A guest could begin one with each that it has, of a large directory.
const MOST_LISTINGS: usize = 8;

impl Table {
    pub(crate) fn new(first: Vec<Arc<Descriptor>>, most: usize) -> Table {
        let most = most.max(first.len());
        Table { slots: Mutex::new(first.into_iter().map(Some).collect()), most, listings: Mutex::default() }
    }

    /// The most numbers that may be in use.
    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// Has these descriptors, in the order of their numbers, instead of those that it has.
    pub(crate) fn replace(&self, descriptors: Vec<(u32, Arc<Descriptor>)>) {
        let mut slots = Vec::new();
        for (number, descriptor) in descriptors {
            slots.resize(number as usize, None);
            slots.push(Some(descriptor));
        }
        let closed = std::mem::replace(&mut *self.slots(), slots);
        drop(closed);
    }

    fn slots(&self) -> MutexGuard<'_, Vec<Option<Arc<Descriptor>>>> {
        // Every change is whole.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, number: u32) -> Result<Arc<Descriptor>> {
        self.slots().get(number as usize).and_then(Clone::clone).ok_or(Errno::BadF)
    }

    /// Fails if there is no number for another.
    pub(crate) fn room(&self) -> Result<()> {
        free(&self.slots(), self.most).map(drop)
    }

    /// Gives a descriptor the least number that is free.
    pub(crate) fn insert(&self, descriptor: Descriptor) -> Result<u32> {
        let mut slots = self.slots();
        let number = free(&slots, self.most)?;
        if number == slots.len() {
            slots.push(None);
        }
        slots[number] = Some(Arc::new(descriptor));
        Ok(number as u32)
    }

    pub(crate) fn close(&self, number: u32) -> Result<()> {
        // What closing does, it does without the lock.
        let closed = self.slots().get_mut(number as usize).and_then(Option::take);
        closed.map(drop).ok_or(Errno::BadF)
    }

    /// Gives a descriptor the number of another, which is closed.
    pub(crate) fn renumber(&self, from: u32, to: u32) -> Result<()> {
        let (from, to) = (from as usize, to as usize);
        let mut slots = self.slots();
        if ![from, to].iter().all(|&it| slots.get(it).is_some_and(Option::is_some)) {
            return Err(Errno::BadF);
        }
        if from == to {
            return Ok(());
        }
        let moved = slots[from].take();
        let closed = std::mem::replace(&mut slots[to], moved);
        drop(slots);
        drop(closed);
        Ok(())
    }

    /// Notes that a descriptor keeps the entries of a listing. If too many do, one that was not used for the longest time does not any
    /// more: its entries are read again.
    pub(crate) fn keeps_listing(&self, descriptor: &Arc<Descriptor>) {
        let mut listings = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
        listings.retain(|other| !std::ptr::eq(other.as_ptr(), Arc::as_ptr(descriptor)));
        listings.push_back(Arc::downgrade(descriptor));
        let oldest = if listings.len() > MOST_LISTINGS { listings.pop_front() } else { None };
        drop(listings);
        if let Some(oldest) = oldest.and_then(|oldest| oldest.upgrade()) {
            oldest.state().listing = None;
        }
    }

    /// All descriptors, by their numbers.
    pub(crate) fn all(&self) -> Vec<(u32, Arc<Descriptor>)> {
        let slots = self.slots().clone();
        (0..).zip(slots).filter_map(|(number, slot)| slot.map(|descriptor| (number, descriptor))).collect()
    }

    pub(crate) fn infos(&self) -> Vec<DescriptorInfo> {
        self.all().into_iter().map(|(number, descriptor)| descriptor.info(number)).collect()
    }
}

/// The least number that is free.
fn free(slots: &[Option<Arc<Descriptor>>], most: usize) -> Result<usize> {
    let number = slots.iter().position(Option::is_none).unwrap_or(slots.len());
    if number < most { Ok(number) } else { Err(Errno::MFile) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::Own;

    fn descriptor() -> Descriptor {
        let file = Arc::new(Own::input(std::io::empty()));
        Descriptor::of_file(DescriptorKind::Stdin, file, Rights::FD_READ, FdFlags::empty())
    }

    #[test]
    fn numbers_are_the_least_and_end() {
        let table = Table::new(vec![Arc::new(descriptor()), Arc::new(descriptor())], 3);
        assert_eq!(table.insert(descriptor()), Ok(2));
        assert_eq!((table.room(), table.insert(descriptor())), (Err(Errno::MFile), Err(Errno::MFile)));
        assert_eq!((table.close(1), table.close(1), table.close(7)), (Ok(()), Err(Errno::BadF), Err(Errno::BadF)));
        assert_eq!((table.room(), table.insert(descriptor())), (Ok(()), Ok(1)));
        assert_eq!((table.renumber(0, 1), table.renumber(0, 1)), (Ok(()), Err(Errno::BadF)));
        assert_eq!((table.renumber(1, 1), table.renumber(1, 9)), (Ok(()), Err(Errno::BadF)));
        assert_eq!(table.infos().iter().map(|it| it.number).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn what_was_given_up_is_missed() {
        let descriptor = descriptor();
        assert!(descriptor.file(Rights::FD_READ).is_ok());
        descriptor.state().base = Rights::empty();
        assert_eq!(descriptor.file(Rights::FD_READ).err(), Some(Errno::BadF));
        assert_eq!(descriptor.file(Rights::FD_SYNC).err(), Some(Errno::NotCapable));
        assert_eq!(descriptor.directory(Rights::empty()).err(), Some(Errno::NotDir));
        assert_eq!(descriptor.socket(Rights::empty()).err(), Some(Errno::NotSock));
    }
}
