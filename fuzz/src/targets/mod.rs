//! The targets: properties as functions of bytes.
//!
//! A target never panics by itself: it reports a failure as a [`Finding`], and whoever runs the target turns a panic of
//! the code under test into one. The same bytes always stand for the same case, whatever ran before.

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub mod ahead;
pub mod api;
pub mod cost;
pub mod differential;
pub mod monitors;
pub mod single_inst;
pub mod snapshots;
pub mod streaming;
pub mod translate;
pub mod wast;

use std::fmt;

use riser_properties::nan;

/// A target's result for an input without a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The number of cases that the input stood for.
    pub cases: u64,
    /// The number of cases that reached what the target tests: a valid module, code that ran.
    pub effective: u64,
}

impl Verdict {
    /// The input stands for no effective case.
    pub const NOTHING: Verdict = Verdict { cases: 1, effective: 0 };

    /// One effective case.
    pub const ONE: Verdict = Verdict { cases: 1, effective: 1 };
}

/// A failure of the code under test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The failure, in words.
    pub message: String,
    /// The module that shows it, if it is not the input itself.
    pub module: Option<Vec<u8>>,
}

impl Finding {
    /// A finding about the input itself.
    pub fn new(message: impl Into<String>) -> Finding {
        Finding { message: message.into(), module: None }
    }

    /// A finding about a module.
    pub fn in_module(message: impl Into<String>, module: &[u8]) -> Finding {
        Finding { message: message.into(), module: Some(module.to_vec()) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The kind of a target's input, for code that makes inputs and shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A module, or decisions of a generator ([`crate::source`]).
    Module,
    /// Bytes of any kind.
    Bytes,
    /// Text.
    Text,
}

/// A target.
#[derive(Clone, Copy)]
pub struct Target {
    /// The target's name on the command line, and of its corpus.
    pub name: &'static str,
    /// The kind of its inputs.
    pub input: Input,
    /// The property.
    pub run: fn(&[u8]) -> Result<Verdict, Finding>,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Every target.
pub const ALL: &[Target] = &[
    Target { name: "translate", input: Input::Module, run: translate::translate },
    Target { name: "differential", input: Input::Module, run: differential::differential },
    Target { name: "single_inst", input: Input::Bytes, run: single_inst::single_inst },
    Target { name: "wast", input: Input::Text, run: wast::wast },
    Target { name: "streaming", input: Input::Module, run: streaming::streaming },
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    Target { name: "ahead", input: Input::Bytes, run: ahead::ahead },
    Target { name: "api", input: Input::Bytes, run: api::api },
    Target { name: "cost", input: Input::Bytes, run: cost::cost },
    Target { name: "monitors", input: Input::Module, run: monitors::monitors },
    Target { name: "snapshots", input: Input::Module, run: snapshots::snapshots },
];

/// The target with the given name.
pub fn find(name: &str) -> Option<&'static Target> {
    ALL.iter().find(|target| target.name == name)
}

/// Checks a module by `check`, and if that fails, once more with canonical NaNs, since two ways to compute the same may have chosen
/// different ones. `check` is told whether they are canonical.
///
/// # Errors
///
/// The first failure, if the second check fails, too.
pub(crate) fn with_canonical_nans(
    wasm: &[u8],
    check: impl Fn(&[u8], bool) -> Result<Verdict, Finding>,
) -> Result<Verdict, Finding> {
    check(wasm, false).or_else(|finding| match canonical(wasm) {
        Some(canonical) => check(&canonical, true).map_err(|_| finding),
        None => Err(finding),
    })
}

/// The module with canonical NaNs; `None` if it is not valid.
pub(crate) fn canonical(wasm: &[u8]) -> Option<Vec<u8>> {
    let parsed = riser_properties::parse(wasm).ok()?;
    nan::canonical(wasm, parsed.info())
}

/// A digest of the input, for decisions that the input does not contain.
pub(crate) fn digest(data: &[u8]) -> u64 {
    data.chunks(8).fold(data.len() as u64, |digest, chunk| {
        let mut bytes = [0; 8];
        bytes[..chunk.len()].copy_from_slice(chunk);
        crate::value::mix(digest, u64::from_le_bytes(bytes))
    })
}
