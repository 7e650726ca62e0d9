//! `riser run --invoke`.

use crate::{Guest, modes};

const MATH: &str = r#"
    (module
      (global $ready (mut i32) (i32.const 0))
      (func (export "_initialize") (global.set $ready (i32.const 1)))
      (func (export "ready") (result i32) (global.get $ready))
      (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
      (func (export "divide") (param i64 i64) (result i64 i64)
        (i64.div_s (local.get 0) (local.get 1))
        (i64.rem_s (local.get 0) (local.get 1)))
      (func (export "half") (param f32 f64) (result f32 f64)
        (f32.mul (local.get 0) (f32.const 0.5))
        (f64.mul (local.get 1) (f64.const 0.5)))
      (func (export "references") (result funcref externref) (ref.null func) (ref.null extern))
      (func (export "same") (param externref funcref exnref) (result externref funcref exnref)
        (local.get 0) (local.get 1) (local.get 2)))
"#;

#[test]
fn arguments_are_words_and_results_are_lines() {
    let guest = Guest::new(MATH);
    for mode in modes() {
        let run = |words: &[&str]| {
            let mut arguments = vec!["run", "--mode", &mode, "--invoke"];
            arguments.push(words[0]);
            arguments.push("guest.wat");
            arguments.extend(&words[1..]);
            guest.riser(&arguments)
        };
        run(&["add", "40", "2"]).assert_success("42\n");
        run(&["add", "-1", "0xffffffff"]).assert_success("-2\n");
        run(&["divide", "-7", "2"]).assert_success("-3\n-1\n");
        run(&["half", "3", "-1e300"]).assert_success(&format!("1.5\n{}\n", -5e299));
        run(&["half", "inf", "nan"]).assert_success("inf\nNaN\n");
        run(&["references"]).assert_success("<null funcref>\n<null externref>\n");
        run(&["same", "null", "null", "null"]).assert_success("<null externref>\n<null funcref>\n<null exnref>\n");
        run(&["ready"]).assert_success("1\n");
        run(&["divide", "1", "0"]).assert_failure(134, &["integer divide by zero"]);
    }
}

#[test]
fn wrong_calls_are_errors() {
    let guest = Guest::new(MATH);
    guest
        .riser(&["run", "--invoke", "add", "guest.wat", "1"])
        .assert_failure(1, &["takes 2 arguments (i32, i32), and 1 is given"]);
    guest.riser(&["run", "--invoke", "add", "guest.wat", "1", "x"]).assert_failure(1, &["`x`", "i32"]);
    guest.riser(&["run", "--invoke", "add", "guest.wat", "1", "4294967296"]).assert_failure(1, &["4294967296"]);
    guest.riser(&["run", "--invoke", "same", "guest.wat", "null", "5", "null"]).assert_failure(
        1,
        &["`5` is no argument of type funcref", "the one reference that can be given on the command line is `null`"],
    );
    guest.riser(&["run", "--invoke", "sub", "guest.wat"]).assert_failure(1, &["`sub`"]);
    guest.riser(&["run", "guest.wat"]).assert_failure(1, &["_start", "--invoke"]);
}
