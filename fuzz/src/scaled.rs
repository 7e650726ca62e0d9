//! Modules that repeat the same code as often as requested, to reveal whatever costs more than its bytes are worth.
//!
//! A few bytes can mean much work for an engine if they are among many others: a branch that carries a thousand values, a read of
//! one of many locals that many blocks share, a block above many waiting operands. A [`Scaled`] module chooses the numbers of all
//! these, and a fragment of a few pieces of code, each of which works with any of them. The scale is the number of fragments in a
//! function, or the number of functions.
//!
//! All values that blocks, calls and results carry have one type, and their number is the same everywhere, so that every piece may
//! be anywhere.

use riser_properties::generate::Choices;
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ElementSection, Elements, ExportKind, ExportSection, Function, FunctionSection,
    InstructionSink, MemArg, MemorySection, MemoryType, RefType, TableSection, TableType, TypeSection, ValType,
};

/// The type that every function and every block with values has.
const WIDE: u32 = 0;
/// The deepest nesting of pieces.
const MOST_DEPTH: u32 = 2;
/// The most fragments, or functions, of a module.
const MOST_SCALE: usize = 50_000;

/// A family of modules, one for each scale.
#[derive(Clone, Debug)]
pub struct Scaled {
    /// The type of all values.
    ty: ValType,
    /// How many of them are carried.
    width: u32,
    /// The number of locals beyond the parameters.
    locals: u32,
    /// The source of the first values.
    values: Values,
    /// The number of blocks around all fragments.
    around: u32,
    /// The number of operands that wait below the values in each of these.
    below: u32,
    fragment: Vec<Piece>,
    /// The number of functions, and of fragments in each; one of the two is scaled.
    functions: u32,
    fragments: u32,
    scales_functions: bool,
    /// The distance from the local that a fragment uses to the next fragment's.
    stride: u32,
}

/// The source of values.
#[derive(Clone, Copy, Debug)]
enum Values {
    Constants,
    Parameters,
    OneLocal,
    Call,
}

/// The kind of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Block,
    Loop,
    If,
}

/// Code that keeps the number and types of the values.
#[derive(Clone, Debug)]
enum Piece {
    /// A conditional branch with the values.
    BranchIf(Target),
    /// An `if` that leaves with the values.
    BranchFromArm(Target),
    /// A `br_table` with the values and this many targets.
    Table(u32),
    Return,
    Call,
    CallIndirect,
    TailCall,
    /// Pieces in a block that the values pass through.
    Within(Kind, Vec<Piece>),
    /// A block without values.
    Empty(Kind),
    /// A block that ends at the function's end.
    Open(Kind),
    /// Pushes one more value.
    Push,
    /// Reads and writes the local.
    Change,
    /// Writes another local.
    Tee,
    Load,
    Store,
    /// Replaces the topmost value by one that is loaded from its address, or computed from it.
    LoadTop,
    ComputeTop,
    SelectTop,
}

/// The block that a branch leaves.
#[derive(Clone, Copy, Debug)]
enum Target {
    Innermost,
    Outermost,
    /// A different one each time.
    Next,
}

impl Scaled {
    /// The family that the decisions determine.
    pub fn new(choices: &mut dyn Choices) -> Scaled {
        let count = choices.within(1, 3);
        let scales_functions = choices.one_in(4);
        Scaled {
            ty: choices.pick(&[ValType::I32, ValType::I64, ValType::F32, ValType::F64, ValType::V128]),
            width: choices.pick(&[0, 1, 4, 5, 16, 100, 300, 1000]),
            locals: choices.pick(&[1, 20, 1000, 10_000, 48_000]),
            values: choices.pick(&[Values::Constants, Values::Parameters, Values::OneLocal, Values::Call]),
            around: choices.pick(&[0, 1, 2, 20]),
            below: choices.pick(&[0, 1, 5, 100]),
            fragment: pieces(choices, count, MOST_DEPTH),
            functions: if scales_functions { 1 } else { choices.within(1, 3) },
            fragments: if scales_functions { choices.below(4) } else { 1 },
            scales_functions,
            stride: choices.pick(&[0, 1, 7919]),
        }
    }

