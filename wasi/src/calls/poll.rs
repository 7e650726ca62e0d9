//! Waiting for clocks and descriptors.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};

use super::Call;
use crate::clock::{Clock, Clocks};
use crate::descriptors::Descriptor;
use crate::errno::{Errno, Result};
use crate::file::{File, Ready};
use crate::flags::Rights;
use crate::layout::{EVENT, Subscription, Wait, event};

/// The longest wait that is asked of the system at a time; for a longer one, it is asked again.
const LONGEST: Duration = Duration::from_secs(1 << 30);

/// What is waited for.
enum Target {
    /// The time left when the call began.
    Time(Duration),
    /// A descriptor, which stays open until the call returns.
    Io(Arc<Descriptor>, PollFlags),
}

impl Target {
    fn new(call: &Call<'_>, subscription: &Subscription) -> Result<Target> {
        let io = |fd, events| {
            let descriptor = call.descriptor(fd)?;
            descriptor.file(Rights::POLL_FD_READWRITE)?;
            Ok(Target::Io(descriptor, events))
        };
        match subscription.what {
            Wait::Read(fd) => io(fd, PollFlags::IN),
            Wait::Write(fd) => io(fd, PollFlags::OUT),
            Wait::Clock { id, timeout, absolute } => match Clock::new(id)? {
                clock @ (Clock::Realtime | Clock::Monotonic) => {
                    Ok(Target::Time(call.state.clocks.left(clock, timeout, absolute)))
                }
                // Nobody can wait for the time of a processor.
                Clock::ProcessTime | Clock::ThreadTime => Err(Errno::NotSup),
            },
        }
    }

    /// What is read or written, and which of the two.
    fn io(&self) -> Option<(&dyn File, PollFlags)> {
        match self {
            Target::Time(_) => None,
            Target::Io(descriptor, events) => Some((descriptor.file(Rights::empty()).ok()?, *events)),
        }
    }

    fn time(&self) -> Option<Duration> {
        match self {
            Target::Time(left) => Some(*left),
            Target::Io(..) => None,
        }
    }
}

/// The most subscriptions of a call. Each costs the host memory, and no fuel or deadline ends the call before it has looked at all.
const MOST: u32 = 4096;

pub(crate) fn poll_oneoff(
    call: &mut Call<'_>,
    subscriptions: u32,
    events_out: u32,
    count: u32,
    nevents_out: u32,
) -> Result<()> {
    if count == 0 {
        return Err(Errno::Inval);
    }
    let size = Subscription::size(call.version);
    let len = call.memory.array(subscriptions, count, size, 8)?;
    call.memory.array(events_out, count, EVENT, 8)?;
    call.memory.room_for_u32(nevents_out)?;
    if count > MOST {
        return Err(Errno::Inval);
    }
    let parse = |bytes| Subscription::parse(bytes, call.version);
    let subscriptions: Vec<Subscription> =
        call.memory.read(subscriptions, len)?.chunks_exact(size).map(parse).collect::<Result<_>>()?;
    let targets: Vec<Target> = subscriptions.iter().map(|it| Target::new(call, it)).collect::<Result<_>>()?;
    let events = wait(&subscriptions, &targets, &call.state.clocks)?;
    // In this order, no address is computed behind the last event, which may end where addresses do.
    for (event, at) in events.iter().zip((events_out..).step_by(EVENT)) {
        call.memory.write(at, event)?;
    }
    call.memory.write_u32(nevents_out, events.len() as u32)
}

/// Waits until something has happened. Returns all that has, in the order of the subscriptions.
fn wait(subscriptions: &[Subscription], targets: &[Target], clocks: &Clocks) -> Result<Vec<Vec<u8>>> {
    let started = Instant::now();
    let first = targets.iter().filter_map(Target::time).min();
    loop {
        let longest = match first {
            Some(_) if clocks.are_deterministic() => Some(Duration::ZERO),
            first => first.map(|first| first.saturating_sub(started.elapsed())),
        };
        let ready = poll(targets, longest)?;
        let passed = match first {
            _ if !clocks.are_deterministic() => started.elapsed(),
            // Nobody waits for these clocks: if no file is ready, the first deadline is now.
            Some(first) if ready.iter().all(|events| events.is_empty()) => {
                clocks.skip(first);
                first
            }
            _ => Duration::ZERO,
        };
        let happened = subscriptions.iter().zip(targets).zip(ready).filter_map(|((subscription, target), events)| {
            match target.time() {
                Some(left) => (left <= passed).then(|| event(subscription, None, 0, false)),
                None => happened(subscription, target, events),
            }
        });
        let events: Vec<Vec<u8>> = happened.collect();
        if !events.is_empty() {
            return Ok(events);
        }
    }
}

/// Which files are ready, after at most some time: for each target, what the system says.
fn poll(targets: &[Target], longest: Option<Duration>) -> Result<Vec<PollFlags>> {
    let mut ready = vec![PollFlags::empty(); targets.len()];
    let (mut asked, mut numbers) = (Vec::new(), Vec::new());
    for (number, target) in targets.iter().enumerate() {
        let Some((file, events)) = target.io() else { continue };
        match file.ready() {
            Ready::Always => ready[number] = events,
            Ready::When(fd) => {
                asked.push(PollFd::from_borrowed_fd(fd, events));
                numbers.push(number);
            }
        }
    }
    let some_are = ready.iter().any(|events| !events.is_empty());
    let longest = if some_are { Some(Duration::ZERO) } else { longest };
    let longest = longest.map(|longest| Timespec::try_from(longest.min(LONGEST)).unwrap_or_default());
    match rustix::event::poll(&mut asked, longest.as_ref()) {
        Ok(_) => {}
        // What the system has interrupted is looked at again.
        Err(rustix::io::Errno::INTR) => return Ok(ready),
        Err(error) => return Err(error.into()),
    }
    for (number, asked) in numbers.into_iter().zip(asked) {
        ready[number] = asked.revents();
    }
    Ok(ready)
}

/// The event of a file.
fn happened(subscription: &Subscription, target: &Target, events: PollFlags) -> Option<Vec<u8>> {
    if events.is_empty() {
        return None;
    }
    let error = if events.contains(PollFlags::NVAL) {
        Some(Errno::BadF)
    } else if events.contains(PollFlags::ERR) {
        Some(Errno::Io)
    } else {
        None
    };
    let bytes = match target.io() {
        // If the number is unknown, there is one, or the end.
        Some((file, events)) if events == PollFlags::IN => file.readable().unwrap_or_default().max(1),
        _ => 0,
    };
    Some(event(subscription, error, bytes, events.contains(PollFlags::HUP)))
}
