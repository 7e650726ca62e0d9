//! Values that pass between host and wasm, and how they are kept in slots.

mod host;
mod reference;
mod rooted;

use std::ptr::NonNull;

use anyhow::{Result, bail};
use riser_translator::ValType;
use riser_translator::ops::SlotValue;

pub use host::ExternRef;
pub use reference::Ref;
pub(crate) use rooted::Sealed;
pub use rooted::{GcHeapOutOfMemory, GcRef, Rooted};

use crate::store::StoreId;
use crate::{ExnRef, Func};

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

impl From<V128> for u128 {
    fn from(vector: V128) -> u128 {
        vector.0
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
    ExternRef(Option<Rooted<ExternRef>>),
    /// A reference to an exception, or null.
    ExnRef(Option<Rooted<ExnRef>>),
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

/// Accessors of references by type: `fn funcref(&self) -> Option<Option<&Func>>` and `fn unwrap_funcref(&self) -> Option<&Func>`.
macro_rules! references {
    ($($name:ident $unwrap:ident $Variant:ident $Type:ty;)*) => {$(
        #[doc = concat!("The reference, if it is of this type: `", stringify!($name), "`; within, `None` if it is null.")]
        pub fn $name(&self) -> Option<Option<&$Type>> {
            if let Val::$Variant(reference) = self { Some(reference.as_ref()) } else { None }
        }

        #[doc = concat!("The reference, which is of this type: `", stringify!($name), "`; `None` if it is null.")]
        ///
        /// # Panics
        ///
        /// If it is of another type.
        pub fn $unwrap(&self) -> Option<&$Type> {
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
    }

    references! {
        funcref unwrap_funcref FuncRef Func;
        externref unwrap_externref ExternRef Rooted<ExternRef>;
        exnref unwrap_exnref ExnRef Rooted<ExnRef>;
    }

    /// The reference, if this is one.
    pub fn ref_(&self) -> Option<Ref> {
        match *self {
            Val::FuncRef(func) => Some(Ref::Func(func)),
            Val::ExternRef(reference) => Some(Ref::Extern(reference)),
            Val::ExnRef(reference) => Some(Ref::Exn(reference)),
            Val::I32(_) | Val::I64(_) | Val::F32(_) | Val::F64(_) | Val::V128(_) => None,
        }
    }

    /// The reference, which this is.
    ///
    /// # Panics
    ///
    /// If it is a number or a vector.
    pub fn unwrap_ref(&self) -> Ref {
        self.ref_().unwrap_or_else(|| panic!("expected a reference, found {}", self.ty()))
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
            Val::ExternRef(Some(reference)) if reference.store() != store => {
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
    Rooted<ExternRef>: reference => Val::ExternRef(Some(reference));
    Option<Rooted<ExternRef>>: reference => Val::ExternRef(reference);
    Rooted<ExnRef>: reference => Val::ExnRef(Some(reference));
    Option<Rooted<ExnRef>>: reference => Val::ExnRef(reference);
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
