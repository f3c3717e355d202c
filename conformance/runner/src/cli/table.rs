//! `table`: which statement of which document is checked by which cases.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::report::{BEGIN, END, Table, refresh};

use super::Failure;
use super::suite::{Data, print};

/// Prints the table of statements and cases, or keeps it up to date in the documentation.
#[derive(clap::Args)]
pub struct Args {
    /// Write the table into the file
    #[arg(long, conflicts_with = "check")]
    write: bool,
    /// Fail if the file's table is not this one
    #[arg(long)]
    check: bool,
    /// The file
    #[arg(
        long,
        alias = "readme",
        value_name = "FILE",
        default_value = "conformance/docs/statements.md"
    )]
    file: PathBuf,
    #[command(flatten)]
    data: Data,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let table = Table::of(&args.data.load()?);
    if !(args.write || args.check) {
        print(&table.to_string())?;
        return Ok(ExitCode::SUCCESS);
    }
    let name = args.file.display();
    let old = std::fs::read_to_string(&args.file)
        .map_err(|error| format!("{name} cannot be read: {error}; name the file by --file"))?;
    let new = refresh(&old, &table)
        .ok_or_else(|| format!("{name} lacks one of the lines `{BEGIN}` and `{END}`"))?;
    if args.check {
        if old != new {
            print(&format!(
                "{name} is stale; run `tegata-conformance table --write`\n"
            ))?;
        }
        return Ok(ExitCode::from(u8::from(old != new)));
    }
    // A reader never sees half a file.
    let beside = args.file.with_extension("md.new");
    std::fs::write(&beside, new)
        .and_then(|()| std::fs::rename(&beside, &args.file))
        .map_err(|error| format!("{name} cannot be written: {error}"))?;
    Ok(ExitCode::SUCCESS)
}
