//! `serve`: the emulator, or scripted cases, as a process of their own.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Duration;

use crate::case::Suite;
use crate::runs::Hall;
use crate::script::Manner;
use serde_json::{Value, json};
use tegata_emulator::tls::Tls;
use tegata_emulator::{Config, Emulator};

use super::Failure;
use super::suite::Data;

/// Runs the emulator of all providers, or scripted cases, on 127.0.0.1 until it is stopped.
///
/// Prints one JSON line when ready. For the emulator: the base URL, and that of each provider. Its
/// log, at /__control/log, shows every credential it is sent: give it canaries, never real secrets.
/// For cases: where they are begun, and each run that was asked for, with its first task.
#[derive(clap::Args)]
pub struct Args {
    /// Port to listen on; 0 means any free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Lifetime of every access token, instead of the configured ones
    #[arg(long, value_name = "SECONDS", conflicts_with_all = ["cases", "case"])]
    ttl: Option<u32>,
    /// TOML file with keys, clients and lifetimes; what it leaves out keeps its default
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cases", "case"])]
    config: Option<PathBuf>,
    /// Print the configuration as TOML and stop
    #[arg(long, conflicts_with_all = ["cases", "case", "tls"])]
    print_config: bool,
    /// Serve scripted cases instead: each run is begun by POST /__conform and has its own ports
    #[arg(long)]
    cases: bool,
    /// The same, and begin a run of this case
    #[arg(long, value_name = "CASE")]
    case: Vec<String>,
    /// Wait so long before each answer of a case
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    delay: u64,
    /// Speak TLS, with a certificate authority made for this process; `ca` in the JSON line
    #[arg(long)]
    tls: bool,
    /// Write that authority's certificate to this file, as PEM
    #[arg(long, value_name = "FILE", requires = "tls")]
    ca: Option<PathBuf>,
    #[command(flatten)]
    data: Data,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let tls = args.tls.then(Tls::generate).transpose()?;
    if let (Some(path), Some(tls)) = (&args.ca, &tls) {
        std::fs::write(path, tls.ca())
            .map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    }
    if args.cases || !args.case.is_empty() {
        return cases(args, tls);
    }
    if args.delay > 0 {
        let hint = "tell the emulator by POST /__control/fault";
        return Err(Failure::from(format!("--delay is for --case; {hint}")));
    }
    emulator(args, tls.as_ref())
}

fn emulator(args: &Args, tls: Option<&Tls>) -> Result<ExitCode, Failure> {
    let mut config = match &args.config {
        Some(path) => Config::read(path)?,
        None => Config::default(),
    };
    if let Some(seconds) = args.ttl {
        config.set_access_token_seconds(seconds);
    }
    if args.print_config {
        print(&config.to_toml()?)?;
        return Ok(ExitCode::SUCCESS);
    }
    runtime()?.block_on(async {
        let emulator = Emulator::start_with(config, args.port, tls)?;
        let line = emulator.ready_line();
        match tls {
            None => print(&format!("{line}\n"))?,
            Some(tls) => {
                let mut ready: Value = serde_json::from_str(&line)?;
                ready["ca"] = tls.ca().into();
                print(&format!("{ready}\n"))?;
            }
        }
        // Ends with the process, by a signal.
        std::future::pending().await
    })
}

fn cases(args: &Args, tls: Option<Tls>) -> Result<ExitCode, Failure> {
    // Runs outlive every call, as the process does.
    static SUITE: OnceLock<Suite> = OnceLock::new();
    let loaded = args.data.load()?;
    let suite = SUITE.get_or_init(|| loaded);
    let ca = tls.as_ref().map(|tls| tls.ca().to_owned());
    let manner = Manner {
        tls,
        delay: Duration::from_millis(args.delay),
    };
    runtime()?.block_on(async {
        let hall = Hall::start(suite, manner, args.port)
            .await
            .map_err(|error| format!("cannot listen on 127.0.0.1:{}: {error}", args.port))?;
        let mut runs = Vec::new();
        for case in &args.case {
            runs.push(hall.begin(case).await?);
        }
        let mut ready = json!({
            "ready": true,
            "conform_url": format!("{}/__conform", hall.base_url()),
            "runs": runs,
        });
        if let Some(ca) = ca {
            ready["ca"] = ca.into();
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
