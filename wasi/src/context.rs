//! What one guest may see and touch, and the builder that decides it.

use std::fmt;
use std::io::{self, Read, Write};
use std::path::Path;

use wasi_common::WasiFile;
use wasi_common::pipe::{ReadPipe, WritePipe};
use wasi_common::sync::{self, Dir, ambient_authority};

/// One guest's WASI state: arguments, environment, open descriptors, clocks and randomness. A clone is the same state, for another
/// thread of the guest.
#[derive(Clone)]
pub struct WasiCtx {
    inner: wasi_common::WasiCtx,
}

impl WasiCtx {
    pub(crate) fn inner_mut(&mut self) -> &mut wasi_common::WasiCtx {
        &mut self.inner
    }
}

impl fmt::Debug for WasiCtx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WasiCtx").finish_non_exhaustive()
    }
}

/// Builds a [`WasiCtx`]. By default a guest has no arguments, no environment, no directories, an
/// empty standard input, and standard output and error that discard what is written.
///
/// Descriptors 0, 1 and 2 are the standard streams; preopened directories follow from 3 in the
/// order in which they were given.
pub struct WasiCtxBuilder {
    ctx: wasi_common::WasiCtx,
    built: bool,
}

impl Default for WasiCtxBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for WasiCtxBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WasiCtxBuilder").field("built", &self.built).finish_non_exhaustive()
    }
}

impl WasiCtxBuilder {
    /// A builder with the defaults above.
    #[must_use]
    pub fn new() -> Self {
        let ctx = wasi_common::WasiCtx::new(
            sync::random_ctx(),
            sync::clocks_ctx(),
            #[cfg(unix)]
            Box::new(crate::poll::Scheduler),
            #[cfg(not(unix))]
            sync::sched_ctx(),
            wasi_common::Table::new(),
        );
        Self { ctx, built: false }
    }

    /// Adds an argument. By convention the first is the program's name.
    ///
    /// # Panics
    ///
    /// When all arguments together pass 4 GiB, which no guest could address.
    pub fn arg(&mut self, arg: impl AsRef<str>) -> &mut Self {
        self.ctx.push_arg(arg.as_ref()).expect("arguments stay below 4 GiB");
        self
    }

    /// Adds arguments in order.
    ///
    /// # Panics
    ///
    /// As [`arg`](Self::arg) does.
    pub fn args(&mut self, args: &[impl AsRef<str>]) -> &mut Self {
        for arg in args {
            self.arg(arg);
        }
        self
    }

    /// Adds an environment variable. A name given twice appears twice.
    ///
    /// # Panics
    ///
    /// When the whole environment passes 4 GiB, which no guest could address.
    pub fn env(&mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> &mut Self {
        self.ctx.push_env(name.as_ref(), value.as_ref()).expect("the environment stays below 4 GiB");
        self
    }

    /// Adds environment variables in order.
    ///
    /// # Panics
    ///
    /// As [`env`](Self::env) does.
    pub fn envs(&mut self, envs: &[(impl AsRef<str>, impl AsRef<str>)]) -> &mut Self {
        for (name, value) in envs {
            self.env(name, value);
        }
        self
    }

    /// Adds this process's environment, without the variables that are not Unicode, as WASI's
    /// strings have to be.
    pub fn inherit_env(&mut self) -> &mut Self {
        for (name, value) in std::env::vars_os() {
            if let (Some(name), Some(value)) = (name.to_str(), value.to_str()) {
                self.env(name, value);
            }
        }
        self
    }

    /// Gives the guest a reader as its standard input.
    pub fn stdin(&mut self, stdin: impl Read + Send + Sync + 'static) -> &mut Self {
        self.set_stdin(Box::new(ReadPipe::new(stdin)))
    }

    /// Gives the guest a writer as its standard output. Each `fd_write` is one vectored write.
    pub fn stdout(&mut self, stdout: impl Write + Send + Sync + 'static) -> &mut Self {
        self.set_stdout(Box::new(WritePipe::new(stdout)))
    }

    /// Gives the guest a writer as its standard error. Each `fd_write` is one vectored write.
    pub fn stderr(&mut self, stderr: impl Write + Send + Sync + 'static) -> &mut Self {
        self.set_stderr(Box::new(WritePipe::new(stderr)))
    }

    /// Gives the guest this process's standard input.
    pub fn inherit_stdin(&mut self) -> &mut Self {
        self.set_stdin(Box::new(sync::stdio::stdin()))
    }

    /// Gives the guest this process's standard output, flushed after every write.
    pub fn inherit_stdout(&mut self) -> &mut Self {
        self.set_stdout(Box::new(sync::stdio::stdout()))
    }

    /// Gives the guest this process's standard error.
    pub fn inherit_stderr(&mut self) -> &mut Self {
        self.set_stderr(Box::new(sync::stdio::stderr()))
    }

    /// Gives the guest all three of this process's standard streams.
    pub fn inherit_stdio(&mut self) -> &mut Self {
        self.inherit_stdin().inherit_stdout().inherit_stderr()
    }

    /// Opens the host's directory `host` and shows it to the guest as `guest`, to read and to
    /// write. The guest reaches what lies beneath it and nothing else.
    ///
    /// # Errors
    ///
    /// When `host` cannot be opened as a directory.
    pub fn preopened_dir(&mut self, host: impl AsRef<Path>, guest: impl AsRef<str>) -> io::Result<&mut Self> {
        let dir = Dir::open_ambient_dir(host, ambient_authority())?;
        let dir = Box::new(sync::dir::Dir::from_cap_std(dir));
        self.ctx
            .push_preopened_dir(Box::new(crate::dir::Dir(dir)), guest.as_ref())
            .map_err(|error| io::Error::other(error.to_string()))?;
        Ok(self)
    }

    /// The finished context.
    ///
    /// # Panics
    ///
    /// When called twice on one builder: the streams and directories went with the first context.
    pub fn build(&mut self) -> WasiCtx {
        assert!(!self.built, "a WasiCtxBuilder builds one context");
        let ctx = std::mem::take(self).ctx;
        self.built = true;
        WasiCtx { inner: ctx }
    }

    fn set_stdin(&mut self, file: Box<dyn WasiFile>) -> &mut Self {
        self.ctx.set_stdin(file);
        self
    }

    fn set_stdout(&mut self, file: Box<dyn WasiFile>) -> &mut Self {
        self.ctx.set_stdout(file);
        self
    }

    fn set_stderr(&mut self, file: Box<dyn WasiFile>) -> &mut Self {
        self.ctx.set_stderr(file);
        self
    }
}
