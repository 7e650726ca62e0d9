//! Which copy of its handler an instruction gets, where a strategy has several ([`Dispatch::ReplicatedTail`]).
//!
//! The instructions of a loop that have one handler get its copies in turn, and the last copy when these are used up. A large loop spreads
//! over no more code than it has to, and the choice depends on the function alone.
//!
//! [`Dispatch::ReplicatedTail`]: crate::dispatch::Dispatch::ReplicatedTail

use crate::dispatch::Dispatch;
use crate::tokens::COUNT;

/// How often each handler has been used since the last loop header.
#[derive(Default)]
pub(super) struct Copies {
    /// The number of the copies that there are.
    most: u8,
    /// Which stretch of code this is: it changes at loop headers.
    stretch: u32,
    /// By token, the next copy, in which stretch.
    next: Vec<(u32, u8)>,
}

impl Copies {
    /// A function begins, in this strategy's form.
    pub(super) fn begin(&mut self, dispatch: Dispatch) {
        self.most = dispatch.copies();
        if self.most > 1 {
            self.next.resize(COUNT, (0, 0));
            self.enter_loop();
        }
    }

    /// A loop header.
    pub(super) fn enter_loop(&mut self) {
        self.stretch = self.stretch.wrapping_add(1);
    }

    /// Takes a copy for an instruction.
    #[inline]
    pub(super) fn take(&mut self, token: usize) -> u8 {
        if self.most <= 1 {
            return 0;
        }
        let (stretch, next) = &mut self.next[token];
        if *stretch != self.stretch {
            (*stretch, *next) = (self.stretch, 0);
        }
        let copy = *next;
        *next = (copy + 1).min(self.most - 1);
        copy
    }

    /// Gives back the copy that was taken last for this handler.
    pub(super) fn give_back(&mut self, token: usize, copy: u8) {
        if self.most > 1 {
            self.next[token].1 = copy;
        }
    }
}
