//! The copy of the frame that code keeps for snapshots: an area of the native frame.

use cranelift_codegen::ir::{InstBuilder, StackSlot, StackSlotData, StackSlotKey, StackSlotKind, Value, types::I64};
use cranelift_codegen::{Final, MachBufferFinalized};
use riser_translator::sink::Slot;

use super::Lowering;
use crate::signature::{SLOT_BYTES, slot_flags};

/// The alignment of the area, as a power of two.
const ALIGN_SHIFT: u8 = 3;
/// What marks the area among those of a frame.
const KEY: u64 = 1;

/// The area.
#[derive(Clone, Copy)]
pub(super) struct CopyArea {
    area: StackSlot,
    bytes: u32,
}

impl Lowering<'_, '_> {
    /// Stores values in their slots of the copy.
    pub(super) fn store_copy(&mut self, values: &[(Slot, Value)]) {
        let CopyArea { area, mut bytes } = self.copy.unwrap_or_else(|| {
            let key = StackSlotKey::new(KEY);
            let data = StackSlotData::new_with_key(StackSlotKind::ExplicitSlot, SLOT_BYTES, ALIGN_SHIFT, key);
            CopyArea { area: self.builder.create_sized_stack_slot(data), bytes: SLOT_BYTES }
        });
        for &(slot, value) in values {
            let ty = self.type_of(value);
            let offset = slot.0 * SLOT_BYTES;
            bytes = bytes.max((offset + ty.bytes()).next_multiple_of(SLOT_BYTES));
            let at = self.builder.ins().stack_addr(I64, area, offset as i32);
            self.builder.ins().store(slot_flags(ty), value, at, 0);
        }
        self.copy = Some(CopyArea { area, bytes });
    }

    /// Gives the area its size.
    pub(super) fn complete_copy(&mut self) {
        if let Some(CopyArea { area, bytes }) = self.copy {
            self.builder.func.sized_stack_slots[area].size = bytes;
        }
    }
}

/// The distance from the copy of a function's frame up to the frame pointer; 0 if there is none.
pub(crate) fn copy_bytes(buffer: &MachBufferFinalized<Final>) -> u32 {
    let Some(frame) = buffer.frame_layout() else { return 0 };
    let area = frame.stackslots.values().find(|slot| slot.key.is_some_and(|key| key.bits() == KEY));
    area.map_or(0, |area| frame.frame_to_fp_offset - area.offset)
}
