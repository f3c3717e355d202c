//! `cargo xtask gen` for crates that `cargo xtask new` has made of a vendor's own document. Where the document is not
//! at hand there is nothing to be compared: that is said, and is no fault.

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};

use tegata_gen::Package;

use crate::generate::{Finding, Outcome};
use crate::new::record::{self, Record};
use crate::new::{self, from_gen, source};

/// Options of `cargo xtask gen` for such crates.
#[derive(Default, clap::Args)]
pub(crate) struct Documents {
    /// Folder with vendors' documents, for crates made by `cargo xtask new` [env: `TEGATA_DOCUMENTS`].
    #[arg(long, value_name = "DIR")]
    documents: Option<PathBuf>,
    /// The document of the one crate that is named; its hash is recorded, so it may be a newer one.
    #[arg(long, value_name = "FILE|FOLDER", conflicts_with = "documents")]
    spec: Option<PathBuf>,
}

/// What is to be written and said once everything else that is asked for can be generated as well.
pub(crate) struct Prepared {
    /// The providers that are asked for and are of another kind; empty if there are none.
    pub(crate) others: Vec<String>,
    /// Whether only providers of this kind are asked for.
    pub(crate) is_all: bool,
    changes: new::Changes,
    lines: Vec<String>,
    outcome: Outcome,
}

/// Generates the crates of the providers that are asked for, or of all if none is named, and writes nothing yet.
pub(crate) fn prepare(
    root: &Path,
    args: &Documents,
    names: &[String],
    check: bool,
) -> Result<Prepared, Vec<Finding>> {
    let all = record::names(root);
    let is_ours = |it: &String| all.contains(it);
    let (ours, others): (Vec<String>, Vec<String>) = match names {
        [] => (all.clone(), Vec::new()),
        names => names.iter().cloned().partition(is_ours),
    };
    let spec = match (&args.spec, &ours[..], &others[..]) {
        (None, ..) => None,
        (Some(spec), [_], []) if !names.is_empty() => Some(spec.as_path()),
        _ => {
            let what = "`--spec` is the document of one crate that `cargo xtask new` made, and not one such is named";
            return Err(vec![Finding::of_use(
                what,
                "call `cargo xtask gen NAME --spec FILE`",
            )]);
        }
    };
    let folders = folders(root, args)?;
    let mut prepared = Prepared {
        is_all: others.is_empty() && !names.is_empty(),
        others,
        changes: new::Changes::default(),
        lines: Vec::new(),
        outcome: Outcome::Fine,
    };
    let mut findings = Vec::new();
    for name in &ours {
        match one(root, name, spec, &folders, check) {
            Ok(done) => {
                prepared.lines.extend(done.lines);
                prepared.changes.extend(done.changes);
                if done.is_drift {
                    prepared.outcome = Outcome::Drift;
                }
            }
            Err(finding) => findings.push(finding),
        }
    }
    if findings.is_empty() {
        Ok(prepared)
    } else {
        Err(findings)
    }
}

impl Prepared {
    /// Writes the crates, says what was done, and how it ended together with what was done before.
    pub(crate) fn finish(
        self,
        root: &Path,
        before: Outcome,
        out: &mut dyn Write,
    ) -> Result<Outcome, Vec<Finding>> {
        self.changes.apply(root).map_err(|finding| vec![finding])?;
        for line in &self.lines {
            // A reader who closed the pipe has seen enough.
            let _ = writeln!(out, "{line}");
        }
        Ok(if before == Outcome::Fine {
            self.outcome
        } else {
            before
        })
    }
}

/// What became of one crate.
#[derive(Default)]
struct Done {
    lines: Vec<String>,
    changes: new::Changes,
    is_drift: bool,
}

fn folders(root: &Path, args: &Documents) -> Result<Vec<PathBuf>, Vec<Finding>> {
    let named = args.documents.clone().or_else(|| {
        env::var_os("TEGATA_DOCUMENTS")
            .filter(|it| !it.is_empty())
            .map(PathBuf::from)
    });
    if let Some(folder) = &named
        && !folder.is_dir()
    {
        let what = format!(
            "the folder of documents, {}, is no folder",
            folder.display()
        );
        return Err(vec![Finding::of_use(
            what,
            "name the folder that holds the vendors' documents",
        )]);
    }
    Ok(named.into_iter().chain([root.join("specs")]).collect())
}

fn one(
    root: &Path,
    name: &str,
    spec: Option<&Path>,
    folders: &[PathBuf],
    check: bool,
) -> Result<Done, Finding> {
    let record = Record::load(root, name)?;
    let (path, newer) = match spec {
        Some(spec) => {
            let given = source::find(spec)?;
            let mut newer = source::record(root, &given, &record.from)?;
            newer.written.clone_from(&record.written);
            (given.path, (newer.file != record.file).then_some(newer))
        }
        None => match record.find(root, folders) {
            Ok(path) => (path, None),
            Err(why) => {
                let line = format!(
                    "{name}: skipped, because {why}; give its folder by `--documents DIR` or TEGATA_DOCUMENTS"
                );
                return Ok(Done {
                    lines: vec![line],
                    ..Done::default()
                });
            }
        },
    };
    let overlay = root.join(format!("specs/{name}.overlay.yaml"));
    let overlay = overlay.is_file().then_some(overlay);
    let package = new::generate(name, &path, overlay.as_deref())?;
    let mut changes = new::Changes::default();
    if let Some(newer) = &newer {
        changes.write(record::path(name), newer.text(name));
    }
    let mut lines = compare(root, name, &package, &mut changes)?;
    let count = lines.len();
    let is_newer = newer.is_some();
    if check {
        if is_newer {
            lines.push(format!(
                "{}: the document is not the one that was recorded",
                record::path(name)
            ));
        }
        let is_drift = count > 0 || is_newer;
        if is_drift {
            lines.push(format!(
                "{name}: not up to date; fix: run `cargo xtask gen {name}` with the same document"
            ));
        } else {
            lines.push(format!(
                "{name}: up to date ({} files)",
                package.files.len()
            ));
        }
        return Ok(Done {
            lines,
            is_drift,
            ..Done::default()
        });
    }
    let line = match changes.len() {
        0 => format!("{name}: up to date ({} files)", package.files.len()),
        changed => format!("{name}: {changed} files written or removed"),
    };
    Ok(Done {
        lines: vec![line],
        changes,
        is_drift: false,
    })
}

/// What differs, a line a file; the changes that end it are added.
fn compare(
    root: &Path,
    name: &str,
    package: &Package,
    changes: &mut new::Changes,
) -> Result<Vec<String>, Finding> {
    let home = format!("crates/{name}");
    let differences = package
        .differences(&root.join(&home))
        .map_err(|error| from_gen(&error))?;
    let mut lines = Vec::new();
    let profile = new::profile(name);
    let of_profile = package
        .profile_difference(&root.join(&profile))
        .map_err(|error| from_gen(&error))?;
    if let (Some(_), Some(text)) = (of_profile, &package.profile) {
        lines.push(format!("{profile} differs"));
        changes.write(profile, text.as_str());
    }
    for it in differences {
        let file = format!("{home}/{}", it.file);
        lines.push(format!("{home}/{it}"));
        match package.files.get(&it.file) {
            Some(text) => changes.write(file, text.as_str()),
            None => changes.remove(file),
        }
    }
    Ok(lines)
}
