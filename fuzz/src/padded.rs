//! Modules whose numbers take more bytes than they need.
//!
//! The binary format has integers of variable length, and a number of N bits may take any number of bytes up to N / 7, rounded
//! up. Compilers write the shortest form, and linkers the longest one where they patch. So here is any form, in all places:
//! sizes and counts, indices, constants, immediates of memory accesses, numbers of operators behind a prefix. The module is the
//! same module, but for the offsets of its operators.

use crate::mutate::Numbers;
use crate::observation::Observation;

/// A module with longer numbers.
#[derive(Clone, Debug)]
pub struct Padded {
    /// The module.
    pub wasm: Vec<u8>,
    /// The offset of each operator in the original module, in ascending order, and in this one.
    places: Vec<(usize, usize)>,
}

impl Padded {
    /// What the original module's run would have been, had its operators been where they are here.
    pub fn moved(&self, mut observation: Observation) -> Observation {
        for place in observation.steps.iter_mut().flat_map(|step| &mut step.places) {
            if let Some(offset) = &mut place.offset
                && let Ok(at) = self.places.binary_search_by_key(offset, |(original, _)| *original)
            {
                *offset = self.places[at].1;
            }
        }
        observation
    }
}

/// The module with numbers as long as a seed decides. `None` for a module with something in it that is not known here.
pub fn module(wasm: &[u8], seed: u64) -> Option<Padded> {
    let mut copier = Copier { input: wasm, at: 0, output: Vec::new(), places: Vec::new(), numbers: Numbers::new(seed) };
    copier.bytes(8)?;
    while copier.at < wasm.len() {
        copier.section()?;
    }
    Some(Padded { wasm: copier.output, places: copier.places })
}

/// Copies a module, and makes its numbers longer on the way. Methods are named by what they copy, and return `None` where the
/// input ends, or goes on in another way.
struct Copier<'m> {
    input: &'m [u8],
    at: usize,
    output: Vec<u8>,
    places: Vec<(usize, usize)>,
    numbers: Numbers,
}

/// The widths of numbers, in bits.
const U32: u32 = 32;
const U64: u32 = 64;

