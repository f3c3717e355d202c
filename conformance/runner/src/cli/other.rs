//! Subcommands that other members of the workspace bring: they link what is judged here, or break it,
//! and so they are programs of their own.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::{self, ExitCode};

use clap::Subcommand;

use super::Failure;

/// Those that only a checkout has.
#[derive(Subcommand)]
pub(super) enum Command {
    /// In a checkout: walks every documented flow with the clients of the workspace
    Demo(Rest),
    /// In a checkout: runs the cases against the clients of the workspace, and reports
    Ours(Rest),
    /// In a checkout: the suite shows that it can fail
    Prove(Rest),
    /// In a checkout: the suite shows within seconds that it can be trusted, as `prove --quick` does
    SelfTest(Rest),
}

/// Arguments of another program.
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub(super) struct Rest {
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        hide = true,
        value_name = "ARGUMENTS"
    )]
    arguments: Vec<OsString>,
}

impl Command {
    /// Builds and runs the member of the workspace that has the subcommand.
    pub(super) fn run(&self) -> Result<ExitCode, Failure> {
        let (name, package, words, rest): (_, _, &[&str], _) = match self {
            Self::Demo(rest) => ("demo", "clients", &["demo"], rest),
            Self::Ours(rest) => ("ours", "clients", &["ours"], rest),
            Self::Prove(rest) => ("prove", "proof", &["prove"], rest),
            Self::SelfTest(rest) => ("self-test", "proof", &["prove", "--quick"], rest),
        };
        let here = env::current_dir()?;
        let Some(root) = checkout(&here) else {
            return Err(Failure::from(format!(
                "`{name}` is about the code of this repository: run it in a checkout"
            )));
        };
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = process::Command::new(cargo)
            .args(["run", "--quiet", "--manifest-path"])
            // A folder of the checkout may have a workspace of its own.
            .arg(root.join("Cargo.toml"))
            .args(["-p", &format!("tegata-{package}"), "--"])
            .args(words)
            .args(&rest.arguments)
            .status()
            .map_err(|error| format!("cargo cannot be started: {error}"))?;
        // Ended by a signal, or by a code that does not fit.
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
    }
}

/// The workspace that holds a folder.
fn checkout(folder: &Path) -> Option<&Path> {
    let is_one = |folder: &&Path| folder.join("conformance/proof/Cargo.toml").is_file();
    folder.ancestors().find(is_one)
}
