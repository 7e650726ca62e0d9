//! The functions of WASI preview 1, each with its signature, in the order of the witx document.
//!
//! One macro holds the list. A row such as
//!
//! ```text
//! fn clock_res_get(id: i32, resolution: i32);
//! ```
//!
//! becomes
//!
//! ```text
//! Function {
//!     name: "clock_res_get",
//!     params: &[ValKind::I32, ValKind::I32],
//!     results: &[ValKind::I32],
//!     call: |ctx, mut memory, args| {
//!         let &[id, resolution] = args else { return Err(arity("clock_res_get", args)) };
//!         errno(preview1::clock_res_get(ctx.inner_mut(), &mut memory.as_wiggle(), id as i32, resolution as i32))
//!     },
//! }
//! ```
//!
//! A function after `or` is called first, and returns the errno if the call is its own.
//!
//! Parameters that end in `_out` are pointers through which the function returns its results.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use anyhow::anyhow;
use wasi_common::snapshots::preview_1::wasi_snapshot_preview1 as preview1;

use crate::error::errno_of;
use crate::{GuestMemory, WasiCtx, WasiError};
use crate::{clocks, poll};

/// The name of the module that guests import the functions from.
pub const MODULE: &str = "wasi_snapshot_preview1";

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
/// [`WasiError::Exit`] from `proc_exit`; [`WasiError::Other`] when the host could not carry the call
/// out or the number of slots is not the number of parameters. Nothing a guest passes in a memory
/// or an argument is such an error, except a signal to `proc_raise`, which is not supported.
pub type Call = fn(&mut WasiCtx, memory: GuestMemory<'_>, args: &[u64]) -> Result<u32, WasiError>;

/// The wasm types of the Rust types with which the list below names them.
trait Slot {
    const KIND: ValKind;
}

impl Slot for i32 {
    const KIND: ValKind = ValKind::I32;
}

impl Slot for i64 {
    const KIND: ValKind = ValKind::I64;
}

macro_rules! functions {
    ($(fn $name:ident($($param:ident: $ty:ident),*) $(or $room:ident::$ours:ident($($arg:ident),*))?;)*) => {
        /// Every function of [`MODULE`].
        pub const FUNCTIONS: &[Function] = &[
            $(Function {
                name: stringify!($name),
                params: &[$(<$ty as Slot>::KIND),*],
                results: &[ValKind::I32],
                call: |ctx, mut memory, args| {
                    let &[$($param),*] = args else { return Err(arity(stringify!($name), args)) };
                    $(if let Some(result) = $room::$ours(ctx, &mut memory, $($arg),*) {
                        return result;
                    })?
                    errno(preview1::$name(ctx.inner_mut(), &mut memory.as_wiggle(), $($param as $ty),*))
                },
            },)*
            PROC_EXIT,
        ];
    };
}

functions! {
    fn args_get(argv_out: i32, argv_buf_out: i32);
    fn args_sizes_get(count_out: i32, size_out: i32);
    fn environ_get(environ_out: i32, environ_buf_out: i32);
    fn environ_sizes_get(count_out: i32, size_out: i32);
    fn clock_res_get(id: i32, resolution_out: i32)
        or clocks::resolution(id, resolution_out);
    fn clock_time_get(id: i32, precision: i64, time_out: i32)
        or clocks::time(id, time_out);
    fn fd_advise(fd: i32, offset: i64, len: i64, advice: i32);
    fn fd_allocate(fd: i32, offset: i64, len: i64);
    fn fd_close(fd: i32);
    fn fd_datasync(fd: i32);
    fn fd_fdstat_get(fd: i32, stat_out: i32);
    fn fd_fdstat_set_flags(fd: i32, flags: i32);
    fn fd_fdstat_set_rights(fd: i32, rights_base: i64, rights_inheriting: i64);
    fn fd_filestat_get(fd: i32, stat_out: i32);
    fn fd_filestat_set_size(fd: i32, size: i64);
    fn fd_filestat_set_times(fd: i32, atim: i64, mtim: i64, flags: i32);
    fn fd_pread(fd: i32, iovs: i32, iovs_len: i32, offset: i64, nread_out: i32);
    fn fd_prestat_get(fd: i32, prestat_out: i32);
    fn fd_prestat_dir_name(fd: i32, path_out: i32, path_len: i32);
    fn fd_pwrite(fd: i32, iovs: i32, iovs_len: i32, offset: i64, nwritten_out: i32);
    fn fd_read(fd: i32, iovs: i32, iovs_len: i32, nread_out: i32);
    fn fd_readdir(fd: i32, buf: i32, buf_len: i32, cookie: i64, used_out: i32);
    fn fd_renumber(fd: i32, to: i32);
    fn fd_seek(fd: i32, offset: i64, whence: i32, position_out: i32);
    fn fd_sync(fd: i32);
    fn fd_tell(fd: i32, position_out: i32);
    fn fd_write(fd: i32, iovs: i32, iovs_len: i32, nwritten_out: i32);
    fn path_create_directory(fd: i32, path: i32, path_len: i32);
    fn path_filestat_get(fd: i32, flags: i32, path: i32, path_len: i32, stat_out: i32);
    fn path_filestat_set_times(fd: i32, flags: i32, path: i32, path_len: i32,
                               atim: i64, mtim: i64, fst_flags: i32);
    fn path_link(old_fd: i32, old_flags: i32, old_path: i32, old_path_len: i32,
                 new_fd: i32, new_path: i32, new_path_len: i32);
    fn path_open(fd: i32, dirflags: i32, path: i32, path_len: i32, oflags: i32,
                 rights_base: i64, rights_inheriting: i64, fdflags: i32, fd_out: i32);
    fn path_readlink(fd: i32, path: i32, path_len: i32, buf: i32, buf_len: i32, used_out: i32);
    fn path_remove_directory(fd: i32, path: i32, path_len: i32);
    fn path_rename(fd: i32, old_path: i32, old_path_len: i32,
                   new_fd: i32, new_path: i32, new_path_len: i32);
    fn path_symlink(old_path: i32, old_path_len: i32, fd: i32, new_path: i32, new_path_len: i32);
    fn path_unlink_file(fd: i32, path: i32, path_len: i32);
    fn poll_oneoff(subscriptions: i32, events_out: i32, nsubscriptions: i32, nevents_out: i32)
        or poll::until_a_date(subscriptions, events_out, nsubscriptions, nevents_out);
    fn proc_raise(signal: i32);
    fn sched_yield();
    fn random_get(buf: i32, buf_len: i32);
    fn sock_accept(fd: i32, flags: i32, fd_out: i32);
    fn sock_recv(fd: i32, iovs: i32, iovs_len: i32, flags: i32, nread_out: i32, flags_out: i32);
    fn sock_send(fd: i32, iovs: i32, iovs_len: i32, flags: i32, nwritten_out: i32);
    fn sock_shutdown(fd: i32, how: i32);
}

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

/// Drives a call to its end. In the synchronous context, the first poll reaches it.
pub(crate) fn errno(call: impl Future<Output = wiggle::error::Result<i32>>) -> Result<u32, WasiError> {
    match pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(errno)) => Ok(errno as u32),
        Poll::Ready(Err(error)) => errno_of(error),
        Poll::Pending => Err(WasiError::Other(anyhow!("a synchronous WASI call suspended"))),
    }
}
