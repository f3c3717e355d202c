//! The program `tegata-clients`: the suite's verdict on the clients of this workspace.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
