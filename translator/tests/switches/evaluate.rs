//! Evaluates register IR, plainly. The frame is filled with rubbish wherever a
//! function may not rely on what is there.

use riser_translator::TrapCode;
use riser_translator::ir::{Addr, Cond, Dst, Function, Inst, Item, Src};
use riser_translator::ops::{BinaryOp, LoadOp, StoreOp};
use riser_translator::sink::{LINK_SLOTS, Label, Slot};

const FUEL: u64 = 3_000;
const MEMORY_BYTES: usize = 1 << 16;
const STACK_SLOTS: usize = 600;
const RUBBISH: u64 = 0xdead_beef_dead_beef;

/// How an invocation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Returned(Vec<u64>),
    Trapped(TrapCode),
}

/// What functions have effects on.
#[derive(PartialEq, Eq)]
pub struct Instance {
    memory: Vec<u8>,
    globals: Vec<u64>,
    fuel: u64,
    stack: Vec<u64>,
}

/// Where control goes after an instruction.
enum Next {
    Fallthrough,
    Label(Label),
    Return,
    TailCall(u32),
}

impl Instance {
    pub fn new() -> Instance {
        let memory = (0..MEMORY_BYTES).map(|at| (at * 37 + 11) as u8).collect();
        Instance { memory, globals: vec![7; 4], fuel: FUEL, stack: Vec::new() }
    }

    /// Calls function 0.
    pub fn invoke(&mut self, functions: &[Function], args: &[u64]) -> Outcome {
        self.stack = vec![RUBBISH; STACK_SLOTS];
        self.stack[..args.len()].copy_from_slice(args);
        let results = functions[0].ty.results().len();
        let outcome = match self.call(functions, 0, 0) {
            Ok(()) => Outcome::Returned(self.stack[..results].to_vec()),
            Err(code) => Outcome::Trapped(code),
        };
        // What is left in the frames is nobody's business.
        self.stack.clear();
        outcome
    }

    fn call(&mut self, functions: &[Function], index: u32, base: usize) -> Result<(), TrapCode> {
        let mut function = &functions[index as usize];
        let mut acc = RUBBISH;
        let mut at = self.enter(function, base)?;
        loop {
            let next = match &function.items[at] {
                Item::Label { .. } => Next::Fallthrough,
                Item::Inst { inst, .. } => self.step(functions, inst, base, &mut acc)?,
            };
            at = match next {
                Next::Fallthrough => at + 1,
                Next::Label(target) => label(function, target),
                Next::Return => return Ok(()),
                Next::TailCall(callee) => {
                    function = &functions[callee as usize];
                    self.enter(function, base)?
                }
            };
        }
    }

    /// Prepares the frame of a function whose arguments are in place.
    fn enter(&mut self, function: &Function, base: usize) -> Result<usize, TrapCode> {
        let frame = function.frame();
        let end = base + (frame.temp(0).0 + function.max_temps) as usize;
        if end + 16 > self.stack.len() {
            return Err(TrapCode::StackOverflow);
        }
        self.stack[base + frame.params as usize..].fill(RUBBISH);
        let first_local = base + (frame.link().0 + LINK_SLOTS) as usize;
        self.stack[first_local..base + frame.temp(0).0 as usize].fill(0);
        Ok(0)
    }

