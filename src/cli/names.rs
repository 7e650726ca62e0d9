//! Finds functions by the names and indices that users give.

use anyhow::{Result, bail};

use crate::translator::module::ModuleInfo;
use crate::translator::{FuncIndex, Shown};

use super::out::counted;

/// The function with code that has the given index or name.
pub fn find(info: &ModuleInfo, name: &str) -> Result<FuncIndex> {
    let mut functions = FuncIndex::first(info.functions.len());
    let found = match name.parse::<FuncIndex>() {
        Ok(function) => Some(function).filter(|function| function.index() < functions.len()),
        Err(_) => functions.find(|&function| info.func_name(function) == Some(name)),
    };
    match found {
        Some(function) if info.defined_function(function).is_none() => {
            bail!("function `{}` is imported: it has no code", Shown(name))
        }
        Some(function) => Ok(function),
        None if name.parse::<FuncIndex>().is_ok() => {
            let there = counted(info.functions.len(), "function");
            bail!("the module has no function `{}`: it has {there}, numbered from 0", Shown(name))
        }
        None => bail!(
            "the module has no function `{}`{}",
            Shown(name),
            nearest(name, FuncIndex::first(info.functions.len()).filter_map(|it| info.func_name(it)))
        ),
    }
}

/// Checks that one of the modules has a function. If none has, the first one's error says so.
pub fn find_in_any(modules: &[&ModuleInfo], name: &str) -> Result<()> {
    match modules {
        [first, rest @ ..] if !rest.iter().any(|module| find(module, name).is_ok()) => find(first, name).map(drop),
        _ => Ok(()),
    }
}

/// The functions with code: all, or the one with the given index or name.
pub fn all_or(info: &ModuleInfo, name: Option<&str>) -> Result<Vec<FuncIndex>> {
    Ok(match name {
        Some(name) => vec![find(info, name)?],
        None => info.defined_functions().collect(),
    })
}

/// The most names that are compared to find near ones, and their greatest length: a mistake has to be reported at once.
const MOST: usize = 20_000;
const LONGEST: usize = 200;

/// Describes which of `names` are near to `name`, for the end of a message that `name` does not exist: those that contain it,
/// and those that look like it. Empty if there are none.
pub fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    let mut near: Vec<(f64, &str)> = names
        .filter(|other| other.len() <= LONGEST && name.len() <= LONGEST)
        .take(MOST)
        .map(|other| {
            let contains = !name.is_empty() && other.contains(name);
            let one_mistake = other.len() > 1 && strsim::damerau_levenshtein(name, other) == 1;
            (strsim::jaro(name, other) + f64::from(u8::from(contains)) + f64::from(u8::from(one_mistake)), other)
        })
        .filter(|(alike, _)| *alike > 0.7)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    near.dedup_by_key(|it| it.1);
    near.truncate(3);
    match &near[..] {
        [] => String::new(),
        near => {
            let near: Vec<String> = near.iter().map(|(_, name)| format!("`{}`", Shown(name))).collect();
            format!("; did you mean {}?", near.join(" or "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_names_contain_what_was_asked_for_or_look_like_it() {
        let names = ["main", "fibonacci", "program::main::h1234567890abcdef", "mian", "memset", "memcpy"];
        let near = |name| nearest(name, names.iter().copied());
        assert_eq!(near("main"), "; did you mean `main` or `mian` or `program::main::h1234567890abcdef`?");
        assert_eq!(near("fibonaci"), "; did you mean `fibonacci`?");
        assert_eq!(near("memset"), "; did you mean `memset`?");
        assert_eq!(near("mmeset"), "; did you mean `memset`?");
        assert_eq!(near("xyzzy"), "");
        assert_eq!(near(""), "");
    }
}
