//! Trampolines: code that converts between the native calling convention and slots, one of each kind for each
//! function type.

use std::mem::offset_of;
use std::sync::Arc;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    AbiParam, BlockArg, InstBuilder, MemFlagsData, Signature, UserFuncName, types::I32, types::I64,
};
use cranelift_codegen::isa::{CallConv, TargetIsa};
use cranelift_frontend::FunctionBuilder;
use riser_tiers_core::native::{self, Activation, Builtins, Trampoline, TrampolineCode, WayIn};
use riser_tiers_core::{Bailout, Bridge, FuncInst, MAX_TRAMPOLINE_FRAME, Status, StoreContext, TrampolineUsage};
use riser_translator::{FuncType, TrapCode};

use crate::compile::{Compiled, Compilers};
use crate::positions::user_trap;
use crate::signature::{
    SLOT_BYTES, array_bytes, load_slots, loop_signature, native_signature, results_in_array, store_slots,
};

/// The purpose of a trampoline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    WayIn,
    WayIntoLoop,
    Bridge,
}

/// A kind of trampoline, and the type of its functions.
type Key = (Kind, FuncType);

/// An entry trampoline, which exists as long as somebody holds it.
#[derive(Clone)]
pub(crate) struct WayInCode {
    pub(crate) code: WayIn,
    _trampoline: Arc<Trampoline<Key>>,
}

#[derive(Default)]
pub(crate) struct Trampolines(native::Trampolines<Key>);

impl Trampolines {
    /// The entry trampoline of functions of type `ty`.
    pub(crate) fn way_in(
        &self,
        compilers: &Compilers,
        isa: &dyn TargetIsa,
        ty: &FuncType,
    ) -> Result<WayInCode, Bailout> {
        self.way(compilers, isa, ty, Kind::WayIn)
    }

    /// The entry trampoline of OSR code for functions of type `ty`, which takes over the frame that consists of
    /// the slots.
    pub(crate) fn way_into_loop(
        &self,
        compilers: &Compilers,
        isa: &dyn TargetIsa,
        ty: &FuncType,
    ) -> Result<WayInCode, Bailout> {
        self.way(compilers, isa, ty, Kind::WayIntoLoop)
    }

    fn way(&self, compilers: &Compilers, isa: &dyn TargetIsa, ty: &FuncType, kind: Kind) -> Result<WayInCode, Bailout> {
        let trampoline = self.0.get((kind, ty.clone()), || {
            let build = |builder: &mut FunctionBuilder<'_>| build_way_in(builder, ty, kind == Kind::WayIntoLoop);
            compile(compilers, isa, way_in_signature(), build)
        })?;
        // SAFETY: compiled with this signature.
        let code = unsafe { std::mem::transmute::<*const u8, WayIn>(trampoline.code().0) };
        Ok(WayInCode { code, _trampoline: trampoline })
    }

    /// The bridge to functions of type `ty`.
    pub(crate) fn bridge(&self, compilers: &Compilers, isa: &dyn TargetIsa, ty: &FuncType) -> Result<Bridge, Bailout> {
        let trampoline = self.0.get((Kind::Bridge, ty.clone()), || {
            compile(compilers, isa, native_signature(ty), |builder| build_bridge(builder, ty))
        })?;
        Ok(Bridge { code: trampoline.code(), keep: trampoline })
    }

    /// The number and size of the trampolines.
    pub(crate) fn usage(&self) -> TrampolineUsage {
        self.0.usage()
    }
}

