//! Runs of the program.

use std::path::Path;
use std::process::{Command, Output};

use tegata_conformance::record::find_leak;
use tegata_emulator::tls::Tls;
use tegata_emulator::{Config, Emulator};

/// The emulator's own credentials, by variable.
pub(crate) const VARIABLES: [(&str, &str); 6] = [
    ("TEGATA_LIVE_AISPF_API_KEY", "CANARY-aispf-primary-key"),
    ("TEGATA_LIVE_AISPF_CLIENT_ID", "aispf-client"),
    ("TEGATA_LIVE_AISPF_CLIENT_SECRET", "CANARY-aispf-secret"),
    ("TEGATA_LIVE_JOOTO_API_KEY", "hogehoge"),
    ("TEGATA_LIVE_MARKETO_CLIENT_ID", "marketo-client"),
    ("TEGATA_LIVE_MARKETO_CLIENT_SECRET", "CANARY-marketo-secret"),
];

/// A multi-threaded runtime, for the program runs in a process of its own meanwhile.
pub(crate) struct Vendor {
    _runtime: tokio::runtime::Runtime,
    pub(crate) emulator: Emulator,
}

pub(crate) fn vendor(config: Config) -> Vendor {
    start(config, None)
}

/// One that speaks TLS.
pub(crate) fn vendor_over(tls: &Tls) -> Vendor {
    start(Config::default(), Some(tls))
}

fn start(config: Config, tls: Option<&Tls>) -> Vendor {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let entered = runtime.enter();
    let emulator = Emulator::start_with(config, 0, tls).unwrap_or_else(|error| panic!("{error}"));
    drop(entered);
    Vendor {
        _runtime: runtime,
        emulator,
    }
}

impl Vendor {
    /// The base URLs of a provider's servers, as arguments.
    pub(crate) fn bases(&self, provider: &str) -> Vec<String> {
        let url = self.emulator.provider_url(provider);
        let servers = match provider {
            "fujitsu-aispf" => ["auth", "services"],
            "jooto" => ["oauth", "api"],
            _ => ["identity", "rest"],
        };
        let base = |server| ["--base".to_owned(), format!("{server}={url}")];
        servers.into_iter().flat_map(base).collect()
    }

    /// Runs the cases of a provider without pauses. No output may hold a secret.
    pub(crate) fn run(&self, provider: &str, arguments: &[&str]) -> (Option<i32>, String) {
        let mut all = self.bases(provider);
        all.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        if !arguments.contains(&"--pause") {
            all.extend(["--pause".to_owned(), "0".to_owned()]);
        }
        let output = command(provider, &all).envs(VARIABLES).output().unwrap();
        let said = said(&output);
        for (name, value) in VARIABLES {
            if name.ends_with("SECRET") || name.ends_with("KEY") {
                assert_eq!(find_leak(said.as_bytes(), [value]), None, "{said}");
            }
        }
        (output.status.code(), said)
    }
}

pub(crate) fn command(provider: &str, arguments: &[String]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tegata-conformance"));
    command.args(["run", "--live", provider]).args(arguments);
    for (name, _) in VARIABLES {
        command.env_remove(name);
    }
    command
}

pub(crate) fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            let name = path.display().to_string();
            all.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    all
}
