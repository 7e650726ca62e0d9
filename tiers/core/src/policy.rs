//! The tier-up policy: thresholds, filters and schedules, as data.
//!
//! In the mode [`Mode::MultiTier`] functions start in the register interpreter and move up the [steps](crate::Tier::step) that the
//! engine has. Code that has a tier above it counts the calls of each function and the iterations of its loops. A count that reaches its
//! threshold requests compilation of the function, and for a loop also of OSR code, which enters the function at the loop. The
//! new code is entered at the next call, or the next iteration, after it is ready.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use riser_translator::{FuncIndex, Shown};

use crate::{Bailout, Mode};

/// A pattern for functions: a name, or an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FunctionPattern {
    /// The function with this index.
    Index(FuncIndex),
    /// Functions with this name.
    Name(Box<str>),
}

impl FunctionPattern {
    /// Whether the pattern matches the function with this index and this name.
    pub fn matches(&self, index: FuncIndex, name: Option<&str>) -> bool {
        match self {
            FunctionPattern::Index(this) => *this == index,
            FunctionPattern::Name(this) => name == Some(this),
        }
    }
}

impl From<&str> for FunctionPattern {
    /// A number is an index, anything else a name.
    fn from(text: &str) -> FunctionPattern {
        text.parse().map_or_else(|_| FunctionPattern::Name(text.into()), FunctionPattern::Index)
    }
}

impl fmt::Display for FunctionPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FunctionPattern::Index(index) => write!(f, "{index}"),
            FunctionPattern::Name(name) => f.write_str(name),
        }
    }
}

/// What makes a function move up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// The function has been called this many times.
    Call(u32),
    /// The function's loops have begun this many iterations.
    Loop(u32),
}

/// A line of a schedule: moves this function up to this tier at this event. The event is counted in the code of the tier below it
/// that the schedule moves the function to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleEntry {
    /// The function.
    pub function: FunctionPattern,
    /// The mode of the tier.
    pub tier: Mode,
    /// The event.
    pub trigger: Trigger,
}

/// The error for a line that is no schedule entry; says what is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseScheduleError(String);

impl fmt::Display for ParseScheduleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "bad schedule entry `{}`; expected `FUNCTION TIER call|loop COUNT`, such as `main fast-jit loop 100`",
            self.0
        )
    }
}

impl std::error::Error for ParseScheduleError {}

impl FromStr for ScheduleEntry {
    type Err = ParseScheduleError;

    fn from_str(line: &str) -> Result<ScheduleEntry, ParseScheduleError> {
        let wrong = || ParseScheduleError(line.to_owned());
        let words: Vec<&str> = line.split_whitespace().collect();
        let &[function, tier, event, count] = &words[..] else { return Err(wrong()) };
        let count: u32 = count.parse().ok().filter(|&count| count > 0).ok_or_else(wrong)?;
        let trigger = match event {
            "call" => Trigger::Call(count),
            "loop" => Trigger::Loop(count),
            _ => return Err(wrong()),
        };
        let tier = tier.parse().ok().filter(|tier| matches!(tier, Mode::Tier(_))).ok_or_else(wrong)?;
        Ok(ScheduleEntry { function: function.into(), tier, trigger })
    }
}

/// A callback that is told what happens to functions. A panic of it ends with the call.
pub type Observer = Arc<dyn Fn(&TierEvent) + Send + Sync>;

/// When functions move up, and who does the work. The fields without `up` are about the first step, which functions take from the
/// register interpreter, and those with it about further ones.
#[derive(Clone)]
pub struct Policy {
    /// Calls after which a function moves up from the register interpreter.
    pub call_threshold: u32,
    /// Iterations of its loops after which a function moves up from the register interpreter.
    pub loop_threshold: u32,
    /// Calls of its code of one step after which a function moves up to the next one.
    pub up_call_threshold: u32,
    /// Iterations of its loops in the code of one step after which a function moves up to the next one.
    pub up_loop_threshold: u32,
    /// Threads that compile in the background, for each step. With 0, the thread that requests code compiles it, and continues in
    /// it.
    pub threads: usize,
    /// How long the first thread that compiles for the first step waits before it begins: a program that ends earlier has the
    /// machine to itself.
    pub delay: Duration,
    /// How long the first thread that compiles for a further step waits before it begins.
    pub up_delay: Duration,
    /// The functions that may move up; empty for all.
    pub filter: Vec<FunctionPattern>,
    /// If not empty, says what moves up and when, in place of the thresholds.
    pub schedule: Vec<ScheduleEntry>,
    /// Called with what happens.
    pub observer: Option<Observer>,
}

