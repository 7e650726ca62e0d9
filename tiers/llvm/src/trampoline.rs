//! Code between slots and registers, one piece of each kind for each function type: assembled by hand, as it is a few
//! moves, and LLVM takes milliseconds for any function.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use riser_tiers_core::native::{CodeMemory, NativeFunction, Origin, WayIn, call_bridged, code_map};
use riser_tiers_core::{Bailout, NativeCode};
use riser_translator::{FuncType, ValType};

use crate::lower::signature::{array_slots, in_registers, slots};

/// Room for all trampolines of a tier.
const BYTES: usize = 16 << 20;

/// A way in; see [`WayIn`].
#[derive(Clone, Copy)]
pub(crate) struct WayInCode(pub(crate) WayIn);

#[derive(Default)]
pub(crate) struct Trampolines(Mutex<Made>);

/// The trampolines that have been made.
#[derive(Default)]
struct Made {
    memory: Option<CodeMemory>,
    /// By the function's type; `None` is that of functions that take an array.
    ways_in: HashMap<Option<FuncType>, WayInCode>,
    bridges: HashMap<FuncType, NativeCode>,
}

impl Trampolines {
    /// The way into functions of type `ty`.
    pub(crate) fn way_in(&self, ty: &FuncType) -> Result<WayInCode, Bailout> {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = in_registers(ty).then(|| ty.clone());
        if let Some(code) = made.ways_in.get(&key) {
            return Ok(*code);
        }
        let code = made.place(&way_in(key.as_ref()))?;
        // SAFETY: assembled with this signature.
        let code = WayInCode(unsafe { std::mem::transmute::<*const u8, WayIn>(code.0) });
        made.ways_in.insert(key, code);
        Ok(code)
    }

    /// The way into code that takes over frames of functions of type `ty` at a loop: slots are those of the frame, whose address is where
    /// the second argument would be.
    pub(crate) fn way_into_loop(&self, ty: &FuncType) -> Result<WayInCode, Bailout> {
        self.way_in(&FuncType::new([], ty.results().iter().copied()))
    }

    /// The bridge to functions of type `ty`, whose arguments are in registers.
    pub(crate) fn bridge(&self, ty: &FuncType) -> Result<NativeCode, Bailout> {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(code) = made.bridges.get(ty) {
            return Ok(*code);
        }
        let code = made.place(&bridge(ty))?;
        made.bridges.insert(ty.clone(), code);
        Ok(code)
    }
}

impl Made {
    fn place(&mut self, code: &[u8]) -> Result<NativeCode, Bailout> {
        let no_memory = |why: String| Bailout::TooLarge(format!("no memory for trampolines: {why}"));
        let memory = match &mut self.memory {
            Some(memory) => memory,
            none => none.insert(CodeMemory::new(BYTES).map_err(|error| no_memory(error.to_string()))?),
        };
        let at = memory.allocate(code.len()).ok_or_else(|| no_memory("used up".to_owned()))?;
        // SAFETY: just allocated.
        unsafe { memory.write(at, code) };
        let start = memory.address(at);
        let known = NativeFunction {
            start,
            len: code.len(),
            origin: Origin::Trampoline,
            positions: [].into(),
            traps: [].into(),
            may_access_memory: false,
        };
        code_map::insert(known, code);
        Ok(NativeCode(std::ptr::with_exposed_provenance(start)))
    }
}

/// `push rbp; mov rbp, rsp`
const ENTER: [u8; 4] = [0x55, 0x48, 0x89, 0xe5];
/// `leave; ret`
const LEAVE: [u8; 2] = [0xc9, 0xc3];

/// `mov register, [rbx + displacement]` without the displacement, for each register of an integer argument behind the context.
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

/// `mov register, register`, of 32 bits: zero-extends; as above.
const EXTEND_INTEGER: [&[u8]; 5] =
    [&[0x89, 0xf6], &[0x89, 0xd2], &[0x89, 0xc9], &[0x45, 0x89, 0xc0], &[0x45, 0x89, 0xc9]];

