//! SPECs: how something runs, in words. `riser lockstep` and `riser why` take them.

use std::fmt;

use clap::{CommandFactory as _, Parser};

use crate::Config;

use super::arguments::no_number;
use super::engine::EngineArgs;

/// How something runs: the SPEC's text, and the configuration that it stands for.
///
/// It is words with commas or spaces between: a mode, `naive`, or a flag of `riser run` without its dashes, such as `dispatch=switch`;
/// `off=NAME+NAME` and `on=NAME+NAME` turn optimisations of the translator off and on.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The text.
    pub text: String,
    /// The flags of `riser run` that it stands for.
    pub flags: Vec<String>,
    /// These, parsed.
    pub engine: EngineArgs,
    /// What they configure.
    pub config: Config,
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The flags that the words of a SPEC stand for.
#[derive(Debug, Parser)]
#[command(no_binary_name = true, disable_help_flag = true)]
struct SpecFlags {
    #[command(flatten)]
    engine: EngineArgs,
}

impl Spec {
    /// Parses a SPEC.
    pub fn parse(text: &str) -> Result<Spec, String> {
        let mut flags = Vec::new();
        for word in text.split([',', ' ']).filter(|word| !word.is_empty()) {
            match word.split_once('=') {
                Some((switch @ ("off" | "on"), names)) => {
                    flags.push(format!("--translator-{switch}={}", names.replace('+', ",")));
                }
                Some((key, value)) => flags.push(format!("--{key}={value}")),
                None if word == "naive" => flags.push("--translator-naive".to_owned()),
                None => flags.push(format!("--mode={word}")),
            }
        }
        let explained = |error: clap::Error| {
            let mut command = SpecFlags::command();
            command.build();
            no_number(&error, &command).unwrap_or_else(|| first_paragraph(&error.to_string()))
        };
        let parsed = SpecFlags::try_parse_from(&flags).map_err(explained)?;
        let config = parsed.engine.config().map_err(|error| error.to_string())?;
        Ok(Spec { text: text.to_owned(), flags, engine: parsed.engine, config })
    }

    /// The flags without some, and these.
    pub fn split(&self, names: &[&str]) -> [Vec<String>; 2] {
        let is_taken = |flag: &String| flag.split('=').next().is_some_and(|name| names.contains(&name));
        let (taken, kept) = self.flags.iter().cloned().partition(is_taken);
        [kept, taken]
    }
}

/// The first paragraph of an error of the command line, on one line.
fn first_paragraph(message: &str) -> String {
    let lines: Vec<&str> = message.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    lines.join(" ").trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_is_words() {
        for text in [
            "",
            "classic",
            "interp,naive",
            "interp dispatch=switch, bounds=explicit",
            "interp,off=accumulators+result-folding",
            "naive,on=accumulators,compile=eager,max-stack=1MiB",
        ] {
            let spec = Spec::parse(text).expect(text);
            assert_eq!(spec.to_string(), text);
        }
        let naive = Spec::parse("naive,on=accumulators").expect("a spec").config.translator_config();
        assert!(naive.accumulators && !naive.result_folding);
        let off = Spec::parse("off=accumulators+result-folding").expect("a spec").config.translator_config();
        assert!(!off.accumulators && !off.result_folding && off.provider_elision);
    }

    #[test]
    fn a_wrong_word_is_named() {
        for (text, expected) in [
            ("slow", "invalid value 'slow' for '--mode <MODE>' [possible values: "),
            ("dispatch=goto", "invalid value 'goto' for '--dispatch <STRATEGY>' [possible values: switch"),
            ("speed=1", "unexpected argument '--speed' found"),
            ("max-stack=-1", "invalid value '-1' for '--max-stack <SIZE>': it is negative"),
            ("jobs=-1", "invalid value '-1' for '--jobs <N>': expected a number from 0 to 18446744073709551615"),
            ("off=everything", "invalid value 'everything' for '--translator-off <NAME>'"),
        ] {
            let error = Spec::parse(text).expect_err(text);
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn flags_can_be_taken_out() {
        let spec = Spec::parse("interp,dispatch=switch,naive,bounds=guard").expect("a spec");
        let [kept, taken] = spec.split(&["--dispatch", "--max-stack"]);
        assert_eq!(kept, ["--mode=interp", "--translator-naive", "--bounds=guard"]);
        assert_eq!(taken, ["--dispatch=switch"]);
    }
}
