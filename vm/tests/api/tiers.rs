//! Plugged tiers: chosen by mode, asked at the first call, free to decline.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use riser_tiers_core::{Bailout, CompileRequest, FuncInst, NativeCode, Policy, Status, Tier, TierCode};
use riser_translator::FuncIndex;
use riser_vm::{Compilation, Config, Engine, Instance, Mode, Module, Store, TranslateError};

use crate::module;

/// The mode of [`Numbers`].
const NUMBERS: Mode = Mode::Tier("numbers");

/// A tier in which every function without parameters returns what the tier's data says, a number
/// counted up from 100, one for each function. It takes no others.
struct Numbers {
    next: AtomicU32,
}

unsafe extern "C" fn number(callee: *const FuncInst, _: *mut riser_tiers_core::Context, slots: *mut u64) -> Status {
    // SAFETY: the tier's data is a u32; the function has one result.
    unsafe { *slots = u64::from(*(*callee).tier_data.get().cast::<u32>()) };
    Status::RETURNED
}

// SAFETY: `number` returns a number for functions with one numeric result.
unsafe impl Tier for Numbers {
    fn name(&self) -> &'static str {
        "numbers"
    }

    fn compile(&self, request: CompileRequest<'_>) -> Result<TierCode, Bailout> {
        if request.module.info().func_type(request.function).param_slots() != 0 {
            return Err(Bailout::Unsupported("parameters".to_owned()));
        }
        Ok(TierCode {
            entry: number,
            native: NativeCode::NONE,
            data: Arc::new(self.next.fetch_add(1, Ordering::Relaxed)),
        })
    }
}

fn engine(config: &mut Config) -> Engine {
    Engine::new(config.tier(Arc::new(Numbers { next: AtomicU32::new(100) }))).unwrap()
}

const TEXT: &str = r#"(module
    (table funcref (elem $seven $inc))
    (type $v (func (result i32)))
    (func $seven (export "seven") (result i32) (i32.const 7))
    (func $inc (export "inc") (param i32) (result i32) (i32.add (call $by_import) (local.get 0)))
    (func $by_import (result i32) (call_indirect (type $v) (i32.const 0)))
    (func (export "never") (result i32) (i32.const 0)))"#;

fn call(store: &mut Store<()>, instance: &Instance, name: &str) -> i32 {
    if name == "inc" {
        return instance.get_typed_func::<i32, i32>(&mut *store, name).unwrap().call(store, 1).unwrap();
    }
    instance.get_typed_func::<(), i32>(&mut *store, name).unwrap().call(store, ()).unwrap()
}

#[test]
fn modes_that_are_not_there_are_refused() {
    let engine = Engine::default();
    assert!(engine.supports(Mode::Interp) && !engine.supports(NUMBERS));
    assert_eq!(engine.default_mode(), Mode::Interp);
    let error = engine.set_default_mode(NUMBERS).unwrap_err().to_string();
    assert!(error.contains("`numbers`") && error.contains("`Config::tier`"), "{error}");
    assert!(Engine::new(Config::new().mode(NUMBERS)).is_err());
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module(&engine, "(module)"), &[]).unwrap();
    assert!(instance.set_mode(&mut store, NUMBERS).is_err());
    assert_eq!(instance.mode(&store), Mode::Interp);
}

#[test]
fn tiers_are_asked_at_the_first_call() {
    let engine = engine(Config::new().mode(NUMBERS));
    let module = module(&engine, TEXT);
    let mut stores = [(); 2].map(|()| {
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        assert_eq!(instance.mode(&store), NUMBERS);
        (store, instance)
    });
    assert_eq!(module.statistics().tiers[0].compiled, 0);
    for (store, instance) in &mut stores {
        for _ in 0..2 {
            assert_eq!(call(store, instance, "seven"), 100);
        }
    }
    let tier = module.statistics().tiers[0].clone();
    assert_eq!((tier.mode, tier.compiled, tier.bailouts), (NUMBERS, 1, 0));
}

/// What a tier does not take runs in the register interpreter, which calls on into the tier where
/// it goes through a function's entry.
#[test]
fn functions_that_a_tier_declines_are_interpreted() {
    let engine = engine(Config::new().mode(NUMBERS));
    let module = module(&engine, TEXT);
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    assert_eq!(call(&mut store, &instance, "inc"), 101);
    let statistics = module.statistics();
    assert_eq!(statistics.tiers[0].bailouts, 1);
    let bailouts = module.bailouts(NUMBERS);
    assert_eq!(bailouts, [(FuncIndex::new(1), Bailout::Unsupported("parameters".to_owned()))]);
    assert!(statistics.translated >= 1);
}

#[test]
fn modes_of_instances_can_be_changed() {
    let engine = engine(&mut Config::new());
    let module = module(&engine, TEXT);
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let other = Instance::new(&mut store, &module, &[]).unwrap();
    assert_eq!(call(&mut store, &instance, "seven"), 7);
    for _ in 0..2 {
        instance.set_mode(&mut store, NUMBERS).unwrap();
        assert_eq!(instance.mode(&store), NUMBERS);
        assert_eq!(call(&mut store, &instance, "seven"), 100);
        assert_eq!(call(&mut store, &other, "seven"), 7);
        instance.set_mode(&mut store, Mode::Interp).unwrap();
        assert_eq!(call(&mut store, &instance, "seven"), 7);
    }
    engine.set_default_mode(NUMBERS).unwrap();
    let third = Instance::new(&mut store, &module, &[]).unwrap();
    assert_eq!(call(&mut store, &third, "seven"), 100);
    assert_eq!(other.mode(&store), Mode::Interp);
}

