//! Values that pass between host and wasm, and how they are kept in slots.

use std::any::Any;
use std::ptr::NonNull;

use anyhow::{Result, bail};
use riser_translator::ValType;
use riser_translator::ops::SlotValue;

use crate::store::{StoreCore, StoreId};
use crate::{AsContextMut, ExnRef, Func, StoreContext, StoreContextMut};

/// A 128-bit vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct V128(u128);

impl V128 {
    /// The vector's bits; lane 0 is the lowest.
    pub fn as_u128(self) -> u128 {
        self.0
    }
}

impl From<u128> for V128 {
    fn from(bits: u128) -> V128 {
        V128(bits)
    }
}

/// A host value that wasm can hold and pass around, but not inspect.
///
/// It belongs to a store and lives as long as the store does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExternRef {
    store: StoreId,
    /// The bits in a slot, never 0.
    number: u64,
}

impl ExternRef {
    /// Puts a host value into the store.
    ///
    /// # Errors
    ///
    /// None at present.
    pub fn new(mut store: impl AsContextMut, value: impl Any + Send + Sync) -> Result<ExternRef> {
        let mut store = store.as_context_mut();
        let core = store.core_mut();
        core.externs.push(Box::new(value));
        Ok(ExternRef { store: core.id, number: core.externs.len() as u64 })
    }

    /// The host value.
    ///
    /// # Errors
    ///
    /// If the reference belongs to another store.
    pub fn data<'a, T: 'static>(
        &self,
        store: impl Into<StoreContext<'a, T>>,
    ) -> Result<Option<&'a (dyn Any + Send + Sync)>> {
        let core = store.into().core();
        self.check(core)?;
        Ok(core.externs.get(self.number as usize - 1).map(|value| &**value))
    }

    /// The host value.
    ///
    /// # Errors
    ///
    /// If the reference belongs to another store.
    pub fn data_mut<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> Result<Option<&'a mut (dyn Any + Send + Sync)>> {
        let (core, _) = store.into().split();
        self.check(core)?;
        Ok(core.externs.get_mut(self.number as usize - 1).map(|value| &mut **value))
    }

    pub(crate) fn store(&self) -> StoreId {
        self.store
    }

    fn check(&self, core: &StoreCore) -> Result<()> {
        if self.store != core.id {
            bail!("reference used with the wrong store");
        }
        Ok(())
    }

    pub(crate) fn to_slot(reference: Option<ExternRef>) -> u64 {
        reference.map_or(0, |reference| reference.number)
    }

    pub(crate) fn from_slot(store: StoreId, bits: u64) -> Option<ExternRef> {
        (bits != 0).then_some(ExternRef { store, number: bits })
    }
}

/// A reference.
#[derive(Clone, Copy, Debug)]
pub enum Ref {
    /// A reference to a function, or null.
    Func(Option<Func>),
    /// A reference to a host value, or null.
    Extern(Option<ExternRef>),
    /// A reference to an exception, or null.
    Exn(Option<ExnRef>),
}

impl Ref {
    /// Whether this is a null reference.
    pub fn is_null(&self) -> bool {
        matches!(self, Ref::Func(None) | Ref::Extern(None) | Ref::Exn(None))
    }

    /// The type.
    pub fn ty(&self) -> ValType {
        match self {
            Ref::Func(_) => ValType::FuncRef,
            Ref::Extern(_) => ValType::ExternRef,
            Ref::Exn(_) => ValType::ExnRef,
        }
    }

    /// The function.
    pub fn as_func(&self) -> Option<Option<&Func>> {
        match self {
            Ref::Func(func) => Some(func.as_ref()),
            Ref::Extern(_) | Ref::Exn(_) => None,
        }
    }

    /// Returns the bits of this as a table's element of type `ty`.
    ///
    /// # Errors
    ///
    /// If this is of another type or belongs to another store.
    pub(crate) fn to_element(self, store: StoreId, ty: ValType) -> Result<u64> {
        let mut slots = [0; 2];
        Val::from(self).to_slots(store, ty, &mut slots)?;
        Ok(slots[0])
    }

    pub(crate) fn from_element(store: StoreId, ty: ValType, bits: u64) -> Ref {
        match ty {
            ValType::ExternRef => Ref::Extern(ExternRef::from_slot(store, bits)),
            ValType::ExnRef => Ref::Exn(ExnRef::from_slot(store, bits)),
            _ => Ref::Func(func_from_slot(store, bits)),
        }
    }
}

impl From<Func> for Ref {
    fn from(func: Func) -> Ref {
        Ref::Func(Some(func))
    }
}

impl From<Option<Func>> for Ref {
    fn from(func: Option<Func>) -> Ref {
        Ref::Func(func)
    }
}

