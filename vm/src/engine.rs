//! The engine, which modules and stores share.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, Weak};

use anyhow::{Context as _, Error, Result, anyhow, bail, ensure};
use riser_interp::EncodeConfig;
use riser_tiers_core::{LINKED_TIERS, LinkedTier, Memory, Mode, Policy, Tier};
use riser_translator::FuncIndex;

use crate::Bounds;
use crate::config::{Config, Pool, Share};
use crate::monitor::Monitors;
use crate::tiering::{CompileQueue, Guess, TierUpJob};
use crate::types::Types;

/// A configuration, the tiers that run code, and what all modules and stores made with
/// it share. Cheap to clone; clones are the same engine.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    config: Config,
    /// Whether memories that can have guard pages do. Never changes, because code depends on it.
    guard_pages: bool,
    default_mode: RwLock<Mode>,
    epoch: AtomicU64,
    types: Types,
    rows: Vec<Row>,
    steps: Vec<Step>,
    guesses: CompileQueue<Guess>,
    /// What all stores have together, if that is limited.
    pool: Option<Arc<Pool>>,
    /// Why code was not put into the cache, the first time.
    uncached: OnceLock<String>,
}

/// A weak handle of an engine, which does not keep it alive.
#[derive(Clone)]
pub struct EngineWeak {
    inner: Weak<Inner>,
}

impl EngineWeak {
    /// The engine, if it still exists.
    pub fn upgrade(&self) -> Option<Engine> {
        self.inner.upgrade().map(|inner| Engine { inner })
    }
}

impl fmt::Debug for EngineWeak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineWeak").finish_non_exhaustive()
    }
}

/// A form in which modules keep their functions. There is a row for each tier, with the tier's number, and behind those
/// a row for each tier whose code has counters because there is a step above.
pub(crate) struct Row {
    /// The tier.
    pub(crate) tier: Arc<dyn Tier>,
    /// The step that functions are counted for, as a number in [`Engine::steps`]; `None` if they are not counted.
    pub(crate) counts_for: Option<usize>,
}

/// A step that functions tier up to, from the register interpreter or from the step below.
pub(crate) struct Step {
    /// The number of its row.
    pub(crate) row: usize,
    /// The tier's mode.
    pub(crate) mode: Mode,
    /// The functions to compile in the background.
    pub(crate) queue: CompileQueue<TierUpJob>,
}

/// Returns the rows and steps of an engine with these tiers, which are in the order of their steps
/// ([`Config::tier`]).
fn ladder(tiers: &[Arc<dyn Tier>]) -> (Vec<Row>, Vec<Step>) {
    let mut rows: Vec<Row> = tiers.iter().map(|tier| Row { tier: Arc::clone(tier), counts_for: None }).collect();
    let numbered = tiers.iter().enumerate().filter(|(_, tier)| tier.step().is_some());
    let mut steps: Vec<Step> =
        numbered.map(|(row, tier)| Step { row, mode: tier.mode(), queue: CompileQueue::default() }).collect();
    for above in 1..steps.len() {
        let step = &mut steps[above - 1];
        let counting = Row { tier: Arc::clone(&tiers[step.row]), counts_for: Some(above) };
        step.row = rows.len();
        rows.push(counting);
    }
    (rows, steps)
}

/// Says what an engine that does not support a mode lacks, and what to do.
pub(crate) fn missing(mode: Mode) -> String {
    let mut linked: Vec<&LinkedTier> = LINKED_TIERS.iter().filter(|linked| linked.provides(mode)).collect();
    linked.sort_by_key(|linked| linked.step);
    let made: Vec<_> = linked.iter().map(|linked| (linked.name, (linked.make)())).collect();
    if let Some((name, _)) = made.iter().find(|(_, made)| made.is_ok()) {
        return format!(
            "its configuration has no tier `{name}`: use `Config::new`, which has the tiers of this build, or plug the tier \
             in with `Config::tier`"
        );
    }
    match made.into_iter().find_map(|(_, made)| made.err()) {
        Some(why) => why,
        None => "plug its tier in with `Config::tier`".to_owned(),
    }
}

