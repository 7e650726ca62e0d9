//! The subcommand that shows what the Fast JIT does; what profilers are told.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::Guest;

const MODULE: &str = r#"
    (module $demo
      (import "env" "log" (func $log (param i32)))
      (type $t (func (param i32) (result i32)))
      (table 2 funcref)
      (memory 1)
      (func $average (param $p i32) (param $n i32) (result i32) (local $sum i32)
        (loop $next
          (local.set $sum (i32.add (local.get $sum) (i32.load offset=8 (local.get $p))))
          (local.set $p (i32.add (local.get $p) (i32.const 4)))
          (br_if $next (i32.lt_u (local.get $p) (local.get $n))))
        (i32.div_s (local.get $sum) (local.get $n)))
      (func $calls (param i32) (result i32)
        (call $log (local.get 0))
        (drop (memory.grow (i32.const 1)))
        (block (block (block
          (br_table 0 1 2 (local.get 0)))
          (return (i32.const 7)))
          (return (call $average (i32.const 0) (i32.const 3))))
        (call_indirect (type $t) (i32.const 5) (local.get 0)))
      (func $tail (param i32) (return_call $log (local.get 0)))
      (func $tail_of_own (param i32) (result i32) (return_call $calls (local.get 0))))
"#;

/// A listing of a dump: its title, and its lines, each with its offset.
type Section<'a> = (&'a str, Vec<(&'a str, &'a str)>);

/// The listings of a function.
fn sections(dump: &str) -> Vec<Section<'_>> {
    let parts = dump.split("\n\n").skip(1);
    parts
        .map(|part| {
            let (title, lines) = part.split_once('\n').expect("a listing has lines");
            let columns = lines.lines().map(|line| line.split_at(line.len().min(8)));
            (title, columns.map(|(at, text)| (at.trim(), text.trim())).collect())
        })
        .collect()
}

fn dump(guest: &Guest, flags: &[&str]) -> String {
    let outcome = guest.riser(&[&["dump-jit"], flags, &["guest.wat"]].concat());
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    outcome.stdout
}

/// The texts of a listing that come from the operator whose text is `operator`.
fn of_operator<'a>(sections: &[Section<'a>], title: &str, operator: &str) -> Vec<&'a str> {
    let (_, wasm) = &sections[0];
    let (offset, _) = wasm.iter().find(|(_, text)| *text == operator).expect("the operator is listed");
    let (_, lines) = sections.iter().find(|(it, _)| it.starts_with(title)).expect("the listing is there");
    lines.iter().filter(|(at, _)| at == offset).map(|(_, text)| *text).collect()
}

#[test]
fn an_operator_can_be_followed_through_all_forms() {
    let guest = Guest::new(MODULE);
    let text = dump(&guest, &["--func", "average", "--bounds", "guard"]);
    assert!(text.starts_with("func 1 $average (i32, i32) -> (i32)\n\nwasm\n"), "{text}");
    let found = sections(&text);
    let titles: Vec<&str> = found.iter().map(|(title, _)| *title).collect();
    assert_eq!(titles[..3], ["wasm", "register IR", "CLIF"]);
    assert!(titles.len() == 4 && titles[3].starts_with("machine code, "), "{titles:?}");

    assert_eq!(of_operator(&found, "register IR", "i32.load offset=8"), ["acc = i32.load [l0] offset=8"]);
    let clif = of_operator(&found, "CLIF", "i32.load offset=8");
    assert!(clif.iter().any(|text| text.contains(" = load.i32 user32 region0 ") && text.ends_with("+8")), "{text}");
    let code = of_operator(&found, "machine code", "i32.load offset=8");
    let load = code.iter().find(|text| text.contains("+8]")).expect("the load is there");
    assert!(load.ends_with("; trap: out of bounds memory access"), "{text}");

    let code = of_operator(&found, "machine code", "i32.div_s");
    assert!(code.iter().any(|text| text.contains("idiv ") && text.ends_with("; trap: integer overflow")), "{text}");
    assert!(code.iter().any(|text| text.contains("ud2") && text.ends_with("; trap: integer divide by zero")), "{text}");
}

#[cfg(feature = "llvm")]
#[test]
fn an_operator_can_be_followed_through_what_llvm_makes() {
    let guest = Guest::new(MODULE);
    let text = dump(&guest, &["--tier", "llvm", "--func", "average", "--bounds", "guard", "--optimized"]);
    let found = sections(&text);
    let titles: Vec<&str> = found.iter().map(|(title, _)| *title).collect();
    assert_eq!(titles, ["wasm", "register IR", "LLVM's IR", "LLVM's IR, optimised", "assembly"]);
    for (title, load, divide) in [
        ("LLVM's IR", " = load volatile i32, ", " = sdiv i32 "),
        ("LLVM's IR, optimised", " = load volatile i32, ", " = sdiv i32 "),
        ("assembly", "movl 8(", "idivl "),
    ] {
        for (operator, what) in [("i32.load offset=8", load), ("i32.div_s", divide)] {
            let lines = of_operator(&found, title, operator);
            assert!(lines.iter().any(|line| line.contains(what)), "{title}, {operator}: {text}");
        }
    }
    let refused = guest.riser(&["dump-jit", "--tier", "llvm", "--func", "average", "--loop", "53", "guest.wat"]);
    refused.assert_failure(2, &["--tier fast"]);
}

