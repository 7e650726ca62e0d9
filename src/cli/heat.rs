//! How often the operators of a program's modules were executed, as a file: `riser profile --heat` writes it, `riser explore --heat`
//! reads it.

use std::collections::BTreeMap;

use anyhow::Result;
use riser_lab::origin::digest_of;
use serde::{Deserialize, Serialize};

use crate::translator::module::ModuleInfo;

/// The heat of a program.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Heat {
    /// Each module that executed something.
    pub modules: Vec<ModuleHeat>,
}

/// The heat of a module.
#[derive(Debug, Serialize, Deserialize)]
pub struct ModuleHeat {
    /// Its name, for readers.
    pub name: String,
    /// The digest of its functions and where they are.
    pub digest: String,
    /// How often the operator at each offset was executed; one that is not there was not.
    pub operators: BTreeMap<u32, u64>,
}

impl ModuleHeat {
    /// Without operators.
    pub fn new(name: String, info: &ModuleInfo) -> ModuleHeat {
        ModuleHeat { name, digest: digest(info), operators: BTreeMap::new() }
    }
}

/// The digest of a module's functions and where they are. Other sections do not matter: a module in the text format gets source lines when
/// it runs.
pub(super) fn digest(info: &ModuleInfo) -> String {
    let mut functions = Vec::new();
    for body in &info.bodies {
        functions.extend(body.range.start.to_le_bytes());
        functions.extend(&info.bytes[body.range.start as usize..body.range.end as usize]);
    }
    digest_of(&functions)
}

impl Heat {
    /// As JSON.
    pub fn to_json(&self) -> Result<String> {
        Ok(serde_json::to_string(self)? + "\n")
    }
}
