//! Rust types that stand for wasm values and lists of them.
//!
//! The public traits ([`WasmTy`], [`WasmParams`], [`WasmResults`], [`WasmRet`]) are names for the two sealed ones here,
//! which define how values are kept in slots.

use anyhow::{Result, bail};
use riser_translator::ValType;
use riser_translator::ops::SlotValue;

use crate::store::StoreId;
use crate::values::func_from_slot;
use crate::{ExnRef, ExternRef, Func};

/// A value of one slot.
pub trait Slot: Sized + Send {
    /// Its wasm type.
    const TYPE: ValType;
    /// The slot's bits.
    fn into_bits(self) -> u64;
    /// The value that a slot of a store holds.
    fn from_bits(store: StoreId, bits: u64) -> Self;
    /// Whether the value may be used in a store.
    #[inline]
    fn belongs_to(&self, _: StoreId) -> bool {
        true
    }
}

/// `impl Slot for u32`, as bits of an `i32`.
macro_rules! numbers {
    ($($Type:ty as $Wasm:ty;)*) => {$(
        impl Slot for $Type {
            const TYPE: ValType = <$Wasm as SlotValue>::TYPE;
            #[inline]
            fn into_bits(self) -> u64 {
                (self as $Wasm).to_slot()
            }
            #[inline]
            fn from_bits(_: StoreId, bits: u64) -> $Type {
                <$Wasm as SlotValue>::from_slot(bits) as $Type
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

impl Slot for Option<Func> {
    const TYPE: ValType = ValType::FuncRef;
    fn into_bits(self) -> u64 {
        self.map_or(0, |func| func.to_slot())
    }
    fn from_bits(store: StoreId, bits: u64) -> Option<Func> {
        func_from_slot(store, bits)
    }
    fn belongs_to(&self, store: StoreId) -> bool {
        self.is_none_or(|func| func.store() == store)
    }
}

impl Slot for Option<ExternRef> {
    const TYPE: ValType = ValType::ExternRef;
    fn into_bits(self) -> u64 {
        ExternRef::to_slot(self)
    }
    fn from_bits(store: StoreId, bits: u64) -> Option<ExternRef> {
        ExternRef::from_slot(store, bits)
    }
    fn belongs_to(&self, store: StoreId) -> bool {
        self.is_none_or(|reference| reference.store() == store)
    }
}

impl Slot for Option<ExnRef> {
    const TYPE: ValType = ValType::ExnRef;
    fn into_bits(self) -> u64 {
        ExnRef::to_slot(self)
    }
    fn from_bits(store: StoreId, bits: u64) -> Option<ExnRef> {
        ExnRef::from_slot(store, bits)
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
        put(self, store, &mut slots[0])
    }
    #[inline]
    fn from_slots(store: StoreId, slots: &[u64]) -> T {
        T::from_bits(store, slots[0])
    }
}

#[inline]
fn put<T: Slot>(value: T, store: StoreId, slot: &mut u64) -> Result<()> {
    if !value.belongs_to(store) {
        bail!(
            "cross-`Store` values are not supported: a reference belongs to another store, or is not kept alive any more"
        );
    }
    *slot = value.into_bits();
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
        }
    };
}
pub(super) use for_each_arity;

/// `impl SlotList for (A, B)`, in slots 0 and 1.
macro_rules! tuples {
    ($(($($T:ident $at:tt),*))*) => {$(
        impl<$($T: WasmTy),*> SlotList for ($($T,)*) {
            const TYPES: &'static [ValType] = &[$($T::TYPE),*];
            #[inline]
            fn into_slots(self, store: StoreId, slots: &mut [u64]) -> Result<()> {
                $(put(self.$at, store, &mut slots[$at])?;)*
                Ok(())
            }
            #[inline]
            fn from_slots(store: StoreId, slots: &[u64]) -> Self {
                ($($T::from_bits(store, slots[$at]),)*)
            }
        }
    )*};
}

for_each_arity!(tuples);

/// A Rust type that stands for a wasm value type: `i32` and `u32`, `i64` and `u64`, `f32`, `f64`,
/// `Option<Func>`, `Option<ExternRef>`, `Option<ExnRef>`.
pub trait WasmTy: Slot {}

impl WasmTy for Option<Func> {}
impl WasmTy for Option<ExternRef> {}
impl WasmTy for Option<ExnRef> {}

/// Parameters of a [`crate::TypedFunc`]: a [`WasmTy`], or a tuple of up to 16.
pub trait WasmParams: SlotList {}

impl<T: SlotList> WasmParams for T {}

/// Results of a [`crate::TypedFunc`]: a [`WasmTy`], or a tuple of up to 16.
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
