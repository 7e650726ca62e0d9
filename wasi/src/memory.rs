//! The bytes of a guest's memory, and how functions read and write them.
//!
//! A pointer that is not aligned gives `EINVAL`, one that is out of bounds `EFAULT`, in this order.

use std::borrow::Cow;
use std::cell::UnsafeCell;

use crate::errno::{Errno, Result};

/// The bytes of a buffer between a shared memory and the system.
const STEP: usize = 1 << 16;

/// The longest path that is looked at. No system takes longer ones.
pub(crate) const LONGEST_PATH: u32 = 1 << 16;

/// What addresses reach. A 64-bit memory may have more.
const ADDRESSES: usize = (u32::MAX as usize).saturating_add(1);

/// The bytes of a guest's memory, which other threads may share.
#[derive(Debug)]
pub enum GuestMemory<'a> {
    /// Nobody else has them.
    Unshared(&'a mut [u8]),
    /// Other threads may read and write them at any time.
    Shared(&'a [UnsafeCell<u8>]),
}

/// A byte of a shared memory.
fn load(byte: &UnsafeCell<u8>) -> u8 {
    // SAFETY: the cell's byte is there. Whatever another thread writes meanwhile, it is a byte.
    unsafe { byte.get().read_volatile() }
}

impl GuestMemory<'_> {
    /// How many bytes there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            GuestMemory::Unshared(bytes) => bytes.len(),
            GuestMemory::Shared(bytes) => bytes.len(),
        }
    }

    /// Checks that there are `len` bytes at an address that is a multiple of `align`. Returns their place.
    pub(crate) fn place(&self, address: u32, len: usize, align: u32) -> Result<std::ops::Range<usize>> {
        if !address.is_multiple_of(align) {
            return Err(Errno::Inval);
        }
        let start = address as usize;
        let end = start.checked_add(len).filter(|&end| end <= self.len().min(ADDRESSES)).ok_or(Errno::Fault)?;
        Ok(start..end)
    }

    /// Checks that there is room for an array. Returns its length in bytes.
    pub(crate) fn array(&self, address: u32, count: u32, size: usize, align: u32) -> Result<usize> {
        let len = (count as usize).checked_mul(size).ok_or(Errno::Fault)?;
        self.place(address, len, align).map(|place| place.len())
    }

    /// Bytes, copied if other threads may write to them.
    pub(crate) fn read(&self, address: u32, len: usize) -> Result<Cow<'_, [u8]>> {
        let place = self.place(address, len, 1)?;
        Ok(match self {
            GuestMemory::Unshared(bytes) => Cow::Borrowed(&bytes[place]),
            GuestMemory::Shared(bytes) => Cow::Owned(bytes[place].iter().map(load).collect()),
        })
    }

    /// A 32-bit number.
    pub(crate) fn read_u32(&self, address: u32) -> Result<u32> {
        let place = self.place(address, 4, 4)?;
        let mut number = [0; 4];
        match self {
            GuestMemory::Unshared(bytes) => number.copy_from_slice(&bytes[place]),
            GuestMemory::Shared(bytes) => number.iter_mut().zip(&bytes[place]).for_each(|(to, from)| *to = load(from)),
        }
        Ok(u32::from_le_bytes(number))
    }

    /// A path, or what a link is to lead to.
    pub(crate) fn read_path(&self, address: u32, len: u32) -> Result<String> {
        self.place(address, len as usize, 1)?;
        if len > LONGEST_PATH {
            return Err(Errno::NameTooLong);
        }
        String::from_utf8(self.read(address, len as usize)?.into_owned()).map_err(|_| Errno::Ilseq)
    }

    /// Copies bytes to an address.
    pub(crate) fn write(&mut self, address: u32, from: &[u8]) -> Result<()> {
        let place = self.place(address, from.len(), 1)?;
        match self {
            GuestMemory::Unshared(bytes) => bytes[place].copy_from_slice(from),
            GuestMemory::Shared(bytes) => {
                for (to, &byte) in bytes[place].iter().zip(from) {
                    // SAFETY: as above.
                    unsafe { to.get().write_volatile(byte) };
                }
            }
        }
        Ok(())
    }

    /// The most bytes that [`fill`](GuestMemory::fill) fills at once.
    pub(crate) fn step(&self) -> usize {
        match self {
            GuestMemory::Unshared(_) => usize::MAX,
            GuestMemory::Shared(_) => STEP,
        }
    }

    /// Fills a place: directly, or if other threads may use the memory, in steps through a buffer. `fill` returns how
    /// many bytes it has written; less than it was given is the end. Returns how many there are altogether.
    pub(crate) fn fill(
        &mut self,
        place: std::ops::Range<usize>,
        mut fill: impl FnMut(&mut [u8]) -> Result<usize>,
    ) -> Result<usize> {
        match self {
            GuestMemory::Unshared(bytes) => fill(&mut bytes[place]),
            GuestMemory::Shared(_) => {
                let mut buffer = vec![0; place.len().min(STEP)];
                let mut done = 0;
                while done < place.len() {
                    let asked = (place.len() - done).min(STEP);
                    let got = match fill(&mut buffer[..asked]) {
                        Err(_) if done > 0 => break,
                        got => got?,
                    };
                    let at = u32::try_from(place.start + done).map_err(|_| Errno::Fault)?;
                    self.write(at, &buffer[..got])?;
                    done += got;
                    if got < asked {
                        break;
                    }
                }
                Ok(done)
            }
        }
    }

    /// Checks that there is room for a 32-bit result.
    pub(crate) fn room_for_u32(&self, address: u32) -> Result<()> {
        self.place(address, 4, 4).map(drop)
    }

    /// Stores a 32-bit result.
    pub(crate) fn write_u32(&mut self, address: u32, value: u32) -> Result<()> {
        self.room_for_u32(address)?;
        self.write(address, &value.to_le_bytes())
    }

    /// Stores a 64-bit result.
    pub(crate) fn write_u64(&mut self, address: u32, value: u64) -> Result<()> {
        self.place(address, 8, 8)?;
        self.write(address, &value.to_le_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(bytes: &[u8]) -> Vec<UnsafeCell<u8>> {
        bytes.iter().map(|&byte| UnsafeCell::new(byte)).collect()
    }

    #[test]
    fn bytes_are_checked_and_copied_in_both_kinds() {
        let mut own = [1, 2, 3, 4];
        let shared = shared(&own);
        for mut memory in [GuestMemory::Unshared(&mut own), GuestMemory::Shared(&shared)] {
            assert_eq!(memory.read(1, 2).as_deref(), Ok(&[2, 3][..]));
            assert_eq!(memory.read(3, 2), Err(Errno::Fault));
            assert_eq!(memory.read(u32::MAX, usize::MAX), Err(Errno::Fault));
            assert_eq!(memory.write_u32(2, 0), Err(Errno::Inval));
            assert_eq!(memory.write_u32(4, 0), Err(Errno::Fault));
            assert_eq!((memory.write(2, &[7, 8]), memory.write(3, &[9, 9])), (Ok(()), Err(Errno::Fault)));
            assert_eq!(memory.read(0, 4).as_deref(), Ok(&[1, 2, 7, 8][..]));
            assert_eq!(memory.read_u32(0), Ok(0x0807_0201));
            assert_eq!((memory.read_u32(2), memory.read_u32(4)), (Err(Errno::Inval), Err(Errno::Fault)));
        }
    }

    #[test]
    fn a_place_is_filled_in_steps_until_less_comes() {
        const LEN: usize = STEP + 10;
        let mut own = vec![0; LEN + 1];
        let shared = shared(&own);
        for mut memory in [GuestMemory::Unshared(&mut own), GuestMemory::Shared(&shared)] {
            let mut left = LEN - 5;
            let got = memory.fill(1..LEN + 1, |buffer| {
                let count = buffer.len().min(left);
                buffer[..count].fill(1);
                left -= count;
                Ok(count)
            });
            assert_eq!(got, Ok(LEN - 5));
            let bytes = memory.read(0, LEN + 1).unwrap();
            assert_eq!(bytes.iter().map(|&byte| usize::from(byte)).sum::<usize>(), LEN - 5);
            assert_eq!((bytes[0], bytes[1]), (0, 1));
        }
    }
}
