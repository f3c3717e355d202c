#![doc = include_str!("../README.md")]

mod diff;
mod emit;
mod encode;
mod error;
mod join;
mod keys;
mod lower;
mod names;
pub mod node;
mod outline;
mod output;
pub mod overlay;
#[doc(hidden)]
pub mod parts;
mod profile;
pub mod read;
mod report;
mod schema;
mod swagger;
mod text;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use diff::{Changed, Comparison, compare};
pub use encode::{Encoder, encode_for_parent, limit_this_process};
pub use error::Error;
pub use outline::{CredentialPlace, Outline, OutlinedOperation, OutlinedScheme, OutlinedServer};
pub use output::{Difference, DifferenceKind};
pub use report::{Change, Listed, Report, Way};
pub use schema::extension_schema;

use read::Files;

/// How a crate is made.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Overlays (OpenAPI Overlay 1.0 and 1.1), in the order in which they are applied.
    pub overlays: Vec<PathBuf>,
    /// The name of the package, or one made of the title.
    pub name: Option<String>,
    /// The folder that referred files have to be in, or that of the document.
    pub root: Option<PathBuf>,
    /// A cargo feature for each tag of the document, all of them on by default. Code that goes into another crate, as that
    /// of a `build.rs` does, needs them in that crate's manifest, so without this all operations are always there.
    pub tag_features: bool,
    /// Where the encoder runs.
    pub encoder: Encoder,
    /// Which `tegata` the crate depends on.
    pub tegata: Tegata,
    /// Whether a profile for `tegata-emulator` is made as well.
    pub profile: bool,
}

/// A dependency on `tegata`.
#[derive(Clone, Debug)]
pub enum Tegata {
    /// By its version.
    Version(String),
    /// By its folder.
    Path(PathBuf),
}

/// A crate in memory.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its files by their path.
    pub files: BTreeMap<String, String>,
    /// What `tegata-emulator` needs to serve the API, as JSON, if [`Options::profile`] asks for it.
    pub profile: Option<String>,
    /// What became of the document.
    pub report: Report,
    /// What its code is called.
    pub outline: Outline,
}

impl Default for Tegata {
    fn default() -> Self {
        Self::Version(env!("CARGO_PKG_VERSION").to_owned())
    }
}

/// Makes a crate of a document.
///
/// # Errors
/// If the document or an overlay cannot be read, or is no OpenAPI 2.0 or 3.x. Parts of it that cannot be carried over are no
/// errors: they stand in the report.
pub fn generate(document: &Path, options: &Options) -> Result<Package, Error> {
    let name = document.file_name().unwrap_or_default().to_string_lossy();
    in_a_large_stack(|| {
        make(
            Files::open(document, options.root.as_deref())?,
            &name,
            options,
        )
    })
}

