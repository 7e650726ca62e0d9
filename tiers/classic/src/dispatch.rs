//! The interpreter loop.

use riser_tiers_core::{FuncInst, Status};
use riser_translator::ops::Outcome;
use riser_translator::safepoint::SafepointKind;
use riser_translator::{for_each_operation, semantics};

use crate::call::Exit;
use crate::machine::Machine;
use crate::numeric::match_operator;
use crate::{call, control, memory, opcode, poll, table};

/// Runs a function of this tier, and those it calls, until it returns or traps.
///
/// `METERED` says whether the loop charges fuel and polls the interrupt flag, as far as the
/// code says so; the plain loop does not pay for the question.
///
/// # Safety
///
/// See [`riser_tiers_core::SlotEntry`].
pub(crate) unsafe fn run<const METERED: bool>(callee: *const FuncInst, slots: *mut u64) -> Status {
    // SAFETY: by the contract of this function; from then on, the invariants of `Machine` hold,
    // because the code is valid.
    let mut m = match unsafe { call::begin(callee, slots) } {
        Ok(machine) => machine,
        Err(code) => return code.into(),
    };
    // SAFETY: as above.
    let exit = unsafe { run_machine::<METERED>(&mut m) };
    if !exit.at.is_null() {
        // SAFETY: the current function trapped.
        unsafe { call::report_frames(m.func, m.code, m.fp, exit.at) };
    }
    exit.status
}

#[inline(always)]
unsafe fn run_machine<const METERED: bool>(machine: &mut Machine) -> Exit {
    // A copy, which lives in registers.
    let mut m = Machine { ..*machine };
    // Fuel used since the last charge.
    let mut units = 0;
    let exit = 'run: {
        /// The value of a `Result<T, Exit>`; ends the loop if there is none.
        macro_rules! go_on {
            ($result:expr) => {
                match $result {
                    Ok(value) => value,
                    Err(exit) => break 'run exit,
                }
            };
        }
        /// Polls the interrupt flag for the operator at `$at`.
        macro_rules! poll {
            ($kind:ident, $at:expr) => {
                if METERED && (*m.code).epoch && (*(*m.ctx).store).check_epoch() {
                    go_on!(poll::polled(m.func, m.code, m.fp, m.sp, SafepointKind::$kind, $at));
                    m.refresh_memory();
                }
            };
        }
        // SAFETY: the invariants of `Machine`, which each operator of valid code keeps.
        unsafe {
            poll!(Entry, m.pc);
            loop {
                let at = m.pc;
                /// The value of a `Result<T, TrapCode>`; traps if there is none.
                macro_rules! check {
                    ($result:expr) => {
                        match $result {
                            Ok(value) => value,
                            Err(code) => break 'run Exit::trap(code, at),
                        }
                    };
                }
                let mut opcode = u32::from(m.byte());
                if METERED && (*m.code).fuel {
                    let metering = opcode::METERING[opcode as usize];
                    units += u64::from(metering.cost);
                    if metering.ends_segment && units != 0 {
                        check!((*(*m.ctx).store).charge(units));
                        units = 0;
                    }
                }
                // Goes around once more after the prefix.
                'operator: loop {
                    // The operators with immediates and effects; the table has the rest.
                    for_each_operation!(match_operator (m, opcode, check,
                        opcode::Prefix => {
                            opcode = opcode::PREFIXED + m.leb_u32();
                            continue 'operator;
                        }

                        opcode::Unreachable => {
                            break 'run Exit::trap(riser_translator::TrapCode::Unreachable, at);
                        }
                        opcode::Nop => {}
                        opcode::Block => m.skip_leb(),
                        opcode::Loop => {
                            m.skip_leb();
                            poll!(Loop, at);
                        }
                        opcode::If => {
                            let condition: i32 = m.pop();
                            control::branch(&mut m, condition == 0, at);
                        }
                        opcode::Else | opcode::Br => control::branch(&mut m, true, at),
                        opcode::BrIf => {
                            let condition: i32 = m.pop();
                            control::branch(&mut m, condition != 0, at);
                        }
                        opcode::BrTable => control::branch_table(&mut m, at),
                        opcode::End => {
                            if m.pc == (*m.code).end() {
                                go_on!(call::ret(&mut m));
                            }
                        }
                        opcode::Return => go_on!(call::ret(&mut m)),

                        opcode::Call => {
                            let index = m.leb_u32();
                            let callee = (*m.ctx).function(index);
                            go_on!(call::call::<METERED>(&mut m, callee, at));
                            poll!(Entry, m.pc);
                        }
                        opcode::CallIndirect => {
                            let callee = check!(table::indirect_callee(&mut m));
                            go_on!(call::call::<METERED>(&mut m, callee, at));
                            poll!(Entry, m.pc);
                        }
                        opcode::ReturnCall => {
                            let index = m.leb_u32();
                            let callee = (*m.ctx).function(index);
                            go_on!(call::return_call::<METERED>(&mut m, callee, at));
                            poll!(Entry, m.pc);
                        }
                        opcode::ReturnCallIndirect => {
                            let callee = check!(table::indirect_callee(&mut m));
                            go_on!(call::return_call::<METERED>(&mut m, callee, at));
                            poll!(Entry, m.pc);
                        }

                        opcode::Drop => m.sp = m.sp.sub(1),
                        opcode::Select => m.select(),
                        opcode::TypedSelect => {
                            for _ in 0..m.leb_u32() {
                                m.skip_leb();
                            }
                            m.select();
                        }

                        opcode::LocalGet => {
                            let local = m.leb_u32();
                            let bits = *m.fp.add(local as usize);
                            m.push_bits(bits);
                        }
                        opcode::LocalSet => {
                            let local = m.leb_u32();
                            let bits = m.pop_bits();
                            *m.fp.add(local as usize) = bits;
                        }
                        opcode::LocalTee => {
                            let local = m.leb_u32();
                            *m.fp.add(local as usize) = *m.sp.sub(1);
                        }
                        opcode::GlobalGet => {
                            let global = (*m.ctx).global(m.leb_u32());
                            m.push_bits((*global).slots[0]);
                        }
                        opcode::GlobalSet => {
                            let global = (*m.ctx).global(m.leb_u32());
                            (*global).slots[0] = m.pop_bits();
                        }

                        opcode::I32Const => {
                            let value = m.leb_i64() as i32;
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

                        opcode::MemorySize => memory::size(&mut m),
                        opcode::MemoryGrow => check!(memory::grow(&mut m)),
                        opcode::MemoryFill => check!(memory::fill(&mut m)),
                        opcode::MemoryCopy => check!(memory::copy(&mut m)),
                        opcode::MemoryInit => check!(memory::init(&mut m)),
                        opcode::DataDrop => {
                            let segment = m.leb_u32();
                            (*m.ctx).data_drop(segment);
                        }

                        opcode::TableGet => check!(table::get(&mut m)),
                        opcode::TableSet => check!(table::set(&mut m)),
                        opcode::TableSize => table::size(&mut m),
                        opcode::TableGrow => check!(table::grow(&mut m)),
                        opcode::TableFill => check!(table::fill(&mut m)),
                        opcode::TableCopy => check!(table::copy(&mut m)),
                        opcode::TableInit => check!(table::init(&mut m)),
                        opcode::ElemDrop => {
                            let segment = m.leb_u32();
                            (*m.ctx).elem_drop(segment);
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
                            let index = m.leb_u32();
                            let func = (*m.ctx).function(index);
                            m.push_bits(func.addr() as u64);
                        }
                    ));
                    break 'operator;
                }
            }
        }
    };
    *machine = m;
    exit
}
