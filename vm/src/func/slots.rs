//! Rust types that stand for wasm values and lists of them.
//!
//! The public traits ([`WasmTy`], [`WasmParams`], [`WasmResults`], [`WasmRet`]) are names for the two sealed ones here,
//! which define how values are kept in slots.

use anyhow::{Result, bail};
use riser_translator::ValType;
use riser_translator::ops::SlotValue;

use crate::store::StoreId;
use crate::values::func_from_slot;
use crate::{ExnRef, ExternRef, Func, Rooted, V128};

/// A value in its slots: one, or two for a vector.
pub trait Slot: Sized + Send {
    /// Its wasm type.
    const TYPE: ValType;
    /// Puts the value into the first slots.
    fn put(self, slots: &mut [u64]);
    /// The value that the first slots hold in a store.
    fn get(store: StoreId, slots: &[u64]) -> Self;
    /// Whether the value may be used in a store.
    #[inline]
    fn belongs_to(&self, _: StoreId) -> bool {
        true
    }
}

/// The number of slots of a type.
pub(super) const fn slots_of<T: Slot>() -> usize {
    T::TYPE.slots() as usize
}

/// `impl Slot for u32`, as bits of an `i32`.
macro_rules! numbers {
    ($($Type:ty as $Wasm:ty;)*) => {$(
        impl Slot for $Type {
            const TYPE: ValType = <$Wasm as SlotValue>::TYPE;
            #[inline]
            fn put(self, slots: &mut [u64]) {
                slots[0] = (self as $Wasm).to_slot();
            }
            #[inline]
            fn get(_: StoreId, slots: &[u64]) -> $Type {
                <$Wasm as SlotValue>::from_slot(slots[0]) as $Type
            }
        }
        impl WasmTy for $Type {}
    )*};
}

numbers! {
    i32 as i32;
    u32 as i32;
    i64 as i64;
    u64 as i64;
    f32 as f32;
    f64 as f64;
}

impl Slot for V128 {
    const TYPE: ValType = ValType::V128;
    #[inline]
    fn put(self, slots: &mut [u64]) {
        let bits = self.as_u128();
        slots[..2].copy_from_slice(&[bits as u64, (bits >> 64) as u64]);
    }
    #[inline]
    fn get(_: StoreId, slots: &[u64]) -> V128 {
        V128::from(u128::from(slots[0]) | u128::from(slots[1]) << 64)
    }
}

impl Slot for Option<Func> {
    const TYPE: ValType = ValType::FuncRef;
    fn put(self, slots: &mut [u64]) {
        slots[0] = self.map_or(0, |func| func.to_slot());
    }
    fn get(store: StoreId, slots: &[u64]) -> Option<Func> {
        func_from_slot(store, slots[0])
    }
    fn belongs_to(&self, store: StoreId) -> bool {
        self.is_none_or(|func| func.store() == store)
    }
}

impl Slot for Option<Rooted<ExternRef>> {
    const TYPE: ValType = ValType::ExternRef;
    fn put(self, slots: &mut [u64]) {
        slots[0] = ExternRef::to_slot(self);
    }
    fn get(store: StoreId, slots: &[u64]) -> Option<Rooted<ExternRef>> {
        ExternRef::from_slot(store, slots[0])
    }
    fn belongs_to(&self, store: StoreId) -> bool {
        self.is_none_or(|reference| reference.store() == store)
    }
}

impl Slot for Option<Rooted<ExnRef>> {
    const TYPE: ValType = ValType::ExnRef;
    fn put(self, slots: &mut [u64]) {
        slots[0] = ExnRef::to_slot(self);
    }
    fn get(store: StoreId, slots: &[u64]) -> Option<Rooted<ExnRef>> {
        ExnRef::from_slot(store, slots[0])
    }
    fn belongs_to(&self, store: StoreId) -> bool {
        self.is_none_or(|reference| reference.store() == store && reference.is_alive())
    }
}

/// A list of values in consecutive slots.
pub trait SlotList: Sized + Send {
    /// The wasm types.
    const TYPES: &'static [ValType];
    /// Puts the values into slots.
    ///
    /// # Errors
    ///
    /// If one belongs to another store.
    fn into_slots(self, store: StoreId, slots: &mut [u64]) -> Result<()>;
    /// The values in slots.
    fn from_slots(store: StoreId, slots: &[u64]) -> Self;
}

