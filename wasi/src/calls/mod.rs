//! What each function does, over a context and the guest's memory.
//!
//! Pointers for results are checked before a function does anything.

pub(crate) mod descriptor;
pub(crate) mod io;
pub(crate) mod path;
pub(crate) mod poll;
pub(crate) mod process;
pub(crate) mod socket;

use std::sync::Arc;

use crate::GuestMemory;
use crate::context::State;
use crate::descriptors::Descriptor;
use crate::errno::{Errno, Result};
use crate::file::{SetTime, SetTimes};
use crate::flags::{TimeFlags, flags};
use crate::layout::Version;

/// A call by a guest.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a State,
    pub(crate) memory: GuestMemory<'a>,
    pub(crate) version: Version,
}

impl Call<'_> {
    fn descriptor(&self, fd: u32) -> Result<Arc<Descriptor>> {
        self.state.table.get(fd)
    }
}

/// The times that a guest wants to be set.
fn set_times(accessed: u64, modified: u64, which: u32) -> Result<SetTimes> {
    let which: TimeFlags = flags(which)?;
    let time = |set, now, at| match (which.contains(set), which.contains(now)) {
        (true, true) => Err(Errno::Inval),
        (true, false) => Ok(SetTime::At(at)),
        (false, true) => Ok(SetTime::Now),
        (false, false) => Ok(SetTime::Keep),
    };
    Ok(SetTimes {
        accessed: time(TimeFlags::ACCESS, TimeFlags::ACCESS_NOW, accessed)?,
        modified: time(TimeFlags::MODIFY, TimeFlags::MODIFY_NOW, modified)?,
    })
}
