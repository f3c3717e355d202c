//! The command line: one module a subcommand, and all those of the runner.

mod demo;
mod ours;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tegata_conformance::cli::{self, finish};

/// Judges the clients of this workspace by the suite.
#[derive(Parser)]
#[command(name = "tegata-clients", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::Args),
    Ours(ours::Args),
    #[command(flatten)]
    Suite(cli::Command),
}

/// Reads the arguments and runs the subcommand.
pub(crate) fn run() -> ExitCode {
    finish(match Cli::parse().command {
        Command::Demo(args) => demo::run(&args),
        Command::Ours(args) => ours::run(&args),
        Command::Suite(command) => command.run(),
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn no_two_arguments_get_in_each_other_s_way() {
        super::Cli::command().debug_assert();
    }
}
