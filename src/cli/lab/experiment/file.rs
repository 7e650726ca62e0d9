//! The file of an experiment: TOML.
//!
//! What a key may be is in the types; errors of the reader say the line, the key, and what is allowed.

use std::num::NonZeroU16;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use riser_lab::Metric;
use riser_lab::quantity;
use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

use crate::cli::guest::host_and_guest;
use crate::cli::lab::matrix::Matrix;
use crate::cli::lab::measure::{LabArgs, metric};
use crate::cli::lab::peer::{self, Peer};
use crate::cli::lab::program::Program;
use crate::cli::lab::series::Series;
use crate::translator::Switches;
use crate::{Bounds, Dispatch, Mode};

/// An experiment.
#[derive(Debug)]
pub struct Experiment {
    /// The file.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// What is run.
    pub programs: Vec<Entry>,
    /// In which configurations.
    pub matrix: Matrix,
    /// Beside which other engines.
    pub peers: Vec<Peer>,
    /// How it is measured.
    pub lab: LabArgs,
}

/// A program of an experiment.
#[derive(Debug)]
pub struct Entry {
    /// Its name, which no other program of the experiment has.
    pub name: String,
    /// How it is run.
    pub program: Program,
    /// The files and folders that it takes, the module first.
    pub inputs: Vec<Input>,
}

