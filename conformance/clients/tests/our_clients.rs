//! Every case, against the clients of this workspace.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::LazyLock;

use tegata_clients::ours::OurClients;
use tegata_conformance::case::Suite;
use tegata_conformance::report::{CaseReport, Verdict};
use tegata_conformance::script::{Runner, cores};

/// The cases that our clients do not pass, with their verdicts and reasons. An entry that is no longer true
/// fails as well.
const KNOWN: &[(&str, Verdict, &str)] = &[
    (
        "fujitsu-aispf.v2.basic-encoded",
        Verdict::Info,
        "id and secret go into HTTP Basic as they are, as the clients of this vendor do; \
         `basic_encoding` selects the RFC's way",
    ),
    (
        "fujitsu-aispf.v2.type-unknown",
        Verdict::Info,
        "the guide gives the token a header of its own and names no type, so none is looked at",
    ),
];

static SUITE: LazyLock<Suite> =
    LazyLock::new(|| Suite::embedded().unwrap_or_else(|error| panic!("{error}")));

fn reports(threads: NonZeroUsize) -> Vec<CaseReport> {
    let cases: Vec<_> = SUITE.cases.iter().collect();
    let reports = Runner::new(&SUITE).run_all(&cases, &OurClients, threads);
    reports.unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn our_clients_pass_every_case_but_those_that_are_known() {
    let mut known: BTreeMap<_, _> = KNOWN
        .iter()
        .map(|(id, verdict, _)| (*id, *verdict))
        .collect();
    let mut problems = Vec::new();
    for report in reports(cores()) {
        let expected = known.remove(report.case.as_str());
        match (expected, report.verdict) {
            // Cases for servers only, or for a feature that our clients do not have.
            (None, Verdict::Pass | Verdict::NotApplicable) => {}
            (Some(expected), verdict) if expected == verdict => {}
            (_, verdict) => {
                problems.push(format!("{}: {verdict:?}", report.case));
                problems.extend(report.failures().map(|check| format!("  {check}")));
            }
        }
    }
    problems.extend(
        known
            .keys()
            .map(|id| format!("{id} is known not to pass, but is no case")),
    );
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let one = reports(NonZeroUsize::MIN);
    let ids: Vec<&str> = one.iter().map(|report| report.case.as_str()).collect();
    let cases: Vec<&str> = SUITE.cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(ids, cases);
    for threads in [2, 5] {
        let again = reports(NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN));
        for (first, then) in one.iter().zip(&again) {
            assert_eq!(first, then, "on {threads} threads");
        }
        assert_eq!(one.len(), again.len());
    }
}
