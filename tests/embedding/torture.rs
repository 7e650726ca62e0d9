//! Recursion through frames of every size, by every kind of call, between functions in every mode, until the stack is
//! exhausted: a trap, and nothing is written below the stack.
//!
//! Below the stack that compiled code runs on, where a frame that nobody has counted would end up, there is a canary: memory with a
//! pattern in it.

use std::fmt::Write as _;

use riser::modes::CLASSIC;
use riser::policy::Policy;
use riser::{Caller, Config, Engine, Extern, Instance, Linker, Mode, Module, Store, Trap};

use crate::engines::{each_pair, modes};

/// How a function calls the next.
#[derive(Clone, Copy, Debug)]
enum Call {
    /// One of its own instance.
    Direct,
    /// By way of a table.
    Indirect,
    /// One of the other instance.
    Other,
    /// By way of the host.
    Host,
    /// By way of a function that calls it in tail position.
    Tail,
    /// By way of a function with many parameters.
    Parameters,
    /// By way of a function with many results.
    Results,
}

const CALLS: [Call; 7] =
    [Call::Direct, Call::Indirect, Call::Other, Call::Host, Call::Tail, Call::Parameters, Call::Results];

/// Numbers of values that functions keep during their calls.
const SIZES: [usize; 8] = [0, 1, 4, 17, 60, 250, 900, 2_500];

/// As above, for a test that takes little time.
const FEW_SIZES: [usize; 7] = [0, 2, 9, 40, 150, 400, 1];

/// The most parameters or results that a function has, besides one.
const MOST_PARAMETERS: usize = 999;

/// Loads `n` values into the locals from `first` on.
fn load(n: usize, first: usize) -> String {
    let mut text = String::new();
    for i in 0..n {
        write!(text, "(local.set {} (i64.load offset={} (i32.const 0)))", first + i, i % 8000 * 8).expect("a string");
    }
    text
}

/// Adds up `n` locals from `first` on, the last one first, onto the operand stack's top.
fn add(n: usize, first: usize) -> String {
    (first..first + n)
        .rev()
        .fold(String::new(), |text, local| text + &format!("(i64.rotl (i64.xor (local.get {local})) (i64.const 7))"))
}

/// A module of functions `f0`, `f1` and so on, each of which keeps as many values as `sizes` says and calls the next; the last one calls the
/// first. The other instance's functions are in the table behind the own ones.
fn module(sizes: &[usize], calls: &[Call], is_first: bool) -> String {
    let count = sizes.len();
    let (own, other) = if is_first { (0, count) } else { (count, 0) };
    let mut text = String::from("(module (type $f (func (param i32) (result i64)))");
    text += "(import \"host\" \"again\" (func $host (param i32) (result i64)))";
    let table = if is_first { "(table $t (export \"table\")" } else { "(import \"first\" \"table\" (table $t" };
    write!(text, "{table} {} funcref){}", 2 * count, if is_first { "" } else { ")" }).expect("a string");
    text += "(memory 1)";
    for (i, (&size, call)) in sizes.iter().zip(calls).enumerate() {
        let next = (i + 1) % count;
        let values = "i64 ".repeat(size);
        let wide = size.clamp(9, MOST_PARAMETERS);
        let many = "i64 ".repeat(wide);
        let results = "(i64.extend_i32_u (local.get 0))".repeat(wide);
        write!(
            text,
            "(elem (table $t) (i32.const {slot}) func $f{i})
             ;; Calls nothing, and needs all values at once.
             (func $leaf{i} (result i64) (local {values}) {load_leaf} (i64.const 0) {add_leaf})
             (func $tail{i} (type $f) (return_call $f{next} (local.get 0)))
             (func $parameters{i} (param i32 {many}) (result i64) (call $f{next} (local.get 0)) {add_parameters})
             (func $results{i} (param i32) (result {many}) (drop (call $f{next} (local.get 0))) {results})
             (func $f{i} (export \"f{i}\") (type $f) (local $i i32) (local {values})
               (drop (call $leaf{i}))
               {load}
               (loop $again (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20))))
               {call}
               {add})",
            slot = own + i,
            load_leaf = load(size, 0),
            add_leaf = add(size, 0),
            add_parameters = add(wide, 1),
            load = load(size, 2),
            add = add(size, 2),
            call = match call {
                Call::Direct => format!("(call $f{next} (local.get 0))"),
                Call::Indirect =>
                    format!("(call_indirect $t (type $f) (local.get 0) (i32.const {}))", own + next),
                Call::Other => format!("(call_indirect $t (type $f) (local.get 0) (i32.const {}))", other + next),
                Call::Host => "(call $host (local.get 0))".to_owned(),
                Call::Tail => format!("(call $tail{i} (local.get 0))"),
                Call::Parameters => format!(
                    "(call $parameters{i} (local.get 0) {})",
                    "(i64.load (i32.const 8))".repeat(wide)
                ),
                Call::Results => format!("(call $results{i} (local.get 0)) {}", "drop ".repeat(wide - 1)),
            },
        )
        .expect("a string");
    }
    text += "(func (export \"place canary\") (drop (call $host (i32.const -1))))
             (func (export \"works\") (param i32) (result i32)
               (if (result i32) (local.get 0)
                 (then (i32.add (i32.const 1) (call $works (i32.sub (local.get 0) (i32.const 1)))))
                 (else (i32.const 0))))
             (func $works (param i32) (result i32)
               (if (result i32) (local.get 0)
                 (then (i32.add (i32.const 1) (call $works (i32.sub (local.get 0) (i32.const 1)))))
                 (else (i32.const 0)))))";
    text
}

