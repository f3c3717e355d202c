//! Tries wrong code and wrong specs, in a copy of the workspace, and reports those that no test notices. See
//! `README.md`.

mod cli;
mod code;
mod faults;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
