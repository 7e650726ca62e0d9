//! Where functions lie: handlers begin at cache lines.
//!
//! A processor predicts branches and decodes by lines of code. Where handlers lie in their lines is otherwise the linker's
//! choice, changes with every build, and has made one build of an interpreter a third slower than another of the same code.

/// Has the function that this is inlined into begin at a cache line.
///
/// Emits no instruction: it asks for the alignment unless more than one byte would have to be skipped, which is always so but
/// at the function's beginning, and for that of the section, which is the function's own. Does nothing on other machines than
/// x86-64.
#[inline(always)]
pub fn begin_at_cache_line() {
    #[cfg(all(target_arch = "x86_64", target_os = "linux", not(miri)))]
    // SAFETY: no instructions.
    unsafe {
        std::arch::asm!(".balign {line},,1", line = const crate::native::CODE_ALIGN, options(nomem, nostack, preserves_flags));
    }
}
