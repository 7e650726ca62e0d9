//! The least of WASI preview 1 that the programs need, the same code for every engine,
//! so that what is compared is the engines.
//!
//! A program gets arguments, clocks and its output streams; there are no files and no
//! environment. What it prints is kept: engines are compared only where they print the same.

use crate::engines::cpu_time_ns;

/// `errno` values.
const SUCCESS: i32 = 0;
const BADF: i32 = 8;
const FAULT: i32 = 21;
const NOSYS: i32 = 52;

/// Calls the macro `$callback` with every function that returns an `errno`.
macro_rules! for_each_function {
    ($callback:ident) => {
        $callback! {
            args_get(a: i32, b: i32);
            args_sizes_get(a: i32, b: i32);
            clock_res_get(a: i32, b: i32);
            clock_time_get(a: i32, b: i64, c: i32);
            environ_get(a: i32, b: i32);
            environ_sizes_get(a: i32, b: i32);
            fd_advise(a: i32, b: i64, c: i64, d: i32);
            fd_close(a: i32);
            fd_datasync(a: i32);
            fd_fdstat_get(a: i32, b: i32);
            fd_fdstat_set_flags(a: i32, b: i32);
            fd_filestat_get(a: i32, b: i32);
            fd_filestat_set_size(a: i32, b: i64);
            fd_pread(a: i32, b: i32, c: i32, d: i64, e: i32);
            fd_prestat_dir_name(a: i32, b: i32, c: i32);
            fd_prestat_get(a: i32, b: i32);
            fd_pwrite(a: i32, b: i32, c: i32, d: i64, e: i32);
            fd_read(a: i32, b: i32, c: i32, d: i32);
            fd_readdir(a: i32, b: i32, c: i32, d: i64, e: i32);
            fd_renumber(a: i32, b: i32);
            fd_seek(a: i32, b: i64, c: i32, d: i32);
            fd_sync(a: i32);
            fd_tell(a: i32, b: i32);
            fd_write(a: i32, b: i32, c: i32, d: i32);
            path_create_directory(a: i32, b: i32, c: i32);
            path_filestat_get(a: i32, b: i32, c: i32, d: i32, e: i32);
            path_filestat_set_times(a: i32, b: i32, c: i32, d: i32, e: i64, f: i64, g: i32);
            path_link(a: i32, b: i32, c: i32, d: i32, e: i32, f: i32, g: i32);
            path_open(a: i32, b: i32, c: i32, d: i32, e: i32, f: i64, g: i64, h: i32, i: i32);
            path_readlink(a: i32, b: i32, c: i32, d: i32, e: i32, f: i32);
            path_remove_directory(a: i32, b: i32, c: i32);
            path_rename(a: i32, b: i32, c: i32, d: i32, e: i32, f: i32);
            path_symlink(a: i32, b: i32, c: i32, d: i32, e: i32);
            path_unlink_file(a: i32, b: i32, c: i32);
            poll_oneoff(a: i32, b: i32, c: i32, d: i32);
            random_get(a: i32, b: i32);
            sched_yield();
        }
    };
}
pub(crate) use for_each_function;

/// The modules under which programs import WASI.
pub const MODULES: [&str; 2] = ["wasi_snapshot_preview1", "wasi_unstable"];

/// What one run of a program sees of the world, and what it did to it.
pub struct Host {
    args: Vec<String>,
    /// CPU time at the start: what the program's clocks count from.
    started_ns: u64,
    /// How much faster than CPU time the program's clocks go. CoreMark repeats itself until ten seconds are over.
    clock_speed: u32,
    /// What it printed, on either stream.
    pub output: Vec<u8>,
    /// With what it left, if it did so by `proc_exit`.
    pub exit: Option<i32>,
}

impl Host {
    /// A world for the program `name`, whose argument is its scale, if it has one.
    pub fn new(name: &str, scale: Option<u32>, clock_speed: u32) -> Host {
        let args = [name.to_owned()].into_iter().chain(scale.map(|scale| scale.to_string())).collect();
        Host { args, started_ns: cpu_time_ns(), clock_speed, output: Vec::new(), exit: None }
    }

    /// Calls the function `name`.
    pub fn call(&mut self, name: &str, args: &[i64], memory: &mut [u8]) -> i32 {
        self.try_call(name, args, memory).unwrap_or(FAULT)
    }

    /// As `call`; `None` if an address is out of bounds.
    fn try_call(&mut self, name: &str, args: &[i64], memory: &mut [u8]) -> Option<i32> {
        match name {
            "args_sizes_get" => {
                store_u32(memory, args[0], self.args.len() as u32)?;
                store_u32(memory, args[1], self.args.iter().map(|arg| arg.len() as u32 + 1).sum())?;
            }
            "args_get" => {
                let mut text = args[1];
                for (index, arg) in self.args.iter().enumerate() {
                    store_u32(memory, args[0] + 4 * index as i64, text as u32)?;
                    store(memory, text, arg.as_bytes())?;
                    store(memory, text + arg.len() as i64, &[0])?;
                    text += arg.len() as i64 + 1;
                }
            }
            "environ_sizes_get" => {
                store_u32(memory, args[0], 0)?;
                store_u32(memory, args[1], 0)?;
            }
            "environ_get" | "sched_yield" | "fd_close" | "fd_sync" | "fd_datasync" | "fd_fdstat_set_flags" => {}
            "clock_res_get" => store(memory, args[1], &1u64.to_le_bytes())?,
            "clock_time_get" => {
                let nanos = (cpu_time_ns() - self.started_ns) * u64::from(self.clock_speed);
                store(memory, args[2], &nanos.to_le_bytes())?;
            }
            "fd_fdstat_get" => {
                if !(0..3).contains(&args[0]) {
                    return Some(BADF);
                }
                // A character device with every right.
                let mut stat = [0; 24];
                stat[0] = 2;
                stat[8..].fill(0xff);
                store(memory, args[1], &stat)?;
            }
            "fd_write" => {
                let mut written = 0;
                for index in 0..args[2] {
                    let vector = args[1] + 8 * index;
                    let (from, len) = (load_u32(memory, vector)? as usize, load_u32(memory, vector + 4)? as usize);
                    self.output.extend_from_slice(memory.get(from..from.checked_add(len)?)?);
                    written += len as u32;
                }
                store_u32(memory, args[3], written)?;
            }
            "fd_read" => store_u32(memory, args[3], 0)?,
            "random_get" => {
                let from = usize::try_from(args[0]).ok()?;
                memory.get_mut(from..from.checked_add(args[1] as usize)?)?.fill(4);
            }
            "fd_prestat_get" | "fd_prestat_dir_name" | "fd_filestat_get" | "fd_seek" => return Some(BADF),
            _ => return Some(NOSYS),
        }
        Some(SUCCESS)
    }
}

fn store(memory: &mut [u8], at: i64, bytes: &[u8]) -> Option<()> {
    let at = at as u32 as usize;
    memory.get_mut(at..at + bytes.len())?.copy_from_slice(bytes);
    Some(())
}

fn store_u32(memory: &mut [u8], at: i64, value: u32) -> Option<()> {
    store(memory, at, &value.to_le_bytes())
}

fn load_u32(memory: &[u8], at: i64) -> Option<u32> {
    let at = at as u32 as usize;
    Some(u32::from_le_bytes(memory.get(at..at + 4)?.try_into().ok()?))
}
