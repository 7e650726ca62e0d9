//! Decodes the words and slots of an instruction: the inverse of the encoder's small methods.
//!
//! Every method checks that bits without a meaning are zero, as the encoder leaves them.

use riser_translator::index::{MemoryIndex, TableIndex};
use riser_translator::ir::{Dst, Src};
use riser_translator::sink::{LINK_SLOTS, Label, Slot, SlotRange};
use riser_translator::types::ValType;

use super::error::Fault;
use super::form::Var;
use super::{Decoder, normal};
use crate::encode::{SCRATCH_SLOTS, WIDEST};

/// The result of decoding a part of an instruction.
pub(super) type Checked<T> = Result<T, Fault>;

/// Refuses bits that the encoder does not set.
pub(super) fn unused(bits: impl Into<u64>) -> Checked<()> {
    if bits.into() == 0 { Ok(()) } else { Err(Fault::UnusedBits) }
}

impl Decoder<'_> {
    /// Takes a word.
    pub(super) fn word(&mut self) -> Checked<u64> {
        let word = *self.words.get(self.next).ok_or(Fault::Truncated)?;
        self.next += 1;
        Ok(word)
    }

    /// Takes a word of up to four fields.
    pub(super) fn fields<const COUNT: usize>(&mut self) -> Checked<[u16; COUNT]> {
        let mut word = u128::from(self.word()?);
        let fields = std::array::from_fn(|_| {
            let field = word as u16;
            word >>= u16::BITS;
            field
        });
        unused(word as u64)?;
        Ok(fields)
    }

    /// Takes a word of two fields and a half.
    pub(super) fn fields_half(&mut self) -> Checked<(u16, u16, u32)> {
        let word = self.word()?;
        Ok((word as u16, (word >> 16) as u16, (word >> 32) as u32))
    }

    /// Takes a word of one field and a half.
    pub(super) fn field_half(&mut self) -> Checked<(u16, u32)> {
        let (field, rest, half) = self.fields_half()?;
        unused(rest)?;
        Ok((field, half))
    }

    /// Takes a word of two halves.
    pub(super) fn halves(&mut self) -> Checked<(u32, u32)> {
        let word = self.word()?;
        Ok((word as u32, (word >> 32) as u32))
    }

    /// Takes a word whose lower half is a number, and whose upper half is unused.
    pub(super) fn lower_half(&mut self) -> Checked<u32> {
        let (half, rest) = self.halves()?;
        unused(rest)?;
        Ok(half)
    }

    /// Takes a word whose upper half is a number, and whose lower half is unused.
    pub(super) fn upper_half(&mut self) -> Checked<u32> {
        let (rest, half) = self.halves()?;
        unused(rest)?;
        Ok(half)
    }

    /// Returns the branch target `distance` words from the head, as a number of a word.
    pub(super) fn target(&self, distance: u32) -> Checked<Label> {
        let word = self.head as i64 + i64::from(distance as i32);
        u32::try_from(word).map(Label).map_err(|_| Fault::Target(word))
    }

    /// The number of the first scratch slot, if the function has any.
    pub(super) fn first_scratch(&self) -> Option<u32> {
        self.far.then(|| self.frame.link().0 + LINK_SLOTS)
    }

    /// Whether there is a scratch slot with the given number.
    fn is_scratch(&self, number: u32) -> bool {
        self.first_scratch().is_some_and(|first| SlotRange::new(Slot(first), SCRATCH_SLOTS).contains(Slot(number)))
    }

    /// The index of the value whose scratch slots begin at the given number.
    pub(super) fn scratch_index(&self, number: u32) -> Option<usize> {
        let at = number.checked_sub(self.first_scratch()?)?;
        (self.is_scratch(number) && at % WIDEST == 0).then_some((at / WIDEST) as usize)
    }

    /// The slot with the given number in the interpreter's frame: the inverse of `Encoder::number`.
    pub(super) fn slot(&self, number: u32) -> Checked<Slot> {
        if self.is_scratch(number) {
            return Err(Fault::Slot(number));
        }
        match self.first_scratch() {
            Some(first) if number > first => Ok(Slot(number - SCRATCH_SLOTS)),
            _ => Ok(Slot(number)),
        }
    }

    /// As [`Decoder::slot`], for a slot within the frame.
    pub(super) fn frame_slot(&self, number: u32) -> Checked<Slot> {
        if number < self.frame_slots { self.slot(number) } else { Err(Fault::Slot(number)) }
    }

    /// As [`Decoder::frame_slot`], for the first of `slots` slots.
    pub(super) fn frame_slots(&self, number: u32, slots: u32) -> Checked<Slot> {
        self.frame_slot(number.saturating_add(slots - 1))?;
        self.frame_slot(number)
    }

    /// Returns the slot that a field reads. For a scratch slot, that is the slot whose value was fetched into it.
    pub(super) fn read(&mut self, field: u16) -> Checked<Slot> {
        self.read_slots(field, 1)
    }

    /// As [`Decoder::read`], for a vector.
    pub(super) fn read_vector(&mut self, field: u16) -> Checked<Slot> {
        self.read_slots(field, ValType::V128.slots())
    }

    /// As [`Decoder::read`], for a value of `slots` slots.
    pub(super) fn read_slots(&mut self, field: u16, slots: u32) -> Checked<Slot> {
        let number = u32::from(field);
        match self.scratch_index(number) {
            Some(index) => match self.fetched[index].take() {
                Some((slot, fetched)) if fetched == slots => Ok(slot),
                _ => Err(Fault::Slot(number)),
            },
            None => self.frame_slots(number, slots),
        }
    }

    /// Returns the slot that a field writes. A value in scratch slot 0 is delivered elsewhere by the next instruction,
    /// which [`Decoder::deliver`] decodes.
    pub(super) fn write(&mut self, field: u16) -> Checked<Slot> {
        self.write_slots(field, 1)
    }

    /// As [`Decoder::write`], for a vector.
    pub(super) fn write_vector(&mut self, field: u16) -> Checked<Slot> {
        self.write_slots(field, ValType::V128.slots())
    }

    /// As [`Decoder::write`], for a value of `slots` slots.
    pub(super) fn write_slots(&mut self, field: u16, slots: u32) -> Checked<Slot> {
        let number = u32::from(field);
        match self.scratch_index(number) {
            Some(0) => {
                self.to_deliver = Some(slots);
                Ok(Slot(number))
            }
            _ => self.frame_slots(number, slots),
        }
    }

    /// Returns an operand.
    pub(super) fn var(&mut self, place: Var, field: u16) -> Checked<Src> {
        match place {
            Var::Slot => Ok(Src::Slot(self.read(field)?)),
            Var::Acc => {
                unused(field)?;
                Ok(Src::Acc)
            }
        }
    }

    /// Returns the place of a result.
    pub(super) fn dst(&mut self, place: Var, field: u16) -> Checked<Dst> {
        match place {
            Var::Slot => Ok(Dst::Slot(self.write(field)?)),
            Var::Acc => {
                unused(field)?;
                Ok(Dst::Acc)
            }
        }
    }

    /// Checks an index of one of the module's index spaces.
    pub(super) fn index<T>(&self, space: &'static str, entities: &[T], index: u32) -> Checked<u32> {
        if (index as usize) < entities.len() { Ok(index) } else { Err(Fault::Index(space, index)) }
    }

    /// Checks the index of a memory.
    pub(super) fn memory(&self, index: u32) -> Checked<MemoryIndex> {
        self.index("memory", &self.module.memories, index).map(MemoryIndex::new)
    }

    /// Checks the index of a table.
    pub(super) fn table(&self, index: u32) -> Checked<TableIndex> {
        self.index("table", &self.module.tables, index).map(TableIndex::new)
    }
}

/// Checks that values of type `ty` are kept in the accumulator of type `acc`. Slots hold values of any type.
pub(super) fn same_accumulator(place: Var, acc: ValType, ty: ValType) -> Checked<()> {
    if place == Var::Slot || normal::accumulator(ty) == acc { Ok(()) } else { Err(Fault::Type) }
}

/// The value that a 32-bit immediate stands for, as slot bits.
pub(super) fn immediate(ty: ValType, half: u32) -> u64 {
    match ty {
        ValType::I64 => i64::from(half as i32) as u64,
        ValType::I32
        | ValType::F32
        | ValType::F64
        | ValType::V128
        | ValType::FuncRef
        | ValType::ExternRef
        | ValType::ExnRef => u64::from(half),
    }
}

/// The value that a 16-bit immediate stands for, as slot bits.
pub(super) fn short_immediate(ty: ValType, field: u16) -> u64 {
    immediate(ty, i32::from(field as i16) as u32)
}
