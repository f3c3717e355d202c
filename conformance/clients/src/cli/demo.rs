//! `demo`: every documented flow, with our clients against the emulator.

use std::io;
use std::process::ExitCode;

use tegata_clients::demo;

use tegata_conformance::cli::Failure;

/// Walks every documented flow with the clients of this workspace against the emulator.
///
/// Prints every exchange, without its secrets, and ends with 1 if anything was not as documented.
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(demo::run(&mut io::stdout()))?;
    Ok(ExitCode::from(u8::from(outcome.failed > 0)))
}
