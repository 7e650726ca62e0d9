//! What all references have: copies, comparison, what C attaches to them, and conversions, which are the same pointer.

use std::ffi::c_void;
use std::ptr;

use crate::info::{Finalizer, Info};
use crate::object::Object;
use crate::vector::Item;

/// `func` makes `wasm_func_delete`, `wasm_func_copy`, `wasm_func_same`, `wasm_func_get_host_info`, ..
macro_rules! references {
    ($($name:ident)*) => { pastey::paste! {$(
        #[unsafe(no_mangle)]
        extern "C" fn [<wasm_ $name _delete>](object: Item<Object>) {
            drop(object);
        }

        #[unsafe(no_mangle)]
        extern "C" fn [<wasm_ $name _copy>](object: Option<&Object>) -> Item<Object> {
            object.cloned().and_then(Object::boxed)
        }

        #[unsafe(no_mangle)]
        extern "C" fn [<wasm_ $name _same>](one: Option<&Object>, other: Option<&Object>) -> bool {
            match (one, other) {
                (Some(one), Some(other)) => one.same(other),
                (one, other) => one.is_none() && other.is_none(),
            }
        }

        #[unsafe(no_mangle)]
        extern "C" fn [<wasm_ $name _get_host_info>](object: Option<&Object>) -> *mut c_void {
            object.map_or(ptr::null_mut(), |object| {
                object.with_info(|info| info.as_ref().map_or(ptr::null_mut(), Info::data))
            })
        }

        #[unsafe(no_mangle)]
        extern "C" fn [<wasm_ $name _set_host_info>](object: Option<&Object>, data: *mut c_void) {
            set_info(object, Info::new(data, None));
        }

        #[unsafe(no_mangle)]
        extern "C" fn [<wasm_ $name _set_host_info_with_finalizer>](
            object: Option<&Object>,
            data: *mut c_void,
            finalizer: Finalizer,
        ) {
            set_info(object, Info::new(data, finalizer));
        }
    )*}};
}

references! { ref trap foreign module func global table memory extern instance }

fn set_info(object: Option<&Object>, info: Info) {
    // The finalizer of the old one runs afterwards, and may call this crate again.
    let old = object.map(|object| object.with_info(|place| place.replace(info)));
    drop(old);
}

/// `func as extern: pattern` makes `wasm_func_as_extern` and `wasm_extern_as_func`, the latter for objects of the pattern, both with
/// `const` as well.
macro_rules! conversions {
    ($($name:ident as $other:ident: $is:expr;)*) => { pastey::paste! {$(
        #[unsafe(no_mangle)]
        extern "C" fn [<wasm_ $name _as_ $other>](object: Option<&mut Object>) -> Option<&mut Object> {
            object
        }

        #[unsafe(no_mangle)]
        extern "C" fn [<wasm_ $name _as_ $other _const>](object: Option<&Object>) -> Option<&Object> {
            object
        }

        #[unsafe(no_mangle)]
        extern "C" fn [<wasm_ $other _as_ $name>](object: Option<&mut Object>) -> Option<&mut Object> {
            object.filter(|object| $is(object))
        }

        #[unsafe(no_mangle)]
        extern "C" fn [<wasm_ $other _as_ $name _const>](object: Option<&Object>) -> Option<&Object> {
            object.filter(|object| $is(object))
        }
    )*}};
}

conversions! {
    trap as ref: |it: &Object| it.trap().is_some();
    foreign as ref: |it: &Object| it.is_foreign();
    module as ref: |it: &Object| it.module().is_some();
    func as ref: |it: &Object| it.func().is_some();
    global as ref: |it: &Object| it.global().is_some();
    table as ref: |it: &Object| it.table().is_some();
    memory as ref: |it: &Object| it.is_memory();
    extern as ref: |it: &Object| it.item().is_some();
    instance as ref: |it: &Object| it.instance().is_some();
    func as extern: |it: &Object| it.func().is_some();
    global as extern: |it: &Object| it.global().is_some();
    table as extern: |it: &Object| it.table().is_some();
    memory as extern: |it: &Object| it.is_memory();
}
