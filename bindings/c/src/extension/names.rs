//! The names of modes, strategies, switches and proposals.

use std::ffi::c_char;
use std::ptr;

use riser::{Bounds, Dispatch, Mode, Proposal, TranslatorConfig, Trap};

use crate::text::lasting;

/// `riser_mode_name(index)`: the name with this number, or null.
macro_rules! names {
    ($($function:ident: |$index:ident| $name:expr;)*) => {$(
        #[unsafe(no_mangle)]
        extern "C" fn $function($index: usize) -> *const c_char {
            let name: Option<&'static str> = $name;
            name.map_or(ptr::null(), lasting)
        }
    )*};
}

names! {
    riser_mode_name: |index| Mode::all().get(index).map(|mode| mode.name());
    riser_dispatch_name: |index| Dispatch::ALL.get(index).map(|dispatch| dispatch.name());
    riser_bounds_name: |index| Bounds::ALL.iter().filter(|it| it.is_supported()).nth(index).map(|bounds| bounds.name());
    riser_switch_name: |index| TranslatorConfig::SWITCHES.get(index).map(|&(name, _)| name);
    riser_switch_description: |index| TranslatorConfig::SWITCHES.get(index).map(|&(_, description)| description);
    riser_proposal_name: |index| Proposal::ALL.get(index).map(|proposal| proposal.name());
    riser_trap_code_message: |code| u8::try_from(code).ok().and_then(Trap::from_u8).map(Trap::message);
}

#[unsafe(no_mangle)]
extern "C" fn riser_version() -> *const c_char {
    lasting(env!("CARGO_PKG_VERSION"))
}
