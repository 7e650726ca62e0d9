//! Trampolines: code that converts between slots and registers, one of each kind for each function type. They are assembled by hand, since
//! they are only a few moves, and LLVM takes milliseconds for any function.

use std::sync::Arc;

use riser_lowering::slots;
use riser_tiers_core::native::{self, Trampoline, TrampolineCode, WayIn, call_bridged};
use riser_tiers_core::{Bailout, Bridge, TrampolineUsage};
use riser_translator::{FuncType, ValType};

use crate::signature::{array_slots, in_registers, is_in_xmm};

/// The purpose of a trampoline, with the type of its functions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    WayIn(FuncType),
    /// The entry trampoline of functions that take an array, whatever their type.
    WayInByArray,
    Bridge(FuncType),
}

/// An entry trampoline, which exists as long as somebody holds it.
#[derive(Clone)]
pub(crate) struct WayInCode {
    pub(crate) code: WayIn,
    _trampoline: Arc<Trampoline<Key>>,
}

#[derive(Default)]
pub(crate) struct Trampolines(native::Trampolines<Key>);

impl Trampolines {
    /// The entry trampoline of functions of type `ty`.
    pub(crate) fn way_in(&self, ty: &FuncType) -> Result<WayInCode, Bailout> {
        let by_type = in_registers(ty).then_some(ty);
        let key = by_type.map_or(Key::WayInByArray, |ty| Key::WayIn(ty.clone()));
        let trampoline = self.0.get(key, || assembled(way_in(by_type)))?;
        // SAFETY: assembled with this signature.
        let code = unsafe { std::mem::transmute::<*const u8, WayIn>(trampoline.code().0) };
        Ok(WayInCode { code, _trampoline: trampoline })
    }

    /// The entry trampoline of OSR code for functions of type `ty`, which takes over the frame that consists of the slots. The frame's
    /// address is passed where the second argument would be.
    pub(crate) fn way_into_loop(&self, ty: &FuncType) -> Result<WayInCode, Bailout> {
        self.way_in(&FuncType::new([], ty.results().iter().copied()))
    }

    /// The bridge to functions of type `ty`, whose arguments are in registers.
    pub(crate) fn bridge(&self, ty: &FuncType) -> Result<Bridge, Bailout> {
        let trampoline = self.0.get(Key::Bridge(ty.clone()), || assembled(bridge(ty)))?;
        Ok(Bridge { code: trampoline.code(), keep: trampoline })
    }

    /// The number and size of the trampolines.
    pub(crate) fn usage(&self) -> TrampolineUsage {
        self.0.usage()
    }
}

/// A trampoline in which nothing traps.
fn assembled(code: Vec<u8>) -> Result<TrampolineCode, Bailout> {
    Ok(TrampolineCode { code, ..TrampolineCode::default() })
}

/// `push rbp; mov rbp, rsp`
const ENTER: [u8; 4] = [0x55, 0x48, 0x89, 0xe5];
/// `leave; ret`
const LEAVE: [u8; 2] = [0xc9, 0xc3];

/// `mov register, [rbx + displacement]` without the displacement, for each register of an integer argument after the context.
const LOAD_INTEGER: [[u8; 3]; 5] = [
    [0x48, 0x8b, 0xb3], // rsi
    [0x48, 0x8b, 0x93], // rdx
    [0x48, 0x8b, 0x8b], // rcx
    [0x4c, 0x8b, 0x83], // r8
    [0x4c, 0x8b, 0x8b], // r9
];

/// `mov [rbx + displacement], register`, as above.
const STORE_INTEGER: [[u8; 3]; 5] =
    [[0x48, 0x89, 0xb3], [0x48, 0x89, 0x93], [0x48, 0x89, 0x8b], [0x4c, 0x89, 0x83], [0x4c, 0x89, 0x8b]];

/// `mov register, register` of 32 bits, which zero-extends; as above.
const EXTEND_INTEGER: [&[u8]; 5] =
    [&[0x89, 0xf6], &[0x89, 0xd2], &[0x89, 0xc9], &[0x45, 0x89, 0xc0], &[0x45, 0x89, 0xc9]];

/// An instruction that moves between an `xmm` register and `[rbx + displacement]`, without the displacement: `movd`, `movq` or `movups`,
/// since slots are aligned to 8 bytes only.
fn move_xmm(ty: ValType, register: usize, store: bool) -> Vec<u8> {
    let modrm = 0x83 | (register as u8) << 3;
    match (ty, store) {
        (ValType::F32, false) => vec![0x66, 0x0f, 0x6e, modrm],
        (ValType::F32, true) => vec![0x66, 0x0f, 0x7e, modrm],
        (ValType::F64, false) => vec![0xf3, 0x0f, 0x7e, modrm],
        (ValType::F64, true) => vec![0x66, 0x0f, 0xd6, modrm],
        (ValType::V128, false) => vec![0x0f, 0x10, modrm],
        (ValType::V128, true) => vec![0x0f, 0x11, modrm],
        (ValType::I32 | ValType::I64 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef, _) => {
            unreachable!("{ty} is in another register")
        }
    }
}

