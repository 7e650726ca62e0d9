//! Counts of instructions, and samples at safepoints.

use std::sync::{Arc, Mutex};

use riser::translator::FuncIndex;
use riser::{Config, Counter, Dispatch, Engine, Instance, Mode, Module, Store, Trap};

use crate::engines::each;

const COUNT_DOWN: &str = r#"
    (module
      (func $inner (param $n i32)
        (loop $again (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
      (func (export "run") (param i32) (call $inner (local.get 0))))
"#;

fn run(engine: &Engine, store: &mut Store<()>, n: i32) -> riser::Result<()> {
    let module = Module::new(engine, COUNT_DOWN)?;
    let instance = Instance::new(&mut *store, &module, &[])?;
    instance.get_typed_func::<i32, ()>(&mut *store, "run")?.call(store, n)
}

#[test]
fn a_counter_adds_up_the_stores_that_are_dropped() {
    let mut config = Config::new();
    config.mode(Mode::Interp).dispatch(Dispatch::Profile);
    let engine = Engine::new(&config).expect("a valid configuration");
    let counter = Counter::new(1, |_, function, _| function == FuncIndex::new(0));
    for n in [10, 20] {
        let mut store = Store::new(&engine, ());
        store.count_instructions(&counter).expect("the engine counts");
        run(&engine, &mut store, n).expect("no trap");
    }
    let counts = counter.take();
    let taken: u64 = counts.instructions.iter().map(|it| it.taken).sum();
    assert_eq!(taken, 9 + 19);
    assert_eq!(counts.calls.iter().map(|it| it.count).sum::<u64>(), 2);
    // Sequences are of the selected function alone: its entry, its return, and two instructions each time round.
    let of_sequences: u64 = counts.sequences.iter().map(|it| it.count).sum();
    assert_eq!(of_sequences, 2 * 2 + 2 * (10 + 20));
    assert!(counts.sequences.iter().all(|it| counts.instructions[it.instructions[0]].function == FuncIndex::new(0)));
    assert!(counter.take().instructions.is_empty());
}

#[test]
fn an_engine_that_does_not_count_says_so() {
    let mut store = Store::new(&Engine::default(), ());
    let error = store.count_instructions(&Counter::new(1, |_, _, _| true)).expect_err("another strategy");
    assert!(error.to_string().contains("`profile`"), "{error}");
    let error = store.on_epoch(|_| Ok(())).expect_err("there are no polls");
    assert!(error.to_string().contains("epoch"), "{error}");
}

#[test]
fn a_sample_has_the_frames_of_the_code_in_every_mode() {
    let interrupts = |config: &mut Config| {
        config.epoch_interruption(true);
    };
    each(interrupts, |name, engine| {
        let mut store = Store::new(engine, ());
        store.set_epoch_deadline(u64::MAX);
        let seen: Arc<Mutex<Vec<Vec<u32>>>> = Arc::default();
        let (sink, ticking) = (Arc::clone(&seen), engine.clone());
        store
            .on_epoch(move |backtrace| {
                let functions = backtrace.frames().iter().map(|frame| frame.func_index()).collect();
                sink.lock().expect("not poisoned").push(functions);
                ticking.increment_epoch();
                Ok(())
            })
            .expect("the engine interrupts");
        engine.increment_epoch();
        run(engine, &mut store, 3).expect(name);
        let seen = seen.lock().expect("not poisoned");
        // Both entries, and the loop's header three times. A compiler that has inlined `inner` leaves out its entry.
        assert_eq!(seen.first().map(Vec::as_slice), Some(&[1][..]), "{name}: {seen:?}");
        assert!((4..=5).contains(&seen.len()), "{name}: {seen:?}");
        assert!(seen[1..].iter().all(|stack| stack[0] == 0), "{name}: {seen:?}");
    });
}

#[test]
fn the_error_of_a_sampler_ends_the_code() {
    let interrupts = |config: &mut Config| {
        config.epoch_interruption(true);
    };
    each(interrupts, |name, engine| {
        let mut store = Store::new(engine, ());
        store.set_epoch_deadline(u64::MAX);
        store.on_epoch(|_| Err(Trap::Unreachable.into())).expect("the engine interrupts");
        engine.increment_epoch();
        let error = run(engine, &mut store, 3).expect_err(name);
        assert_eq!(error.downcast_ref(), Some(&Trap::Unreachable), "{name}");
    });
}
