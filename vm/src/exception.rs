//! Tags and exceptions, as the host sees them.

use std::fmt;
use std::ptr;

use anyhow::{Result, bail, ensure};
use riser_tiers_core as plug;
use riser_tiers_core::Exception;
use riser_translator::module::TagType;
use riser_translator::ops::SlotValue;
use riser_translator::{FuncType, TrapCode, ValType};

use crate::store::{Handle, StoreCore, StoreId};
use crate::values::Sealed;
use crate::{AsContext, AsContextMut, Rooted, Store, StoreContext, StoreContextMut, Val};

/// A tag (core spec, section 4.2.10): what exceptions are told apart by.
///
/// # Panics
///
/// All methods, if the tag belongs to another store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tag(pub(crate) Handle<plug::TagInst>);

impl Tag {
    /// Makes a tag.
    ///
    /// # Errors
    ///
    /// If the type has results.
    pub fn new(mut store: impl AsContextMut, ty: &TagType) -> Result<Tag> {
        ensure!(ty.ty().results().is_empty(), "the type of a tag has no results");
        let mut store = store.as_context_mut();
        let core = store.core_mut();
        let tag = core.add_tag(ty.ty().clone());
        Ok(Tag(Handle::new(core.id, tag)))
    }

    /// The type.
    pub fn ty(&self, store: impl AsContext) -> TagType {
        TagType::new(self.0.get(store.as_context().core()).ty.clone())
    }

    /// Whether both are the same tag.
    pub fn eq(a: &Tag, b: &Tag, _store: impl AsContext) -> bool {
        a == b
    }
}

/// The types of an exception's fields: what a tag's exceptions carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExnType {
    tag: TagType,
}

impl ExnType {
    /// Exceptions with fields of these types.
    pub fn new(fields: impl IntoIterator<Item = ValType>) -> ExnType {
        ExnType { tag: TagType::new(FuncType::new(fields, [])) }
    }

    /// The exceptions of tags of this type.
    pub fn from_tag_type(tag: &TagType) -> ExnType {
        ExnType { tag: tag.clone() }
    }

    /// The type of the exceptions' tags.
    pub fn tag_type(&self) -> &TagType {
        &self.tag
    }

    /// The types of the fields.
    pub fn fields(&self) -> &[ValType] {
        self.tag.ty().params()
    }
}

/// A reference to an exception.
///
/// It keeps the exception alive: in a host function, until that returns; elsewhere as long as the store, or until the
/// [`RootScope`] in which the host got it ends. Later uses of the reference are errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExnRef {
    store: StoreId,
    /// The address, never 0.
    address: usize,
    serial: u64,
}

impl ExnRef {
    /// Makes an exception with a tag. It is not thrown yet; see [`Store::throw`].
    ///
    /// # Errors
    ///
    /// If the fields are not of the tag's types or belong to another store, or if the store's exceptions take too much memory.
    ///
    /// # Panics
    ///
    /// If the tag belongs to another store.
    pub fn new(mut store: impl AsContextMut, tag: &Tag, fields: &[Val]) -> Result<Rooted<ExnRef>> {
        let mut store = store.as_context_mut();
        let core = store.core_mut();
        let tag = tag.0.address(core);
        // SAFETY: tags live as long as the store; what the store's code still uses is below `stack_top`, and the slots are as many
        // as the tag says.
        unsafe {
            let mut slots = vec![0; tag.as_ref().slots as usize];
            Val::all_to_slots(fields, core.id, tag.as_ref().ty.params(), &mut slots)?;
            let context = &raw mut core.context;
            let top = (*context).stack_top;
            let new = plug::StoreContext::allocate_exception(context, tag.as_ptr(), slots.as_ptr(), top);
            let exception = new.ok_or(TrapCode::OutOfExceptions)?;
            Ok(ExnRef::of(core.id, exception))
        }
    }

    /// A reference to an exception, which it keeps alive.
    ///
    /// # Safety
    ///
    /// The exception is alive in the store.
    unsafe fn of(store: StoreId, exception: *mut Exception) -> Rooted<ExnRef> {
        // SAFETY: the exception is alive.
        unsafe {
            Exception::root(exception);
            Rooted::new(ExnRef { store, address: exception.addr(), serial: Exception::serial(exception) })
        }
    }

