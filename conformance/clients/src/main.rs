//! The program `tegata-clients`: what the suite says of the clients of this workspace.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
