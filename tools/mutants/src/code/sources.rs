//! The code that is made wrong.

use std::path::Path;

use super::CodeError;

/// The crates whose code is ours and speaks to servers.
const CRATES: [&str; 4] = ["tegata", "fujitsu-aispf", "jooto", "marketo"];

/// One file, without its tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// Below the root.
    pub(super) path: String,
    pub(super) code: String,
}

/// All of them, in order.
pub(super) fn sources(root: &Path) -> Result<Vec<Source>, CodeError> {
    let mut all = Vec::new();
    for name in CRATES {
        list(root, &format!("crates/{name}/src"), &mut all)?;
    }
    all.sort_by(|one, two| one.path.cmp(&two.path));
    Ok(all)
}

fn list(root: &Path, folder: &str, all: &mut Vec<Source>) -> Result<(), CodeError> {
    let fail = |path: &str, error: std::io::Error| CodeError(format!("{path}: {error}"));
    for entry in std::fs::read_dir(root.join(folder)).map_err(|error| fail(folder, error))? {
        let entry = entry.map_err(|error| fail(folder, error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{folder}/{name}");
        if entry.path().is_dir() && name != "tests" {
            list(root, &path, all)?;
        } else if entry.path().extension().is_some_and(|end| end == "rs") && name != "tests.rs" {
            let content =
                std::fs::read_to_string(entry.path()).map_err(|error| fail(&path, error))?;
            let code = without_tests(&content).to_owned();
            all.push(Source { path, code });
        }
    }
    Ok(())
}

/// Tests come last in every file.
fn without_tests(content: &str) -> &str {
    let end = content.find("#[cfg(test)]\nmod tests {");
    &content[..end.unwrap_or(content.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_no_code() {
        let content = "fn a() {}\n#[cfg(test)]\nmod b;\n#[cfg(test)]\nmod tests {}\n";
        assert_eq!(without_tests(content), "fn a() {}\n#[cfg(test)]\nmod b;\n");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let all = sources(&root).unwrap();
        let has = |path: &str| all.iter().any(|source| source.path == path);
        assert!(has("crates/tegata/src/token/cache.rs") && has("crates/jooto/src/client.rs"));
        assert!(
            all.iter().all(|source| !source.path.contains("/tests")),
            "{all:?}"
        );
    }
}
