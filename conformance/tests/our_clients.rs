//! Every case, against the clients of this workspace.

use std::collections::BTreeMap;

use tegata_conformance::case::Suite;
use tegata_conformance::clients::OurClients;
use tegata_conformance::report::{CaseReport, Verdict};
use tegata_conformance::script::Runner;

/// The cases that our clients do not pass, what they come to, and why. An entry that is no longer true
/// fails as well.
const KNOWN: &[(&str, Verdict, &str)] = &[(
    "fujitsu-aispf.v2.basic-encoded",
    Verdict::Info,
    "id and secret go into HTTP Basic as they are, as the clients of this vendor do; \
     `basic_encoding` selects the RFC's way",
)];

async fn reports() -> Vec<CaseReport> {
    let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
    let runner = Runner::new(&suite);
    let mut reports = Vec::new();
    for case in &suite.cases {
        let report = runner.run(case, &OurClients).await;
        reports.push(report.unwrap_or_else(|error| panic!("{}: {error}", case.id)));
    }
    reports
}

#[tokio::test]
async fn our_clients_pass_every_case_but_those_that_are_known() {
    let mut known: BTreeMap<_, _> = KNOWN
        .iter()
        .map(|(id, verdict, _)| (*id, *verdict))
        .collect();
    let mut problems = Vec::new();
    for report in reports().await {
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
