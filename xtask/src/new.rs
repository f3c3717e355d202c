//! `cargo xtask new`: a vendor's document in, and out of it a crate with its tests, an emulator's profile, the
//! beginning of a conformance suite, and the rows that name them. All of it is written, or nothing.

mod changes;
mod document;
mod examples;
mod form;
pub(crate) mod lock;
pub(crate) mod name;
mod package;
pub(crate) mod record;
pub(crate) mod rows;
pub(crate) mod source;
mod suite;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use tegata_gen::{Encoder, Options, Package};

use crate::generate::{Finding, Outcome, complain, sha256};

pub(crate) use changes::Changes;
pub(crate) use source::from_gen;

/// Options of `cargo xtask new`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What the provider is called: its crate is `crates/NAME`, its package `tegata-NAME`.
    name: String,
    /// The vendor's OpenAPI document (2.0, 3.x; JSON or YAML), or a folder with one and what it refers to.
    #[arg(long, value_name = "FILE|FOLDER")]
    spec: PathBuf,
    /// What the document does not say; without it a form is made, to be filled in.
    #[arg(long, value_name = "FILE")]
    overlay: Option<PathBuf>,
    /// Where the vendor publishes the document, for those who need it later.
    #[arg(long, value_name = "TEXT")]
    from: Option<String>,
}

/// Runs the task.
pub(crate) fn run(root: &Path, args: &Args, out: &mut dyn Write, err: &mut dyn Write) -> Outcome {
    match attempt(root, args) {
        Ok(lines) => {
            for line in lines {
                // A reader who closed the pipe has seen enough.
                let _ = writeln!(out, "{line}");
            }
            Outcome::Fine
        }
        Err(finding) => {
            complain(err, &[finding]);
            Outcome::BadInput
        }
    }
}

fn attempt(root: &Path, args: &Args) -> Result<Vec<String>, Finding> {
    let name = args.name.as_str();
    name::check(root, name)?;
    let source = source::find(&args.spec)?;
    let mut record = source::record(root, &source, args.from.as_deref().unwrap_or_default())?;
    let document = document::Document::open(&source.path).map_err(|error| from_gen(&error))?;
    let (package, overlay, open) = match &args.overlay {
        Some(path) => {
            let text = source::overlay(path)?;
            (generate(name, &source.path, Some(path))?, text, Vec::new())
        }
        None => with_a_form(name, &source.path, &record, &document)?,
    };
    let mut changes = Changes::default();
    changes.write(format!("specs/{name}.overlay.yaml"), overlay);
    changes.write(
        profile(name),
        package.profile.as_deref().unwrap_or_default(),
    );
    let title = source::title(&package.report.title);
    let written = suite::write(
        &suite::Input {
            name,
            title: &title,
            document: &document,
            record: &record,
            outline: &package.outline,
            taken: &taken(root),
        },
        &mut changes,
    );
    let has_cases = written.vendor + written.assumed > 0;
    let crate_name = package::write(root, name, &title, &package, has_cases, &mut changes);
    record.written = changes
        .written()
        .filter(|(path, _)| !is_generated(name, path))
        .map(|(path, text)| (path.to_owned(), sha256(text.as_bytes())))
        .collect();
    changes.write(record::path(name), record.text(name));
    let authentication = package::authentication(&package);
    let facts = rows::Facts {
        name,
        title: &title,
        authentication: &authentication,
    };
    rows::add(root, &facts, &mut changes)?;
    lock::add(root, &crate_name, &mut changes)?;
    changes.apply(root)?;
    Ok(report(name, &package, &written, &open, changes.len()))
}

/// The crate with an overlay that is made for it, that overlay, and what is to be looked up.
fn with_a_form(
    name: &str,
    path: &Path,
    record: &record::Record,
    document: &document::Document,
) -> Result<(Package, String, Vec<String>), Finding> {
    let bare = generate(name, path, None)?;
    let form = form::form(name, &record.document().name, document, &bare.outline);
    let unwritable = |error: std::io::Error| {
        let what = format!("no temporary file can be written: {error}");
        Finding::of_use(what, "make room on the disk")
    };
    let folder = tempfile::tempdir().map_err(unwritable)?;
    let overlay = folder.path().join(format!("{name}.overlay.yaml"));
    fs::write(&overlay, &form.text).map_err(unwritable)?;
    let package = generate(name, path, Some(&overlay))?;
    Ok((package, form.text, form.open))
}

