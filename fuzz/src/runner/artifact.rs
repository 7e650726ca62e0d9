//! Writes findings to files, and reads them back.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::source;
use crate::targets::{Finding, Input, Target, Verdict, differential};

use super::job::{Failure, quietly};
use super::shrink::shrink;

/// The folder for findings.
pub(super) fn folder() -> PathBuf {
    super::folder().join("artifacts")
}

/// Shrinks a finding, writes it to `fuzz/artifacts`, and explains on standard error what it is and how to reproduce
/// it.
///
/// # Errors
///
/// If a file cannot be written.
pub fn write(target: &Target, seed: u64, failure: &Failure) -> Result<()> {
    let hangs = failure.module.is_none() && failure.message.starts_with("does not end");
    let smallest = if hangs { failure.clone() } else { shrink(target, failure) };
    let folder = folder();
    fs::create_dir_all(&folder)?;
    let stem = format!("{}-{seed}-{}", target.name, failure.number);
    let first = folder.join(format!("{stem}.bin"));
    fs::write(&first, &failure.input)?;
    eprintln!("\n{}: {}", target.name, smallest.message);
    eprintln!("  case: --seed {seed} --first {} --inputs 1, in {}", failure.number, first.display());
    let module = smallest.module.as_ref().or(Some(&smallest.input)).filter(|it| it.starts_with(source::MAGIC));
    let file = match module.map(|wasm| (wasm, wasmprinter::print_bytes(wasm))) {
        Some((_, Ok(text))) => {
            let file = folder.join(format!("{stem}.wat"));
            let comment: String = smallest.message.lines().take(1).map(|line| format!(";; {line}\n")).collect();
            fs::write(&file, comment + &text)?;
            file
        }
        Some((wasm, Err(_))) => {
            let file = folder.join(format!("{stem}.wasm"));
            fs::write(&file, wasm)?;
            file
        }
        None => {
            let file = folder.join(format!("{stem}.min"));
            fs::write(&file, &smallest.input)?;
            file
        }
    };
    eprintln!("  smallest: {}", file.display());
    eprintln!("  again: cargo run --release -p riser-fuzz -- {} --replay {}", target.name, file.display());
    eprintln!("  to keep: copy it to tests/regressions (a module) or fuzz/corpus/{}\n", target.name);
    Ok(())
}

/// Runs a target on a file: an input, or a module in either format.
///
/// # Errors
///
/// If the file cannot be read, or is text but no module.
pub fn replay(target: &Target, file: &Path) -> Result<Result<Verdict, Finding>> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let is_text = file.extension().is_some_and(|extension| extension == "wat");
    let input = if is_text && target.input != Input::Text { wat::parse_bytes(&bytes)?.into_owned() } else { bytes };
    // The result for a file must not depend on the configurations that its bytes happen to pick.
    if target.name == "differential" && input.starts_with(source::MAGIC) {
        return Ok(differential::exhaustive(&input));
    }
    Ok(quietly(target, &input))
}
