//! Tasks of the workspace: `cargo xtask <task>`.

mod demo;
mod generate;
mod new;
mod remove;
mod root;
mod vendor;

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
    /// Make a crate, its tests and its conformance cases out of a vendor's OpenAPI document.
    New(new::Args),
    /// Take out what `new` has made.
    Remove(remove::Args),
    /// Encodes a lowered document from the input. For this program's own use.
    #[command(hide = true)]
    Encode,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let (out, err) = (&mut io::stdout(), &mut io::stderr());
    if matches!(cli.task, Task::Encode) {
        tegata_gen::limit_this_process();
        return match tegata_gen::encode_for_parent() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
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
        Task::New(args) => new::run(&root, &args, out, err).into(),
        Task::Remove(args) => remove::run(&root, &args, out, err).into(),
        Task::Encode => ExitCode::FAILURE,
    }
}
