//! Modules of any size: those of a program with its functions repeated.
//!
//! Indices of functions stay as they are, so that all copies call the functions of the first.
//! Custom sections are left out.

use anyhow::{Context, Result};

/// Numbers of sections.
const CUSTOM: u8 = 0;
const FUNCTION: u8 = 3;
const CODE: u8 = 10;

/// Bytes of the magic number and the version.
const PREAMBLE: usize = 8;

/// The module `wasm` with its functions repeated until it has about `size` bytes.
pub fn repeated(wasm: &[u8], size: usize) -> Result<Vec<u8>> {
    let (preamble, mut rest) = wasm.split_at_checked(PREAMBLE).context("not a module")?;
    let mut sections = Vec::new();
    while let Some((&id, after)) = rest.split_first() {
        let (length, after) = leb128(after).context("a section without a length")?;
        let (contents, after) = after.split_at_checked(length).context("a section is cut")?;
        sections.push((id, contents));
        rest = after;
    }
    sections.retain(|&(id, _)| id != CUSTOM);
    let code = sections.iter().find(|&&(id, _)| id == CODE).map_or(0, |(_, contents)| contents.len()).max(1);
    let others: usize = sections.iter().map(|(_, contents)| contents.len()).sum::<usize>() - code;
    let times = (size.saturating_sub(others) / code).max(1);
    let mut module = preamble.to_vec();
    for (id, contents) in sections {
        let contents = match id {
            FUNCTION | CODE => {
                let (count, items) = leb128(contents).context("a section without a count")?;
                let mut repeated = encode(count * times);
                repeated.extend(items.repeat(times));
                repeated
            }
            _ => contents.to_vec(),
        };
        module.push(id);
        module.extend(encode(contents.len()));
        module.extend(contents);
    }
    Ok(module)
}

/// A number, and what follows it.
fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let length = bytes.iter().position(|byte| byte & 0x80 == 0)? + 1;
    let number = bytes[..length].iter().rev().fold(0, |number, byte| number << 7 | usize::from(byte & 0x7f));
    Some((number, &bytes[length..]))
}

fn encode(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}