/// Makes one crate of several documents of one vendor: equal schemas become one type.
///
/// An overlay whose `extends` is the file name of a document changes that one; others change the joined document, which is of
/// OpenAPI 3 whatever the documents are of.
///
/// # Errors
/// As [`generate`], and if the documents contradict each other.
pub fn generate_together(documents: &[PathBuf], options: &Options) -> Result<Package, Error> {
    if let [document] = documents {
        return generate(document, options);
    }
    let name = |it: &PathBuf| {
        it.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    let names: Vec<String> = documents.iter().map(name).collect();
    in_a_large_stack(|| {
        let files = Files::open_together(documents, options.root.as_deref())?;
        make(files, &names.join(", "), options)
    })
}

/// The documents in a folder, by their names: files in JSON or YAML that say which version of OpenAPI they are of.
///
/// # Errors
/// If the folder cannot be read, or has none.
pub fn documents_in(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    read::documents_in(folder)
}

/// Makes a crate of a document that is at hand as text and refers to no other file.
///
/// # Errors
/// As [`generate`].
pub fn generate_from_text(name: &str, text: &str, options: &Options) -> Result<Package, Error> {
    in_a_large_stack(|| make(Files::of_text(name, text)?, name, options))
}

/// Makes the document itself what is lowered: of OpenAPI 3, and changed by the overlays.
fn prepare(files: &mut Files, options: &Options) -> Result<(), Error> {
    let documents = files.documents().to_vec();
    let mut of_all: Vec<&PathBuf> = Vec::new();
    for path in &options.overlays {
        if documents.is_empty() {
            overlay::apply_file(files, path)?;
        } else if !overlay::apply_to_extended(files, path)? {
            of_all.push(path);
        }
    }
    files.load_all();
    let each = if documents.is_empty() {
        vec![0]
    } else {
        documents
    };
    for file in &each {
        check_version(files, *file)?;
    }
    lower::check_own_keys(files)?;
    for file in &each {
        if let Some(tree) = files.tree_mut(*file).filter(|it| swagger::is_swagger(it)) {
            swagger::convert(tree);
        }
    }
    if files.documents().is_empty() {
        return Ok(());
    }
    join::join(files)?;
    for path in of_all {
        overlay::apply_file(files, path)?;
    }
    files.load_all();
    lower::check_own_keys(files)
}

/// So often a type gets another name because the encoder gives its name to another one.
const ROUNDS: usize = 6;

fn make(mut files: Files, name: &str, options: &Options) -> Result<Package, Error> {
    prepare(&mut files, options)?;
    let mut avoid = Vec::new();
    let mut rounds = 0;
    loop {
        rounds += 1;
        let mut lowered = lower::lower(&files, &avoid)?;
        let client = encoded(&mut lowered, &files, options)?;
        let doubled = match client {
            Ok(client) => {
                let profile = options
                    .profile
                    .then(|| {
                        profile::json(&files, &lowered, &emit::package_name(&lowered, options))
                    })
                    .transpose()?;
                let input = emit::Input {
                    lowered: &lowered,
                    client,
                    options,
                    source: name,
                };
                let (files, outline) = emit::files(input)?;
                let report = lowered.report;
                return Ok(Package {
                    files,
                    profile,
                    report,
                    outline,
                });
            }
            Err(doubled) => doubled,
        };
        let before = avoid.len();
        avoid.extend(
            doubled
                .types
                .into_iter()
                .filter(|it| !avoid.contains(it))
                .collect::<Vec<_>>(),
        );
        if rounds == ROUNDS || avoid.len() == before {
            let what = format!("the names {} stand twice in the code", avoid.join(", "));
            return Err(Error::new(
                what,
                "rename the schemas of these names by an overlay",
            ));
        }
    }
}

/// The encoder's code, or the names that it has twice. Types with two fields of one name are taken for any JSON.
fn encoded(
    lowered: &mut lower::Lowered,
    files: &Files,
    options: &Options,
) -> Result<Result<syn::File, encode::Doubled>, Error> {
    loop {
        let (code, blamed) = encode::around(|it| options.encoder.encode(it), &mut lowered.document)
            .map_err(|said| {
                let fix = "leave out the part by an overlay, or report this document";
                Error::new(format!("the encoder fails on this document: {said}"), fix)
            })?;
        lower::leave_out(lowered, files, blamed);
        let client = syn::parse_str::<syn::File>(&code).map_err(|error| {
            Error::new(
                format!("the encoder's code is no Rust: {error}"),
                "report this document",
            )
        })?;
        let doubled = encode::doubled(&client);
        if doubled.is_empty() {
            return Ok(Ok(client));
        }
        let mut changed = false;
        for owner in &doubled.owners {
            changed |= lower::make_any(lowered, files, owner);
        }
        if !changed {
            return Ok(Err(doubled));
        }
    }
}

fn check_version(files: &Files, file: u32) -> Result<(), Error> {
    let Some(root) = files.tree(file) else {
        return Ok(());
    };
    let version = ["openapi", "swagger"]
        .iter()
        .find_map(|it| root.get(it)?.scalar_text());
    let is_known = version
        .as_deref()
        .is_some_and(|it| it.starts_with("3.") || it == "2.0" || it == "2");
    if is_known {
        return Ok(());
    }
    let what = match version {
        Some(version) => format!(
            "the version `{}` of OpenAPI is not known",
            report::one_line(&version)
        ),
        None => "this is no OpenAPI document: it has neither `openapi` nor `swagger`".to_owned(),
    };
    let error = Error::new(what, "give a document of OpenAPI 2.0, 3.0, 3.1 or 3.2");
    Err(error.placed(files.show(root.place)))
}

/// Documents are nested, and so are calls.
fn in_a_large_stack<T: Send>(work: impl FnOnce() -> Result<T, Error> + Send) -> Result<T, Error> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(256 << 20)
            .spawn_scoped(scope, work);
        let thread = thread
            .map_err(|error| Error::new(format!("no thread can be had: {error}"), "free memory"))?;
        let failed = || {
            Error::new(
                "the generator failed on this document",
                "report this document",
            )
        };
        thread.join().unwrap_or_else(|_| Err(failed()))
    })
}
