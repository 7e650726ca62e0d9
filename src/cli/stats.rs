//! `--stats` and `--stats-json`: where the time went, and the sizes of what was made.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use serde_json::map::Entry;
use serde_json::{Map, Value as Json};

use crate::{Module, Statistics, TierStatistics};

/// Names and values, in the order in which they are printed.
#[derive(Debug, Default)]
pub struct Stats {
    rows: Vec<(String, Value)>,
}

/// A value, with its unit.
#[derive(Debug)]
pub enum Value {
    /// Text.
    Text(String),
    /// A time.
    Time(Duration),
    /// A size in bytes.
    Bytes(usize),
    /// A size in KiB.
    Kib(u64),
    /// Bytes for each byte of something else.
    Ratio(f64),
    /// A number of things.
    Count(u64),
}

impl Value {
    /// The number, and the ending of its name that tells the unit; `None` for text, and for what follows from other numbers.
    fn number(&self) -> Option<(f64, &'static str)> {
        match *self {
            Value::Text(_) | Value::Ratio(_) => None,
            Value::Time(time) => Some((time.as_secs_f64() * 1e3, "_ms")),
            Value::Bytes(bytes) => Some((bytes as f64, "_bytes")),
            Value::Kib(kib) => Some((kib as f64, "_kib")),
            Value::Count(count) => Some((count as f64, "")),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Value::Text(text) => text.clone(),
            Value::Time(time) => format!("{:.3} ms", time.as_secs_f64() * 1e3),
            Value::Bytes(bytes) => format!("{bytes} bytes"),
            Value::Kib(kib) => format!("{kib} KiB"),
            Value::Ratio(ratio) => format!("{ratio:.2} bytes"),
            Value::Count(count) => count.to_string(),
        };
        f.pad(&text)
    }
}

impl Stats {
    /// Runs `phase` and records how long it took under `name`.
    pub fn time<T>(&mut self, name: &str, phase: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let result = phase();
        self.add(name, Value::Time(started.elapsed()));
        result
    }

    /// Runs `phase`, and notes how long it took if there is something to do.
    pub fn time_if<T>(&mut self, something: bool, name: &str, phase: impl FnOnce() -> T) -> T {
        if something { self.time(name, phase) } else { phase() }
    }

    /// Notes a value.
    pub fn add(&mut self, name: &str, value: Value) {
        self.rows.push((name.to_owned(), value));
    }

    /// Records how a module runs, before everything else: the engine's settings, and the command's additions.
    pub fn add_settings(&mut self, module: &Module, implied_by: Option<&str>, limits: Vec<(String, String)>) {
        let mut settings = module.settings();
        if let (Some((_, mode)), Some(flag)) = (settings.first_mut(), implied_by) {
            *mode += &format!(", because of {flag}");
        }
        settings.extend(limits);
        self.rows.splice(0..0, settings.into_iter().map(|(name, value)| (name, Value::Text(value))));
    }

    /// Records the size of a module and of its code, and the time that it took to make that.
    pub fn add_module(&mut self, module: &Module) {
        let Statistics { functions, translated, wasm_bytes, code_bytes, validation_time, translation_time, tiers } =
            module.statistics();
        self.add("wasm", Value::Bytes(module.info().bytes.len()));
        self.add("functions", Value::Count(functions as u64));
        self.add("functions translated", Value::Count(translated as u64));
        self.add("translated from", Value::Bytes(wasm_bytes));
        self.add("validated in", Value::Time(validation_time));
        self.add("translated in", Value::Time(translation_time));
        self.add("interpreter code", Value::Bytes(code_bytes));
        self.add_code_ratio("code per wasm byte", code_bytes, wasm_bytes);
        for TierStatistics { mode, compiled, wasm_bytes, code_bytes, bailouts, compile_time } in tiers {
            self.add(&format!("functions in {mode}"), Value::Count(compiled as u64));
            if compiled + bailouts > 0 {
                self.add(&format!("compiled by {mode} in"), Value::Time(compile_time));
            }
            if code_bytes > 0 {
                self.add(&format!("code of {mode}"), Value::Bytes(code_bytes));
                self.add_code_ratio(&format!("{mode} per wasm byte"), code_bytes, wasm_bytes);
            }
            if bailouts > 0 {
                self.add(&format!("bailouts of {mode}"), Value::Count(bailouts as u64));
                let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
                for (_, why) in module.bailouts(mode) {
                    *reasons.entry(why.to_string()).or_default() += 1;
                }
                for (why, functions) in reasons {
                    self.add(&format!("  of these {functions}"), Value::Text(why));
                }
            }
        }
    }

    fn add_code_ratio(&mut self, name: &str, code_bytes: usize, wasm_bytes: usize) {
        if wasm_bytes > 0 {
            self.add(name, Value::Ratio(code_bytes as f64 / wasm_bytes as f64));
        }
    }

    /// Records the peak memory of the process, if the system reports it.
    pub fn add_peak_memory(&mut self) {
        if let Some(kib) = peak_memory_kib() {
            self.add("peak memory", Value::Kib(kib));
        }
    }

    /// The numbers, with names in lower case that end in the unit: `run_ms`, `interpreter_code_bytes`. Those of several modules are added up.
    pub fn numbers(&self) -> BTreeMap<String, f64> {
        let mut numbers = BTreeMap::new();
        for (name, value) in &self.rows {
            if let Some((number, unit)) = value.number() {
                *numbers.entry(name.to_lowercase().replace(' ', "_") + unit).or_default() += number;
            }
        }
        numbers
    }
}

impl Stats {
    /// Everything as a JSON object: the [numbers](Stats::numbers), and texts under their names. The texts of several rows with one name are
    /// an array.
    pub fn json(&self) -> Json {
        let numbers = self.numbers().into_iter().map(|(name, number)| (name, Json::from(number)));
        let mut object: Map<String, Json> = numbers.collect();
        for (name, value) in &self.rows {
            let Value::Text(text) = value else { continue };
            let more = Json::from(&**text);
            match object.entry(name.trim().to_lowercase().replace(' ', "_")) {
                Entry::Vacant(entry) => {
                    entry.insert(more);
                }
                Entry::Occupied(mut entry) => match entry.get_mut() {
                    Json::Array(all) => all.push(more),
                    one => *one = Json::Array(vec![one.take(), more]),
                },
            }
        }
        Json::Object(object)
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows.iter().try_for_each(|(name, value)| writeln!(f, "{name:<24} {value:>14}"))
    }
}

/// The peak memory of the process in KiB, if the system reports it.
fn peak_memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
