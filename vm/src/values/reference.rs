//! References of any type.

use anyhow::Result;
use riser_translator::ValType;

use super::{Rooted, Val};
use crate::store::StoreId;
use crate::{ExnRef, ExternRef, Func};

/// Accessors by type: `fn is_func(&self) -> bool`, `fn as_func(&self) -> Option<Option<&Func>>` and
/// `fn unwrap_func(&self) -> Option<&Func>`.
macro_rules! accessors {
    ($($Variant:ident $Type:ty; $about:literal: $is:ident $get:ident $unwrap:ident;)*) => {$(
        #[doc = concat!("Whether this is a reference to ", $about, ", or null of that type.")]
        pub fn $is(&self) -> bool {
            matches!(self, Ref::$Variant(_))
        }

        #[doc = concat!("The reference, if it is one to ", $about, "; within, `None` if it is null.")]
        pub fn $get(&self) -> Option<Option<&$Type>> {
            if let Ref::$Variant(reference) = self { Some(reference.as_ref()) } else { None }
        }

        #[doc = concat!("The reference, which is one to ", $about, "; `None` if it is null.")]
        ///
        /// # Panics
        ///
        /// If it is of another type.
        pub fn $unwrap(&self) -> Option<&$Type> {
            self.$get().unwrap_or_else(|| panic!("expected a reference to {}, found {}", $about, self.ty()))
        }
    )*};
}

/// A reference.
#[derive(Clone, Copy, Debug)]
pub enum Ref {
    /// A reference to a function, or null.
    Func(Option<Func>),
    /// A reference to a host value, or null.
    Extern(Option<Rooted<ExternRef>>),
    /// A reference to an exception, or null.
    Exn(Option<Rooted<ExnRef>>),
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

    /// Whether this is not a null reference.
    pub fn is_non_null(&self) -> bool {
        !self.is_null()
    }

    accessors! {
        Func Func; "a function": is_func as_func unwrap_func;
        Extern Rooted<ExternRef>; "a host value": is_extern as_extern unwrap_extern;
        Exn Rooted<ExnRef>; "an exception": is_exn as_exn unwrap_exn;
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

    /// Returns what the bits of a table's element of type `ty` refer to.
    pub(crate) fn from_element(store: StoreId, ty: ValType, bits: u64) -> Ref {
        Val::from_slots(store, ty, &[bits]).ref_().expect("elements of tables are references")
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

impl From<Rooted<ExternRef>> for Ref {
    fn from(reference: Rooted<ExternRef>) -> Ref {
        Ref::Extern(Some(reference))
    }
}

impl From<Option<Rooted<ExternRef>>> for Ref {
    fn from(reference: Option<Rooted<ExternRef>>) -> Ref {
        Ref::Extern(reference)
    }
}

impl From<Rooted<ExnRef>> for Ref {
    fn from(reference: Rooted<ExnRef>) -> Ref {
        Ref::Exn(Some(reference))
    }
}

impl From<Option<Rooted<ExnRef>>> for Ref {
    fn from(reference: Option<Rooted<ExnRef>>) -> Ref {
        Ref::Exn(reference)
    }
}
