//! Waiting for clocks and descriptors, where `wasi-common` deviates from POSIX.
//!
//! It has no deadlines on the realtime clock, and reports every descriptor as soon as one is ready. It fails if it cannot tell
//! how many bytes are ready (`/dev/null`), or if a descriptor cannot be waited for (a stream of the embedder's).

use std::time::{Duration, SystemTime};

use wasi_common::snapshots::preview_1::wasi_snapshot_preview1 as preview1;
#[cfg(unix)]
use wasi_common::{Error, ErrorExt, Poll, WasiSched, sched::RwEventFlags, sched::Subscription};

use crate::functions::errno;
use crate::{GuestMemory, WasiCtx, WasiError};

/// Errno `fault`.
const FAULT: u32 = 21;
/// Errno `inval`: as everywhere in preview 1, for a misaligned pointer.
const INVAL: u32 = 28;

/// Size of a subscription, and of an event.
const SUBSCRIPTION: usize = 48;
const EVENT: usize = 32;

/// The most subscriptions among which deadlines are looked for.
const MOST: usize = 1 << 12;

/// `poll_oneoff` with a subscription to a deadline on the realtime clock: as if it had asked for the time that is left until
/// then. Changes of the clock meanwhile are not noticed. `None` for any other call.
pub(crate) fn until_a_date(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    subscriptions: u64,
    events: u64,
    count: u64,
    count_out: u64,
) -> Option<Result<u32, WasiError>> {
    let count = count as u32 as usize;
    let [at, events, count_out] = [subscriptions, events, count_out].map(|address| address as u32 as usize);
    if !memory.has(at, count * SUBSCRIPTION) {
        return Some(Ok(FAULT));
    }
    if count > MOST || !at.is_multiple_of(8) {
        return None;
    }
    let asked = memory.read(at, count * SUBSCRIPTION)?;
    if !asked.chunks_exact(SUBSCRIPTION).any(is_date) {
        return None;
    }
    if !events.is_multiple_of(8) || !count_out.is_multiple_of(4) {
        return Some(Ok(INVAL));
    }
    if !memory.has(events, count * EVENT) || !memory.has(count_out, 4) {
        return Some(Ok(FAULT));
    }
    // Subscriptions, events, and the number of events, in separate memory, so that the guest's subscriptions stay unchanged.
    let (own_events, own_count) = (count * SUBSCRIPTION, count * (SUBSCRIPTION + EVENT));
    let mut own = vec![0; own_count + 4];
    own[..own_events].copy_from_slice(&asked);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_nanos();
    for subscription in own[..own_events].chunks_exact_mut(SUBSCRIPTION).filter(|it| is_date(it)) {
        let date = u64::from_le_bytes(subscription[24..32].try_into().expect("8 bytes"));
        let left = u64::try_from(u128::from(date).saturating_sub(now)).unwrap_or(u64::MAX);
        subscription[24..32].copy_from_slice(&left.to_le_bytes());
        subscription[40] &= !1;
    }
    let mut guest = wiggle::GuestMemory::Unshared(&mut own);
    let [at, events_at, count_at] = [0, own_events as i32, own_count as i32];
    let result = errno(preview1::poll_oneoff(ctx.inner_mut(), &mut guest, at, events_at, count as i32, count_at));
    if let Ok(0) = result {
        let ready = u32::from_le_bytes(own[own_count..].try_into().expect("4 bytes")) as usize;
        // There is room: see above.
        memory.write(events, &own[own_events..own_events + ready * EVENT]);
        memory.write(count_out, &own[own_count..]);
    }
    Some(result)
}

/// Whether a subscription is to a clock (tag 0), namely the realtime clock (0), at an absolute time (flag 1).
fn is_date(subscription: &[u8]) -> bool {
    subscription[8] == 0 && subscription[16..20] == [0; 4] && subscription[40] & 1 != 0
}

/// Waits for descriptors as `poll` does, and for the first deadline.
#[cfg(unix)]
pub(crate) struct Scheduler;

#[cfg(unix)]
#[async_trait::async_trait]
impl WasiSched for Scheduler {
    async fn poll_oneoff<'a>(&self, poll: &mut Poll<'a>) -> Result<(), Error> {
        use rustix::event::{PollFd, PollFlags, Timespec};
        loop {
            // For each subscription to a file, its index in the list that is passed to the system, or `None` if the system cannot
            // wait for it.
            let mut asked = Vec::new();
            let mut numbers = Vec::new();
            for subscription in poll.rw_subscriptions() {
                let (file, event) = match subscription {
                    Subscription::Read(it) => (it.file, PollFlags::IN),
                    Subscription::Write(it) => (it.file, PollFlags::OUT),
                    Subscription::MonotonicClock(_) => continue,
                };
                numbers.push(file.pollable().map(|_| asked.len()));
                asked.extend(file.pollable().map(|descriptor| PollFd::from_borrowed_fd(descriptor, event)));
            }
            let left = poll.earliest_clock_deadline().map(|clock| clock.duration_until().unwrap_or(Duration::ZERO));
            // If the system cannot wait for a subscription, do not wait at all.
            let left = if numbers.contains(&None) { Some(Duration::ZERO) } else { left };
            // The longest wait that the system accepts at a time; for a longer one, wait again.
            let left = left.map(|left| Timespec::try_from(left.min(Duration::from_secs(1 << 30))).unwrap_or_default());
            match rustix::event::poll(&mut asked, left.as_ref()) {
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return Err(std::io::Error::from(error).into()),
            }
            let mut is_ready = poll.earliest_clock_deadline().is_some_and(|clock| clock.result().is_some());
            for (subscription, number) in poll.rw_subscriptions().zip(numbers) {
                let event = number.map_or(PollFlags::IN, |number| asked[number].revents());
                if event.is_empty() {
                    continue;
                }
                is_ready = true;
                let (bytes, subscription) = match subscription {
                    // If the number of ready bytes is unknown, there is one, or the end.
                    Subscription::Read(it) => (it.file.num_ready_bytes().unwrap_or_default().max(1), it),
                    Subscription::Write(it) => (0, it),
                    Subscription::MonotonicClock(_) => continue,
                };
                if event.contains(PollFlags::NVAL) {
                    subscription.error(Error::badf());
                } else if event.contains(PollFlags::ERR) {
                    subscription.error(Error::io());
                } else if event.contains(PollFlags::HUP) {
                    subscription.complete(bytes, RwEventFlags::HANGUP);
                } else {
                    subscription.complete(bytes, RwEventFlags::empty());
                }
            }
            if is_ready {
                return Ok(());
            }
        }
    }

    async fn sched_yield(&self) -> Result<(), Error> {
        std::thread::yield_now();
        Ok(())
    }

    async fn sleep(&self, duration: Duration) -> Result<(), Error> {
        std::thread::sleep(duration);
        Ok(())
    }
}
