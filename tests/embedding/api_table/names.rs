//! The names in Riser's column of the table, each in an expression that compiles if there is such a name. Nothing here runs.

use riser::*;

/// A value of any type.
fn a<T>() -> T {
    unreachable!("nothing here runs")
}

/// A store.
fn s() -> &'static mut Store<()> {
    a()
}

/// A linker.
fn l() -> &'static mut Linker<()> {
    a()
}

/// A configuration.
fn c() -> &'static mut Config {
    a()
}

fn bails() -> Result<()> {
    riser::bail!("no")
}

fn ensures() -> Result<()> {
    riser::ensure!(a::<bool>(), "no");
    Ok(())
}

fn wasm_ty<T: WasmTy>() {}
fn wasm_results<T: WasmResults>() {}
fn resource_limiter<T: ResourceLimiter>() {}

/// `"Engine::new": Engine::new;` is a name and an expression with it.
macro_rules! names {
    ($($name:literal: $expression:expr;)*) => {
        /// The names.
        pub const NAMES: &[&str] = &[$($name),*];

        #[expect(dead_code, reason = "it compiles, and that is all")]
        fn compiles() {
            $({ let _ = $expression; })*
        }
    };
}

names! {
    "Engine::default": Engine::default;
    "Engine::new": Engine::new;
    "Engine::same": Engine::same;
    "Engine::weak": Engine::weak;
    "EngineWeak::upgrade": EngineWeak::upgrade;
    "Engine::config": Engine::config;
    "Engine::increment_epoch": Engine::increment_epoch;
    "Engine::precompile_module": Engine::precompile_module(a(), "");
    "Engine::detect_precompiled": Engine::detect_precompiled;
    "Engine::detect_precompiled_file": Engine::detect_precompiled_file("");

    "Config::wasm_simd": Config::wasm_simd;
    "Config::wasm_proposal": Config::wasm_proposal;
    "Config::wasm_gc": Config::wasm_gc;
    "Config::wasm_function_references": Config::wasm_function_references;
    "Config::wasm_stack_switching": Config::wasm_stack_switching;
    "Config::wasm_shared_everything_threads": Config::wasm_shared_everything_threads;
    "Config::wasm_component_model": Config::wasm_component_model;
    "Config::consume_fuel": Config::consume_fuel;
    "Config::epoch_interruption": Config::epoch_interruption;
    "Config::strategy": Config::strategy;
    "Config::mode": Config::mode;
    "Config::cranelift_opt_level": Config::cranelift_opt_level;
    "Config::tier_options": c().tier_options(fast_jit::Options::QUICK);
    "Config::cranelift_flag_enable": Config::cranelift_flag_enable;
    "Config::target": Config::target;
    "Config::host_stack": Config::host_stack;
    "Config::max_wasm_stack": Config::max_wasm_stack;
    "Config::compilation": Config::compilation;
    "Config::parallel_compilation": c().parallel_compilation(true).parallel_compilation(2);
    "Config::cache": c().cache(a::<Option<Cache>>()).cache("");
    "Cache::new": Cache::new;
    "Cache::from_file": Cache::from_file;
    "CacheConfig::with_directory": CacheConfig::new().with_directory("");
    "CacheConfig::with_files_total_size_soft_limit": CacheConfig::with_files_total_size_soft_limit;
    "Config::signals_based_traps": Config::signals_based_traps;
    "Config::bounds": Config::bounds;
    "Config::memory_reservation": Config::memory_reservation;
    "Config::memory_guard_size": Config::memory_guard_size;
    "Config::memory_init_cow": Config::memory_init_cow;
    "Config::allocation_strategy": c().allocation_strategy(a::<PoolingAllocationConfig>());
    "InstanceAllocationStrategy::Pooling": InstanceAllocationStrategy::Pooling;
    "PoolingAllocationConfig::total_core_instances": PoolingAllocationConfig::total_core_instances;
    "PoolingAllocationConfig::total_memories": PoolingAllocationConfig::total_memories;
    "PoolingAllocationConfig::total_tables": PoolingAllocationConfig::total_tables;
    "PoolingAllocationConfig::max_memory_size": PoolingAllocationConfig::max_memory_size;
    "PoolingAllocationConfig::table_elements": PoolingAllocationConfig::table_elements;
    "PoolingAllocationConfig::memory_protection_keys": PoolingAllocationConfig::memory_protection_keys;
    "PoolingAllocationConfig::are_memory_protection_keys_available":
        PoolingAllocationConfig::are_memory_protection_keys_available;
    "Config::relaxed_simd_deterministic": Config::relaxed_simd_deterministic;
    "Config::coredump_on_trap": Config::coredump_on_trap;
    "Config::debug_info": Config::debug_info;
    "Config::profiler": Config::profiler;
    "Config::monitor": Config::monitor;

    "Module::new": Module::new(a(), "");
    "Module::from_file": Module::from_file(a(), "");
    "Module::from_binary": Module::from_binary;
    "Module::validate": Module::validate;
    "Module::serialize": Module::serialize;
    "Module::deserialize": Module::deserialize as unsafe fn(&Engine, &'static str) -> Result<Module>;
    "Module::deserialize_file": Module::deserialize_file as unsafe fn(&Engine, &'static str) -> Result<Module>;
    "Module::imports": a::<&Module>().imports();
    "Module::exports": a::<&Module>().exports();
    "Module::get_export": Module::get_export;
    "Module::name": Module::name;
    "Module::custom_sections": a::<&Module>().custom_sections();
    "Module::resources_required": Module::resources_required;

    "Store::new": Store::<()>::new;
    "Store::try_new": Store::<()>::try_new;
    "Store::into_data": Store::<()>::into_data;
    "Store::data": Store::<()>::data;
    "Store::data_mut": Store::<()>::data_mut;
    "Store::set_fuel": Store::<()>::set_fuel;
    "Store::get_fuel": Store::<()>::get_fuel;
    "Store::set_epoch_deadline": Store::<()>::set_epoch_deadline;
    "Store::epoch_deadline_trap": Store::<()>::epoch_deadline_trap;
    "Store::epoch_deadline_callback": s().epoch_deadline_callback(|_| Ok(UpdateDeadline::Interrupt));
    "UpdateDeadline::Continue": UpdateDeadline::Continue;
    "UpdateDeadline::Interrupt": UpdateDeadline::Interrupt;
    "Store::limiter": a::<&mut Store<StoreLimits>>().limiter(|limits| limits);
    "ResourceLimiter": resource_limiter::<StoreLimits>;
    "StoreLimitsBuilder::new": StoreLimitsBuilder::new;
    "Store::call_hook": s().call_hook(|_, _| Ok(()));
    "CallHook::CallingHost": CallHook::CallingHost;
    "Store::gc": Store::<()>::gc;
    "Store::take_pending_exception": Store::<()>::take_pending_exception;
    "Store::throw": Store::<()>::throw::<()>;

    "Linker::new": Linker::<()>::new;
    "Linker::define": l().define(s(), "", "", a::<Func>());
    "Linker::define_name": l().define_name(s(), "", a::<Func>());
    "Linker::func_wrap": l().func_wrap("", "", || {});
    "Linker::func_new": l().func_new("", "", a(), |_, _, _| Ok(()));
    "Linker::func_raw": l().func_raw("", "", a(), |_, _| Ok(()));
    "Linker::instance": l().instance(s(), "", a());
    "Linker::module": l().module(s(), "", a());
    "Linker::alias": Linker::<()>::alias;
    "Linker::alias_module": Linker::<()>::alias_module;
    "Linker::allow_shadowing": Linker::<()>::allow_shadowing;
    "Linker::define_unknown_imports_as_traps": Linker::<()>::define_unknown_imports_as_traps;
    "Linker::define_unknown_imports_as_default_values": l().define_unknown_imports_as_default_values(s(), a());
    "Linker::instantiate": l().instantiate(s(), a());
    "Linker::instantiate_pre": Linker::<()>::instantiate_pre;
    "InstancePre::instantiate": a::<&InstancePre<()>>().instantiate(s());
    "Linker::get": l().get(s(), "", "");
    "Linker::get_by_import": l().get_by_import(s(), a());
    "Linker::get_default": l().get_default(s(), "");
    "Linker::iter": l().iter(s());

    "Instance::new": Instance::new(s(), a(), a());
    "Instance::get_export": a::<&Instance>().get_export(s(), "");
    "Instance::get_func": a::<&Instance>().get_func(s(), "");
    "Instance::get_typed_func": a::<&Instance>().get_typed_func::<(), ()>(s(), "");
    "Instance::get_memory": a::<&Instance>().get_memory(s(), "");
    "Instance::get_table": a::<&Instance>().get_table(s(), "");
    "Instance::get_global": a::<&Instance>().get_global(s(), "");
    "Instance::get_tag": a::<&Instance>().get_tag(s(), "");
    "Instance::get_shared_memory": a::<&Instance>().get_shared_memory(s(), "");
    "Instance::exports": a::<&Instance>().exports(s());
    "Instance::module": a::<&Instance>().module(s());

    "Func::wrap": Func::wrap(s(), || {});
    "Func::new": Func::new(s(), a(), |_, _, _| Ok(()));
    "Func::ty": a::<Func>().ty(s());
    "Func::call": a::<Func>().call(s(), a(), a());
    "Func::typed": a::<Func>().typed::<(), ()>(s());
    "TypedFunc::call": a::<TypedFunc<(), ()>>().call(s(), ());
    "TypedFunc::func": TypedFunc::<(), ()>::func;
    "WasmTy": (
        wasm_ty::<i32>, wasm_ty::<u32>, wasm_ty::<i64>, wasm_ty::<u64>, wasm_ty::<f32>, wasm_ty::<f64>, wasm_ty::<V128>,
        wasm_ty::<Option<Func>>, wasm_ty::<Option<Rooted<ExternRef>>>, wasm_ty::<Option<Rooted<ExnRef>>>,
    );
    "WasmResults": (wasm_results::<()>, wasm_results::<i32>, wasm_results::<(i32, V128)>, wasm_results::<[f64; 3]>);
    "Caller::get_export": a::<Caller<'_, ()>>().get_export("");
    "Caller::data": Caller::<'_, ()>::data;
    "Caller::data_mut": Caller::<'_, ()>::data_mut;
    "Caller::get_fuel": Caller::<'_, ()>::get_fuel;
    "Caller::set_fuel": Caller::<'_, ()>::set_fuel;

    "Memory::new": Memory::new(s(), a());
    "Memory::data": a::<Memory>().data(s());
    "Memory::data_mut": a::<Memory>().data_mut(s());
    "Memory::read": a::<Memory>().read(s(), 0, a());
    "Memory::write": a::<Memory>().write(s(), 0, a());
    "Memory::data_and_store_mut": a::<Memory>().data_and_store_mut(s());
    "Memory::size": a::<Memory>().size(s());
    "Memory::data_size": a::<Memory>().data_size(s());
    "Memory::grow": a::<Memory>().grow(s(), 1);
    "Memory::page_size": a::<Memory>().page_size(s());
    "Memory::page_size_log2": a::<Memory>().page_size_log2(s());
    "Memory::data_ptr": a::<Memory>().data_ptr(s());
    "Memory::ty": a::<Memory>().ty(s());
    "SharedMemory::new": SharedMemory::new;
    "SharedMemory::data": SharedMemory::data;
    "SharedMemory::data_size": SharedMemory::data_size;
    "SharedMemory::size": SharedMemory::size;
    "SharedMemory::grow": SharedMemory::grow;
    "SharedMemory::ty": SharedMemory::ty;
    "SharedMemory::atomic_notify": SharedMemory::atomic_notify;
    "SharedMemory::atomic_wait32": SharedMemory::atomic_wait32;
    "SharedMemory::atomic_wait64": SharedMemory::atomic_wait64;

    "Table::new": Table::new(s(), a(), a());
    "Table::get": a::<Table>().get(s(), 0);
    "Table::set": a::<Table>().set(s(), 0, a());
    "Table::grow": a::<Table>().grow(s(), 0, a());
    "Table::size": a::<Table>().size(s());
    "Table::copy": Table::copy(s(), a(), 0, a(), 0, 1);
    "Table::fill": a::<Table>().fill(s(), 0, a(), 1);
    "Table::ty": a::<Table>().ty(s());
    "Global::new": Global::new(s(), a(), a());
    "Global::get": a::<Global>().get(s());
    "Global::set": a::<Global>().set(s(), a());
    "Global::ty": a::<Global>().ty(s());

    "Val::I32": Val::I32;
    "Val::i32": Val::i32;
    "Val::unwrap_i32": Val::unwrap_i32;
    "Val::unwrap_i64": Val::unwrap_i64;
    "Val::unwrap_f32": Val::unwrap_f32;
    "Val::unwrap_f64": Val::unwrap_f64;
    "Val::unwrap_v128": Val::unwrap_v128;
    "Val::funcref": Val::funcref;
    "Val::unwrap_funcref": Val::unwrap_funcref;
    "Val::externref": Val::externref;
    "Val::unwrap_externref": Val::unwrap_externref;
    "Val::exnref": Val::exnref;
    "Val::unwrap_exnref": Val::unwrap_exnref;
    "Val::unwrap_ref": Val::unwrap_ref;
    "Val::ty": Val::ty;
    "Val::default_for_ty": Val::default_for_ty;
    "ExternRef::new": ExternRef::new(s(), 1);
    "ExternRef::data": a::<Rooted<ExternRef>>().data(&*s()).is_ok();
    "ExternRef::data_mut": a::<Rooted<ExternRef>>().data_mut(s()).is_ok();
    "Rooted::ref_eq": Rooted::<ExternRef>::ref_eq(s(), a(), a());
    "Rooted::rooted_eq": Rooted::<ExternRef>::rooted_eq;
    "GcHeapOutOfMemory::take_inner": GcHeapOutOfMemory::<()>::take_inner;
    "Ref::unwrap_func": Ref::unwrap_func;
    "Ref::unwrap_extern": Ref::unwrap_extern;
    "Ref::unwrap_exn": Ref::unwrap_exn;
    "Ref::as_func": Ref::as_func;
    "Ref::is_null": Ref::is_null;
    "Ref::is_non_null": Ref::is_non_null;
    "ExnRef::new": ExnRef::new(s(), a(), a());
    "ExnRef::tag": a::<Rooted<ExnRef>>().tag(s());
    "ExnRef::field": a::<Rooted<ExnRef>>().field(s(), 0);
    "ExnRef::fields": a::<Rooted<ExnRef>>().fields(s());
    "Tag::new": Tag::new(s(), a());
    "RootScope::new": RootScope::new(s());
    "Extern::into_func": Extern::into_func;
    "Extern::into_memory": Extern::into_memory;
    "Extern::into_table": Extern::into_table;
    "Extern::into_global": Extern::into_global;
    "Extern::into_shared_memory": Extern::into_shared_memory;
    "Extern::into_tag": Extern::into_tag;
    "Extern::ty": a::<Extern>().ty(s());

    "FuncType::new": FuncType::new([ValType::I32], []);
    "FuncType::params": FuncType::params;
    "FuncType::results": FuncType::results;
    "FuncType::param": FuncType::param;
    "FuncType::result": FuncType::result;
    "ValType::FUNCREF": ValType::FUNCREF;
    "ValType::EXTERNREF": ValType::EXTERNREF;
    "ValType::EXNREF": ValType::EXNREF;
    "ValType::FuncRef": ValType::FuncRef;
    "RefType::FUNCREF": RefType::FUNCREF;
    "MemoryType::new": MemoryType::new;
    "MemoryType::builder": MemoryType::builder;
    "TableType::new": TableType::new(RefType::FUNCREF, 1, None);
    "TableType::element": TableType::element;
    "GlobalType::new": GlobalType::new;
    "GlobalType::content": GlobalType::content;
    "GlobalType::mutability": GlobalType::mutability;
    "ExternType::func": ExternType::func;
    "ExternType::unwrap_func": ExternType::unwrap_func;
    "ExternType::unwrap_memory": ExternType::unwrap_memory;
    "ExternType::unwrap_table": ExternType::unwrap_table;
    "ExternType::unwrap_global": ExternType::unwrap_global;
    "ExternType::unwrap_tag": ExternType::unwrap_tag;

    "Error": a::<Error>();
    "bail!": bails;
    "ensure!": ensures;
    "format_err!": riser::format_err!("no");
    "error::Context": riser::error::Context::context(a::<Result<()>>(), "no");
    "Trap::OutOfFuel": Trap::OutOfFuel;
    "Trap::UnreachableCodeReached": matches!(a::<Trap>(), Trap::UnreachableCodeReached);
    "Trap::IntegerDivisionByZero": matches!(a::<Trap>(), Trap::IntegerDivisionByZero);
    "Trap::BadSignature": Trap::BadSignature;
    "Trap::IndirectCallToNull": Trap::IndirectCallToNull;
    "Trap::BadConversionToInteger": Trap::BadConversionToInteger;
    "Trap::TableOutOfBounds": Trap::TableOutOfBounds;
    "Trap::UndefinedElement": Trap::UndefinedElement;
    "Trap::message": Trap::message;
    "WasmBacktrace::frames": WasmBacktrace::frames;
    "FrameInfo::func_name": FrameInfo::func_name;
    "FrameInfo::func_index": FrameInfo::func_index;
    "FrameInfo::module_offset": FrameInfo::module_offset;
    "FrameInfo::func_offset": FrameInfo::func_offset;
    "FrameInfo::symbols": FrameInfo::symbols;
    "WasmCoreDump::memories": WasmCoreDump::memories;
    "WasmCoreDump::globals": WasmCoreDump::globals;
    "WasmCoreDump::instances": WasmCoreDump::instances;
    "WasmCoreDump::modules": WasmCoreDump::modules;
    "WasmCoreDump::frames": WasmCoreDump::frames;
    "WasmCoreDump::serialize": a::<WasmCoreDump>().serialize(s(), "");
    "UnknownImportError::name": UnknownImportError::name;

    "Func::call_async": drop(a::<Func>().call_async(s(), a(), a()));
    "TypedFunc::call_async": drop(a::<TypedFunc<(), ()>>().call_async(s(), ()));
    "Func::wrap_async": Func::wrap_async(s(), |_: Caller<'_, ()>, ()| Box::new(std::future::ready(())));
    "Func::new_async": Func::new_async(s(), a(), |_, _, _| Box::new(std::future::ready(Ok(()))));
    "Linker::func_wrap_async": l().func_wrap_async("", "", |_: Caller<'_, ()>, ()| Box::new(std::future::ready(())));
    "Linker::func_new_async": l().func_new_async("", "", a(), |_, _, _| Box::new(std::future::ready(Ok(()))));
    "Linker::instantiate_async": drop(l().instantiate_async(s(), a()));
    "InstancePre::instantiate_async": drop(a::<InstancePre<()>>().instantiate_async(s()));
    "Instance::new_async": drop(Instance::new_async(s(), a(), a()));
    "Store::fuel_async_yield_interval": s().fuel_async_yield_interval(a());
    "Store::epoch_deadline_async_yield_and_update": s().epoch_deadline_async_yield_and_update(1);
    "UpdateDeadline::Yield": UpdateDeadline::Yield;
    "Config::async_support": c().async_support(true);
    "Func::call_resumable": a::<Func>().call_resumable(s(), a(), a());
    "TypedFunc::call_resumable": a::<TypedFunc<(), ()>>().call_resumable(s(), ());
    "ResumableCall::Finished": ResumableCall::Finished;
    "ResumableCall::HostTrap": ResumableCall::HostTrap;
    "TypedResumableCall::Finished": TypedResumableCall::Finished(());
    "TypedResumableCall::HostTrap": TypedResumableCall::<()>::HostTrap;
    "ResumableCall::OutOfFuel": ResumableCall::OutOfFuel;
    "TypedResumableCall::OutOfFuel": TypedResumableCall::<()>::OutOfFuel;
    "ResumableCallOutOfFuel::required_fuel": ResumableCallOutOfFuel::required_fuel;
    "ResumableCallOutOfFuel::resume": a::<ResumableCallOutOfFuel>().resume(s(), a());
    "TypedResumableCallOutOfFuel::required_fuel": TypedResumableCallOutOfFuel::<()>::required_fuel;
    "TypedResumableCallOutOfFuel::resume": a::<TypedResumableCallOutOfFuel<()>>().resume(s());
    "ResumableCallHostTrap::host_error": ResumableCallHostTrap::host_error;
    "ResumableCallHostTrap::into_host_error": ResumableCallHostTrap::into_host_error;
    "ResumableCallHostTrap::host_func": ResumableCallHostTrap::host_func;
    "ResumableCallHostTrap::resume": a::<ResumableCallHostTrap>().resume(s(), a(), a());
    "TypedResumableCallHostTrap::resume": a::<TypedResumableCallHostTrap<()>>().resume(s(), a());

    "wasi::WasiCtx::builder": wasi::WasiCtx::builder;
    "wasi::WasiCtxBuilder::build": wasi::WasiCtxBuilder::build;
    "wasi::WasiCtxBuilder::build_p1": wasi::WasiCtxBuilder::build_p1;
    "wasi::WasiCtxBuilder::inherit_stdio": wasi::WasiCtxBuilder::inherit_stdio;
    "wasi::WasiCtxBuilder::inherit_args": wasi::WasiCtxBuilder::inherit_args;
    "wasi::WasiCtxBuilder::inherit_env": wasi::WasiCtxBuilder::inherit_env;
    "wasi::WasiCtxBuilder::arg": wasi::WasiCtxBuilder::new().arg("");
    "wasi::WasiCtxBuilder::args": wasi::WasiCtxBuilder::new().args(&[""]);
    "wasi::WasiCtxBuilder::env": wasi::WasiCtxBuilder::new().env("", "");
    "wasi::WasiCtxBuilder::envs": wasi::WasiCtxBuilder::new().envs(&[("", "")]);
    "wasi::WasiCtxBuilder::preopened_dir": wasi::WasiCtxBuilder::new().preopened_dir("", "", wasi::DirPerms::READ, wasi::FilePerms::READ).is_ok();
    "wasi::p1::add_to_linker_sync": wasi::p1::add_to_linker_sync(a::<&mut Linker<wasi::p1::WasiP1Ctx>>(), |ctx| ctx);
    "wasi::add_to_linker": wasi::add_to_linker(a::<&mut Linker<wasi::WasiCtx>>(), |ctx| ctx);
    "wasi::DirPerms::READ": wasi::DirPerms::READ;
    "wasi::FilePerms::READ": wasi::FilePerms::READ;
    "wasi::Exit": wasi::Exit;
}
