//! Tries code and specs with one thing wrong, in a copy of the workspace, and says what no test notices.
//! See `README.md`.

mod cli;
mod code;
mod faults;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
