//! `cargo xtask demo`: the generated code is checked, then our clients walk every flow.

use std::env;
use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitCode};

use crate::generate::{self, Finding, Outcome};

/// Runs the check in this process and the walk in a process of its own, so that a crate that does
/// not compile never locks `gen` out.
pub(crate) fn run(root: &Path, out: &mut dyn Write, err: &mut dyn Write) -> ExitCode {
    let checked = generate::run(root, &generate::Args::check(), out, err);
    if checked != Outcome::Fine {
        return checked.into();
    }
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let walk = Command::new(cargo)
        .args(["run", "--quiet", "-p", "tegata-clients", "--", "demo"])
        .current_dir(root)
        .status();
    match walk {
        Ok(status) => match status.code().map(u8::try_from) {
            Some(Ok(code)) => ExitCode::from(code),
            // Ended by a signal, or by a code that does not fit.
            _ => ExitCode::FAILURE,
        },
        Err(error) => {
            let finding = Finding::of_use(
                format!("the demo cannot be started: {error}"),
                "check that `cargo` is on the PATH",
            );
            generate::complain(err, &[finding]);
            ExitCode::from(2)
        }
    }
}
