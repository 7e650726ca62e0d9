//! Values of the host in snapshots: how they become bytes, and come back.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Context as _, Result, bail};

use crate::store::StoreCore;
use crate::{AsContextMut as _, Store};

/// A value of the host, behind an `externref`.
type Value = dyn Any + Send + Sync;
type Encode = dyn Fn(&Value) -> Result<Vec<u8>> + Send + Sync;
type Decode = dyn Fn(&[u8]) -> Result<Box<Value>> + Send + Sync;

/// How values of the host become bytes, and come back.
pub(crate) struct ExternCodec {
    encode: Box<Encode>,
    decode: Box<Decode>,
}

impl ExternCodec {
    /// The bytes of a value. Code of a guest may be on the stack, so no panic passes.
    pub(super) fn encode(&self, value: &Value) -> Result<Vec<u8>> {
        match catch_unwind(AssertUnwindSafe(|| (self.encode)(value))) {
            Ok(bytes) => bytes,
            Err(_) => bail!("the function that makes bytes of it has panicked"),
        }
    }
}

impl<T> Store<T> {
    /// Makes values of the host behind `externref`s part of this store's snapshots, and of those that are restored in it: `encode` has the
    /// bytes of a value, and `decode` makes a value of bytes. Without that, an `externref` in a snapshot can only be null.
    ///
    /// Two references to one value are to one value afterwards. Bytes of a snapshot come from wherever that comes from.
    ///
    /// ```
    /// use anyhow::Context as _;
    /// # use riser_vm::{Engine, Store};
    /// # let mut store: Store<()> = Store::new(&Engine::default(), ());
    /// store.set_extern_codec(
    ///     |value| Ok(value.downcast_ref::<String>().context("another value")?.clone().into_bytes()),
    ///     |bytes| Ok(Box::new(String::from_utf8(bytes.to_vec())?)),
    /// );
    /// ```
    pub fn set_extern_codec(
        &mut self,
        encode: impl Fn(&(dyn Any + Send + Sync)) -> Result<Vec<u8>> + Send + Sync + 'static,
        decode: impl Fn(&[u8]) -> Result<Box<dyn Any + Send + Sync>> + Send + Sync + 'static,
    ) {
        let codec = ExternCodec { encode: Box::new(encode), decode: Box::new(decode) };
        self.as_context_mut().core_mut().extern_codec = Some(codec);
    }
}

impl StoreCore {
    /// Puts values of the host that were stored as these bytes into the store. Returns the slot bits of references to them.
    ///
    /// # Errors
    ///
    /// If there are any, and the store does not know how they come from bytes, or these are wrong.
    pub(super) fn decode_externs(&mut self, externs: &[Vec<u8>]) -> Result<Vec<u64>> {
        if externs.is_empty() {
            return Ok(Vec::new());
        }
        let codec = self.extern_codec.as_ref().context(
            "the snapshot has values of the host, which `Store::set_extern_codec` tells how to make of bytes",
        )?;
        let first = self.externs.len();
        for (number, bytes) in externs.iter().enumerate() {
            let value = (codec.decode)(bytes);
            self.externs.push(value.with_context(|| format!("cannot make value {number} of the host"))?);
        }
        Ok((first..self.externs.len()).map(|at| at as u64 + 1).collect())
    }
}
