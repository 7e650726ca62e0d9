//! Vectors.

use crate::frame::Frame;
use crate::object::Object;
use crate::types::{ExportType, ExternType, ImportType, ValType};
use crate::val::Val;
use crate::vector::{Item, Out, Vector, put};

/// The functions of `wasm_NAME_vec_t`: `byte: u8` makes `wasm_byte_vec_new`, `wasm_byte_vec_delete`, ..
macro_rules! vectors {
    ($($name:ident: $Item:ty;)*) => { pastey::paste! {$(
        #[unsafe(no_mangle)]
        extern "C" fn [<wasm_ $name _vec_new_empty>](out: Out<'_, Vector<$Item>>) {
            put(out, Vector::default());
        }

        #[unsafe(no_mangle)]
        extern "C" fn [<wasm_ $name _vec_new_uninitialized>](out: Out<'_, Vector<$Item>>, size: usize) {
            put(out, (0..size).map(|_| <$Item>::default()).collect::<Vec<_>>().into());
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn [<wasm_ $name _vec_new>](out: Out<'_, Vector<$Item>>, size: usize, items: *const $Item) {
            if items.is_null() {
                return put(out, Vector::default());
            }
            // SAFETY: C passes an array of this size, whose items are the vector's from now on.
            let items = (0..size).map(|at| unsafe { items.add(at).read() });
            put(out, items.collect::<Vec<_>>().into());
        }

        #[unsafe(no_mangle)]
        extern "C" fn [<wasm_ $name _vec_copy>](out: Out<'_, Vector<$Item>>, from: Option<&Vector<$Item>>) {
            put(out, from.cloned().unwrap_or_default());
        }

        #[unsafe(no_mangle)]
        extern "C" fn [<wasm_ $name _vec_delete>](vector: Option<&mut Vector<$Item>>) {
            vector.map(std::mem::take);
        }
    )*}};
}

vectors! {
    byte: u8;
    val: Val;
    valtype: Item<ValType>;
    functype: Item<ExternType>;
    globaltype: Item<ExternType>;
    tabletype: Item<ExternType>;
    memorytype: Item<ExternType>;
    externtype: Item<ExternType>;
    importtype: Item<ImportType>;
    exporttype: Item<ExportType>;
    frame: Item<Frame>;
    extern: Item<Object>;
}
