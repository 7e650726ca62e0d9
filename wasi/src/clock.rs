//! A guest's clocks: the host's, the embedder's, or ones that only the guest's own calls move.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustix::time::{ClockId, Timespec, clock_getres, clock_gettime};

use crate::errno::{Errno, Result};

/// A clock that tells the date.
pub trait HostWallClock: Send + Sync {
    /// The smallest step of the clock.
    fn resolution(&self) -> Duration;
    /// The time since 1970, in UTC.
    fn now(&self) -> Duration;
}

/// A clock that never goes back.
pub trait HostMonotonicClock: Send + Sync {
    /// The smallest step of the clock, in nanoseconds.
    fn resolution(&self) -> u64;
    /// Nanoseconds since some time.
    fn now(&self) -> u64;
}

/// The clocks that a guest can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    Realtime,
    Monotonic,
    /// CPU time of the process, or of the thread. Programs compiled from C measure themselves with `clock()`, which reads it and
    /// ignores errors: to them, a missing clock is one that stands still.
    ProcessTime,
    ThreadTime,
}

impl Clock {
    pub(crate) fn new(id: u32) -> Result<Clock> {
        match id {
            0 => Ok(Clock::Realtime),
            1 => Ok(Clock::Monotonic),
            2 => Ok(Clock::ProcessTime),
            3 => Ok(Clock::ThreadTime),
            _ => Err(Errno::Inval),
        }
    }

    /// The system's clock.
    fn system(self) -> ClockId {
        match self {
            Clock::Realtime => ClockId::Realtime,
            Clock::Monotonic => ClockId::Monotonic,
            Clock::ProcessTime => ClockId::ProcessCPUTime,
            Clock::ThreadTime => ClockId::ThreadCPUTime,
        }
    }

    /// The time on the system's clock, in nanoseconds.
    pub(crate) fn time(self) -> u64 {
        of_timespec(clock_gettime(self.system()))
    }
}

/// The nanoseconds in one second.
const SECOND: u64 = 1_000_000_000;

/// A time in nanoseconds. What was before the clock's zero was at zero.
pub(crate) fn nanoseconds(seconds: i64, nanoseconds: i64) -> u64 {
    u64::try_from(i128::from(seconds) * i128::from(SECOND) + i128::from(nanoseconds)).unwrap_or(0)
}

/// A time as the system takes it.
pub(crate) fn timespec(nanoseconds: u64) -> Timespec {
    Timespec { tv_sec: (nanoseconds / SECOND) as _, tv_nsec: (nanoseconds % SECOND) as _ }
}

fn of_timespec(time: Timespec) -> u64 {
    nanoseconds(time.tv_sec, time.tv_nsec)
}

/// A time in nanoseconds, or the longest that these can say.
fn of_duration(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Where a guest's time comes from, for [`WasiCtx::clocks`](crate::WasiCtx::clocks).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClockState {
    /// The host's clocks, or the embedder's. The guest's monotonic clock was zero at `base`, in nanoseconds of that clock.
    Real {
        /// Where the monotonic clock began.
        base: u64,
    },
    /// See [`WasiCtxBuilder::deterministic_clocks`](crate::WasiCtxBuilder::deterministic_clocks).
    Deterministic {
        /// The time, in nanoseconds since 1970.
        now: u64,
        /// What a reading adds to it.
        step: u64,
    },
}

/// All clocks of a guest.
pub(crate) enum Clocks {
    Real {
        wall: Option<Box<dyn HostWallClock>>,
        monotonic: Option<Box<dyn HostMonotonicClock>>,
        base: u64,
        /// What the guest's monotonic clock had counted elsewhere, before the guest was restored here.
        before: AtomicU64,
    },
    Deterministic {
        now: AtomicU64,
        step: u64,
    },
}

impl fmt::Debug for Clocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.state().fmt(f)
    }
}

impl Clocks {
    /// The host's clocks, unless there are others. The monotonic one begins now.
    pub(crate) fn real(wall: Option<Box<dyn HostWallClock>>, monotonic: Option<Box<dyn HostMonotonicClock>>) -> Clocks {
        let base = monotonic.as_ref().map_or_else(|| Clock::Monotonic.time(), |it| it.now());
        Clocks::Real { wall, monotonic, base, before: AtomicU64::new(0) }
    }

    /// Clocks that move by `step` with every reading, and by what the guest sleeps.
    pub(crate) fn deterministic(start: u64, step: u64) -> Clocks {
        Clocks::Deterministic { now: AtomicU64::new(start), step }
    }

