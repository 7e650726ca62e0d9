//! From a state to a context.

use std::io::SeekFrom;
use std::sync::Arc;

use super::{FilePlace, SavedClocks, SavedDescriptor, SavedRandom, SavedTarget, WasiSnapshot, WasiSnapshotError};
use crate::calls::path::may_open;
use crate::context::{State, WasiCtx};
use crate::descriptors::{Descriptor, DescriptorKind};
use crate::errno::Errno;
use crate::file::{Open, Opened};
use crate::flags::{FdFlags, OFlags, Rights};
use crate::layout::FileType;
use crate::memory_fs::MemoryFs;
use crate::slashes;

type Result<T> = std::result::Result<T, WasiSnapshotError>;

impl WasiSnapshot {
    /// Gives a new context, which no guest has used, the descriptors, clocks and random bytes of this state. The context has to have
    /// directories of the names that the guest knows ([`WasiSnapshot::directories`]); others that it has are closed, as its sockets are.
    ///
    /// Files are opened again by their paths, under the directory that has the name now. Nothing is created and nothing is cut. Files in
    /// memory are those of the snapshot, whatever the file system of the context has.
    ///
    /// # Errors
    ///
    /// If a directory is missing, a file cannot be opened, or is shorter than the guest's position in it; see [`WasiSnapshotError`].
    /// The context is of no use then.
    pub fn restore(&self, ctx: &WasiCtx) -> Result<()> {
        let state = &*ctx.state;
        self.set_sources(state)?;
        let preopens = self.preopens(state)?;
        self.fill(&preopens)?;
        let mut descriptors = Vec::with_capacity(self.descriptors.len());
        for saved in &self.descriptors {
            if saved.number as usize >= state.table.most() {
                return Err(WasiSnapshotError::TooMany(saved.number));
            }
            descriptors.push((saved.number, Arc::new(descriptor(state, &preopens, saved)?)));
        }
        state.table.replace(descriptors);
        Ok(())
    }

    /// Sets clocks and random bytes.
    fn set_sources(&self, state: &State) -> Result<()> {
        let is_set = match self.clocks {
            SavedClocks::Real { monotonic } => state.clocks.go_on_from(monotonic),
            SavedClocks::Deterministic { now, step } => state.clocks.set_deterministic(now, step),
        };
        if !is_set {
            return Err(WasiSnapshotError::Clocks);
        }
        match self.random {
            SavedRandom::Seeded(seed) if !state.random.set_seed(seed) => Err(WasiSnapshotError::Random),
            SavedRandom::Seeded(_) | SavedRandom::System | SavedRandom::Own => Ok(()),
        }
    }

    /// For each directory of the snapshot, the one of the context: those of the same name in their order.
    fn preopens<'a>(&self, state: &'a State) -> Result<Vec<&'a Arc<Descriptor>>> {
        let mut used = vec![false; state.preopens.len()];
        let find = |name: &String| {
            let kind = DescriptorKind::Preopen { name: name.clone() };
            let at = (0..used.len()).find(|&at| !used[at] && state.preopens[at].kind == kind);
            let at = at.ok_or_else(|| WasiSnapshotError::NoDirectory(name.clone()))?;
            used[at] = true;
            Ok(&state.preopens[at])
        };
        self.directories.iter().map(|directory| &directory.name).map(find).collect()
    }

    /// Fills file systems in memory.
    fn fill(&self, preopens: &[&Arc<Descriptor>]) -> Result<()> {
        let mut filled: Vec<(u32, MemoryFs)> = Vec::new();
        for (saved, preopen) in self.directories.iter().zip(preopens) {
            let Some(number) = saved.tree else { continue };
            let system = match &preopen.opened {
                Opened::Directory(directory) => MemoryFs::of(&**directory),
                Opened::File(_) => None,
            };
            let system = system.ok_or_else(|| WasiSnapshotError::NotInMemory(saved.name.clone()))?;
            let same = |(other, fs): &(u32, MemoryFs)| (*other == number, fs.is(&system));
            match filled.iter().map(same).find(|same| *same != (false, false)) {
                Some((true, true)) => {}
                // One file system became two, or two became one.
                Some(_) => return Err(WasiSnapshotError::NotInMemory(saved.name.clone())),
                None => {
                    let set = system.set_tree(&self.trees[number as usize]);
                    set.map_err(|_| WasiSnapshotError::NoRoom(saved.name.clone()))?;
                    filled.push((number, system));
                }
            }
        }
        Ok(())
    }
}

