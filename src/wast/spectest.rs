//! The host module `spectest` that scripts import from.

use anyhow::Result;
use riser_vm::{
    Extern, FuncType, Global, GlobalType, Limits, Linker, Memory, MemoryType, Ref, SharedMemory, Store, Table,
    TableType, Val, ValType,
};

const MODULE: &str = "spectest";

/// Defines `spectest`. Its functions print nothing.
pub(super) fn define<T: 'static>(linker: &mut Linker<T>, store: &mut Store<T>) -> Result<()> {
    use ValType::{F32, F64, I32, I64};

    let functions: [(&str, &[ValType]); 7] = [
        ("print", &[]),
        ("print_i32", &[I32]),
        ("print_i64", &[I64]),
        ("print_f32", &[F32]),
        ("print_f64", &[F64]),
        ("print_i32_f32", &[I32, F32]),
        ("print_f64_f64", &[F64, F64]),
    ];
    for (name, params) in functions {
        linker.func_new(MODULE, name, FuncType::new(params.iter().copied(), []), |_, _, _| Ok(()))?;
    }

    let globals = [
        ("global_i32", Val::I32(666)),
        ("global_i64", Val::I64(666)),
        ("global_f32", Val::F32(666.6_f32.to_bits())),
        ("global_f64", Val::F64(666.6_f64.to_bits())),
    ];
    for (name, value) in globals {
        let ty = GlobalType { content: value.ty(), mutable: false };
        let global = Global::new(&mut *store, ty, value)?;
        linker.define(&*store, MODULE, name, Extern::Global(global))?;
    }

    for (name, table64) in [("table", false), ("table64", true)] {
        let ty = TableType { element: ValType::FuncRef, limits: Limits { min: 10, max: Some(20) }, table64 };
        let table = Table::new(&mut *store, ty, Ref::Func(None))?;
        linker.define(&*store, MODULE, name, Extern::Table(table))?;
    }

    let memory = Memory::new(&mut *store, MemoryType::new(1, Some(2)))?;
    linker.define(&*store, MODULE, "memory", Extern::Memory(memory))?;
    let shared = SharedMemory::new(store.engine(), MemoryType::shared(1, 2))?;
    linker.define(&*store, MODULE, "shared_memory", Extern::SharedMemory(shared))?;
    Ok(())
}
