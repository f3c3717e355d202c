//! The command line: one module a subcommand.

mod demo;
mod findings;
mod judge;
mod lint;
mod list;
mod ours;
mod outputs;
mod prove;
mod record;
mod requirements;
mod run;
mod self_test;
mod serve;
mod show;
mod suite;
mod table;
mod told;

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Holds auth API clients to the vendors' documents.
#[derive(Parser)]
#[command(name = "tegata-conformance", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::Args),
    Findings(findings::Args),
    Judge(judge::Args),
    Lint(lint::Args),
    List(list::Args),
    Ours(ours::Args),
    Prove(prove::Args),
    Record(record::Args),
    Requirements(requirements::Args),
    Run(Box<run::Args>),
    SelfTest(self_test::Args),
    Serve(serve::Args),
    Show(show::Args),
    Table(table::Args),
}

/// Why a subcommand could not do its work; ends the program with 2, as a wrong argument does.
pub(crate) struct Failure(String);

impl<E: fmt::Display> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Writes a file so that it is there whole or not at all.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    tegata_conformance::record::write_whole(path, text)
        .map_err(|error| format!("{}: {error}", path.display()).into())
}

/// Reads the arguments and does what they say.
pub(crate) fn run() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Demo(args) => demo::run(&args),
        Command::Findings(args) => findings::run(&args),
        Command::Judge(args) => judge::run(&args),
        Command::Lint(args) => lint::run(&args),
        Command::List(args) => list::run(&args),
        Command::Ours(args) => ours::run(&args),
        Command::Prove(args) => prove::run(&args),
        Command::Record(args) => record::run(&args),
        Command::Requirements(args) => requirements::run(&args),
        Command::Run(args) => run::run(&args),
        Command::SelfTest(args) => self_test::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Table(args) => table::run(&args),
    };
    match done {
        Ok(code) => code,
        Err(Failure(message)) => {
            eprintln!("tegata-conformance: {message}");
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn no_two_arguments_get_in_each_other_s_way() {
        super::Cli::command().debug_assert();
    }
}