fn descriptor(state: &State, preopens: &[&Arc<Descriptor>], saved: &SavedDescriptor) -> Result<Descriptor> {
    let (most, flags) = match &saved.target {
        SavedTarget::Stdin => (stream(state, DescriptorKind::Stdin)?, FdFlags::SETTABLE),
        SavedTarget::Stdout => (stream(state, DescriptorKind::Stdout)?, FdFlags::SETTABLE),
        SavedTarget::Stderr => (stream(state, DescriptorKind::Stderr)?, FdFlags::SETTABLE),
        SavedTarget::Directory(number) => (preopens[*number as usize].again(), FdFlags::empty()),
        SavedTarget::Opened { directory, path, file_type, offset, size } => {
            let preopen = preopens[*directory as usize];
            let DescriptorKind::Preopen { name } = &preopen.kind else { return Err(WasiSnapshotError::Used) };
            let place = FilePlace { descriptor: saved.number, directory: name.clone(), path: path.clone() };
            let opened = match open(preopen, saved, path, *file_type) {
                Ok(opened) => opened,
                Err(errno) => return Err(WasiSnapshotError::cannot_open(place, errno)),
            };
            set_position(&opened, saved, (*offset, *size), place)?;
            (opened, FdFlags::all())
        }
    };
    let is_directory = matches!(most.opened, Opened::Directory(_));
    {
        let mut own = most.state();
        let fits = own.base.contains(saved.rights_base)
            && own.inheriting.contains(saved.rights_inheriting)
            && flags.contains(saved.flags)
            && (is_directory || saved.listing.is_none());
        if !fits {
            return Err(WasiSnapshotError::Rights(saved.number));
        }
        (own.base, own.inheriting, own.flags) = (saved.rights_base, saved.rights_inheriting, saved.flags);
        own.listing = saved.listing.clone().map(Arc::from);
    }
    Ok(most)
}

/// A standard stream of the context.
fn stream(state: &State, kind: DescriptorKind) -> Result<Descriptor> {
    let all = state.table.all();
    let found = all.iter().find(|(_, descriptor)| descriptor.kind == kind);
    found.map(|(_, descriptor)| descriptor.again()).ok_or(WasiSnapshotError::Used)
}

/// Opens what the guest had open, as `path_open` would, but creates and cuts nothing.
fn open(preopen: &Descriptor, saved: &SavedDescriptor, path: &str, ty: FileType) -> crate::errno::Result<Descriptor> {
    let asked = saved.rights_base & (Rights::FD_READ | Rights::FD_WRITE);
    let is_directory = ty == FileType::Directory;
    let how = Open {
        follow: true,
        oflags: if is_directory { OFlags::DIRECTORY } else { OFlags::empty() },
        read: asked.contains(Rights::FD_READ),
        write: asked.contains(Rights::FD_WRITE),
        flags: saved.flags,
    };
    let directory = preopen.directory(Rights::PATH_OPEN)?;
    may_open(preopen, how)?;
    // A pipe in the place of a file would have to be waited for.
    let there = slashes::stat_at(directory, path, true)?.ty;
    if there != ty {
        return Err(match (there, is_directory) {
            (_, true) => Errno::NotDir,
            (FileType::Directory, false) => Errno::IsDir,
            (_, false) => Errno::BadF,
        });
    }
    let kind = preopen.kind_beneath(path)?;
    let opened = slashes::open(directory, path, how)?;
    Ok(preopen.beneath(kind, opened, asked, how.flags))
}

/// Sets the position in a file to what it was, unless the file ends before.
fn set_position(
    descriptor: &Descriptor,
    saved: &SavedDescriptor,
    (offset, old_size): (u64, u64),
    place: FilePlace,
) -> Result<()> {
    let Opened::File(file) = &descriptor.opened else { return Ok(()) };
    if !file.is_seekable() {
        return Ok(());
    }
    let size = match file.stat() {
        Ok(stat) => stat.size,
        Err(errno) => return Err(WasiSnapshotError::cannot_open(place, errno)),
    };
    // Who only appends does not mind.
    let only_appends = saved.flags.contains(FdFlags::APPEND) && !saved.rights_base.contains(Rights::FD_READ);
    // A position behind the end is one that the guest has chosen.
    let was_within = offset <= old_size;
    if was_within && offset > size && !only_appends {
        return Err(WasiSnapshotError::Shorter { place, offset, size });
    }
    match file.seek(SeekFrom::Start(offset)) {
        Ok(_) => Ok(()),
        Err(errno) => Err(WasiSnapshotError::cannot_open(place, errno)),
    }
}
