//! Flags of other engines' commands, and what they are called here.

/// A flag of another command.
struct Flag {
    /// The command.
    of: &'static str,
    /// The flag, or the key of one that takes keys: `-W fuel`.
    flag: &'static str,
    here: Here,
}

/// What a flag is here.
enum Here {
    /// The same thing under another name, which is shown in backquotes; `{}` stands for the value.
    Named(&'static str),
    /// Something else to do, as a sentence.
    Note(&'static str),
}

use Here::{Named, Note};

const fn wasmtime(flag: &'static str, here: Here) -> Flag {
    Flag { of: "wasmtime", flag, here }
}

const fn iwasm(flag: &'static str, here: Here) -> Flag {
    Flag { of: "iwasm", flag, here }
}

const fn wasmi(flag: &'static str, here: Here) -> Flag {
    Flag { of: "wasmi", flag, here }
}

const COMPONENTS: Here = Note("components and WASI 0.2 are out of Riser's scope; WASI preview 1 is always there");
const NETWORK: Here = Note("a guest makes no connections; `--tcplisten ADDRESS` gives it a socket that listens");
const ALWAYS: Here = Note("WASI preview 1 is always there: leave the flag out");
const PROPOSALS: Here = Named("-W NAME[=y|n]");

/// The flags that people bring along.
const FLAGS: &[Flag] = &[
    wasmtime("-W fuel", Named("--fuel {}")),
    wasmtime("-W timeout", Named("--timeout {}")),
    wasmtime("-W epoch-interruption", Named("--timeout TIME")),
    wasmtime("-W max-memory-size", Named("--max-memory {}")),
    wasmtime("-W max-table-elements", Named("--max-table-elements {}")),
    wasmtime("-W max-instances", Named("--max-instances {}")),
    wasmtime("-W max-tables", Named("--max-tables {}")),
    wasmtime("-W max-memories", Named("--max-memories {}")),
    wasmtime("-W trap-on-grow-failure", Named("--trap-on-grow-failure")),
    wasmtime("-W max-wasm-stack", Named("--max-stack {}")),
    wasmtime("-W relaxed-simd-deterministic", Named("--relaxed-simd deterministic")),
    wasmtime("-W all-proposals", Named("-W all={}")),
    wasmtime("-W component-model", COMPONENTS),
    wasmtime("-W gc", Note("garbage collection is not implemented")),
    wasmtime("-W function-references", Note("typed function references are not implemented")),
    wasmtime("-W stack-switching", Note("stack switching is not implemented")),
    wasmtime(
        "-W shared-everything-threads",
        Note("of threads, Riser has shared memories and atomic operators: `-W threads`"),
    ),
    wasmtime("-W shared-memory", Named("-W threads")),
    wasmtime("-W unknown-imports-trap", Note("`--preload NAME=FILE` gives the guest what it imports")),
    wasmtime("-W unknown-imports-default", Note("`--preload NAME=FILE` gives the guest what it imports")),
    wasmtime("-O", Named("--llvm-opt LEVEL`, `--fast-jit-opt LEVEL` or, of `riser compile`, `--opt-level LEVEL")),
    wasmtime("-O opt-level", Named("--llvm-opt {}`, `--fast-jit-opt LEVEL` or, of `riser compile`, `--opt-level {}")),
    wasmtime("-O memory-may-move", Named("--bounds explicit")),
    wasmtime("-O memory-reservation", Named("--bounds guard")),
    wasmtime("-O memory-guard-size", Named("--bounds guard")),
    wasmtime("-O signals-based-traps", Named("--bounds guard` or `--bounds explicit")),
    wasmtime("-O dynamic-memory-guard-size", Named("--bounds guard")),
    wasmtime("-O static-memory-guard-size", Named("--bounds guard")),
    wasmtime("-O regalloc-algorithm", Named("--fast-jit-regalloc {}")),
    wasmtime("-C", Named("--mode MODE")),
    wasmtime(
        "-C compiler",
        Note(
            "`--mode fast-jit` is Cranelift, `--mode llvm-jit` LLVM, `--mode interp` an interpreter; `riser modes` lists all",
        ),
    ),
    wasmtime("-C cache", Named("--cache")),
    wasmtime("-C parallel-compilation", Named("--jobs N")),
    wasmtime("-D", Named("--perf-map`, `--jitdump`, `--gdb` or `--log-tiers")),
    wasmtime("-D debug-info", Named("--gdb")),
    wasmtime("-D coredump", Note("the command writes no core dumps; a trap's message has the guest's backtrace")),
    wasmtime("-D logging", Named("--log-tiers")),
    wasmtime("-g", Named("--gdb")),
    wasmtime("-S cli", ALWAYS),
    wasmtime("-S common", ALWAYS),
    wasmtime("-S preview2", COMPONENTS),
    wasmtime("-S http", COMPONENTS),
    wasmtime("-S p3", COMPONENTS),
    wasmtime("-S nn", Note("of WASI's extensions, Riser has wasi-threads")),
    wasmtime("-S inherit-env", Note("`--env NAME` passes a variable on, and can be repeated")),
    wasmtime("-S inherit-network", NETWORK),
    wasmtime("-S tcplisten", Named("--tcplisten ADDRESS")),
    wasmtime("-S listenfd", NETWORK),
    wasmtime("--mapdir", Named("--dir HOST::GUEST")),
    wasmtime("--config", Note("Riser has no configuration file; all settings are flags")),
    wasmtime("--enable-cranelift-debug-verifier", Note("the Fast JIT has no such switch")),
    wasmtime("--disable-cache", Note("nothing is cached unless `--cache` is given")),
    wasmtime("--wasm-features", PROPOSALS),
    wasmtime("--wasm-timeout", Named("--timeout {}")),
    wasmtime("--max-wasm-stack", Named("--max-stack {}")),
    wasmtime("--opt-level", Named("--llvm-opt {}` or `--fast-jit-opt LEVEL")),
    wasmtime("--target", Note("code is for this machine; `riser compile --target-cpu CPU` chooses the processor")),
    wasmtime("--wasi-modules", ALWAYS),
    iwasm("--interp", Named("--mode interp")),
    iwasm("--fast-jit", Named("--mode fast-jit")),
    iwasm("--llvm-jit", Named("--mode llvm-jit")),
    iwasm("--multi-tier-jit", Named("--mode multi-tier")),
    iwasm("--llvm-jit-opt-level", Named("--llvm-opt {}")),
    iwasm("--llvm-jit-size-level", Note("LLVM has no setting for size")),
    iwasm("--jit-codecache-size", Note("code takes as much memory as it needs")),
    iwasm("--stack-size", Named("--max-stack {}")),
    iwasm("--heap-size", Note("a guest's heap is in its memory: `--max-memory SIZE` limits that")),
    iwasm("--gc-heap-size", Note("garbage collection is not implemented")),
    iwasm("--shared-heap-size", Note("a guest's heap is in its memory: `--max-memory SIZE` limits that")),
    iwasm("--repl", Note("there is no prompt: `--invoke NAME` calls a function and prints its results")),
    iwasm("--map-dir", Named("--dir HOST::GUEST")),
    iwasm("--instruction-limit", Named("--fuel {}")),
    iwasm("--module-path", Note("`--preload NAME=FILE` gives a module to import from, and can be repeated")),
    iwasm("--native-lib", Note("functions of the host are given by a program that embeds Riser")),
    iwasm("--addr-pool", NETWORK),
    iwasm("--allow-resolve", NETWORK),
    iwasm("--disable-bounds-checks", Note("accesses are always checked; `--bounds guard` makes that cheap")),
    iwasm("--gen-prof-file", Named("--monitor hotness=FILE` or `riser profile")),
    iwasm("-v", Named("--log-tiers`, `--stats` or `--monitor")),
    wasmi("--compilation-mode", Named("--compile {}")),
    wasmi("--verbose", Named("--stats")),
];

/// The subcommands of wasmtime that Riser does not have, each with what to do.
const SUBCOMMANDS: &[(&str, &str)] = &[
    (
        "serve",
        "components and WASI 0.2 are out of Riser's scope; `riser run --tcplisten ADDRESS` gives a guest a socket",
    ),
    ("wizer", "`riser snapshot -o OUT.wasm FILE` initialises a module"),
    (
        "objdump",
        "`riser dump-jit FILE` shows the machine code of functions; `objdump -d` shows a file of `riser compile`",
    ),
    ("settings", "`riser modes` shows what this build can do, and `riser run --help=all` every setting"),
    ("config", "Riser has no configuration file; all settings are flags"),
    ("completion", "the script is that of `riser completions SHELL`"),
];

/// What a subcommand of another command is here.
pub fn subcommand(name: &str) -> Option<String> {
    let (name, what_to_do) = SUBCOMMANDS.iter().find(|(known, _)| *known == name)?;
    Some(format!("`{name}` is a subcommand of wasmtime: {what_to_do}"))
}

/// The subcommands of wasmtime that are known, for tests.
#[cfg(test)]
pub fn subcommands() -> impl Iterator<Item = &'static str> {
    SUBCOMMANDS.iter().map(|(name, _)| *name)
}

/// What a flag of another command is here: the flag as clap names it, such as `--interp` or `-O`, and its value, such as `opt-level=2`.
pub fn hint(flag: &str, value: Option<&str>) -> Option<String> {
    let flag = flag.split_once([' ', '=']).map_or(flag, |(flag, _)| flag);
    let (key, behind) = value.map_or((None, None), |text| match text.split_once('=') {
        Some((key, behind)) => (Some(key), Some(behind)),
        None => (Some(text), None),
    });
    let keyed = key.and_then(|key| row(&format!("{flag} {key}"))).map(|row| (row, behind));
    let (row, value) = keyed.or_else(|| Some((row(flag)?, value)))?;
    Some(row.describe(value))
}

/// What is said of the flags, for tests.
#[cfg(test)]
pub fn texts() -> impl Iterator<Item = &'static str> {
    FLAGS.iter().map(|row| match row.here {
        Named(text) | Note(text) => text,
    })
}

