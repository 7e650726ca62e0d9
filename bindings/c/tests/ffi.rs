//! The functions by their names, as C calls them. `tests/installed.rs` has the rest, with programs in C.

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

use riser_c_api as _;

/// A vector of C's.
#[repr(C)]
struct Vector<T> {
    size: usize,
    data: *mut T,
}

/// `wasm_val_t`, of which these tests know integers.
#[repr(C)]
#[derive(Clone, Copy)]
struct Val {
    kind: u8,
    of: u64,
}

/// Whatever C has pointers to.
type Object = *mut c_void;
type Callback =
    unsafe extern "C" fn(env: Object, caller: Object, args: *const Vector<Val>, results: *mut Vector<Val>) -> Object;

unsafe extern "C" {
    fn wasm_engine_new() -> Object;
    fn wasm_engine_delete(engine: Object);
    fn wasm_store_new(engine: Object) -> Object;
    fn wasm_store_delete(store: Object);
    fn wasm_valtype_new(kind: u8) -> Object;
    fn wasm_valtype_vec_new(out: *mut Vector<Object>, size: usize, items: *const Object);
    fn wasm_functype_new(params: *mut Vector<Object>, results: *mut Vector<Object>) -> Object;
    fn wasm_functype_delete(ty: Object);
    fn wasm_ref_delete(object: Object);
    fn wasm_extern_as_func(item: Object) -> Object;
    fn wasm_extern_as_memory(item: Object) -> Object;
    fn wasm_byte_vec_delete(vec: *mut Vector<c_char>);
    fn wasm_trap_trace(trap: Object, out: *mut Vector<Object>);
    fn wasm_frame_vec_delete(vec: *mut Vector<Object>);
    fn wasm_frame_instance(frame: Object) -> Object;
    fn wasm_instance_same(one: Object, other: Object) -> bool;
    fn wasm_module_new(store: Object, binary: *const Vector<c_char>) -> Object;
    fn riser_module_new(engine: Object, bytes: *const c_char, len: usize, out: *mut Object) -> Object;
    fn riser_func_call(func: Object, args: *const Vector<Val>, results: *mut Vector<Val>) -> Object;
    fn riser_error_message(error: Object, out: *mut Vector<c_char>);
    fn riser_error_as_trap(error: Object) -> Object;
    fn riser_error_delete(error: Object);
    fn wasm_trap_set_host_info_with_finalizer(
        trap: Object,
        data: *mut c_void,
        finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
    );
    fn wasm_config_new() -> Object;
    fn riser_config_dispatch_set(config: Object, strategy: *const c_char) -> Object;
    fn wasm_engine_new_with_config(config: Object) -> Object;
    fn riser_counter_new() -> Object;
    fn riser_counter_delete(counter: Object);
    fn riser_store_count_instructions(store: Object, counter: Object) -> Object;
    fn riser_wasi_config_new() -> Object;
    fn riser_wasi_config_stdout_callback(
        config: Object,
        write: unsafe extern "C" fn(env: *mut c_void, bytes: *const u8, len: usize) -> bool,
        env: *mut c_void,
        finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
    );
    fn riser_store_set_wasi(store: Object, config: Object) -> Object;
    fn riser_linker_define_wasi(linker: Object) -> Object;
    fn riser_trap_code(trap: Object) -> u8;
    fn riser_trap_new(message: *const c_char, len: usize) -> Object;
    fn riser_caller_store(caller: Object) -> Object;
    fn riser_store_tell_endings(store: Object);
    fn riser_store_end_callback(store: Object, trap: Object);
    fn riser_func_new(
        store: Object,
        ty: Object,
        callback: Callback,
        env: *mut c_void,
        finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
    ) -> Object;
    fn riser_caller_export_get(caller: Object, name: *const c_char, len: usize) -> Object;
    fn riser_instance_export_get(instance: Object, name: *const c_char, len: usize) -> Object;
    fn riser_instance_set_mode(instance: Object, mode: *const c_char) -> Object;
    fn riser_instance_mode(instance: Object) -> *const c_char;
    fn riser_is_mode_supported(mode: *const c_char) -> bool;
    fn riser_mode_name(index: usize) -> *const c_char;
    fn riser_linker_new(engine: Object) -> Object;
    fn riser_linker_delete(linker: Object);
    fn riser_linker_define_func(
        linker: Object,
        module: *const c_char,
        module_len: usize,
        name: *const c_char,
        name_len: usize,
        ty: Object,
        callback: Callback,
        env: *mut c_void,
        finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
    ) -> Object;
    fn riser_linker_define_module(
        linker: Object,
        store: Object,
        name: *const c_char,
        name_len: usize,
        module: Object,
    ) -> Object;
    fn riser_linker_instantiate(linker: Object, store: Object, module: Object, out: *mut Object) -> Object;
}

