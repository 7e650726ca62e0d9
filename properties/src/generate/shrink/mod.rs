//! Making a module that fails a test small.
//!
//! A round goes through passes, from coarse to fine; a pass proposes modules that
//! differ from the best so far in one place:
//!
//! * [`entities`]: without a function, a global, a local, a segment;
//! * [`splice`]: without a range of operators, in whose place there are as many drops and
//!   constants as the types demand: long ranges first;
//! * [`blocks`]: without the brackets around a block's body, or with values fewer in its type;
//! * [`immediates`]: with a plainer constant, offset, or table of branches.
//!
//! Only valid modules of less [`weight()`] are proposed. The weight is what makes
//! the rounds end: they do when one has found nothing.

mod blocks;
mod entities;
mod immediates;
mod splice;
mod typing;
mod weight;

use super::Module;
use super::operator::Space;

use typing::Typed;
use weight::weight;

/// A way to change a module in one of many places.
#[derive(Clone, Copy, Debug)]
enum Pass {
    /// Remove an entity, with what refers to it.
    Remove(Space),
    /// Replace a range of about so many operators.
    Splice(usize),
    /// Remove a push and the drop of the value.
    Unpush,
    /// Unwrap a block.
    Unwrap,
    /// Take values from the type of a block or function.
    Narrow,
    /// Simplify an immediate.
    Immediates,
    /// Empty a segment or simplify what a global is at first.
    Contents,
}

/// What a pass has for a place.
enum Proposal {
    /// A module to try.
    Module(Module),
    /// Nothing.
    Nothing,
    /// There is no such place.
    End,
}

/// Walks from a failing module to smaller ones.
pub(super) struct Shrinker {
    base: Typed,
    base_weight: u64,
    candidate: Option<(Typed, u64)>,
    passes: Vec<Pass>,
    /// The pass at hand.
    pass: usize,
    /// The place of the pass at hand.
    place: usize,
    /// Whether the round has found something.
    progress: bool,
}

impl Shrinker {
    /// A walk from the module.
    pub(super) fn new(module: Module) -> Shrinker {
        let base_weight = weight(&module);
        let base = Typed::new(module).expect("modules are generated valid, and stay so");
        let passes = passes(base.module());
        Shrinker { base, base_weight, candidate: None, passes, pass: 0, place: 0, progress: false }
    }

    /// The module proposed, or else the best so far.
    pub(super) fn current(&self) -> &Module {
        match &self.candidate {
            Some((candidate, _)) => candidate.module(),
            None => self.base.module(),
        }
    }

    /// What was proposed fails: it is the best so far.
    pub(super) fn accept(&mut self) {
        if let Some((candidate, weight)) = self.candidate.take() {
            self.base = candidate;
            self.base_weight = weight;
            self.progress = true;
        }
    }

    /// What was proposed does not fail.
    pub(super) fn reject(&mut self) {
        if self.candidate.take().is_some() {
            self.place += 1;
        }
    }

    /// Proposes a module, unless there are no more.
    pub(super) fn propose(&mut self) -> bool {
        loop {
            let Some(&pass) = self.passes.get(self.pass) else {
                if !std::mem::take(&mut self.progress) {
                    return false;
                }
                self.passes = passes(self.base.module());
                (self.pass, self.place) = (0, 0);
                continue;
            };
            match self.proposal(pass) {
                Proposal::End => (self.pass, self.place) = (self.pass + 1, 0),
                Proposal::Nothing => self.place += 1,
                Proposal::Module(module) => {
                    let weight = weight(&module);
                    if weight < self.base_weight
                        && let Ok(candidate) = Typed::new(module)
                    {
                        self.candidate = Some((candidate, weight));
                        return true;
                    }
                    self.place += 1;
                }
            }
        }
    }

    fn proposal(&self, pass: Pass) -> Proposal {
        match pass {
            Pass::Remove(space) => entities::remove(&self.base, space, self.place),
            Pass::Splice(length) => splice::shorten(&self.base, length, self.place),
            Pass::Unpush => splice::unpush(&self.base, self.place),
            Pass::Unwrap => blocks::unwrap(&self.base, self.place),
            Pass::Narrow => blocks::narrow(&self.base, self.place),
            Pass::Immediates => immediates::simplify(&self.base, self.place),
            Pass::Contents => entities::empty(&self.base, self.place),
        }
    }
}

/// The passes of a round that begins with the module.
fn passes(module: &Module) -> Vec<Pass> {
    let longest = module.functions.iter().map(|function| function.body.len()).max().unwrap_or(0);
    let lengths = std::iter::successors(Some(longest.next_power_of_two()), |length| Some(length / 2));
    let mut passes = vec![Pass::Remove(Space::Functions)];
    passes.extend(lengths.take_while(|length| *length > 4).map(Pass::Splice));
    passes.extend([
        Pass::Unwrap,
        Pass::Splice(4),
        Pass::Splice(3),
        Pass::Splice(2),
        Pass::Splice(1),
        Pass::Unpush,
        Pass::Narrow,
    ]);
    let spaces = [Space::Locals, Space::Data, Space::Elements, Space::Globals, Space::Memories, Space::Tables];
    passes.extend(spaces.map(Pass::Remove));
    passes.extend([Pass::Immediates, Pass::Contents]);
    passes
}

/// The smallest module that is found to fail, starting from one that does.
///
/// `fails` is asked about valid modules only, each smaller than the last that failed. A module of
/// a few hundred operators takes some hundred questions.
pub fn minimise(module: Module, fails: &mut dyn FnMut(&Module) -> bool) -> Module {
    let mut shrinker = Shrinker::new(module);
    while shrinker.propose() {
        if fails(shrinker.current()) {
            shrinker.accept();
        } else {
            shrinker.reject();
        }
    }
    shrinker.base.into_module()
}