impl<T: WasmTy> SlotList for T {
    const TYPES: &'static [ValType] = &[T::TYPE];
    #[inline]
    fn into_slots(self, store: StoreId, slots: &mut [u64]) -> Result<()> {
        put(self, store, slots)
    }
    #[inline]
    fn from_slots(store: StoreId, slots: &[u64]) -> T {
        T::get(store, slots)
    }
}

impl<T: WasmTy, const LEN: usize> SlotList for [T; LEN] {
    const TYPES: &'static [ValType] = &[T::TYPE; LEN];
    #[inline]
    fn into_slots(self, store: StoreId, slots: &mut [u64]) -> Result<()> {
        self.into_iter().zip(slots.chunks_mut(slots_of::<T>())).try_for_each(|(value, slots)| put(value, store, slots))
    }
    #[inline]
    fn from_slots(store: StoreId, slots: &[u64]) -> [T; LEN] {
        std::array::from_fn(|index| T::get(store, &slots[index * slots_of::<T>()..]))
    }
}

#[inline]
fn put<T: Slot>(value: T, store: StoreId, slots: &mut [u64]) -> Result<()> {
    if !value.belongs_to(store) {
        bail!(
            "cross-`Store` values are not supported: a reference belongs to another store, or is not kept alive any more"
        );
    }
    value.put(slots);
    Ok(())
}

impl SlotList for () {
    const TYPES: &'static [ValType] = &[];
    #[inline]
    fn into_slots(self, _: StoreId, _: &mut [u64]) -> Result<()> {
        Ok(())
    }
    #[inline]
    fn from_slots(_: StoreId, _: &[u64]) {}
}

/// Calls the macro `$mac` with the type parameters of every arity from one up, each as a name and an index.
macro_rules! for_each_arity {
    ($mac:ident) => {
        $mac! {
            (A 0)
            (A 0, B 1)
            (A 0, B 1, C 2)
            (A 0, B 1, C 2, D 3)
            (A 0, B 1, C 2, D 3, E 4)
            (A 0, B 1, C 2, D 3, E 4, F 5)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15, Q 16)
        }
    };
}
pub(super) use for_each_arity;

/// `impl SlotList for (A, B)`, in consecutive slots.
macro_rules! tuples {
    ($(($($T:ident $at:tt),*))*) => {$(
        impl<$($T: WasmTy),*> SlotList for ($($T,)*) {
            const TYPES: &'static [ValType] = &[$($T::TYPE),*];
            #[inline]
            fn into_slots(self, store: StoreId, slots: &mut [u64]) -> Result<()> {
                let mut at = 0;
                $(
                    put(self.$at, store, &mut slots[at..])?;
                    at += slots_of::<$T>();
                )*
                let _ = at;
                Ok(())
            }
            #[inline]
            fn from_slots(store: StoreId, slots: &[u64]) -> Self {
                let mut at = 0;
                ($({
                    let value = $T::get(store, &slots[at..]);
                    at += slots_of::<$T>();
                    let _ = at;
                    value
                },)*)
            }
        }
    )*};
}

for_each_arity!(tuples);

/// A Rust type that stands for a wasm value type: `i32` and `u32`, `i64` and `u64`, `f32`, `f64`, [`V128`],
/// `Option<Func>`, `Option<Rooted<ExternRef>>`, `Option<Rooted<ExnRef>>`.
pub trait WasmTy: Slot {}

impl WasmTy for V128 {}
impl WasmTy for Option<Func> {}
impl WasmTy for Option<Rooted<ExternRef>> {}
impl WasmTy for Option<Rooted<ExnRef>> {}

/// Parameters of a [`crate::TypedFunc`]: a [`WasmTy`], a tuple of up to 17, or an array.
pub trait WasmParams: SlotList {}

impl<T: SlotList> WasmParams for T {}

/// Results of a [`crate::TypedFunc`]: a [`WasmTy`], a tuple of up to 17, or an array.
pub trait WasmResults: SlotList {}

impl<T: SlotList> WasmResults for T {}

/// What a host closure may return: [`WasmResults`], or a `Result` of them, whose error ends the wasm computation.
pub trait WasmRet {
    /// The results.
    type Values: WasmResults;

    /// The results, or the error.
    ///
    /// # Errors
    ///
    /// The closure's own.
    fn into_result(self) -> Result<Self::Values>;
}

impl<T: WasmResults> WasmRet for T {
    type Values = T;
    #[inline]
    fn into_result(self) -> Result<T> {
        Ok(self)
    }
}

impl<T: WasmResults> WasmRet for Result<T> {
    type Values = T;
    #[inline]
    fn into_result(self) -> Result<T> {
        self
    }
}