impl Policy {
    /// A count that is never reached.
    pub const NEVER: u32 = i32::MAX as u32;

    /// Everything moves up, tier by tier, at its first call and its first iteration, and is compiled without delay. For tests.
    pub fn at_once(threads: usize) -> Policy {
        Policy {
            call_threshold: 1,
            loop_threshold: 1,
            up_call_threshold: 1,
            up_loop_threshold: 1,
            threads,
            delay: Duration::ZERO,
            up_delay: Duration::ZERO,
            ..Policy::default()
        }
    }

    /// The number of calls and of loop iterations, counted in the code of the tier below, after which the function moves up to
    /// `tier`, which is the step with this number, counted from 0.
    pub fn thresholds(&self, step: usize, tier: Mode, index: FuncIndex, name: Option<&str>) -> [u32; 2] {
        if !self.filter.is_empty() && !self.filter.iter().any(|pattern| pattern.matches(index, name)) {
            return [Policy::NEVER; 2];
        }
        if self.schedule.is_empty() {
            return self.counts(step);
        }
        let mut counts = [Policy::NEVER; 2];
        let entries = self.schedule.iter().filter(|entry| entry.tier == tier && entry.function.matches(index, name));
        for entry in entries {
            match entry.trigger {
                Trigger::Call(count) => counts[0] = counts[0].min(count),
                Trigger::Loop(count) => counts[1] = counts[1].min(count),
            }
        }
        counts
    }

    /// The number of calls and of loop iterations after which a function that no filter or schedule mentions takes the step with
    /// this number.
    pub fn counts(&self, step: usize) -> [u32; 2] {
        let counts = match step {
            0 => [self.call_threshold, self.loop_threshold],
            _ => [self.up_call_threshold, self.up_loop_threshold],
        };
        counts.map(|count| count.clamp(1, Policy::NEVER))
    }

    /// How long the first thread that compiles for the step with this number waits.
    pub fn delay_of(&self, step: usize) -> Duration {
        match step {
            0 => self.delay,
            _ => self.up_delay,
        }
    }

    /// Tells the observer, if there is one. Code of a guest may be on the stack, and threads that compile go on with other functions, so
    /// no panic of it passes.
    pub fn tell(&self, event: impl FnOnce() -> TierEvent) {
        if let Some(observer) = &self.observer {
            let event = event();
            let _ = catch_unwind(AssertUnwindSafe(|| observer(&event)));
        }
    }
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            call_threshold: 1_000,
            loop_threshold: 20_000,
            up_call_threshold: 10_000,
            up_loop_threshold: 200_000,
            threads: 1,
            delay: Duration::from_millis(3),
            up_delay: Duration::from_millis(100),
            filter: Vec::new(),
            schedule: Vec::new(),
            observer: None,
        }
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("call_threshold", &self.call_threshold)
            .field("loop_threshold", &self.loop_threshold)
            .field("up_call_threshold", &self.up_call_threshold)
            .field("up_loop_threshold", &self.up_loop_threshold)
            .field("threads", &self.threads)
            .field("delay", &self.delay)
            .field("up_delay", &self.up_delay)
            .field("filter", &self.filter)
            .field("schedule", &self.schedule)
            .finish_non_exhaustive()
    }
}

