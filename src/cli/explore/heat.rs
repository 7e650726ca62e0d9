//! Reads what `riser profile --heat` wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::cli::heat::{Heat, digest};
use crate::translator::module::ModuleInfo;

/// Reads how often each operator of a module was executed from a file.
///
/// # Errors
///
/// If the file is something else, or is of a run without the module.
pub fn read(path: &Path, info: &ModuleInfo) -> Result<BTreeMap<u32, u64>> {
    let context = || format!("cannot read `{}`", path.display());
    let text = fs::read_to_string(path).with_context(context)?;
    let heat: Heat =
        serde_json::from_str(&text).context("it is no file of `riser profile --heat FILE`").with_context(context)?;
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
