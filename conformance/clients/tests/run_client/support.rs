//! The suite, and clients that are lines of shell.

use std::process::{Command, Output};
use std::sync::LazyLock;
use std::time::Duration;

use tegata_conformance::case::Suite;
use tegata_conformance::process::{Client, Profile, Ran, Words};
use tegata_conformance::report::{CaseReport, Check};

pub(crate) static SUITE: LazyLock<Suite> =
    LazyLock::new(|| Suite::embedded().unwrap_or_else(|error| panic!("{error}")));

/// A case of one step.
pub(crate) const KEY: &str = "jooto.key.header";
/// A case of two steps.
pub(crate) const TWICE: &str = "fujitsu-aispf.key.no-expiry";
/// A secret of the first of them, and of the second.
pub(crate) const SECRET: &str = "CANARY-jo-client-secret";
pub(crate) const DRIVER: &str = env!("CARGO_BIN_EXE_tegata-client-driver");

/// A client that is a script of the shell and declares everything.
pub(crate) fn shell(script: &str) -> Client {
    let words = Words {
        program: "sh".to_owned(),
        arguments: vec!["-c".to_owned(), script.to_owned()],
    };
    Client::new(words, Profile::of(["all"]).unwrap())
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

pub(crate) fn run(client: &Client, case: &str) -> Ran {
    let case = SUITE.case(case).unwrap_or_else(|| panic!("{case}"));
    block_on(client.run(&SUITE, case)).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn check<'r>(report: &'r CaseReport, name: &str) -> &'r Check {
    let id = format!("{}#{name}", report.case);
    let found = report.checks.iter().find(|check| check.id == id);
    found.unwrap_or_else(|| panic!("{id} is no check"))
}

/// A limit that a client runs into that never answers.
pub(crate) fn soon() -> Duration {
    Duration::from_millis(300)
}

/// A limit that leaves a shell the time to start.
pub(crate) fn later() -> Duration {
    Duration::from_secs(3)
}

/// The program itself.
pub(crate) fn program(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tegata-clients"))
        .args(arguments)
        .output()
        .unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
