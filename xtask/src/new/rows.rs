//! The rows that a provider has in tables and lists of the repository: each one line, and
//! found again by what it names.

use std::fs;
use std::path::Path;

use super::changes::Changes;
use crate::generate::Finding;

/// What the rows say of a provider.
pub(crate) struct Facts<'a> {
    pub(crate) name: &'a str,
    pub(crate) title: &'a str,
    /// How its calls are authenticated, in words.
    pub(crate) authentication: &'a str,
}

/// A table or list of which each provider has a line.
struct Table {
    file: &'static str,
    /// How the line begins that a further one is put after.
    after: &'static str,
    row: fn(&Facts<'_>) -> String,
}

const TABLES: [Table; 6] = [
    Table {
        file: "README.md",
        after: "| Adobe Marketo | ",
        row: |it| {
            let Facts {
                name,
                title,
                authentication,
            } = it;
            format!("| {title} | {authentication} | [`tegata-{name}`](crates/{name}) |")
        },
    },
    Table {
        file: "README.md",
        after: "| `crates/fujitsu-aispf`, ",
        row: |it| {
            format!(
                "| `crates/{}` | generated from the vendor's own document by `cargo xtask new` |",
                it.name
            )
        },
    },
    Table {
        file: "README.ja.md",
        after: "| Adobe Marketo | ",
        row: |it| {
            let Facts {
                name,
                title,
                authentication,
            } = it;
            format!("| {title} | {authentication} | [`tegata-{name}`](crates/{name}) |")
        },
    },
    Table {
        file: "ARCHITECTURE.md",
        after: "| `crates/fujitsu-aispf`, ",
        row: |it| {
            format!(
                "| `crates/{}` | `tegata` | one provider, from the vendor's own document |",
                it.name
            )
        },
    },
    Table {
        file: "specs/README.md",
        after: "| `marketo.yaml` | ",
        row: |it| {
            let Facts { name, title, .. } = it;
            format!("| `{name}.source.toml`, `{name}.overlay.yaml` | {title} | `tegata-{name}` |")
        },
    },
    Table {
        file: "Cargo.toml",
        after: "    \"crates/marketo\",",
        row: |it| format!("    \"crates/{}\",", it.name),
    },
];

/// Adds the rows of a provider. A file that is not there has none; in one that is there, the table has to be.
pub(crate) fn add(root: &Path, facts: &Facts<'_>, changes: &mut Changes) -> Result<(), Finding> {
    for table in &TABLES {
        let Some(text) = current(root, table.file, changes)? else {
            continue;
        };
        let mut lines: Vec<&str> = text.lines().collect();
        let Some(at) = lines.iter().position(|it| it.starts_with(table.after)) else {
            let what = format!(
                "no line begins with `{}`, after which a provider's row belongs",
                table.after
            );
            return Err(Finding::of_file(table.file, what, "put that line back"));
        };
        let row = (table.row)(facts);
        lines.insert(at + 1, &row);
        let text = lines.join("\n") + "\n";
        changes.write(table.file, text);
    }
    Ok(())
}

/// Takes out the rows of a provider.
pub(crate) fn remove(root: &Path, name: &str, changes: &mut Changes) -> Result<(), Finding> {
    for file in [
        "README.md",
        "README.ja.md",
        "ARCHITECTURE.md",
        "specs/README.md",
        "Cargo.toml",
    ] {
        let Some(text) = current(root, file, changes)? else {
            continue;
        };
        let kept: Vec<&str> = text.lines().filter(|line| !is_row(line, name)).collect();
        let kept = kept.join("\n") + "\n";
        if kept != text {
            changes.write(file, kept);
        }
    }
    Ok(())
}

/// Whether a line is one of the rows that [`add`] puts there.
fn is_row(line: &str, name: &str) -> bool {
    let ends = [
        format!("| [`tegata-{name}`](crates/{name}) |"),
        format!("| `tegata-{name}` |"),
    ];
    let begins = format!("| `crates/{name}` | ");
    line == format!("    \"crates/{name}\",")
        || line.starts_with(&begins)
        || line.starts_with("| ") && ends.iter().any(|it| line.ends_with(it.as_str()))
}

fn current(root: &Path, file: &str, changes: &Changes) -> Result<Option<String>, Finding> {
    if let Some(text) = changes.text(file) {
        return Ok(Some(text.to_owned()));
    }
    match fs::read_to_string(root.join(file)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let what = format!("cannot be read: {error}");
            Err(Finding::of_file(
                file,
                what,
                "give it the right permissions",
            ))
        }
    }
}
