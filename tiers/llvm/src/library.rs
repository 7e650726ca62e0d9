//! LLVM's shared library, loaded when it is first needed.
//!
//! A program that is linked with LLVM pays for it at every start, used or not: the loader has to relocate the addresses in LLVM's tables,
//! and to run hundreds of initialisers. So this crate defines the functions of LLVM's C interface itself: each is a jump to the address
//! that [`load`] finds for it. Then neither building nor starting the program needs LLVM.

use std::ffi::{CStr, c_char, c_uint, c_void};
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

/// The version that the tier is made for.
const VERSION: u32 = 19;

/// The library's names: LLVM's own, and an earlier one of some distributions.
const LIBRARIES: &[&CStr] = &[c"libLLVM.so.19.1", c"libLLVM-19.so.1"];

/// Defines the functions with these names, the names, and the addresses that they jump to.
macro_rules! functions {
    ($($name:ident)*) => {
        /// The number of each function.
        #[derive(Clone, Copy)]
        enum Number { $($name),* }

        /// The name of each function, with a zero at its end. One string, so that the loader has nothing to relocate.
        pub(super) const NAMES: &str = concat!($(stringify!($name), "\0"),*);

        /// How many functions there are.
        const COUNT: usize = [$(Number::$name),*].len();

        /// The addresses of the functions; null until LLVM is loaded.
        pub(super) static ADDRESSES: [std::sync::atomic::AtomicPtr<std::ffi::c_void>; COUNT] =
            [const { std::sync::atomic::AtomicPtr::new(std::ptr::null_mut()) }; COUNT];

        $(
            /// Jumps to LLVM's function.
            ///
            /// # Safety
            ///
            /// The safety conditions of LLVM's function.
            #[unsafe(no_mangle)]
            #[unsafe(naked)]
            unsafe extern "C" fn $name() {
                std::arch::naked_asm!(
                    "jmp qword ptr [rip + {addresses} + {offset}]",
                    addresses = sym ADDRESSES,
                    offset = const Number::$name as usize * 8,
                )
            }
        )*
    };
}

mod functions;

use functions::{ADDRESSES, NAMES};

/// Called in place of a function that LLVM lacks.
extern "C" fn missing() {
    eprintln!("riser: a function of LLVM was called that is not there; this is a bug in Riser");
    std::process::abort()
}

/// Loads LLVM, once for the process.
///
/// # Errors
///
/// If LLVM is missing, or has another version; says so.
pub(crate) fn load() -> Result<(), String> {
    static LOADED: OnceLock<Result<(), String>> = OnceLock::new();
    LOADED.get_or_init(|| find_functions(LIBRARIES)).clone()
}

/// Finds the functions in the first of the libraries that exists.
fn find_functions(libraries: &[&CStr]) -> Result<(), String> {
    let library = open(libraries)?;
    check_version(library)?;
    for (name, address) in NAMES.split_inclusive('\0').zip(&ADDRESSES) {
        address.store(find(library, name).unwrap_or(missing as *mut c_void), Ordering::Release);
    }
    Ok(())
}

/// Opens the first of the libraries that exists; it stays open as long as the process runs.
fn open(libraries: &[&CStr]) -> Result<*mut c_void, String> {
    let mut why = String::new();
    for library in libraries {
        // SAFETY: the name ends with a zero. Loading LLVM only registers its options.
        let handle = unsafe { libc::dlopen(library.as_ptr(), libc::RTLD_LAZY | libc::RTLD_LOCAL) };
        if !handle.is_null() {
            return Ok(handle);
        }
        if why.is_empty() {
            // SAFETY: after a failure there is a message, which lasts until the next call.
            let message = unsafe { CStr::from_ptr(libc::dlerror()) };
            why = message.to_string_lossy().into_owned();
        }
    }
    Err(format!("LLVM {VERSION} cannot be loaded: {why}; the package `libllvm{VERSION}` has it"))
}

/// The address of a function. The name has a zero at its end.
fn find(library: *mut c_void, name: &str) -> Option<*mut c_void> {
    // SAFETY: the library is open, and the name ends with a zero.
    let found = unsafe { libc::dlsym(library, name.as_ptr().cast::<c_char>()) };
    (!found.is_null()).then_some(found)
}

fn check_version(library: *mut c_void) -> Result<(), String> {
    type GetVersion = unsafe extern "C" fn(*mut c_uint, *mut c_uint, *mut c_uint);
    let found = find(library, "LLVMGetVersion\0").ok_or("LLVM does not say which version it is")?;
    let mut version = [0; 3];
    let [major, minor, patch] = &mut version;
    // SAFETY: the function has had this type since LLVM 16.
    unsafe { std::mem::transmute::<*mut c_void, GetVersion>(found)(major, minor, patch) };
    let [major, minor, patch] = version;
    match major {
        VERSION => Ok(()),
        _ => Err(format!("LLVM {VERSION} is needed; the library is of version {major}.{minor}.{patch}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_found() {
        load().unwrap();
        let missing = missing as *mut c_void;
        let names: Vec<&str> = NAMES.split_terminator('\0').collect();
        assert_eq!(names.len(), ADDRESSES.len());
        for (name, address) in names.into_iter().zip(&ADDRESSES) {
            let address = address.load(Ordering::Acquire);
            assert!(!address.is_null() && address != missing, "{name}");
        }
    }

    #[test]
    fn a_library_that_is_not_there_is_named() {
        let error = open(&[c"libriser-no-such.so.1", c"libriser-neither.so.1"]).unwrap_err();
        assert!(error.contains("LLVM 19 cannot be loaded: libriser-no-such.so.1"), "{error}");
        assert!(error.contains("libllvm19"), "{error}");
    }

    #[test]
    fn another_library_is_refused() {
        let other = open(&[c"libc.so.6"]).unwrap();
        assert!(check_version(other).unwrap_err().contains("which version"));
    }
}
