//! `tegata-gen`: an OpenAPI document in, a client crate out.

use std::io::{self, Write as _};
use std::path::PathBuf;
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
    #[arg(long, required = true)]
    out: Option<PathBuf>,
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
    /// Encodes a lowered document from the input. For this program's own use.
    #[command(hide = true)]
    Encode,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tegata_gen::limit_this_process();
    let done = match arguments.inner {
        Some(Inner::Encode) => tegata_gen::encode_for_parent().map_err(|error| error.to_string()),
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
        let differences = package.differences(out)?;
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
    package.write(out)?;
    let text = match arguments.report {
        Format::Text => package.report.summary(),
        Format::Json => package.report.to_json(),
    };
    let _ = writeln!(io::stdout(), "{text}");
    Ok(())
}
