//! Values, as C has them.

use anyhow::{Result, bail};
use riser::{V128, ValType};

use crate::object::{Entity, Object};
use crate::store::StoreRef;
use crate::types::kind;

/// `wasm_val_t`. It owns what its reference is to.
#[repr(C)]
pub struct Val {
    kind: u8,
    of: Of,
}

#[repr(C)]
#[derive(Clone, Copy)]
union Of {
    i32: i32,
    i64: i64,
    f32: u32,
    f64: u64,
    reference: *mut Object,
}

/// A value with its contents.
enum Contents<'a> {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    /// A reference, or a vector.
    Object(Option<&'a Object>),
}

impl Val {
    /// The kind.
    pub fn kind(&self) -> u8 {
        self.kind
    }

    /// A value that is a reference, or a vector.
    pub fn of_object(kind: u8, object: Option<Object>) -> Val {
        let reference = object.map_or(std::ptr::null_mut(), |object| Box::into_raw(Box::new(object)));
        Val { kind, of: Of { reference } }
    }

    fn contents(&self) -> Contents<'_> {
        // SAFETY: the kind says which of the fields there is, and references are to objects that this crate has made.
        unsafe {
            match self.kind {
                kind::I32 => Contents::I32(self.of.i32),
                kind::I64 => Contents::I64(self.of.i64),
                kind::F32 => Contents::F32(self.of.f32),
                kind::F64 => Contents::F64(self.of.f64),
                _ => Contents::Object(self.of.reference.as_ref()),
            }
        }
    }

    /// The object that the value is a reference to, or the vector that it is.
    pub fn object(&self) -> Option<&Object> {
        if let Contents::Object(object) = self.contents() { object } else { None }
    }

    /// Zero, or null. A vector of zeros is null, too: C overwrites what it does not free.
    pub fn zero(ty: ValType) -> Val {
        let kind = crate::types::ValType(ty).kind();
        if ty.is_ref() || ty == ValType::V128 { Val::of_object(kind, None) } else { Val { kind, of: Of { i64: 0 } } }
    }

    /// A value of a store.
    pub fn new(store: &StoreRef, value: riser::Val) -> Val {
        let reference = |kind, entity: Option<Entity>| {
            Val::of_object(kind, entity.map(|entity| Object::InStore(store.clone(), entity)))
        };
        match value {
            riser::Val::I32(value) => Val { kind: kind::I32, of: Of { i32: value } },
            riser::Val::I64(value) => Val { kind: kind::I64, of: Of { i64: value } },
            riser::Val::F32(bits) => Val { kind: kind::F32, of: Of { f32: bits } },
            riser::Val::F64(bits) => Val { kind: kind::F64, of: Of { f64: bits } },
            riser::Val::V128(value) => Val::of_object(kind::V128, Some(Object::Vector(value.as_u128()))),
            riser::Val::FuncRef(func) => reference(kind::FUNCREF, func.map(Entity::Func)),
            riser::Val::ExternRef(host) => reference(kind::EXTERNREF, host.map(Entity::Foreign)),
            riser::Val::ExnRef(exn) => reference(kind::EXNREF, exn.map(Entity::Exn)),
        }
    }

    /// The value, for a store.
    ///
    /// # Errors
    ///
    /// If it is a reference to what a value cannot refer to, or of no known kind.
    pub fn get(&self) -> Result<riser::Val> {
        Ok(match (self.kind, self.contents()) {
            (_, Contents::I32(value)) => riser::Val::I32(value),
            (_, Contents::I64(value)) => riser::Val::I64(value),
            (_, Contents::F32(bits)) => riser::Val::F32(bits),
            (_, Contents::F64(bits)) => riser::Val::F64(bits),
            (kind::V128, Contents::Object(Some(Object::Vector(bits)))) => riser::Val::V128(V128::from(*bits)),
            (kind::V128, Contents::Object(None)) => riser::Val::V128(V128::from(0)),
            (kind::V128, Contents::Object(Some(_))) => bail!("a vector is made by `riser_val_v128_new`"),
            (kind::FUNCREF, Contents::Object(object)) => reference(object, ValType::FuncRef)?,
            (kind::EXTERNREF, Contents::Object(object)) => reference(object, ValType::ExternRef)?,
            (kind::EXNREF, Contents::Object(object)) => reference(object, ValType::ExnRef)?,
            (kind, Contents::Object(_)) => bail!("values of the kind {kind} do not exist"),
        })
    }
}

/// A reference as a value of this type.
///
/// # Errors
///
/// If it is to something else.
pub fn reference(object: Option<&Object>, ty: ValType) -> Result<riser::Val> {
    let Some(object) = object else { return Ok(riser::Val::default_for_ty(ty)) };
    Ok(match (object, ty) {
        (Object::InStore(_, Entity::Func(func)), ValType::FuncRef) => riser::Val::FuncRef(Some(*func)),
        (Object::InStore(_, Entity::Foreign(host)), ValType::ExternRef) => riser::Val::ExternRef(Some(*host)),
        (Object::InStore(_, Entity::Exn(exn)), ValType::ExnRef) => riser::Val::ExnRef(Some(*exn)),
        (Object::InStore(..) | Object::Module(_) | Object::Trap(_) | Object::Vector(_), ty) => {
            bail!("a value of the type {ty} cannot refer to this object")
        }
    })
}

/// The values, for a store.
///
/// # Errors
///
/// As for [`Val::get`].
pub fn get_all(values: &[Val]) -> Result<Vec<riser::Val>> {
    values.iter().map(Val::get).collect()
}

impl Default for Val {
    fn default() -> Val {
        Val { kind: kind::I32, of: Of { i64: 0 } }
    }
}

impl Clone for Val {
    fn clone(&self) -> Val {
        match self.contents() {
            Contents::Object(object) => Val::of_object(self.kind, object.cloned()),
            Contents::I32(_) | Contents::I64(_) | Contents::F32(_) | Contents::F64(_) => {
                Val { kind: self.kind, of: self.of }
            }
        }
    }
}

impl Drop for Val {
    fn drop(&mut self) {
        if let Contents::Object(Some(_)) = self.contents() {
            // SAFETY: the value owns its object, which was boxed.
            drop(unsafe { Box::from_raw(self.of.reference) });
        }
    }
}