/// An instruction that moves between `xmm` registers and `[rbx + displacement]`, without the displacement: `movq` or `movd`.
fn move_float(ty: ValType, register: usize, store: bool) -> Vec<u8> {
    let modrm = 0x83 | (register as u8) << 3;
    match (ty, store) {
        (ValType::F64, false) => vec![0xf3, 0x0f, 0x7e, modrm],
        (ValType::F64, true) => vec![0x66, 0x0f, 0xd6, modrm],
        (_, false) => vec![0x66, 0x0f, 0x6e, modrm],
        (_, true) => vec![0x66, 0x0f, 0x7e, modrm],
    }
}

/// `way_in(context, slots, code)`: loads the arguments, calls the code, stores the result. Without arguments, the slots stay where they are: in `rsi`.
///
/// It expects no register to be preserved: the code may end in a tail call of a function of another tier. And it has a frame, by which
/// it is known ([`riser_tiers_core::native::Builtins::tail_native`]).
fn way_in(ty: Option<&FuncType>) -> Vec<u8> {
    let mut code = ENTER.to_vec();
    let Some(ty) = ty else {
        // Code that takes an array takes the slots as they are: call rdx
        code.extend([0xff, 0xd2]);
        code.extend(LEAVE);
        return code;
    };
    // push rbx; push rsi; mov rbx, rsi; mov rax, rdx
    code.extend([0x53, 0x56, 0x48, 0x89, 0xf3, 0x48, 0x89, 0xd0]);
    let (mut integers, mut floats) = (0, 0);
    for (ty, slot) in slots(ty.params()) {
        if matches!(ty, ValType::F32 | ValType::F64) {
            code.extend(move_float(ty, floats, false));
            floats += 1;
        } else {
            code.extend(LOAD_INTEGER[integers]);
            integers += 1;
        }
        code.extend((slot * 8).to_le_bytes());
    }
    // call rax; mov rbx, [rbp - 16]
    code.extend([0xff, 0xd0, 0x48, 0x8b, 0x5d, 0xf0]);
    match ty.results() {
        [] => {}
        // mov eax, eax; mov [rbx], rax
        [ValType::I32] => code.extend([0x89, 0xc0, 0x48, 0x89, 0x03]),
        // movd eax, xmm0; mov [rbx], rax
        [ValType::F32] => code.extend([0x66, 0x0f, 0x7e, 0xc0, 0x48, 0x89, 0x03]),
        // movq [rbx], xmm0
        [ValType::F64] => code.extend([0x66, 0x0f, 0xd6, 0x03]),
        // mov [rbx], rax
        _ => code.extend([0x48, 0x89, 0x03]),
    }
    // mov rbx, [rbp - 8]
    code.extend([0x48, 0x8b, 0x5d, 0xf8]);
    code.extend(LEAVE);
    code
}

/// `bridge(function, arguments..) -> result`: calls a function by its slots.
fn bridge(ty: &FuncType) -> Vec<u8> {
    let mut code = ENTER.to_vec();
    // push rbx; sub rsp, ..: with rbx, a multiple of 16, with room for a result in any case
    let array = (array_slots(ty).max(1) * 8 + 8).next_multiple_of(16) - 8;
    code.extend([0x53, 0x48, 0x81, 0xec]);
    code.extend((array).to_le_bytes());
    // mov rbx, rsp
    code.extend([0x48, 0x89, 0xe3]);
    let (mut integers, mut floats) = (0, 0);
    for (ty, slot) in slots(ty.params()) {
        let at = (slot * 8).to_le_bytes();
        match ty {
            ValType::F64 => {
                code.extend(move_float(ty, floats, true));
                floats += 1;
            }
            ValType::F32 => {
                // mov qword [rbx + ..], 0
                code.extend([0x48, 0xc7, 0x83]);
                code.extend(at);
                code.extend([0; 4]);
                code.extend(move_float(ty, floats, true));
                floats += 1;
            }
            _ => {
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
    match ty.results() {
        [] => {}
        // movd xmm0, [rbx]
        [ValType::F32] => code.extend([0x66, 0x0f, 0x6e, 0x03]),
        // movq xmm0, [rbx]
        [ValType::F64] => code.extend([0xf3, 0x0f, 0x7e, 0x03]),
        // mov rax, [rbx]
        _ => code.extend([0x48, 0x8b, 0x03]),
    }
    // mov rbx, [rbp - 8]
    code.extend([0x48, 0x8b, 0x5d, 0xf8]);
    code.extend(LEAVE);
    code
}
