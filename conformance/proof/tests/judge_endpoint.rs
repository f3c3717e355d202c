//! The emulator, judged by the cases that judge endpoints: fixtures, judge and emulator were
//! written from the same documents and must agree.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use tegata_conformance::case::{Case, Suite};
use tegata_conformance::report::Verdict;
use tegata_conformance::script::run_endpoint_case;
use tegata_emulator::{Config, Emulator};
use tegata_proof::self_test::Emulated;

fn for_servers(suite: &Suite) -> impl Iterator<Item = &Case> {
    suite.cases.iter().filter(|case| case.role.judges_servers())
}

#[tokio::test]
async fn the_emulator_passes_every_case_for_endpoints() {
    let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
    let mut failed = Vec::new();
    let mut count = 0;
    for case in for_servers(&suite) {
        count += 1;
        let endpoint =
            Emulated::knowing(&suite, case.provider).unwrap_or_else(|error| panic!("{error}"));
        let report = run_endpoint_case(&suite, case, &endpoint)
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        if report.verdict != Verdict::Pass {
            failed.extend(report.failures().map(ToString::to_string));
        }
    }
    println!("{count} cases for endpoints");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// An endpoint that knows no client.
#[tokio::test]
async fn an_endpoint_with_other_credentials_fails() {
    let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
    for id in [
        "fujitsu-aispf.v2.use",
        "jooto.key.header",
        "marketo.use.header",
    ] {
        let case = suite.case(id).unwrap();
        let mut config = Config::default();
        config.fujitsu_aispf.clients.clear();
        config.jooto.api_keys.clear();
        config.marketo.clients.clear();
        let emulator = Emulator::start(config).unwrap_or_else(|error| panic!("{error}"));
        let endpoint = Emulated::of(emulator, case.provider);
        let report = run_endpoint_case(&suite, case, &endpoint).await.unwrap();
        assert_eq!(report.verdict, Verdict::Fail, "{id}");
    }
}
