//! The functions of WASI preview 1, each with its signature, in the order of the witx document.
//!
//! One macro holds the list. A row such as
//!
//! ```text
//! process::clock_res_get(id: u32, resolution_out: u32);
//! ```
//!
//! becomes
//!
//! ```text
//! Function {
//!     name: "clock_res_get",
//!     params: &[ValKind::I32, ValKind::I32],
//!     results: &[ValKind::I32],
//!     call: |ctx, memory, args| {
//!         let &[id, resolution_out] = args else { return Err(arity("clock_res_get", args)) };
//!         let mut call = Call { state: &ctx.state, memory, version: … };
//!         Ok(errno(process::clock_res_get(&mut call, u32::of(id), u32::of(resolution_out))))
//!     },
//! }
//! ```
//!
//! Parameters that end in `_out` are pointers through which the function returns its results.

use anyhow::anyhow;

use crate::calls::{Call as GuestCall, descriptor, io, path, poll, process, socket};
use crate::errno::Errno;
use crate::layout::Version;
use crate::{GuestMemory, WasiCtx, WasiError};

/// The name of the module that guests import the functions from.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// The name of the module that guests of the older version import the functions from.
pub const UNSTABLE_MODULE: &str = "wasi_unstable";

/// The type of a parameter or a result: preview 1 uses only integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValKind {
    /// A 32-bit integer, zero-extended in its slot.
    I32,
    /// A 64-bit integer.
    I64,
}

/// One host function.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// The name guests import it by.
    pub name: &'static str,
    /// The parameters' types.
    pub params: &'static [ValKind],
    /// The result: one errno as [`ValKind::I32`], or none for `proc_exit`, which does not return.
    pub results: &'static [ValKind],
    /// Runs the function. See [`Call`].
    pub call: Call,
}

/// Runs a function over the bytes of the guest's memory and one 64-bit slot for each parameter. A
/// guest without a memory has an empty one, in which every pointer is out of bounds.
///
/// The `Ok` value is the errno for the guest, 0 for success.
///
/// # Errors
///
/// [`WasiError::Exit`] from `proc_exit`; [`WasiError::Other`] when the number of slots is not the number of parameters. Nothing a guest
/// passes in a memory or an argument is such an error.
pub type Call = fn(&mut WasiCtx, memory: GuestMemory<'_>, args: &[u64]) -> Result<u32, WasiError>;

/// The Rust types with which the list below names wasm types, and how their values are in slots.
trait Slot {
    const KIND: ValKind;
    fn of(slot: u64) -> Self;
}

impl Slot for u32 {
    const KIND: ValKind = ValKind::I32;
    fn of(slot: u64) -> u32 {
        slot as u32
    }
}

impl Slot for u64 {
    const KIND: ValKind = ValKind::I64;
    fn of(slot: u64) -> u64 {
        slot
    }
}

/// The list for a version of the interface.
struct List<const UNSTABLE: bool>;

impl<const UNSTABLE: bool> List<UNSTABLE> {
    const VERSION: Version = if UNSTABLE { Version::Unstable } else { Version::Preview1 };
}

macro_rules! functions {
    ($($module:ident::$name:ident($($param:ident: $ty:ident),*);)*) => {
        impl<const UNSTABLE: bool> List<UNSTABLE> {
            const FUNCTIONS: &'static [Function] = &[
                $(Function {
                    name: stringify!($name),
                    params: &[$(<$ty as Slot>::KIND),*],
                    results: &[ValKind::I32],
                    call: |ctx, memory, args| {
                        let &[$($param),*] = args else { return Err(arity(stringify!($name), args)) };
                        let mut call = GuestCall { state: &ctx.state, memory, version: Self::VERSION };
                        Ok(errno($module::$name(&mut call, $(<$ty as Slot>::of($param)),*)))
                    },
                },)*
                PROC_EXIT,
            ];
        }
    };
}

