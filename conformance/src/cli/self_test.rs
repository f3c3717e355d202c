//! `self-test`: the suite shows that it can be trusted.

use std::process::ExitCode;

use tegata_conformance::naive::rows;
use tegata_conformance::self_test::{
    Shown, broken_clients_fail, emulator_passes, reference_passes, vacuous_clients_pass_nothing,
};

use super::Failure;
use super::suite::{Data, print};

/// Shows, within seconds, that the suite can be trusted on this machine.
///
/// The recorded exchanges pass every case over HTTP, the emulator those that judge endpoints;
/// broken clients fail the checks that are about their bug; clients that do nothing pass nothing.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    data: Data,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let suite = args.data.load()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let mut trusted = true;
    let mut tell = |shown: &Shown| -> Result<(), Failure> {
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
        tell(&reference_passes(&suite).await?)?;
        tell(&emulator_passes(&suite).await?)?;
        tell(&broken_clients_fail(&suite, rows()).await?)?;
        tell(&vacuous_clients_pass_nothing(&suite).await?)
    })?;
    Ok(ExitCode::from(u8::from(!trusted)))
}
