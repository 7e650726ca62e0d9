//! Examples of what safe code must not be able to write. They do not compile; beside each is one that compiles, and
//! differs in a word.

/// `name: "Type"`: `Type<T>` and `Type<U>` are different types, even if one of `T` and `U` is a subtype of the other.
/// Otherwise host functions made for a `T` would run on a `U`.
macro_rules! invariant {
    ($($name:ident: $Type:literal;)*) => {$(
        #[doc = concat!(
            "```\n",
            "type General = for<'a> fn(&'a str);\n",
            "fn same<'s>(it: riser_vm::", $Type, "General>) -> riser_vm::", $Type, "General> { it }\n",
            "```\n",
            "```compile_fail,E0308\n",
            "type General = for<'a> fn(&'a str);\n",
            "type Special = fn(&'static str);\n",
            "fn same<'s>(it: riser_vm::", $Type, "General>) -> riser_vm::", $Type, "Special> { it }\n",
            "```\n",
            "```compile_fail,E0308\n",
            "type General = for<'a> fn(&'a str);\n",
            "type Special = fn(&'static str);\n",
            "fn same<'s>(it: riser_vm::", $Type, "Special>) -> riser_vm::", $Type, "General> { it }\n",
            "```\n",
        )]
        mod $name {}
    )*};
}

invariant! {
    store: "Store<";
    store_context: "StoreContext<'s, ";
    store_context_mut: "StoreContextMut<'s, ";
    caller: "Caller<'s, ";
    linker: "Linker<";
    instance_pre: "InstancePre<";
}

/// `name: CODE, "what compiles", "what does not";`
macro_rules! bounds {
    ($($name:ident: $code:literal, $good:literal, $bad:literal;)*) => {$(
        #[doc = concat!(
            "```\n", "fn send<T: Send>() {}\nfn sync<T: Sync>() {}\n", $good, "\n```\n",
            "```compile_fail,", $code, "\n", "fn send<T: Send>() {}\nfn sync<T: Sync>() {}\n", $bad, "\n```\n",
        )]
        mod $name {}
    )*};
}

