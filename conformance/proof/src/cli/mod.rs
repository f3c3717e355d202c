//! The command line.

mod prove;
mod quick;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tegata_conformance::cli::finish;

/// Shows that the conformance suite can fail.
#[derive(Parser)]
#[command(name = "tegata-proof", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Prove(prove::Args),
}

/// Reads the arguments and runs the subcommand.
pub(crate) fn run() -> ExitCode {
    let Command::Prove(args) = Cli::parse().command;
    finish(prove::run(&args))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn no_two_arguments_get_in_each_other_s_way() {
        super::Cli::command().debug_assert();
    }
}
