//! Drafts: providers of which `cargo xtask new` has made the data, and to which no client is held yet. Their files
//! lie among the others, and count only where a draft is asked for by its name.

use std::collections::BTreeSet;

use serde::Deserialize;

/// The only key that is looked at before the files are read.
#[derive(Deserialize)]
struct Mark {
    #[serde(default)]
    draft: bool,
}

/// Those of the files that are of no draft, or of one that is asked for.
pub(super) fn without<P: AsRef<str>, C: AsRef<str>>(
    files: impl IntoIterator<Item = (P, C)>,
    asked: &[&str],
) -> Vec<(P, C)> {
    let files: Vec<(P, C)> = files.into_iter().collect();
    let drafts: BTreeSet<String> = files
        .iter()
        .filter_map(|(path, content)| {
            let name = path
                .as_ref()
                .strip_prefix("providers/")?
                .strip_suffix(".toml")?;
            // A file that cannot be read is a fault, which is reported where it is read.
            let mark: Mark = toml::from_str(content.as_ref()).ok()?;
            (mark.draft && !asked.contains(&name)).then(|| name.to_owned())
        })
        .collect();
    let is_kept = |(path, _): &(P, C)| !owner(path.as_ref()).is_some_and(|it| drafts.contains(it));
    files.into_iter().filter(is_kept).collect()
}

/// The provider that a file belongs to by its path.
fn owner(path: &str) -> Option<&str> {
    let stem = path.strip_suffix(".toml")?;
    match *stem.split('/').collect::<Vec<_>>() {
        ["providers", name] | ["citations", "outside", name] | ["fixtures" | "cases", name, _] => {
            Some(name)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_left_out_with_all_its_files_unless_it_is_asked_for() {
        let of_draft = [
            ("providers/a.toml", "draft = true\nname = \"a\""),
            ("fixtures/a/values.toml", ""),
            ("cases/a/x.toml", ""),
            ("citations/outside/a.toml", ""),
        ];
        let others = [
            ("providers/b.toml", "draft = false"),
            ("cases/b/x.toml", ""),
            ("citations/a.toml", ""),
        ];
        let all: Vec<_> = of_draft.into_iter().chain(others).collect();
        assert_eq!(without(all.clone(), &[]), others);
        assert_eq!(without(all.clone(), &["b"]), others);
        assert_eq!(without(all.clone(), &["a"]), all);
    }
}
