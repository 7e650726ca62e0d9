//! Keeps the positions of loads on their way from LLVM's passes to machine code.
//!
//! LLVM makes one instruction of a load and an extension of the loaded value, at the extension's position. That is another operator's
//! position if a pass has moved the extension through the instructions in between; or no position, if this happened during the selection of
//! addresses (`zext (and (load), 511)` becomes `and (zext (load)), 511`). So here each load is extended to 64 bits right after it, by an
//! instruction at the load's own position, and all users use the extended value: nothing is left to move. In machine code, the two are one
//! instruction.

use inkwell::builder::Builder;
use inkwell::context::Context as Llvm;
use inkwell::debug_info::DILocation;
use inkwell::module::Module;
use inkwell::types::IntType;
use inkwell::values::{AnyValueEnum, BasicValue, BasicValueEnum, InstructionOpcode, InstructionValue, IntValue};

/// Fixes the positions of all loads that can fault, after LLVM's passes.
pub(crate) fn settle(llvm: &Llvm, module: &Module<'_>) {
    let builder = llvm.create_builder();
    for function in module.get_functions() {
        for block in function.get_basic_block_iter() {
            let loads: Vec<InstructionValue<'_>> = block.get_instructions().filter(|it| can_fault(*it)).collect();
            for load in loads {
                if let (Ok(value), Some(position)) = (IntValue::try_from(load), load.get_debug_location()) {
                    settle_load(llvm, &builder, value, load, position);
                }
            }
        }
    }
}

/// Whether an instruction is a load that is left to guard pages, and so can fault.
fn can_fault(instruction: InstructionValue<'_>) -> bool {
    instruction.get_opcode() == InstructionOpcode::Load && instruction.get_volatile() == Ok(true)
}

/// The instructions that use a value.
fn users<'c>(value: InstructionValue<'c>) -> Vec<InstructionValue<'c>> {
    let uses = std::iter::successors(value.get_first_use(), |it| it.get_next_use());
    let users = uses.filter_map(|it| match it.get_user() {
        AnyValueEnum::InstructionValue(user) => Some(user),
        AnyValueEnum::PhiValue(phi) => Some(phi.as_instruction()),
        other => BasicValueEnum::try_from(other).ok()?.as_instruction_value(),
    });
    users.collect()
}

fn settle_load<'c>(
    llvm: &'c Llvm,
    builder: &Builder<'c>,
    value: IntValue<'c>,
    load: InstructionValue<'c>,
    position: DILocation<'c>,
) {
    let (wide, narrow) = (llvm.i64_type(), value.get_type());
    let Some(next) = load.get_next_instruction().filter(|_| narrow.get_bit_width() < wide.get_bit_width()) else {
        return;
    };
    let users = users(load);
    builder.position_before(&next);
    builder.set_current_debug_location(position);
    let built = "the builder is in a block and the types fit";
    let mut extended: [Option<IntValue<'c>>; 2] = [None, None];
    let mut extend = |signed: bool, ty: IntType<'c>| {
        let extended = *extended[usize::from(signed)].get_or_insert_with(|| match signed {
            true => builder.build_int_s_extend(value, wide, "").expect(built),
            false => builder.build_int_z_extend(value, wide, "").expect(built),
        });
        if ty == wide { extended } else { builder.build_int_truncate(extended, ty, "").expect(built) }
    };
    // Instructions are built before the next instruction, which may be one of these extensions: so those are erased last.
    let mut replaced = Vec::new();
    for user in users {
        let extends = matches!(user.get_opcode(), InstructionOpcode::ZExt | InstructionOpcode::SExt);
        if let (true, Ok(old)) = (extends, IntValue::try_from(user)) {
            let new = extend(user.get_opcode() == InstructionOpcode::SExt, old.get_type());
            old.replace_all_uses_with(new);
            replaced.push(user);
            continue;
        }
        let new = extend(false, narrow);
        for operand in 0..user.get_num_operands() {
            let used = user.get_operand(operand).and_then(|it| it.value());
            if used.is_some_and(|used| used.as_instruction_value() == Some(load)) {
                user.set_operand(operand, new);
            }
        }
    }
    for user in replaced {
        user.erase_from_basic_block();
    }
}

#[cfg(test)]
mod tests {
    use inkwell::memory_buffer::MemoryBuffer;

    use super::*;
    use crate::library;

    /// Runs `settle` on a module in LLVM's text format, and returns the result in the same format.
    fn settled(text: &str) -> String {
        library::load().expect("LLVM is installed");
        let llvm = Llvm::create();
        let buffer = MemoryBuffer::create_from_memory_range_copy(text.as_bytes(), "module");
        let module = llvm.create_module_from_ir(buffer).expect("the text is right");
        settle(&llvm, &module);
        module.verify().expect("what comes of it is right");
        module.to_string()
    }

    /// The extension that follows the load is its first user, and is erased; the other user's extension is built after that.
    #[test]
    fn the_instruction_after_a_load_may_be_replaced() {
        let text = settled(
            "define i32 @f(ptr %p) !dbg !3 {
                br label %load
             use:
                %odd = trunc i8 %byte to i1
                %chosen = select i1 %odd, i32 %wide, i32 7
                ret i32 %chosen
             load:
                %byte = load volatile i8, ptr %p, align 1, !dbg !4
                %wide = zext i8 %byte to i32
                br label %use
            }
            !llvm.dbg.cu = !{!0}
            !llvm.module.flags = !{!2}
            !0 = distinct !DICompileUnit(language: DW_LANG_C, file: !1, emissionKind: LineTablesOnly)
            !1 = !DIFile(filename: \"module\", directory: \"\")
            !2 = !{i32 2, !\"Debug Info Version\", i32 3}
            !3 = distinct !DISubprogram(name: \"f\", file: !1, unit: !0, type: !5, spFlags: DISPFlagDefinition)
            !4 = !DILocation(line: 1, scope: !3)
            !5 = !DISubroutineType(types: !{null})",
        );
        let extensions: Vec<&str> = text.lines().filter(|line| line.contains("zext")).collect();
        assert_eq!(extensions.len(), 1, "one extension is left:\n{text}");
        assert!(extensions[0].contains("to i64, !dbg"), "it is to 64 bits, at the load's position:\n{text}");
    }
}
