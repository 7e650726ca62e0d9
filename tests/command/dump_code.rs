//! The subcommand that prints code.

use crate::Guest;

const SUM: &str = r#"
    (module
      (import "env" "log" (func $log (param i32)))
      (memory 1)
      (func $sum (param $p i32) (param $n i32) (result i32) (local $s i32)
        (loop $next
          (local.set $s (i32.add (local.get $s) (i32.load offset=4 (i32.add (local.get $p) (i32.const 8)))))
          (local.set $p (i32.add (local.get $p) (i32.const 16)))
          (br_if $next (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
        (local.get $s))
      (func $nothing))
"#;

/// The columns of each instruction's line, but for its words: number, perhaps offset, name, text.
fn columns(stdout: &str) -> Vec<Vec<String>> {
    let instructions = stdout.lines().filter(|line| line.starts_with(' '));
    let split = |line: &str| {
        let mut columns: Vec<String> = line.split("  ").map(str::trim).map(str::to_owned).collect();
        columns.retain(|column| !column.is_empty());
        columns.pop();
        columns
    };
    instructions.map(split).collect()
}

#[test]
fn the_code_of_functions_is_printed() {
    let guest = Guest::new(SUM);
    let all = guest.riser(&["dump-code", "--dispatch", "switch", "guest.wat"]);
    assert_eq!(all.code, Some(0), "{all:#?}");
    assert!(all.stdout.starts_with("func 1 $sum (i32, i32) -> (i32)\n     0 "), "{all:#?}");
    assert!(all.stdout.contains("\nL0:\n     3 "), "{all:#?}");
    let found = columns(&all.stdout);
    let texts: Vec<&str> = found.iter().map(|columns| &*columns[columns.len() - 1]).collect();
    assert_eq!(
        texts,
        [
            "enter 9 slots, zero 1 from 5",
            "acc = i32.load [l0 + 8] offset=4",
            "l2 = i32.add acc, l2",
            "l0 = i32.add l0, 16",
            "l1 = i32.sub l1, 1",
            "branch_if i32.gt_s l1, 0 -> L0",
            "return i32 l2",
            "enter 3 slots",
            "return"
        ]
    );
    let names: Vec<&str> = found.iter().map(|columns| &*columns[columns.len() - 2]).collect();
    assert_eq!(names[..3], ["Enter", "I32LoadAsSumThenI32AddSas", "I32AddSas"]);
    assert_eq!(found[2][0], "6", "the load has three words");
    // Fields: l0, l0, 16.
    assert!(all.stdout.contains(" 0000001000000000\n"), "{all:#?}");

    let unpaired = guest.riser(&["dump-code", "--translator-off", "pairs", "guest.wat"]);
    assert!(unpaired.stdout.contains(" I32LoadAsSum "), "{unpaired:#?}");

    let by_name = guest.riser(&["dump-code", "--dispatch", "switch", "--func", "nothing", "guest.wat"]);
    let by_index = guest.riser(&["dump-code", "--dispatch", "switch", "guest.wat", "--func", "2"]);
    assert_eq!(by_name.stdout, by_index.stdout);
    assert!(by_name.stdout.starts_with("func 2 $nothing () -> ()\n"), "{by_name:#?}");
    guest.riser(&["dump-code", "--func", "0", "guest.wat"]).assert_failure(1, &["imported"]);
    guest.riser(&["dump-code", "--func", "other", "guest.wat"]).assert_failure(1, &["`other`"]);
    Guest::new("(module (func (result i32)))").riser(&["dump-code", "guest.wat"]).assert_failure(1, &["guest.wat"]);
}

#[test]
fn offsets_are_those_of_the_ir() {
    let guest = Guest::new(SUM);
    let offsets = |stdout: &str, column: usize| -> Vec<String> {
        let lines = stdout.lines().filter_map(|line| line.split_whitespace().nth(column));
        lines.filter(|word| word.starts_with("0x")).map(str::to_owned).collect()
    };
    let ir = guest.riser(&["dump-ir", "guest.wat"]);
    let code = guest.riser(&["dump-code", "guest.wat"]);
    assert_eq!(offsets(&code.stdout, 1), offsets(&ir.stdout, 0));
}

#[test]
fn flags_decide_the_code() {
    let guest = Guest::new(SUM);
    let dump = |flags: &[&str]| guest.riser(&[&["dump-code"], flags, &["guest.wat"]].concat());
    let instructions = |flags: &[&str]| columns(&dump(flags).stdout);
    let switch = instructions(&["--dispatch", "switch"]);
    for dispatch in riser::Dispatch::ALL {
        assert_eq!(instructions(&["--dispatch", dispatch.name()]), switch, "{dispatch}");
    }
    assert_ne!(dump(&["--dispatch", "switch"]).stdout, dump(&["--dispatch", "call-loop"]).stdout);
    assert!(instructions(&["--translator-naive"]).len() > switch.len());
    if riser::Bounds::Guard.is_supported() {
        assert!(dump(&["--bounds", "guard"]).stdout.contains(" GuardedI32LoadAsSum "));
    }
}

#[test]
fn instructions_behind_a_handler_scope_have_their_own_offsets() {
    let guest = Guest::new(
        r#"(module (tag $t)
          (func (param i32) (result i32)
            (block $h (try_table (catch $t $h) (local.set 0 (i32.add (local.get 0) (i32.const 3)))))
            (i32.mul (local.get 0) (i32.const 7))))"#,
    );
    let code = guest.riser(&["dump-code", "--translator-off", "accumulators,result-folding", "guest.wat"]);
    let ir = guest.riser(&["dump-ir", "--translator-off", "accumulators,result-folding", "guest.wat"]);
    assert_eq!((code.code, ir.code), (Some(0), Some(0)), "{code:#?} {ir:#?}");
    for operation in ["i32.add", "i32.mul", "return"] {
        let line = |text: &str| text.lines().find(|line| line.contains(operation)).map(str::to_owned);
        let (in_code, in_ir) = (line(&code.stdout).expect(operation), line(&ir.stdout).expect(operation));
        let offset = in_ir.split_whitespace().next().expect("a line of the IR begins with an offset");
        assert_eq!(in_code.split_whitespace().nth(1), Some(offset), "{in_code} {in_ir}");
    }
}