/// The message of an error, which is deleted.
fn message(error: Object) -> String {
    assert!(!error.is_null(), "there is no error");
    let mut vec = Vector { size: 0, data: ptr::null_mut() };
    // SAFETY: the error is owned; the message ends with a null byte.
    unsafe {
        riser_error_message(error, &raw mut vec);
        let text = CStr::from_ptr(vec.data).to_str().expect("messages are text").to_owned();
        wasm_byte_vec_delete(&raw mut vec);
        riser_error_delete(error);
        text
    }
}

/// Checks that there is no error.
fn check(error: Object) {
    assert!(error.is_null(), "{}", message(error));
}

/// The type of a function from an `i32` to an `i32`.
fn number_to_number() -> Object {
    // SAFETY: the vectors are owned by the type.
    unsafe {
        let [mut params, mut results] = [(); 2].map(|()| Vector { size: 0, data: ptr::null_mut() });
        for vec in [&mut params, &mut results] {
            let ty = wasm_valtype_new(0);
            wasm_valtype_vec_new(vec, 1, &raw const ty);
        }
        wasm_functype_new(&raw mut params, &raw mut results)
    }
}

/// Calls a function from an `i32` to an `i32`.
unsafe fn call(func: Object, number: u32) -> Result<u32, Object> {
    let (mut arg, mut result) = (Val { kind: 0, of: u64::from(number) }, Val { kind: 9, of: 0 });
    let args = Vector { size: 1, data: &raw mut arg };
    let mut results = Vector { size: 1, data: &raw mut result };
    // SAFETY: the function is alive, and has one parameter and one result.
    let error = unsafe { riser_func_call(func, &raw const args, &raw mut results) };
    if !error.is_null() {
        return Err(error);
    }
    assert_eq!(result.kind, 0, "the result is an i32");
    Ok(result.of as u32)
}

/// The module with a text.
unsafe fn module_of(engine: Object, text: &str) -> Object {
    let mut module = ptr::null_mut();
    // SAFETY: the engine is alive.
    check(unsafe { riser_module_new(engine, text.as_ptr().cast(), text.len(), &raw mut module) });
    module
}

/// An instance of a module, with a linker's definitions.
unsafe fn instantiate(linker: Object, store: Object, module: Object) -> Object {
    let mut instance = ptr::null_mut();
    // SAFETY: all three are alive.
    check(unsafe { riser_linker_instantiate(linker, store, module, &raw mut instance) });
    instance
}

/// The names of the modes that this build has.
fn modes() -> impl Iterator<Item = *const c_char> {
    // SAFETY: any index has a name, or null.
    let all = (0..).map(|index| unsafe { riser_mode_name(index) }).take_while(|mode| !mode.is_null());
    // SAFETY: it is a text.
    all.filter(|mode| unsafe { riser_is_mode_supported(*mode) })
}

/// Doubles numbers, refuses negative ones, and counts its calls.
unsafe extern "C" fn double(
    env: Object,
    caller: Object,
    args: *const Vector<Val>,
    results: *mut Vector<Val>,
) -> Object {
    // SAFETY: the function has one parameter and one result, and the environment is a counter.
    unsafe {
        *env.cast::<u32>() += 1;
        let memory = riser_caller_export_get(caller, c"memory".as_ptr(), 6);
        assert!(!wasm_extern_as_memory(memory).is_null() && wasm_extern_as_func(memory).is_null());
        wasm_ref_delete(memory);
        let number = (*(*args).data).of as i32;
        if number < 0 {
            return riser_trap_new(c"negative".as_ptr(), 8);
        }
        *(*results).data = Val { kind: 0, of: (number * 2) as u64 };
        ptr::null_mut()
    }
}

unsafe extern "C" fn finalize(env: *mut c_void) {
    // SAFETY: the environment is a counter.
    unsafe { *env.cast::<u32>() += 100 };
}

