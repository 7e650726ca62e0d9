//! Epochs: another thread ends a guest that runs for too long.

use std::thread;
use std::time::{Duration, Instant};

use riser::{Store, Trap};

use crate::engines::{each, instance};

const ENDLESS: &str = r#"
    (module
      (type $f (func))
      (table funcref (elem $indirect))
      (func (export "loop") (loop $again (br $again)))
      (func (export "branch_if") (loop $again (br_if $again (i32.const 1))))
      (func (export "branch_table") (param i32) (loop $again (br_table $again $again (local.get 0))))
      (func $tail (export "tail_call") (return_call $tail))
      (func $indirect (export "indirect_tail_call") (return_call_indirect (type $f) (i32.const 0)))
      (func $nothing)
      (func (export "calls") (loop $again (call $nothing) (br $again)))
      (func (export "finite") (result i32) (local i32)
        (loop $again
          (br_if $again (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 1000))))
        (local.get 0)))
"#;

#[test]
fn every_endless_program_is_interrupted() {
    each(
        |config| {
            config.epoch_interruption(true);
        },
        |name, engine| {
            let mut store = Store::new(engine, ());
            store.set_epoch_deadline(1);
            let instance = instance(&mut store, ENDLESS);
            for export in ["loop", "branch_if", "branch_table", "tail_call", "indirect_tail_call", "calls"] {
                let function = instance.get_func(&mut store, export).expect("exported");
                let arguments = vec![riser::Val::I32(0); function.ty(&store).params().len()];
                store.set_epoch_deadline(1);
                let started = Instant::now();
                let ticker = thread::spawn({
                    let engine = engine.clone();
                    move || {
                        thread::sleep(Duration::from_millis(3));
                        engine.increment_epoch();
                    }
                });
                let error = function.call(&mut store, &arguments, &mut []).expect_err(export);
                assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Interrupt), "{name}, {export}: {error:?}");
                assert!(started.elapsed() < Duration::from_secs(5), "{name}, {export}: {:?}", started.elapsed());
                ticker.join().expect("the ticker ends");
            }
            store.set_epoch_deadline(1);
            let finite = instance.get_typed_func::<(), i32>(&mut store, "finite").expect("exported");
            assert_eq!(finite.call(&mut store, ()).expect(name), 1000, "{name}: before the deadline");
            store.set_epoch_deadline(0);
            assert!(finite.call(&mut store, ()).is_err(), "{name}: after the deadline");
        },
    );
}
