//! The command line: one module a subcommand. Programs that add subcommands of their own take these in.

mod case_line;
mod findings;
mod intake;
mod judge;
mod lint;
mod list;
mod mistakes;
mod other;
mod outputs;
mod providers;
mod record;
mod requirements;
mod run;
mod serve;
mod show;
mod signal;
mod suite;
mod table;

use std::env;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::report::lines;

pub use outputs::Outputs;
pub use suite::{Data, print};

/// Holds auth API clients to the vendors' documents.
#[derive(Parser)]
#[command(name = "tegata-conformance", version)]
struct Cli {
    #[command(subcommand)]
    command: Whole,
}

/// All subcommands of `tegata-conformance`.
#[derive(Subcommand)]
enum Whole {
    #[command(flatten)]
    Suite(Command),
    #[command(flatten)]
    Other(other::Command),
}

/// The subcommands that need only the suite.
#[derive(Subcommand)]
#[allow(
    missing_docs,
    reason = "clap would take the documentation of a variant for that of its arguments"
)]
pub enum Command {
    Findings(findings::Args),
    Judge(Box<judge::Args>),
    Lint(lint::Args),
    List(list::Args),
    Record(record::Args),
    Requirements(requirements::Args),
    Run(Box<run::Args>),
    Serve(serve::Args),
    Show(show::Args),
    Table(table::Args),
}

impl Command {
    /// Runs the subcommand and returns its exit code.
    ///
    /// # Errors
    ///
    /// If a subcommand cannot do its work, such as one that is given a file that is not there.
    pub fn run(&self) -> Result<ExitCode, Failure> {
        match self {
            Self::Findings(args) => findings::run(args),
            Self::Judge(args) => judge::run(args),
            Self::Lint(args) => lint::run(args),
            Self::List(args) => list::run(args),
            Self::Record(args) => record::run(args),
            Self::Requirements(args) => requirements::run(args),
            Self::Run(args) => run::run(args),
            Self::Serve(args) => serve::run(args),
            Self::Show(args) => show::run(args),
            Self::Table(args) => table::run(args),
        }
    }
}

/// Why a subcommand could not do its work.
#[derive(Debug)]
pub struct Failure(String);

impl<E: fmt::Display> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Writes a file so that it is there whole or not at all.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    crate::record::write_whole(path, text)
        .map_err(|error| format!("{}: {error}", path.display()).into())
}

/// Reads the arguments and runs the subcommand.
pub fn run() -> ExitCode {
    finish(match Cli::parse().command {
        Whole::Suite(command) => command.run(),
        Whole::Other(command) => command.run(),
    })
}

/// The exit code of a program; a failure is printed, and ends it with 2, as a wrong argument does.
pub fn finish(outcome: Result<ExitCode, Failure>) -> ExitCode {
    outcome.unwrap_or_else(|Failure(message)| {
        eprintln!("{}: {}", program(), lines(&message));
        ExitCode::from(2)
    })
}

/// The name of the program that runs, which is not this one where another takes the subcommands in: what it was
/// started as, as in its usage.
fn program() -> String {
    let started = env::args_os().next().map(PathBuf::from);
    let name = started.as_deref().and_then(Path::file_stem);
    let name = name.unwrap_or(OsStr::new(env!("CARGO_PKG_NAME")));
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn no_two_arguments_get_in_each_other_s_way() {
        super::Cli::command().debug_assert();
    }
}