/// What host functions know.
#[derive(Default)]
struct Host {
    /// What calls by way of the host call.
    again: Option<Instance>,
    canary: Option<canary::Canary>,
}

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod canary {
    use riser_tiers_core::bounds;

    /// More than the largest frames that there can be.
    const BYTES: usize = 4 << 20;
    const PATTERN: u64 = 0x5ca1_ab1e_0ddb_a11d;

    /// Memory right below a stack for machine code, with its guard in between.
    pub struct Canary(&'static mut [u64]);

    impl Canary {
        /// Puts one below the stack that the thread is on, if that is one for machine code, and there is room.
        pub fn place() -> Option<Canary> {
            let stack = bounds::current();
            if !stack.is_for_code() {
                return None;
            }
            let at = std::ptr::with_exposed_provenance_mut(stack.guard_start - BYTES);
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE;
            // SAFETY: a new mapping, where there is none.
            let memory = unsafe { libc::mmap(at, BYTES, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
            if memory != at {
                return None;
            }
            // SAFETY: just mapped, and nobody else's.
            let words = unsafe { std::slice::from_raw_parts_mut(memory.cast::<u64>(), BYTES / 8) };
            words.fill(PATTERN);
            Some(Canary(words))
        }

        pub fn is_intact(&self) -> bool {
            self.0.iter().all(|&word| word == PATTERN)
        }
    }

    impl Drop for Canary {
        fn drop(&mut self) {
            // SAFETY: our own mapping.
            unsafe { libc::munmap(self.0.as_mut_ptr().cast(), BYTES) };
        }
    }
}

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
mod canary {
    /// There is no machine code.
    pub struct Canary;

    impl Canary {
        pub fn place() -> Option<Canary> {
            None
        }

        pub fn is_intact(&self) -> bool {
            true
        }
    }
}

fn again(mut caller: Caller<'_, Host>, argument: i32) -> riser::Result<i64> {
    if argument < 0 {
        caller.data_mut().canary = canary::Canary::place();
        return Ok(0);
    }
    let instance = caller.data().again.expect("set before");
    let function = instance.get_typed_func::<i32, i64>(&mut caller, "f0")?;
    function.call(&mut caller, argument)
}

/// Two modules whose functions call each other, in each pair of modes.
fn torture(config: &Config, sizes: &[usize], turn: usize) {
    let engine = Engine::new(config).expect("supported");
    let calls = |turn: usize| -> Vec<Call> { (0..sizes.len()).map(|i| CALLS[(i + turn) % CALLS.len()]).collect() };
    let mut turned = sizes.to_vec();
    turned.rotate_left(turn % sizes.len());
    let make =
        |sizes: &[usize], turn, is_first| Module::new(&engine, module(sizes, &calls(turn), is_first)).expect("valid");
    let (first, second) = (make(sizes, turn, true), make(&turned, turn / 2 + 3, false));
    let mut canaries = 0;
    // Stores below whose stacks there was no room for a canary: the next one gets another stack.
    let mut without = Vec::new();
    each_pair(|a, b| {
        let mut store = Store::new(&engine, Host::default());
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "again", again).expect("defines");
        let one = linker.instantiate(&mut store, &first).expect("links");
        one.set_mode(&mut store, a).expect("supported");
        let table = one.get_export(&mut store, "table").expect("exported");
        assert!(matches!(table, Extern::Table(_)));
        linker.define(&store, "first", "table", table).expect("defines");
        let other = linker.instantiate(&mut store, &second).expect("links");
        other.set_mode(&mut store, b).expect("supported");
        for instance in [one, other] {
            let place = instance.get_typed_func::<(), ()>(&mut store, "place canary").expect("exported");
            if store.data().canary.is_none() {
                place.call(&mut store, ()).expect("returns");
            }
        }
        canaries += u32::from(store.data().canary.is_some());
        for (number, instance) in [one, other].into_iter().enumerate() {
            store.data_mut().again = Some(if number == 0 { other } else { one });
            for i in 0..sizes.len() {
                let function = instance.get_typed_func::<i32, i64>(&mut store, &format!("f{i}")).expect("exported");
                let error = function.call(&mut store, 1).expect_err("the stack ends");
                let name = format!("{a}, {b}: f{i} of {number}, turn {turn}");
                assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::StackOverflow), "{name}: {error:?}");
                assert!(store.data().canary.as_ref().is_none_or(canary::Canary::is_intact), "{name}");
            }
            let works = instance.get_typed_func::<i32, i32>(&mut store, "works").expect("exported");
            assert_eq!(works.call(&mut store, 100).expect("returns"), 100, "{a}, {b}: afterwards");
        }
        if store.data().canary.is_none() {
            without.push(store);
        }
    });
    let has_machine_code = modes().iter().any(|mode| !matches!(*mode, Mode::Interp | CLASSIC));
    assert!(canaries > 0 || !has_machine_code, "there is room for a canary below one of the stacks");
}

