//! `serve`: the emulator as a process of its own.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use tegata_conformance::emulator::{Config, Emulator};

use super::Failure;

/// Runs the emulator of all providers on 127.0.0.1 until it is stopped.
///
/// Prints one JSON line when ready: the base URL, and that of each provider. Its log, at
/// /__control/log, shows every credential it is sent: give it canaries, never real secrets.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Port to listen on; 0 means any free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Lifetime of every access token, instead of the configured ones
    #[arg(long, value_name = "SECONDS")]
    ttl: Option<u32>,
    /// TOML file with keys, clients and lifetimes; what it leaves out keeps its default
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the configuration as TOML and stop
    #[arg(long)]
    print_config: bool,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let mut config = match &args.config {
        Some(path) => Config::read(path)?,
        None => Config::default(),
    };
    if let Some(seconds) = args.ttl {
        config.set_access_token_seconds(seconds);
    }
    if args.print_config {
        print(&config.to_toml()?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let emulator = Emulator::start_on(config, args.port)?;
        print(&format!("{}\n", emulator.ready_line()))?;
        // Ends with the process, by a signal.
        std::future::pending().await
    })
}

/// A reader that has gone away is a failure here, not a panic.
fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
