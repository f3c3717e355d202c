//! `requirements`: the cases that a release requires.

use std::process::ExitCode;

use crate::score::Requirements;

use super::Failure;
use super::suite::{Data, print};

/// Prints the list of cases that a release made now would demand, for `requirements/RELEASE.toml`.
///
/// A list that has been released is never changed.
#[derive(clap::Args)]
pub struct Args {
    /// The release
    release: String,
    #[command(flatten)]
    data: Data,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let suite = args.data.load()?;
    let requirements = Requirements::now(&args.release, &suite);
    print(&toml::to_string_pretty(&requirements)?)?;
    Ok(ExitCode::SUCCESS)
}
