//! Functions, memories, tables and globals by values, without types known in Rust.

use riser::*;

#[test]
fn runs() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let ty = FuncType::new([ValType::I32, ValType::I32], [ValType::I32]);
    let add = Func::new(&mut store, ty, |_caller: Caller<'_, ()>, params, results| {
        // In wasmi: `params[0].i32()`, too.
        let [a, b] = [params[0].i32(), params[1].i32()];
        let sum = a.zip(b).map(|(a, b)| a.wrapping_add(b));
        // In wasmi: `Error::new("..")`.
        results[0] = Val::I32(sum.ok_or_else(|| Error::msg("numbers are expected"))?);
        Ok(())
    });
    let mut results = [Val::I32(0)];
    add.call(&mut store, &[Val::I32(40), Val::I32(2)], &mut results)?;
    assert_eq!(results[0].i32(), Some(42));

    let memory = Memory::new(&mut store, MemoryType::new(1, Some(2)))?;
    memory.write(&mut store, 10, &[1, 2, 3])?;
    let (bytes, _data) = memory.data_and_store_mut(&mut store);
    assert_eq!(bytes[10..13], [1, 2, 3]);
    assert_eq!(memory.grow(&mut store, 1)?, 1);

    // In wasmi: `RefType::Func`, and `Ref::from(Nullable::Null)`.
    let table = Table::new(&mut store, TableType::new(RefType::FUNCREF, 2, None), Ref::Func(None))?;
    table.set(&mut store, 1, Ref::from(add))?;
    assert!(table.get(&store, 1).is_some_and(|element| element.is_non_null()));

    let global = Global::new(&mut store, GlobalType::new(ValType::I64, Mutability::Var), Val::I64(1))?;
    global.set(&mut store, Val::I64(2))?;
    assert_eq!(global.get(&store).i64(), Some(2));
    Ok(())
}
