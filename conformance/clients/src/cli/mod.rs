//! The command line: one module a subcommand, and all those of the runner.

mod demo;
mod ours;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tegata_conformance::cli::{self, finish};

/// What the suite says of the clients of this workspace.
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

/// Reads the arguments and does what they say.
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
