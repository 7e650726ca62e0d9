//! What is left of a process that is interrupted: nothing of its temporary folders, and no process that it measures.
//!
//! A handler of a signal may do little. It notes that there was one, and wakes a thread, which passes the signal on to the children, removes
//! the folders and then lets the signal end the process, so that whoever waits for the process sees what has ended it.

use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;
use std::{fs, mem, ptr, thread};

/// The signals that ask a process to end.
const SIGNALS: [libc::c_int; 3] = [libc::SIGHUP, libc::SIGINT, libc::SIGTERM];

/// The folders to remove.
static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// The children to end.
static CHILDREN: Mutex<Vec<libc::pid_t>> = Mutex::new(Vec::new());

/// Where the handler writes the signal's number.
static SIGNALLED: OnceLock<PipeWriter> = OnceLock::new();

/// Whether there was a signal.
static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Has a folder removed when the process is interrupted. A signal that the process ignores goes on being ignored.
pub(crate) fn remember(folder: &Path) {
    FOLDERS.lock().unwrap_or_else(PoisonError::into_inner).push(folder.to_owned());
    listen_once();
}

/// Forgets a folder that has been removed.
pub(crate) fn forget(folder: &Path) {
    FOLDERS.lock().unwrap_or_else(PoisonError::into_inner).retain(|it| it != folder);
}

/// A child that ends when the process is interrupted, as long as the value is there.
pub(crate) struct Child(libc::pid_t);

/// Starts a child. It is known before the process can be interrupted, or not started.
pub(crate) fn spawn(command: &mut Command) -> io::Result<(process::Child, Child)> {
    listen_once();
    let mut children = CHILDREN.lock().unwrap_or_else(PoisonError::into_inner);
    if IS_INTERRUPTED.load(Ordering::Relaxed) {
        drop(children);
        rest();
    }
    let child = command.spawn()?;
    let number = child.id() as libc::pid_t;
    children.push(number);
    Ok((child, Child(number)))
}

impl Drop for Child {
    fn drop(&mut self) {
        CHILDREN.lock().unwrap_or_else(PoisonError::into_inner).retain(|&it| it != self.0);
    }
}

/// Does not return if the process has been interrupted, and so is about to end: a child that the same signal has ended has not failed.
pub(crate) fn rest_if_interrupted() {
    if IS_INTERRUPTED.load(Ordering::Relaxed) {
        rest();
    }
}

/// Waits for the end of the process.
fn rest() -> ! {
    loop {
        thread::park();
    }
}

/// Begins to handle the signals. Where the system does not let it be, folders and children are left.
fn listen_once() {
    static LISTENING: OnceLock<()> = OnceLock::new();
    LISTENING.get_or_init(|| drop(listen()));
}

fn listen() -> io::Result<()> {
    let (reader, writer) = io::pipe()?;
    SIGNALLED.get_or_init(|| writer);
    thread::Builder::new().name("interrupts".to_owned()).spawn(move || end(reader))?;
    SIGNALS.into_iter().try_for_each(handle_signal)
}

/// Waits for a signal, passes it on, removes the folders, and ends the process by the signal.
fn end(mut signalled: PipeReader) {
    let mut number = [0];
    if signalled.read_exact(&mut number).is_err() {
        return;
    }
    // A child that the same signal has ended already ends once.
    for &child in &*CHILDREN.lock().unwrap_or_else(PoisonError::into_inner) {
        // SAFETY: it sends a signal, to a child that has not been waited for, so that its number is no other process's.
        unsafe { libc::kill(child, number[0].into()) };
    }
    let folders = mem::take(&mut *FOLDERS.lock().unwrap_or_else(PoisonError::into_inner));
    for folder in folders {
        // Other threads, and children that end by the same signal, may still be writing.
        for _ in 0..20 {
            match fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => thread::sleep(Duration::from_millis(10)),
                Ok(()) | Err(_) => break,
            }
        }
    }
    // SAFETY: the signal is one of those above. What it does by default, which is to end the process, needs nothing of it.
    unsafe {
        libc::signal(number[0].into(), libc::SIG_DFL);
        libc::raise(number[0].into());
    }
}

extern "C" fn handle(signal: libc::c_int) {
    if !IS_INTERRUPTED.swap(true, Ordering::Relaxed)
        && let Some(mut writer) = SIGNALLED.get()
    {
        // A pipe has room for a byte.
        drop(writer.write_all(&[signal as u8]));
    }
}

/// Makes a signal call [`handle`], unless it is ignored.
fn handle_signal(signal: libc::c_int) -> io::Result<()> {
    // SAFETY: all zeros are an action without flags and with an empty mask. The handler does what a signal handler may do: atomic operations,
    // it reads a place that is not written any more, and calls `write`.
    let status = unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        if libc::sigaction(signal, ptr::null(), &mut action) == 0 && action.sa_sigaction == libc::SIG_IGN {
            return Ok(());
        }
        action = mem::zeroed();
        action.sa_sigaction = handle as extern "C" fn(libc::c_int) as usize;
        action.sa_flags = libc::SA_RESTART | libc::SA_ONSTACK;
        libc::sigaction(signal, &action, ptr::null_mut())
    };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
