//! Home slots of locals in the native frame, in code for the single-pass register allocator.
//!
//! That allocator gives each value that blocks share a place in memory. An argument of a block parameter gets
//! two, its own and the parameter's, with a copy between them on the edge. So in this mode locals are not
//! variables, but have homes in the native frame, laid out like their slots. A block loads a local when it first
//! reads it, and at its end stores the locals that it has changed. Within the block they are in registers.

use cranelift_codegen::ir::{InstBuilder, StackSlot, StackSlotData, StackSlotKind, Type, Value, types::I64};
use cranelift_frontend::FuncInstBuilder;
use riser_translator::ValType;
use riser_translator::sink::{FrameLayout, Slot};

use super::{Lowering, MAX_SLOTS};
use crate::signature::{SLOT_BYTES, slot_flags, value_type};

/// The alignment of homes, as a power of two.
const ALIGN_SHIFT: u8 = 3;

/// The homes of a function's locals.
pub(super) struct Homes {
    area: StackSlot,
    /// By slot.
    locals: Vec<Option<Home>>,
    /// The slots whose value is known in the current block.
    known: Vec<Slot>,
}

#[derive(Clone, Copy)]
struct Home {
    ty: Type,
    /// The value in the current block.
    value: Option<Value>,
    /// Whether the value has yet to be stored.
    changed: bool,
}

impl Homes {
    /// The home of a local of type `ty` in a slot.
    fn of(&mut self, slot: Slot, ty: Type) -> Option<&mut Home> {
        self.locals.get_mut(slot.0 as usize)?.as_mut().filter(|home| home.ty == ty)
    }

    fn offset(slot: Slot) -> i32 {
        (slot.0 * SLOT_BYTES) as i32
    }
}

impl<'f> Lowering<'_, 'f> {
    /// Gives the locals homes.
    pub(super) fn declare_homes(&mut self, frame: FrameLayout, types: &[ValType]) {
        let slots = frame.temp(0).0.min(MAX_SLOTS);
        let data = StackSlotData::new(StackSlotKind::ExplicitSlot, slots * SLOT_BYTES, ALIGN_SHIFT);
        let mut locals = vec![None; slots as usize];
        let mut index = 0;
        for &ty in types {
            if let Some(home) = locals.get_mut(frame.local(index).0 as usize) {
                *home = Some(Home { ty: value_type(ty), value: None, changed: false });
            }
            index += ty.slots();
        }
        self.homes = Some(Homes { area: self.builder.create_sized_stack_slot(data), locals, known: Vec::new() });
    }

    /// Sets the value of a slot, if it belongs to a local that has a home.
    pub(super) fn set_home(&mut self, slot: Slot, ty: Type, value: Value) -> bool {
        let Some(homes) = &mut self.homes else { return false };
        let Some(home) = homes.of(slot, ty) else { return false };
        home.changed = true;
        if home.value.replace(value).is_none() {
            homes.known.push(slot);
        }
        true
    }

    /// The value of a slot, if it belongs to a local that has a home.
    pub(super) fn get_home(&mut self, slot: Slot, ty: Type) -> Option<Value> {
        let homes = self.homes.as_mut()?;
        let area = homes.area;
        let home = homes.of(slot, ty)?;
        if home.value.is_some() {
            return home.value;
        }
        let at = self.builder.ins().stack_addr(I64, area, Homes::offset(slot));
        let value = self.builder.ins().load(ty, slot_flags(ty), at, 0);
        *home = Home { ty, value: Some(value), changed: false };
        homes.known.push(slot);
        Some(value)
    }

    /// Begins another block, in which no values are known.
    pub(super) fn forget_locals(&mut self) {
        let Some(homes) = &mut self.homes else { return };
        for slot in homes.known.drain(..) {
            if let Some(home) = &mut homes.locals[slot.0 as usize] {
                home.value = None;
            }
        }
    }

    /// Prepares the end of a block that has successors: stores changed locals.
    pub(super) fn leave(&mut self) -> FuncInstBuilder<'_, 'f> {
        if let Some(homes) = &self.homes {
            for &slot in &homes.known {
                let home = homes.locals[slot.0 as usize];
                if let Some(Home { value: Some(value), changed: true, ty }) = home {
                    let at = self.builder.ins().stack_addr(I64, homes.area, Homes::offset(slot));
                    self.builder.ins().store(slot_flags(ty), value, at, 0);
                }
            }
        }
        self.forget_locals();
        self.builder.ins()
    }
}