impl From<ExternRef> for Ref {
    fn from(reference: ExternRef) -> Ref {
        Ref::Extern(Some(reference))
    }
}

impl From<Option<ExternRef>> for Ref {
    fn from(reference: Option<ExternRef>) -> Ref {
        Ref::Extern(reference)
    }
}

impl From<ExnRef> for Ref {
    fn from(reference: ExnRef) -> Ref {
        Ref::Exn(Some(reference))
    }
}

impl From<Option<ExnRef>> for Ref {
    fn from(reference: Option<ExnRef>) -> Ref {
        Ref::Exn(reference)
    }
}

/// Returns the function that the bits of a slot refer to.
pub(crate) fn func_from_slot(store: StoreId, bits: u64) -> Option<Func> {
    let address = NonNull::new(bits as *mut riser_tiers_core::FuncInst)?;
    Some(Func::from_address(store, address))
}

/// A WebAssembly value. Floats are kept as bits, so that NaNs pass unchanged.
#[derive(Clone, Copy, Debug)]
pub enum Val {
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// The bits of a 32-bit float.
    F32(u32),
    /// The bits of a 64-bit float.
    F64(u64),
    /// A 128-bit vector.
    V128(V128),
    /// A reference to a function, or null.
    FuncRef(Option<Func>),
    /// A reference to a host value, or null.
    ExternRef(Option<ExternRef>),
    /// A reference to an exception, or null.
    ExnRef(Option<ExnRef>),
}

/// Accessors by type: `fn i32(&self) -> Option<i32>` and `fn unwrap_i32(&self) -> i32`.
macro_rules! accessors {
    ($($name:ident $unwrap:ident $Type:ty: $pattern:pat => $value:expr;)*) => {$(
        #[doc = concat!("The value, if it is of this type: `", stringify!($name), "`.")]
        pub fn $name(&self) -> Option<$Type> {
            match *self { $pattern => Some($value), _ => None }
        }

        #[doc = concat!("The value, which is of this type: `", stringify!($name), "`.")]
        ///
        /// # Panics
        ///
        /// If it is of another type.
        pub fn $unwrap(&self) -> $Type {
            self.$name().unwrap_or_else(|| panic!("expected {}, found {}", stringify!($name), self.ty()))
        }
    )*};
}

impl Val {
    /// The type.
    pub fn ty(&self) -> ValType {
        match self {
            Val::I32(_) => ValType::I32,
            Val::I64(_) => ValType::I64,
            Val::F32(_) => ValType::F32,
            Val::F64(_) => ValType::F64,
            Val::V128(_) => ValType::V128,
            Val::FuncRef(_) => ValType::FuncRef,
            Val::ExternRef(_) => ValType::ExternRef,
            Val::ExnRef(_) => ValType::ExnRef,
        }
    }

    /// Returns zero, or null.
    pub fn default_for_ty(ty: ValType) -> Val {
        match ty {
            ValType::I32 => Val::I32(0),
            ValType::I64 => Val::I64(0),
            ValType::F32 => Val::F32(0),
            ValType::F64 => Val::F64(0),
            ValType::V128 => Val::V128(V128(0)),
            ValType::FuncRef => Val::FuncRef(None),
            ValType::ExternRef => Val::ExternRef(None),
            ValType::ExnRef => Val::ExnRef(None),
        }
    }

    /// The null function reference.
    pub const fn null_func_ref() -> Val {
        Val::FuncRef(None)
    }

    /// The null reference to a host value.
    pub const fn null_extern_ref() -> Val {
        Val::ExternRef(None)
    }

    /// The null reference to an exception.
    pub const fn null_exn_ref() -> Val {
        Val::ExnRef(None)
    }

    accessors! {
        i32 unwrap_i32 i32: Val::I32(value) => value;
        i64 unwrap_i64 i64: Val::I64(value) => value;
        f32 unwrap_f32 f32: Val::F32(bits) => f32::from_bits(bits);
        f64 unwrap_f64 f64: Val::F64(bits) => f64::from_bits(bits);
        v128 unwrap_v128 V128: Val::V128(value) => value;
        func_ref unwrap_func_ref Option<Func>: Val::FuncRef(func) => func;
        extern_ref unwrap_extern_ref Option<ExternRef>: Val::ExternRef(reference) => reference;
        exn_ref unwrap_exn_ref Option<ExnRef>: Val::ExnRef(reference) => reference;
    }

    /// The reference, if this is one.
    pub fn ref_(&self) -> Option<Ref> {
        match *self {
            Val::FuncRef(func) => Some(Ref::Func(func)),
            Val::ExternRef(reference) => Some(Ref::Extern(reference)),
            Val::ExnRef(reference) => Some(Ref::Exn(reference)),
            _ => None,
        }
    }

