//! `findings`: the page of findings about third-party clients.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::process::Profile;
use crate::score::{Known, findings};

use super::Failure;
use super::suite::{Data, print};

/// Prints the page of findings, or keeps it up to date in the documentation.
///
/// It is made of `profile.toml` and `known.toml` of each client.
#[derive(clap::Args)]
pub struct Args {
    /// The clients' folders
    #[arg(
        value_name = "FOLDER",
        default_values = ["conformance/examples/python", "conformance/examples/node"]
    )]
    clients: Vec<PathBuf>,
    /// Write the page
    #[arg(long, conflicts_with = "check")]
    write: bool,
    /// Fail if the page is not this one
    #[arg(long)]
    check: bool,
    /// The page
    #[arg(
        long,
        value_name = "FILE",
        default_value = "conformance/docs/findings.md"
    )]
    page: PathBuf,
    #[command(flatten)]
    data: Data,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let suite = args.data.load()?;
    let read = |folder: &PathBuf| -> Result<(Profile, Known), Failure> {
        let profile = Profile::read(&folder.join("profile.toml"), &suite.providers)?;
        Ok((profile, Known::read(&folder.join("known.toml"), &suite)?))
    };
    let clients: Vec<_> = args.clients.iter().map(read).collect::<Result<_, _>>()?;
    let text = findings(&suite, &clients);
    let name = args.page.display();
    if args.write {
        std::fs::write(&args.page, text)
            .map_err(|error| format!("{name} cannot be written: {error}"))?;
    } else if args.check {
        let old = std::fs::read_to_string(&args.page)
            .map_err(|error| format!("{name} cannot be read: {error}"))?;
        if old != text {
            print(&format!(
                "{name} is stale; run `tegata-conformance findings --write`\n"
            ))?;
            return Ok(ExitCode::from(1));
        }
    } else {
        print(&text)?;
    }
    Ok(ExitCode::SUCCESS)
}
