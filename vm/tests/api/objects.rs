//! Memories, tables, globals and references, from the host's side.

use riser_vm::{
    ExternRef, Func, Global, GlobalType, Limits, Memory, MemoryAccessError, MemoryType, Ref, Rooted, Store, Table,
    TableType, V128, Val, ValType,
};

use crate::instance;

fn memory_type(min: u64, max: Option<u64>) -> MemoryType {
    MemoryType { limits: Limits { min, max }, ..MemoryType::new(0, None) }
}

#[test]
fn memories() {
    let mut store = Store::new(&riser_vm::Engine::default(), 5);
    let memory = Memory::new(&mut store, memory_type(1, Some(2))).unwrap();
    memory.write(&mut store, 65_530, b"abcdef").unwrap();
    let mut buffer = [0; 3];
    memory.read(&store, 65_533, &mut buffer).unwrap();
    assert_eq!(&buffer, b"def");
    let error: MemoryAccessError = memory.read(&store, 65_534, &mut buffer).unwrap_err();
    assert_eq!(error.to_string(), "out of bounds memory access");
    assert_eq!(memory.write(&mut store, usize::MAX, b"xy"), Err(error));
    assert_eq!(memory.grow(&mut store, 1).unwrap(), 1);
    assert!(memory.grow(&mut store, 1).is_err());
    assert_eq!(memory.size(&store), 2);
    memory.read(&store, 65_534, &mut buffer).unwrap();
    assert_eq!(&buffer, b"ef\0");
    let (bytes, data) = memory.data_and_store_mut(&mut store);
    *data = bytes.len();
    bytes[0] = 1;
    assert_eq!(*store.data(), 2 << 16);
    assert_eq!(memory.data(&store)[0], 1);
    memory.data_mut(&mut store)[0] = 2;
    // SAFETY: the memory is not empty and nobody else uses it.
    assert_eq!(unsafe { *memory.data_ptr(&store) }, 2);
}

#[test]
fn tables() {
    let mut store = Store::<()>::default();
    let ty = |element, max| TableType { element, limits: Limits { min: 3, max }, table64: false };
    let f = Func::wrap(&mut store, || 1);
    let table = Table::new(&mut store, ty(ValType::FuncRef, Some(5)), Ref::Func(None)).unwrap();
    let is_f = |store: &Store<()>, index| table.get(store, index).map(|it| it.as_func() == Some(Some(&f)));
    table.set(&mut store, 1, f.into()).unwrap();
    assert_eq!([0, 1, 2, 3].map(|index| is_f(&store, index)), [Some(false), Some(true), Some(false), None]);
    assert!(table.set(&mut store, 3, f.into()).is_err());
    assert!(table.set(&mut store, 0, Ref::Extern(None)).is_err());
    assert_eq!(table.grow(&mut store, 2, f.into()).unwrap(), 3);
    assert!(table.grow(&mut store, 1, f.into()).is_err());
    assert_eq!(table.size(&store), 5);
    Table::copy(&mut store, &table, 0, &table, 1, 3).unwrap();
    assert_eq!([0, 1, 2].map(|index| is_f(&store, index)), [Some(true), Some(false), Some(true)]);
    table.fill(&mut store, 0, Ref::Func(None), 5).unwrap();
    assert!((0..5).all(|index| is_f(&store, index) == Some(false)));
    assert!(table.fill(&mut store, 4, Ref::Func(None), 2).is_err());
    assert!(table.fill(&mut store, u64::MAX, Ref::Func(None), 2).is_err());

    let other = Table::new(&mut store, ty(ValType::FuncRef, None), f.into()).unwrap();
    Table::copy(&mut store, &table, 2, &other, 0, 3).unwrap();
    assert_eq!([1, 2, 4].map(|index| is_f(&store, index)), [Some(false), Some(true), Some(true)]);
    assert!(Table::copy(&mut store, &table, 3, &other, 0, 3).is_err());
    let externs = Table::new(&mut store, ty(ValType::ExternRef, None), Ref::Extern(None)).unwrap();
    assert!(Table::copy(&mut store, &externs, 0, &table, 0, 1).is_err());
}

#[test]
fn globals() {
    let mut store = Store::<()>::default();
    let ty = |content, mutable| GlobalType { content, mutable };
    let global = Global::new(&mut store, ty(ValType::F64, true), Val::from(2.5)).unwrap();
    global.set(&mut store, Val::from(3.5)).unwrap();
    assert_eq!(global.get(&mut store).unwrap_f64(), 3.5);
    assert!(global.set(&mut store, Val::I64(0)).is_err());
    let constant = Global::new(&mut store, ty(ValType::V128, false), Val::from(7_u128 << 100)).unwrap();
    assert_eq!(constant.get(&mut store).unwrap_v128(), V128::from(7 << 100));
    assert!(constant.set(&mut store, Val::from(0_u128)).is_err());
    assert_eq!(constant.ty(&store), ty(ValType::V128, false));
}

#[test]
fn host_values_pass_through_wasm() {
    let (mut store, instance) = instance(
        r#"(module
            (table $t (export "t") 1 externref)
            (func (export "put") (param externref) (table.set $t (i32.const 0) (local.get 0)))
            (func (export "is_null") (param externref) (result i32) (ref.is_null (local.get 0)))
            (func (export "get") (result externref) (table.get $t (i32.const 0))))"#,
    );
    let value = ExternRef::new(&mut store, String::from("host")).unwrap();
    let put = instance.get_typed_func::<Option<Rooted<ExternRef>>, ()>(&mut store, "put").unwrap();
    let get = instance.get_typed_func::<(), Option<Rooted<ExternRef>>>(&mut store, "get").unwrap();
    let is_null = instance.get_typed_func::<Option<Rooted<ExternRef>>, i32>(&mut store, "is_null").unwrap();
    assert_eq!(get.call(&mut store, ()).unwrap(), None);
    put.call(&mut store, Some(value)).unwrap();
    let back = get.call(&mut store, ()).unwrap().unwrap();
    assert_eq!(back, value);
    let text = back.data_mut(&mut store).unwrap().unwrap().downcast_mut::<String>().unwrap();
    text.push('!');
    assert_eq!(back.data(&store).unwrap().unwrap().downcast_ref::<String>().unwrap(), "host!");
    assert_eq!(is_null.call(&mut store, Some(value)).unwrap(), 0);
    assert_eq!(is_null.call(&mut store, None).unwrap(), 1);

    let mut other = Store::<()>::default();
    assert!(value.data(&other).is_err());
    let foreign = ExternRef::new(&mut other, 1).unwrap();
    assert!(put.call(&mut store, Some(foreign)).is_err());
    let table = instance.get_table(&mut store, "t").unwrap();
    assert!(table.set(&mut store, 0, foreign.into()).is_err());
    assert!(matches!(table.get(&store, 0), Some(Ref::Extern(Some(it))) if it == value));
}

/// NaNs keep their payload on the way through the host.
#[test]
fn floats_keep_their_bits() {
    let (mut store, instance) = instance(r#"(module (func (export "id") (param f32) (result f32) (local.get 0)))"#);
    let id = instance.get_func(&mut store, "id").unwrap();
    for bits in [0x7fa0_0001, 0xffc0_1234, 0x8000_0000, 1] {
        let mut results = [Val::I32(0)];
        id.call(&mut store, &[Val::F32(bits)], &mut results).unwrap();
        assert!(matches!(results[0], Val::F32(back) if back == bits));
    }
}

#[test]
#[should_panic = "expected i64, found i32"]
fn unwrapping_the_wrong_type_panics() {
    Val::I32(1).unwrap_i64();
}