/// The flags themselves, for tests.
#[cfg(test)]
pub fn flags() -> impl Iterator<Item = &'static str> {
    FLAGS.iter().map(|row| row.flag)
}

fn row(flag: &str) -> Option<&'static Flag> {
    FLAGS.iter().find(|row| row.flag == flag)
}

impl Flag {
    fn describe(&self, value: Option<&str>) -> String {
        let Flag { of, flag, here } = self;
        let value = value.map(|value| value.escape_debug().to_string());
        match here {
            Named(name) => {
                let given =
                    value.as_ref().filter(|_| name.contains("{}")).map(|it| format!("={it}")).unwrap_or_default();
                let name = name.replace("{}", value.as_deref().unwrap_or("VALUE"));
                format!("`{flag}{given}` of {of} is `{name}` here")
            }
            Note(note) => format!("`{flag}` is a flag of {of}: {note}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept() {
        assert_eq!(hint("-W", Some("fuel=100")).as_deref(), Some("`-W fuel=100` of wasmtime is `--fuel 100` here"));
        assert_eq!(hint("--interp", None).as_deref(), Some("`--interp` of iwasm is `--mode interp` here"));
        assert_eq!(
            hint("--stack-size", Some("65536")).as_deref(),
            Some("`--stack-size=65536` of iwasm is `--max-stack 65536` here")
        );
        assert_eq!(
            hint("--compilation-mode", Some("eager")).as_deref(),
            Some("`--compilation-mode=eager` of wasmi is `--compile eager` here")
        );
        assert_eq!(hint("-W", Some("simd=n")), None);
        assert_eq!(hint("--no-such-flag", None), None);
    }

    #[test]
    fn quotes_are_closed() {
        for row in FLAGS {
            let hint = row.describe(Some("1"));
            assert!(hint.matches('`').count() % 2 == 0 && !hint.contains("``"), "{hint}");
        }
    }

    #[test]
    fn rows_are_distinct() {
        for (number, row) in FLAGS.iter().enumerate() {
            assert!(FLAGS[..number].iter().all(|other| other.flag != row.flag), "{}", row.flag);
        }
    }
}
