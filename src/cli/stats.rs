//! `--stats`: where the time went, and the sizes of what was made.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use crate::{Module, Statistics, TierStatistics};

/// Names and values, in the order in which they are printed.
#[derive(Debug, Default)]
pub struct Stats {
    rows: Vec<(String, String)>,
}

impl Stats {
    /// Runs `phase` and records how long it took under `name`.
    pub fn time<T>(&mut self, name: &str, phase: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let result = phase();
        self.add(name, Milliseconds(started.elapsed()));
        result
    }

    /// Runs `phase`, and notes how long it took if there is something to do.
    pub fn time_if<T>(&mut self, something: bool, name: &str, phase: impl FnOnce() -> T) -> T {
        if something { self.time(name, phase) } else { phase() }
    }

    /// Notes a value.
    pub fn add(&mut self, name: &str, value: impl fmt::Display) {
        self.rows.push((name.to_owned(), value.to_string()));
    }

    /// Records how a module runs, before everything else: the engine's settings, and the command's additions.
    pub fn add_settings(&mut self, module: &Module, implied_by: Option<&str>, limits: Vec<(String, String)>) {
        let mut settings = module.settings();
        if let (Some((_, mode)), Some(flag)) = (settings.first_mut(), implied_by) {
            *mode += &format!(", because of {flag}");
        }
        settings.extend(limits);
        self.rows.splice(0..0, settings);
    }

    /// Records the size of a module and of its code.
    pub fn add_module(&mut self, module: &Module) {
        let Statistics { functions, translated, wasm_bytes, code_bytes, tiers } = module.statistics();
        self.add("wasm", format_args!("{} bytes", module.info().bytes.len()));
        self.add("functions", functions);
        self.add("functions translated", translated);
        self.add("translated from", format_args!("{wasm_bytes} bytes"));
        self.add("interpreter code", format_args!("{code_bytes} bytes"));
        self.add_code_ratio("code per wasm byte", code_bytes, wasm_bytes);
        for TierStatistics { mode, compiled, wasm_bytes, code_bytes, bailouts } in tiers {
            self.add(&format!("functions in {mode}"), compiled);
            if code_bytes > 0 {
                self.add(&format!("code of {mode}"), format_args!("{code_bytes} bytes"));
                self.add_code_ratio(&format!("{mode} per wasm byte"), code_bytes, wasm_bytes);
            }
            if bailouts > 0 {
                self.add(&format!("bailouts of {mode}"), bailouts);
                let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
                for (_, why) in module.bailouts(mode) {
                    *reasons.entry(why.to_string()).or_default() += 1;
                }
                for (why, functions) in reasons {
                    self.add(&format!("  of these {functions}"), why);
                }
            }
        }
    }

    fn add_code_ratio(&mut self, name: &str, code_bytes: usize, wasm_bytes: usize) {
        if wasm_bytes > 0 {
            let ratio = code_bytes as f64 / wasm_bytes as f64;
            self.add(name, format_args!("{ratio:.2} bytes"));
        }
    }

    /// Records the peak memory of the process, if the system reports it.
    pub fn add_peak_memory(&mut self) {
        if let Some(kib) = peak_memory_kib() {
            self.add("peak memory", format_args!("{kib} KiB"));
        }
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows.iter().try_for_each(|(name, value)| writeln!(f, "{name:<24} {value:>14}"))
    }
}

struct Milliseconds(Duration);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} ms", self.0.as_secs_f64() * 1e3)
    }
}

/// The peak memory of the process in KiB, if the system reports it.
fn peak_memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