/// An event in the tier-up of a function.
#[derive(Clone, Debug)]
pub struct TierEvent {
    /// The time of the event.
    pub at: Instant,
    /// The function's index in its module.
    pub function: FuncIndex,
    /// The function's name, if it has one.
    pub name: Option<Box<str>>,
    /// The mode of the tier.
    pub tier: Mode,
    /// The module offset of a loop, for its OSR code; `None` for the whole function.
    pub loop_offset: Option<u32>,
    /// What happened.
    pub kind: TierEventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TierEventKind {
    /// Compilation was requested.
    Requested,
    /// The code is ready.
    Compiled {
        /// How long that took, in nanoseconds.
        nanoseconds: u64,
    },
    /// The tier does not take the function.
    Declined(Bailout),
    /// A function of an instance continues in the code: from its start, or in the middle of the loop.
    Entered,
}

impl fmt::Display for TierEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.kind {
            TierEventKind::Requested => "requested",
            TierEventKind::Compiled { .. } => "compiled",
            TierEventKind::Declined(_) => "declined",
            TierEventKind::Entered => "entered",
        };
        write!(f, "{verb:<9} {} function {}", self.tier, self.function)?;
        if let Some(name) = &self.name {
            write!(f, " {}", Shown(name))?;
        }
        if let Some(offset) = self.loop_offset {
            write!(f, " loop {offset:#x}")?;
        }
        match &self.kind {
            TierEventKind::Compiled { nanoseconds } => write!(f, " in {:.3} ms", *nanoseconds as f64 / 1e6),
            TierEventKind::Declined(why) => write!(f, ": {why}"),
            TierEventKind::Requested | TierEventKind::Entered => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use linkme::distributed_slice;

    use super::*;
    use crate::{LINKED_TIERS, LinkedTier};

    #[distributed_slice(LINKED_TIERS)]
    static LOWER: LinkedTier = LinkedTier { name: "lower", step: Some(1), make: || Err("only a name".to_owned()) };

    #[distributed_slice(LINKED_TIERS)]
    static UPPER: LinkedTier = LinkedTier { name: "upper", step: Some(2), make: || Err("only a name".to_owned()) };

    #[test]
    fn schedules_are_read() {
        let entry: ScheduleEntry = " main  lower loop 100 ".parse().unwrap();
        assert_eq!(entry.function, FunctionPattern::Name("main".into()));
        assert_eq!(entry.trigger, Trigger::Loop(100));
        let entry: ScheduleEntry = "7 lower call 1".parse().unwrap();
        assert_eq!((entry.function, entry.trigger), (FunctionPattern::Index(FuncIndex::new(7)), Trigger::Call(1)));
        for wrong in [
            "",
            "main lower loop",
            "main interp call 1",
            "main multi-tier call 1",
            "main lower call 0",
            "f lower jump 1",
        ] {
            let error = wrong.parse::<ScheduleEntry>().unwrap_err().to_string();
            assert!(error.contains("expected `FUNCTION TIER"), "{error}");
        }
    }

    #[test]
    fn thresholds_come_from_filter_and_schedule() {
        let mut policy = Policy { call_threshold: 10, loop_threshold: 0, ..Policy::default() };
        assert_eq!(policy.thresholds(0, Mode::Tier("lower"), FuncIndex::new(3), None), [10, 1]);
        policy.filter = vec!["f".into(), "4".into()];
        assert_eq!(policy.thresholds(0, Mode::Tier("lower"), FuncIndex::new(3), Some("f")), [10, 1]);
        assert_eq!(policy.thresholds(0, Mode::Tier("lower"), FuncIndex::new(4), None), [10, 1]);
        assert_eq!(policy.thresholds(0, Mode::Tier("lower"), FuncIndex::new(3), Some("g")), [Policy::NEVER; 2]);
        policy.schedule = vec!["f lower call 5".parse().unwrap(), "f lower call 3".parse().unwrap()];
        assert_eq!(policy.thresholds(0, Mode::Tier("lower"), FuncIndex::new(3), Some("f")), [3, Policy::NEVER]);
        assert_eq!(policy.thresholds(0, Mode::Tier("lower"), FuncIndex::new(4), None), [Policy::NEVER; 2]);
    }

    #[test]
    fn each_step_has_thresholds_of_its_own() {
        let mut policy = Policy { up_call_threshold: 30, up_loop_threshold: 40, ..Policy::default() };
        assert_eq!(policy.thresholds(1, Mode::Tier("upper"), FuncIndex::new(3), None), [30, 40]);
        assert_eq!(
            policy.thresholds(0, Mode::Tier("lower"), FuncIndex::new(3), None),
            [policy.call_threshold, policy.loop_threshold]
        );
        policy.schedule = vec!["f lower call 5".parse().unwrap(), "f upper loop 3".parse().unwrap()];
        assert_eq!(policy.thresholds(0, Mode::Tier("lower"), FuncIndex::new(3), Some("f")), [5, Policy::NEVER]);
        assert_eq!(policy.thresholds(1, Mode::Tier("upper"), FuncIndex::new(3), Some("f")), [Policy::NEVER, 3]);
    }
}
