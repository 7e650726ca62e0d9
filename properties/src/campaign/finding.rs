//! A module that does not have a property, for people and for a file.

use std::fmt;

use riser_translator::SharedBytes;

use super::beside::{beside, functions_beside};
use super::{Depth, failure};
use crate::generate::{Module, minimise};
use crate::property::{Failure, Property, Subject};

/// The line of a file that says what the case leaves to chance.
const SEED: &str = ";; seed: ";

/// A module that does not have a property.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The property.
    pub property: Property,
    /// Other properties that do not hold for the case.
    pub others: Vec<&'static str>,
    /// The number of the case.
    pub case: u64,
    /// The module; of a generated one, the smallest that was found.
    pub wasm: SharedBytes,
    /// What is wrong.
    pub failure: Failure,
    /// Operators of the generated module, and of the smallest one.
    pub operators: Option<[usize; 2]>,
}

impl Finding {
    /// Makes the module of a case small, and says under which of all configurations that has the fewest switches on it
    /// fails. `None` if it does not fail.
    pub(super) fn shrunk(
        subject: &Subject,
        property: Property,
        others: Vec<&'static str>,
        case: u64,
        module: Module,
    ) -> Option<Finding> {
        let fails = |wasm: &SharedBytes, depth| failure(subject, &property, wasm, case, depth);
        let before = module.size();
        let smallest = minimise(module, &mut |module| fails(&module.to_wasm().into(), Depth::Sampled).is_some());
        let wasm = smallest.to_wasm().into();
        let failure = fails(&wasm, Depth::Thorough).or_else(|| fails(&wasm, Depth::Sampled))?;
        Some(Finding { property, others, case, wasm, failure, operators: Some([before, smallest.size()]) })
    }

    /// The module as text that can be read back: what is wrong in comments at its head, and the IR in comments beside the
    /// operators that it comes from.
    ///
    /// # Errors
    ///
    /// If the module cannot be printed.
    pub fn to_wat(&self) -> Result<String, String> {
        let mut text = self.head();
        let module = crate::parse(self.wasm.clone()).map_err(|error| error.to_string())?;
        text += &beside(module.info(), &self.failure.ir)?;
        Ok(text)
    }

    /// The functions that are wrong, with their IR, and nothing else of the module.
    ///
    /// # Errors
    ///
    /// If the module cannot be printed.
    pub fn functions(&self) -> Result<String, String> {
        let module = crate::parse(self.wasm.clone()).map_err(|error| error.to_string())?;
        let functions = functions_beside(module.info(), &self.failure.ir)?;
        Ok(self.head() + &functions)
    }

    /// What is wrong, as comments.
    fn head(&self) -> String {
        let mut lines = vec![format!("{} does not hold: {}", self.property.name, self.property.claim)];
        lines.extend(self.failure.message.lines().map(str::to_owned));
        lines.extend(self.failure.configuration().map(|it| format!("configuration: {it}")));
        let lines: String = lines.iter().map(|line| format!(";; {line}\n")).collect();
        format!("{lines}{SEED}{}\n", self.case)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "case {}: {} does not hold", self.case, self.property.name)?;
        if !self.others.is_empty() {
            write!(f, ", nor does {}", self.others.join(", "))?;
        }
        if let Some([before, after]) = self.operators {
            write!(f, "; {before} operators made {after}")?;
        }
        Ok(())
    }
}

/// The seed that a file of [`Finding::to_wat`] says; 0 for any other text.
///
/// # Errors
///
/// If what it says is no number.
pub fn seed_of(text: &str) -> Result<u64, String> {
    let seed = text.lines().find_map(|line| line.strip_prefix(SEED));
    seed.map_or(Ok(0), |seed| seed.trim().parse().map_err(|_| format!("`{SEED}{seed}` is no number")))
}
