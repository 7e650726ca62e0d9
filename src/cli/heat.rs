//! How often the operators of a program's modules were executed, as a file: `riser profile --heat` writes it, `riser explore --heat`
//! reads it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
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
fn digest(info: &ModuleInfo) -> String {
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

    /// Reads the heat of a module from a file.
    ///
    /// # Errors
    ///
    /// If the file is something else, or is of a run without the module.
    pub fn of_module(path: &Path, info: &ModuleInfo) -> Result<BTreeMap<u32, u64>> {
        let context = || format!("cannot read `{}`", path.display());
        let text = fs::read_to_string(path).with_context(context)?;
        let heat: Heat = serde_json::from_str(&text)
            .context("it is no file of `riser profile --heat FILE`")
            .with_context(context)?;
        let digest = digest(info);
        let names: Vec<String> = heat.modules.iter().map(|it| it.name.clone()).collect();
        match heat.modules.into_iter().find(|it| it.digest == digest) {
            Some(of_module) => Ok(of_module.operators),
            None => bail!(
                "`{}` is not of this module, but of {}: run `riser profile --heat` with this one",
                path.display(),
                names.join(", ")
            ),
        }
    }
}
