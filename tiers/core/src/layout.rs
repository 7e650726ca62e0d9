//! The layout of the types that machine code accesses: a hash of it, and tests against what machine code
//! assumes.

#[cfg(test)]
mod tests;

use std::mem::offset_of;

use crate::{Context, Exception, FuncInst, Global, Memory, Segment, StoreContext, Table, TagInst};

/// A hash of the layout of everything that machine code reads and writes: different layouts have different
/// hashes.
pub fn hash() -> u64 {
    macro_rules! layout {
        ($($Type:ty { $($field:ident)* })*) => { [$(size_of::<$Type>(), $(offset_of!($Type, $field),)*)*] };
    }
    let layout = layout! {
        Context {
            memory0 memory0_base defined stack_limit globals functions tables memories tags type_ids store
            data elements
            imported_functions
        }
        StoreContext {
            stack_limit stack_top fuel epoch epoch_deadline native_limit tail_callee builtins activation caller value exception
        }
        FuncInst {
            entry code context tier_data native native_context store type_id index param_slots result_slots
        }
        Segment<u8> { items len }
        Global { slots }
        TagInst { slots }
        Exception { tag payload }
    };
    let more =
        [Memory::BASE_OFFSET, Memory::LEN_OFFSET, Memory::SHARED_LEN_OFFSET, Table::ELEMENTS_OFFSET, Table::LEN_OFFSET];
    let hash = layout.into_iter().chain(more).fold(0, |hash, number| mix(hash, number as u64));
    builtins().fold(hash, mix)
}

/// Hashes of the builtins, from their names and offsets.
fn builtins() -> impl Iterator<Item = u64> {
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    let names = crate::native::Builtins::NAMES;
    #[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
    let names: &[(&str, usize)] = &[];
    names.iter().map(|&(name, at)| name.bytes().fold(at as u64, |hash, byte| mix(hash, byte.into())))
}

/// Mixes a number into a hash.
pub(crate) fn mix(hash: u64, number: u64) -> u64 {
    // Each step is invertible, so that a single change is never lost.
    (hash ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}
