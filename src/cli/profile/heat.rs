//! How often each operator was executed.

use std::collections::HashMap;

use anyhow::Result;

use super::code::module_name;
use super::count::Functions;
use crate::Counts;
use crate::cli::heat::{Heat, ModuleHeat};

/// The heat of a program whose operators were counted.
pub fn heat(counts: &Counts, functions: &Functions) -> Result<Heat> {
    let mut heat = Heat::default();
    // A module's information is shared by its instances, so its address tells modules apart.
    let mut known: HashMap<usize, usize> = HashMap::new();
    for it in &counts.instructions {
        let function = functions.get(&it.module, it.function)?;
        let instruction = function.instruction(it.word).filter(|_| function.counts_operator(it.word));
        let Some(offset) = instruction.and_then(|instruction| instruction.offset) else { continue };
        let info = it.module.info();
        let number = *known.entry(std::ptr::from_ref(&**info).addr()).or_insert_with(|| {
            heat.modules.push(ModuleHeat::new(module_name(&it.module), info));
            heat.modules.len() - 1
        });
        *heat.modules[number].operators.entry(offset).or_default() += it.count;
    }
    Ok(heat)
}
