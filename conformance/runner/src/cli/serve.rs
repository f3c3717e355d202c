//! `serve`: the emulator, or scripted cases, as a process of their own.

use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Duration;

use crate::case::Suite;
use crate::runs::ControlServer;
use crate::script::Manner;
use serde_json::json;
use tegata_emulator::process::Options;

use super::Failure;
use super::suite::Data;

/// Runs the emulator of all providers, or scripted cases, on 127.0.0.1 until it is stopped.
///
/// Prints one JSON line when ready. For the emulator: the base URL, and that of each provider. Its
/// log, at /__control/log, shows every credential it is sent: give it canaries, never real secrets.
/// For cases: where they are begun, and each run that was asked for, with its first task.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    emulator: Options,
    /// Serve scripted cases instead: each run is begun by POST /__conform and has its own ports
    #[arg(long, conflicts_with_all = OF_THE_EMULATOR)]
    cases: bool,
    /// The same, and begin a run of this case
    #[arg(long, value_name = "CASE", conflicts_with_all = OF_THE_EMULATOR)]
    case: Vec<String>,
    /// Wait so long before each answer of a case
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    delay: u64,
    #[command(flatten)]
    data: Data,
}

/// Options that mean nothing for cases.
const OF_THE_EMULATOR: [&str; 3] = ["ttl", "config", "print_config"];

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    if args.cases || !args.case.is_empty() {
        return cases(args);
    }
    if args.delay > 0 {
        let hint = "set the emulator by POST /__control/fault";
        return Err(Failure::from(format!("--delay is for --case; {hint}")));
    }
    runtime()?.block_on(args.emulator.run())?;
    Ok(ExitCode::SUCCESS)
}

fn cases(args: &Args) -> Result<ExitCode, Failure> {
    // Runs outlive every call, as the process does.
    static SUITE: OnceLock<Suite> = OnceLock::new();
    let loaded = args.data.load()?;
    let suite = SUITE.get_or_init(|| loaded);
    let trust = args.emulator.tls()?;
    let manner = Manner {
        tls: trust.as_ref().map(|trust| trust.tls().clone()),
        delay: Duration::from_millis(args.delay),
    };
    runtime()?.block_on(async {
        let control = ControlServer::start(suite, manner, args.emulator.port)
            .await
            .map_err(|error| {
                format!("cannot listen on 127.0.0.1:{}: {error}", args.emulator.port)
            })?;
        let mut runs = Vec::new();
        for case in &args.case {
            runs.push(control.begin(case).await?);
        }
        let mut ready = json!({
            "ready": true,
            "conform_url": format!("{}/__conform", control.base_url()),
            "runs": runs,
        });
        if let Some(trust) = &trust {
            trust.advise();
            trust.add_to(&mut ready);
        }
        print(&format!("{ready}\n"))?;
        std::future::pending().await
    })
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
}

/// A reader that has gone away is a failure here, not a panic.
fn print(text: &str) -> std::io::Result<()> {
    use std::io::Write as _;

    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
