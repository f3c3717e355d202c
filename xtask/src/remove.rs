//! `cargo xtask remove`: takes out what `cargo xtask new` has made, and leaves no trace of it.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::generate::{Finding, Outcome, complain};
use crate::new::{self, Changes, lock, name, record, rows};

/// Options of `cargo xtask remove`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The provider, as it was named for `cargo xtask new`.
    name: String,
    /// Take out files of the crate as well that `cargo xtask new` does not make.
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
    for place in new::places(name) {
        let path = root.join(&place);
        if path.is_dir() {
            for file in below(root, &place)? {
                if place.starts_with("crates/") && !new::is_ours(name, &file) {
                    others.push(file.clone());
                }
                changes.remove(file);
            }
        } else if path.exists() {
            changes.remove(place);
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
                "{} files were made by hand: {}{more}",
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

/// The files below a folder, as paths from the root. What a link leads to is not ours to remove.
fn below(root: &Path, folder: &str) -> Result<Vec<String>, Finding> {
    let unreadable = |error: std::io::Error| {
        Finding::of_file(
            folder,
            format!("cannot be read: {error}"),
            "give it the right permissions",
        )
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(root.join(folder)).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
            let what = "holds a file whose name is no text".to_owned();
            return Err(Finding::of_file(folder, what, "remove that file by hand"));
        };
        let path = format!("{folder}/{name}");
        if entry.file_type().map_err(unreadable)?.is_dir() {
            files.extend(below(root, &path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
