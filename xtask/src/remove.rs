//! `cargo xtask remove`: takes out what `cargo xtask new` has made, and leaves no trace of it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::generate::{Finding, Outcome, complain, sha256};
use crate::new::record::{self, Record};
use crate::new::{self, Changes, lock, name, rows};

/// Options of `cargo xtask remove`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The provider, as it was named for `cargo xtask new`.
    name: String,
    /// Take out files as well that were made or changed by hand.
    #[arg(long)]
    all: bool,
}

/// Runs the task.
pub(crate) fn run(root: &Path, args: &Args, out: &mut dyn Write, err: &mut dyn Write) -> Outcome {
    match attempt(root, args) {
        Ok(count) => {
            // A reader who closed the pipe has seen enough.
            let _ = writeln!(out, "{}: {count} files removed or changed", args.name);
            Outcome::Fine
        }
        Err(finding) => {
            complain(err, &[finding]);
            Outcome::BadInput
        }
    }
}

fn attempt(root: &Path, args: &Args) -> Result<usize, Finding> {
    let name = args.name.as_str();
    name::form(name)?;
    let known = record::names(root);
    if !known.iter().any(|it| it == name) {
        let there = match &known[..] {
            [] => "there is none".to_owned(),
            all => format!("there are: {}", all.join(", ")),
        };
        return Err(Finding::of_use(
            format!(
                "`{name}` was not made by `cargo xtask new`: there is no {}",
                record::path(name)
            ),
            format!("name a provider that has such a record; {there}"),
        ));
    }
    let mut changes = Changes::default();
    let mut others = Vec::new();
    // A record that cannot be read vouches for no file.
    let written = Record::load(root, name).map_or_else(|_| BTreeMap::new(), |it| it.written);
    for place in new::places(name) {
        for file in files(root, &place)? {
            if !new::is_generated(name, &file) && !is_as_written(root, &file, &written) {
                others.push(file.clone());
            }
            changes.remove(file);
        }
    }
    if !others.is_empty() && !args.all {
        let shown: Vec<&str> = others.iter().take(5).map(String::as_str).collect();
        let more = if others.len() > shown.len() {
            ", …"
        } else {
            ""
        };
        return Err(Finding::of_use(
            format!(
                "{} files were made or changed by hand: {}{more}",
                others.len(),
                shown.join(", ")
            ),
            "put them elsewhere, or take them out as well with `--all`",
        ));
    }
    rows::remove(root, name, &mut changes)?;
    lock::remove(root, &format!("tegata-{name}"), &mut changes)?;
    changes.apply(root)?;
    Ok(changes.len())
}

/// Whether a file is there as `cargo xtask new` has written it.
fn is_as_written(root: &Path, file: &str, written: &BTreeMap<String, String>) -> bool {
    let path = root.join(file);
    let is_same = |hash: &String| fs::read(&path).is_ok_and(|bytes| sha256(&bytes) == *hash);
    !path.is_symlink() && written.get(file).is_some_and(is_same)
}

/// The file at a place, or the files below a folder, as paths from the root. A link is a file: what it leads to is not
/// ours to remove.
fn files(root: &Path, place: &str) -> Result<Vec<String>, Finding> {
    let unreadable = |error: io::Error| {
        let what = format!("cannot be read: {error}");
        Finding::of_file(place, what, "give it the right permissions")
    };
    let kind = match fs::symlink_metadata(root.join(place)) {
        Ok(it) => it.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    if kind.is_file() || kind.is_symlink() {
        return Ok(vec![place.to_owned()]);
    }
    if !kind.is_dir() {
        let what = "is neither a file nor a folder".to_owned();
        return Err(Finding::of_file(place, what, "remove it by hand"));
    }
    let mut all = Vec::new();
    for entry in fs::read_dir(root.join(place)).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
            let what = "holds a file whose name is no text".to_owned();
            return Err(Finding::of_file(place, what, "remove that file by hand"));
        };
        all.extend(files(root, &format!("{place}/{name}"))?);
    }
    all.sort();
    Ok(all)
}
