//! From outside a client is judged as it is from inside.

use tegata_clients::naive::{Bug, Naive};
use tegata_clients::ours::OurClients;
use tegata_conformance::process::{Client, Profile, Words, run_all};
use tegata_conformance::report::{CaseReport, Check};
use tegata_conformance::script::{Driver, Runner};

use crate::support::{DRIVER, SUITE, block_on};

/// The names of the features that a driver declares.
fn profile(driver: &impl Driver) -> Profile {
    let names: Vec<String> = driver
        .features()
        .iter()
        .map(|feature| {
            serde_json::to_value(feature)
                .unwrap()
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    Profile::of(names.iter().map(String::as_str).chain(["session"])).unwrap()
}

fn compare(driver: &impl Driver, arguments: &[&str], filter: &str) {
    let words = Words {
        program: DRIVER.to_owned(),
        arguments: arguments.iter().map(ToString::to_string).collect(),
    };
    let client = Client::new(words, profile(driver));
    let cases: Vec<_> = SUITE
        .cases
        .iter()
        .filter(|case| case.id.contains(filter))
        .collect();
    let outside = block_on(run_all(&SUITE, &cases, &client, 2, |_| {}));
    let outside = outside.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(outside.len(), cases.len());
    for (case, ran) in cases.iter().zip(outside) {
        let inside = block_on(Runner::new(&SUITE).run(case, driver)).unwrap();
        let is_of_process = |check: &Check| check.id.contains("#process.");
        let process = ran
            .report
            .checks
            .iter()
            .filter(|check| is_of_process(check));
        let faults: Vec<String> = process
            .filter(|check| !check.passed)
            .map(ToString::to_string)
            .collect();
        assert!(faults.is_empty(), "{faults:?}");
        let mut judged: CaseReport = ran.report;
        judged.checks.retain(|check| !is_of_process(check));
        assert_eq!(judged, inside);
    }
}

#[test]
fn our_clients_are_judged_alike() {
    compare(&OurClients, &[], "");
}

#[test]
fn broken_clients_are_judged_alike() {
    for (bug, filter) in [
        (Bug::NoGrantType, "marketo.token"),
        (Bug::FixedState, "jooto.authorize"),
        (Bug::MixedAccounts, "marketo.use"),
        (Bug::ShowsSecrets, "fujitsu-aispf.v1"),
        (Bug::NeverRenews, "marketo.expiry"),
    ] {
        compare(&Naive::with(bug), &["naive", &format!("{bug:?}")], filter);
    }
}