functions! {
    process::args_get(argv_out: u32, argv_buf_out: u32);
    process::args_sizes_get(count_out: u32, size_out: u32);
    process::environ_get(environ_out: u32, environ_buf_out: u32);
    process::environ_sizes_get(count_out: u32, size_out: u32);
    process::clock_res_get(id: u32, resolution_out: u32);
    process::clock_time_get(id: u32, precision: u64, time_out: u32);
    io::fd_advise(fd: u32, offset: u64, len: u64, advice: u32);
    io::fd_allocate(fd: u32, offset: u64, len: u64);
    descriptor::fd_close(fd: u32);
    io::fd_datasync(fd: u32);
    descriptor::fd_fdstat_get(fd: u32, stat_out: u32);
    descriptor::fd_fdstat_set_flags(fd: u32, flags: u32);
    descriptor::fd_fdstat_set_rights(fd: u32, rights_base: u64, rights_inheriting: u64);
    descriptor::fd_filestat_get(fd: u32, stat_out: u32);
    io::fd_filestat_set_size(fd: u32, size: u64);
    descriptor::fd_filestat_set_times(fd: u32, atim: u64, mtim: u64, flags: u32);
    io::fd_pread(fd: u32, iovs: u32, iovs_len: u32, offset: u64, nread_out: u32);
    descriptor::fd_prestat_get(fd: u32, prestat_out: u32);
    descriptor::fd_prestat_dir_name(fd: u32, path_out: u32, path_len: u32);
    io::fd_pwrite(fd: u32, iovs: u32, iovs_len: u32, offset: u64, nwritten_out: u32);
    io::fd_read(fd: u32, iovs: u32, iovs_len: u32, nread_out: u32);
    descriptor::fd_readdir(fd: u32, buf: u32, buf_len: u32, cookie: u64, used_out: u32);
    descriptor::fd_renumber(fd: u32, to: u32);
    io::fd_seek(fd: u32, offset: u64, whence: u32, position_out: u32);
    io::fd_sync(fd: u32);
    io::fd_tell(fd: u32, position_out: u32);
    io::fd_write(fd: u32, iovs: u32, iovs_len: u32, nwritten_out: u32);
    path::path_create_directory(fd: u32, path: u32, path_len: u32);
    path::path_filestat_get(fd: u32, flags: u32, path: u32, path_len: u32, stat_out: u32);
    path::path_filestat_set_times(fd: u32, flags: u32, path: u32, path_len: u32, atim: u64, mtim: u64, fst_flags: u32);
    path::path_link(old_fd: u32, old_flags: u32, old_path: u32, old_path_len: u32,
                    new_fd: u32, new_path: u32, new_path_len: u32);
    path::path_open(fd: u32, dirflags: u32, path: u32, path_len: u32, oflags: u32,
                    rights_base: u64, rights_inheriting: u64, fdflags: u32, fd_out: u32);
    path::path_readlink(fd: u32, path: u32, path_len: u32, buf: u32, buf_len: u32, used_out: u32);
    path::path_remove_directory(fd: u32, path: u32, path_len: u32);
    path::path_rename(fd: u32, old_path: u32, old_path_len: u32, new_fd: u32, new_path: u32, new_path_len: u32);
    path::path_symlink(old_path: u32, old_path_len: u32, fd: u32, new_path: u32, new_path_len: u32);
    path::path_unlink_file(fd: u32, path: u32, path_len: u32);
    poll::poll_oneoff(subscriptions: u32, events_out: u32, nsubscriptions: u32, nevents_out: u32);
    process::proc_raise(signal: u32);
    process::sched_yield();
    process::random_get(buf: u32, buf_len: u32);
    socket::sock_accept(fd: u32, flags: u32, fd_out: u32);
    socket::sock_recv(fd: u32, iovs: u32, iovs_len: u32, flags: u32, nread_out: u32, flags_out: u32);
    socket::sock_send(fd: u32, iovs: u32, iovs_len: u32, flags: u32, nwritten_out: u32);
    socket::sock_shutdown(fd: u32, how: u32);
}

/// Every function of [`MODULE`].
pub const FUNCTIONS: &[Function] = List::<false>::FUNCTIONS;

/// Every function of [`UNSTABLE_MODULE`]: the same names and signatures. Structures in memory and the numbers of `whence` differ.
pub const UNSTABLE_FUNCTIONS: &[Function] = List::<true>::FUNCTIONS;

/// The one function without a result. It takes any code, also the codes from 126 that some engines
/// refuse.
const PROC_EXIT: Function = Function {
    name: "proc_exit",
    params: &[ValKind::I32],
    results: &[],
    call: |_ctx, _memory, args| match args {
        &[code] => Err(WasiError::Exit(code as i32)),
        _ => Err(arity("proc_exit", args)),
    },
};

#[cold]
fn arity(name: &str, args: &[u64]) -> WasiError {
    WasiError::Other(anyhow!("{name} does not take {} arguments", args.len()))
}

/// What the guest gets.
fn errno(result: Result<(), Errno>) -> u32 {
    result.map_or_else(|errno| errno as u32, |()| 0)
}
