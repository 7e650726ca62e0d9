//! What `corpus.toml` says: the package, and its programs in groups that share a
//! folder, arguments and expectations; groups with packages of their own; and libraries,
//! each from a package of its own.
//!
//! Unknown keys are errors, so that a misspelt expectation cannot pass silently.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use regex::bytes::Regex;
use serde::{Deserialize, Deserializer, de::Error};

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub package: Package,
    groups: Vec<Group>,
    #[serde(default)]
    libraries: Vec<Library>,
}

/// A package that carries modules as data.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    #[serde(default)]
    pub registry: Registry,
    pub name: String,
    pub version: String,
    /// Digest of the wheel or archive, in hexadecimal.
    pub sha256: String,
    /// The folder in the package that contains the groups' folders.
    #[serde(default)]
    pub folder: String,
}

/// Where a package is downloaded from.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Registry {
    #[default]
    Pypi,
    Npm,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    /// Folder in the package; programs run in it and are named after it.
    folder: String,
    /// The group's own packages. Its programs run in a folder that has the files of `xtask/corpus/FOLDER` and, under its
    /// name, each package; what a program writes there, the next one reads.
    #[serde(default)]
    packages: Vec<Package>,
    /// The programs' `argv[0]`, if it is not the file's name.
    argv0: Option<String>,
    #[serde(default)]
    args: Vec<String>,
    stdout: Option<Pattern>,
    programs: Vec<Program>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Program {
    name: String,
    /// The module's file name without `.wasm`, if it is not `name`.
    module: Option<String>,
    /// Modules to be there before it, by the names to import from.
    #[serde(default)]
    preloads: BTreeMap<String, String>,
    /// Arguments in place of the group's.
    args: Option<Vec<String>>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// Folders that the program may open, relative to the group's; `HOST::GUEST` where the program has another name for it.
    #[serde(default)]
    dirs: Vec<String>,
    /// File for the standard input, relative to the group's folder.
    stdin: Option<String>,
    #[serde(default)]
    exit_code: i32,
    stdout: Option<Pattern>,
    stderr: Option<Pattern>,
    stdout_sha256: Option<String>,
    stderr_sha256: Option<String>,
    /// Digests of files that the program writes, relative to the group's folder.
    #[serde(default)]
    files_sha256: BTreeMap<String, String>,
    /// Whether it takes more than some seconds in an interpreter.
    #[serde(default)]
    slow: bool,
}

/// A module that is no program, called by a driver of ours: `xtask/corpus/NAME.wat`.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Library {
    pub name: String,
    /// The package of npm's registry that it is in.
    pub package: String,
    pub version: String,
    /// Digest of the package's archive, in hexadecimal.
    pub sha256: String,
    /// The module's file in the package.
    pub module: String,
    /// Whether WASI is to have a stub, too: where its functions do not have the types that they should have.
    #[serde(default)]
    pub stub_wasi: bool,
    /// Imported functions that do nothing and return zeros; `*` for all that nothing else is said of. Others trap.
    #[serde(default)]
    pub zero: Vec<String>,
    /// Imported functions that the driver has: each is the element of the table `hooks` with its index here.
    #[serde(default)]
    pub hooks: Vec<String>,
    pub stdout_sha256: String,
    /// Takes more than some seconds in an interpreter, or minutes to compile.
    #[serde(default)]
    pub slow: bool,
}

/// A regular expression that must match somewhere in a stream.
#[derive(Clone, Debug)]
pub struct Pattern(pub Regex);

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let source = String::deserialize(deserializer)?;
        Regex::new(&source).map(Self).map_err(D::Error::custom)
    }
}

impl Library {
    /// The package that the library is in.
    pub fn source(&self) -> Package {
        Package {
            registry: Registry::Npm,
            name: self.package.clone(),
            version: self.version.clone(),
            sha256: self.sha256.clone(),
            folder: String::new(),
        }
    }
}

/// What a case runs.
pub enum Source {
    /// A program of the package, or of its group's packages.
    Program {
        /// Folder to run in, seen from the package's programs.
        folder: String,
        /// The module's file in that folder.
        file: String,
        /// Modules to be there before it, by the names to import from.
        preloads: BTreeMap<String, String>,
        packages: Vec<Package>,
    },
    Library(Library),
}

/// One program, or a library with its driver.
pub struct Case {
    /// `group/program`, or `libraries/library`.
    pub name: String,
    pub source: Source,
    pub argv0: Option<String>,
    pub args: Vec<String>,
    pub env: BTreeMap<String, String>,
    pub dirs: Vec<String>,
    pub stdin: Option<String>,
    pub slow: bool,
    pub expected: Expected,
}

