//! Thousands of functions move up in several threads and stores, with modules and instances coming and going, exceptions
//! thrown and memories shared; and when all is gone, so is the machine code.

#![cfg(all(target_arch = "x86_64", target_os = "linux"))]

#[path = "../support/full.rs"]
mod full;
mod throwing;

use std::fmt::Write;
use std::thread;
use std::time::{Duration, Instant};

use riser::modes::FAST_JIT;
use riser::policy::Policy;
use riser::{Config, Engine, EngineUsage, Instance, Mode, Module, Store};
use riser_tiers_core::native::code_map;

use full::is_full;

const FUNCTIONS: u32 = 60;
const THREADS: u64 = 4;

/// Modules for each thread: more in the full run (`tests/full.sh`).
fn rounds() -> u64 {
    if is_full() { 24 } else { 6 }
}

/// A module whose function `run` calls all its others: some through a table, some in tail position, each with a loop.
fn module(seed: u64) -> String {
    let mut text = String::from("(module (type $f (func (param i32 i64) (result i64)))\n");
    writeln!(text, "(table {FUNCTIONS} funcref) (memory 1)").unwrap();
    let arguments = "(local.get 0) (i64.add (local.get 1) (i64.load (i32.const 8)))";
    for index in 0..FUNCTIONS {
        let next = index + 1;
        let call = match (u64::from(index) + seed) % 4 {
            _ if next == FUNCTIONS => "(i64.mul (local.get 1) (i64.const 3))".to_owned(),
            0 => format!("(call $f{next} {arguments})"),
            1 => format!("(return_call $f{next} {arguments})"),
            2 => format!("(call_indirect (type $f) {arguments} (i32.const {next}))"),
            _ => format!("(return_call_indirect (type $f) {arguments} (i32.const {next}))"),
        };
        writeln!(
            text,
            "(func $f{index} (type $f) (local $i i32)
               (local.set $i (local.get 0))
               (loop $again
                 (local.set 1 (i64.add (i64.rotl (local.get 1) (i64.const 5)) (i64.const {})))
                 (i64.store (i32.const 8) (local.get 1))
                 (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
               {call})",
            u64::from(index) * 7 + seed
        )
        .unwrap();
    }
    let elements: String = (0..FUNCTIONS).map(|index| format!("$f{index} ")).collect();
    writeln!(text, "(elem (i32.const 0) {elements}) (export \"run\" (func $f0)))").unwrap();
    text
}

/// What `run` of several instances of the module answers.
fn results(engine: &Engine, text: &str) -> Vec<i64> {
    let module = Module::new(engine, text).unwrap();
    let mut store = Store::new(engine, ());
    let mut all = Vec::new();
    for turn in 1..=4 {
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let run = instance.get_typed_func::<(i32, i64), i64>(&mut store, "run").unwrap();
        all.extend((1..=3).map(|count| run.call(&mut store, (turn * count, i64::from(count))).unwrap()));
    }
    assert!(engine.default_mode() != FAST_JIT || code_map::len() > 0, "there is machine code while it is used");
    all
}

fn engine(mode: Mode, threads: usize) -> Engine {
    let mut config = Config::new();
    config.mode(mode).tier_policy(Policy::at_once(threads));
    Engine::new(&config).unwrap()
}

#[test]
fn functions_move_up_in_many_threads_and_nothing_is_left() {
    let rounds = rounds();
    let interpreted = engine(Mode::Interp, 0);
    {
        let engines = [engine(Mode::MultiTier, 2), engine(Mode::MultiTier, 0), engine(FAST_JIT, 0)];
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (engines, interpreted) = (&engines, &interpreted);
                scope.spawn(move || {
                    for round in 0..rounds {
                        let text = module(thread * rounds + round);
                        let expected = results(interpreted, &text);
                        throwing::run(interpreted);
                        for engine in engines {
                            assert_eq!(results(engine, &text), expected, "thread {thread}, round {round}");
                            throwing::run(engine);
                        }
                    }
                });
            }
        });
        // The modules are gone, and what was made for them with them, though the engines are there. Threads of the queue may
        // still be at work on what nobody waits for.
        let patience = Instant::now() + Duration::from_secs(60);
        while code_map::len() > 0 && Instant::now() < patience {
            thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(code_map::len(), 0, "machine code is left");
        for engine in &engines {
            assert_eq!(engine.usage(), EngineUsage::default());
        }
    }
}