/// Assembles `way_in(context, slots, code)`: loads the arguments, calls the code, stores the result. Without arguments, the slots stay
/// where they are, in `rsi`.
///
/// The trampoline has a frame, by which bridges recognise it ([`riser_tiers_core::native::Builtins::tail_copied`]).
fn way_in(ty: Option<&FuncType>) -> Vec<u8> {
    let mut code = ENTER.to_vec();
    let Some(ty) = ty else {
        // Code that takes an array gets the slots unchanged: call rdx
        code.extend([0xff, 0xd2]);
        code.extend(LEAVE);
        return code;
    };
    // push rbx; push rsi; mov rbx, rsi; mov rax, rdx
    code.extend([0x53, 0x56, 0x48, 0x89, 0xf3, 0x48, 0x89, 0xd0]);
    let (mut integers, mut floats) = (0, 0);
    for (ty, slot) in slots(ty.params()) {
        if is_in_xmm(ty) {
            code.extend(move_xmm(ty, floats, false));
            floats += 1;
        } else {
            code.extend(LOAD_INTEGER[integers]);
            integers += 1;
        }
        code.extend((slot * 8).to_le_bytes());
    }
    // call rax; mov rbx, [rbp - 16]
    code.extend([0xff, 0xd0, 0x48, 0x8b, 0x5d, 0xf0]);
    match ty.results().first() {
        None => {}
        // mov eax, eax; mov [rbx], rax
        Some(ValType::I32) => code.extend([0x89, 0xc0, 0x48, 0x89, 0x03]),
        // movd eax, xmm0; mov [rbx], rax
        Some(ValType::F32) => code.extend([0x66, 0x0f, 0x7e, 0xc0, 0x48, 0x89, 0x03]),
        // movq [rbx], xmm0
        Some(ValType::F64) => code.extend([0x66, 0x0f, 0xd6, 0x03]),
        // movups [rbx], xmm0
        Some(ValType::V128) => code.extend([0x0f, 0x11, 0x03]),
        // mov [rbx], rax
        Some(ValType::I64 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef) => code.extend([0x48, 0x89, 0x03]),
    }
    // mov rbx, [rbp - 8]
    code.extend([0x48, 0x8b, 0x5d, 0xf8]);
    code.extend(LEAVE);
    code
}

/// Assembles `bridge(function, arguments..) -> result`: calls a function by its slots.
fn bridge(ty: &FuncType) -> Vec<u8> {
    let mut code = ENTER.to_vec();
    // push rbx; sub rsp, ..: a multiple of 16 together with rbx, and always with room for a result
    let array = (array_slots(ty).max(1) * 8 + 8).next_multiple_of(16) - 8;
    code.extend([0x53, 0x48, 0x81, 0xec]);
    code.extend((array).to_le_bytes());
    // mov rbx, rsp
    code.extend([0x48, 0x89, 0xe3]);
    let (mut integers, mut floats) = (0, 0);
    for (ty, slot) in slots(ty.params()) {
        let at = (slot * 8).to_le_bytes();
        match ty {
            ValType::F64 | ValType::V128 => {
                code.extend(move_xmm(ty, floats, true));
                floats += 1;
            }
            ValType::F32 => {
                // mov qword [rbx + ..], 0
                code.extend([0x48, 0xc7, 0x83]);
                code.extend(at);
                code.extend([0; 4]);
                code.extend(move_xmm(ty, floats, true));
                floats += 1;
            }
            ValType::I32 | ValType::I64 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => {
                if ty == ValType::I32 {
                    code.extend(EXTEND_INTEGER[integers]);
                }
                code.extend(STORE_INTEGER[integers]);
                integers += 1;
            }
        }
        code.extend(at);
    }
    // mov rsi, rbx; mov rax, ..; call rax
    code.extend([0x48, 0x89, 0xde, 0x48, 0xb8]);
    code.extend((call_bridged as *const () as usize as u64).to_le_bytes());
    code.extend([0xff, 0xd0]);
    match ty.results().first() {
        None => {}
        // movd xmm0, [rbx]
        Some(ValType::F32) => code.extend([0x66, 0x0f, 0x6e, 0x03]),
        // movq xmm0, [rbx]
        Some(ValType::F64) => code.extend([0xf3, 0x0f, 0x7e, 0x03]),
        // movups xmm0, [rbx]
        Some(ValType::V128) => code.extend([0x0f, 0x10, 0x03]),
        // mov rax, [rbx]
        Some(ValType::I32 | ValType::I64 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef) => {
            code.extend([0x48, 0x8b, 0x03]);
        }
    }
    // mov rbx, [rbp - 8]
    code.extend([0x48, 0x8b, 0x5d, 0xf8]);
    code.extend(LEAVE);
    code
}
