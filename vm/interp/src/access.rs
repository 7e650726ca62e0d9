//! Access to a memory 0 that guard pages can bound, with either bounds strategy.

use riser_translator::TrapCode;

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
use super::lanes::register::Register;
use super::regs::Regs;

/// A type of value that loads and stores move.
pub(super) trait Raw: Copy {
    /// Loads by one machine instruction that may fault.
    ///
    /// # Safety
    ///
    /// `address` is within the reservation of the current memory 0, and faults in it become traps.
    unsafe fn load_or_fault(regs: &Regs, address: u64) -> Self;

    /// Stores by one machine instruction that may fault.
    ///
    /// # Safety
    ///
    /// As for `load_or_fault`.
    unsafe fn store_or_fault(regs: &Regs, address: u64, value: Self);
}

/// A bounds strategy.
pub(super) trait Access {
    /// Loads from `address`, less than 2^33.
    ///
    /// # Safety
    ///
    /// `regs` describe a running function whose memory 0 guard pages can bound.
    unsafe fn load<T: Raw>(regs: &Regs, address: u64) -> Result<T, TrapCode>;

    /// Stores to `address`, less than 2^33.
    ///
    /// # Safety
    ///
    /// As for `load`.
    unsafe fn store<T: Raw>(regs: &Regs, address: u64, value: T) -> Result<(), TrapCode>;
}

/// Compares each address with the memory's length, which is in a register.
pub(super) struct Explicit;

impl Access for Explicit {
    #[inline(always)]
    unsafe fn load<T: Raw>(regs: &Regs, address: u64) -> Result<T, TrapCode> {
        if address + size_of::<T>() as u64 > regs.mem_len {
            return Err(TrapCode::MemoryOutOfBounds);
        }
        // SAFETY: in bounds of the memory that the registers describe.
        Ok(unsafe { regs.mem.add(address as usize).cast::<T>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn store<T: Raw>(regs: &Regs, address: u64, value: T) -> Result<(), TrapCode> {
        if address + size_of::<T>() as u64 > regs.mem_len {
            return Err(TrapCode::MemoryOutOfBounds);
        }
        // SAFETY: in bounds of the memory that the registers describe.
        unsafe { regs.mem.add(address as usize).cast::<T>().write_unaligned(value) };
        Ok(())
    }
}

/// Relies on the guard pages. The access is inline assembly, because the compiler considers a load that faults
/// undefined behaviour. The instruction's address goes into the section of [`super::fault`]. Instruction pointer, frame
/// pointer and context are in fixed registers while it executes, so that the fault handler can tell where the wasm code
/// was executing.
pub(super) struct Guard;

impl Access for Guard {
    #[inline(always)]
    unsafe fn load<T: Raw>(regs: &Regs, address: u64) -> Result<T, TrapCode> {
        // SAFETY: 2^33 and the width of any access are within reservation and guard.
        Ok(unsafe { T::load_or_fault(regs, address) })
    }

    #[inline(always)]
    unsafe fn store<T: Raw>(regs: &Regs, address: u64, value: T) -> Result<(), TrapCode> {
        // SAFETY: as above.
        unsafe { T::store_or_fault(regs, address, value) };
        Ok(())
    }
}

/// Emits an access as one instruction, with its operand and the options that tell the compiler what to assume. Records
/// the instruction's address.
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
macro_rules! or_fault {
    ($regs:ident, $address:ident: $instruction:expr, ($($value:tt)*), ($($option:ident),*)) => {
        std::arch::asm!(
            concat!("2: ", $instruction),
            ".pushsection riser_faults,\"aR\",@progbits",
            ".balign 4",
            ".long 2b - .",
            ".popsection",
            value = $($value)*,
            base = in(reg) $regs.mem,
            address = in(reg) $address,
            in("rdi") $regs.ip,
            in("rsi") $regs.fp,
            in("r8") $regs.cx,
            options($($option),*),
        )
    };
}

/// Implements [`Raw`] for types of one width. One expanded line of a load:
/// `2: movzx eax, byte ptr [rdx + rcx]`, with label 2 recorded.
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
macro_rules! raw {
    ($($Type:ty as $Reg:ty: $load:literal $store:literal;)*) => {
        $(impl Raw for $Type {
            #[inline(always)]
            unsafe fn load_or_fault(regs: &Regs, address: u64) -> $Type {
                let value: u64;
                // SAFETY: the access is within the reservation; a fault leaves the interpreter.
                unsafe { or_fault!(regs, address: $load, (lateout(reg) value), (readonly, nostack, preserves_flags)) };
                // SAFETY: the load clears the upper bits, so that the compiler need not clear them again.
                unsafe { std::hint::assert_unchecked(value <= u64::MAX >> (64 - 8 * size_of::<$Type>())) };
                value as $Type
            }

            #[inline(always)]
            unsafe fn store_or_fault(regs: &Regs, address: u64, value: $Type) {
                // SAFETY: as above.
                unsafe { or_fault!(regs, address: $store, (in(reg) value as $Reg), (nostack, preserves_flags)) };
            }
        })*
    };
}

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
raw! {
    u8 as u32: "movzx {value:e}, byte ptr [{base} + {address}]" "mov byte ptr [{base} + {address}], {value:l}";
    i8 as u32: "movzx {value:e}, byte ptr [{base} + {address}]" "mov byte ptr [{base} + {address}], {value:l}";
    u16 as u32: "movzx {value:e}, word ptr [{base} + {address}]" "mov word ptr [{base} + {address}], {value:x}";
    i16 as u32: "movzx {value:e}, word ptr [{base} + {address}]" "mov word ptr [{base} + {address}], {value:x}";
    u32 as u32: "mov {value:e}, dword ptr [{base} + {address}]" "mov dword ptr [{base} + {address}], {value:e}";
    i32 as u32: "mov {value:e}, dword ptr [{base} + {address}]" "mov dword ptr [{base} + {address}], {value:e}";
    u64 as u64: "mov {value}, qword ptr [{base} + {address}]" "mov qword ptr [{base} + {address}], {value}";
}

/// Vectors are moved through a vector register.
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
impl Raw for u128 {
    #[inline(always)]
    unsafe fn load_or_fault(regs: &Regs, address: u64) -> u128 {
        let value;
        // SAFETY: the access is within the reservation; a fault leaves the interpreter.
        unsafe {
            or_fault!(
                regs, address: "movups {value}, xmmword ptr [{base} + {address}]",
                (lateout(xmm_reg) value), (readonly, nostack, preserves_flags)
            );
        }
        u128::of_register(value)
    }

    #[inline(always)]
    unsafe fn store_or_fault(regs: &Regs, address: u64, value: u128) {
        // SAFETY: as above.
        unsafe {
            or_fault!(
                regs, address: "movups xmmword ptr [{base} + {address}], {value}",
                (in(xmm_reg) value.to_register()), (nostack, preserves_flags)
            );
        }
    }
}

/// Platforms without guard pages never use these accesses; they check bounds all the same.
#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
macro_rules! raw {
    ($($Type:ty)*) => {
        $(impl Raw for $Type {
            #[inline(always)]
            unsafe fn load_or_fault(regs: &Regs, address: u64) -> $Type {
                // SAFETY: by the contract of this function.
                unsafe { Explicit::load(regs, address) }.unwrap_or(0)
            }

            #[inline(always)]
            unsafe fn store_or_fault(regs: &Regs, address: u64, value: $Type) {
                // SAFETY: by the contract of this function.
                let _ = unsafe { Explicit::store(regs, address, value) };
            }
        })*
    };
}

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
raw!(u8 i8 u16 i16 u32 i32 u64 u128);