    pub(crate) fn state(&self) -> ClockState {
        match self {
            Clocks::Real { base, .. } => ClockState::Real { base: *base },
            Clocks::Deterministic { now, step } => {
                ClockState::Deterministic { now: now.load(Ordering::Relaxed), step: *step }
            }
        }
    }

    /// The smallest step of a clock, in nanoseconds.
    pub(crate) fn resolution(&self, clock: Clock) -> u64 {
        match (self, clock) {
            (Clocks::Deterministic { step, .. }, _) => (*step).max(1),
            (Clocks::Real { wall: Some(wall), .. }, Clock::Realtime) => of_duration(wall.resolution()),
            (Clocks::Real { monotonic: Some(monotonic), .. }, Clock::Monotonic) => monotonic.resolution(),
            (Clocks::Real { .. }, clock) => of_timespec(clock_getres(clock.system())),
        }
    }

    /// The time on a clock, in nanoseconds.
    pub(crate) fn now(&self, clock: Clock) -> u64 {
        match (self, clock) {
            (Clocks::Deterministic { now, step }, _) => now.fetch_add(*step, Ordering::Relaxed).wrapping_add(*step),
            (Clocks::Real { wall: Some(wall), .. }, Clock::Realtime) => of_duration(wall.now()),
            (Clocks::Real { monotonic, base, before, .. }, Clock::Monotonic) => {
                let now = monotonic.as_ref().map_or_else(|| clock.time(), |it| it.now());
                now.saturating_sub(*base).saturating_add(before.load(Ordering::Relaxed))
            }
            (Clocks::Real { .. }, clock) => clock.time(),
        }
    }

    /// The time until a deadline, which is a time on a clock or from now on. Changes of the clock meanwhile are not noticed.
    pub(crate) fn left(&self, clock: Clock, timeout: u64, absolute: bool) -> Duration {
        let now = match self {
            _ if !absolute => 0,
            // Looking at a deadline is no reading.
            Clocks::Deterministic { now, .. } => now.load(Ordering::Relaxed),
            Clocks::Real { .. } => self.now(clock),
        };
        Duration::from_nanos(timeout.saturating_sub(now))
    }

    /// Makes the monotonic clock go on from a time. Deterministic clocks do not.
    pub(crate) fn go_on_from(&self, time: u64) -> bool {
        let Clocks::Real { before, .. } = self else { return false };
        before.store(time, Ordering::Relaxed);
        true
    }

    /// Sets deterministic clocks that have this step.
    pub(crate) fn set_deterministic(&self, time: u64, own_step: u64) -> bool {
        match self {
            Clocks::Deterministic { now, step } if *step == own_step => {
                now.store(time, Ordering::Relaxed);
                true
            }
            Clocks::Deterministic { .. } | Clocks::Real { .. } => false,
        }
    }

    /// Whether only the guest's own calls move the clocks.
    pub(crate) fn are_deterministic(&self) -> bool {
        matches!(self, Clocks::Deterministic { .. })
    }

    /// Moves deterministic clocks by a time that the guest sleeps.
    pub(crate) fn skip(&self, time: Duration) {
        if let Clocks::Deterministic { now, .. } = self {
            now.fetch_add(of_duration(time), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deterministic_clocks_move_by_readings_and_sleeps() {
        let clocks = Clocks::deterministic(1000, 10);
        assert_eq!([Clock::Realtime, Clock::Monotonic].map(|clock| clocks.now(clock)), [1010, 1020]);
        assert_eq!(clocks.left(Clock::Monotonic, 1100, true), Duration::from_nanos(80));
        assert_eq!(clocks.left(Clock::Monotonic, 1100, false), Duration::from_nanos(1100));
        clocks.skip(Duration::from_nanos(80));
        assert_eq!(clocks.state(), ClockState::Deterministic { now: 1100, step: 10 });
    }

    #[test]
    fn a_clock_of_the_embedders_is_asked() {
        struct Slow;
        impl HostMonotonicClock for Slow {
            fn resolution(&self) -> u64 {
                7
            }
            fn now(&self) -> u64 {
                500
            }
        }
        let clocks = Clocks::real(None, Some(Box::new(Slow)));
        assert_eq!((clocks.now(Clock::Monotonic), clocks.resolution(Clock::Monotonic)), (0, 7));
        assert_eq!(clocks.state(), ClockState::Real { base: 500 });
        assert!(clocks.now(Clock::Realtime) > 500 && !clocks.are_deterministic());
        assert!(clocks.go_on_from(90) && !clocks.set_deterministic(90, 1));
        assert_eq!(clocks.now(Clock::Monotonic), 90);
    }
}
