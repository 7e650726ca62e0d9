//! `--wasm`: which proposals modules may use.

use std::ffi::OsStr;

use anyhow::Result;
use clap::Args;
use clap::builder::TypedValueParser;
use clap::error::ErrorKind;

use crate::{Config, Features, Proposal};

use super::names::nearest;
use super::usage::Misuse;
use super::{SUCCESS, elsewhere, exit, exit_code, out};

/// The proposals that modules may use.
#[derive(Args, Clone, Debug)]
pub struct ProposalArgs {
    /// Let modules use a WebAssembly proposal, or not; `help` lists them
    ///
    /// `all` stands for every one. Several with commas between, or by repeating the flag. Unless given, modules may use all.
    #[arg(short = 'W', long, value_name = "NAME[=y|n]", help_heading = None, value_delimiter = ',', value_parser = SwitchParser)]
    wasm: Vec<Switch>,
}

/// A proposal, or all, to turn on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Switch {
    /// `None` for all.
    proposal: Option<Proposal>,
    on: bool,
}

impl ProposalArgs {
    /// The proposals that modules may use: all, changed by the flags in their order.
    ///
    /// # Errors
    ///
    /// If one of them builds on one that is off.
    pub fn features(&self) -> Result<Features> {
        let mut features = Features::ALL;
        for &Switch { proposal, on } in &self.wasm {
            match proposal {
                Some(proposal) => features.set(proposal, on),
                None if on => features = Features::ALL,
                None => features = Features::NONE,
            }
        }
        features.check().map_err(Misuse::new)?;
        Ok(features)
    }

    /// Whether the flags let modules use a proposal.
    ///
    /// # Errors
    ///
    /// As [`ProposalArgs::features`].
    pub fn allow(&self, proposal: Proposal) -> Result<bool> {
        Ok(self.features()?.contains(proposal))
    }

    /// Applies the flags to a configuration.
    ///
    /// # Errors
    ///
    /// As [`ProposalArgs::features`].
    pub fn apply(&self, config: &mut Config) -> Result<()> {
        let features = self.features()?;
        for &proposal in Proposal::ALL {
            config.wasm_proposal(proposal, features.contains(proposal));
        }
        Ok(())
    }
}

/// Accepts `NAME`, `NAME=y`, `NAME=n`. For `help` it prints the list of proposals, and ends the process.
#[derive(Clone)]
struct SwitchParser;

impl TypedValueParser for SwitchParser {
    type Value = Switch;

    fn parse_ref(
        &self,
        command: &clap::Command,
        _arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Switch, clap::Error> {
        let value = value.to_string_lossy();
        let wrong = |message| clap::Error::raw(ErrorKind::InvalidValue, message).with_cmd(command);
        match &*value {
            "help" => {
                let printed = out::print(|out| Ok(out.write_all(list().as_bytes())?));
                exit(printed.map_or_else(|error| exit_code(&error), |()| SUCCESS))
            }
            value => switch(value).map_err(wrong),
        }
    }
}

fn switch(text: &str) -> Result<Switch, String> {
    if let Some(hint) = elsewhere::hint("-W", Some(text)) {
        return Err(hint);
    }
    let (name, value) = text.split_once('=').unwrap_or((text, "y"));
    let on = match value {
        "y" | "yes" | "true" => true,
        "n" | "no" | "false" => false,
        _ => {
            return Err(format!("'{}' for '--wasm {name}' is neither 'y' nor 'n'", value.escape_debug()));
        }
    };
    match name {
        "all" => Ok(Switch { proposal: None, on }),
        name => match name.parse() {
            Ok(proposal) => Ok(Switch { proposal: Some(proposal), on }),
            Err(why) => {
                let near = nearest(name, Proposal::ALL.iter().map(|proposal| proposal.name()));
                Err(format!("{why}, all{near}"))
            }
        },
    }
}

/// The list of proposals.
fn list() -> String {
    let width = Proposal::ALL.iter().map(|proposal| proposal.name().len()).max().unwrap_or(0);
    let rows = Proposal::ALL.iter().map(|proposal| format!("  {:<width$}  {}\n", proposal.name(), proposal.about()));
    format!(
        "WebAssembly proposals, for --wasm NAME[=y|n]:\n\n{}  {:<width$}  every one of them\n",
        rows.collect::<String>(),
        "all"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(flags: &[&str]) -> Result<Features, String> {
        let wasm = flags.iter().map(|flag| switch(flag)).collect::<Result<_, _>>()?;
        ProposalArgs { wasm }.features().map_err(|error| error.to_string())
    }

    #[test]
    fn switches_apply_in_their_order() {
        assert_eq!(features(&[]), Ok(Features::ALL));
        assert_eq!(features(&["all=n"]), Ok(Features::NONE));
        assert_eq!(features(&["all=n", "all"]), Ok(Features::ALL));
        let tail_call: Features = [Proposal::TailCall].into_iter().collect();
        for on in ["tail-call", "tail_call", "tail-call=y", "tail-call=yes", "tail-call=true"] {
            assert_eq!(features(&["all=n", on]), Ok(tail_call), "{on}");
        }
        for off in ["n", "no", "false"] {
            assert_eq!(features(&["all=n", "tail-call", &format!("tail-call={off}")]), Ok(Features::NONE), "{off}");
        }
    }

    #[test]
    fn wrong_switches_say_why() {
        for (flag, expected) in [
            ("simt=y", "there is no proposal `simt`; there are mutable-globals, "),
            ("simt", ", all; did you mean `simd`"),
            ("simd=1", "'1' for '--wasm simd' is neither 'y' nor 'n'"),
            ("simd=n", "`relaxed-simd` is on and builds on `simd`, which is off"),
        ] {
            let why = features(&[flag]).expect_err(flag);
            assert!(why.contains(expected), "{flag}: {why}");
        }
    }
}
