//! Import matching (core spec, section 3.3).

use anyhow::{Context as _, Result, bail};
use riser_translator::Shown;
use riser_translator::module::{ExternType, Limits, MemoryType, ModuleInfo, TagType};

use crate::monitor::EventSet;
use crate::store::StoreCore;
use crate::{Extern, Module};

/// Checks that `imports` are what the module needs.
pub(super) fn check_all(core: &StoreCore, module: &Module, imports: &[Extern]) -> Result<()> {
    let info: &ModuleInfo = module.info();
    if imports.len() != info.imports.len() {
        bail!("expected {} imports, found {}", info.imports.len(), imports.len());
    }
    for (import, actual) in info.imports.iter().zip(imports) {
        actual.assert_is_of(core);
        let expected = info.extern_type(import.entity);
        check_import(&import.module, &import.name, &expected, &current_type(core, actual))?;
    }
    Ok(())
}

/// Notes the names by which a module imports host functions, if monitors want to know them.
pub(super) fn name_host_functions(core: &StoreCore, module: &Module, imports: &[Extern]) {
    if !core.engine.config().monitors.want(EventSet::HOST) {
        return;
    }
    for (import, actual) in module.info().imports.iter().zip(imports) {
        if let Extern::Func(func) = actual
            && let Some(host) = func.host(core)
        {
            host.set_name(&import.module, &import.name);
        }
    }
}

/// Checks that the type found for an import is what the module expects.
pub(crate) fn check_import(module: &str, name: &str, expected: &ExternType, found: &ExternType) -> Result<()> {
    if matches(expected, found) {
        return Ok(());
    }
    let (expected, found) = (describe(expected), describe(found));
    Err(anyhow::anyhow!("types incompatible: expected {expected}, found {found}"))
        .with_context(|| format!("incompatible import type for `{}::{}`", Shown(module), Shown(name)))
}

/// Returns the type of an import, with its current size.
fn current_type(core: &StoreCore, item: &Extern) -> ExternType {
    match item {
        Extern::Func(func) => ExternType::Func(func.ty_ref(core).clone()),
        Extern::Global(global) => ExternType::Global(global.0.get(core).ty),
        Extern::Table(table) => {
            let table = table.0.get(core);
            let mut ty = *table.ty();
            ty.limits.min = table.len();
            ExternType::Table(ty)
        }
        Extern::Tag(tag) => ExternType::Tag(TagType::new(tag.0.get(core).ty.clone())),
        Extern::Memory(memory) => {
            let memory = memory.0.get(core);
            let mut ty = *memory.ty();
            ty.limits.min = memory.pages();
            ExternType::Memory(ty)
        }
        Extern::SharedMemory(memory) => {
            let mut ty = memory.ty();
            ty.limits.min = memory.size();
            ExternType::Memory(ty)
        }
    }
}

/// Whether an import of type `found` may be used where `expected` is required.
fn matches(expected: &ExternType, found: &ExternType) -> bool {
    match (expected, found) {
        (ExternType::Func(expected), ExternType::Func(found)) => expected == found,
        (ExternType::Global(expected), ExternType::Global(found)) => expected == found,
        (ExternType::Tag(expected), ExternType::Tag(found)) => expected == found,
        (ExternType::Table(expected), ExternType::Table(found)) => {
            expected.element == found.element
                && expected.table64 == found.table64
                && limits_match(expected.limits, found.limits)
        }
        (ExternType::Memory(expected), ExternType::Memory(found)) => {
            expected.memory64 == found.memory64
                && expected.page_size_log2 == found.page_size_log2
                && expected.shared == found.shared
                && limits_match(expected.limits, found.limits)
        }
        _ => false,
    }
}

fn limits_match(expected: Limits, found: Limits) -> bool {
    let max_matches = match (expected.max, found.max) {
        (None, _) => true,
        (Some(expected), Some(found)) => found <= expected,
        (Some(_), None) => false,
    };
    found.min >= expected.min && max_matches
}

/// Describes a type in words, close to the text format: `func (i32) -> (i64)`, `memory 1 2`.
pub(crate) fn describe(ty: &ExternType) -> String {
    let limits = |limits: Limits| match limits.max {
        Some(max) => format!("{} {max}", limits.min),
        None => limits.min.to_string(),
    };
    match ty {
        ExternType::Func(ty) => format!("func {ty}"),
        ExternType::Tag(ty) => format!("tag {}", ty.ty()),
        ExternType::Global(ty) if ty.mutable => format!("global (mut {})", ty.content),
        ExternType::Global(ty) => format!("global {}", ty.content),
        ExternType::Table(ty) => {
            let index = if ty.table64 { "i64 " } else { "" };
            format!("table {index}{} {}", limits(ty.limits), ty.element)
        }
        ExternType::Memory(ty) => {
            let address = if ty.memory64 { "i64 " } else { "" };
            let page = match ty.page_size_log2 {
                MemoryType::DEFAULT_PAGE_SIZE_LOG2 => String::new(),
                _ => format!(" (pagesize {})", ty.page_size()),
            };
            let shared = if ty.shared { " shared" } else { "" };
            format!("memory {address}{}{shared}{page}", limits(ty.limits))
        }
    }
}
