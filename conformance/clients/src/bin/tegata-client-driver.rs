//! The clients of this workspace as a process of their own, for `run --client`.
//!
//! `tegata-client-driver` speaks the protocol that `conformance/docs/testing-clients.md` describes. With `naive`
//! as its argument it drives the suite's second client instead, with `naive BUG` that client with
//! a bug.

use std::io;
use std::process::ExitCode;

use tegata_clients::naive::{Bug, Naive};
use tegata_clients::ours::OurClients;
use tegata_conformance::process::drive;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("tegata-client-driver: {message}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let first = std::env::var("CONFORM_CONTEXT").map_err(|_| {
        "CONFORM_CONTEXT is not set; start me by `tegata-conformance run --client`".to_owned()
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let (lines, answers) = (io::stdin().lock(), io::stdout().lock());
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [] => runtime.block_on(drive(&OurClients, &first, lines, answers)),
        ["naive"] => runtime.block_on(drive(&Naive::right(), &first, lines, answers)),
        ["naive", name] => {
            let bug = Bug::ALL.iter().find(|bug| format!("{bug:?}") == *name);
            let naive = Naive::with(*bug.ok_or_else(|| format!("`{name}` is no bug"))?);
            runtime.block_on(drive(&naive, &first, lines, answers))
        }
        _ => return Err("expected nothing, `naive` or `naive BUG`".to_owned()),
    };
    done.map_err(|error| error.to_string())
}
