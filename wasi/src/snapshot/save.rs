//! From a context to its state.

use std::io::SeekFrom;
use std::sync::Arc;

use super::{
    FilePlace, SavedClocks, SavedDescriptor, SavedDirectory, SavedRandom, SavedTarget, WasiSnapshot, WasiSnapshotError,
};
use crate::clock::{Clock, ClockState};
use crate::context::{State, WasiCtx};
use crate::descriptors::{Descriptor, DescriptorKind};
use crate::file::Opened;
use crate::memory_fs::MemoryFs;
use crate::random::RandomState;
use crate::slashes;

impl WasiCtx {
    /// The guest's state, between two calls of a guest that has one thread, as something that can be stored.
    ///
    /// Not part of it are the host's directories, what standard streams have in buffers, and how much of standard input was read.
    ///
    /// # Errors
    ///
    /// If the guest has something that cannot be stored: a socket; a file that is not at its path any more; a pipe.
    pub fn snapshot(&self) -> Result<WasiSnapshot, WasiSnapshotError> {
        let state = &*self.state;
        let clocks = match state.clocks.state() {
            ClockState::Real { .. } => SavedClocks::Real { monotonic: state.clocks.now(Clock::Monotonic) },
            ClockState::Deterministic { now, step } => SavedClocks::Deterministic { now, step },
        };
        let random = match state.random.state() {
            RandomState::System => SavedRandom::System,
            RandomState::Seeded(seed) => SavedRandom::Seeded(seed),
            RandomState::Own => SavedRandom::Own,
        };
        let mut systems: Vec<MemoryFs> = Vec::new();
        let mut directories = Vec::with_capacity(state.preopens.len());
        for preopen in &state.preopens {
            let (DescriptorKind::Preopen { name }, Opened::Directory(directory)) = (&preopen.kind, &preopen.opened)
            else {
                continue;
            };
            let tree = MemoryFs::of(&**directory).map(|system| {
                let known = systems.iter().position(|other| other.is(&system));
                known.unwrap_or_else(|| {
                    systems.push(system);
                    systems.len() - 1
                }) as u32
            });
            directories.push(SavedDirectory { name: name.clone(), tree });
        }
        let descriptors = state.table.all();
        let descriptors =
            descriptors.iter().map(|(number, it)| save(state, *number, it)).collect::<Result<Vec<_>, _>>()?;
        let trees = systems.iter().map(MemoryFs::tree).collect();
        let (args, env) = (state.args.clone(), state.env.clone());
        Ok(WasiSnapshot { args, env, clocks, random, directories, descriptors, trees })
    }
}

/// A descriptor as it is stored.
fn save(state: &State, number: u32, descriptor: &Descriptor) -> Result<SavedDescriptor, WasiSnapshotError> {
    let target = match &descriptor.kind {
        DescriptorKind::Stdin => SavedTarget::Stdin,
        DescriptorKind::Stdout => SavedTarget::Stdout,
        DescriptorKind::Stderr => SavedTarget::Stderr,
        DescriptorKind::Listener | DescriptorKind::Connection => return Err(WasiSnapshotError::Socket(number)),
        DescriptorKind::Preopen { name } => {
            let found = state.preopens.iter().position(|it| is_same(&it.opened, &descriptor.opened));
            let found = found.ok_or_else(|| WasiSnapshotError::NoDirectory(name.clone()))?;
            SavedTarget::Directory(found as u32)
        }
        DescriptorKind::Opened { preopen, path } => {
            let directory = named(state, preopen)?;
            let place = FilePlace { descriptor: number, directory: preopen.clone(), path: path.clone() };
            opened(state, descriptor, directory, place)?
        }
    };
    let own = descriptor.state().clone();
    Ok(SavedDescriptor {
        number,
        flags: own.flags,
        rights_base: own.base,
        rights_inheriting: own.inheriting,
        target,
        listing: own.listing.map(|listing| listing.to_vec()),
    })
}

/// Whether two descriptors lead to one open directory.
fn is_same(one: &Opened, other: &Opened) -> bool {
    match (one, other) {
        (Opened::Directory(one), Opened::Directory(other)) => Arc::ptr_eq(one, other),
        (Opened::File(_), _) | (_, Opened::File(_)) => false,
    }
}

/// The number of the preopened directory of a name, which only one has.
fn named(state: &State, name: &str) -> Result<u32, WasiSnapshotError> {
    let kind = DescriptorKind::Preopen { name: name.to_owned() };
    let mut found = (0..).zip(&state.preopens).filter(|(_, it)| it.kind == kind).map(|(at, _)| at);
    match (found.next(), found.next()) {
        (Some(at), None) => Ok(at),
        (Some(_), Some(_)) => Err(WasiSnapshotError::SameName(name.to_owned())),
        (None, _) => Err(WasiSnapshotError::NoDirectory(name.to_owned())),
    }
}

/// What a guest has opened, if it is still where it was.
fn opened(
    state: &State,
    descriptor: &Descriptor,
    directory: u32,
    place: FilePlace,
) -> Result<SavedTarget, WasiSnapshotError> {
    let (stat, offset) = match &descriptor.opened {
        Opened::Directory(it) => (it.stat(), 0),
        Opened::File(file) if file.is_seekable() => (file.stat(), file.seek(SeekFrom::Current(0)).unwrap_or(0)),
        Opened::File(file) => (file.stat(), 0),
    };
    let Opened::Directory(root) = &state.preopens[directory as usize].opened else {
        return Err(WasiSnapshotError::NoFile(place));
    };
    let Ok(stat) = stat else { return Err(WasiSnapshotError::Gone(place)) };
    if !stat.ty.can_be_opened_again() {
        return Err(WasiSnapshotError::NoFile(place));
    }
    match slashes::stat_at(&**root, &place.path, true) {
        Ok(there) if (there.device, there.inode) == (stat.device, stat.inode) => {
            Ok(SavedTarget::Opened { directory, path: place.path, file_type: stat.ty, offset, size: stat.size })
        }
        Ok(_) | Err(_) => Err(WasiSnapshotError::Gone(place)),
    }
}
