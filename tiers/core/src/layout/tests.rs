//! The layout that machine code relies on, tested against the Rust types.
//!
//! Machine code loads and stores fields at their offsets, with the width that the tier's compiler uses. The
//! tests list this assumption field by field: [`Width`] is the width of the access. The offsets themselves are
//! `offset_of!` wherever they are used, so the order of fields is free.

use std::mem::{align_of, offset_of, size_of};

use riser_translator::ValType;
use riser_translator::module::{GlobalType, Limits, MemoryType, TableType};

use crate::{Context, FuncInst, Global, Memory, Segment, StoreContext, Table};

/// The width with which compiled code accesses a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Width {
    /// An address or a 64-bit number.
    Word = 8,
    /// A 32-bit number.
    Half = 4,
}

use Width::{Half, Word};

/// A field: its name, offset, size in the Rust type, and the width that machine code assumes.
type Field = (&'static str, usize, usize, Width);

/// The size of the field that `_get` returns.
const fn size_of_field<T, F>(_get: fn(&T) -> &F) -> usize {
    size_of::<F>()
}

macro_rules! fields {
    ($Type:ty { $($name:ident: $width:expr),* $(,)? }) => {
        [$((stringify!($name), offset_of!($Type, $name), size_of_field(|it: &$Type| &it.$name), $width)),*]
    };
}

/// Checks that each of machine code's accesses covers the whole field, is aligned, lies within the type, does
/// not overlap other fields, and is within reach of a 32-bit displacement.
#[track_caller]
fn check<T>(fields: &[Field]) {
    let mut sorted = fields.to_vec();
    sorted.sort_by_key(|&(_, offset, ..)| offset);
    let mut end = 0;
    for (name, offset, size, width) in sorted {
        assert_eq!(size, width as usize, "`{name}` is as wide as it is accessed");
        assert!(offset >= end, "`{name}` begins behind the field before it");
        assert!(offset.is_multiple_of(width as usize), "`{name}` is aligned");
        assert!(i32::try_from(offset).is_ok(), "`{name}` is within reach");
        end = offset + size;
    }
    assert!(end <= size_of::<T>(), "all lie within the type");
    assert!(align_of::<T>() >= 8, "the type is aligned as its fields are");
}

#[test]
fn context() {
    check::<Context>(&fields!(Context {
        memory0: Word,
        memory0_base: Word,
        defined: Word,
        stack_limit: Word,
        globals: Word,
        functions: Word,
        tables: Word,
        memories: Word,
        tags: Word,
        type_ids: Word,
        store: Word,
        data: Word,
        elements: Word,
        imported_functions: Half,
        owner: Word,
    }));
}

#[test]
fn store_context() {
    check::<StoreContext>(&fields!(StoreContext {
        stack_limit: Word,
        stack_top: Word,
        fuel: Word,
        epoch: Word,
        epoch_deadline: Word,
        native_limit: Word,
        tail_callee: Word,
        builtins: Word,
        activation: Word,
        caller: Word,
        value: Word,
    }));
}

#[test]
fn functions() {
    check::<FuncInst>(&fields!(FuncInst {
        entry: Word,
        code: Word,
        context: Word,
        tier_data: Word,
        native: Word,
        native_context: Word,
        store: Word,
        type_id: Half,
        index: Half,
        param_slots: Half,
        result_slots: Half,
    }));
}

#[test]
fn segments() {
    check::<Segment<u8>>(&fields!(Segment<u8> { items: Word, len: Word }));
    check::<Segment<u64>>(&fields!(Segment<u64> { items: Word, len: Word }));
    assert_eq!(size_of::<Segment<u8>>(), 16);
}

/// The 64-bit word at an offset of a value, as machine code reads it.
fn word<T>(value: &T, offset: usize) -> u64 {
    assert!(offset + 8 <= size_of::<T>());
    // SAFETY: within the value, and, as the other tests check, a field of this size.
    unsafe { std::ptr::from_ref(value).byte_add(offset).cast::<u64>().read() }
}

#[test]
fn memories() {
    let ty = MemoryType::new(2, None);
    let memory = Memory::new(ty, false).unwrap();
    assert_eq!(word(&memory, Memory::BASE_OFFSET), memory.base().addr() as u64);
    assert_eq!(word(&memory, Memory::LEN_OFFSET), 2 << 16);
}

#[test]
fn tables() {
    let ty = TableType { element: ValType::FuncRef, limits: Limits { min: 3, max: None }, table64: false };
    let table = Table::new(ty, 0).unwrap();
    assert_eq!(word(&table, Table::ELEMENTS_OFFSET), table.elements().as_ptr().addr() as u64);
    assert_eq!(word(&table, Table::LEN_OFFSET), 3);
}

#[test]
fn globals() {
    let global = Global::new(GlobalType { content: ValType::I64, mutable: true }, [42, 0]);
    assert_eq!((offset_of!(Global, slots), word(&global, 0)), (0, 42));
}

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod native {
    use super::*;
    use crate::NativeTarget;
    use crate::native::{Activation, Builtins};

    #[test]
    fn builtins() {
        let offsets: Vec<usize> = Builtins::NAMES.iter().map(|&(_, offset)| offset).collect();
        let expected: Vec<usize> = (0..size_of::<Builtins>()).step_by(8).collect();
        assert_eq!(offsets, expected, "one address after the other, each with a name");
    }

    #[test]
    fn activations() {
        check::<Activation>(&fields!(Activation { frame_pointer: Word, slots: Word }));
    }

    /// What the stubs expect in `rax` and `rdx`.
    #[test]
    fn targets() {
        check::<NativeTarget>(&fields!(NativeTarget { code: Word, context: Word }));
        assert_eq!((offset_of!(NativeTarget, code), size_of::<NativeTarget>()), (0, 16));
    }
}