#[test]
fn calls_are_named() {
    let guest = Guest::new(MODULE);
    let text = dump(&guest, &["--func", "calls"]);
    let found = sections(&text);
    for title in ["CLIF", "machine code"] {
        let has = |operator: &str, what: &str, name: &str| {
            let lines = of_operator(&found, title, operator);
            assert!(lines.iter().any(|line| line.contains(what) && line.ends_with(name)), "{operator}: {text}");
        };
        has("call $log", "call", "; $log");
        has("memory.grow", "call", "builtin memory_grow");
        has("memory.grow", "call", "; builtin raise");
        has("call $average", "call ", "$average");
        has("call_indirect (type $t)", "call", "element of a table");
    }
    // The table of targets is no code.
    let (_, code) = found.last().unwrap();
    assert_eq!(code.iter().filter(|(_, text)| text.contains(".long")).count(), 3, "{text}");
    assert!(!text.contains("(bad)"), "{text}");
    let tail = dump(&guest, &["--func", "3"]);
    assert!(tail.lines().any(|line| line.contains("jmp r") && line.ends_with("; $log")), "{tail}");
    let tail = dump(&guest, &["--func", "tail_of_own"]);
    assert!(tail.lines().any(|line| line.ends_with("jmp $calls")), "{tail}");
}

#[test]
fn flags_decide_the_machine_code() {
    let guest = Guest::new(MODULE);
    let all = dump(&guest, &[]);
    assert_eq!(all.lines().filter(|line| line.starts_with("func ")).count(), 4);
    assert!(all.ends_with(&dump(&guest, &["--func", "tail_of_own"])));

    let average = |flags: &[&str]| dump(&guest, &[&["--func", "average"], flags].concat());
    let default = average(&[]);
    assert_eq!(average(&["--fast-jit-opt", "speed", "--fast-jit-regalloc", "backtracking"]), default);
    let quick = ["--fast-jit-opt", "none", "--fast-jit-regalloc", "single-pass"];
    assert_ne!(average(&quick[..2]), default);
    assert_ne!(average(&quick[2..]), default);
    assert_ne!(average(&quick), average(&quick[..2]));

    let explicit = average(&["--bounds", "explicit"]);
    let load = of_operator(&sections(&explicit), "CLIF", "i32.load offset=8").join("\n");
    assert!(load.contains("trapnz") && load.contains("; out of bounds memory access"), "{explicit}");
    let guard = average(&["--bounds", "guard"]);
    assert_eq!(guard, default);
    assert!(!of_operator(&sections(&guard), "CLIF", "i32.load offset=8").join("\n").contains("trap"), "{guard}");

    let optimized = average(&["--optimized"]);
    let title = |dump: &str| dump.lines().any(|line| line == "CLIF, optimised");
    assert!(title(&optimized) && !title(&default), "{optimized}");
    let sum = "(module (func (param i32) (result i32) (i32.add (i32.add (local.get 0) (i32.const 40)) (i32.const 2))))";
    let folded = dump(&Guest::new(sum), &["--optimized"]);
    assert_eq!(folded.matches("iconst.i32 42").count(), 1, "{folded}");
}

/// Past a check that a processor wrongly takes to hold, addresses are null and indices 0: by conditional moves after the comparisons.
#[test]
fn speculation_is_kept_in_bounds() {
    let guest = Guest::new(MODULE);
    let moves = |function: &str, operator: &str, flags: &[&str]| {
        let text = dump(&guest, &[&["--func", function], flags].concat());
        let found = sections(&text);
        let (offset, _) =
            found[0].1.iter().find(|(_, text)| text.starts_with(operator)).expect("the operator is listed");
        let (_, lines) = found.last().expect("the machine code comes last");
        // What belongs to no position belongs to what is around it.
        let code = lines.iter().skip_while(|(at, _)| at != offset).take_while(|(at, _)| at == offset || at.is_empty());
        let lines = code.map(|(_, text)| *text).collect::<Vec<_>>().join("\n");
        let compares = lines.find("cmp");
        lines.find("cmov").map(|at| assert!(compares.is_some_and(|compares| compares < at), "{text}")).is_some()
    };
    let (call, load, table) = ("call_indirect (type $t)", "i32.load offset=8", "br_table");
    for (flags, guarded) in [(&[][..], true), (&["--spectre", "on"], true), (&["--spectre", "off"], false)] {
        assert_eq!(moves("calls", call, flags), guarded, "{flags:?}");
        let explicit = [&["--bounds", "explicit"], flags].concat();
        assert_eq!(moves("average", load, &explicit), guarded, "{flags:?}");
        // Null and a displacement would be some other address.
        let text = dump(&guest, &[&["--func", "average"], &explicit[..]].concat());
        let lines = of_operator(&sections(&text), "CLIF", load);
        let access = lines.iter().find(|text| text.contains("load.i32 ")).expect("the access is listed");
        assert_eq!(access.contains('+'), !guarded, "{access}");
        // Guard pages hold for speculation, too; and Cranelift makes no other tables.
        assert!(!moves("average", load, &[&["--bounds", "guard"], flags].concat()), "{flags:?}");
        assert!(moves("calls", table, flags), "{flags:?}");
    }
}

