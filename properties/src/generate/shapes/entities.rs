//! Entities of a module by the thousand.

use wasm_encoder::{ConstExpr, CustomSection, Elements, ExportKind, GlobalType, NameMap, NameSection, ValType};

use super::sections::{NOTHING, Sections};
use ValType::{I32, I64};

/// A function that calls each of many others once.
pub(super) fn many_callees(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    let count = (bytes / 7) as u32;
    sections.f(|code| {
        for function in 1..=count {
            code.call(function);
        }
    });
    (0..count).for_each(|_| sections.function(NOTHING, &[], |_| {}));
    sections.finish()
}

pub(super) fn many_functions(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.f(|_| {});
    (0..bytes / 4).for_each(|_| sections.function(NOTHING, &[], |_| {}));
    sections.finish()
}

/// Many types, each of which is the type of a function.
pub(super) fn many_types(bytes: usize) -> Vec<u8> {
    const LEN: usize = 9;
    let mut sections = Sections::new();
    sections.f(|_| {});
    let first = sections.types.len();
    for at in 0..bytes / (LEN + 8) {
        let digit = |place: usize| [I32, I64, ValType::F32, ValType::F64][at >> (2 * place) & 3];
        sections.types.ty().function((0..LEN).map(digit), []);
        sections.function(first + at as u32, &[], |_| {});
    }
    sections.finish()
}

pub(super) fn many_imports(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    for _ in 0..bytes / 4 {
        sections.imports.import("", "", wasm_encoder::EntityType::Function(NOTHING));
    }
    sections.f(|_| {});
    sections.finish()
}

/// Many functions, each of them exported.
pub(super) fn many_exports(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.f(|_| {});
    for at in 0..bytes / 15 {
        sections.exports.export(&format!("e{at:x}"), ExportKind::Func, sections.functions.len());
        sections.function(NOTHING, &[], |_| {});
    }
    sections.finish()
}

pub(super) fn many_globals(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    let ty = GlobalType { val_type: I32, mutable: false, shared: false };
    for _ in 0..bytes / 5 {
        sections.globals.global(ty, &ConstExpr::i32_const(1));
    }
    sections.f(|_| {});
    sections.finish()
}

/// Reads of many variables in one order, and writes of them in the opposite one.
pub(super) fn opposite_globals(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    let ty = GlobalType { val_type: I32, mutable: true, shared: false };
    let count = (bytes / 11) as u32;
    for _ in 0..count {
        sections.globals.global(ty, &ConstExpr::i32_const(1));
    }
    sections.f(|code| {
        for at in 0..count {
            code.global_get(at).global_set(count - 1 - at);
        }
    });
    sections.finish()
}

/// Many functions with names.
pub(super) fn many_names(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.f(|_| {});
    let mut functions = NameMap::new();
    for at in 0..(bytes / 14) as u32 {
        functions.append(at, &format!("{at:x}"));
        sections.function(NOTHING, &[], |_| {});
    }
    let mut names = NameSection::new();
    names.functions(&functions);
    let mut module = sections.into_module();
    module.section(&names);
    module.finish()
}

pub(super) fn many_segments(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.f(|_| {});
    for _ in 0..(bytes / 12).min(90_000) {
        sections.data.active(0, &ConstExpr::i32_const(0), *b"x");
        sections.elements.active(None, &ConstExpr::i32_const(0), Elements::Functions([0][..].into()));
    }
    sections.finish()
}

pub(super) fn long_segments(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.f(|_| {});
    sections.data.passive(vec![7; bytes / 2]);
    sections.elements.passive(Elements::Functions(vec![0; bytes / 2].into()));
    sections.finish()
}

pub(super) fn long_expression(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    let mut sum = ConstExpr::i32_const(0);
    for _ in 0..bytes / 3 {
        sum = sum.with_i32_const(1).with_i32_add();
    }
    sections.globals.global(GlobalType { val_type: I32, mutable: false, shared: false }, &sum);
    sections.f(|_| {});
    sections.finish()
}

pub(super) fn custom(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.f(|_| {});
    let mut module = sections.into_module();
    for at in 0..10 {
        module.section(&CustomSection { name: format!("{at}").into(), data: vec![at; bytes / 10].into() });
    }
    module.finish()
}
