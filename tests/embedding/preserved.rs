//! Values that are live over a call survive it, whichever tier the callee is of. Compiled code keeps some of them in the registers
//! that the System V convention preserves, and relies on all native code to preserve these, by whatever tail calls it ends.

use riser::{Config, Engine, Linker, Store};

use crate::engines::{each_pair, instance_in};

/// Functions with twelve values live over a call of a host function. `plain` returns, `jumps` ends in a tail call of `plain`, and
/// `to_host` in one of the host function.
const CALLEE: &str = r#"
    (module
      (import "host" "mix" (func $mix (param i64) (result i64)))
      (func $plain (export "plain") (param i64) (result i64)
        VALUES)
      (func (export "jumps") (param i64) (result i64)
        (return_call $plain VALUES))
      (func (export "to_host") (param i64) (result i64)
        (return_call $mix VALUES)))
"#;

/// Calls these with twelve values live over each call.
const CALLER: &str = r#"
    (module
      (import "first" "plain" (func $plain (param i64) (result i64)))
      (import "first" "jumps" (func $jumps (param i64) (result i64)))
      (import "first" "to_host" (func $to_host (param i64) (result i64)))
      (func (export "all") (param i64) (result i64)
        (local i64 i64 i64)
        (local.set 1 PLAIN)
        (local.set 2 JUMPS)
        (local.set 3 HOST)
        (i64.xor (i64.xor (local.get 1) (local.get 2)) (local.get 3))))
"#;

/// An expression: the sum of twelve products of local 0 with different factors, each used before and after a call of `function`.
fn values(function: &str) -> String {
    let product = |factor: usize| format!("(i64.mul (local.get 0) (i64.const {}))", 2 * factor + 3);
    let sum = (0..12).fold("(i64.const 1)".to_owned(), |sum, factor| format!("(i64.add {sum} {})", product(factor)));
    (0..12).fold(format!("(call {function} {sum})"), |all, factor| {
        format!("(i64.xor (i64.rotl {all} (i64.const 5)) {})", product(factor))
    })
}

/// What [`values`] computes.
fn expected(x: u64, function: impl Fn(u64) -> u64) -> u64 {
    let product = |factor: u64| x.wrapping_mul(2 * factor + 3);
    let sum = (0..12).fold(1u64, |sum, factor| sum.wrapping_add(product(factor)));
    (0..12).fold(function(sum), |all, factor| all.rotate_left(5) ^ product(factor))
}

fn mix(x: u64) -> u64 {
    x.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17)
}

#[test]
fn values_that_are_live_over_a_call_survive_it() {
    let callee = CALLEE.replace("VALUES", &values("$mix"));
    let caller = CALLER.replace("PLAIN", &values("$plain")).replace("JUMPS", &values("$jumps"));
    let caller = caller.replace("HOST", &values("$to_host"));
    let plain = |x| expected(x, mix);
    each_pair(|a, b| {
        let engine = Engine::new(&Config::new()).expect("the default configuration works");
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "mix", |x: u64| mix(x)).expect("defines");
        let first = instance_in(&mut store, &linker, a, &callee).expect("links");
        linker.instance(&mut store, "first", first).expect("defines");
        let second = instance_in(&mut store, &linker, b, &caller).expect("links");
        let all = second.get_typed_func::<u64, u64>(&mut store, "all").expect("exported");
        for x in [0, 1, 0x0123_4567_89ab_cdef, u64::MAX] {
            let sum = expected(x, plain) ^ expected(x, |y| plain(plain(y))) ^ expected(x, |y| mix(plain(y)));
            assert_eq!(all.call(&mut store, x).expect("returns"), sum, "{a}, {b}: {x:#x}");
        }
    });
}