fn compile(
    compilers: &Compilers,
    isa: &dyn TargetIsa,
    signature: Signature,
    build: impl FnOnce(&mut FunctionBuilder<'_>),
) -> Result<TrampolineCode, Bailout> {
    let compiled = compilers.with(|compiler| {
        compiler.context.func.name = UserFuncName::user(1, 0);
        compiler.context.func.signature = signature;
        let mut builder = FunctionBuilder::new(&mut compiler.context.func, &mut compiler.builder);
        let entry = builder.create_block();
        builder.append_block_params_for_function_params(entry);
        builder.switch_to_block(entry);
        build(&mut builder);
        builder.seal_all_blocks();
        builder.finalize(isa.frontend_config());
        compiler.compile(isa, 0)
    })?;
    // Trampolines have no stack check of their own.
    if compiled.frame_bytes as usize > MAX_TRAMPOLINE_FRAME {
        return Err(Bailout::TooLarge(format!("a trampoline with a frame of {} bytes", compiled.frame_bytes)));
    }
    let Compiled { code, tables, .. } = compiled;
    Ok(TrampolineCode { code, tables })
}

/// The System V signature of [`WayIn`].
fn way_in_signature() -> Signature {
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params.extend([AbiParam::new(I64); 3]);
    signature
}

/// Builds `way_in(context, slots, code)`: loads the arguments, calls the code, stores the results, unless the code leaves them in the slots
/// itself. OSR code gets the frame's address as its argument.
fn build_way_in(builder: &mut FunctionBuilder<'_>, ty: &FuncType, takes_over: bool) {
    let entry = builder.current_block().expect("the entry block is current");
    let &[context, base, code] = builder.block_params(entry) else { unreachable!("three parameters") };
    let mut arguments = vec![context];
    if results_in_array(ty.results()) {
        arguments.push(base);
    }
    if takes_over {
        arguments.push(base);
    } else {
        arguments.extend(load_slots(builder, ty.params(), base));
    }
    let signature = if takes_over { loop_signature(ty.results()) } else { native_signature(ty) };
    let signature = builder.import_signature(signature);
    let call = builder.ins().call_indirect(signature, code, &arguments);
    let results = builder.inst_results(call).to_vec();
    store_slots(builder, ty.results(), &results, base);
    builder.ins().return_(&[]);
}

/// Builds `bridge(function, arguments..) -> results`: calls a function by its slots.
///
/// If the call is in tail position, and no other frame of machine code is left in the activation, the call is left
/// to whoever entered the activation ([`Status::TAIL_CALL`]). Otherwise calls that alternate between tiers would
/// take native stack. The chain of frame pointers shows that the bridge's caller is the entry trampoline, and thus
/// that no other frame is left.
fn build_bridge(builder: &mut FunctionBuilder<'_>, ty: &FuncType) {
    let flags = MemFlagsData::trusted();
    let entry = builder.current_block().expect("the entry block is current");
    let parameters = builder.block_params(entry).to_vec();
    let (array, arguments) = parameters[1..].split_at(results_in_array(ty.results()).into());
    let function = parameters[0];
    let store = builder.ins().load(I64, flags, function, offset_of!(FuncInst, store) as i32);
    let activation = builder.ins().load(I64, flags, store, offset_of!(StoreContext, activation) as i32);
    let builtins = builder.ins().load(I64, flags, store, offset_of!(StoreContext, builtins) as i32);

    // bridge's frame -> frame of its caller -> frame of the stub, if the caller is the entry trampoline
    let own = builder.ins().get_frame_pointer(I64);
    let callers = builder.ins().load(I64, flags, own, 0);
    let outer = builder.ins().load(I64, flags, callers, 0);
    let stub = builder.ins().load(I64, flags, activation, offset_of!(Activation, frame_pointer) as i32);
    let is_first = builder.ins().icmp(IntCC::Equal, outer, stub);
    let context = builder.ins().load(I64, flags, function, offset_of!(FuncInst, context) as i32);
    let zero = builder.ins().iconst(I64, 0);
    let is_wasm = builder.ins().icmp(IntCC::NotEqual, context, zero);
    let leaves = builder.ins().band(is_first, is_wasm);

    let [leave, nest, failed, returned] = std::array::from_fn(|_| builder.create_block());
    builder.set_cold_block(leave);
    builder.set_cold_block(failed);
    builder.append_block_param(failed, I32);
    builder.ins().brif(leaves, leave, [], nest, []);

    builder.switch_to_block(leave);
    let base = builder.ins().load(I64, flags, activation, offset_of!(Activation, slots) as i32);
    store_slots(builder, ty.params(), arguments, base);
    builder.ins().store(flags, function, store, offset_of!(StoreContext, tail_callee) as i32);
    let status = builder.ins().iconst(I32, i64::from(Status::TAIL_CALL.0));
    builder.ins().jump(failed, [&BlockArg::from(status)]);

    // Even at the limit, the red zone has room for the arguments; the callee checks for room for its frame.
    builder.switch_to_block(nest);
    let base = builder.ins().load(I64, flags, store, offset_of!(StoreContext, stack_top) as i32);
    let limit = builder.ins().load(I64, flags, store, offset_of!(StoreContext, stack_limit) as i32);
    let beyond = builder.ins().icmp(IntCC::UnsignedGreaterThan, base, limit);
    builder.ins().trapnz(beyond, user_trap(TrapCode::StackOverflow));
    store_slots(builder, ty.params(), arguments, base);
    let caller = builder.ins().load(I64, flags, store, offset_of!(StoreContext, caller) as i32);
    let call_slots = builder.ins().load(I64, flags, builtins, offset_of!(Builtins, call_slots) as i32);
    let mut signature = way_in_signature();
    signature.returns.push(AbiParam::new(I32));
    let signature = builder.import_signature(signature);
    let call = builder.ins().call_indirect(signature, call_slots, &[function, caller, base]);
    let status = builder.inst_results(call)[0];
    builder.ins().brif(status, failed, [&BlockArg::from(status)], returned, []);

    builder.switch_to_block(failed);
    let status = builder.block_params(failed)[0];
    let raise = builder.ins().load(I64, flags, builtins, offset_of!(Builtins, raise) as i32);
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params.push(AbiParam::new(I32));
    let signature = builder.import_signature(signature);
    builder.ins().call_indirect(signature, raise, &[status]);
    builder.ins().trap(user_trap(TrapCode::Unreachable));

    builder.switch_to_block(returned);
    let results = match array.first() {
        None => load_slots(builder, ty.results(), base),
        Some(&array) => {
            for offset in (0..array_bytes(ty.results())).step_by(SLOT_BYTES as usize) {
                let bits = builder.ins().load(I64, flags, base, offset as i32);
                builder.ins().store(flags, bits, array, offset as i32);
            }
            Vec::new()
        }
    };
    builder.ins().return_(&results);
}
