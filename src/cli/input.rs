//! Reads the files that users name: modules in the binary format or as text, packed by gzip or not, precompiled ones, and scripts.

use std::borrow::Cow;
use std::io::Read as _;
use std::path::Path;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};
use flate2::read::MultiGzDecoder;

use crate::{Engine, SharedBytes};

use super::cause;

/// Stands for standard input in place of a file.
pub const STDIN: &str = "-";

/// A file as an argument of another command, which is not to take it for a flag: `./-x.wasm` in place of `-x.wasm`.
pub fn operand(file: &Path) -> Cow<'_, Path> {
    let is_like_a_flag = file != Path::new(STDIN) && file.as_os_str().as_encoded_bytes().starts_with(b"-");
    if is_like_a_flag { Path::new(".").join(file).into() } else { file.into() }
}

/// The bytes of a module, in the binary format or as text.
pub fn read_module(path: &Path) -> Result<SharedBytes> {
    let bytes = read_file(path)?;
    if Engine::detect_precompiled(&bytes) {
        bail!("`{}` is a precompiled module, which only `riser run --allow-precompiled` takes", path.display());
    }
    Ok(bytes)
}

/// The bytes of a file: a module in the binary format, as text, or precompiled; or a script. Files of gzip are unpacked. Standard input
/// ([`STDIN`]) is read once, and every caller gets the same bytes.
pub fn read_file(path: &Path) -> Result<SharedBytes> {
    static READ: OnceLock<SharedBytes> = OnceLock::new();
    if path != Path::new(STDIN) {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        return unpacked(bytes, MOST_UNPACKED).with_context(|| format!("cannot unpack `{}`", path.display()));
    }
    if let Some(bytes) = READ.get() {
        return Ok(bytes.clone());
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
    let bytes = unpacked(bytes, MOST_UNPACKED).context("cannot unpack standard input")?;
    Ok(READ.get_or_init(|| bytes).clone())
}

/// How files of gzip begin.
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];

/// The most bytes that a packed file may hold. gzip packs a thousand to one, so without a limit a small file could take all memory.
const MOST_UNPACKED: u64 = 256 << 20;

/// What a file holds, unpacked if it is one of gzip.
fn unpacked(bytes: Vec<u8>, most: u64) -> Result<SharedBytes> {
    if !bytes.starts_with(&GZIP) {
        return Ok(bytes.into());
    }
    let mut all = Vec::new();
    MultiGzDecoder::new(&bytes[..]).take(most + 1).read_to_end(&mut all).context("the file of gzip is damaged")?;
    if all.len() as u64 > most {
        bail!("it holds more than {most} bytes: unpack it with `gunzip` first");
    }
    Ok(all.into())
}

/// Converts the module of `file`, which may be text, to the binary format.
///
/// # Errors
///
/// Those of [`parse_text`].
pub fn to_binary(bytes: SharedBytes, file: &Path) -> Result<SharedBytes> {
    parse_text(bytes, &wat::Parser::new(), file)
}

/// Converts a module, which may be text, to the binary format; `parser` reads the text as that of `file`. Binary modules are passed on
/// unchanged.
///
/// # Errors
///
/// If the bytes are no module. For what is known by its first bytes, the message says what it is; for text, where it is wrong.
pub fn parse_text(bytes: SharedBytes, parser: &wat::Parser, file: &Path) -> Result<SharedBytes> {
    if let Some(cause) = cause::of_bytes(&bytes) {
        bail!(cause);
    }
    crate::check_text(&bytes)?;
    Ok(bytes.converted(|bytes| parser.parse_bytes(Some(file), bytes))?)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).expect("there is room");
        encoder.finish().expect("there is room")
    }

    #[test]
    fn no_file_is_a_flag() {
        for (file, expected) in [
            ("-x.wasm", "./-x.wasm"),
            ("--", "./--"),
            ("-", "-"),
            ("x.wasm", "x.wasm"),
            ("./-x", "./-x"),
            ("a/-x", "a/-x"),
        ] {
            assert_eq!(operand(Path::new(file)).as_os_str(), expected);
        }
    }

    #[test]
    fn what_is_packed_is_limited() {
        let zeros = vec![0; 4096];
        assert_eq!(unpacked(packed(&zeros), 4096).expect("it fits").len(), 4096);
        let why = unpacked(packed(&zeros), 4095).expect_err("one byte too many").to_string();
        assert!(why.contains("more than 4095 bytes"), "{why}");
        let mut twice = packed(b"(module");
        twice.extend(packed(b")"));
        assert_eq!(&*unpacked(twice, 100).expect("both parts"), b"(module)");
    }

    #[test]
    fn damaged_files_are_errors() {
        let whole = packed(b"(module)");
        for end in 3..whole.len() {
            assert!(unpacked(whole[..end].to_vec(), 100).is_err(), "{end} bytes");
        }
        let mut changed = whole.clone();
        // The sum of the contents.
        let sum = changed.len() - 8;
        changed[sum] ^= 1;
        assert!(unpacked(changed, 100).is_err());
    }
}
