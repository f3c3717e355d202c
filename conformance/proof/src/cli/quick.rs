//! `prove --quick`: whether the suite can be trusted on this machine.

use std::process::ExitCode;

use tegata_clients::naive::rows;
use tegata_conformance::case::Suite;
use tegata_conformance::cli::{Failure, print};
use tegata_proof::self_test::{
    Shown, broken_clients_fail, emulator_passes, reference_passes, vacuous_clients_pass_nothing,
};

pub(crate) fn run(suite: &Suite) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let mut trusted = true;
    let mut report = |shown: &Shown| -> Result<(), Failure> {
        let word = if shown.problems.is_empty() {
            "ok"
        } else {
            "FAILED"
        };
        print(&format!("{word} {}\n", shown.what))?;
        for problem in &shown.problems {
            print(&format!("  {problem}\n"))?;
        }
        trusted &= shown.problems.is_empty();
        Ok(())
    };
    runtime.block_on(async {
        report(&reference_passes(suite).await?)?;
        report(&emulator_passes(suite).await?)?;
        report(&broken_clients_fail(suite, rows()).await?)?;
        report(&vacuous_clients_pass_nothing(suite).await?)
    })?;
    Ok(ExitCode::from(u8::from(!trusted)))
}
