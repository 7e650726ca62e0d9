//! `riser lockstep --bisect`: from two sides that differ to a function, and to a switch of the translator or a setting of a
//! compiler.
//!
//! ```text
//! A and B differ
//!   a side's interpreter, and the same with every switch off, differ?  -> functions to optimise  -> switches
//!   the interpreter with every switch off, and a side's compiler?      -> functions to compile   -> the lowest level
//! ```
//!
//! Every step is a comparison of two SPECs, which `riser lockstep` can repeat.

use std::path::Path;

use anyhow::{Result, bail};

use crate::lockstep::Report;
use crate::modes::{FAST_JIT, LLVM_JIT};
use crate::translator::module::ModuleInfo;
use crate::translator::safepoint::Safepoint;
use crate::translator::{FuncIndex, Shown, TranslatorConfig};
use crate::{Engine, Mode};

use super::Lockstep;
use super::narrow::narrow;
use crate::cli::out;
use crate::cli::spec::Spec;

/// Beside compiled functions, the interpreter is as the one that compilers are compared with, and compilers get what they get
/// otherwise.
const AS_PLAIN: &str = "naive,on=provider-elision";

/// A search.
pub(super) struct Bisect<'a> {
    lockstep: &'a Lockstep,
    file: &'a Path,
    args: &'a [String],
    functions: Vec<FuncIndex>,
}

/// What was found: the two SPECs that show it, who is to blame, and how they differ.
struct Culprit {
    specs: [String; 2],
    functions: Vec<FuncIndex>,
    by: String,
    report: Report,
}

impl<'a> Bisect<'a> {
    /// A search in a program.
    pub(super) fn new(lockstep: &'a Lockstep, info: &ModuleInfo, file: &'a Path, args: &'a [String]) -> Bisect<'a> {
        Bisect { lockstep, file, args, functions: info.defined_functions().collect() }
    }

    /// Narrows the difference down, and prints each step. Returns whether there is one.
    pub(super) fn run(&self, info: &ModuleInfo) -> Result<bool> {
        let sides = [&self.lockstep.b, &self.lockstep.a];
        if self.difference(&self.lockstep.a.text, &self.lockstep.b.text)?.is_none() {
            return Ok(false);
        }
        for side in sides {
            if mode(side)? == Mode::Interp
                && let Some(culprit) = self.switches(side)?
            {
                return self.conclude(info, &culprit);
            }
        }
        for side in sides {
            if let Some(compiler) = Compiler::of(side)?
                && let Some(culprit) = self.compiler(side, &compiler)?
            {
                return self.conclude(info, &culprit);
            }
        }
        bail!("neither a switch nor a compiler makes the difference: `--bisect` cannot narrow it down")
    }

    /// Compares two sides, and prints the result on a line.
    fn difference(&self, a: &str, b: &str) -> Result<Option<Report>> {
        let report = self.lockstep.compare(&spec_of(a)?, &spec_of(b)?, self.file, self.args)?.2;
        let result = if report.is_alike() { "alike".to_owned() } else { format!("differ {}", place(&report)) };
        out::without_reader(out::print(|out| Ok(writeln!(out, "--a {a} --b {}: {result}", shortened(b))?)))?;
        Ok((!report.is_alike()).then_some(report))
    }

    /// Blames switches of an interpreting side, if they make a difference.
    fn switches(&self, side: &Spec) -> Result<Option<Culprit>> {
        let base = without(&side.text, |word| word == "naive" || has_key(word, &["off", "on", "translator-filter"]));
        let plain = joined(&[&base, "naive"]);
        let switches = side.config.translator_config();
        let on: Vec<&str> =
            TranslatorConfig::SWITCHES.iter().map(|it| it.0).filter(|name| switches.get(name) == Some(true)).collect();
        if on.is_empty() || self.difference(&plain, &side.text)?.is_none() {
            return Ok(None);
        }
        let optimised = |on: &[&str], functions: &[FuncIndex]| {
            format!("{plain},on={}{}", on.join("+"), filter("translator-filter", functions))
        };
        let functions = narrow(&self.functions, &mut |functions| {
            Ok(self.difference(&plain, &optimised(&on, functions))?.is_some())
        })?;
        let names = narrow(&on, &mut |names| Ok(self.difference(&plain, &optimised(names, &functions))?.is_some()))?;
        let by = match &names[..] {
            [name] => format!("the switch `{name}`"),
            names => format!("the switches `{}` together", names.join("` and `")),
        };
        self.culprit([plain.clone(), optimised(&names, &functions)], functions, by)
    }

    /// Blames the code that a side's compiler makes of a function, if it makes a difference.
    fn compiler(&self, side: &Spec, compiler: &Compiler) -> Result<Option<Culprit>> {
        let base = without(&side.text, |word| {
            !word.contains('=')
                || has_key(word, &["off", "on", "mode", "compile", "cache"])
                || word.starts_with("tier-")
        });
        let plain = joined(&["interp,naive", &without(&base, |word| !has_key(word, &["max-stack", "wasm"]))]);
        let compiled = |functions: &[FuncIndex], setting: &str| {
            joined(&[compiler.at_once, AS_PLAIN, &base, setting]) + &filter("tier-filter", functions)
        };
        if self.difference(&plain, &compiled(&[], ""))?.is_none() {
            return Ok(None);
        }
        let functions =
            narrow(&self.functions, &mut |functions| Ok(self.difference(&plain, &compiled(functions, ""))?.is_some()))?;
        let base_has_level = base.split(',').any(|word| has_key(word, &[compiler.level]));
        let levels = if base_has_level { &[][..] } else { compiler.levels };
        for level in levels {
            let specs = [plain.clone(), compiled(&functions, &format!("{}={level}", compiler.level))];
            if self.difference(&specs[0], &specs[1])?.is_some() {
                let by = format!("{} from `{}={level}` on", compiler.name, compiler.level);
                return self.culprit(specs, functions, by);
            }
        }
        let specs = [plain.clone(), compiled(&functions, "")];
        self.culprit(specs, functions, compiler.name.to_owned())
    }

    fn culprit(&self, specs: [String; 2], functions: Vec<FuncIndex>, by: String) -> Result<Option<Culprit>> {
        let [a, b] = &specs;
        let report = self.lockstep.compare(&spec_of(a)?, &spec_of(b)?, self.file, self.args)?.2;
        Ok((!report.is_alike()).then_some(Culprit { specs, functions, by, report }))
    }

    /// Prints the result as a sentence.
    fn conclude(&self, info: &ModuleInfo, culprit: &Culprit) -> Result<bool> {
        let Culprit { specs: [a, b], functions, by, report } = culprit;
        let named = |function: &FuncIndex| match info.func_name(*function) {
            Some(name) => format!("{function} ${}", Shown(name)),
            None => function.to_string(),
        };
        let functions: Vec<String> = functions.iter().map(named).collect();
        let plural = if functions.len() == 1 { "" } else { "s" };
        let command = self.lockstep.command(a, b, self.file, self.args);
        let (functions, place) = (functions.join(", "), place(report));
        let text = format!("\nIn function{plural} {functions}, {by} makes the difference, {place}:\n\n    {command}\n");
        out::without_reader(out::print(|out| Ok(out.write_all(text.as_bytes())?)))?;
        Ok(true)
    }
}

/// A compiler, in words of SPECs.
struct Compiler {
    name: &'static str,
    /// Everything is compiled at its first call and its first iteration, by this compiler.
    at_once: &'static str,
    /// The flag that says how much work goes into a function, and its values from the least on.
    level: &'static str,
    levels: &'static [&'static str],
}

