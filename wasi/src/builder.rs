//! Deciding what a guest may see and touch.

use std::fmt;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::{Arc, Mutex};

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use crate::clock::{Clocks, HostMonotonicClock, HostWallClock};
use crate::context::{State, WasiCtx};
use crate::descriptors::{Descriptor, DescriptorKind, DirPerms, FilePerms, Table};
use crate::file::{Directory, File};
use crate::flags::{FdFlags, Rights};
use crate::host_dir::HostDir;
use crate::memory_fs::MemoryFs;
use crate::random::Random;
use crate::sockets::{Connection, Listener};
use crate::streams::{Inherited, Own};

/// The most descriptors of a guest at a time, unless set otherwise.
const MOST_DESCRIPTORS: usize = 1024;

/// Builds a [`WasiCtx`]. By default a guest has no arguments, no environment, no directories, an
/// empty standard input, and standard output and error that discard what is written. It has the system's clocks and random
/// numbers.
///
/// Descriptors 0, 1 and 2 are the standard streams. Preopened directories follow from 3 in the order in which they were given, then
/// sockets in theirs: C libraries look for directories until there is one no more.
pub struct WasiCtxBuilder {
    args: Vec<String>,
    env: Vec<(String, String)>,
    stdin: Arc<dyn File>,
    stdout: Arc<dyn File>,
    stderr: Arc<dyn File>,
    sockets: Vec<Descriptor>,
    directories: Vec<Descriptor>,
    wall: Option<Box<dyn HostWallClock>>,
    monotonic: Option<Box<dyn HostMonotonicClock>>,
    /// Where the clocks start, and by what they move.
    deterministic: Option<(u64, u64)>,
    random: Random,
    most_descriptors: usize,
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

impl WasiCtx {
    /// A new builder.
    #[must_use]
    pub fn builder() -> WasiCtxBuilder {
        WasiCtxBuilder::new()
    }
}

impl WasiCtxBuilder {
    /// A builder with the defaults above.
    #[must_use]
    pub fn new() -> Self {
        Self {
            args: Vec::new(),
            env: Vec::new(),
            stdin: Arc::new(Own::input(io::empty())),
            stdout: Arc::new(Own::output(io::sink())),
            stderr: Arc::new(Own::output(io::sink())),
            sockets: Vec::new(),
            directories: Vec::new(),
            wall: None,
            monotonic: None,
            deterministic: None,
            random: Random::System,
            most_descriptors: MOST_DESCRIPTORS,
            built: false,
        }
    }

    /// Adds an argument. By convention the first is the program's name.
    pub fn arg(&mut self, arg: impl AsRef<str>) -> &mut Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds arguments in order.
    pub fn args(&mut self, args: &[impl AsRef<str>]) -> &mut Self {
        for arg in args {
            self.arg(arg);
        }
        self
    }

    /// Adds this process's arguments, the program's name too. What is not Unicode in them is replaced, as WASI's strings have to be
    /// Unicode.
    pub fn inherit_args(&mut self) -> &mut Self {
        self.args.extend(std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()));
        self
    }