bounds! {
    a_store_goes_to_another_thread_if_its_data_may: "E0277",
        "send::<riser_vm::Store<std::cell::Cell<i32>>>();",
        "send::<riser_vm::Store<std::rc::Rc<i32>>>();";
    a_store_is_shared_between_threads_if_its_data_may: "E0277",
        "sync::<riser_vm::Store<std::sync::Mutex<i32>>>();",
        "sync::<riser_vm::Store<std::cell::Cell<i32>>>();";
    a_caller_goes_to_another_thread_if_the_data_may: "E0277",
        "send::<riser_vm::Caller<'static, std::cell::Cell<i32>>>();",
        "send::<riser_vm::Caller<'static, std::rc::Rc<i32>>>();";
    a_caller_is_shared_between_threads_if_the_data_may: "E0277",
        "sync::<riser_vm::Caller<'static, std::sync::Mutex<i32>>>();",
        "sync::<riser_vm::Caller<'static, std::cell::Cell<i32>>>();";
    a_borrow_goes_to_another_thread_if_the_data_may: "E0277",
        "send::<riser_vm::StoreContextMut<'static, std::cell::Cell<i32>>>();",
        "send::<riser_vm::StoreContextMut<'static, std::rc::Rc<i32>>>();";
    a_shared_borrow_goes_to_another_thread_if_the_data_is_shared: "E0277",
        "send::<riser_vm::StoreContext<'static, std::sync::Mutex<i32>>>();",
        "send::<riser_vm::StoreContext<'static, std::cell::Cell<i32>>>();";
    host_functions_may_be_sent: "E0277",
        "let it = std::sync::Mutex::new(1);
         riser_vm::Linker::<()>::new(&Default::default()).func_wrap(\"\", \"\", move || { let _ = &it; });",
        "let it = std::rc::Rc::new(1);
         riser_vm::Linker::<()>::new(&Default::default()).func_wrap(\"\", \"\", move || { let _ = &it; });";
    host_functions_may_be_shared: "E0277",
        "let it = std::sync::Mutex::new(1);
         riser_vm::Func::wrap(riser_vm::Store::<()>::default(), move || { let _ = &it; });",
        "let it = std::cell::Cell::new(1);
         riser_vm::Func::wrap(riser_vm::Store::<()>::default(), move || { let _ = &it; });";
    host_functions_borrow_nothing: "E0597",
        "static IT: i32 = 1;
         let it = &IT;
         riser_vm::Func::wrap(riser_vm::Store::<()>::default(), move || { let _ = &it; });",
        "let it = 1;
         let it = &it;
         riser_vm::Func::wrap(riser_vm::Store::<()>::default(), move || { let _ = &it; });";
    host_values_may_be_shared: "E0277",
        "riser_vm::ExternRef::new(riser_vm::Store::<()>::default(), std::sync::Mutex::new(1));",
        "riser_vm::ExternRef::new(riser_vm::Store::<()>::default(), std::cell::Cell::new(1));";
}

/// The same of calls that are futures. That a future cannot be sent is an error without a code.
#[cfg(feature = "async")]
mod futures {
    bounds! {
        a_call_goes_to_another_thread_if_the_data_may: "E0277",
            "fn is_send<T: Send>(_: T) {}
             fn call(f: riser_vm::TypedFunc<(), ()>, s: &mut riser_vm::Store<std::cell::Cell<i32>>) { is_send(f.call_async(s, ())) }",
            "fn is_send<T: Send>(_: T) {}
             fn call(f: riser_vm::TypedFunc<(), ()>, s: &mut riser_vm::Store<std::rc::Rc<i32>>) { is_send(f.call_async(s, ())) }";
        a_call_borrows_its_store: "E0499",
            "fn call(f: riser_vm::TypedFunc<(), ()>, s: &mut riser_vm::Store<i32>) { let it = f.call_async(&mut *s, ()); drop(it); s.data_mut(); }",
            "fn call(f: riser_vm::TypedFunc<(), ()>, s: &mut riser_vm::Store<i32>) { let it = f.call_async(&mut *s, ()); s.data_mut(); drop(it); }";
        a_future_of_the_host_may_be_sent: "",
            "riser_vm::Func::wrap_async(riser_vm::Store::<()>::default(), |_: riser_vm::Caller<'_, ()>, (): ()| {
                 let it = std::sync::Arc::new(1);
                 Box::new(async move { std::future::ready(()).await; drop(it) })
             });",
            "riser_vm::Func::wrap_async(riser_vm::Store::<()>::default(), |_: riser_vm::Caller<'_, ()>, (): ()| {
                 let it = std::rc::Rc::new(1);
                 Box::new(async move { std::future::ready(()).await; drop(it) })
             });";
        a_caller_stays_within_the_future_of_the_host: "E0521",
            "static KEPT: std::sync::Mutex<Option<i32>> = std::sync::Mutex::new(None);
             riser_vm::Func::wrap_async(riser_vm::Store::<()>::default(), |it: riser_vm::Caller<'_, ()>, (): ()| {
                 Box::new(async move { let () = *it.data(); *KEPT.lock().unwrap() = Some(1); })
             });",
            "static KEPT: std::sync::Mutex<Option<riser_vm::Caller<'static, ()>>> = std::sync::Mutex::new(None);
             riser_vm::Func::wrap_async(riser_vm::Store::<()>::default(), |it: riser_vm::Caller<'_, ()>, (): ()| {
                 Box::new(async move { *KEPT.lock().unwrap() = Some(it); })
             });";
    }
}

/// Types that can be used from any thread.
const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<crate::Engine>();
    shared::<crate::Config>();
    shared::<crate::Module>();
    shared::<crate::ModuleBuilder>();
    shared::<crate::Linker<std::rc::Rc<()>>>();
    shared::<crate::InstancePre<std::rc::Rc<()>>>();
    shared::<crate::Store<()>>();
    shared::<crate::Instance>();
    shared::<crate::Extern>();
    shared::<crate::TypedFunc<i32, i32>>();
    shared::<crate::Val>();
    shared::<crate::WasmBacktrace>();
};
