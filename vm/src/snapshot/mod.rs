//! Snapshots: a program that is stopped at a safepoint, in terms of WebAssembly's state.
//!
//! A [`Snapshot`] has what the specification's configuration of the program has (core spec, section 4.2): the frames with their
//! locals and operands, memories, tables, globals, exceptions, which segments are dropped, and the fuel that is left. There is nothing of
//! addresses, slots, instructions or tiers in it. So any mode and any build can go on with it. The book specifies the format of
//! its bytes (`docs/src/snapshot-format.md`).
//!
//! * `request.rs`: how a store is asked for a snapshot, and a poll that finds the request
//! * `capture.rs`: from the frames of running code to a snapshot
//! * `image.rs`, `value.rs`: memories, tables and values
//! * `extern_codec.rs`: values of the host
//! * `write.rs`, `read.rs`: bytes
//! * `restore.rs`, `references.rs`, `frames.rs`: from a snapshot to an instance, and to frames that go on
//! * `sealed.rs`: memories that restored instances share until they write them
//!
//! # How it works
//!
//! The innermost frame polls, so its state is canonical. Each other frame is at a call. Its locals are in their slots there, and
//! a [`FrameMap`](riser_translator::frame_map::FrameMap) says where its operands are. Compiled code keeps a copy of such a frame
//! ([`FrameValues::Copy`](riser_tiers_core::FrameValues::Copy)). Restored frames are those of the register
//! interpreter, in every mode.
//!
//! # Who is trusted
//!
//! Nobody who wrote the bytes: reading checks their form, and restoring checks everything against the module. Positions have to
//! be safepoints and calls, types those of the validator, and each frame one that its caller can have called.

mod capture;
mod error;
mod extern_codec;
mod frames;
mod image;
mod read;
mod references;
mod request;
mod restore;
mod sealed;
mod value;
mod write;

use riser_translator::module::ModuleInfo;
use riser_translator::safepoint::SafepointKind;
use riser_translator::{FuncIndex, TagIndex, ValType};
use sha2::{Digest, Sha256};

pub(crate) use capture::idle;
pub use error::{Place, SnapshotError};
pub(crate) use extern_codec::ExternCodec;
pub use image::{Block, MemoryImage, TableImage, TableRun};
pub use request::SnapshotRequests;
pub(crate) use request::{Snapshots, pass};
pub use restore::Restored;
pub use value::StoredValue;

/// A snapshot of a program: one that is stopped at a safepoint ([`Store::on_snapshot`](crate::Store::on_snapshot)), or an instance that is
/// between two calls ([`Instance::snapshot`](crate::Instance::snapshot)), without frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    module: ModuleId,
    code: Option<Vec<u8>>,
    externs: Vec<Vec<u8>>,
    exceptions: Vec<StoredException>,
    frames: Vec<StoredFrame>,
    globals: Vec<StoredValue>,
    tables: Vec<TableImage>,
    memories: Vec<MemoryImage>,
    dropped_data: Vec<bool>,
    dropped_elements: Vec<bool>,
    fuel: Option<u64>,
    sections: Vec<(String, Vec<u8>)>,
    sealed: sealed::Sealed,
}

/// What a snapshot says of the module that its program is an instance of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleId {
    /// The SHA-256 of the module's binary format.
    pub sha256: [u8; 32],
    /// Its length in bytes.
    pub len: u64,
    /// The names of the proposals that it was validated with, beyond the first version of WebAssembly.
    pub features: Vec<String>,
}

impl ModuleId {
    /// That of a module. To compute it, all of the module is read.
    pub(crate) fn of(info: &ModuleInfo) -> ModuleId {
        let features = info.features.iter().map(|proposal| proposal.name().to_owned()).collect();
        ModuleId { sha256: Sha256::digest(&*info.bytes).into(), len: info.bytes.len() as u64, features }
    }
}

/// Where a frame is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// At a safepoint. The innermost frame, and no other, is at one.
    Safepoint(SafepointKind),
    /// At a call, which has not returned yet. The call's arguments are not among the operands.
    Call,
}

/// A frame of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFrame {
    /// The function.
    pub function: FuncIndex,
    /// The position, in bytes from the start of the module: of the body's first operator at the entry, else of the operator.
    pub offset: u32,
    /// What is there.
    pub stop: Stop,
    /// The locals, parameters first.
    pub locals: Vec<StoredValue>,
    /// The operand stack, from the bottom.
    pub operands: Vec<StoredValue>,
}

/// An exception of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredException {
    /// The tag.
    pub tag: TagIndex,
    /// The values that it carries. They refer only to exceptions with smaller numbers.
    pub payload: Vec<StoredValue>,
}

impl Snapshot {
    /// The module.
    pub fn module(&self) -> &ModuleId {
        &self.module
    }

