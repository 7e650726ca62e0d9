//! The probes of a function, as a list.

use crate::config::TranslatorConfig;
use crate::error::TranslateError;
use crate::func::FuncTranslator;
use crate::index::FuncIndex;
use crate::ir::{Emitter, Inst};
use crate::module::ModuleInfo;
use crate::parse::ParsedModule;
use crate::probe::{Chooser, Point, ProbeSite};
use crate::room::Room;
use crate::sink::{FrameLayout, FuncHeader, Label, LabelKind, SeenByProbe};
use crate::types::ValType;

/// The probes of a function, with the types of what they see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProbeMap {
    /// Types of the locals, parameters first.
    pub locals: Vec<ValType>,
    /// Types of the results.
    pub results: Vec<ValType>,
    /// The layout of the frame.
    pub frame: FrameLayout,
    /// The offset of the body's last operator.
    pub end: u32,
    /// What the chooser answered for the exit of the function.
    pub exit: u64,
    /// The probes in the order of the code. An exit is there once for each way out.
    pub sites: Vec<ProbeSite>,
}

impl ProbeMap {
    /// Returns the probes of a function of `module`. They do not depend on the switches.
    ///
    /// # Errors
    ///
    /// If the function's body is not valid; if its probes see so much that the map would take many times the memory that the body does.
    ///
    /// # Panics
    ///
    /// If the module does not define the function.
    pub fn of(module: &ParsedModule, function: FuncIndex, chooser: &dyn Chooser) -> Result<ProbeMap, TranslateError> {
        let config = TranslatorConfig::optimized();
        let (info, map) = (module.info(), ProbeMap::default());
        let mut recorder = Recorder { module: info, chooser, function, map, room: Room::of(info, function) };
        FuncTranslator::new().emit(module, function, &config, &mut recorder)?;
        recorder.room.check(info, function)?;
        Ok(recorder.map)
    }
}

/// Makes a [`ProbeMap`].
struct Recorder<'a> {
    module: &'a ModuleInfo,
    chooser: &'a dyn Chooser,
    function: FuncIndex,
    map: ProbeMap,
    /// Room for the lists of what probes see.
    room: Room,
}

impl Emitter for Recorder<'_> {
    fn begin(&mut self, func: &FuncHeader<'_>) {
        let defined = self.module.defined_function(func.index);
        let end = defined.map_or(0, |defined| self.module.bodies[defined.index()].range.end - 1);
        self.map = ProbeMap {
            locals: func.locals.to_vec(),
            results: func.ty.results().to_vec(),
            frame: func.frame,
            end,
            exit: self.chooser.choose(func.index, &Point::Exit, end),
            sites: Vec::new(),
        };
    }

    fn inst(&mut self, _inst: &Inst, _offset: u32) {}

    fn label(&mut self, _label: Label, _kind: LabelKind, _operands: &mut dyn Iterator<Item = ValType>) {}

    fn end(&mut self, _max_temps: u32) {}

    fn is_probing(&self) -> bool {
        true
    }

    fn choice(&self, point: &Point, at: u32) -> u64 {
        if *point == Point::Exit { self.map.exit } else { self.chooser.choose(self.function, point, at) }
    }

    fn probe(&mut self, site: ProbeSite, seen: SeenByProbe<'_>) {
        let offset = if site.point == Point::Exit { self.map.end } else { site.offset };
        let (operands, hidden) = (self.room.list(seen.operands), self.room.list(seen.hidden));
        self.map.sites.push(ProbeSite { offset, operands, hidden, ..site });
    }
}
