//! `tegata-gen`: an OpenAPI document in, a client crate out.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use tegata_gen::{Encoder, Error, Options, Tegata};

/// Makes a typed client crate out of an OpenAPI document (2.0, 3.0, 3.1), as its vendor wrote it.
#[derive(Parser)]
#[command(
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
struct Arguments {
    /// The document, JSON or YAML. Of several, or of a folder with several in it, one crate is made.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// An overlay (OpenAPI Overlay 1.0 or 1.1); several are applied in their order.
    #[arg(long)]
    overlay: Vec<PathBuf>,
    /// The folder of the crate. Files of an earlier run are replaced.
    #[arg(long, required_unless_present = "diff")]
    out: Option<PathBuf>,
    /// Write what `tegata-emulator --api` needs to serve the API to this file as well.
    #[arg(long, value_name = "FILE")]
    emulator: Option<PathBuf>,
    /// Write nothing, and say what the document changes against this older one. Fails if that is a security scheme,
    /// a requirement, or the origin of a server.
    #[arg(long, value_name = "OLD", conflicts_with_all = ["out", "check", "name", "tegata"])]
    diff: Option<PathBuf>,
    /// An overlay for the older document; if there is none, those of `--overlay` are applied to it too.
    #[arg(long, requires = "diff")]
    old_overlay: Vec<PathBuf>,
    /// Write nothing, and fail with the names of the files that a run would change.
    #[arg(long, conflicts_with = "report")]
    check: bool,
    /// The name of the package, if not one made of the title.
    #[arg(long)]
    name: Option<String>,
    /// The folder in which referred files have to be, if not that of the document.
    #[arg(long)]
    root: Option<PathBuf>,
    /// A folder with `tegata`, if not the published version.
    #[arg(long)]
    tegata: Option<PathBuf>,
    /// No cargo feature for each tag: all operations are always there.
    #[arg(long)]
    no_tag_features: bool,
    /// What is printed.
    #[arg(long, value_enum, default_value = "text")]
    report: Format,
    #[command(subcommand)]
    inner: Option<Inner>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// At most ten lines.
    Text,
    /// All that was changed or left out, as JSON.
    Json,
}

#[derive(Subcommand)]
enum Inner {
    /// Prints a JSON Schema of the `x-tegata-*` keys, by which editors complete them.
    Schema,
    /// Encodes a lowered document from the input. For this program's own use.
    #[command(hide = true)]
    Encode,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tegata_gen::limit_this_process();
    let done = match arguments.inner {
        Some(Inner::Encode) => tegata_gen::encode_for_parent().map_err(|error| error.to_string()),
        Some(Inner::Schema) => {
            let _ = write!(io::stdout(), "{}", tegata_gen::extension_schema());
            Ok(())
        }
        None => run(&arguments).map_err(|error| error.to_string()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Error> {
    if let Some(old) = &arguments.diff {
        let [new] = arguments.files.as_slice() else {
            return Err(Error::new(
                "two documents are compared",
                "call `tegata-gen NEW --diff OLD`",
            ));
        };
        return compare(old, new, arguments);
    }
    let Some(out) = &arguments.out else {
        return Err(Error::new(
            "no document or folder is named",
            "call `tegata-gen FILE --out DIR`",
        ));
    };
    let options = Options {
        overlays: arguments.overlay.clone(),
        name: arguments.name.clone(),
        root: arguments.root.clone(),
        tag_features: !arguments.no_tag_features,
        encoder: std::env::current_exe().map_or(Encoder::Here, Encoder::Process),
        tegata: arguments
            .tegata
            .clone()
            .map_or_else(Tegata::default, Tegata::Path),
        profile: arguments.emulator.is_some(),
    };
    let mut documents = Vec::new();
    for file in &arguments.files {
        if file.is_dir() {
            documents.extend(tegata_gen::documents_in(file)?);
        } else {
            documents.push(file.clone());
        }
    }
    let package = tegata_gen::generate_together(&documents, &options)?;
    if arguments.check {
        let mut differences = package.differences(out)?;
        if let Some(file) = &arguments.emulator {
            differences.extend(package.profile_difference(file)?);
        }
        for it in &differences {
            let _ = writeln!(io::stdout(), "{it}");
        }
        return match differences.len() {
            0 => Ok(()),
            count => Err(Error::new(
                format!("{count} files are not as they would be written"),
                "run the same without `--check`",
            )),
        };
    }
    if let Some(file) = &arguments.emulator {
        package.allow_profile(file, out)?;
    }
    package.write(out)?;
    if let Some(file) = &arguments.emulator {
        package.write_profile(file)?;
    }
    let text = match arguments.report {
        Format::Text => package.report.summary(),
        Format::Json => package.report.to_json(),
    };
    let _ = writeln!(io::stdout(), "{text}");
    Ok(())
}

fn compare(old: &Path, new: &Path, arguments: &Arguments) -> Result<(), Error> {
    let of_new = Options {
        overlays: arguments.overlay.clone(),
        root: arguments.root.clone(),
        ..Options::default()
    };
    let own = &arguments.old_overlay;
    let of_old = Options {
        overlays: if own.is_empty() {
            &of_new.overlays
        } else {
            own
        }
        .clone(),
        ..Options::default()
    };
    let comparison = tegata_gen::compare(old, new, &of_old, &of_new)?;
    let text = match arguments.report {
        Format::Text => comparison.to_string(),
        Format::Json => comparison.to_json(),
    };
    let _ = writeln!(io::stdout(), "{text}");
    match comparison.security.len() {
        0 => Ok(()),
        count => Err(Error::new(
            format!("what requests authenticate with, or where they go, changes in {count} places"),
            "read them in the output, and generate anew when clients can do what is asked for",
        )),
    }
}
