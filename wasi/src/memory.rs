//! The bytes of a guest's memory.

use std::cell::UnsafeCell;

/// The bytes of a guest's memory, which other threads may share.
#[derive(Debug)]
pub enum GuestMemory<'a> {
    /// Nobody else has them.
    Unshared(&'a mut [u8]),
    /// Other threads may read and write them at any time.
    Shared(&'a [UnsafeCell<u8>]),
}

impl GuestMemory<'_> {
    fn len(&self) -> usize {
        match self {
            GuestMemory::Unshared(bytes) => bytes.len(),
            GuestMemory::Shared(bytes) => bytes.len(),
        }
    }

    /// Whether there are `len` bytes at an address.
    pub(crate) fn has(&self, address: usize, len: usize) -> bool {
        address.checked_add(len).is_some_and(|end| end <= self.len())
    }

    /// A copy of `len` bytes at an address, if they are there.
    pub(crate) fn read(&self, address: usize, len: usize) -> Option<Vec<u8>> {
        if !self.has(address, len) {
            return None;
        }
        Some(match self {
            GuestMemory::Unshared(bytes) => bytes[address..address + len].to_vec(),
            GuestMemory::Shared(bytes) => {
                // SAFETY: the cell's byte is there. Whatever another thread writes meanwhile, it is a byte.
                let read = |byte: &UnsafeCell<u8>| unsafe { byte.get().read_volatile() };
                bytes[address..address + len].iter().map(read).collect()
            }
        })
    }

    /// Copies bytes to an address. Returns whether there is room for them; if not, nothing is written.
    pub(crate) fn write(&mut self, address: usize, from: &[u8]) -> bool {
        if !self.has(address, from.len()) {
            return false;
        }
        match self {
            GuestMemory::Unshared(bytes) => bytes[address..address + from.len()].copy_from_slice(from),
            GuestMemory::Shared(bytes) => {
                for (to, &byte) in bytes[address..].iter().zip(from) {
                    // SAFETY: as above.
                    unsafe { to.get().write_volatile(byte) };
                }
            }
        }
        true
    }

    /// The memory as `wasi-common` wants it.
    pub(crate) fn as_wiggle(&mut self) -> wiggle::GuestMemory<'_> {
        match self {
            GuestMemory::Unshared(bytes) => wiggle::GuestMemory::Unshared(bytes),
            GuestMemory::Shared(bytes) => wiggle::GuestMemory::Shared(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_checked_and_copied_in_both_kinds() {
        let mut own = [1, 2, 3, 4];
        let shared: Vec<UnsafeCell<u8>> = own.iter().map(|&byte| UnsafeCell::new(byte)).collect();
        for mut memory in [GuestMemory::Unshared(&mut own), GuestMemory::Shared(&shared)] {
            assert_eq!(memory.read(1, 2), Some(vec![2, 3]));
            assert_eq!(memory.read(3, 2), None);
            assert_eq!(memory.read(usize::MAX, 2), None);
            assert!(memory.write(2, &[7, 8]) && !memory.write(3, &[9, 9]));
            assert_eq!(memory.read(0, 4), Some(vec![1, 2, 7, 8]));
        }
    }
}
