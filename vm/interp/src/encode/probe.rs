//! Probes in the code stream.

use riser_translator::ir::{Emitter, Inst};
use riser_translator::probe::{Point, ProbeSite};
use riser_translator::probe_map::ProbeMap;
use riser_translator::sink::{FuncHeader, Label, LabelKind, SeenByProbe};
use riser_translator::types::ValType;

use super::{Encoder, Positions, SCRATCH_SLOTS, halves};
use crate::forward::Held;
use crate::tokens::Token;

/// An encoder that puts the probes of a map into the code.
pub(super) struct Probing<'a> {
    encoder: Encoder<'a>,
    map: &'a ProbeMap,
    /// The function's index.
    function: u32,
    /// The next probe, as an index in the map.
    next: usize,
}

impl<'a> Probing<'a> {
    /// Makes an encoder of the function whose probes the map lists.
    pub(super) fn new(encoder: Encoder<'a>, map: &'a ProbeMap) -> Probing<'a> {
        Probing { encoder, map, function: 0, next: 0 }
    }

    /// The encoder without the probes.
    pub(super) fn into_encoder(self) -> Encoder<'a> {
        self.encoder
    }
}

impl Encoder<'_> {
    /// Adds the instruction for a probe of the function, by its index in the map.
    fn probe(&mut self, function: u32, probe: u32, at: u32) {
        if let Positions::All(positions) = &mut self.positions {
            positions.push((self.buffers.words.len() as u32, at));
        }
        let shift = if self.far { SCRATCH_SLOTS } else { 0 };
        self.long(Token::Probe as usize, halves(function, probe), halves(shift, 0));
        self.unpaired = None;
        self.held = Held::default();
    }
}

impl Emitter for Probing<'_> {
    fn begin(&mut self, func: &FuncHeader<'_>) {
        self.function = func.index.as_u32();
        self.encoder.begin(func);
    }

    fn inst(&mut self, inst: &Inst, offset: u32) {
        self.encoder.inst(inst, offset);
    }

    fn label(&mut self, label: Label, kind: LabelKind, operands: &mut dyn Iterator<Item = ValType>) {
        self.encoder.label(label, kind, operands);
    }

    fn loop_header(&mut self, offset: u32) {
        self.encoder.loop_header(offset);
    }

    fn end(&mut self, max_temps: u32) {
        self.encoder.end(max_temps);
    }

    fn is_probing(&self) -> bool {
        true
    }

    fn choice(&self, point: &Point, at: u32) -> u64 {
        if *point == Point::Exit {
            return self.map.exit;
        }
        let next = self.map.sites.get(self.next).filter(|site| site.point == *point && site.at == at);
        next.map_or(0, |site| site.chosen)
    }

    fn probe(&mut self, site: ProbeSite, _seen: SeenByProbe<'_>) {
        debug_assert!(self.map.sites.get(self.next).is_some_and(|it| (it.point, it.at) == (site.point, site.at)));
        self.encoder.probe(self.function, self.next as u32, site.at);
        self.next += 1;
    }
}