const MODULE: &str = r#"
    (module
      (import "host" "double" (func $double (param i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "f") (param i32) (result i32) (i32.div_s (call $double (local.get 0)) (local.get 0))))
"#;

#[test]
fn a_program_in_every_mode() {
    let mut count = 0_u32;
    // SAFETY: every object is used as the headers say.
    unsafe {
        let engine = wasm_engine_new();
        let store = wasm_store_new(engine);
        let module = module_of(engine, MODULE);

        let ty = number_to_number();
        let linker = riser_linker_new(engine);
        let (host, name) = (c"host".as_ptr(), c"double".as_ptr());
        let env = (&raw mut count).cast();
        check(riser_linker_define_func(linker, host, 4, name, 6, ty, double, env, Some(finalize)));
        let twice = riser_linker_define_func(linker, host, 4, name, 6, ty, double, env, None);
        assert_eq!(message(twice), "import of `host::double` defined twice");
        wasm_functype_delete(ty);

        let mut tried = 0;
        for mode in modes() {
            tried += 1;
            let instance = instantiate(linker, store, module);
            check(riser_instance_set_mode(instance, mode));
            assert_eq!(CStr::from_ptr(riser_instance_mode(instance)), CStr::from_ptr(mode));
            let func = wasm_extern_as_func(riser_instance_export_get(instance, c"f".as_ptr(), 1));

            assert_eq!(call(func, 21).ok(), Some(2));
            let error = call(func, 0).expect_err("a division by zero");
            let trap = riser_error_as_trap(error);
            riser_error_delete(error);
            assert_eq!(riser_trap_code(trap), 7);
            let mut frames = Vector { size: 0, data: ptr::null_mut() };
            wasm_trap_trace(trap, &raw mut frames);
            assert_eq!(frames.size, 1);
            // Of several instances of a module, only the register interpreter tells which one it is. It is never another one.
            let of_frame = wasm_frame_instance(*frames.data);
            let is_known = tried == 1 || CStr::from_ptr(mode) == c"interp";
            assert!(wasm_instance_same(of_frame, instance) || of_frame.is_null() && !is_known);
            wasm_frame_vec_delete(&raw mut frames);
            wasm_ref_delete(trap);
            assert_eq!(message(call(func, u32::MAX).expect_err("a trap of the host")), "negative");
            wasm_ref_delete(func);
            wasm_ref_delete(instance);
        }
        assert!(tried >= 2, "there are {tried} modes");
        // The finalizer of the function that was not defined is null.
        assert_eq!(count, 3 * tried);

        wasm_ref_delete(module);
        riser_linker_delete(linker);
        assert_eq!(count, 3 * tried, "the store has the function");
        wasm_store_delete(store);
        wasm_engine_delete(engine);
        assert_eq!(count, 3 * tried + 100);
    }
}

/// Says how it ends by a call, if its argument is not 0, and returns what is no trap. With 2, it is called once more meanwhile.
unsafe extern "C" fn end(env: Object, caller: Object, args: *const Vector<Val>, results: *mut Vector<Val>) -> Object {
    // SAFETY: the function has one parameter and one result, and the environment is the function.
    unsafe {
        // Of the value's eight bytes, an `i32` has four.
        let (store, number) = (riser_caller_store(caller), (*(*args).data).of as u32);
        let func = *env.cast::<Object>();
        if number == 2 {
            check(riser_func_call(func, &Vector { size: 1, data: &mut Val { kind: 0, of: 1 } }, results));
            let error = riser_func_call(func, &Vector { size: 1, data: &mut Val { kind: 0, of: 0 } }, results);
            assert!(message(error).contains("has ended without"), "it has said nothing");
        }
        *(*results).data = Val { kind: 0, of: u64::from(number) + 10 };
        match number {
            0 => {}
            3 => riser_store_end_callback(store, riser_trap_new(c"three".as_ptr(), 5)),
            _ => riser_store_end_callback(store, ptr::null_mut()),
        }
        ptr::without_provenance_mut(3)
    }
}

#[test]
fn what_callbacks_return_does_not_matter_if_they_say_how_they_end() {
    // SAFETY: every object is used as the headers say.
    unsafe {
        let engine = wasm_engine_new();
        let store = wasm_store_new(engine);
        riser_store_tell_endings(store);
        let ty = number_to_number();
        let mut itself: Object = ptr::null_mut();
        let func = riser_func_new(store, ty, end, (&raw mut itself).cast(), None);
        itself = func;
        wasm_functype_delete(ty);
        let call = |number| call(func, number).map_err(message);
        assert_eq!([call(1), call(2)], [Ok(11), Ok(12)]);
        assert_eq!(call(3), Err("three".to_owned()));
        let untold = call(0).expect_err("it says nothing");
        assert_eq!(untold, "a callback has ended without `riser_store_end_callback`");
        assert_eq!(call(1), Ok(11));
        wasm_ref_delete(itself);
        wasm_store_delete(store);
        wasm_engine_delete(engine);
    }
}

/// What a host function does to the linker that it came from, and what the function's environment is.
struct FromWithin {
    linker: Object,
    ty: Object,
    /// What defining something said, if that was an error.
    said: Option<String>,
    deletes: bool,
}

unsafe extern "C" fn change_linker(
    env: Object,
    _: Object,
    args: *const Vector<Val>,
    results: *mut Vector<Val>,
) -> Object {
    // SAFETY: the function has one parameter and one result, and the environment is alive.
    unsafe {
        let within = &mut *env.cast::<FromWithin>();
        let (module, name) = (c"later".as_ptr(), c"f".as_ptr());
        let error = riser_linker_define_func(
            within.linker,
            module,
            5,
            name,
            1,
            within.ty,
            change_linker,
            ptr::null_mut(),
            None,
        );
        within.said = (!error.is_null()).then(|| message(error));
        if within.deletes {
            riser_linker_delete(within.linker);
        }
        *(*results).data = *(*args).data;
        ptr::null_mut()
    }
}

/// Host functions run while a linker makes instances.
#[test]
fn a_linker_is_used_and_deleted_from_within() {
    const STARTS: &str = r#"
        (module
            (import "host" "f" (func $f (param i32) (result i32)))
            (func $start (drop (call $f (i32.const 1))))
            (start $start))
    "#;
    const REACTOR: &str = r#"
        (module
            (import "host" "f" (func $f (param i32) (result i32)))
            (func (export "_initialize") (drop (call $f (i32.const 1))))
            (func (export "g")))
    "#;
    for deletes in [false, true] {
        // SAFETY: every object is used as the headers say.
        unsafe {
            let engine = wasm_engine_new();
            let store = wasm_store_new(engine);
            let ty = number_to_number();
            let modules = [STARTS, REACTOR].map(|text| module_of(engine, text));
            for (is_reactor, module) in [false, true].into_iter().zip(modules) {
                let linker = riser_linker_new(engine);
                let mut within = FromWithin { linker, ty, said: None, deletes };
                let (host, name) = (c"host".as_ptr(), c"f".as_ptr());
                let env = (&raw mut within).cast();
                check(riser_linker_define_func(linker, host, 4, name, 1, ty, change_linker, env, None));
                let mut instance = ptr::null_mut();
                if is_reactor {
                    check(riser_linker_define_module(linker, store, c"reactor".as_ptr(), 7, module));
                    assert_eq!(within.said.as_deref(), Some("the linker is in use"));
                } else {
                    check(riser_linker_instantiate(linker, store, module, &raw mut instance));
                    assert_eq!(within.said, None);
                }
                wasm_ref_delete(instance);
                if !deletes {
                    let env = (&raw mut within).cast();
                    let twice = riser_linker_define_func(linker, host, 4, name, 1, ty, change_linker, env, None);
                    assert!(message(twice).contains("defined twice"));
                    riser_linker_delete(linker);
                }
                wasm_ref_delete(module);
            }
            wasm_functype_delete(ty);
            wasm_store_delete(store);
            wasm_engine_delete(engine);
        }
    }
}

/// Functions of a guest, and how often the finalizer has been called that uses them.
struct Guest {
    throw: Object,
    fill: Object,
    ended: u32,
}

/// Ends in an exception of the guest's, as a trap with a finalizer.
unsafe extern "C" fn pass_on(env: Object, _: Object, _: *const Vector<Val>, _: *mut Vector<Val>) -> Object {
    // SAFETY: the environment is a guest that is alive.
    unsafe {
        let error = call((*env.cast::<Guest>()).throw, 0).expect_err("it throws");
        let trap = riser_error_as_trap(error);
        riser_error_delete(error);
        wasm_trap_set_host_info_with_finalizer(trap, env, Some(use_store));
        trap
    }
}

/// Uses much of the store's stack.
unsafe extern "C" fn use_store(env: *mut c_void) {
    // SAFETY: as above.
    unsafe {
        let guest = env.cast::<Guest>();
        (*guest).ended += 1;
        assert_eq!(call((*guest).fill, 20).ok(), Some(0));
    }
}

/// The engine drops the error of an exception in the middle of the code that has caught it. What C attached ends later.
#[test]
fn a_finalizer_of_a_trap_uses_the_store_when_no_code_is_in_the_middle_of_it() {
    const CATCHES: &str = r#"
        (module
            (import "host" "f" (func $f (param i32) (result i32)))
            (tag $t)
            (func (export "throw") (param i32) (result i32) (throw $t))
            (func $fill (export "fill") (param i32) (result i32)
                (local i32 i32 i32 i32)
                (local.set 1 (local.get 0))
                (local.set 2 (local.get 0))
                (local.set 3 (local.get 0))
                (local.set 4 (local.get 0))
                (if (result i32) (local.get 0)
                    (then (call $fill (i32.sub (local.get 0) (i32.const 1))))
                    (else (i32.add (local.get 1) (i32.add (local.get 2) (i32.add (local.get 3) (local.get 4)))))))
            (func $once (param i32) (result i32)
                (local i32)
                (local.set 1 (i32.const 1000))
                (block $h (try_table (catch_all $h) (drop (call $f (local.get 0)))))
                (i32.add (local.get 0) (local.get 1)))
            (func (export "run") (param i32) (result i32)
                (i32.add (call $once (local.get 0)) (call $once (local.get 0)))))
    "#;
    // SAFETY: every object is used as the headers say.
    unsafe {
        let engine = wasm_engine_new();
        for mode in modes() {
            let store = wasm_store_new(engine);
            let module = module_of(engine, CATCHES);
            let mut guest = Guest { throw: ptr::null_mut(), fill: ptr::null_mut(), ended: 0 };
            let env = (&raw mut guest).cast::<c_void>();
            let (linker, ty) = (riser_linker_new(engine), number_to_number());
            check(riser_linker_define_func(linker, c"host".as_ptr(), 4, c"f".as_ptr(), 1, ty, pass_on, env, None));
            let instance = instantiate(linker, store, module);
            check(riser_instance_set_mode(instance, mode));
            let run = riser_instance_export_get(instance, c"run".as_ptr(), 3);
            guest.throw = riser_instance_export_get(instance, c"throw".as_ptr(), 5);
            guest.fill = riser_instance_export_get(instance, c"fill".as_ptr(), 4);
            let result = call(run, 7).map_err(message);
            assert_eq!((result, (*env.cast::<Guest>()).ended), (Ok(2014), 2), "{:?}", CStr::from_ptr(mode));
            for object in [run, guest.throw, guest.fill, instance, module] {
                wasm_ref_delete(object);
            }
            wasm_functype_delete(ty);
            riser_linker_delete(linker);
            wasm_store_delete(store);
        }
        wasm_engine_delete(engine);
    }
}

unsafe extern "C" fn write_nowhere(_: *mut c_void, _: *const u8, _: usize) -> bool {
    true
}

/// A guest that closes a stream is in a call that works on its memory and on its WASI state.
#[test]
fn a_finalizer_of_a_stream_is_not_called_when_the_guest_closes_it() {
    const CLOSES: &str = r#"
        (module
            (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
            (memory (export "memory") 1)
            (func (export "run") (param i32) (result i32) (call $close (local.get 0))))
    "#;
    let mut count = 0_u32;
    // SAFETY: every object is used as the headers say.
    unsafe {
        let engine = wasm_engine_new();
        let store = wasm_store_new(engine);
        let module = module_of(engine, CLOSES);
        let config = riser_wasi_config_new();
        riser_wasi_config_stdout_callback(config, write_nowhere, (&raw mut count).cast(), Some(finalize));
        check(riser_store_set_wasi(store, config));
        let linker = riser_linker_new(engine);
        check(riser_linker_define_wasi(linker));
        let instance = instantiate(linker, store, module);
        let run = riser_instance_export_get(instance, c"run".as_ptr(), 3);
        assert_eq!((call(run, 1).ok(), count), (Some(0), 0));
        check(riser_store_set_wasi(store, riser_wasi_config_new()));
        assert_eq!(count, 100);
        for object in [run, instance, module] {
            wasm_ref_delete(object);
        }
        riser_linker_delete(linker);
        wasm_store_delete(store);
        wasm_engine_delete(engine);
    }
}

/// Has the store's instructions counted by another counter, and doubles its argument.
unsafe extern "C" fn count_anew(
    env: Object,
    caller: Object,
    args: *const Vector<Val>,
    results: *mut Vector<Val>,
) -> Object {
    // SAFETY: the function has one parameter and one result, and the environment is a counter.
    unsafe {
        let error = riser_store_count_instructions(riser_caller_store(caller), env);
        assert!(message(error).contains("where no code of the store runs"));
        *(*results).data = Val { kind: 0, of: (*(*args).data).of * 2 };
        ptr::null_mut()
    }
}

/// Code that is counted has a place in its counter.
#[test]
fn a_counter_is_not_replaced_while_code_runs() {
    // SAFETY: every object is used as the headers say.
    unsafe {
        let config = wasm_config_new();
        check(riser_config_dispatch_set(config, c"profile".as_ptr()));
        let engine = wasm_engine_new_with_config(config);
        let store = wasm_store_new(engine);
        let counter = riser_counter_new();
        let module = module_of(engine, MODULE);
        let (linker, ty) = (riser_linker_new(engine), number_to_number());
        let (host, name) = (c"host".as_ptr(), c"double".as_ptr());
        check(riser_linker_define_func(linker, host, 4, name, 6, ty, count_anew, counter, None));
        let instance = instantiate(linker, store, module);
        check(riser_store_count_instructions(store, counter));
        let func = riser_instance_export_get(instance, c"f".as_ptr(), 1);
        assert_eq!(call(func, 21).ok(), Some(2));
        check(riser_store_count_instructions(store, counter));
        for object in [func, instance, module] {
            wasm_ref_delete(object);
        }
        wasm_functype_delete(ty);
        riser_linker_delete(linker);
        riser_counter_delete(counter);
        wasm_store_delete(store);
        wasm_engine_delete(engine);
    }
}

#[test]
fn null_and_nonsense_are_errors() {
    // SAFETY: null may be passed anywhere, and errors are owned.
    unsafe {
        assert!(wasm_store_new(ptr::null_mut()).is_null());
        assert!(wasm_module_new(ptr::null_mut(), ptr::null()).is_null());
        wasm_ref_delete(ptr::null_mut());
        assert_eq!(message(riser_func_call(ptr::null_mut(), ptr::null(), ptr::null_mut())), "this is no function");
        let engine = wasm_engine_new();
        let mut module = engine;
        let error = riser_module_new(engine, c"(module".as_ptr(), 7, &raw mut module);
        assert!(message(error).contains("expected"), "a reason");
        assert!(module.is_null());
        let error = riser_module_new(ptr::null_mut(), c"(module)".as_ptr(), 8, ptr::null_mut());
        assert_eq!(message(error), "the engine is null");
        assert!(!riser_is_mode_supported(ptr::null()) && !riser_is_mode_supported(c"warp".as_ptr()));
        wasm_engine_delete(engine);
    }
}

/// The trap codes that a text has, as `UNREACHABLE = 1` with something before it.
fn trap_codes(text: &str, before: &str) -> Vec<(String, u8)> {
    let lines =
        text.lines().filter_map(|line| line.trim().strip_prefix(before)?.trim_end_matches(',').split_once(" = "));
    lines.filter_map(|(name, code)| Some((name.to_owned(), code.parse().ok()?))).collect()
}

#[test]
fn trap_codes_are_those_of_the_engine() {
    let screaming = |name: String| {
        let words = name
            .chars()
            .map(|it| if it.is_ascii_uppercase() { format!("_{it}") } else { it.to_uppercase().to_string() });
        words.collect::<String>().trim_start_matches('_').to_owned()
    };
    let known: Vec<(String, u8)> =
        riser::Trap::ALL.iter().map(|code| (screaming(format!("{code:?}")), *code as u8)).collect();
    assert_eq!(trap_codes(include_str!("../include/riser.h"), "RISER_TRAP_"), known);
    let python = include_str!("../../python/riser/_errors.py");
    let python = python.split("class TrapCode").nth(1).and_then(|it| it.split("\n@dataclass").next());
    assert_eq!(trap_codes(python.expect("the class is there"), ""), known);
}
