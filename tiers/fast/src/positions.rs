//! Positions of machine code in wasm, and the traps of its instructions.

use cranelift_codegen::{Final, MachSrcLoc, MachTrap, ir};
use riser_translator::TrapCode;

/// The positions of the code, as a list of changes.
pub(crate) fn positions(locations: &[MachSrcLoc<Final>], start: u32) -> Vec<(u32, u32)> {
    let mut list = vec![(0, start)];
    let mut end = 0;
    for location in locations {
        if location.start > end {
            list.push((end, start));
        }
        let offset = if location.loc.is_default() { start } else { location.loc.bits() };
        list.push((location.start, offset));
        end = location.end;
    }
    list.dedup_by(|next, before| {
        if next.0 == before.0 {
            before.1 = next.1;
        }
        next.0 == before.0 || next.1 == before.1
    });
    list
}

/// The first of Cranelift's trap numbers that identify the access to memory that traps.
const FIRST_ACCESS: u8 = 32;
/// How many such numbers there are; further accesses share them.
const ACCESS_NUMBERS: usize = 200;

/// Cranelift's number for the trap of the access with the given number in its function.
pub(crate) fn access_trap(number: usize) -> ir::TrapCode {
    ir::TrapCode::unwrap_user(FIRST_ACCESS + (number % ACCESS_NUMBERS) as u8)
}

/// The first access that a number of Cranelift's stands for, if it is an access's number.
fn first_access(code: ir::TrapCode) -> Option<usize> {
    let number = usize::from(code.as_raw().get()).checked_sub(usize::from(FIRST_ACCESS))?;
    (number < ACCESS_NUMBERS).then_some(number)
}

/// Corrects the positions of machine instructions that access memory, given the position of each access.
/// Cranelift selects one instruction for a load and its consumer. That instruction has the consumer's position,
/// or none if Cranelift has introduced the consumer.
pub(crate) fn place_accesses(positions: &mut Vec<(u32, u32)>, start: u32, traps: &[MachTrap], accesses: &[u32]) {
    let mut placed = Vec::with_capacity(positions.len());
    let mut rest = positions.iter().copied().peekable();
    // The position of the current code, and that of the last access.
    let (mut here, mut last) = (start, start);
    for &MachTrap { offset, code } in traps {
        let Some(first) = first_access(code) else { continue };
        while let Some((_, position)) = rest.next_if(|&(at, _)| at <= offset) {
            here = position;
        }
        // Accesses that share a number are far apart, so the nearest one is meant.
        let near = if here == start { last } else { here };
        let candidates = accesses.iter().skip(first).step_by(ACCESS_NUMBERS);
        let Some(&position) = candidates.min_by_key(|&&position| position.abs_diff(near)) else { continue };
        last = position;
        if position != here {
            placed.extend([(offset, position), (offset + 1, here)]);
        }
    }
    if !placed.is_empty() {
        positions.extend(placed);
        // Sorting is stable, so that of two positions at one offset the placed one comes last, and is kept.
        positions.sort_by_key(|&(at, _)| at);
        positions.dedup_by(|next, before| {
            if next.0 == before.0 {
                before.1 = next.1;
            }
            next.0 == before.0
        });
    }
}

/// Cranelift's number for a trap.
pub(crate) fn user_trap(code: TrapCode) -> ir::TrapCode {
    ir::TrapCode::unwrap_user(code as u8)
}

/// The trap that a trap code of Cranelift stands for.
pub(crate) fn trap_code(code: ir::TrapCode) -> TrapCode {
    match code {
        _ if first_access(code).is_some() => TrapCode::MemoryOutOfBounds,
        ir::TrapCode::STACK_OVERFLOW => TrapCode::StackOverflow,
        ir::TrapCode::HEAP_OUT_OF_BOUNDS => TrapCode::MemoryOutOfBounds,
        ir::TrapCode::INTEGER_OVERFLOW => TrapCode::IntegerOverflow,
        ir::TrapCode::INTEGER_DIVISION_BY_ZERO => TrapCode::IntegerDivideByZero,
        ir::TrapCode::BAD_CONVERSION_TO_INTEGER => TrapCode::InvalidConversionToInteger,
        other => TrapCode::from_u8(other.as_raw().get()).unwrap_or(TrapCode::Unreachable),
    }
}
