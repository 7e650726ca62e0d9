//! Why there is no snapshot, or why one cannot be used.

use std::fmt;

use riser_translator::{FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TagIndex, TranslateError};

/// The place of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A local or an operand of a frame of this function.
    Frame(FuncIndex),
    /// A global.
    Global(GlobalIndex),
    /// An element of a table.
    Table(TableIndex, u64),
    /// What an exception of this tag carries.
    Payload(TagIndex),
}

/// Why there is no snapshot, or why one cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SnapshotError {
    /// A frame of this function belongs to compiled code, of this mode, in an engine without [`crate::Config::snapshots`].
    CompiledFrame {
        /// The function.
        function: FuncIndex,
        /// The mode of the instance.
        mode: &'static str,
    },
    /// Frames lie below those of the innermost call of the host: a host function has called wasm, or a call is suspended.
    FramesBelow {
        /// The outermost function above them.
        function: FuncIndex,
    },
    /// Code of the store runs, or a call of it is suspended, so an instance is not between two calls.
    Running,
    /// The store has this number of instances. There can be a snapshot of one.
    Instances(usize),
    /// A memory is shared between threads.
    SharedMemory(MemoryIndex),
    /// A value of the host, in a store without [`crate::Store::set_extern_codec`].
    HostValue(Place),
    /// The host cannot make bytes of a value of its own.
    Encoding {
        /// The place of a reference to the value.
        place: Place,
        /// Why.
        why: String,
    },
    /// A reference to an exception whose tag is not in the module's index space.
    ForeignTag(Place),
    /// A constant global refers to an exception or a value of the host, which whoever provides it has made.
    Constant(GlobalIndex),
    /// A reference to a function that is not in the module's index space.
    ForeignFunction(Place),
    /// A body cannot be translated again, which says this.
    Translation(String),
    /// The bytes are not those of a snapshot.
    Malformed {
        /// Where, from the start of the bytes.
        at: usize,
        /// Why.
        why: String,
    },
    /// The snapshot is one of another module.
    OtherModule,
    /// The snapshot does not fit the module, or the imports that it gets.
    Mismatch(String),
}

impl SnapshotError {
    pub(super) fn mismatch(why: impl Into<String>) -> SnapshotError {
        SnapshotError::Mismatch(why.into())
    }
}

impl From<TranslateError> for SnapshotError {
    fn from(error: TranslateError) -> SnapshotError {
        SnapshotError::Translation(error.to_string())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Frame(function) => write!(f, "a frame of function {function}"),
            Place::Global(index) => write!(f, "global {index}"),
            Place::Table(index, at) => write!(f, "element {at} of table {index}"),
            Place::Payload(tag) => write!(f, "an exception of tag {tag}"),
        }
    }
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SnapshotError::CompiledFrame { function, mode } => write!(
                f,
                "cannot take a snapshot: a frame of function {function} belongs to compiled code (mode {mode}), which keeps \
                 what snapshots need only if `Config::snapshots` is set"
            ),
            SnapshotError::FramesBelow { function } => write!(
                f,
                "cannot take a snapshot: below function {function} there is a host function or a call that is suspended, whose \
                 state only the host knows"
            ),
            SnapshotError::Running => f.write_str(
                "cannot take a snapshot of the instance: code of its store runs, or is suspended; `Store::on_snapshot` can",
            ),
            SnapshotError::Instances(count) => {
                write!(f, "cannot take a snapshot: the store has {count} instances, and a snapshot is of one")
            }
            SnapshotError::SharedMemory(index) => write!(f, "cannot take a snapshot: memory {index} is shared"),
            SnapshotError::HostValue(place) => {
                write!(
                    f,
                    "cannot take a snapshot: {place} holds an externref, whose value only the host knows \
                     (`Store::set_extern_codec`)"
                )
            }
            SnapshotError::Encoding { place, why } => {
                write!(f, "cannot take a snapshot: {place} holds an externref, whose value cannot be stored: {why}")
            }
            SnapshotError::ForeignTag(place) => {
                write!(f, "cannot take a snapshot: {place} refers to an exception whose tag the module does not know")
            }
            SnapshotError::Constant(index) => write!(
                f,
                "cannot take a snapshot: global {index} is constant and refers to an exception or a value of the host, which \
                 only whoever provides it can make"
            ),
            SnapshotError::ForeignFunction(place) => {
                write!(f, "cannot take a snapshot: {place} refers to a function that the module does not know")
            }
            SnapshotError::Translation(why) => write!(f, "cannot translate a function again: {why}"),
            SnapshotError::Malformed { at, why } => write!(f, "malformed snapshot: {why} (at byte {at:#x})"),
            SnapshotError::OtherModule => f.write_str("the snapshot is one of another module"),
            SnapshotError::Mismatch(why) => write!(f, "the snapshot does not fit: {why}"),
        }
    }
}

impl std::error::Error for SnapshotError {}
