//! What a guest may see of the system through WASI.

use std::ffi::{c_char, c_void};
use std::fs::File;
use std::io::{self, Cursor, Write};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use riser::wasi::{DirPerms, FilePerms, WasiCtxBuilder, WasiSnapshot};

use crate::failure::{Outcome, outcome};
use crate::info::{Finalizer, Info};
use crate::store::Wasi;
use crate::text::{bytes, text};
use crate::vector::Item;

/// `riser_wasi_config_t`.
pub struct WasiConfig {
    builder: WasiCtxBuilder,
    /// The state of a guest that goes on.
    guest: Option<WasiSnapshot>,
    /// What the writers to standard output and to standard error were made with, if they are C's.
    stdout: Option<Arc<Info>>,
    stderr: Option<Arc<Info>>,
}

impl WasiConfig {
    /// The configuration for a guest that goes on, which lacks streams and folders.
    pub fn of_guest(guest: WasiSnapshot) -> WasiConfig {
        WasiConfig { builder: guest.builder(), guest: Some(guest), stdout: None, stderr: None }
    }

    /// The guest's state.
    ///
    /// # Errors
    ///
    /// If the guest goes on, and does not have here what it had.
    pub fn build(mut self) -> Result<Wasi> {
        let ctx = self.builder.build();
        if let Some(guest) = self.guest {
            guest.restore(&ctx)?;
        }
        Ok(Wasi { ctx, _kept: [self.stdout, self.stderr] })
    }
}

#[unsafe(no_mangle)]
extern "C" fn riser_wasi_config_new() -> Box<WasiConfig> {
    Box::new(WasiConfig { builder: WasiCtxBuilder::new(), guest: None, stdout: None, stderr: None })
}

#[unsafe(no_mangle)]
extern "C" fn riser_wasi_config_delete(config: Item<WasiConfig>) {
    drop(config);
}

/// Changes a configuration that is there.
fn with(config: Option<&mut WasiConfig>, work: impl FnOnce(&mut WasiCtxBuilder) -> Result<()>) -> Outcome {
    outcome(None, || work(&mut config.context("the WASI configuration is null")?.builder))
}

/// `stdin` makes `riser_wasi_config_inherit_stdin`.
macro_rules! inherited {
    ($($name:ident)*) => { pastey::paste! {$(
        #[unsafe(no_mangle)]
        extern "C" fn [<riser_wasi_config_inherit_ $name>](config: Option<&mut WasiConfig>) {
            if let Some(config) = config {
                config.builder.[<inherit_ $name>]();
            }
        }
    )*}};
}

inherited! { stdin stdout stderr stdio env }

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_wasi_config_arg(config: Option<&mut WasiConfig>, arg: *const c_char) -> Outcome {
    with(config, |config| {
        // SAFETY: C passes a text.
        config.arg(unsafe { text(arg, "the argument") }?);
        Ok(())
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_wasi_config_env(
    config: Option<&mut WasiConfig>,
    name: *const c_char,
    value: *const c_char,
) -> Outcome {
    with(config, |config| {
        // SAFETY: C passes texts.
        let (name, value) = unsafe { (text(name, "the variable's name")?, text(value, "the variable's value")?) };
        config.env(name, value);
        Ok(())
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_wasi_config_preopen_dir(
    config: Option<&mut WasiConfig>,
    host: *const c_char,
    guest: *const c_char,
) -> Outcome {
    with(config, |config| {
        // SAFETY: C passes texts.
        let (host, guest) = unsafe { (text(host, "the folder's path")?, text(guest, "the guest's path")?) };
        config
            .preopened_dir(host, guest, DirPerms::all(), FilePerms::all())
            .with_context(|| format!("cannot open the folder `{host}`"))?;
        Ok(())
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_wasi_config_stdin_file(config: Option<&mut WasiConfig>, path: *const c_char) -> Outcome {
    with(config, |config| {
        // SAFETY: C passes a text.
        let path = unsafe { text(path, "the file's path") }?;
        config.stdin(File::open(path).with_context(|| format!("cannot read `{path}`"))?);
        Ok(())
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_wasi_config_stdin_bytes(config: Option<&mut WasiConfig>, input: *const c_char, len: usize) {
    if let Some(config) = config {
        // SAFETY: C passes as many bytes.
        config.builder.stdin(Cursor::new(unsafe { bytes(input, len) }.to_vec()));
    }
}

/// `riser_write_callback_t`: takes bytes, and returns whether it has. Not every language returns one of the two bytes that a `bool` of
/// Rust's can be.
type WriteCallback = unsafe extern "C" fn(*mut c_void, *const u8, usize) -> u8;

/// A function of C's that takes what a guest writes. A guest may close the stream, in a call that works on the guest's memory and state;
/// so others keep the environment ([`Wasi`]), whose finalizer may use the store.
struct Writer {
    write: WriteCallback,
    env: Arc<Info>,
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // SAFETY: C has passed both together, and gets bytes that are there.
        let is_done = unsafe { (self.write)(self.env.data(), bytes.as_ptr(), bytes.len()) } != 0;
        if is_done { Ok(bytes.len()) } else { Err(io::Error::other("the embedder does not take it")) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `stdout` makes `riser_wasi_config_stdout_file` and `riser_wasi_config_stdout_callback`.
macro_rules! outputs {
    ($($name:ident)*) => { pastey::paste! {$(
        #[unsafe(no_mangle)]
        unsafe extern "C" fn [<riser_wasi_config_ $name _file>](
            config: Option<&mut WasiConfig>,
            path: *const c_char,
        ) -> Outcome {
            with(config, |config| {
                // SAFETY: C passes a text.
                let path = unsafe { text(path, "the file's path") }?;
                config.$name(File::create(path).with_context(|| format!("cannot write `{path}`"))?);
                Ok(())
            })
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn [<riser_wasi_config_ $name _callback>](
            config: Option<&mut WasiConfig>,
            write: Option<WriteCallback>,
            env: *mut c_void,
            finalizer: Finalizer,
        ) {
            let env = Arc::new(Info::new(env, finalizer));
            if let (Some(config), Some(write)) = (config, write) {
                config.builder.$name(Writer { write, env: Arc::clone(&env) });
                // The finalizer of what was set before runs here.
                drop(config.$name.replace(env));
            }
        }
    )*}};
}

outputs! { stdout stderr }