#[test]
fn the_code_that_takes_over_at_a_loop_is_shown() {
    let guest = Guest::new(MODULE);
    let whole = dump(&guest, &["--func", "average"]);
    let found = sections(&whole);
    let (offset, _) = found[0].1.iter().find(|(_, text)| *text == "loop $next").expect("the loop is listed");
    let taken = dump(&guest, &["--func", "average", "--loop", offset]);
    let taken = sections(&taken);
    assert_eq!(taken[..2], found[..2], "the function is the same");
    assert_ne!(taken[2..], found[2..]);
    assert!(of_operator(&taken, "CLIF", "i32.load offset=8").iter().any(|text| text.contains("load.i32")));
    let flags = ["dump-jit", "--func", "calls", "--loop", "1", "guest.wat"];
    guest.riser(&flags).assert_failure(1, &["has no loops"]);
    let flags = ["dump-jit", "--func", "average", "--loop", "1", "guest.wat"];
    guest.riser(&flags).assert_failure(1, &["has no loop at 0x1; it has loops at 0x"]);
}

#[test]
fn only_functions_with_code_can_be_dumped() {
    let guest = Guest::new(MODULE);
    guest.riser(&["dump-jit", "--func", "log", "guest.wat"]).assert_failure(1, &["imported"]);
    guest.riser(&["dump-jit", "--func", "other", "guest.wat"]).assert_failure(1, &["`other`"]);
    guest.riser(&["dump-jit", "no-such-file.wasm"]).assert_failure(1, &["no-such-file.wasm"]);
    let invalid = Guest::new("(module (func (result i32)))");
    invalid.riser(&["dump-jit", "guest.wat"]).assert_failure(1, &["guest.wat", "type mismatch"]);
}

/// Runs `calls` with a flag of a profiler, in the guest's folder. Answers the id of the process.
fn run_profiled(guest: &Guest, flag: &str) -> u32 {
    let text = MODULE.replace("(func $calls", "(func $calls (export \"calls\")");
    let text = text.replace("(import \"env\" \"log\" (func $log (param i32)))", "(func $log (param i32))");
    std::fs::write(guest.file("guest.wat"), text).expect("the folder is writable");
    let arguments = ["run", "--mode", "fast-jit", flag, "--invoke", "calls", "guest.wat", "1"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_riser"));
    command.args(arguments).current_dir(guest.folder.path()).stdin(Stdio::null()).stdout(Stdio::piped());
    let child = command.spawn().expect("the command can be run");
    let id = child.id();
    let output = child.wait_with_output().expect("the command ends");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "0\n");
    id
}

const SYMBOLS: [&str; 3] =
    ["wasm[demo]::function[0]::log", "wasm[demo]::function[1]::average", "wasm[demo]::function[2]::calls"];

#[test]
fn perf_maps_name_functions() {
    let guest = Guest::new("");
    let map = format!("/tmp/perf-{}.map", run_profiled(&guest, "--perf-map"));
    let text = std::fs::read_to_string(&map).expect("the map is there");
    std::fs::remove_file(&map).expect("the map is the process's own");
    let mut ranges = Vec::new();
    let mut names = Vec::new();
    for line in text.lines() {
        let mut words = line.splitn(3, ' ');
        let mut number = || u64::from_str_radix(words.next().unwrap(), 16).unwrap();
        let (start, size) = (number(), number());
        ranges.push(start..start + size);
        names.push(words.next().expect("a name"));
    }
    for symbol in SYMBOLS {
        assert_eq!(names.iter().filter(|name| **name == symbol).count(), 1, "{text}");
    }
    assert!(names.contains(&"riser::trampoline"), "{text}");
    ranges.sort_by_key(|range| range.start);
    assert!(ranges.iter().all(|range| !range.is_empty()), "{text}");
    assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start), "{text}");
}

