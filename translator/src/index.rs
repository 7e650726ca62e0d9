//! Indices of a module's index spaces (core spec, section 2.5.1 "Indices"), each with a type of its own.
//!
//! Functions, types, tables, memories, globals, tags and segments are all numbered from 0, and so are the functions that a
//! module defines, imports not counted. A number does not say which of these it is; its type does. So the compiler finds
//! the index of a function where the index of its type belongs, the table and the segment of a `table.init` that change
//! places, and a function's index that is used in an array of the functions that the module defines.
//!
//! What comes in is a number that somebody has read: of the binary format, of the text of the IR, of a word of code.
//! [`FuncIndex::new`] and its likes say there, once, what the number means. What goes out is a number again
//! ([`FuncIndex::as_u32`]), or the position in an array that has one item for each entity ([`FuncIndex::index`]).
//! Between the two nobody computes with indices. The only step from one space to another is between the functions of
//! the index space and those that the module defines: [`FuncIndex::among_defined`], [`DefinedFuncIndex::in_space`].
//!
//! An index does not know its module, and need not exist there: the validator, or the IR's verifier, has seen to that.
//! An index is a `u32` in memory, and costs nothing. The model is the entity references of `cranelift-entity`, without
//! its maps.

use std::fmt;
use std::str::FromStr;

/// Defines the indices. `/// Doc. Name` becomes `/// Doc. pub struct Name(u32)`, with the methods below.
macro_rules! indices {
    ($($(#[$doc:meta])* $Name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(transparent)]
        pub struct $Name(u32);

        impl $Name {
            /// The index with this number.
            #[inline(always)]
            pub const fn new(number: u32) -> $Name {
                $Name(number)
            }

            /// The index of the item at a position of an array that has one item for each entity, or of the next
            /// entity, given how many there are.
            ///
            /// # Panics
            ///
            /// If the position does not fit 32 bits. No module has so many entities.
            pub const fn at(position: usize) -> $Name {
                assert!(position <= u32::MAX as usize, "a module has fewer entities");
                $Name(position as u32)
            }

            /// The first `count` indices.
            pub fn first(count: usize) -> impl ExactSizeIterator<Item = $Name> + DoubleEndedIterator + Clone {
                (0..count).map($Name::at)
            }

            /// The index as a number.
            #[inline(always)]
            pub const fn as_u32(self) -> u32 {
                self.0
            }

            /// The position in an array that has one item for each entity.
            #[inline(always)]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Display for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $Name {
            type Err = <u32 as FromStr>::Err;

            fn from_str(text: &str) -> Result<$Name, Self::Err> {
                text.parse().map($Name)
            }
        }
    )*};
}

indices! {
    /// Index of a function in its module's function index space, imports first.
    FuncIndex
    /// Index of a function among those that its module defines.
    DefinedFuncIndex
    /// Index of a function type in its module's type section.
    TypeIndex
    /// Index of a table in its module's table index space, imports first.
    TableIndex
    /// Index of a memory in its module's memory index space, imports first.
    MemoryIndex
    /// Index of a global in its module's global index space, imports first.
    GlobalIndex
    /// Index of a tag in its module's tag index space, imports first.
    TagIndex
    /// Index of a data segment in its module.
    DataIndex
    /// Index of an element segment in its module.
    ElemIndex
}

impl MemoryIndex {
    /// Memory 0, for which code has forms of its own.
    pub const ZERO: MemoryIndex = MemoryIndex(0);
}

impl FuncIndex {
    /// The function's index among those that the module defines, given the number of imported functions; `None` for an
    /// import.
    #[inline(always)]
    pub const fn among_defined(self, imported: u32) -> Option<DefinedFuncIndex> {
        match self.0.checked_sub(imported) {
            Some(number) => Some(DefinedFuncIndex(number)),
            None => None,
        }
    }
}

impl DefinedFuncIndex {
    /// The function's index in the function index space, given the number of imported functions.
    #[inline(always)]
    pub const fn in_space(self, imported: u32) -> FuncIndex {
        FuncIndex(imported + self.0)
    }
}