impl Copier<'_> {
    fn next(&mut self) -> Option<u8> {
        let byte = *self.input.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = self.next()?;
        self.output.push(byte);
        Some(byte)
    }

    fn bytes(&mut self, count: usize) -> Option<()> {
        let end = self.at.checked_add(count)?;
        self.output.extend_from_slice(self.input.get(self.at..end)?);
        self.at = end;
        Some(())
    }

    /// The bytes of the next number, without its padding, if that is what it has.
    fn shortest(&mut self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        loop {
            let byte = self.next()?;
            bytes.push(byte);
            if byte & 0x80 == 0 {
                return Some(bytes);
            }
        }
    }

    /// Writes a number of `bits` bits in at least as many bytes as it has.
    fn write(&mut self, mut bytes: Vec<u8>, bits: u32, padding: u8) {
        let most = bits.div_ceil(7) as usize;
        let wanted = match self.numbers.below(4) {
            0 | 1 => bytes.len(),
            2 => most,
            _ => bytes.len() + self.numbers.below(most.saturating_sub(bytes.len()) + 1),
        };
        while bytes.len() < wanted {
            if let Some(last) = bytes.last_mut() {
                *last |= 0x80;
            }
            bytes.push(padding);
        }
        self.output.append(&mut bytes);
    }

    /// A number without a sign.
    fn unsigned(&mut self, bits: u32) -> Option<u64> {
        let bytes = self.shortest()?;
        let value = bytes.iter().rev().fold(0, |value, byte| value << 7 | u64::from(byte & 0x7f));
        self.write(bytes, bits, 0);
        Some(value)
    }

    fn u32(&mut self) -> Option<u32> {
        self.unsigned(U32)?.try_into().ok()
    }

    /// A number with a sign.
    fn signed(&mut self, bits: u32) -> Option<()> {
        let bytes = self.shortest()?;
        let is_negative = bytes.last()? & 0x40 != 0;
        self.write(bytes, bits, if is_negative { 0x7f } else { 0 });
        Some(())
    }

    /// As many items as a number says.
    fn list(&mut self, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        for _ in 0..self.u32()? {
            item(self)?;
        }
        Some(())
    }

    /// A size, and what has that size, which is known afterwards.
    fn sized(&mut self, contents: impl FnOnce(&mut Self, usize) -> Option<()>) -> Option<()> {
        let outer = std::mem::take(&mut self.output);
        let size = self.u32()? as usize;
        self.output.clear();
        let (end, first) = (self.at.checked_add(size)?, self.places.len());
        contents(self, end)?;
        let contents = std::mem::replace(&mut self.output, outer);
        let mut number = Vec::new();
        wasm_encoder::Encode::encode(&contents.len(), &mut number);
        self.write(number, U32, 0);
        let start = self.output.len();
        self.places[first..].iter_mut().for_each(|(_, place)| *place += start);
        self.output.extend(contents);
        (self.at == end).then_some(())
    }

    fn section(&mut self) -> Option<()> {
        let id = self.byte()?;
        self.sized(|copier, end| match id {
            0 => copier.custom(end),
            1 => copier.list(Self::function_type),
            2 => copier.list(Self::import),
            3 => copier.list(|copier| copier.u32().map(drop)),
            4 => copier.list(Self::table),
            5 => copier.list(Self::limits),
            6 => copier.list(|copier| {
                copier.global_type()?;
                copier.expression()
            }),
            7 => copier.list(|copier| {
                copier.name()?;
                copier.byte()?;
                copier.u32().map(drop)
            }),
            8 | 12 => copier.u32().map(drop),
            9 => copier.list(Self::elements),
            10 => copier.list(Self::body),
            11 => copier.list(Self::data),
            13 => copier.list(Self::tag),
            _ => None,
        })
    }

    fn custom(&mut self, end: usize) -> Option<()> {
        self.name()?;
        self.bytes(end.checked_sub(self.at)?)
    }

    fn name(&mut self) -> Option<()> {
        let length = self.u32()?;
        self.bytes(length as usize)
    }

    fn function_type(&mut self) -> Option<()> {
        (self.byte()? == 0x60).then_some(())?;
        self.list(Self::value_type)?;
        self.list(Self::value_type)
    }

    fn value_type(&mut self) -> Option<()> {
        match self.byte()? {
            0x63 | 0x64 => self.heap_type(),
            _ => Some(()),
        }
    }

    /// A type that has a byte, or an index.
    fn heap_type(&mut self) -> Option<()> {
        if self.input.get(self.at)? & 0xc0 == 0x40 { self.byte().map(drop) } else { self.signed(33) }
    }

    fn block_type(&mut self) -> Option<()> {
        if self.input.get(self.at)? & 0xc0 == 0x40 { self.value_type() } else { self.signed(33) }
    }

    fn import(&mut self) -> Option<()> {
        self.name()?;
        self.name()?;
        match self.byte()? {
            0 => self.u32().map(drop),
            1 => self.table_type(),
            2 => self.limits(),
            3 => self.global_type(),
            4 => self.tag(),
            _ => None,
        }
    }

    fn tag(&mut self) -> Option<()> {
        self.byte()?;
        self.u32().map(drop)
    }

    fn global_type(&mut self) -> Option<()> {
        self.value_type()?;
        self.byte().map(drop)
    }

    fn table_type(&mut self) -> Option<()> {
        self.value_type()?;
        self.limits()
    }

    fn table(&mut self) -> Option<()> {
        if self.input.get(self.at) != Some(&0x40) {
            return self.table_type();
        }
        self.bytes(2)?;
        self.table_type()?;
        self.expression()
    }

    fn limits(&mut self) -> Option<()> {
        let flags = self.byte()?;
        let bits = if flags & 4 != 0 { U64 } else { U32 };
        self.unsigned(bits)?;
        if flags & 1 != 0 {
            self.unsigned(bits)?;
        }
        if flags & 8 != 0 {
            self.u32()?;
        }
        Some(())
    }

    fn elements(&mut self) -> Option<()> {
        let flags = self.u32()?;
        if flags & 1 == 0 {
            if flags & 2 != 0 {
                self.u32()?;
            }
            self.expression()?;
        }
        match (flags & 3, flags & 4) {
            (0, _) => {}
            (_, 0) => drop(self.byte()?),
            _ => self.value_type()?,
        }
        self.list(|copier| if flags & 4 == 0 { copier.u32().map(drop) } else { copier.expression() })
    }

    fn data(&mut self) -> Option<()> {
        let flags = self.u32()?;
        if flags & 2 != 0 {
            self.u32()?;
        }
        if flags & 1 == 0 {
            self.expression()?;
        }
        self.name()
    }

    fn body(&mut self) -> Option<()> {
        self.sized(|copier, _| {
            copier.places.push((copier.at, copier.output.len()));
            copier.list(|copier| {
                copier.u32()?;
                copier.value_type()
            })?;
            copier.expression()
        })
    }

    /// Operators, up to the `end` that ends no block.
    fn expression(&mut self) -> Option<()> {
        let mut depth = 0;
        loop {
            self.places.push((self.at, self.output.len()));
            match self.operator()? {
                0x02..=0x04 | 0x06 | 0x1f => depth += 1,
                0x0b if depth == 0 => return Some(()),
                0x0b | 0x18 => depth -= 1,
                _ => {}
            }
        }
    }

    /// An operator; returns its opcode, without what is behind a prefix.
    fn operator(&mut self) -> Option<u8> {
        let opcode = self.byte()?;
        match opcode {
            0x02..=0x04 | 0x06 => self.block_type()?,
            0x1f => {
                self.block_type()?;
                self.list(|copier| {
                    if copier.byte()? < 2 {
                        copier.u32()?;
                    }
                    copier.u32().map(drop)
                })?;
            }
            // `catch`, `throw`, `rethrow`; branches; calls; `delegate`; variables; tables; sizes of memories; references.
            0x07..=0x09 | 0x0c | 0x0d | 0x10 | 0x12 | 0x14 | 0x15 | 0x18 | 0x20..=0x26 | 0x3f | 0x40 | 0xd2 => {
                self.u32()?;
            }
            0x0e => {
                self.list(|copier| copier.u32().map(drop))?;
                self.u32()?;
            }
            0x11 | 0x13 => {
                self.u32()?;
                self.u32()?;
            }
            0x1c => self.list(Self::value_type)?,
            0x28..=0x3e => self.access()?,
            0x41 => self.signed(U32)?,
            0x42 => self.signed(U64)?,
            0x43 => self.bytes(4)?,
            0x44 => self.bytes(8)?,
            0xd0 => self.heap_type()?,
            0x00 | 0x01 | 0x05 | 0x0a | 0x0b | 0x0f | 0x19..=0x1b | 0x45..=0xc4 | 0xd1 => {}
            0xfc => match self.u32()? {
                0..=7 | 19..=22 => {}
                8 | 10 | 12 | 14 => {
                    self.u32()?;
                    self.u32()?;
                }
                9 | 11 | 13 | 15..=17 => drop(self.u32()?),
                _ => return None,
            },
            0xfd => match self.u32()? {
                0..=11 | 92 | 93 => self.access()?,
                12 | 13 => self.bytes(16)?,
                21..=34 => drop(self.byte()?),
                84..=91 => {
                    self.access()?;
                    self.byte()?;
                }
                _ => {}
            },
            0xfe => match self.u32()? {
                3 => drop(self.byte()?),
                _ => self.access()?,
            },
            _ => return None,
        }
        Some(opcode)
    }

    /// The immediates of a memory access.
    fn access(&mut self) -> Option<()> {
        if self.u32()? & 0x40 != 0 {
            self.u32()?;
        }
        self.unsigned(U64).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{sequences, smith};
    use riser_properties::generate::{self, Config, Seeded};

    /// Every number is copied: the module grows, is valid, and printed as the same text.
    #[test]
    fn padded_modules_are_the_same_modules() {
        let (mut before, mut after) = (0, 0);
        for seed in 0..200 {
            let config = Config { memory64: true, multi_memory: true, table64: true, ..Config::default() };
            let bytes: Vec<u8> = (0..400).flat_map(|at| crate::value::mix(seed, at).to_le_bytes()).collect();
            let sources = [
                generate::module(&mut Seeded::new(seed), &config).to_wasm(),
                sequences::module(&mut Seeded::new(seed)),
                smith::module(&bytes).unwrap_or_else(|| sequences::module(&mut Seeded::new(seed))),
            ];
            for wasm in sources {
                let padded = module(&wasm, seed).unwrap_or_else(|| panic!("seed {seed}: a part is not known"));
                (before, after) = (before + wasm.len(), after + padded.wasm.len());
                riser_properties::parse(padded.wasm.clone()).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
                // What custom sections say of offsets is about the original.
                let printed = |wasm: &[u8]| {
                    let text = wasmprinter::print_bytes(wasm).unwrap_or_else(|error| panic!("seed {seed}: {error:#}"));
                    text.lines().filter(|line| !line.contains("(@")).collect::<Vec<_>>().join("\n")
                };
                assert_eq!(printed(&wasm), printed(&padded.wasm), "seed {seed}");
            }
        }
        assert!(after > before + before / 3, "{before} bytes became {after}");
    }

    #[test]
    fn numbers_end_where_their_type_does() {
        let wasm = wat::parse_str("(module (func (result i64) (drop (i32.const -1)) (i64.const -64)))").expect("valid");
        let longest = (0..100).filter_map(|seed| module(&wasm, seed)).map(|padded| padded.wasm);
        let has = |bytes: &[u8]| longest.clone().any(|wasm| wasm.windows(bytes.len()).any(|window| window == bytes));
        assert!(has(&[0x41, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x1a]));
        assert!(has(&[0x42, 0xc0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x0b]));
        assert!(has(&[0x41, 0x7f, 0x1a]));
    }
}
