//! The program `tegata-emulator`.

use std::process::ExitCode;

use clap::Parser;
use tegata_emulator::process::Options;

/// Runs Fujitsu AISPF, Jooto, Adobe Marketo and APIs of profiles on 127.0.0.1 until it is stopped.
///
/// Prints one JSON line when ready: the base URL, and that of each provider. Its log, at
/// /__control/log, shows every credential it is sent: give it canaries, never real secrets.
#[derive(Parser)]
#[command(name = "tegata-emulator", version)]
struct Args {
    #[command(flatten)]
    options: Options,
}

#[tokio::main]
async fn main() -> ExitCode {
    match Args::parse().options.run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tegata-emulator: {error}");
            ExitCode::from(2)
        }
    }
}