    /// A scale at which the module has about `bytes` bytes, or a little more than at the first scale.
    pub fn scale_of(&self, bytes: usize) -> u32 {
        let [one, two] = [1, 2].map(|scale| self.module(scale).len());
        let each = two.saturating_sub(one).max(1);
        (1 + bytes.saturating_sub(one) / each).min(MOST_SCALE) as u32
    }

    /// The module at a scale.
    pub fn module(&self, scale: u32) -> Vec<u8> {
        let (functions, fragments) = match self.scales_functions {
            true => (self.functions * scale, self.fragments),
            false => (self.functions, self.fragments * scale),
        };
        let mut types = TypeSection::new();
        let wide = || std::iter::repeat_n(self.ty, self.width as usize);
        types.ty().function(wide(), wide());
        let mut declared = FunctionSection::new();
        let mut code = CodeSection::new();
        for _ in 0..functions {
            declared.function(WIDE);
            let mut function = Function::new([(1, ValType::I32), (self.locals, self.ty)]);
            let sink = function.instructions();
            Body { scaled: self, functions, code: sink, at: 0, frames: Vec::new() }.write(fragments);
            code.function(&function);
        }
        let mut tables = TableSection::new();
        let element_type = RefType::FUNCREF;
        tables.table(TableType { element_type, table64: false, minimum: 1, maximum: None, shared: false });
        let mut memories = MemorySection::new();
        memories.memory(MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
        let mut exports = ExportSection::new();
        exports.export("f", ExportKind::Func, 0);
        let mut elements = ElementSection::new();
        elements.active(None, &ConstExpr::i32_const(0), Elements::Functions([0][..].into()));
        let mut module = wasm_encoder::Module::new();
        module.section(&types).section(&declared).section(&tables).section(&memories);
        module.section(&exports).section(&elements).section(&code);
        module.finish()
    }
}

fn pieces(choices: &mut dyn Choices, count: u32, depth: u32) -> Vec<Piece> {
    (0..count).map(|_| piece(choices, depth)).collect()
}

fn piece(choices: &mut dyn Choices, depth: u32) -> Piece {
    let target = |choices: &mut dyn Choices| choices.pick(&[Target::Innermost, Target::Outermost, Target::Next]);
    let kind = |choices: &mut dyn Choices| choices.pick(&[Kind::Block, Kind::Loop, Kind::If]);
    match choices.below(if depth == 0 { 17 } else { 20 }) {
        0 | 1 => Piece::BranchIf(target(choices)),
        2 => Piece::BranchFromArm(target(choices)),
        3 => Piece::Table(choices.pick(&[1, 4, 40])),
        4 => Piece::Return,
        5 => Piece::Call,
        6 => Piece::CallIndirect,
        7 => Piece::TailCall,
        8 => Piece::Empty(kind(choices)),
        9 => Piece::Push,
        10 => Piece::Change,
        11 => Piece::Tee,
        12 => Piece::Load,
        13 => Piece::Store,
        14 => Piece::LoadTop,
        15 => Piece::ComputeTop,
        16 => Piece::SelectTop,
        17 => Piece::Open(kind(choices)),
        _ => {
            let (kind, count) = (kind(choices), choices.within(1, 2));
            Piece::Within(kind, pieces(choices, count, depth - 1))
        }
    }
}

/// The body of a function that is being built.
struct Body<'s> {
    scaled: &'s Scaled,
    /// The number of functions.
    functions: u32,
    code: InstructionSink<'s>,
    /// The number of the current fragment.
    at: u32,
    /// The open blocks, the function first: for each, the number of operands that wait below the values.
    frames: Vec<u32>,
}