    /// Puts the value into the first `ty.slots()` slots.
    ///
    /// # Errors
    ///
    /// If it is not of type `ty` or belongs to another store.
    pub(crate) fn to_slots(self, store: StoreId, ty: ValType, slots: &mut [u64]) -> Result<()> {
        if self.ty() != ty {
            bail!("type mismatch: expected {ty}, found {}", self.ty());
        }
        slots[0] = match self {
            Val::I32(value) => value.to_slot(),
            Val::I64(value) => value.to_slot(),
            Val::F32(bits) => u64::from(bits),
            Val::F64(bits) => bits,
            Val::V128(V128(bits)) => {
                slots[1] = (bits >> 64) as u64;
                bits as u64
            }
            Val::FuncRef(Some(func)) if func.store() != store => {
                bail!("cross-`Store` values are not supported: the function belongs to another store")
            }
            Val::FuncRef(func) => func.map_or(0, |func| func.to_slot()),
            Val::ExternRef(Some(reference)) if reference.store != store => {
                bail!("cross-`Store` values are not supported: the reference belongs to another store")
            }
            Val::ExternRef(reference) => ExternRef::to_slot(reference),
            Val::ExnRef(Some(reference)) if reference.store() != store => {
                bail!("cross-`Store` values are not supported: the exception belongs to another store")
            }
            Val::ExnRef(Some(reference)) if !reference.is_alive() => {
                bail!("attempted to use an exception that is not kept alive any more")
            }
            Val::ExnRef(reference) => ExnRef::to_slot(reference),
        };
        Ok(())
    }

    /// Reads the value of type `ty` from the first `ty.slots()` slots.
    pub(crate) fn from_slots(store: StoreId, ty: ValType, slots: &[u64]) -> Val {
        match ty {
            ValType::I32 => Val::I32(i32::from_slot(slots[0])),
            ValType::I64 => Val::I64(i64::from_slot(slots[0])),
            ValType::F32 => Val::F32(slots[0] as u32),
            ValType::F64 => Val::F64(slots[0]),
            ValType::V128 => Val::V128(V128(u128::from(slots[0]) | u128::from(slots[1]) << 64)),
            ValType::FuncRef => Val::FuncRef(func_from_slot(store, slots[0])),
            ValType::ExternRef => Val::ExternRef(ExternRef::from_slot(store, slots[0])),
            ValType::ExnRef => Val::ExnRef(ExnRef::from_slot(store, slots[0])),
        }
    }

    /// Puts `values` of types `types` into `slots`, which has at least as many slots as they take.
    ///
    /// # Errors
    ///
    /// If there are fewer or more values than types, or a value does not fit.
    pub(crate) fn all_to_slots(values: &[Val], store: StoreId, types: &[ValType], slots: &mut [u64]) -> Result<()> {
        if values.len() != types.len() {
            bail!("expected {} values, found {}", types.len(), values.len());
        }
        let mut at = 0;
        for (value, ty) in values.iter().zip(types) {
            value.to_slots(store, *ty, &mut slots[at..])?;
            at += ty.slots() as usize;
        }
        Ok(())
    }

    /// Reads values of types `types` from `slots` into `values`, which has as many items.
    pub(crate) fn all_from_slots(values: &mut [Val], store: StoreId, types: &[ValType], slots: &[u64]) {
        let mut at = 0;
        for (value, ty) in values.iter_mut().zip(types) {
            *value = Val::from_slots(store, *ty, &slots[at..]);
            at += ty.slots() as usize;
        }
    }
}

/// `impl From<i32> for Val { fn from(value: i32) -> Val { Val::I32(value) } }`
macro_rules! from {
    ($($Type:ty: $value:ident => $val:expr;)*) => {$(
        impl From<$Type> for Val {
            fn from($value: $Type) -> Val {
                $val
            }
        }
    )*};
}

from! {
    i32: value => Val::I32(value);
    i64: value => Val::I64(value);
    f32: value => Val::F32(value.to_bits());
    f64: value => Val::F64(value.to_bits());
    V128: value => Val::V128(value);
    u128: value => Val::V128(V128(value));
    Func: func => Val::FuncRef(Some(func));
    Option<Func>: func => Val::FuncRef(func);
    ExternRef: reference => Val::ExternRef(Some(reference));
    Option<ExternRef>: reference => Val::ExternRef(reference);
    ExnRef: reference => Val::ExnRef(Some(reference));
    Option<ExnRef>: reference => Val::ExnRef(reference);
}

impl From<Ref> for Val {
    fn from(reference: Ref) -> Val {
        match reference {
            Ref::Func(func) => Val::FuncRef(func),
            Ref::Extern(reference) => Val::ExternRef(reference),
            Ref::Exn(reference) => Val::ExnRef(reference),
        }
    }
}
