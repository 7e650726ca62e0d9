//! Generated modules as proptest strategies.

use std::fmt;

use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::shrink::Shrinker;
use super::{Config, Module, module};

/// A strategy for modules, which shrink as modules do.
#[derive(Clone, Debug)]
struct Modules(Config);

/// A module that is being shrunk.
struct Tree(Shrinker);

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.current().fmt(f)
    }
}

impl Strategy for Modules {
    type Tree = Tree;
    type Value = Module;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        Ok(Tree(Shrinker::new(module(runner.rng(), &self.0))))
    }
}

impl ValueTree for Tree {
    type Value = Module;

    fn current(&self) -> Module {
        self.0.current().clone()
    }

    /// The current module fails: continues from there.
    fn simplify(&mut self) -> bool {
        self.0.accept();
        self.0.propose()
    }

    /// The current module does not fail: returns to the last one that did, and tries another.
    fn complicate(&mut self) -> bool {
        self.0.reject();
        self.0.propose()
    }
}

/// Random modules, which shrink as programs do: see [`super::minimise`].
///
/// A module of a hundred operators takes a few hundred steps to become minimal:
/// `ProptestConfig::max_shrink_iters` should allow for them.
pub fn modules(config: Config) -> impl Strategy<Value = Module> {
    Modules(config)
}

/// Random modules of one function that calls nothing.
pub fn bodies(config: Config) -> impl Strategy<Value = Module> {
    Modules(Config { functions: 1, calls: false, tail_calls: false, ..config })
}
