//! The operators: the effect of each on the machine, and how it can end.

use riser_tiers_core::Status;
use riser_translator::ops::Outcome;
use riser_translator::safepoint::SafepointKind;
use riser_translator::{DataIndex, ElemIndex, FuncIndex, GlobalIndex, TrapCode, for_each_operation, semantics};

use crate::machine::Machine;
use crate::numeric::match_operator;
use crate::{atomic, call, control, exception, memory, opcode, poll, table};
#[cfg(not(tail_dispatch))]
use crate::{probe, vector};

/// The reason why execution does not continue with the operator at the machine's `pc`.
pub(crate) enum Stop {
    /// This operator has more to do than usual. It has had no effect yet and has to be executed
    /// from its start, by its full variant.
    Full,
    /// The interpreter is left with this status: because the operator at the machine's `at` ended
    /// it or, if that is null, because no frame of the activation is left.
    Exit(Status),
}

impl From<Status> for Stop {
    #[inline(always)]
    fn from(status: Status) -> Stop {
        Stop::Exit(status)
    }
}

impl From<TrapCode> for Stop {
    #[inline(always)]
    fn from(code: TrapCode) -> Stop {
        Stop::Exit(code.into())
    }
}

/// Executes the operator with the given `opcode` and leaves the machine at the next one.
///
/// `METERED` says whether operators check if the code polls the interrupt flag. `FULL` selects the
/// full variant of the operator; the usual variant has no rare case for which frequent operators
/// would have to call a function and save the machine's registers.
///
/// # Safety
///
/// The invariants of [`Machine`] hold, and `pc` is just after the opcode of the operator at `at`.
#[inline(always)]
pub(crate) unsafe fn execute<const METERED: bool, const FULL: bool>(m: &mut Machine, opcode: u32) -> Result<(), Stop> {
    // SAFETY: the invariants of `Machine`, which each operator of valid code keeps.
    unsafe {
        // The operators with immediates and effects; the table supplies the others.
        for_each_operation!(match_operator, (m, opcode, FULL,
            opcode::Unreachable => {
                return Err(TrapCode::Unreachable.into());
            }
            opcode::Nop => {}
            opcode::Block => m.skip_leb(),
            opcode::Loop => {
                m.skip_leb();
                poll::leave_to_full::<METERED, FULL>(m)?;
                poll::poll::<METERED, FULL>(m, SafepointKind::Loop, m.at)?;
            }
            opcode::If => {
                let condition: i32 = m.pop();
                control::branch::<FULL>(m, condition == 0)?;
            }
            opcode::Else | opcode::Br => control::branch::<FULL>(m, true)?,
            opcode::BrIf => {
                let condition: i32 = m.pop();
                control::branch::<FULL>(m, condition != 0)?;
            }
            // Its entry leads behind its immediates.
            opcode::TryTable => control::branch::<FULL>(m, true)?,
            opcode::Try | opcode::Delegate => m.skip_leb(),
            opcode::Catch | opcode::CatchAll => control::branch::<FULL>(m, true)?,
            opcode::Throw => exception::throw::<FULL>(m)?,
            opcode::ThrowRef => exception::throw_ref::<FULL>(m)?,
            opcode::Rethrow => exception::rethrow::<FULL>(m)?,
            opcode::BrTable => control::branch_table::<FULL>(m)?,
            opcode::End => {
                if m.at == (*m.act).end {
                    call::ret::<FULL>(m)?;
                }
            }
            opcode::Return => call::ret::<FULL>(m)?,

            opcode::Call => {
                let function = FuncIndex::new(m.leb_u32());
                let callee = (*m.ctx()).function(function);
                call::call::<METERED, FULL>(m, callee)?;
            }
            opcode::CallIndirect => {
                let callee = table::indirect_callee(m)?;
                call::call::<METERED, FULL>(m, callee)?;
            }
            opcode::ReturnCall => {
                let function = FuncIndex::new(m.leb_u32());
                let callee = (*m.ctx()).function(function);
                call::return_call::<METERED, FULL>(m, callee)?;
            }
            opcode::ReturnCallIndirect => {
                let callee = table::indirect_callee(m)?;
                call::return_call::<METERED, FULL>(m, callee)?;
            }

            opcode::Drop => m.sp = m.sp.sub(1),
            opcode::Select => m.select(),
            opcode::TypedSelect => {
                for _ in 0..m.leb_u32() {
                    m.skip_leb();
                }
                m.select();
            }
            opcode::VectorDrop => m.sp = m.sp.sub(2),
            opcode::VectorSelect => m.select_vector(),
            opcode::VectorTypedSelect => {
                for _ in 0..m.leb_u32() {
                    m.skip_leb();
                }
                m.select_vector();
            }

            opcode::LocalGet => {
                let bits = *m.local();
                m.push_bits(bits);
            }
            opcode::LocalSet => {
                let local = m.local();
                *local = m.pop_bits();
            }
            opcode::LocalTee => *m.local() = *m.sp.sub(1),
            opcode::MovedLocalGet => {
                let bits = *m.moved_local();
                m.push_bits(bits);
            }
            opcode::MovedLocalSet => {
                let local = m.moved_local();
                *local = m.pop_bits();
            }
            opcode::MovedLocalTee => *m.moved_local() = *m.sp.sub(1),
            opcode::VectorLocalGet => {
                let local = m.moved_local();
                m.push_vector(local);
            }
            opcode::VectorLocalSet => {
                let local = m.moved_local();
                m.pop_vector(local);
            }
            opcode::VectorLocalTee => {
                let local = m.moved_local();
                m.tee_vector(local);
            }
            opcode::GlobalGet => {
                let index = GlobalIndex::new(m.leb_u32());
                let global = (*m.ctx()).global(index);
                m.push_bits((*global).slots[0]);
            }
            opcode::GlobalSet => {
                let index = GlobalIndex::new(m.leb_u32());
                let global = (*m.ctx()).global(index);
                (*global).slots[0] = m.pop_bits();
            }
            opcode::VectorGlobalGet => {
                let index = GlobalIndex::new(m.leb_u32());
                let global = (*m.ctx()).global(index);
                m.push_vector((&raw const (*global).slots).cast());
            }
            opcode::VectorGlobalSet => {
                let index = GlobalIndex::new(m.leb_u32());
                let global = (*m.ctx()).global(index);
                m.pop_vector((&raw mut (*global).slots).cast());
            }

            opcode::I32Const => {
                let value = m.leb_i32();
                m.push(value);
            }
            opcode::I64Const => {
                let value = m.leb_i64();
                m.push(value);
            }
            opcode::F32Const => {
                let bits = u32::from_le_bytes(m.bytes());
                m.push_bits(bits.into());
            }
            opcode::F64Const => {
                let bits = u64::from_le_bytes(m.bytes());
                m.push_bits(bits);
            }

            opcode::MemorySize => memory::size(m),
            opcode::MemoryGrow => memory::grow(m)?,
            opcode::MemoryFill => memory::fill(m)?,
            opcode::MemoryCopy => memory::copy(m)?,
            opcode::MemoryInit => memory::init(m)?,
            opcode::DataDrop => {
                let segment = DataIndex::new(m.leb_u32());
                (*m.ctx()).data_drop(segment);
            }

            opcode::TableGet => table::get(m)?,
            opcode::TableSet => table::set(m)?,
            opcode::TableSize => table::size(m),
            opcode::TableGrow => table::grow(m)?,
            opcode::TableFill => table::fill(m)?,
            opcode::TableCopy => table::copy(m)?,
            opcode::TableInit => table::init(m)?,
            opcode::ElemDrop => {
                let segment = ElemIndex::new(m.leb_u32());
                (*m.ctx()).elem_drop(segment);
            }
            opcode::RefNull => {
                m.skip_leb();
                m.push_bits(0);
            }
            opcode::RefIsNull => {
                let bits = m.pop_bits();
                m.push(i32::from(bits == 0));
            }
            opcode::RefFunc => {
                let function = FuncIndex::new(m.leb_u32());
                let func = (*m.ctx()).function(function);
                m.push_bits(func.addr() as u64);
            }

            opcode::AtomicPrefix => atomic::execute(m)?,

            // With tail dispatch, probes have a handler of their own.
            #[cfg(not(tail_dispatch))]
            opcode::Probe => probe::execute::<METERED>(m)?,

            // With tail dispatch, vector operators have a table of handlers of their own.
            #[cfg(not(tail_dispatch))]
            opcode::VectorPrefix => vector::execute_next(m)?,
        ));
    }
    Ok(())
}
