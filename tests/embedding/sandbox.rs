//! A guest reaches its own memory and nothing else.

use riser::{Store, Trap, Val};

use crate::engines::{each, instance};

/// Loads and stores with their widths.
const ACCESSES: &[(&str, &str, u64)] = &[
    ("i32.load8_u", "", 1),
    ("i32.load16_s", "", 2),
    ("i32.load", "", 4),
    ("i64.load", "", 8),
    ("f32.load", "", 4),
    ("f64.load", "", 8),
    ("i64.load32_u", "", 4),
    ("i32.store8", "i32.const 1", 1),
    ("i32.store16", "i32.const 1", 2),
    ("i32.store", "i32.const 1", 4),
    ("i64.store", "i64.const 1", 8),
    ("f32.store", "f32.const 1", 4),
    ("f64.store", "f64.const 1", 8),
];

/// Static offsets of the accesses.
const OFFSETS: &[u64] = &[0, 1, 65535, 65536, 0x7fff_ffff, 0xffff_ffff];

fn program(address_type: &str) -> String {
    let mut text = format!("(module (memory (export \"memory\") {} 1 2)\n", address_type.replace("i32", ""));
    for (access, value, _) in ACCESSES {
        for offset in OFFSETS {
            let drop = if value.is_empty() { "drop" } else { "" };
            text += &format!(
                "(func (export \"{access} {offset}\") (param {address_type}) \
                   local.get 0 {value} {access} offset={offset} {drop})\n"
            );
        }
    }
    text + ")"
}

#[test]
fn accesses_out_of_bounds_trap() {
    each(
        |_| {},
        |name, engine| {
            for address_type in ["i32", "i64"] {
                let mut store = Store::new(engine, ());
                let instance = instance(&mut store, &program(address_type));
                for &(access, _, width) in ACCESSES {
                    for &offset in OFFSETS {
                        let function = instance.get_func(&mut store, &format!("{access} {offset}")).expect("exported");
                        let mut addresses = vec![0, 1, 65535, 65536, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
                        let last = 65536_u64.saturating_sub(width + offset);
                        addresses.extend(last.saturating_sub(5)..last + 5);
                        if address_type == "i64" {
                            addresses.extend([1 << 32, 1 << 33, 1 << 47, u64::MAX - 65535, u64::MAX - 7, u64::MAX]);
                        }
                        for address in addresses {
                            let argument = match address_type {
                                "i32" => Val::I32(address as u32 as i32),
                                _ => Val::I64(address as i64),
                            };
                            let end = u128::from(address) + u128::from(offset) + u128::from(width);
                            let result = function.call(&mut store, &[argument], &mut []);
                            match result {
                                Ok(()) => assert!(end <= 65536, "{name}: {access} {address:#x} + {offset:#x}"),
                                Err(error) => {
                                    assert!(end > 65536, "{name}: {access} {address:#x} + {offset:#x}: {error:?}");
                                    assert_eq!(
                                        error.downcast_ref::<Trap>(),
                                        Some(&Trap::MemoryOutOfBounds),
                                        "{name}: {access}"
                                    );
                                }
                            }
                        }
                    }
                }
            }
        },
    );
}

#[test]
fn bulk_operations_out_of_bounds_change_nothing() {
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = instance(
                &mut store,
                r#"
            (module
              (memory (export "memory") 1)
              (data $bytes "0123456789")
              (func (export "fill") (param i32 i32) (memory.fill (local.get 0) (i32.const 255) (local.get 1)))
              (func (export "copy") (param i32 i32) (memory.copy (local.get 0) (i32.const 0) (local.get 1)))
              (func (export "init") (param i32 i32)
                (memory.init $bytes (local.get 0) (i32.const 0) (local.get 1))))
            "#,
            );
            let memory = instance.get_memory(&mut store, "memory").expect("exported");
            for export in ["fill", "copy", "init"] {
                let function = instance.get_typed_func::<(i32, i32), ()>(&mut store, export).expect("exported");
                for (start, len) in [(65535, 2), (65536, 1), (65537, 0), (-1, 1), (-1, 0), (0, -1), (1, -1), (-1, -1)] {
                    let error = function.call(&mut store, (start, len)).expect_err(name);
                    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::MemoryOutOfBounds), "{name}: {export}");
                }
                assert!(memory.data(&store).iter().all(|&byte| byte == 0), "{name}: {export}");
                function.call(&mut store, (65536, 0)).expect("nothing at the end is in bounds");
            }
        },
    );
}

#[test]
fn a_memory_that_grows_is_accessible_to_its_new_end() {
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = instance(
                &mut store,
                r#"
            (module
              (memory 0 3)
              (func (export "load_after_growing") (param $pages i32) (param $at i32) (result i32)
                (drop (memory.grow (local.get $pages)))
                (i32.load (local.get $at))))
            "#,
            );
            let function =
                instance.get_typed_func::<(i32, i32), i32>(&mut store, "load_after_growing").expect("exported");
            assert!(function.call(&mut store, (0, 0)).is_err(), "{name}");
            assert_eq!(function.call(&mut store, (1, 65532)).expect(name), 0, "{name}");
            assert!(function.call(&mut store, (0, 65533)).is_err(), "{name}");
            assert_eq!(function.call(&mut store, (2, 3 * 65536 - 4)).expect(name), 0, "{name}");
            assert!(function.call(&mut store, (1, 3 * 65536 - 3)).is_err(), "{name}: beyond the maximum");
        },
    );
}

#[test]
fn functions_are_called_with_their_own_types_only() {
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = instance(
                &mut store,
                r#"
            (module
              (type $f (func (param i64) (result i64)))
              (table 4 funcref)
              (elem (table 0) (i32.const 0) func $i32 $i64)
              (func $i32 (param i32) (result i32) (local.get 0))
              (func $i64 (type $f) (local.get 0))
              (func (export "call") (param i32) (result i64)
                (call_indirect (type $f) (i64.const 7) (local.get 0)))
              (func (export "tail") (param i32) (result i64)
                (return_call_indirect (type $f) (i64.const 7) (local.get 0))))
            "#,
            );
            for export in ["call", "tail"] {
                let function = instance.get_typed_func::<i32, i64>(&mut store, export).expect("exported");
                assert_eq!(function.call(&mut store, 1).expect(name), 7, "{name}: {export}");
                for (index, trap) in [
                    (0, Trap::IndirectCallTypeMismatch),
                    (2, Trap::UninitializedElement),
                    (4, Trap::UndefinedElement),
                    (-1, Trap::UndefinedElement),
                ] {
                    let error = function.call(&mut store, index).expect_err(name);
                    assert_eq!(error.downcast_ref::<Trap>(), Some(&trap), "{name}: {export} {index}");
                }
            }
        },
    );
}