/// A file or folder that the experiment's file names.
#[derive(Debug)]
pub struct Input {
    /// Where it is.
    pub path: PathBuf,
    /// The part of the experiment's text that names it, in quotes.
    pub place: Range<usize>,
    /// What stands before and after its path there: `NAME=`, `::GUEST`.
    pub around: [String; 2],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    program: Vec<ProgramTable>,
    #[serde(default)]
    matrix: MatrixTable,
    #[serde(default)]
    peer: Vec<PeerTable>,
    #[serde(default)]
    measurement: MeasurementTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProgramTable {
    file: Spanned<String>,
    name: Option<Spanned<String>>,
    #[serde(default)]
    arguments: Vec<String>,
    invoke: Option<String>,
    argv0: Option<String>,
    #[serde(default)]
    env: Vec<Parsed<Variable>>,
    #[serde(default)]
    dirs: Vec<Spanned<String>>,
    #[serde(default)]
    preload: Vec<Spanned<Parsed<NameAndFile>>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct MatrixTable {
    modes: Vec<Parsed<Mode>>,
    dispatch: Vec<Parsed<Dispatch>>,
    bounds: Vec<Parsed<Bounds>>,
    switches: Vec<Parsed<Switches>>,
    series: Option<Parsed<Series>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PeerTable {
    name: String,
    command: Parsed<Words>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct MeasurementTable {
    copies: Option<NonZeroU16>,
    rounds: Option<NonZeroU16>,
    precision: Option<f64>,
    time: Option<Parsed<Duration>>,
    metric: Option<Parsed<Metric>>,
    any_output: bool,
}

/// A value that is written as text.
#[derive(Debug)]
struct Parsed<T>(T);

trait Text: Sized {
    fn parse(text: &str) -> Result<Self, String>;
}

impl<'de, T: Text> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Parsed<T>, D::Error> {
        let text = String::deserialize(deserializer)?;
        T::parse(&text).map(Parsed).map_err(|why| de::Error::custom(format!("`{text}`: {why}")))
    }
}

/// The one of `values` that has a name.
fn named<T: Copy>(what: &str, values: &[T], name: fn(T) -> &'static str, text: &str) -> Result<T, String> {
    values.iter().copied().find(|&value| name(value) == text).ok_or_else(|| {
        let names: Vec<&str> = values.iter().map(|&value| name(value)).collect();
        format!("there is no such {what}; there are {}", names.join(", "))
    })
}

impl Text for Mode {
    fn parse(text: &str) -> Result<Mode, String> {
        named("mode", &Mode::all(), Mode::name, text)
    }
}

impl Text for Dispatch {
    fn parse(text: &str) -> Result<Dispatch, String> {
        named("dispatch strategy", Dispatch::ALL, Dispatch::name, text)
    }
}

impl Text for Bounds {
    fn parse(text: &str) -> Result<Bounds, String> {
        named("bounds strategy", Bounds::ALL, Bounds::name, text)
    }
}

impl Text for Series {
    fn parse(text: &str) -> Result<Series, String> {
        named("series", Series::ALL, Series::name, text)
    }
}

impl Text for Switches {
    fn parse(text: &str) -> Result<Switches, String> {
        Switches::parse(text)
    }
}

impl Text for Duration {
    fn parse(text: &str) -> Result<Duration, String> {
        quantity::duration(text)
    }
}

impl Text for Metric {
    fn parse(text: &str) -> Result<Metric, String> {
        metric(text)
    }
}

/// A command line.
struct Words(Vec<String>);

impl Text for Words {
    fn parse(text: &str) -> Result<Words, String> {
        match peer::words(text)? {
            words if words.is_empty() => Err("a command line is expected, such as `wasmtime run`".to_owned()),
            words => Ok(Words(words)),
        }
    }
}

/// `NAME=VALUE`. A variable of whoever measures would not be that of whoever measures again.
struct Variable(String);

impl Text for Variable {
    fn parse(text: &str) -> Result<Variable, String> {
        text.contains('=').then(|| Variable(text.to_owned())).ok_or_else(|| "expected NAME=VALUE".to_owned())
    }
}

/// `NAME=FILE`.
struct NameAndFile(String, String);

impl Text for NameAndFile {
    fn parse(text: &str) -> Result<NameAndFile, String> {
        let (name, file) = text.split_once('=').ok_or("expected NAME=FILE")?;
        Ok(NameAndFile(name.to_owned(), file.to_owned()))
    }
}

impl Experiment {
    /// Reads an experiment.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or has an error.
    pub fn read(path: &Path) -> Result<Experiment> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        Experiment::parse(path, text).with_context(|| format!("`{}` is no experiment", path.display()))
    }

    fn parse(path: &Path, text: String) -> Result<Experiment> {
        let file: File = toml::from_str(&text).map_err(|error| anyhow!("{}", error.to_string().trim_end()))?;
        ensure!(!file.program.is_empty(), "it has no program: add a table `[[program]]` with the key `file`");
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut programs: Vec<Entry> = Vec::new();
        for table in file.program {
            let (line, entry) = entry(table, folder, &text)?;
            if programs.iter().any(|other| other.name == entry.name) {
                bail!("line {line}: two programs are called `{}`; the key `name` calls one something else", entry.name);
            }
            programs.push(entry);
        }
        let MatrixTable { modes, dispatch, bounds, switches, series } = file.matrix;
        let matrix = Matrix {
            modes: modes.into_iter().map(|it| it.0).collect(),
            dispatch: dispatch.into_iter().map(|it| it.0).collect(),
            bounds: bounds.into_iter().map(|it| it.0).collect(),
            switches: switches.into_iter().map(|it| it.0).collect(),
            series: series.map(|it| it.0),
        };
        ensure!(
            matrix.series.is_none() || matrix.given() == ["--series"],
            "the matrix has a series, which stands for modes, dispatch, bounds and switches"
        );
        let peers = file.peer.into_iter().map(|PeerTable { name, command }| Peer::new(name, command.0.0)).collect();
        let MeasurementTable { copies, rounds, precision, time, metric, any_output } = file.measurement;
        let (copies, rounds) = (copies.map(NonZeroU16::get), rounds.map(NonZeroU16::get));
        let (time, metric) = (time.map(|it| it.0), metric.map(|it| it.0).or(matrix.series.map(Series::metric)));
        let lab = LabArgs { copies, rounds, precision, time, metric, any_output, json: None, csv: None };
        Ok(Experiment { path: path.to_owned(), text, programs, matrix, peers, lab })
    }

    /// The folder for what is measured.
    pub fn folder(&self) -> PathBuf {
        self.path.with_extension("lab")
    }
}

/// A program of a table of the file, whose paths are relative to `folder`; and the line that it begins at.
fn entry(table: ProgramTable, folder: &Path, text: &str) -> Result<(usize, Entry)> {
    let ProgramTable { file, name, arguments, invoke, argv0, env, dirs, preload } = table;
    let line_of = |place: &Range<usize>| text[..place.start].matches('\n').count() + 1;
    let input = |value: &str, place: Range<usize>, around: [&str; 2]| -> Result<Input> {
        let path = folder.join(value);
        ensure!(path.exists(), "line {}: there is no `{}`", line_of(&place), path.display());
        Ok(Input { path, place, around: around.map(str::to_owned) })
    };
    let line = line_of(&file.span());
    let mut inputs = vec![input(file.get_ref(), file.span(), ["", ""])?];
    let (mut guest, mut writable): (Vec<std::ffi::OsString>, Vec<PathBuf>) = (Vec::new(), Vec::new());
    for (flag, value) in [("--invoke", invoke), ("--argv0", argv0)] {
        guest.extend(value.into_iter().flat_map(|value| [flag.into(), value.into()]));
    }
    guest.extend(env.into_iter().flat_map(|variable| ["--env".into(), variable.0.0.into()]));
    for dir in dirs {
        let (host, guest_name) = host_and_guest(dir.get_ref());
        let dir = input(host, dir.span(), ["", &format!("::{guest_name}")])?;
        guest.extend(["--dir".into(), format!("{}{}", dir.path.display(), dir.around[1]).into()]);
        writable.push(dir.path.clone());
        inputs.push(dir);
    }
    for it in preload {
        let Parsed(NameAndFile(name, file)) = it.get_ref();
        let preload = input(file, it.span(), [&format!("{name}="), ""])?;
        guest.extend(["--preload".into(), format!("{name}={}", preload.path.display()).into()]);
        inputs.push(preload);
    }
    let name = match name {
        Some(name) => {
            let is_plain = !name.get_ref().is_empty() && !name.get_ref().contains(['/', '\\', ':']);
            ensure!(
                is_plain,
                "line {}: a name is that of a file, too: without `/`, `\\` and `:`",
                line_of(&name.span())
            );
            name.into_inner()
        }
        None => inputs[0].path.file_stem().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default(),
    };
    let program = Program { file: inputs[0].path.clone(), arguments, guest, writable };
    Ok((line, Entry { name, program, inputs }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The experiment that a text says, in a folder that has the module `a.wat`.
    fn parse(text: &str) -> Result<Experiment> {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("a.wat"), "(module)").expect("is writable");
        Experiment::parse(&folder.path().join("experiment.toml"), text.to_owned())
    }

    #[test]
    fn everything_has_a_key() {
        let experiment = parse(
            r#"
            [[program]]
            file = "a.wat"
            arguments = ["1", "2"]
            invoke = "f"
            env = ["LANG=C"]
            preload = ["env=a.wat"]

            [[program]]
            name = "again"
            file = "a.wat"
            dirs = [".::/data"]

            [matrix]
            modes = ["interp", "multi-tier"]
            dispatch = ["switch"]
            bounds = ["explicit"]
            switches = ["optimized", "no-pairs+accumulators"]

            [[peer]]
            name = "other"
            command = "other 'run it'"

            [measurement]
            copies = 2
            rounds = 7
            precision = 2
            time = "5m"
            metric = "run_ms"
            any-output = true
            "#,
        );
        let experiment = experiment.expect("is one");
        let names: Vec<&str> = experiment.programs.iter().map(|entry| &*entry.name).collect();
        assert_eq!(names, ["a", "again"]);
        let first = &experiment.programs[0];
        assert_eq!(first.program.arguments, ["1", "2"]);
        assert_eq!(first.program.guest[..4], ["--invoke", "f", "--env", "LANG=C"]);
        assert!(first.program.guest[5].to_string_lossy().starts_with("env=/"));
        assert_eq!(&experiment.text[first.inputs[0].place.clone()], "\"a.wat\"");
        assert_eq!((experiment.matrix.modes.len(), experiment.matrix.switches.len()), (2, 2));
        assert_eq!(experiment.peers[0].command(), "other run it");
        let lab = &experiment.lab;
        assert_eq!(
            (lab.copies, lab.rounds, lab.precision, lab.time),
            (Some(2), Some(7), Some(2.0), Some(Duration::from_secs(300)))
        );
        assert!(lab.any_output);
    }

    #[test]
    fn errors_say_where_and_what_is_allowed() {
        const PROGRAM: &str = "[[program]]\nfile = \"a.wat\"\n";
        for (text, expected) in [
            ("", vec!["it has no program: add a table `[[program]]`"]),
            ("[[program]]\nfile = \"b.wat\"\n", vec!["line 2: there is no `"]),
            ("[[program]]\nfile = 1\n", vec!["line 2, column 8", "expected a string"]),
            ("[[program]]\nname = \"x\"\n", vec!["line 1", "missing field `file`"]),
            (
                "[matrix]\nmode = [\"interp\"]\n",
                vec!["line 2, column 1", "unknown field `mode`", "`modes`", "`switches`"],
            ),
            (
                "[matrix]\nmodes = [\n\"interp\",\n\"fast\"]\n",
                vec!["line 2", "`fast`: there is no such mode; there are "],
            ),
            ("[matrix]\nswitches = [\"pairs\"]\n", vec!["line 2", "expected optimized, naive, no-NAME"]),
            ("[matrix]\nseries = \"steps\"\n", vec!["line 2", "there is no such series; there are ladder, tiers"]),
            (
                &*[PROGRAM, "[matrix]\nseries = \"ladder\"\nmodes = [\"interp\"]\n"].concat(),
                vec!["the matrix has a series, which stands for modes"],
            ),
            ("[measurement]\ntime = \"5\"\n", vec!["line 2", "a duration needs a unit"]),
            ("[measurement]\ncopies = 0\n", vec!["line 2", "nonzero"]),
            ("[[peer]]\nname = \"x\"\ncommand = \"\"\n", vec!["line 3", "a command line is expected"]),
            ("[[program]]\nfile = \"a.wat\"\nenv = [\"HOME\"]\n", vec!["line 3", "`HOME`: expected NAME=VALUE"]),
            ("[[program]]\nfile = \"a.wat\"\nname = \"a/b\"\n", vec!["line 3: a name is that of a file, too"]),
            (&*[PROGRAM, PROGRAM].concat(), vec!["line 4: two programs are called `a`"]),
            ("[program\n", vec!["line 1"]),
        ] {
            let error = format!("{:#}", parse(text).expect_err(text));
            for expected in expected {
                assert!(error.contains(expected), "{text}\n{error}\nlacks: {expected}");
            }
        }
    }
}
