//! The program `tegata-proof`.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