/// Whether an engine's memories have guard pages: if they are of use, and the system has the address space for one
/// memory.
fn has_guard_pages(config: &Config) -> Result<bool> {
    if !config.wants_guard_pages() {
        return Ok(false);
    }
    match Memory::reserve_guarded() {
        Ok(_) => Ok(true),
        Err(_) if config.asked_bounds().is_none() => Ok(false),
        Err(why) => Err(why).context(
            "there is no address space for guard pages, 8 GiB for each memory (`ulimit -v`): have bounds checked explicitly \
             (`--bounds explicit`)",
        ),
    }
}

impl Default for Engine {
    fn default() -> Engine {
        Engine::new(&Config::new()).expect("the default configuration is supported")
    }
}

impl Engine {
    /// Makes an engine with the given configuration.
    ///
    /// # Errors
    ///
    /// If this build, or this machine, does not support the configuration.
    pub fn new(config: &Config) -> Result<Engine> {
        if let Some(bounds) = config.asked_bounds().filter(|bounds| !bounds.is_supported()) {
            bail!("bounds strategy `{bounds}` is not supported on this platform");
        }
        config.features.check().map_err(Error::msg)?;
        config.check_processor()?;
        if let Some(proposal) = config.lacking.first() {
            bail!("{proposal} are not implemented");
        }
        let pool = config.pool.clone().map(Pool::new).transpose()?.map(Arc::new);
        ensure!(config.monitors.len() <= Monitors::MOST, "an engine has at most {} monitors", Monitors::MOST);
        let guard_pages = has_guard_pages(config)?;
        let (rows, steps) = ladder(&config.tiers);
        let inner = Inner {
            config: config.clone(),
            guard_pages,
            default_mode: RwLock::new(Mode::Interp),
            epoch: AtomicU64::new(0),
            types: Types::default(),
            rows,
            steps,
            guesses: CompileQueue::default(),
            pool,
            uncached: OnceLock::new(),
        };
        let engine = Engine { inner: Arc::new(inner) };
        engine.set_default_mode(config.mode)?;
        for entry in &config.policy.schedule {
            if !engine.steps().iter().any(|step| step.mode == entry.tier) {
                let why = engine.check_mode(entry.tier).err();
                let why = why.unwrap_or_else(|| anyhow!("`{}` is no step of the mode `multi-tier`", entry.tier));
                return Err(why.context("the schedule asks for what there is not"));
            }
        }
        Ok(engine)
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// How compiled code keeps accesses to 32-bit memories in bounds: as [configured](Config::bounds). If nothing is
    /// configured, and the system had no address space for guard pages when the engine was made, the checks are
    /// explicit.
    pub fn compiled_bounds(&self) -> Bounds {
        if self.has_guard_pages() { Bounds::Guard } else { Bounds::Explicit }
    }

    /// Whether guard pages would have been of use, but the system had no address space for them when the engine was
    /// made.
    pub fn lacks_guard_pages(&self) -> bool {
        !self.inner.guard_pages && self.config().wants_guard_pages()
    }

    /// Why the code of a module was not put into the [cache](Config::cache), the first time that it was not; the message names the folder.
    /// Modules run all the same: the next process compiles again.
    pub fn why_not_cached(&self) -> Option<&str> {
        self.inner.uncached.get().map(String::as_str)
    }

    /// Notes why code is not put into the cache.
    pub(crate) fn note_not_cached(&self, why: String) {
        // The first one stays.
        let _ = self.inner.uncached.set(why);
    }

    /// Whether memories that can have guard pages do.
    pub(crate) fn has_guard_pages(&self) -> bool {
        self.inner.guard_pages
    }

    /// A handle that does not keep the engine alive.
    pub fn weak(&self) -> EngineWeak {
        EngineWeak { inner: Arc::downgrade(&self.inner) }
    }

    /// What a new store has of the pool, if there is one.
    pub(crate) fn share_of_pool(&self) -> Option<Share> {
        self.inner.pool.as_ref().map(Share::new)
    }

    /// Whether two handles are the same engine.
    pub fn same(a: &Engine, b: &Engine) -> bool {
        Arc::ptr_eq(&a.inner, &b.inner)
    }

    /// Increments the epoch. Interrupts the code of stores whose deadline it reaches. Safe to call from any thread and
    /// from a signal handler.
    pub fn increment_epoch(&self) {
        self.inner.epoch.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn epoch(&self) -> &AtomicU64 {
        &self.inner.epoch
    }

    /// Whether instances can run in `mode`.
    pub fn supports(&self, mode: Mode) -> bool {
        match mode {
            Mode::Interp => true,
            Mode::MultiTier => !self.steps().is_empty(),
            Mode::Aot => self.ahead_tier().is_some(),
            Mode::Tier(_) => self.tier_number(mode).is_some(),
        }
    }

    /// Sets the mode of instances made from now on that do not choose their own.
    ///
    /// # Errors
    ///
    /// If the mode is not supported; the message says what would make it so.
    pub fn set_default_mode(&self, mode: Mode) -> Result<()> {
        self.check_mode(mode)?;
        *self.inner.default_mode.write().unwrap_or_else(PoisonError::into_inner) = mode;
        Ok(())
    }

    /// The mode of instances that do not choose their own.
    pub fn default_mode(&self) -> Mode {
        *self.inner.default_mode.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Checks that instances can run in `mode`, as [`Engine::supports`], and that what its tier needs is there.
    ///
    /// # Errors
    ///
    /// If not; the message says what would make it so.
    pub fn check_mode(&self, mode: Mode) -> Result<()> {
        if !self.config().reports_code(mode) {
            bail!(
                "mode `{mode}` is not available in this engine: it has a monitor of events in the code, which only the \
                 interpreters report; use the mode `interp` or `classic`"
            );
        }
        if self.supports(mode) {
            return match self.tier_number(mode).map(|tier| self.tiers()[tier].prepare()) {
                Some(Err(why)) => bail!("mode `{mode}` is not available: {why}"),
                _ => Ok(()),
            };
        }
        bail!("mode `{mode}` is not available in this engine: {}", missing(mode))
    }

    /// The plugged-in tiers, in the order of their numbers.
    pub(crate) fn tiers(&self) -> &[Arc<dyn Tier>] {
        &self.inner.config.tiers
    }

    /// The number of the tier that runs instances in `mode`; `None` for the register interpreter.
    pub(crate) fn tier_number(&self, mode: Mode) -> Option<usize> {
        self.tiers().iter().position(|tier| tier.mode() == mode)
    }

    /// The forms in which modules keep their functions; the first ones are those of the tiers.
    pub(crate) fn rows(&self) -> &[Row] {
        &self.inner.rows
    }

    /// The number of the tier that compiles in [`Mode::Aot`]: the chosen one, or of those that can the highest step.
    pub(crate) fn ahead_tier(&self) -> Option<usize> {
        let chosen = self.config().ahead_tier;
        let fits = |&number: &usize| {
            let tier = &self.tiers()[number];
            tier.ahead().is_some() && chosen.is_none_or(|mode| tier.mode() == mode)
        };
        (0..self.tiers().len()).filter(fits).max_by_key(|&number| self.tiers()[number].step())
    }

    /// The steps of the mode `multi-tier`, the lowest first.
    pub(crate) fn steps(&self) -> &[Step] {
        &self.inner.steps
    }

    /// Whether functions reach a row in the mode `multi-tier`, from machine code of the row below.
    pub(crate) fn is_above(&self, row: usize) -> bool {
        self.config().mode == Mode::MultiTier && self.steps().iter().skip(1).any(|step| step.row == row)
    }

    /// The functions to be compiled before they are called.
    pub(crate) fn guesses(&self) -> &CompileQueue<Guess> {
        &self.inner.guesses
    }

    /// The lowest step from `from` on that the policy lets a function move up to, and the thresholds for the counters
    /// below it.
    pub(crate) fn next_step(&self, from: usize, function: FuncIndex, name: Option<&str>) -> Option<(usize, [u32; 2])> {
        let policy = &self.config().policy;
        let steps = self.steps().iter().enumerate().skip(from);
        let mut counts = steps.map(|(number, step)| (number, policy.thresholds(number, step.mode, function, name)));
        counts.find(|(_, counts)| *counts != [Policy::NEVER; 2])
    }

    /// How the register interpreter's code is made, unless it counts.
    pub(crate) fn encode_config(&self) -> EncodeConfig {
        let Config { translator, dispatch, .. } = *self.config();
        EncodeConfig { translator, dispatch, bounds: self.config().interpreter_bounds(), counters: None }
    }

    /// The function types that are registered.
    pub(crate) fn types(&self) -> &Types {
        &self.inner.types
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("config", self.config())
            .field("default_mode", &self.default_mode())
            .finish_non_exhaustive()
    }
}
