//! Suspended frames: how they are rebuilt on the value stack, and go on.

use riser_tiers_core::{FuncInst, Status, StoreContext};
use riser_translator::TrapCode;
use riser_translator::sink::FrameLayout;

use super::handlers::call::write_link;
use super::regs::Regs;
use super::run::{drive, halt};
use super::state::State;

/// A frame that goes on in the register interpreter.
pub struct Suspended<'a> {
    /// The function.
    pub func: *const FuncInst,
    /// The instruction that it goes on at: behind a call, at a loop header, or the first one of the function.
    pub ip: *const u64,
    /// The layout of its frame.
    pub layout: FrameLayout,
    /// The number of slots by which everything behind the link is moved up from the layout.
    pub shift: u32,
    /// The slots that its operand stack takes at its highest.
    pub max_temps: u32,
    /// Slots of its locals, parameters first.
    pub locals: &'a [u64],
    /// Slots of its operands, without the arguments of the call.
    pub operands: &'a [u64],
}

impl Suspended<'_> {
    /// The number of the slot in which the operand at a height is.
    fn operand(&self, height: usize) -> usize {
        (self.layout.temp(0).0 + self.shift) as usize + height
    }

    /// The slots of the whole frame.
    fn slots(&self) -> usize {
        self.operand(self.max_temps as usize)
    }

    /// Writes the frame, from the slot `fp` on, without its link.
    ///
    /// # Safety
    ///
    /// The frame is in the value stack, and its values have the sizes that its layout says.
    unsafe fn write(&self, fp: *mut u64) {
        let (params, locals) = self.locals.split_at(self.layout.params as usize);
        let first_local = (self.layout.local(self.layout.params).0 + self.shift) as usize;
        // SAFETY: by the contract of this function.
        unsafe {
            fp.copy_from_nonoverlapping(params.as_ptr(), params.len());
            fp.add(first_local).copy_from_nonoverlapping(locals.as_ptr(), locals.len());
            fp.add(self.operand(0)).copy_from_nonoverlapping(self.operands.as_ptr(), self.operands.len());
        }
    }
}

/// Puts frames on the value stack from `slots` on, the outermost first, and runs them until that one returns, with its results at
/// `slots`. Each frame apart from the last one is at a call, and the next one is that of the function that it has called, or of one that
/// this one has tail-called.
///
/// # Safety
///
/// As for [`riser_tiers_core::SlotEntry`]. There is a frame; each is as its function's translation says, and its function is one of an
/// instance of the store.
pub unsafe fn resume(store: *mut StoreContext, frames: &[Suspended<'_>], slots: *mut u64) -> Status {
    // SAFETY: each frame is written once it is known to be below the limit, and links lie in the frames.
    unsafe {
        let state = State::of(store);
        let halt = halt((*state).dispatch);
        let cx = (*frames[0].func).context;
        let (mut ip, mut fp, mut caller) = (halt, slots, (slots, cx));
        for frame in frames {
            if fp.wrapping_add(frame.slots()) > (*store).stack_limit {
                return TrapCode::StackOverflow.into();
            }
            frame.write(fp);
            write_link(fp.add((*frame.func).link_slot() as usize), ip, caller.0, caller.1);
            (ip, caller) = (frame.ip, (fp, (*frame.func).context));
            fp = fp.add(frame.operand(frame.operands.len()));
        }
        let (fp, cx) = caller;
        let memory = (*cx).memory0;
        let acc = frames[frames.len() - 1].func as u64;
        let (mem, mem_len) = ((*memory).base(), (*memory).len_bytes());
        drive(&mut Regs { ip, fp, mem, mem_len, cx, acc, acc_f32: 0.0, acc_f64: 0.0 }, state, halt)
    }
}
