//! The program `tegata-conformance`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tegata_conformance::cli::run()
}