/// Functions go no further than to the Fast JIT.
#[cfg(feature = "llvm")]
const FAST: &str =
    "multi-tier,tier-threads=0,tier-calls=1,tier-loops=1,tier-up-calls=2147483647,tier-up-loops=2147483647";
#[cfg(not(feature = "llvm"))]
const FAST: &str = "multi-tier,tier-threads=0,tier-calls=1,tier-loops=1";

const COMPILERS: [(Mode, Compiler); 2] = [
    (FAST_JIT, Compiler { name: "the Fast JIT", at_once: FAST, level: "fast-jit-opt", levels: &["none", "speed"] }),
    (
        LLVM_JIT,
        Compiler {
            name: "LLVM",
            at_once: "multi-tier,tier-threads=0,tier-calls=1,tier-loops=1,tier-up-calls=1,tier-up-loops=1",
            level: "llvm-opt",
            levels: &["0", "1", "2", "3"],
        },
    ),
];

impl Compiler {
    /// The compiler of a side, if it has one of those that functions tier up to; in multi-tier, the first one.
    fn of(side: &Spec) -> Result<Option<Compiler>> {
        let mode = match mode(side)? {
            Mode::MultiTier => FAST_JIT,
            mode => mode,
        };
        Ok(COMPILERS.into_iter().find(|(of, _)| *of == mode).map(|(_, compiler)| compiler))
    }
}

/// The mode of a side.
fn mode(side: &Spec) -> Result<Mode> {
    Ok(Engine::new(&side.config)?.default_mode())
}

fn spec_of(text: &str) -> Result<Spec> {
    Spec::parse(text).map_err(anyhow::Error::msg)
}

/// Whether a word of a SPEC is for one of these flags.
fn has_key(word: &str, keys: &[&str]) -> bool {
    word.split_once('=').is_some_and(|(key, _)| keys.contains(&key))
}

/// A SPEC without some of its words.
fn without(text: &str, is_dropped: impl Fn(&str) -> bool) -> String {
    let words = text.split([',', ' ']).filter(|word| !word.is_empty() && !is_dropped(word));
    words.collect::<Vec<_>>().join(",")
}

/// SPECs together.
fn joined(specs: &[&str]) -> String {
    let specs: Vec<&str> = specs.iter().copied().filter(|spec| !spec.is_empty()).collect();
    specs.join(",")
}

/// Words that restrict a SPEC to functions.
fn filter(flag: &str, functions: &[FuncIndex]) -> String {
    functions.iter().map(|function| format!(",{flag}={function}")).collect()
}

/// A SPEC with a list of functions cut short.
fn shortened(spec: &str) -> String {
    const MOST: usize = 3;
    let is_function = |word: &&str| has_key(word, &["translator-filter", "tier-filter"]);
    let count = spec.split(',').filter(is_function).count();
    if count <= MOST {
        return spec.to_owned();
    }
    let functions: Vec<&str> = spec.split(',').filter(is_function).take(MOST - 1).collect();
    format!("{},{} and {} more", without(spec, |word| is_function(&word)), functions.join(","), count - (MOST - 1))
}

/// Where two sides differ first.
fn place(report: &Report) -> String {
    let at = |safepoint: &Safepoint| {
        format!(
            "at safepoint {}, {} {:#x} of function {}",
            report.safepoints, safepoint.kind, safepoint.offset, safepoint.function
        )
    };
    let safepoint = report.divergence.as_ref().and_then(|it| it.a.as_ref().or(it.b.as_ref()));
    safepoint.map_or_else(|| format!("at the end, after {} safepoints", report.safepoints), at)
}
