//! Arrays of buffers in a guest's memory.
//!
//! What a call costs the host is bounded by what the memory holds, whatever the array says: at most 1024 buffers are used, as
//! by systems, and altogether no more bytes than the memory has.

use std::borrow::Cow;
use std::io::IoSlice;
use std::ops::Range;

use crate::errno::Result;
use crate::memory::GuestMemory;

/// The most buffers of a call.
const MOST: usize = 1024;

/// The most bytes that are copied for a call that writes from a memory that other threads use.
const MOST_COPIED: usize = 1 << 20;

/// The places of the buffers that are used.
fn places(memory: &GuestMemory<'_>, array: u32, count: u32) -> Result<Vec<Range<usize>>> {
    const SIZE: u32 = 8;
    memory.array(array, count, SIZE as usize, 4)?;
    let mut left = memory.len().min(i32::MAX as usize);
    let mut places = Vec::new();
    for index in 0..count {
        let at = array + index * SIZE;
        let [buffer, len] = [memory.read_u32(at)?, memory.read_u32(at + 4)?];
        let place = memory.place(buffer, len as usize, 1)?;
        if place.is_empty() {
            continue;
        }
        let len = place.len().min(left);
        left -= len;
        places.push(place.start..place.start + len);
        if left == 0 || places.len() == MOST {
            break;
        }
    }
    Ok(places)
}

/// Reads into buffers, one after the other. `read` is told how many bytes there are so far. It is called again only if `more` and if
/// it has filled all that it was given: another read of a stream might wait.
pub(crate) fn read_into(
    memory: &mut GuestMemory<'_>,
    array: u32,
    count: u32,
    more: bool,
    mut read: impl FnMut(&mut [u8], u64) -> Result<usize>,
) -> Result<u32> {
    let mut done = 0;
    for mut place in places(memory, array, count)? {
        if !more {
            place.end = place.end.min(place.start.saturating_add(memory.step()));
        }
        let asked = place.len();
        let mut in_place = 0;
        let got = memory.fill(place, |buffer| {
            let got = read(buffer, done + in_place)?;
            in_place += got as u64;
            Ok(got)
        });
        match got {
            Err(_) if done > 0 => break,
            got => done += got? as u64,
        }
        if !more || in_place < asked as u64 {
            break;
        }
    }
    Ok(done as u32)
}

/// Writes buffers with one call of `write`.
pub(crate) fn write_from(
    memory: &GuestMemory<'_>,
    array: u32,
    count: u32,
    write: impl FnOnce(&[IoSlice<'_>]) -> Result<usize>,
) -> Result<u32> {
    let mut left = if let GuestMemory::Shared(_) = memory { MOST_COPIED } else { usize::MAX };
    let mut buffers = Vec::new();
    for place in places(memory, array, count)? {
        let len = place.len().min(left);
        buffers.push(memory.read(place.start as u32, len)?);
        left -= len;
        if left == 0 {
            break;
        }
    }
    let total: usize = buffers.iter().map(|buffer| buffer.len()).sum();
    let slices: Vec<IoSlice<'_>> = buffers.iter().map(|buffer: &Cow<'_, [u8]>| IoSlice::new(buffer)).collect();
    // A writer of the embedder's could say anything.
    Ok(write(&slices)?.min(total) as u32)
}