    fn step(&mut self, functions: &[Function], inst: &Inst, base: usize, acc: &mut u64) -> Result<Next, TrapCode> {
        let slot = |instance: &Instance, slot: Slot| instance.stack[base + slot.0 as usize];
        let last_acc = std::mem::replace(acc, RUBBISH);
        let read = |instance: &Instance, src: Src| match src {
            Src::Slot(at) => slot(instance, at),
            Src::Acc => last_acc,
            Src::Imm(bits) => bits,
        };
        let address = |instance: &Instance, addr: Addr, offset: u64| {
            let address = match addr {
                Addr::Base(base) => read(instance, base) as u32,
                Addr::Sum { base, add } => (read(instance, base) as u32).wrapping_add_signed(add),
            };
            u64::from(address) + offset
        };
        let result = match *inst {
            Inst::Const { bits, .. } => bits,
            Inst::Copy { src, .. } => slot(self, src),
            Inst::Unary { op, src, .. } => op.eval(read(self, src))?,
            Inst::Binary { op, lhs, rhs, .. } => op.eval(read(self, lhs), read(self, rhs))?,
            Inst::Select { cond, if_true, if_false, .. } => {
                slot(self, if read(self, cond) as u32 != 0 { if_true } else { if_false })
            }
            Inst::GlobalGet { global, .. } => self.globals[global as usize],
            Inst::Load { op, addr, offset, .. } => {
                let bytes = self.bytes(address(self, addr, offset), op.access_bytes())?;
                let mut raw = [0; 8];
                raw[..bytes.len()].copy_from_slice(bytes);
                extend(op, u64::from_le_bytes(raw))
            }
            Inst::GlobalSet { global, src, .. } => {
                self.globals[global as usize] = read(self, src);
                return Ok(Next::Fallthrough);
            }
            Inst::Store { op, addr, offset, value, .. } => {
                self.store(op, address(self, addr, offset), read(self, value))?;
                return Ok(Next::Fallthrough);
            }
            Inst::Branch { target } => return Ok(Next::Label(target)),
            Inst::BranchIf { cond, target } => {
                let taken = match cond {
                    Cond::NonZero(src) => read(self, src) as u32 != 0,
                    Cond::Zero(src) => read(self, src) as u32 == 0,
                    Cond::Compare { op, lhs, rhs } => BinaryOp::from(op).eval(read(self, lhs), read(self, rhs))? != 0,
                };
                return Ok(if taken { Next::Label(target) } else { Next::Fallthrough });
            }
            Inst::BranchTable { index, ref targets } => {
                let index = (read(self, index) as u32 as usize).min(targets.len() - 1);
                return Ok(Next::Label(targets[index]));
            }
            Inst::Return => return Ok(Next::Return),
            Inst::ReturnValue { src, .. } => {
                self.stack[base] = read(self, src);
                return Ok(Next::Return);
            }
            Inst::Call { function, base: callee, .. } => {
                let callee = base + callee.0 as usize;
                self.call(functions, function, callee)?;
                let results = functions[function as usize].ty.results().len();
                self.stack[callee + results..].fill(RUBBISH);
                return Ok(Next::Fallthrough);
            }
            Inst::ReturnCall { function, base: args, params, .. } => {
                let args = base + args.0 as usize;
                self.stack.copy_within(args..args + params as usize, base);
                return Ok(Next::TailCall(function));
            }
            Inst::Trap { code } => return Err(code),
            Inst::Fuel { units } => {
                self.fuel = self.fuel.checked_sub(u64::from(units)).ok_or(TrapCode::OutOfFuel)?;
                return Ok(Next::Fallthrough);
            }
            Inst::Epoch => return Ok(Next::Fallthrough),
            ref other => panic!("{other:?} is not generated"),
        };
        match inst.result() {
            Some((Dst::Slot(dst), _)) => self.stack[base + dst.0 as usize] = result,
            Some((Dst::Acc, _)) => *acc = result,
            None => {}
        }
        Ok(Next::Fallthrough)
    }

    fn bytes(&mut self, address: u64, len: u32) -> Result<&mut [u8], TrapCode> {
        let start = usize::try_from(address).map_err(|_| TrapCode::MemoryOutOfBounds)?;
        self.memory.get_mut(start..start + len as usize).ok_or(TrapCode::MemoryOutOfBounds)
    }

    fn store(&mut self, op: StoreOp, address: u64, value: u64) -> Result<(), TrapCode> {
        let len = op.access_bytes();
        self.bytes(address, len)?.copy_from_slice(&value.to_le_bytes()[..len as usize]);
        Ok(())
    }
}

fn label(function: &Function, target: Label) -> usize {
    let is_target = |item: &Item| matches!(item, Item::Label { label, .. } if *label == target);
    function.items.iter().position(is_target).expect("the label is bound")
}

/// A loaded value as slot bits.
fn extend(op: LoadOp, raw: u64) -> u64 {
    match op {
        LoadOp::I32Load8S => raw as u8 as i8 as i32 as u32 as u64,
        LoadOp::I32Load16S => raw as u16 as i16 as i32 as u32 as u64,
        LoadOp::I64Load8S => raw as u8 as i8 as i64 as u64,
        LoadOp::I64Load16S => raw as u16 as i16 as i64 as u64,
        LoadOp::I64Load32S => raw as u32 as i32 as i64 as u64,
        _ => raw,
    }
}
