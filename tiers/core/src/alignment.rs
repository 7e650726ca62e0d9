//! Alignment of handlers: each begins at a cache line.
//!
//! A processor predicts branches and decodes by lines of code. Without alignment, the linker decides where in its lines a
//! handler lies. The places change with every build, and have made one build of an interpreter a third slower than another of
//! the same code.

/// Makes the function that this is inlined into begin at a cache line.
///
/// Emits no instruction. The directive asks for the alignment unless more than one byte would have to be skipped, which is so
/// everywhere but at the function's beginning. It also raises the alignment of the section, which contains only the function.
/// Does nothing on machines other than x86-64.
#[inline(always)]
pub fn begin_at_cache_line() {
    #[cfg(all(target_arch = "x86_64", target_os = "linux", not(miri)))]
    // SAFETY: no instructions.
    unsafe {
        std::arch::asm!(".balign {line},,1", line = const crate::native::CODE_ALIGN, options(nomem, nostack, preserves_flags));
    }
}
