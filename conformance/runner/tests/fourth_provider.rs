//! A fourth provider needs no code of the runner: its case is proved, run and reported from data alone.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use tegata_conformance::case::Suite;
use tegata_conformance::judge::{check_mutants, prove_case};
use tegata_conformance::live::{Plan, variable};
use tegata_conformance::report::{Counts, Table, Verdict};
use tegata_conformance::script::{Replay, Runner};

#[path = "../../suite/tests/support/toy.rs"]
mod toy;

fn suite() -> Suite {
    Suite::from_files(&toy::files()).unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test]
async fn its_case_passes_over_http_and_can_fail() {
    assert!(toy::PROVIDER.contains("toy") && toy::CASE_PATH.contains("toy"));
    let suite = suite();
    let case = suite.case("toy.key.header").unwrap();
    let replay = Replay::new(&suite);
    let report = Runner::new(&suite).run(case, &replay).await.unwrap();
    assert_eq!(report.verdict, Verdict::Pass, "{report:?}");
    assert_eq!(check_mutants(&suite), []);
    let mutants = prove_case(&suite, case).unwrap();
    assert!(!mutants.is_empty());
    assert!(mutants.iter().all(|mutant| mutant.killed));
}

#[test]
fn it_is_counted_and_named_like_the_others() {
    let suite = suite();
    let provider = suite.case("toy.key.header").unwrap().provider;
    assert_eq!(Counts::of(&suite).providers.last(), Some(&(provider, 1)));
    assert!(
        Table::of(&suite)
            .to_string()
            .contains("| toy | 1 | 1 | 1 | 0 | 1 |")
    );
    assert_eq!(variable(provider, "api-key"), "TEGATA_LIVE_TOY_API_KEY");
    let plan = Plan::of(&suite, provider, None, |_| true, |_| true);
    assert!(plan.to_string().starts_with("0 calls to toy in 0 cases"));
}