/// What the emulator needs to serve the provider.
pub(crate) fn profile(name: &str) -> String {
    format!("conformance/emulator/profiles/{name}.json")
}

/// All that belongs to a provider, as paths from the root: files and folders.
pub(crate) fn places(name: &str) -> [String; 8] {
    [
        profile(name),
        format!("crates/{name}"),
        format!("specs/{name}.overlay.yaml"),
        record::path(name),
        format!("conformance/suite/providers/{name}.toml"),
        format!("conformance/suite/citations/outside/{name}.toml"),
        format!("conformance/suite/fixtures/{name}"),
        format!("conformance/suite/cases/{name}"),
    ]
}

/// Whether a file is one that `cargo xtask gen` writes anew, or the form that people are asked to fill in.
pub(crate) fn is_generated(name: &str, file: &str) -> bool {
    let of_crate = file.strip_prefix(&format!("crates/{name}/src/"));
    of_crate.is_some_and(|it| it == "lib.rs" || it.starts_with("generated/"))
        || file == profile(name)
        || file == record::path(name)
        || file == format!("specs/{name}.overlay.yaml")
}

/// The crate of a document, in memory.
pub(crate) fn generate(
    name: &str,
    spec: &Path,
    overlay: Option<&Path>,
) -> Result<Package, Finding> {
    let options = Options {
        overlays: overlay.map(Path::to_owned).into_iter().collect(),
        name: Some(format!("tegata-{name}")),
        encoder: std::env::current_exe().map_or(Encoder::Here, Encoder::Process),
        profile: true,
        ..Options::default()
    };
    let mut package = tegata_gen::generate(spec, &options).map_err(|error| from_gen(&error))?;
    // That of a member of this workspace is another one.
    package.files.remove("Cargo.toml");
    // An emulator serves it below the name of the provider, and not of the package.
    let named = |it: &str| format!("\"name\": \"{it}\"");
    let of_package = named(&format!("tegata-{name}"));
    let profile = package.profile.take();
    package.profile = profile.map(|it| it.replacen(&of_package, &named(name), 1));
    if package.outline.operations.is_empty() {
        let reason = package
            .report
            .refused
            .first()
            .map(|it| format!(": {} {}: {}", it.method, it.path, it.reason));
        let what = format!(
            "no operation of the document has a method{}",
            reason.unwrap_or_default()
        );
        return Err(Finding::of_use(
            what,
            "give a document with an operation that can be called",
        ));
    }
    Ok(package)
}

/// What providers of the suite have that no other may have.
fn taken(root: &Path) -> suite::Taken {
    let entries = fs::read_dir(root.join("conformance/suite/providers"));
    let entries = entries.into_iter().flatten();
    let texts = entries.filter_map(|it| fs::read_to_string(it.ok()?.path()).ok());
    let mut taken = suite::Taken::default();
    for table in texts.filter_map(|text| text.parse::<::toml::Table>().ok()) {
        let text = |key: &str| table.get(key).and_then(|it| it.as_str()).map(str::to_owned);
        taken.environments.extend(text("environment"));
        taken.citations.extend(text("citations"));
        let servers = table.get("server").and_then(|it| it.as_array());
        let names = servers
            .into_iter()
            .flatten()
            .filter_map(|it| it.get("name")?.as_str());
        taken.servers.extend(names.map(str::to_owned));
    }
    taken
}

/// At most ten lines.
fn report(
    name: &str,
    package: &Package,
    written: &suite::Written,
    open: &[String],
    files: usize,
) -> Vec<String> {
    const ROOM: usize = 5;
    let of_document = package.report.operations;
    let methods = package.outline.operations.len();
    let typed = package.report.typed;
    let suite::Written {
        vendor,
        assumed,
        left_out,
    } = written;
    let mut lines = vec![
        format!(
            "{name}: {methods} of {of_document} operations have a method, {typed} of them typed throughout; {files} files"
        ),
        format!(
            "cases: {vendor} from the document's examples, {assumed} that assume something, {} operations without one",
            left_out.len()
        ),
    ];
    if !open.is_empty() {
        lines.push(format!("to be looked up, in specs/{name}.overlay.yaml:"));
        lines.extend(
            open.iter()
                .take(ROOM)
                .map(|it| format!("  {}", it.replace(char::is_control, " "))),
        );
        if open.len() > ROOM {
            lines.push(format!("  and {} more", open.len() - ROOM));
        }
    }
    lines.push(format!("next: cargo test -p tegata-{name}"));
    lines
}
