//! What a guest is given: modules to import from, directories, sockets, variables, arguments.

use std::ffi::OsString;
use std::net::TcpListener;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::wasi::{DirPerms, FilePerms, WasiCtx, WasiCtxBuilder, WasiSnapshot};

use super::preload::Preload;
use super::reach;
use super::usage::Misuse;

/// What a guest is given.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Guest")]
pub struct GuestArgs {
    /// Call this exported function with ARGS, and print its results
    #[arg(long, short_alias = 'f', alias = "function", value_name = "NAME", help_heading = None)]
    pub invoke: Option<String>,

    /// Instantiate a module first, for FILE to import from as NAME
    ///
    /// Can be repeated, and then each may import from those before it.
    #[arg(long = "preload", value_name = "NAME=FILE", value_parser = Preload::parse, help_heading = None)]
    pub preloads: Vec<Preload>,

    /// Give the guest a directory of the host, as GUEST if that is given
    #[arg(long = "dir", value_name = "HOST[::GUEST]", help_heading = None)]
    pub dirs: Vec<String>,

    /// Give the guest a directory that it may only read
    #[arg(long = "read-only-dir", value_name = "HOST[::GUEST]")]
    pub read_only_dirs: Vec<String>,

    /// Give the guest a socket that listens at an address, such as 127.0.0.1:8080
    ///
    /// It is the descriptor behind those of the directories, which begin with 3. Can be repeated.
    #[arg(long = "tcplisten", value_name = "ADDRESS")]
    pub tcplisten: Vec<String>,

    /// Give the guest a variable; without a value, that of this process
    #[arg(long = "env", value_name = "NAME[=VALUE]", help_heading = None)]
    pub env: Vec<String>,

    /// The guest's name for itself, instead of FILE
    #[arg(long, value_name = "NAME")]
    pub argv0: Option<String>,
}

impl GuestArgs {
    /// The files that the flags have read.
    pub fn inputs(&self) -> impl Iterator<Item = &Path> + Clone {
        self.preloads.iter().map(Preload::file)
    }

    /// The flags that give a guest the same.
    pub fn to_flags(&self) -> Vec<OsString> {
        let GuestArgs { invoke, preloads, dirs, read_only_dirs, tcplisten, env, argv0 } = self;
        let preloads: Vec<String> = preloads.iter().map(Preload::to_string).collect();
        let all = [
            ("--invoke", invoke.as_slice()),
            ("--preload", &preloads),
            ("--dir", dirs),
            ("--read-only-dir", read_only_dirs),
            ("--tcplisten", tcplisten),
            ("--env", env),
            ("--argv0", argv0.as_slice()),
        ];
        let all = all.into_iter();
        all.flat_map(|(flag, values)| values.iter().flat_map(move |value| [flag.into(), value.into()])).collect()
    }

    /// The guest's WASI state: new, or restored.
    ///
    /// # Errors
    ///
    /// If a directory or a socket cannot be opened, or a variable is not there.
    pub fn wasi(&self, file: &Path, args: &[String], restored: Option<&WasiSnapshot>) -> Result<WasiCtx> {
        let mut wasi = match restored {
            Some(restored) => restored.builder(),
            None => {
                let mut wasi = WasiCtxBuilder::new();
                wasi.arg(self.argv0.as_deref().unwrap_or(&file.to_string_lossy())).args(args);
                wasi
            }
        };
        wasi.inherit_stdio();
        for variable in &self.env {
            let [name, value] = with_value(variable)?;
            wasi.env(name, value);
        }
        for address in &self.tcplisten {
            let listener = TcpListener::bind(address).with_context(|| format!("cannot listen at `{address}`"))?;
            wasi.preopened_listener(listener);
        }
        let writable = self.dirs.iter().map(|dir| (dir, DirPerms::all(), FilePerms::all()));
        let read_only = self.read_only_dirs.iter().map(|dir| (dir, DirPerms::READ, FilePerms::READ));
        for (dir, dir_perms, file_perms) in writable.chain(read_only) {
            let (host, guest) = host_and_guest(dir);
            wasi.preopened_dir(host, guest, dir_perms, file_perms)
                .with_context(|| format!("cannot open the directory `{host}`"))?;
        }
        let wasi = wasi.build();
        if let Some(restored) = restored {
            restored.restore(&wasi)?;
        }
        Ok(wasi)
    }

    /// The host's folders that the guest may write to.
    pub fn writable(&self) -> impl Iterator<Item = &Path> {
        self.dirs.iter().map(|dir| Path::new(host_and_guest(dir).0))
    }

    /// Checks that the guest cannot write the machine code that is in a folder: a later run would run it.
    ///
    /// # Errors
    ///
    /// If it can.
    pub fn check_cache(&self, folder: &Path) -> Result<()> {
        let Some(dir) = reach::way_into(folder, self.writable())? else { return Ok(()) };
        bail!(Misuse::new(format!(
            "the guest could write the machine code in `{}`, which `--cache` lets later runs execute: `--dir {}` leads there; use \
             `--cache=DIR` with another folder, or `--read-only-dir`",
            folder.display(),
            dir.display()
        )));
    }
}

/// The host's folder and the guest's name for it, of the value of `--dir`.
pub fn host_and_guest(dir: &str) -> (&str, &str) {
    dir.split_once("::").unwrap_or((dir, dir))
}

/// The guest's arguments, which WASI and values take as Unicode.
pub fn arguments(words: &[OsString]) -> Result<Vec<String>> {
    let text = |(number, word): (usize, &OsString)| {
        let text = word.to_str().map(str::to_owned);
        text.with_context(|| format!("argument {} of the guest is not UTF-8: `{}`", number + 1, word.display()))
    };
    words.iter().enumerate().map(text).collect()
}

/// The name and the value of a variable, which is that of this process if none is given.
fn with_value(variable: &str) -> Result<[String; 2]> {
    if let Some((name, value)) = variable.split_once('=') {
        return Ok([name.to_owned(), value.to_owned()]);
    }
    let value = std::env::var(variable);
    let value = value.with_context(|| {
        format!("there is no variable `{variable}` to pass on: `--env {variable}=VALUE` gives the guest one")
    })?;
    Ok([variable.to_owned(), value])
}