impl Body<'_> {
    fn write(mut self, fragments: u32) {
        self.frames.push(0);
        self.values();
        for _ in 0..self.scaled.around {
            (0..self.scaled.below).for_each(|_| self.push());
            self.open(Kind::Block);
        }
        for at in 0..fragments {
            self.at = at;
            for piece in &self.scaled.fragment {
                self.piece(piece);
            }
        }
        self.close(0);
    }

    fn values(&mut self) {
        let scaled = self.scaled;
        for at in 0..scaled.width {
            match scaled.values {
                Values::Constants => self.constant(at),
                Values::Parameters | Values::Call => {
                    self.code.local_get(at);
                }
                Values::OneLocal => {
                    self.code.local_get(scaled.width + 1);
                }
            }
        }
        if let Values::Call = scaled.values {
            self.code.call(self.functions - 1);
        }
    }

    fn constant(&mut self, value: u32) {
        match self.scaled.ty {
            ValType::I32 => self.code.i32_const(value as i32),
            ValType::I64 => self.code.i64_const(value.into()),
            ValType::F32 => self.code.f32_const((value as f32).into()),
            ValType::F64 => self.code.f64_const(f64::from(value).into()),
            ValType::V128 => self.code.v128_const(i128::from(value) << 32 | 1),
            ValType::Ref(_) => unreachable!("values are no references"),
        };
    }

    /// The local of this fragment.
    fn local(&self) -> u32 {
        self.scaled.width + 1 + self.at.wrapping_mul(self.scaled.stride) % self.scaled.locals
    }

    /// Pushes the local that serves as condition and address.
    fn condition(&mut self) {
        self.code.local_get(self.scaled.width);
    }

    /// Pushes one more operand below the values; all values are alike.
    fn push(&mut self) {
        let local = self.local();
        self.code.local_get(local);
        *self.frames.last_mut().expect("the function is open") += 1;
    }

    fn open(&mut self, kind: Kind) {
        let ty = BlockType::FunctionType(WIDE);
        self.begin(kind, ty);
        self.frames.push(0);
    }

    fn begin(&mut self, kind: Kind, ty: BlockType) {
        match kind {
            Kind::Block => self.code.block(ty),
            Kind::Loop => self.code.loop_(ty),
            Kind::If => {
                self.condition();
                self.code.if_(ty)
            }
        };
    }

    /// Ends the blocks from index `first` on.
    fn close(&mut self, first: usize) {
        for below in self.frames.drain(first..).rev() {
            (0..below).for_each(|_| {
                self.code.drop();
            });
            self.code.end();
        }
    }

    /// The label index of a branch's target.
    fn depth(&self, target: Target) -> u32 {
        let count = self.frames.len() as u32;
        match target {
            Target::Innermost => 0,
            Target::Outermost => count - 1,
            Target::Next => self.at % count,
        }
    }

    /// Whether there is a topmost value.
    fn has_top(&self) -> bool {
        self.scaled.width > 0 || self.frames.last().is_some_and(|below| *below > 0)
    }

    fn piece(&mut self, piece: &Piece) {
        let wide = BlockType::FunctionType(WIDE);
        match *piece {
            Piece::BranchIf(target) => {
                self.condition();
                let depth = self.depth(target);
                self.code.br_if(depth);
            }
            Piece::BranchFromArm(target) => {
                self.begin(Kind::If, wide);
                let depth = self.depth(target) + 1;
                self.code.br(depth).end();
            }
            Piece::Table(targets) => {
                self.begin(Kind::If, wide);
                self.condition();
                let count = self.frames.len() as u32;
                let depths = (0..targets).map(|target| (self.at + target) % count + 1);
                self.code.br_table(depths.collect::<Vec<u32>>(), 1).end();
            }
            Piece::Return => {
                self.begin(Kind::If, wide);
                self.code.return_().end();
            }
            Piece::Call => {
                self.code.call(self.at % self.functions);
            }
            Piece::CallIndirect => {
                self.condition();
                self.code.call_indirect(0, WIDE);
            }
            Piece::TailCall => {
                self.begin(Kind::If, wide);
                self.code.return_call(self.at % self.functions).end();
            }
            Piece::Within(kind, ref pieces) => {
                let outer = self.frames.len();
                self.open(kind);
                for piece in pieces {
                    self.piece(piece);
                }
                if kind == Kind::Loop {
                    self.condition();
                    self.code.br_if((self.frames.len() - 1 - outer) as u32);
                }
                self.close(outer);
            }
            Piece::Empty(kind) => {
                self.begin(kind, BlockType::Empty);
                self.code.end();
            }
            Piece::Open(kind) => self.open(kind),
            Piece::Push => self.push(),
            Piece::Change => {
                let local = self.local();
                self.code.local_get(local);
                self.compute();
                self.code.local_set(local);
            }
            Piece::Tee => {
                let local = self.local();
                self.code.local_get(local).local_tee(self.scaled.width + 1).drop();
            }
            Piece::Load => {
                let local = self.local();
                self.condition();
                self.load();
                self.code.local_set(local);
            }
            Piece::Store => {
                let local = self.local();
                self.condition();
                self.code.local_get(local);
                let access = access();
                match self.scaled.ty {
                    ValType::I32 => self.code.i32_store(access),
                    ValType::I64 => self.code.i64_store(access),
                    ValType::F32 => self.code.f32_store(access),
                    ValType::F64 => self.code.f64_store(access),
                    ValType::V128 => self.code.v128_store(access),
                    ValType::Ref(_) => unreachable!("values are no references"),
                };
            }
            Piece::LoadTop => {
                if self.has_top() {
                    self.address();
                    self.load();
                }
            }
            Piece::ComputeTop => {
                if self.has_top() {
                    self.compute();
                }
            }
            Piece::SelectTop => {
                if self.has_top() {
                    let local = self.local();
                    self.code.local_get(local);
                    self.condition();
                    self.code.select();
                }
            }
        }
    }

    /// Turns the topmost value into an address.
    fn address(&mut self) {
        match self.scaled.ty {
            ValType::I32 => {}
            ValType::I64 => {
                self.code.i32_wrap_i64();
            }
            ValType::F32 => {
                self.code.i32_reinterpret_f32();
            }
            ValType::F64 => {
                self.code.i64_reinterpret_f64().i32_wrap_i64();
            }
            ValType::V128 => {
                self.code.i32x4_extract_lane(1);
            }
            ValType::Ref(_) => unreachable!("values are no references"),
        }
    }

    fn load(&mut self) {
        let access = access();
        match self.scaled.ty {
            ValType::I32 => self.code.i32_load(access),
            ValType::I64 => self.code.i64_load(access),
            ValType::F32 => self.code.f32_load(access),
            ValType::F64 => self.code.f64_load(access),
            ValType::V128 => self.code.v128_load(access),
            ValType::Ref(_) => unreachable!("values are no references"),
        };
    }

    /// Computes a value from the topmost value and the local.
    fn compute(&mut self) {
        let local = self.local();
        self.code.local_get(local);
        match self.scaled.ty {
            ValType::I32 => self.code.i32_mul(),
            ValType::I64 => self.code.i64_add(),
            ValType::F32 => self.code.f32_sub(),
            ValType::F64 => self.code.f64_mul(),
            ValType::V128 => self.code.i16x8_mul(),
            ValType::Ref(_) => unreachable!("values are no references"),
        };
    }
}

fn access() -> MemArg {
    MemArg { offset: 4, align: 2, memory_index: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riser_properties::generate::Seeded;

    #[test]
    fn modules_are_valid_and_as_large_as_they_are_to_be() {
        let engine = riser::Engine::default();
        let mut far = 0;
        for seed in 0..500 {
            let scaled = Scaled::new(&mut Seeded::new(seed));
            let scale = scaled.scale_of(8000);
            for scale in [1, scale] {
                let wasm = scaled.module(scale);
                riser::Module::validate(&engine, &wasm).unwrap_or_else(|error| panic!("{error:#}: {scaled:?}"));
            }
            far += u32::from(!(7000..14_000).contains(&scaled.module(scale).len()));
        }
        assert!(far < 100, "{far} modules of another size");
    }
}
