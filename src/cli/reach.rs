//! What a guest could write to: folders whose files the command executes, or writes by names that a guest may know, must not be there.

use std::io;
use std::path::{Path, PathBuf};

/// The one of the folders that a guest may write to from which it could write in `folder`, which need not be there yet.
///
/// # Errors
///
/// If the place of `folder` cannot be found.
pub fn way_into<'a>(folder: &Path, mut writable: impl Iterator<Item = &'a Path>) -> io::Result<Option<&'a Path>> {
    let above = folder.ancestors().find_map(|above| above.canonicalize().ok());
    let above = above.map_or_else(|| Path::new(".").canonicalize(), Ok)?;
    let is_there = folder.exists();
    let leads_there = |dir: &PathBuf| above.starts_with(dir) || is_there && dir.starts_with(&above);
    Ok(writable.find(|dir| dir.canonicalize().is_ok_and(|dir| leads_there(&dir))))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_folder_is_reached_from_above_from_below_and_by_links() {
        let folder = tempfile::tempdir().expect("is writable");
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("own/copies")).and_then(|()| fs::create_dir(path("other"))).expect("is writable");
        symlink(path("own"), path("link")).expect("is writable");
        let found = |own: &str, dir: &str| {
            let dir = path(dir);
            way_into(&path(own), [&*dir].into_iter()).expect("it is there").is_some()
        };
        for (own, dir, is_reached) in [
            ("own", "", true),
            ("own", "own", true),
            ("own", "own/copies", true),
            ("own", "link", true),
            ("link/copies", "own", true),
            ("own", "other", false),
            ("own/copies", "other", false),
            // What is not there yet.
            ("own/later/still", "own", true),
            ("later", "own", false),
            ("later", "", true),
        ] {
            assert_eq!(found(own, dir), is_reached, "{own} from {dir}");
        }
    }
}
