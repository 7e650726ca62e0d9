//! `riser snapshot show` and `riser snapshot diff`.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;

use crate::cli::out;
use crate::snapshot::{MemoryImage, Snapshot, Stop, StoredValue, TableImage};
use crate::wasi::{SavedClocks, SavedDescriptor, SavedRandom, SavedTarget, WasiSnapshot};

use super::file::{read, wasi};

/// Ways to look into snapshots.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Print what is in a snapshot: exceptions, frames with locals and operands, globals, tables, memories, open files
    Show {
        /// The snapshot; `-` for standard input
        file: PathBuf,
    },
    /// Print the lines that `show` prints of only one of two snapshots
    Diff {
        /// The first one, whose lines begin with `-`
        a: PathBuf,
        /// The second one, whose lines begin with `+`
        b: PathBuf,
    },
}

impl Action {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        match self {
            Action::Show { file } => {
                let lines = lines(&read(&file)?)?;
                out::print(|out| Ok(lines.iter().try_for_each(|line| writeln!(out, "{line}"))?))
            }
            Action::Diff { a, b } => {
                let (a, b) = (lines(&read(&a)?)?, lines(&read(&b)?)?);
                let only = |sign: char, these: &[String], others: &[String]| -> Vec<String> {
                    let others: HashSet<&String> = others.iter().collect();
                    let only = these.iter().filter(|line| !others.contains(line));
                    only.map(|line| format!("{sign} {line}")).collect()
                };
                let lines = [only('-', &a, &b), only('+', &b, &a)].concat();
                out::print(|out| Ok(lines.iter().try_for_each(|line| writeln!(out, "{line}"))?))
            }
        }
    }
}

/// What is in a snapshot. Each line says by itself what it is of.
fn lines(snapshot: &Snapshot) -> Result<Vec<String>> {
    let module = snapshot.module();
    let digest: String = module.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    // Who made the file may have put anything there.
    let proposals: Vec<String> = module.features.iter().map(|name| name.escape_default().to_string()).collect();
    let mut lines = vec![
        format!(
            "module {digest}, {} bytes, {}",
            module.len,
            if snapshot.code().is_some() { "included" } else { "not included" }
        ),
        format!("proposals {}", proposals.join(" ")),
    ];
    if let Some(fuel) = snapshot.fuel() {
        lines.push(format!("fuel {fuel}"));
    }
    for (number, bytes) in snapshot.externs().iter().enumerate() {
        lines.push(format!("extern {number} {} bytes", bytes.len()));
    }
    for (number, exception) in snapshot.exceptions().iter().enumerate() {
        lines.push(format!("exception {number} tag {}", exception.tag));
        add_values(&mut lines, &format!("exception {number} value"), &exception.payload);
    }
    for (number, frame) in snapshot.frames().iter().enumerate() {
        let stop = match frame.stop {
            Stop::Safepoint(kind) => kind.to_string(),
            Stop::Call => "call".to_owned(),
        };
        lines.push(format!("frame {number} function {} at {:#x} {stop}", frame.function, frame.offset));
        add_values(&mut lines, &format!("frame {number} local"), &frame.locals);
        add_values(&mut lines, &format!("frame {number} operand"), &frame.operands);
    }
    add_values(&mut lines, "global", snapshot.globals());
    for (number, table) in snapshot.tables().iter().enumerate() {
        lines.push(format!("table {number} {}", of_table(table)));
    }
    for (number, memory) in snapshot.memories().iter().enumerate() {
        add_memory(&mut lines, number, memory)?;
    }
    for (what, flags) in [("data", snapshot.dropped_data()), ("elements", snapshot.dropped_elements())] {
        let dropped: Vec<String> = (0..flags.len()).filter(|&at| flags[at]).map(|at| at.to_string()).collect();
        lines.push(format!("dropped {what} {}", dropped.join(" ")));
    }
    lines.extend(snapshot.sections().map(|(name, bytes)| format!("section {} {} bytes", quoted(name), bytes.len())));
    if let Some(wasi) = wasi(snapshot)? {
        add_wasi(&mut lines, &wasi);
    }
    Ok(lines)
}

fn add_wasi(lines: &mut Vec<String>, wasi: &WasiSnapshot) {
    let numbered = |what: &str, number: usize, text: String| format!("wasi {what} {number} {text}");
    lines.extend(wasi.args().iter().enumerate().map(|(number, arg)| numbered("argument", number, quoted(arg))));
    for (number, (name, value)) in wasi.env().iter().enumerate() {
        lines.push(numbered("variable", number, format!("{} {}", quoted(name), quoted(value))));
    }
    lines.push(match wasi.clocks() {
        SavedClocks::Real { monotonic } => format!("wasi clocks real {monotonic}"),
        SavedClocks::Deterministic { now, step } => format!("wasi clocks deterministic {now} {step}"),
    });
    lines.push(match wasi.random() {
        SavedRandom::System => "wasi random system".to_owned(),
        SavedRandom::Seeded(seed) => format!("wasi random seeded {seed:#x}"),
        SavedRandom::Own => "wasi random own".to_owned(),
    });
    for (number, directory) in wasi.directories().iter().enumerate() {
        let place = if directory.is_in_memory() { "memory" } else { "host" };
        lines.push(numbered("directory", number, format!("{} {place}", quoted(&directory.name))));
    }
    lines.extend(wasi.descriptors().iter().map(of_descriptor));
}

fn of_descriptor(descriptor: &SavedDescriptor) -> String {
    let SavedDescriptor { number, flags, rights_base, rights_inheriting, target, .. } = descriptor;
    let target = match target {
        SavedTarget::Stdin => "stdin".to_owned(),
        SavedTarget::Stdout => "stdout".to_owned(),
        SavedTarget::Stderr => "stderr".to_owned(),
        SavedTarget::Directory(directory) => format!("directory {directory}"),
        SavedTarget::Opened { directory, path, file_type, offset, size } => {
            format!("{} in directory {directory}, type {}, at {offset} of {size}", quoted(path), *file_type as u8)
        }
    };
    let (flags, base, inheriting) = (flags.bits(), rights_base.bits(), rights_inheriting.bits());
    format!("wasi descriptor {number} {target}, flags {flags:#x}, rights {base:#x} {inheriting:#x}")
}

/// Text as JSON has it, in ASCII that can be printed.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            ' '..='~' => quoted.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(quoted, "\\u{unit:04x}").expect("text grows");
                }
            }
        }
    }
    quoted + "\""
}

fn add_values(lines: &mut Vec<String>, what: &str, values: &[StoredValue]) {
    lines.extend(values.iter().enumerate().map(|(number, value)| format!("{what} {number} {value}")));
}

fn of_table(table: &TableImage) -> String {
    let references: Vec<String> = (table.runs.iter())
        .flat_map(|run| run.references.iter().zip(run.start..).map(|(reference, at)| format!("{at}={reference}")))
        .collect();
    format!("{} {} elements {}", table.element.name(), table.len, references.join(" "))
}

fn add_memory(lines: &mut Vec<String>, number: usize, memory: &MemoryImage) -> Result<()> {
    lines.push(format!("memory {number} {} bytes", memory.len_bytes));
    for block in &memory.blocks {
        let sum: u64 = block.bytes()?.iter().map(|&byte| u64::from(byte)).sum();
        let (start, len, stored) = (block.start, block.len_bytes, block.stored.len());
        lines.push(format!("memory {number} at {start:#x} {len} bytes, stored in {stored}, sum {sum}"));
    }
    Ok(())
}