/// A link that somebody has put where a file of a known name will be is not followed.
#[test]
fn files_for_profilers_replace_links() {
    let guest = Guest::new("(module (func (export \"_start\")))");
    std::fs::write(guest.file("kept"), "kept").expect("the folder is writable");
    // The number of the process stays the same.
    let script = r#"ln -s "$PWD/kept" /tmp/perf-$$.map && ln -s kept jit-$$.dump && exec "$@""#;
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_riser"), "run", "--perf-map", "--jitdump", "guest.wat"]);
    let mut child = command.current_dir(guest.folder.path()).spawn().expect("there is a shell");
    let status = child.wait().expect("it ends");
    assert!(status.success(), "{status}");
    for file in
        [PathBuf::from(format!("/tmp/perf-{}.map", child.id())), guest.file(&format!("jit-{}.dump", child.id()))]
    {
        assert!(std::fs::symlink_metadata(&file).expect("it was written").is_file(), "{file:?}");
        std::fs::remove_file(file).expect("it is the process's own");
    }
    assert_eq!(std::fs::read(guest.file("kept")).expect("it is there"), b"kept");
}

/// The number of four or eight bytes at a place.
fn number<const N: usize>(bytes: &[u8], at: usize) -> u64 {
    bytes[at..at + N].iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

#[test]
fn jitdumps_have_functions_with_their_code_and_lines() {
    let guest = Guest::new("");
    let id = run_profiled(&guest, "--jitdump");
    let dump = std::fs::read(guest.file(&format!("jit-{id}.dump"))).expect("the dump is there");
    assert_eq!((number::<4>(&dump, 0), number::<4>(&dump, 4)), (0x4a69_5444, 1));
    assert_eq!(number::<4>(&dump, 20), u64::from(id));
    let (mut at, mut names, mut lines_for) = (number::<4>(&dump, 8) as usize, Vec::new(), None);
    while at < dump.len() {
        let (kind, size) = (number::<4>(&dump, at), number::<4>(&dump, at + 4) as usize);
        let body = &dump[at + 16..at + size];
        match kind {
            0 => {
                let (address, code_bytes) = (number::<8>(body, 16), number::<8>(body, 24) as usize);
                let (name, code) = body[40..].split_at(body.len() - 40 - code_bytes);
                let name = String::from_utf8_lossy(&name[..name.len() - 1]).into_owned();
                assert_eq!(code.len(), code_bytes);
                if name.starts_with("wasm") {
                    assert_eq!(lines_for, Some(address), "{name}");
                    // push rbp
                    assert_eq!(code[0], 0x55, "{name}");
                }
                names.push(name);
            }
            2 => {
                lines_for = Some(number::<8>(body, 0));
                let (mut entries, mut at) = (0, 16);
                while at < body.len() {
                    assert!(number::<8>(body, at) >= number::<8>(body, 0));
                    let file = &body[at + 16..];
                    assert!(file.starts_with(b"demo.wasm\0"));
                    (entries, at) = (entries + 1, at + 16 + 10);
                }
                assert_eq!(entries, number::<8>(body, 8));
            }
            other => panic!("a record of kind {other}"),
        }
        at += size;
    }
    for symbol in SYMBOLS {
        assert_eq!(names.iter().filter(|name| **name == symbol).count(), 1, "{names:?}");
    }
}

#[test]
fn products_are_fused_where_the_machine_may_choose() {
    if !std::arch::is_x86_feature_detected!("fma") {
        return;
    }
    let guest = Guest::new(
        "(module
          (func $madd (param v128 v128 v128 i32) (result v128)
            (loop
              (local.set 0 (f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2)))
              (br_if 0 (local.tee 3 (i32.sub (local.get 3) (i32.const 1)))))
            (local.get 0))
          (func $nmadd (param v128 v128 v128 i32) (result v128)
            (loop
              (local.set 0 (f64x2.relaxed_nmadd (local.get 0) (local.get 1) (local.get 2)))
              (br_if 0 (local.tee 3 (i32.sub (local.get 3) (i32.const 1)))))
            (local.get 0)))",
    );
    let tiers: &[&[&str]] = if cfg!(feature = "llvm") { &[&[], &["--tier", "llvm"]] } else { &[&[]] };
    for flags in tiers {
        let code = |flag: &[&str]| dump(&guest, &[&["--only", "code"], *flags, flag].concat());
        let own = code(&["--relaxed-simd", "machine"]);
        assert!(own.contains("vfmadd") && own.contains("vfnmadd"), "{own}");
        for other in [code(&[]), code(&["--relaxed-simd", "deterministic"])] {
            assert!(!other.contains("vfm") && !other.contains("vfnm") && other.contains("mulps"), "{other}");
        }
    }
}
