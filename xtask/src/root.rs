//! The root folder of the repository.

use std::env;
use std::path::{Path, PathBuf};

use crate::generate::Finding;

/// The folder given, or the one that cargo names, or the first one above that holds `specs/`.
pub(crate) fn find(given: Option<PathBuf>) -> Result<PathBuf, Finding> {
    if let Some(root) = given {
        return if root.is_dir() {
            Ok(root)
        } else {
            Err(Finding::of_use(
                format!("`--root {}` is no folder", root.display()),
                "name the folder that holds `specs/` and `crates/`",
            ))
        };
    }
    let manifest = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let here = env::current_dir().ok();
    manifest
        .iter()
        .chain(here.iter())
        .find_map(|start| start.ancestors().find(|folder| is_repository(folder)))
        .map(Path::to_path_buf)
        .ok_or_else(|| {
            Finding::of_use(
                "no folder `specs/` beside a `Cargo.toml`, here or above".to_owned(),
                "run `cargo xtask` inside the repository",
            )
        })
}

fn is_repository(folder: &Path) -> bool {
    folder.join("specs").is_dir() && folder.join("Cargo.toml").is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_that_is_no_folder_is_refused() {
        let finding = find(Some(PathBuf::from("/nowhere/at/all"))).unwrap_err();
        assert!(finding.to_string().contains("is no folder"), "{finding}");
    }

    #[test]
    fn the_repository_is_found_from_inside() {
        let root = find(None).unwrap();
        assert!(is_repository(&root), "{}", root.display());
    }
}