/// The expected result of a run. A digest is of the whole stream, in hexadecimal.
#[derive(Default)]
pub struct Expected {
    pub exit_code: i32,
    pub stdout: Option<Pattern>,
    pub stderr: Option<Pattern>,
    pub stdout_sha256: Option<String>,
    pub stderr_sha256: Option<String>,
    /// Of files that it writes.
    pub files_sha256: BTreeMap<String, String>,
}

impl Manifest {
    /// Reads and checks the file at `path`.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("in {}", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let manifest: Self = toml::from_str(text)?;
        for group in &manifest.groups {
            for program in &group.programs {
                let checked = group.stdout.is_some()
                    || program.stdout.is_some()
                    || program.stderr.is_some()
                    || program.stdout_sha256.is_some()
                    || program.stderr_sha256.is_some()
                    || !program.files_sha256.is_empty();
                ensure!(checked, "nothing is expected of {}/{}", group.folder, program.name);
            }
        }
        Ok(manifest)
    }

    /// Every program, with what its group says filled in, and every library.
    pub fn cases(&self) -> Vec<Case> {
        let programs = self.groups.iter().flat_map(|group| group.programs.iter().map(|program| case(group, program)));
        programs.chain(self.libraries.iter().map(library_case)).collect()
    }
}

fn case(group: &Group, program: &Program) -> Case {
    Case {
        name: format!("{}/{}", group.folder, program.name),
        source: Source::Program {
            folder: group.folder.clone(),
            file: format!("{}.wasm", program.module.as_ref().unwrap_or(&program.name)),
            preloads: program.preloads.clone(),
            packages: group.packages.clone(),
        },
        argv0: group.argv0.clone(),
        args: program.args.clone().unwrap_or_else(|| group.args.clone()),
        env: program.env.clone(),
        dirs: program.dirs.clone(),
        stdin: program.stdin.clone(),
        slow: program.slow,
        expected: Expected {
            exit_code: program.exit_code,
            stdout: program.stdout.clone().or_else(|| group.stdout.clone()),
            stderr: program.stderr.clone(),
            stdout_sha256: program.stdout_sha256.clone(),
            stderr_sha256: program.stderr_sha256.clone(),
            files_sha256: program.files_sha256.clone(),
        },
    }
}

fn library_case(library: &Library) -> Case {
    Case {
        name: format!("libraries/{}", library.name),
        source: Source::Library(library.clone()),
        argv0: None,
        args: Vec::new(),
        env: BTreeMap::new(),
        dirs: Vec::new(),
        stdin: None,
        slow: library.slow,
        expected: Expected { stdout_sha256: Some(library.stdout_sha256.clone()), ..Expected::default() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(case: &Case) -> &str {
        match &case.source {
            Source::Program { file, .. } => file,
            Source::Library(library) => &library.module,
        }
    }

    const PACKAGE: &str = "[package]\nname = 'p'\nversion = '1'\nsha256 = ''\nfolder = ''\n";

    fn parse(groups: &str) -> Result<Manifest> {
        Manifest::parse(&format!("{PACKAGE}{groups}"))
    }

    #[test]
    fn a_program_takes_over_what_its_group_says() {
        let groups = "[[groups]]\nfolder = 'g'\nargs = ['1']\nstdout = 'x'\n\
                      programs = [{ name = 'a' }, { name = 'b', module = 'm', args = [], stdout = 'y' }]\n";
        let cases = parse(groups).expect("well-formed").cases();
        assert_eq!(cases[0].name, "g/a");
        assert_eq!((file(&cases[0]), cases[0].args.len()), ("a.wasm", 1));
        assert_eq!((file(&cases[1]), cases[1].args.len()), ("m.wasm", 0));
        assert!(cases[1].expected.stdout.as_ref().is_some_and(|Pattern(regex)| regex.is_match(b"y")));
    }

    #[test]
    fn misspelt_keys_and_missing_expectations_are_errors() {
        assert!(parse("[[groups]]\nfolder = 'g'\nprograms = [{ name = 'a', stdot = 'x' }]\n").is_err());
        assert!(parse("[[groups]]\nfolder = 'g'\nprograms = [{ name = 'a' }]\n").is_err());
        assert!(parse("[[groups]]\nfolder = 'g'\nstdout = '('\nprograms = [{ name = 'a' }]\n").is_err());
    }

    #[test]
    fn the_committed_manifest_is_well_formed() {
        let manifest = Manifest::read(&crate::repository().join("xtask/corpus.toml")).expect("well-formed");
        let mut names: Vec<String> = manifest.cases().into_iter().map(|case| case.name).collect();
        names.sort();
        let all = names.len();
        names.dedup();
        assert_eq!(all, names.len(), "names are unique");
    }
}
