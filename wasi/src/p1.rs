//! Names of the crate `wasmtime-wasi`, for embeddings that are written for it.

pub use crate::WasiCtx as WasiP1Ctx;
pub use crate::add_to_linker as add_to_linker_sync;

use crate::{WasiCtx, WasiCtxBuilder};

impl WasiCtx {
    /// A new builder.
    pub fn builder() -> WasiCtxBuilder {
        WasiCtxBuilder::new()
    }
}

impl WasiCtxBuilder {
    /// Adds this process's arguments. What is not Unicode in them, as WASI's strings have to be, is replaced.
    pub fn inherit_args(&mut self) -> &mut Self {
        for arg in std::env::args_os() {
            self.arg(arg.to_string_lossy());
        }
        self
    }

    /// The finished context.
    ///
    /// # Panics
    ///
    /// As [`build`](Self::build) does.
    pub fn build_p1(&mut self) -> WasiP1Ctx {
        self.build()
    }
}