    /// The module's binary format, if the snapshot contains it.
    pub fn code(&self) -> Option<&[u8]> {
        self.code.as_deref()
    }

    /// Makes the snapshot contain the module's binary format, so that nobody has to look for it.
    ///
    /// # Errors
    ///
    /// If the bytes are not the module's.
    pub fn set_code(&mut self, code: Option<Vec<u8>>) -> Result<(), SnapshotError> {
        if let Some(code) = &code {
            self.check_code(code)?;
        }
        self.code = code;
        Ok(())
    }

    fn check_code(&self, code: &[u8]) -> Result<(), SnapshotError> {
        if Sha256::digest(code).as_slice() != self.module.sha256 {
            return Err(SnapshotError::OtherModule);
        }
        Ok(())
    }

    /// The values of the host that something refers to, as bytes ([`crate::Store::set_extern_codec`]), in the order in which the store got
    /// them. References have their numbers, from 0.
    pub fn externs(&self) -> &[Vec<u8>] {
        &self.externs
    }

    /// The exceptions that something refers to, in the order in which they were made. References have their numbers, from 0.
    pub fn exceptions(&self) -> &[StoredException] {
        &self.exceptions
    }

    /// Puts values of the host and exceptions in these orders, of the numbers that they have.
    fn put_in_order(&mut self, externs: &[usize], exceptions: &[usize]) {
        let externs = reordered(&mut self.externs, externs);
        let exceptions = reordered(&mut self.exceptions, exceptions);
        let of_frames = self.frames.iter_mut().flat_map(|frame| frame.locals.iter_mut().chain(&mut frame.operands));
        let of_payloads = self.exceptions.iter_mut().flat_map(|exception| &mut exception.payload);
        for value in of_frames.chain(&mut self.globals).chain(of_payloads) {
            if let StoredValue::ExternRef(Some(number)) = value {
                *number = externs[*number as usize];
            } else if let StoredValue::ExnRef(Some(number)) = value {
                *number = exceptions[*number as usize];
            }
        }
        for table in &mut self.tables {
            let numbers = match table.element {
                ValType::ExternRef => &externs,
                ValType::ExnRef => &exceptions,
                ValType::FuncRef | ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 => {
                    continue;
                }
            };
            for number in table.runs.iter_mut().flat_map(|run| &mut run.references) {
                *number = numbers[*number as usize];
            }
        }
    }

    /// The frames, the outermost first; none if the instance was not running.
    pub fn frames(&self) -> &[StoredFrame] {
        &self.frames
    }

    /// The globals of the module's index space.
    pub fn globals(&self) -> &[StoredValue] {
        &self.globals
    }

    /// The tables of the module's index space.
    pub fn tables(&self) -> &[TableImage] {
        &self.tables
    }

    /// The memories of the module's index space.
    pub fn memories(&self) -> &[MemoryImage] {
        &self.memories
    }

    /// For each data segment, whether it has no bytes left.
    pub fn dropped_data(&self) -> &[bool] {
        &self.dropped_data
    }

    /// For each element segment, whether it has no elements left.
    pub fn dropped_elements(&self) -> &[bool] {
        &self.dropped_elements
    }

    /// The fuel that was left, if fuel was consumed.
    pub fn fuel(&self) -> Option<u64> {
        self.fuel
    }

    /// The host's sections: names and contents, in the order in which they were added.
    pub fn sections(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> {
        self.sections.iter().map(|(name, bytes)| (&**name, &**bytes))
    }

    /// The host's section with a name.
    pub fn section(&self, name: &str) -> Option<&[u8]> {
        self.sections().find_map(|(other, bytes)| (other == name).then_some(bytes))
    }

    /// The most bytes of the name of the host's section.
    pub const MOST_SECTION_NAME_BYTES: usize = 200;

    /// Sets a section of the host, for the state of host functions. Its name says who understands it.
    ///
    /// # Panics
    ///
    /// If the name is longer than [`Snapshot::MOST_SECTION_NAME_BYTES`].
    pub fn set_section(&mut self, name: &str, bytes: Vec<u8>) {
        let most = Snapshot::MOST_SECTION_NAME_BYTES;
        assert!(name.len() <= most, "the name of a section has at most {most} bytes");
        match self.sections.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => *old = bytes,
            None => self.sections.push((name.to_owned(), bytes)),
        }
    }
}

/// Puts items in an order, of where they are. Returns for each of these places where the item is then.
fn reordered<T>(items: &mut Vec<T>, order: &[usize]) -> Vec<u32> {
    let mut numbers = vec![0; order.len()];
    let mut before: Vec<Option<T>> = std::mem::take(items).into_iter().map(Some).collect();
    for (number, &at) in (0..).zip(order) {
        numbers[at] = number;
        items.extend(before[at].take());
    }
    numbers
}
