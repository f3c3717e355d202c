//! Tasks of the workspace: `cargo xtask <task>`.

mod demo;
mod generate;
mod root;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about, version)]
struct Cli {
    /// Repository to work in (tests use their own).
    #[arg(long, value_name = "DIR", global = true, hide = true)]
    root: Option<PathBuf>,
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Generate the clients from the specs, or check that they are up to date.
    Gen(generate::Args),
    /// Check the generated code, then walk every flow against the emulator.
    Demo,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let (out, err) = (&mut io::stdout(), &mut io::stderr());
    let root = match root::find(cli.root) {
        Ok(root) => root,
        Err(finding) => {
            generate::complain(err, &[finding]);
            return ExitCode::from(2);
        }
    };
    match cli.task {
        Task::Gen(args) => generate::run(&root, &args, out, err).into(),
        Task::Demo => demo::run(&root, out, err),
    }
}