#[test]
fn eager_compilation_is_for_the_default_mode() {
    let engine = engine(Config::new().mode(NUMBERS).compilation(Compilation::Eager));
    let statistics = module(&engine, TEXT).statistics();
    assert_eq!((statistics.tiers[0].compiled, statistics.tiers[0].bailouts, statistics.translated), (3, 1, 1));
}

/// What a function calls is there without having been called, and what that calls.
#[test]
fn callees_are_compiled_before_they_are_called() {
    const CHAIN: &str = r#"(module
        (func (export "first") (result i32) (if (result i32) (i32.const 0) (then (call $second)) (else (i32.const 1))))
        (func $second (result i32) (return_call $third))
        (func $third (result i32) (i32.const 3))
        (func (export "unrelated") (result i32) (i32.const 4)))"#;
    let engine = engine(Config::new().mode(NUMBERS).compilation(Compilation::Speculative));
    let module = module(&engine, CHAIN);
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    assert_eq!(module.statistics().tiers[0].compiled, 0);
    call(&mut store, &instance, "first");
    let started = Instant::now();
    while module.statistics().tiers[0].compiled < 3 {
        assert!(started.elapsed() < Duration::from_secs(60), "nobody compiles what `first` calls");
        thread::yield_now();
    }
    thread::sleep(Duration::from_millis(20));
    assert_eq!(module.statistics().tiers[0].compiled, 3);
}

/// A module that is gone does not wait for what was to be compiled for it.
#[test]
fn guesses_do_not_keep_a_module() {
    let calls: String = (0..500).map(|callee| format!("(drop (call {}))", callee + 1)).collect();
    let callees = "(func (result i32) (i32.const 1))".repeat(500);
    let text = format!(r#"(module (func (export "first") (result i32) {calls} (i32.const 1)) {callees})"#);
    for _ in 0..20 {
        let engine = engine(Config::new().mode(NUMBERS).compilation(Compilation::Speculative));
        let mut store = Store::new(&engine, ());
        let module = module(&engine, &text);
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        call(&mut store, &instance, "first");
    }
}

/// A tier of the mode `multi-tier` that takes no function, and not before it is told to go on.
struct Slow {
    asked: Mutex<mpsc::Sender<FuncIndex>>,
    go_on: Mutex<mpsc::Receiver<()>>,
}

// SAFETY: it makes no code.
unsafe impl Tier for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    fn step(&self) -> Option<u32> {
        Some(1)
    }

    fn compile(&self, request: CompileRequest<'_>) -> Result<TierCode, Bailout> {
        self.asked.lock().unwrap().send(request.function).unwrap();
        // Nobody is there to say so any more when the test is over.
        let _ = self.go_on.lock().unwrap().recv();
        Err(Bailout::Unsupported("everything".to_owned()))
    }
}

/// What was to be compiled for a module that is gone is not; what a thread had begun, it finishes, and ends with the engine.
#[test]
fn jobs_go_with_their_module() {
    let ((asked, functions), (go, go_on)) = (mpsc::channel(), mpsc::channel());
    let tier = Arc::new(Slow { asked: Mutex::new(asked), go_on: Mutex::new(go_on) });
    let gone = Arc::downgrade(&tier);
    let mut config = Config::new();
    config.tier(tier).mode(Mode::MultiTier);
    config.tier_policy(Policy { call_threshold: 1, delay: Duration::ZERO, ..Policy::default() });
    let calls: String = (1..200).map(|callee| format!("(drop (call {callee}))")).collect();
    let callees = "(func (result i32) (i32.const 1))".repeat(199);
    let text = format!(r#"(module (func (export "first") (result i32) {calls} (i32.const 1)) {callees})"#);
    {
        let engine = Engine::new(&config).unwrap();
        drop(config);
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module(&engine, &text), &[]).unwrap();
        for _ in 0..3 {
            assert_eq!(call(&mut store, &instance, "first"), 1);
        }
        functions.recv().unwrap();
    }
    go.send(()).unwrap();
    // The engine went with the thread's last job: nobody asks any more.
    let more: Vec<FuncIndex> = functions.iter().collect();
    assert_eq!(more, [], "compiled for a module that is gone");
    assert_eq!(gone.strong_count(), 0);
}

/// Tiers only see bodies that are valid.
#[test]
fn bodies_are_validated_before_a_tier_sees_them() {
    let engine = engine(Config::new().mode(NUMBERS).compilation(Compilation::Lazy));
    let binary = wat::parse_str(r#"(module (func (export "f") (result i32) (nop)))"#).unwrap();
    let module = Module::new(&engine, binary).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let f = instance.get_typed_func::<(), i32>(&mut store, "f").unwrap();
    for _ in 0..2 {
        assert!(f.call(&mut store, ()).unwrap_err().downcast_ref::<TranslateError>().is_some());
    }
    assert_eq!(module.statistics().tiers[0].compiled, 0);
}
