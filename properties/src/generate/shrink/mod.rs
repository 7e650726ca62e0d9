//! Minimises a module that fails a test.
//!
//! A round consists of passes, from coarse to fine. A pass proposes modules that differ from the best one so far in one
//! place:
//!
//! * [`entities`]: without a function, a global, a tag, a local, a segment;
//! * [`splice`]: without a range of operators, which is replaced by as many drops and constants as the types require,
//!   long ranges first;
//! * [`blocks`]: without the brackets around a block's body, or with fewer values in its type;
//! * [`immediates`]: with a simpler constant, offset, or branch table, or fewer clauses.
//!
//! Only valid modules of less [`weight()`] are proposed. So the rounds end: they stop when a round finds nothing.

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
    /// Remove an entity and the references to it.
    Remove(Space),
    /// Replace a range of about this number of operators.
    Splice(usize),
    /// Remove a push and the drop of its value.
    Unpush,
    /// Unwrap a block.
    Unwrap,
    /// Remove values from the type of a block, function or tag.
    Narrow,
    /// Simplify an immediate.
    Immediates,
    /// Empty a segment, or simplify the initial value of a global.
    Contents,
}

/// The result of a pass for a place.
enum Proposal {
    /// A module to try.
    Module(Module),
    /// No module for this place.
    Nothing,
    /// The places of the pass are exhausted.
    End,
}

/// Walks from a failing module to smaller failing ones.
pub(super) struct Shrinker {
    base: Typed,
    base_weight: u64,
    candidate: Option<(Typed, u64)>,
    passes: Vec<Pass>,
    /// The current pass.
    pass: usize,
    /// The place of the current pass.
    place: usize,
    /// Whether the round has found a smaller module.
    progress: bool,
}

impl Shrinker {
    /// Makes a walk that starts at the module.
    pub(super) fn new(module: Module) -> Shrinker {
        let base_weight = weight(&module);
        let base = Typed::new(module).expect("modules are generated valid, and stay so");
        let passes = passes(base.module());
        Shrinker { base, base_weight, candidate: None, passes, pass: 0, place: 0, progress: false }
    }

    /// The proposed module, or else the best one so far.
    pub(super) fn current(&self) -> &Module {
        match &self.candidate {
            Some((candidate, _)) => candidate.module(),
            None => self.base.module(),
        }
    }

    /// Notes that the proposed module fails: it is the best one so far.
    pub(super) fn accept(&mut self) {
        if let Some((candidate, weight)) = self.candidate.take() {
            self.base = candidate;
            self.base_weight = weight;
            self.progress = true;
        }
    }

    /// Notes that the proposed module does not fail.
    pub(super) fn reject(&mut self) {
        if self.candidate.take().is_some() {
            self.place += 1;
        }
    }

    /// Proposes the next module. Returns whether there is one.
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

/// Returns the passes of a round that starts with the module.
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
    let spaces = [Space::Locals, Space::Data, Space::Elements, Space::Globals, Space::Memories];
    passes.extend(spaces.map(Pass::Remove));
    passes.extend([Space::Tables, Space::Tags].map(Pass::Remove));
    passes.extend([Pass::Immediates, Pass::Contents]);
    passes
}

/// Returns the smallest failing module that is found, starting from one that fails.
///
/// `fails` is called with valid modules only, each smaller than the last one that failed. A module of a few hundred
/// operators takes some hundred calls.
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
