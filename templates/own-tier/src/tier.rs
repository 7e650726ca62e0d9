//! A tier that generates closures: each instruction of the register IR becomes a Rust closure over its operands.

use std::sync::Arc;

use riser::tiers_core::{
    Bailout, CompileRequest, Context, FramePc, FrameValues, FuncInst, LINKED_TIERS, LinkedTier, NativeCode, RawFrame,
    Status, Tier, TierCode,
};
use riser::translator::ir::{Cond, Dst, Emitter, Inst, Src};
use riser::translator::module::ModuleInfo;
use riser::translator::ops::BinaryOp;
use riser::translator::sink::{FuncHeader, Label, LabelKind, Slot};
use riser::translator::{FuncIndex, FuncTranslator, Selector, TranslatorConfig, TrapCode, ValType};

// ANCHOR: code
/// An instruction, ready to run.
type Step = Box<dyn Fn(Frame) -> Next + Send + Sync>;

/// Where to go on after it.
enum Next {
    Step,
    Label(Label),
    Return,
    End(Status),
}

/// A function in this tier's form.
#[derive(Default)]
struct Code {
    steps: Vec<Step>,
    /// The offset in the module of the operator that each step comes from.
    offsets: Vec<u32>,
    /// The step at each label.
    labels: Vec<usize>,
    /// Declared locals, from the first to the one after the last; they start as zeros.
    zeroed: std::ops::Range<u32>,
    /// Slots of a frame.
    slots: u32,
    /// The first instruction that this tier has no closure for.
    unsupported: Option<String>,
}
// ANCHOR_END: code

// ANCHOR: frame
/// A frame: its slots on the store's value stack, and the instance.
#[derive(Clone, Copy)]
struct Frame {
    slots: *mut u64,
    /// How many there are.
    len: u32,
    context: *mut Context,
}

impl Frame {
    fn get(self, src: Src) -> u64 {
        match src {
            Src::Imm(bits) => bits,
            // SAFETY: code of valid functions uses slots of its frame only; the entry checked that there is room for it.
            Src::Slot(Slot(slot)) => unsafe { *self.slots.add(slot as usize) },
            Src::Acc => unreachable!("the tier has the translator leave accumulators out"),
        }
    }

    fn set(self, slot: Slot, bits: u64) -> Next {
        // SAFETY: as above.
        unsafe { *self.slots.add(slot.0 as usize) = bits };
        Next::Step
    }

    /// Leaves a result that may be a trap.
    fn set_result(self, slot: Slot, result: Result<u64, TrapCode>) -> Next {
        result.map_or_else(|trap| Next::End(trap.into()), |bits| self.set(slot, bits))
    }
}
// ANCHOR_END: frame

// ANCHOR: emitter
impl Emitter for Code {
    fn begin(&mut self, func: &FuncHeader<'_>) {
        self.zeroed = func.frame.local(func.frame.params).0..func.frame.temp(0).0;
    }

    fn inst(&mut self, inst: &Inst, offset: u32) {
        match step(inst) {
            Some(step) => self.steps.push(step),
            None => self.unsupported = self.unsupported.take().or_else(|| Some(format!("{inst:?}"))),
        }
        self.offsets.push(offset);
    }

    fn label(&mut self, label: Label, _: LabelKind, _: &mut dyn Iterator<Item = ValType>) {
        let at = label.0 as usize;
        self.labels.resize(self.labels.len().max(at + 1), usize::MAX);
        self.labels[at] = self.steps.len();
    }

    fn end(&mut self, max_temps: u32) {
        self.slots = self.zeroed.end + max_temps;
    }
}
// ANCHOR_END: emitter

// ANCHOR: steps
/// The closure for an instruction. A match on the operation, with a closure for each, would make it faster.
fn step(inst: &Inst) -> Option<Step> {
    Some(match *inst {
        Inst::Const { dst: Dst::Slot(dst), bits, .. } => Box::new(move |frame| frame.set(dst, bits)),
        Inst::Copy { dst, src, .. } => Box::new(move |frame| frame.set(dst, frame.get(Src::Slot(src)))),
        Inst::Unary { op, dst: Dst::Slot(dst), src } => {
            Box::new(move |frame| frame.set_result(dst, op.eval(frame.get(src))))
        }
        Inst::Binary { op, dst: Dst::Slot(dst), lhs, rhs } => {
            Box::new(move |frame| frame.set_result(dst, op.eval(frame.get(lhs), frame.get(rhs))))
        }
        Inst::Branch { target } => Box::new(move |_| Next::Label(target)),
        Inst::BranchIf { cond, target } => {
            Box::new(move |frame| if holds(cond, frame) { Next::Label(target) } else { Next::Step })
        }
        Inst::Return => Box::new(|_| Next::Return),
        Inst::ReturnValue { src, .. } => Box::new(move |frame| {
            frame.set(Slot(0), frame.get(src));
            Next::Return
        }),
        Inst::Trap { code } => Box::new(move |_| Next::End(code.into())),
        Inst::Call { function, base, .. } => Box::new(move |frame| call(frame, function, base)),
        _ => return None,
    })
}