    /// The tag.
    ///
    /// # Errors
    ///
    /// If the exception is not kept alive any more, or belongs to another store.
    pub fn tag(&self, store: impl AsContext) -> Result<Tag> {
        let store = store.as_context();
        let exception = self.exception(store.core())?;
        // SAFETY: the exception is alive, and its tag with it.
        let tag = unsafe { ptr::NonNull::new((*exception).tag.cast_mut()) };
        Ok(Tag(Handle::new(self.store, tag.expect("an exception has a tag"))))
    }

    /// The type.
    ///
    /// # Errors
    ///
    /// As for [`ExnRef::tag`].
    pub fn ty(&self, store: impl AsContext) -> Result<ExnType> {
        Ok(ExnType::from_tag_type(&self.tag(&store)?.ty(store)))
    }

    /// The fields.
    ///
    /// # Errors
    ///
    /// As for [`ExnRef::tag`].
    pub fn fields(&self, store: impl AsContextMut) -> Result<std::vec::IntoIter<Val>> {
        self.values(store.as_context().core()).map(Vec::into_iter)
    }

    /// A field.
    ///
    /// # Errors
    ///
    /// If there is no such field; otherwise as for [`ExnRef::tag`].
    pub fn field(&self, store: impl AsContextMut, index: usize) -> Result<Val> {
        match self.values(store.as_context().core())?.get(index) {
            Some(value) => Ok(*value),
            None => bail!("the exception has no field {index}"),
        }
    }

    fn values(&self, core: &StoreCore) -> Result<Vec<Val>> {
        let exception = self.exception(core)?;
        // SAFETY: the exception is alive, with a payload of its tag's types.
        unsafe {
            let types = (*(*exception).tag).ty.params();
            let mut values: Vec<Val> = types.iter().map(|&ty| Val::default_for_ty(ty)).collect();
            Val::all_from_slots(&mut values, self.store, types, Exception::values(exception));
            Ok(values)
        }
    }

    pub(crate) fn store(&self) -> StoreId {
        self.store
    }

    /// Whether the exception is alive, in a store that is.
    pub(crate) fn is_alive(&self) -> bool {
        // SAFETY: the reference was made to an exception of the store, whose places last as long as the store.
        unsafe { Exception::serial(ptr::with_exposed_provenance(self.address)) == self.serial }
    }

    /// Returns the exception.
    fn exception(&self, core: &StoreCore) -> Result<*mut Exception> {
        ensure!(self.store == core.id, "reference used with the wrong store");
        ensure!(self.is_alive(), "attempted to use an exception that is not kept alive any more");
        Ok(ptr::with_exposed_provenance_mut(self.address))
    }

    pub(crate) fn to_slot(reference: Option<Rooted<ExnRef>>) -> u64 {
        reference.map_or(0, |reference| reference.address as u64)
    }

    /// The exception that a slot of type `exnref` in a living store refers to.
    pub(crate) fn from_slot(store: StoreId, bits: u64) -> Option<Rooted<ExnRef>> {
        let exception = ptr::with_exposed_provenance_mut::<Exception>(bits as usize);
        // SAFETY: what such a slot refers to is alive.
        (!exception.is_null()).then(|| unsafe { ExnRef::of(store, exception) })
    }
}

impl Sealed for ExnRef {
    fn check(&self, core: &StoreCore) -> Result<()> {
        self.exception(core).map(drop)
    }
}

/// The error of a call that ended in an exception: in the host's code, that of a call of a function that threw; from a host
/// function, the way to throw one. The exception itself is in the store: [`Store::take_pending_exception`],
/// [`Store::throw`].
#[derive(Clone, Debug)]
pub struct ThrownException {
    description: String,
}

impl ThrownException {
    /// Describes the exception in flight, if there is one: the types and values of the payload.
    pub(crate) fn pending(core: &StoreCore) -> ThrownException {
        let exception = core.context.exception;
        if exception.is_null() {
            return ThrownException { description: String::new() };
        }
        // SAFETY: the exception in flight is alive, with a payload of its tag's types.
        let fields = unsafe {
            let types = (*(*exception).tag).ty.params();
            let mut at = 0;
            let mut fields = Vec::new();
            for &ty in types {
                let slots = &Exception::values(exception)[at..];
                at += ty.slots() as usize;
                // References are not made into values: that would keep what they refer to alive.
                fields.push(match ty {
                    ValType::I32 => format!("i32 {}", i32::from_slot(slots[0])),
                    ValType::I64 => format!("i64 {}", i64::from_slot(slots[0])),
                    ValType::F32 => format!("f32 {}", f32::from_slot(slots[0])),
                    ValType::F64 => format!("f64 {}", f64::from_slot(slots[0])),
                    ValType::V128 => format!("v128 {:#x}", u128::from(slots[1]) << 64 | u128::from(slots[0])),
                    ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => {
                        format!("{ty}{}", if slots[0] == 0 { " null" } else { "" })
                    }
                });
            }
            fields
        };
        ThrownException { description: format!(" ({})", fields.join(", ")) }
    }
}

