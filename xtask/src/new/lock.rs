//! The entry of a member in `Cargo.lock`, as cargo would write it: so nothing has to be resolved, and nothing else
//! changes.

use std::fs;
use std::io;
use std::path::Path;

use super::changes::Changes;
use super::package::Manifest;
use crate::generate::Finding;

const FILE: &str = "Cargo.lock";

/// Adds the entry of a package. Where there is no lock file, none is made.
pub(crate) fn add(root: &Path, manifest: &Manifest, changes: &mut Changes) -> Result<(), Finding> {
    let Some(text) = read(root)? else {
        return Ok(());
    };
    let mut lines: Vec<String> = manifest
        .dependencies
        .iter()
        .map(|name| format!(" \"{}\",", reference(&text, name)))
        .collect();
    lines.sort();
    let entry = format!(
        "{}name = \"{}\"\nversion = \"{}\"\ndependencies = [\n{}\n]\n\n",
        HEAD,
        manifest.package,
        version(&text),
        lines.join("\n")
    );
    let at = starts(&text).find(|at| package(&text[*at..]) > manifest.package.as_str());
    let mut text = text;
    match at {
        Some(at) => text.insert_str(at, &entry),
        None => text = format!("{}\n\n{}\n", text.trim_end(), entry.trim_end()),
    }
    changes.write(FILE, text);
    Ok(())
}

/// Takes the entry of a package out.
pub(crate) fn remove(root: &Path, name: &str, changes: &mut Changes) -> Result<(), Finding> {
    let Some(text) = read(root)? else {
        return Ok(());
    };
    let Some(from) = starts(&text).find(|at| package(&text[*at..]) == name) else {
        return Ok(());
    };
    let rest = &text[from + 1..];
    let kept = match rest.find(HEAD) {
        Some(length) => format!("{}{}", &text[..from], &rest[length..]),
        None => format!("{}\n", text[..from].trim_end()),
    };
    changes.write(FILE, kept);
    Ok(())
}

const HEAD: &str = "[[package]]\n";

fn read(root: &Path) -> Result<Option<String>, Finding> {
    match fs::read_to_string(root.join(FILE)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let what = format!("cannot be read: {error}");
            Err(Finding::of_file(
                FILE,
                what,
                "give it the right permissions",
            ))
        }
    }
}

/// Where the entries begin.
fn starts(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.match_indices(HEAD).map(|(at, _)| at)
}

/// The name in an entry.
fn package(entry: &str) -> &str {
    let line = entry.lines().nth(1).unwrap_or_default();
    line.strip_prefix("name = \"")
        .and_then(|it| it.strip_suffix('"'))
        .unwrap_or_default()
}

/// How entries of this workspace refer to a package: by its name, and where there are several of it, with the
/// version.
fn reference(text: &str, name: &str) -> String {
    let own = starts(text)
        .map(|at| &text[at..])
        .filter(|entry| package(entry).starts_with("tegata"));
    let entries = own.map(|entry| entry.find("\n[[").map_or(entry, |end| &entry[..end]));
    let mut lines = entries
        .flat_map(str::lines)
        .filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\","));
    let found = lines.find(|it| it.split(' ').next() == Some(name));
    found.unwrap_or(name).to_owned()
}

/// The version that all members have.
fn version(text: &str) -> &str {
    let mut own = starts(text)
        .map(|at| &text[at..])
        .filter(|entry| package(entry).starts_with("tegata"));
    let line = own.next().and_then(|entry| entry.lines().nth(2));
    line.and_then(|it| it.strip_prefix("version = \"")?.strip_suffix('"'))
        .unwrap_or("0.1.0")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "version = 4\n\n[[package]]\nname = \"http\"\nversion = \"0.2.1\"\n\n[[package]]\nname = \"http\"\nversion = \
        \"1.4.0\"\n\n[[package]]\nname = \"tegata\"\nversion = \"0.3.0\"\ndependencies = [\n \"http 1.4.0\",\n]\n\n[[package]]\nname = \
        \"tegata-z\"\nversion = \"0.3.0\"\n";

    fn manifest(package: &str) -> Manifest {
        Manifest {
            package: package.to_owned(),
            dependencies: vec!["tegata", "http"],
        }
    }

    #[test]
    fn an_entry_is_put_in_its_place_and_taken_out_again() {
        for name in ["a", "tegata-m", "zz"] {
            let root = tempfile::tempdir().unwrap();
            fs::write(root.path().join(FILE), LOCK).unwrap();
            let mut changes = Changes::default();
            add(root.path(), &manifest(name), &mut changes).unwrap();
            changes.apply(root.path()).unwrap();
            let text = fs::read_to_string(root.path().join(FILE)).unwrap();
            let names: Vec<&str> = starts(&text).map(|at| package(&text[at..])).collect();
            assert!(names.is_sorted() && names.contains(&name), "{names:?}");
            let entry = format!(
                "name = \"{name}\"\nversion = \"0.3.0\"\ndependencies = [\n \"http 1.4.0\",\n \"tegata\",\n]\n"
            );
            assert!(text.contains(&entry), "{text}");
            let mut back = Changes::default();
            remove(root.path(), name, &mut back).unwrap();
            back.apply(root.path()).unwrap();
            assert_eq!(fs::read_to_string(root.path().join(FILE)).unwrap(), LOCK);
        }
    }

    #[test]
    fn no_lock_file_is_made_where_there_is_none() {
        let root = tempfile::tempdir().unwrap();
        let mut changes = Changes::default();
        add(root.path(), &manifest("a"), &mut changes).unwrap();
        assert_eq!(changes.len(), 0);
    }
}
