//! What is no snapshot: state that cannot be captured, and bytes that are no snapshot of the module.

use riser::snapshot::{Snapshot, SnapshotError};
use riser::{Caller, Engine, Extern, Func, Instance, Mode, Module, Store, Trap, UpdateDeadline, Val};

use super::exceptions::{LEGACY, REFERENCES};
use super::{PROGRAM, configure, engine, imports, stopped, store, taken};
use crate::engines::{each, modes, module};

/// Why there is no snapshot of a module whose `run` is to be captured after so many safepoints.
pub(super) fn not_captured(
    engine: &Engine,
    text: &str,
    after: u64,
    imports: impl FnOnce(&mut Store<()>, &Module) -> Vec<Extern>,
) -> SnapshotError {
    let mut store: Store<()> = Store::new(engine, ());
    store.set_epoch_deadline(u64::MAX);
    store.set_fuel(100_000).expect("fuel is consumed");
    let taken = taken(&mut store, false);
    let module = module(engine, text);
    let imports = imports(&mut store, &module);
    let instance = Instance::new(&mut store, &module, &imports).expect("instantiates");
    store.request_snapshot_after(after);
    instance.get_func(&store, "run").expect("exported").call(&mut store, &[], &mut []).expect("returns");
    taken.lock().expect("not poisoned").take().expect("taken").expect_err("it cannot be captured")
}

/// What cannot be captured has an error that names it, in every mode.
#[test]
fn what_cannot_be_captured_is_named() {
    modes().into_iter().for_each(what_cannot_be_captured_is_named_in);
}

fn what_cannot_be_captured_is_named_in(mode: Mode) {
    let engine = engine(mode);
    let imports = |store: &mut Store<()>, module: &Module| {
        let back = Func::wrap(&mut *store, |mut caller: Caller<'_, ()>| {
            let inner = caller.get_export("inner").and_then(Extern::into_func).expect("exported");
            inner.call(&mut caller, &[], &mut [])
        });
        let foreign = Func::wrap(&mut *store, || {});
        let value = riser::ExternRef::new(&mut *store, 7).expect("room");
        module
            .imports()
            .map(|import| match import.name() {
                "back" => back.into(),
                "foreign" => {
                    let ty = riser::GlobalType::new(riser::ValType::FuncRef, riser::Mutability::Const);
                    riser::Global::new(&mut *store, ty, Val::FuncRef(Some(foreign))).expect("it fits").into()
                }
                _ => {
                    let ty = riser::GlobalType::new(riser::ValType::ExternRef, riser::Mutability::Const);
                    riser::Global::new(&mut *store, ty, Val::ExternRef(Some(value))).expect("it fits").into()
                }
            })
            .collect()
    };
    let capture = |text: &str, after: u64| not_captured(&engine, text, after, imports).to_string();
    let below = capture(
        r#"(module (import "" "back" (func $back)) (func (export "run") (call $back)) (func (export "inner")))"#,
        1,
    );
    assert!(below.contains("below function 2 there is a host function"), "{below}");
    let host = capture(r#"(module (import "" "value" (global externref)) (func (export "run")))"#, 0);
    assert!(host.contains("global 0 holds an externref"), "{host}");
    let foreign = capture(r#"(module (import "" "foreign" (global funcref)) (func (export "run")))"#, 0);
    assert!(foreign.contains("global 0 refers to a function that the module does not know"), "{foreign}");
}

/// A snapshot that does not fit is refused, whatever is wrong with it.
#[test]
fn what_does_not_fit_is_refused() {
    for text in [PROGRAM, REFERENCES, LEGACY] {
        what_does_not_fit_is_refused_by(text);
    }
}

fn what_does_not_fit_is_refused_by(text: &str) {
    let engine = engine(Mode::Interp);
    let module_a = module(&engine, text);
    let module_b = module(&engine, r#"(module (import "host" "note" (func (param i32) (result i32))))"#);
    let snapshot = stopped(&module_a, 5, 20).expect("so long").expect("interpreted");
    let mut store = store(&engine);
    let imports = imports(&mut store);
    let error = snapshot.restore(&mut store, &module_b, &imports).expect_err("another module");
    assert_eq!(error.downcast_ref(), Some(&SnapshotError::OtherModule));

    let bytes = snapshot.to_bytes();
    for len in 0..bytes.len() {
        Snapshot::from_bytes(&bytes[..len]).expect_err("it ends early");
    }
    let mut state = 1_u64;
    let mut refused = 0;
    for _ in 0..4000 {
        let mut altered = bytes.clone();
        let end = altered.len() - 4;
        for _ in 0..=state % 3 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            altered[12 + (state >> 33) as usize % (end - 12)] = (state >> 20) as u8;
        }
        let sum = crc32(&altered[..end]);
        altered[end..].copy_from_slice(&sum.to_le_bytes());
        let Ok(snapshot) = Snapshot::from_bytes(&altered) else {
            refused += 1;
            continue;
        };
        let mut store = self::store(&engine);
        let imports = self::imports(&mut store);
        match snapshot.restore(&mut store, &module_a, &imports) {
            // Whatever the values are, it ends, and nothing else is promised.
            Ok(restored) => {
                store.set_fuel(100_000).expect("fuel is consumed");
                drop(restored.resume(&mut store));
            }
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 400, "{refused}");
}

/// CRC-32, bit by bit.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| if sum & 1 == 0 { sum >> 1 } else { sum >> 1 ^ 0xedb8_8320 })
    })
}

/// A function with so many values on its stack at so many loops that a list of them would be far larger than the function. It returns
/// their sum.
fn crowded() -> String {
    const MANY: usize = 1000;
    let (pushed, loops, added) = ("(local.get 0)".repeat(MANY), "(loop)".repeat(MANY), "(i32.add)".repeat(MANY - 1));
    format!(
        r#"(module
            (func (export "sum") (param i32) (result i32) {pushed} {loops} {added})
            (func (export "plain") (param i32) (result i32) (local.get 0)))"#
    )
}

#[test]
fn a_snapshot_that_would_take_far_more_than_its_function_is_an_error() {
    const WHY: &str = "too many values are live";
    each(configure, |name, engine| {
        let mut store = Store::new(engine, Vec::<String>::new());
        store.set_epoch_deadline(u64::MAX);
        store.set_fuel(1_000_000).expect("fuel is consumed");
        let instance = Instance::new(&mut store, &module(engine, &crowded()), &[]).expect(name);
        let [sum, plain] =
            ["sum", "plain"].map(|func| instance.get_typed_func::<i32, i32>(&mut store, func).expect(name));
        let requests = store.on_snapshot(move |mut store, snapshot| {
            // There is room for a call only if the end of the frame is known.
            match plain.call(&mut store, 3) {
                Ok(result) => assert_eq!(result, 3),
                Err(error) => assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow)),
            }
            store.data_mut().push(snapshot.expect_err("it is too large").to_string());
            Ok(())
        });
        requests.expect(name);
        store.request_snapshot_after(5);
        assert_eq!(sum.call(&mut store, 7).expect(name), 7000, "{name}");
        assert_eq!(store.data().len(), 1, "{name}");
        assert!(store.data()[0].contains(WHY), "{name}: {}", store.data()[0]);

        // The register interpreter looks for the end of the frame, for calls that the host makes at the deadline.
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(1000)));
        store.set_epoch_deadline(0);
        match sum.call(&mut store, 7) {
            Ok(result) => assert!(result == 7000 && !name.starts_with("interp"), "{name}: {result}"),
            Err(error) => assert!(format!("{error:#}").contains(WHY), "{name}: {error:#}"),
        }
    });
}
