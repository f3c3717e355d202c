//! A recording in a temporary folder, and its content.

use std::path::Path;

use tegata_conformance::case::{Provider, Suite};
use tegata_conformance::fixture::Recorded;
use tegata_conformance::record::{AllowList, Recorder, Redaction, Settings};
use tegata_conformance::script::{Reply, exchange_bytes};
use tegata_conformance::trust::Trust;
use tegata_emulator::{Config, Emulator};
use tegata_suite::Server;
use tempfile::TempDir;

pub(crate) use crate::exchange::request;

/// The emulator's own credentials.
pub(crate) const KEY: &str = "CANARY-aispf-primary-key";
pub(crate) const AISPF_SECRET: &str = "CANARY-aispf-secret";
pub(crate) const MARKETO_SECRET: &str = "CANARY-marketo-secret";

pub(crate) fn emulator() -> Emulator {
    Emulator::start(Config::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// The redaction of a recording that keeps the values of these names besides.
pub(crate) fn redaction(kept: &[&str]) -> Redaction {
    let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
    let list = AllowList::new(&suite.fixtures);
    let list = kept.iter().fold(list, |list, name| list.keep(name));
    Redaction::new(list, &suite.providers)
}

/// The server of a name.
pub(crate) fn server_named(name: &str) -> Server {
    name.parse().unwrap_or_else(|error| panic!("{error}"))
}

/// Settings for some servers, all at the same address.
pub(crate) fn settings(folder: &Path, servers: &[Server], url: &str) -> Settings {
    let upstreams = servers
        .iter()
        .map(|server| format!("{}={url}", server.name()).parse().unwrap())
        .collect();
    Settings {
        upstreams,
        trust: Trust::default(),
        folder: folder.to_owned(),
        redaction: redaction(&[]),
        canaries: Vec::new(),
        exchanges: None,
    }
}

/// A proxy before the emulator's servers of one provider.
pub(crate) async fn before(emulator: &Emulator, name: &str, folder: &Path) -> Recorder {
    let provider: Provider = name.parse().unwrap();
    let servers: Vec<Server> = provider.servers().collect();
    let url = emulator.provider_url(name);
    Recorder::start(settings(folder, &servers, &url))
        .await
        .unwrap_or_else(|error| panic!("{error}"))
}

/// A proxy before one server of services.
pub(crate) async fn before_services(url: &str, folder: &Path) -> Recorder {
    Recorder::start(settings(folder, &[server_named("services")], url))
        .await
        .unwrap()
}

/// A call that has nothing of its own.
pub(crate) fn plain_call() -> Recorded {
    request("GET", "/da/x", &[], "")
}

pub(crate) async fn send(recorder: &Recorder, server: Server, request: &Recorded) -> Reply {
    exchange_bytes(recorder.url(server).unwrap(), request)
        .await
        .unwrap()
}

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Every file below a folder: its name and its bytes.
pub(crate) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    all
}