fn holds(cond: Cond, frame: Frame) -> bool {
    match cond {
        Cond::NonZero(src) => frame.get(src) != 0,
        Cond::Zero(src) => frame.get(src) == 0,
        Cond::Compare { op, lhs, rhs } => BinaryOp::from(op).eval(frame.get(lhs), frame.get(rhs)) == Ok(1),
    }
}
// ANCHOR_END: steps

// ANCHOR: call
/// Calls a function, whoever runs it. Its arguments are from `base` on, where it leaves the results.
fn call(frame: Frame, function: FuncIndex, base: Slot) -> Next {
    // SAFETY: the context and its store are alive while their code runs; the index is that of a valid function.
    let status = unsafe {
        let store = (*frame.context).store;
        let top = (*store).stack_top;
        (*store).stack_top = frame.slots.add(frame.len as usize);
        let callee = (*frame.context).function(function);
        let status = FuncInst::call(callee, frame.context, frame.slots.add(base.0 as usize));
        (*store).stack_top = top;
        status
    };
    if status.is_returned() { Next::Step } else { Next::End(status) }
}
// ANCHOR_END: call

// ANCHOR: entry
/// The way into functions of this tier.
unsafe extern "C" fn enter(callee: *const FuncInst, _caller: *mut Context, slots: *mut u64) -> Status {
    // SAFETY: by the contract of `SlotEntry`; the function is of this tier, so its data is our code.
    unsafe {
        let code = &*(*callee).tier_data.get().cast::<Code>();
        let context = (*callee).context;
        let store = (*context).store;
        if (*store).native_stack_exhausted() || slots.wrapping_add(code.slots as usize) > (*store).stack_limit {
            return TrapCode::StackOverflow.into();
        }
        let frame = Frame { slots, len: code.slots, context };
        for slot in code.zeroed.clone() {
            frame.set(Slot(slot), 0);
        }
        let mut at = 0;
        loop {
            match code.steps[at](frame) {
                Next::Step => at += 1,
                Next::Label(label) => at = code.labels[label.0 as usize],
                Next::Return => return Status::RETURNED,
                Next::End(status) => {
                    (*store).push_frame(RawFrame {
                        func: callee,
                        pc: FramePc::Wasm(code.offsets[at]),
                        values: FrameValues::Unknown,
                    });
                    return status;
                }
            }
        }
    }
}
// ANCHOR_END: entry

// ANCHOR: tier
/// The tier. It runs functions that compute with numbers and call others, and leaves the rest to the interpreter.
pub struct Closures;

#[linkme::distributed_slice(LINKED_TIERS)]
static LINKED: LinkedTier = LinkedTier { name: "closures", step: None, make: || Ok(Arc::new(Closures)) };

// SAFETY: `enter` runs closures that do what the function's operators do, on the slots of its frame.
unsafe impl Tier for Closures {
    fn name(&self) -> &'static str {
        "closures"
    }

    fn compile(&self, request: CompileRequest<'_>) -> Result<TierCode, Bailout> {
        let info: &ModuleInfo = request.module.info();
        let TranslatorConfig { fuel, epoch, .. } = *request.config;
        let config = TranslatorConfig { fuel, epoch, accumulators: false, ..TranslatorConfig::optimized() };
        let mut code = Code::default();
        FuncTranslator::new()
            .translate(request.module, request.function, &config, &mut Selector::new(info, &config, &mut code))
            .map_err(|error| Bailout::Unsupported(error.to_string()))?;
        match code.unsupported {
            Some(what) => Err(Bailout::Unsupported(what)),
            None => Ok(TierCode { entry: enter, native: NativeCode::NONE, data: Arc::new(code) }),
        }
    }
}
// ANCHOR_END: tier
