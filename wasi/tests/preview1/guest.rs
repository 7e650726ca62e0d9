//! A stand-in for a guest: a context, one page of memory, and calls by name.

use riser_wasi::{FUNCTIONS, Function, GuestMemory, WasiCtx, WasiError};

/// Errnos, by their names in the witx document.
pub mod errno {
    pub const SUCCESS: u32 = 0;
    pub const AGAIN: u32 = 6;
    pub const BADF: u32 = 8;
    pub const FAULT: u32 = 21;
    pub const INVAL: u32 = 28;
    pub const IO: u32 = 29;
    pub const LOOP: u32 = 32;
    pub const MFILE: u32 = 33;
    pub const NAMETOOLONG: u32 = 37;
    pub const NOENT: u32 = 44;
    pub const NOSPC: u32 = 51;
    pub const NOTSOCK: u32 = 57;
    pub const PERM: u32 = 63;
    pub const XDEV: u32 = 75;
    pub const NOTCAPABLE: u32 = 76;
}

/// The bytes of one page.
pub const PAGE: usize = 1 << 16;

/// What is opened has to be a directory.
const DIRECTORY: u64 = 1 << 1;

const RIGHT_READ: u64 = 1 << 1;

/// The right to read, and the right to write, through an opened descriptor.
pub const RIGHTS_READ_WRITE: u64 = 1 << 1 | 1 << 6;

pub struct Guest {
    pub ctx: WasiCtx,
    pub memory: Vec<u8>,
}

impl Guest {
    pub fn new(ctx: WasiCtx) -> Self {
        Self { ctx, memory: vec![0; PAGE] }
    }

    pub fn try_call(&mut self, name: &str, args: &[u64]) -> Result<u32, WasiError> {
        self.try_call_of(function(name), args)
    }

    pub fn try_call_of(&mut self, function: &Function, args: &[u64]) -> Result<u32, WasiError> {
        (function.call)(&mut self.ctx, GuestMemory::Unshared(&mut self.memory), args)
    }

    /// The errno of a call that returns to the guest.
    #[track_caller]
    pub fn call(&mut self, name: &str, args: &[u64]) -> u32 {
        self.try_call(name, args).unwrap_or_else(|error| panic!("{name} left the guest: {error}"))
    }

    pub fn put(&mut self, at: u32, bytes: &[u8]) {
        self.memory[at as usize..][..bytes.len()].copy_from_slice(bytes);
    }

    /// Writes a vector of (pointer, length) pairs.
    pub fn put_iovs(&mut self, at: u32, iovs: &[(u32, u32)]) {
        for (index, (pointer, length)) in iovs.iter().enumerate() {
            let at = at + 8 * index as u32;
            self.put(at, &pointer.to_le_bytes());
            self.put(at + 4, &length.to_le_bytes());
        }
    }

    pub fn bytes(&self, at: u32, length: u32) -> &[u8] {
        &self.memory[at as usize..][..length as usize]
    }

    pub fn u32(&self, at: u32) -> u32 {
        u32::from_le_bytes(self.bytes(at, 4).try_into().unwrap())
    }

    pub fn u64(&self, at: u32) -> u64 {
        u64::from_le_bytes(self.bytes(at, 8).try_into().unwrap())
    }

    /// `path_open` beneath the directory `dir`, following links; the new descriptor, or the errno.
    #[track_caller]
    pub fn open(&mut self, dir: u64, path: &str, oflags: u64) -> Result<u64, u32> {
        const PATH: u32 = 0x8000;
        const FD: u32 = 0x7000;
        self.put(PATH, path.as_bytes());
        // Nobody writes a directory.
        let rights = if oflags & DIRECTORY == 0 { RIGHTS_READ_WRITE } else { RIGHT_READ };
        let errno =
            self.call("path_open", &[dir, 1, u64::from(PATH), path.len() as u64, oflags, rights, 0, 0, u64::from(FD)]);
        match errno {
            errno::SUCCESS => Ok(u64::from(self.u32(FD))),
            errno => Err(errno),
        }
    }
}

pub fn function(name: &str) -> &'static Function {
    FUNCTIONS.iter().find(|function| function.name == name).unwrap_or_else(|| panic!("no function {name}"))
}