/// A function that calls others of many types, and would have an array for the results of each: more than a megabyte.
fn calls_of_many_sizes() -> String {
    let (mut types, mut functions, mut calls) = (String::new(), String::new(), String::new());
    for results in 860..1000 {
        write!(types, "(type $t{results} (func (result {})))", "i64 ".repeat(results)).expect("a string");
        write!(functions, "(func $g{results} (type $t{results}) unreachable)").expect("a string");
        write!(calls, "call $g{results} {}", "drop ".repeat(results)).expect("a string");
    }
    format!(
        "(module {types} (import \"host\" \"again\" (func $host (param i32) (result i64))) {functions}
           (func $leaf (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
           (func $large (param i32) (result i32)
             (if (i32.eq (local.get 0) (i32.const 12345)) (then {calls}))
             (i32.add (call $leaf (local.get 0)) (i32.const 1)))
           (func $deep (export \"deep\") (param i32) (result i32)
             (drop (call $large (i32.const 1)))
             (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
           (func (export \"place canary\") (drop (call $host (i32.const -1)))))"
    )
}

#[test]
fn frames_that_compilers_make_large_count_in_full() {
    let text = calls_of_many_sizes();
    for mode in modes() {
        let mut config = config(1 << 20);
        let engine = Engine::new(config.mode(mode)).expect("supported");
        let mut store = Store::new(&engine, Host::default());
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "again", again).expect("defines");
        let instance = linker.instantiate(&mut store, &Module::new(&engine, &text).expect("valid")).expect("links");
        let place = instance.get_typed_func::<(), ()>(&mut store, "place canary").expect("exported");
        place.call(&mut store, ()).expect("returns");
        let deep = instance.get_typed_func::<i32, i32>(&mut store, "deep").expect("exported");
        for _ in 0..3 {
            let error = deep.call(&mut store, 0).expect_err("the stack ends");
            assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::StackOverflow), "{mode}: {error:?}");
            assert!(store.data().canary.as_ref().is_none_or(canary::Canary::is_intact), "{mode}");
        }
    }
}

fn config(stack: usize) -> Config {
    let mut config = Config::new();
    config.max_wasm_stack(stack).tier_policy(Policy::at_once(0));
    config
}

#[test]
fn frames_of_every_size_end_in_a_trap_that_writes_nothing_below_the_stack() {
    torture(&config(600_000), &FEW_SIZES, 0);
}

#[test]
#[ignore = "full run: minutes"]
fn frames_of_every_size_in_every_order() {
    for turn in 1..CALLS.len() {
        torture(&config(if turn % 2 == 0 { 300_000 } else { 8 << 20 }), &SIZES, turn);
    }
}

#[test]
#[ignore = "full run: minutes"]
fn the_largest_frames_end_in_a_trap_that_writes_nothing_below_the_stack() {
    for turn in [0, 3] {
        torture(&config(8 << 20), &[0, 3_000, 15_500, 16_100], turn);
    }
    #[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
    for &opt_level in riser::llvm::OptLevel::ALL {
        for (turn, &bounds) in riser::Bounds::ALL.iter().enumerate() {
            let mut config = config(1 << 20);
            config.bounds(bounds);
            config.tier_options(riser::llvm::Options { opt_level }).expect("supported");
            torture(&config, &FEW_SIZES, turn + 4);
        }
    }
}
