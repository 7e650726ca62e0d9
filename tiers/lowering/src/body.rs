//! What is known of a function while it is lowered.

use riser_tiers_core::CompileRequest;

/// What is known of a function while it is lowered, by whatever builds its code.
#[derive(Debug)]
pub struct Body<Address> {
    /// Whether accesses to 32-bit memories may be left to guard pages.
    pub(crate) guard_pages: bool,
    /// Whether speculative accesses have to stay in bounds.
    pub spectre_guards: bool,
    /// Base addresses of 32-bit memories, loaded at the function's start.
    pub(crate) memory_bases: Vec<(u32, Address)>,
}

impl<Address> Body<Address> {
    /// A function of which nothing has been lowered yet.
    pub fn new(request: &CompileRequest<'_>) -> Body<Address> {
        Body { guard_pages: request.guard_pages, spectre_guards: request.spectre_guards, memory_bases: Vec::new() }
    }
}