impl fmt::Display for ThrownException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "thrown Wasm exception{}", self.description)
    }
}

impl std::error::Error for ThrownException {}

impl StoreCore {
    /// Adds a tag, whose exceptions carry the parameters of `ty`.
    pub(crate) fn add_tag(&mut self, ty: FuncType) -> ptr::NonNull<plug::TagInst> {
        self.objects.tags.add(plug::TagInst { slots: ty.param_slots(), ty })
    }

    fn throw<R>(&mut self, exception: Rooted<ExnRef>) -> Result<R, ThrownException> {
        // One that cannot be used is not thrown, and neither is one that was pending before.
        self.context.exception = exception.exception(self).unwrap_or(ptr::null_mut());
        Err(ThrownException::pending(self))
    }

    fn take_pending_exception(&mut self) -> Option<Rooted<ExnRef>> {
        let exception = std::mem::replace(&mut self.context.exception, ptr::null_mut());
        // SAFETY: the exception in flight is alive.
        (!exception.is_null()).then(|| unsafe { ExnRef::of(self.id, exception) })
    }
}

impl<T> Store<T> {
    /// Makes the exception the pending one, and returns the error with which a host function throws it.
    ///
    /// # Errors
    ///
    /// Always.
    pub fn throw<R>(&mut self, exception: Rooted<ExnRef>) -> Result<R, ThrownException> {
        self.as_context_mut().throw(exception)
    }

    /// Takes the exception that the last call ended in, once its error is a [`ThrownException`].
    pub fn take_pending_exception(&mut self) -> Option<Rooted<ExnRef>> {
        self.as_context_mut().take_pending_exception()
    }

    /// Whether an exception is pending.
    pub fn has_pending_exception(&self) -> bool {
        self.as_context().has_pending_exception()
    }

    /// The bytes that the store's exceptions take. Those that nothing refers to any more may still be among them.
    pub fn exception_bytes(&self) -> usize {
        self.as_context().core().context.exceptions.bytes()
    }
}

impl<T> StoreContext<'_, T> {
    /// Whether an exception is pending; see [`Store::take_pending_exception`].
    pub fn has_pending_exception(&self) -> bool {
        !self.core().context.exception.is_null()
    }
}

impl<T> StoreContextMut<'_, T> {
    /// Makes the exception the pending one; see [`Store::throw`].
    ///
    /// # Errors
    ///
    /// Always.
    pub fn throw<R>(&mut self, exception: Rooted<ExnRef>) -> Result<R, ThrownException> {
        self.core_mut().throw(exception)
    }

    /// Takes the pending exception; see [`Store::take_pending_exception`].
    pub fn take_pending_exception(&mut self) -> Option<Rooted<ExnRef>> {
        self.core_mut().take_pending_exception()
    }

    /// Whether an exception is pending; see [`Store::take_pending_exception`].
    pub fn has_pending_exception(&self) -> bool {
        !self.core().context.exception.is_null()
    }
}

/// A scope of references to exceptions: those that the host gets in it are given up at its end.
pub struct RootScope<C: AsContextMut> {
    store: C,
    /// The store that the scope began in, and how many references it had. What the host's own types show may be another one each time.
    began: (StoreId, usize),
}

impl<C: AsContextMut> RootScope<C> {
    /// Begins a scope.
    pub fn new(store: C) -> RootScope<C> {
        let core = store.as_context().core();
        let began = (core.id, core.context.exceptions.roots());
        RootScope { store, began }
    }
}

impl<C: AsContextMut> Drop for RootScope<C> {
    fn drop(&mut self) {
        let (id, roots) = self.began;
        let mut store = self.store.as_context_mut();
        let core = store.core_mut();
        if core.id == id {
            core.context.exceptions.forget_roots(roots);
        }
    }
}

impl<C: AsContextMut> AsContext for RootScope<C> {
    type Data = C::Data;

    fn as_context(&self) -> StoreContext<'_, C::Data> {
        self.store.as_context()
    }
}

impl<C: AsContextMut> AsContextMut for RootScope<C> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, C::Data> {
        self.store.as_context_mut()
    }
}
