//! Counters of the processor, over a process from its start to its end.
//!
//! The counters are opened on the thread that starts the process. They are inherited by what it starts, and begin to count there when a
//! program begins: this process itself is never counted. The kernel's instructions are not counted either.

use std::collections::BTreeMap;

#[cfg(target_os = "linux")]
mod perf {
    use std::io;

    use perf_event::events::{Cache, CacheOp, CacheResult, Event, Hardware, WhichCache};
    use perf_event::{Builder, Counter};

    const L1I_MISSES: Cache = Cache { which: WhichCache::L1I, operation: CacheOp::READ, result: CacheResult::MISS };
    const L1D_MISSES: Cache = Cache { which: WhichCache::L1D, operation: CacheOp::READ, result: CacheResult::MISS };

    /// What is counted, as far as the processor can; the first has to be there.
    fn events() -> [(&'static str, Event); 7] {
        [
            (super::INSTRUCTIONS, Hardware::INSTRUCTIONS.into()),
            (super::CYCLES, Hardware::CPU_CYCLES.into()),
            (super::BRANCHES, Hardware::BRANCH_INSTRUCTIONS.into()),
            (super::MISPREDICTIONS, Hardware::BRANCH_MISSES.into()),
            (super::CODE_MISSES, L1I_MISSES.into()),
            (super::DATA_MISSES, L1D_MISSES.into()),
            (super::MEMORY_MISSES, Hardware::CACHE_MISSES.into()),
        ]
    }

    /// A counter of what the next processes of this thread do.
    pub fn open(event: Event) -> io::Result<Counter> {
        let mut builder = Builder::new().kind(event);
        builder.inherit(true).enable_on_exec(true);
        builder.build()
    }

    /// All counters that there are.
    pub fn open_all() -> io::Result<Vec<(&'static str, Counter)>> {
        let mut open = Vec::new();
        for (index, (name, event)) in events().into_iter().enumerate() {
            match self::open(event) {
                Ok(counter) => open.push((name, counter)),
                Err(error) if index == 0 => return Err(error),
                // This processor cannot count it, or not at the same time.
                Err(_) => {}
            }
        }
        Ok(open)
    }

    /// What was counted. A counter that shared the processor's with others is extrapolated; `None` if it never had a turn.
    pub fn value(counter: &mut Counter) -> Option<f64> {
        let it = counter.read_count_and_time().ok()?;
        (it.time_running > 0).then(|| it.count as f64 * it.time_enabled as f64 / it.time_running as f64)
    }
}

/// Instructions of the processor.
pub const INSTRUCTIONS: &str = "instructions";
/// Cycles of the processor.
pub const CYCLES: &str = "cycles";
/// Branches.
pub const BRANCHES: &str = "branches";
/// Branches that were predicted wrongly.
pub const MISPREDICTIONS: &str = "mispredictions";
/// Reads of instructions that miss the first cache.
pub const CODE_MISSES: &str = "code_misses";
/// Reads of data that miss the first cache.
pub const DATA_MISSES: &str = "data_misses";
/// Accesses that miss the last cache.
pub const MEMORY_MISSES: &str = "memory_misses";

/// Why there are no counters here; `None` if there are.
pub fn lack() -> Option<String> {
    #[cfg(target_os = "linux")]
    let why = perf::open_all().err().map(|error| match error.raw_os_error() {
        Some(libc::ENOENT | libc::ENODEV | libc::EOPNOTSUPP) => {
            "this machine shows none, as most virtual machines".to_owned()
        }
        Some(libc::EACCES | libc::EPERM) => {
            "the kernel does not let this user read them: set /proc/sys/kernel/perf_event_paranoid to 2 or less"
                .to_owned()
        }
        _ => error.to_string(),
    });
    #[cfg(not(target_os = "linux"))]
    let why = Some("they are read on Linux only".to_owned());
    why
}

/// Counters of the next process that this thread starts.
pub struct Counters {
    #[cfg(target_os = "linux")]
    open: Vec<(&'static str, perf_event::Counter)>,
}

impl Counters {
    /// Counters that are ready; none if there are none here.
    pub fn ready() -> Counters {
        Counters {
            #[cfg(target_os = "linux")]
            open: perf::open_all().unwrap_or_default(),
        }
    }

    /// What was counted, by name.
    pub fn read(self) -> BTreeMap<String, f64> {
        #[cfg(target_os = "linux")]
        let counts = self.open.into_iter().filter_map(|(name, mut it)| Some((name.to_owned(), perf::value(&mut it)?)));
        #[cfg(not(target_os = "linux"))]
        let counts = [];
        counts.into_iter().collect()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::Command;
    use std::time::Instant;

    use perf_event::events::Software;

    use super::*;

    /// The kernel's own counter of CPU time works where the processor's counters do not, and is opened in the same way.
    #[test]
    fn a_process_is_counted_and_this_one_is_not() {
        let Ok(mut clock) = perf::open(Software::TASK_CLOCK.into()) else {
            eprintln!("this kernel lets nobody count");
            return;
        };
        let own = (0..10_000_000u64).fold(0, |sum: u64, it| std::hint::black_box(sum.wrapping_add(it)));
        assert_ne!(own, 1);
        assert_eq!(perf::value(&mut clock), None);
        let script = "i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done";
        let started = Instant::now();
        assert!(Command::new("sh").args(["-c", script]).status().expect("a shell").success());
        let took = started.elapsed().as_nanos() as f64;
        let counted = perf::value(&mut clock).expect("it ran");
        // The loop takes milliseconds, on one thread.
        assert!(counted > 1e6 && counted < 1.1 * took, "{counted} of {took}");
    }

    #[test]
    fn counts_are_there_or_it_is_said_why() {
        let counters = Counters::ready();
        Command::new("true").status().expect("it runs");
        let counts = counters.read();
        assert_eq!(lack().is_some(), counts.is_empty(), "{counts:?}, {:?}", lack());
        assert!(counts.get(INSTRUCTIONS).is_none_or(|&count| count > 1000.0), "{counts:?}");
    }
}