    /// Adds an environment variable. A name given twice appears twice.
    pub fn env(&mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> &mut Self {
        self.env.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Adds environment variables in order.
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

    /// Gives the guest a reader as its standard input, such as a [`MemoryInputPipe`](crate::MemoryInputPipe). A guest that waits for
    /// it is told that it is ready.
    pub fn stdin(&mut self, stdin: impl Read + Send + 'static) -> &mut Self {
        self.stdin = Arc::new(Own::input(stdin));
        self
    }

    /// Gives the guest a writer as its standard output, such as a [`MemoryOutputPipe`](crate::MemoryOutputPipe). Each `fd_write` is
    /// one vectored write.
    pub fn stdout(&mut self, stdout: impl Write + Send + 'static) -> &mut Self {
        self.stdout = Arc::new(Own::output(stdout));
        self
    }

    /// Gives the guest a writer as its standard error. Each `fd_write` is one vectored write.
    pub fn stderr(&mut self, stderr: impl Write + Send + 'static) -> &mut Self {
        self.stderr = Arc::new(Own::output(stderr));
        self
    }

    /// Gives the guest this process's standard input. It is read without a buffer: what the process itself has in the buffer of
    /// [`io::stdin`] is not seen.
    pub fn inherit_stdin(&mut self) -> &mut Self {
        self.stdin = Arc::new(Inherited::Stdin(io::stdin()));
        self
    }

    /// Gives the guest this process's standard output. Nothing stays in a buffer.
    pub fn inherit_stdout(&mut self) -> &mut Self {
        self.stdout = Arc::new(Inherited::Stdout(io::stdout()));
        self
    }

    /// Gives the guest this process's standard error.
    pub fn inherit_stderr(&mut self) -> &mut Self {
        self.stderr = Arc::new(Inherited::Stderr(io::stderr()));
        self
    }

    /// Gives the guest all three of this process's standard streams.
    pub fn inherit_stdio(&mut self) -> &mut Self {
        self.inherit_stdin().inherit_stdout().inherit_stderr()
    }

    /// Opens the host's directory `host` and shows it to the guest as `guest`. The guest reaches what lies beneath it and nothing else,
    /// as far as the permissions go.
    ///
    /// # Errors
    ///
    /// When `host` cannot be opened as a directory.
    pub fn preopened_dir(
        &mut self,
        host: impl AsRef<Path>,
        guest: impl AsRef<str>,
        dir_perms: DirPerms,
        file_perms: FilePerms,
    ) -> io::Result<&mut Self> {
        let directory = HostDir(Dir::open_ambient_dir(host, ambient_authority())?);
        Ok(self.preopen(guest.as_ref(), Arc::new(directory), dir_perms, file_perms))
    }

    /// Shows the guest a directory in memory as `guest`, with what it has, as far as the permissions go.
    pub fn preopened_memory_fs(
        &mut self,
        fs: &MemoryFs,
        guest: impl AsRef<str>,
        dir_perms: DirPerms,
        file_perms: FilePerms,
    ) -> &mut Self {
        self.preopen(guest.as_ref(), fs.root(), dir_perms, file_perms)
    }

    fn preopen(
        &mut self,
        guest: &str,
        directory: Arc<dyn Directory>,
        dir_perms: DirPerms,
        file_perms: FilePerms,
    ) -> &mut Self {
        self.directories.push(Descriptor::preopen(guest.to_owned(), directory, dir_perms, file_perms));
        self
    }

    /// Gives the guest a listening socket, such as a [`TcpListener`](std::net::TcpListener) or a
    /// [`UnixListener`](std::os::unix::net::UnixListener), from which it accepts connections.
    pub fn preopened_listener(&mut self, listener: impl Into<OwnedFd>) -> &mut Self {
        self.socket(DescriptorKind::Listener, Arc::new(Listener(listener.into())))
    }

    /// Gives the guest a connection, such as a [`TcpStream`](std::net::TcpStream) or a
    /// [`UnixStream`](std::os::unix::net::UnixStream).
    pub fn preopened_connection(&mut self, connection: impl Into<OwnedFd>) -> &mut Self {
        self.socket(DescriptorKind::Connection, Arc::new(Connection(connection.into())))
    }

    fn socket(&mut self, kind: DescriptorKind, socket: Arc<dyn File>) -> &mut Self {
        self.sockets.push(Descriptor::of_file(kind, socket, Rights::SOCKET, FdFlags::empty()));
        self
    }

    /// Gives the guest a clock of the embedder's for the date. Sleeps take the host's time.
    pub fn wall_clock(&mut self, clock: impl HostWallClock + 'static) -> &mut Self {
        self.wall = Some(Box::new(clock));
        self
    }

    /// Gives the guest a monotonic clock of the embedder's; to the guest, it begins at zero. Sleeps take the host's time.
    pub fn monotonic_clock(&mut self, clock: impl HostMonotonicClock + 'static) -> &mut Self {
        self.monotonic = Some(Box::new(clock));
        self
    }

    /// Gives the guest clocks that only its own calls move: each reading of any clock adds `step` nanoseconds to `start`, which are
    /// since 1970, and each sleep adds what it would have taken, and takes no time.
    pub fn deterministic_clocks(&mut self, start: u64, step: u64) -> &mut Self {
        self.deterministic = Some((start, step));
        self
    }

    /// Gives the guest random bytes of the embedder's. The function fills what it is given.
    pub fn secure_random(&mut self, fill: impl FnMut(&mut [u8]) + Send + 'static) -> &mut Self {
        self.random = Random::Own(Mutex::new(Box::new(fill)));
        self
    }

    /// Gives the guest the same random bytes in every run with this seed. They are no secret.
    pub fn random_seed(&mut self, seed: u64) -> &mut Self {
        self.random = Random::Seeded(Mutex::new(seed));
        self
    }

    /// Sets how many descriptors the guest may have at a time, those that it is given included; 1024 unless set.
    pub fn max_descriptors(&mut self, most: usize) -> &mut Self {
        self.most_descriptors = most;
        self
    }

    /// The finished context.
    ///
    /// # Panics
    ///
    /// When called twice on one builder: the streams and directories went with the first context.
    pub fn build(&mut self) -> WasiCtx {
        assert!(!self.built, "a WasiCtxBuilder builds one context");
        let given = std::mem::take(self);
        self.built = true;
        let stream = |kind, file, right| {
            let rights = Rights::STREAM.difference(Rights::FD_READ | Rights::FD_WRITE).union(right);
            Descriptor::of_file(kind, file, rights, FdFlags::empty())
        };
        let mut descriptors = vec![
            stream(DescriptorKind::Stdin, given.stdin, Rights::FD_READ),
            stream(DescriptorKind::Stdout, given.stdout, Rights::FD_WRITE),
            stream(DescriptorKind::Stderr, given.stderr, Rights::FD_WRITE),
        ];
        descriptors.extend(given.directories);
        descriptors.extend(given.sockets);
        let descriptors: Vec<Arc<Descriptor>> = descriptors.into_iter().map(Arc::new).collect();
        let is_directory = |it: &&Arc<Descriptor>| matches!(it.kind, DescriptorKind::Preopen { .. });
        let preopens = descriptors.iter().filter(is_directory).cloned().collect();
        let clocks = match given.deterministic {
            Some((start, step)) => Clocks::deterministic(start, step),
            None => Clocks::real(given.wall, given.monotonic),
        };
        let table = Table::new(descriptors, given.most_descriptors);
        let (args, env, random) = (given.args, given.env, given.random);
        WasiCtx { state: Arc::new(State { args, env, table, preopens, clocks, random }) }
    }

    /// As [`build`](WasiCtxBuilder::build), by another name that embedders know.
    ///
    /// # Panics
    ///
    /// As `build` does.
    pub fn build_p1(&mut self) -> WasiCtx {
        self.build()
    }
}
