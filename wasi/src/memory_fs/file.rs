//! Files in memory that are open.

use std::io::{IoSlice, SeekFrom};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::node::{Node, Store};
use crate::errno::{Errno, Result};
use crate::file::{Advice, File, SetTimes};
use crate::flags::FdFlags;
use crate::layout::{FileType, Stat};

/// An open file, with its position.
#[derive(Debug)]
pub(super) struct MemoryFile {
    pub(super) store: Arc<Store>,
    pub(super) node: Arc<Node>,
    position: Mutex<u64>,
}

impl MemoryFile {
    pub(super) fn new(store: &Arc<Store>, node: Arc<Node>) -> MemoryFile {
        MemoryFile { store: Arc::clone(store), node, position: Mutex::new(0) }
    }

    fn position(&self) -> MutexGuard<'_, u64> {
        self.position.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes at an offset, or at the end. Returns where the write began, and how many bytes it has written: fewer where there is no room.
    fn put(&self, buffers: &[IoSlice<'_>], offset: Option<u64>) -> Result<(u64, usize)> {
        let total: usize = buffers.iter().map(|buffer| buffer.len()).sum();
        let mut inner = self.node.lock();
        let bytes = inner.bytes()?;
        let start = offset.map_or(Ok(bytes.len()), |offset| usize::try_from(offset).map_err(|_| Errno::FBig))?;
        if total == 0 {
            return Ok((start as u64, 0));
        }
        let end = start.checked_add(total).ok_or(Errno::FBig)?;
        // What lies between the end and the start has to have room, and then some of the rest.
        let hole = start.saturating_sub(bytes.len());
        self.store.take(hole)?;
        let behind = end.saturating_sub(bytes.len().max(start));
        let room = self.store.take_some(behind);
        let len = total - (behind - room);
        if len == 0 {
            self.store.give_back(hole);
            return Err(Errno::NoSpc);
        }
        bytes.resize(bytes.len().max(start + len), 0);
        let mut at = start;
        for buffer in buffers {
            let part = &buffer[..buffer.len().min(start + len - at)];
            bytes[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        }
        inner.touch();
        Ok((start as u64, len))
    }

    /// Changes the length. If the file `only_grows`, a length that it has already changes nothing.
    fn resize(&self, len: u64, only_grows: bool) -> Result<()> {
        let len = usize::try_from(len).map_err(|_| Errno::FBig)?;
        let mut inner = self.node.lock();
        let bytes = inner.bytes()?;
        if only_grows && len <= bytes.len() {
            return Ok(());
        }
        match len.checked_sub(bytes.len()) {
            Some(more) => self.store.take(more)?,
            None => self.store.give_back(bytes.len() - len),
        }
        bytes.resize(len, 0);
        bytes.shrink_to_fit();
        inner.touch();
        Ok(())
    }

    fn len(&self) -> u64 {
        self.node.stat().size
    }
}

impl File for MemoryFile {
    fn file_type(&self) -> Result<FileType> {
        Ok(FileType::RegularFile)
    }

    fn stat(&self) -> Result<Stat> {
        Ok(self.node.stat())
    }

    fn is_seekable(&self) -> bool {
        true
    }

    fn read(&self, buffer: &mut [u8], _flags: FdFlags) -> Result<usize> {
        let mut position = self.position();
        let got = self.read_at(buffer, *position)?;
        *position += got as u64;
        Ok(got)
    }

    fn write(&self, buffers: &[IoSlice<'_>], flags: FdFlags) -> Result<usize> {
        let mut position = self.position();
        let offset = (!flags.contains(FdFlags::APPEND)).then_some(*position);
        let (start, written) = self.put(buffers, offset)?;
        *position = start + written as u64;
        Ok(written)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        let mut inner = self.node.lock();
        let bytes = inner.bytes()?;
        let there = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..)).unwrap_or_default();
        let len = there.len().min(buffer.len());
        buffer[..len].copy_from_slice(&there[..len]);
        Ok(len)
    }

    fn write_at(&self, buffers: &[IoSlice<'_>], offset: u64) -> Result<usize> {
        Ok(self.put(buffers, Some(offset))?.1)
    }

    fn seek(&self, to: SeekFrom) -> Result<u64> {
        let mut position = self.position();
        let new = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(by) => position.checked_add_signed(by),
            SeekFrom::End(by) => self.len().checked_add_signed(by),
        };
        *position = new.filter(|&new| i64::try_from(new).is_ok()).ok_or(Errno::Inval)?;
        Ok(*position)
    }

    fn set_len(&self, len: u64) -> Result<()> {
        self.resize(len, false)
    }

    fn allocate(&self, offset: u64, len: u64) -> Result<()> {
        if len == 0 {
            return Err(Errno::Inval);
        }
        let end = offset.checked_add(len).ok_or(Errno::FBig)?;
        self.resize(end, true)
    }

    fn advise(&self, _offset: u64, _len: u64, _advice: Advice) -> Result<()> {
        Ok(())
    }

    fn set_times(&self, times: SetTimes) -> Result<()> {
        self.node.set_times(times);
        Ok(())
    }

    fn readable(&self) -> Option<u64> {
        Some(self.len().saturating_sub(*self.position()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::node::Body;
    use super::*;

    /// A thread that makes room never cuts what another one has grown.
    #[test]
    fn room_is_made_beside_changes_of_the_length() {
        const ROOM: u64 = 10;
        const LEN: u64 = 20;
        let store = Store::new(1 << 16);
        let file = MemoryFile::new(&store, Node::new(&store, Body::File(Vec::new()), 0));
        std::thread::scope(|scope| {
            let makes_room = scope.spawn(|| (0..20_000).try_for_each(|_| file.allocate(0, ROOM)));
            while !makes_room.is_finished() {
                file.set_len(0).expect("a file");
                file.set_len(LEN).expect("there is room");
                assert_eq!(file.len(), LEN);
            }
            makes_room.join().expect("it does not panic").expect("there is room");
        });
        assert_eq!(store.used() as u64, file.len());
    }
}
