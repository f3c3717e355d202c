//! Long recordings: rounds of a right flow with every provider, each with tokens of its own.

use std::path::Path;

use serde_json::Value;
use tegata_conformance::case::{Case, Suite, case_values};
use tegata_conformance::judge::reference;

use crate::outputs;
use crate::support::{entries_of, failures, har, judge, suite};

/// The cases whose runs make up a round, and the number of their exchanges.
const ROUND: [&str; 6] = [
    "fujitsu-aispf.v2.use",
    "fujitsu-aispf.v2.refused@with-body",
    "jooto.callback.exchange",
    "jooto.refused.refreshed@vendor",
    "marketo.use.header",
    "marketo.refused.602",
];
const EXCHANGES: usize = 18;
/// What stays the same from round to round.
const KEPT: [&str; 4] = ["client-secret", "api-key", "redirect-uri", "organization"];

/// So many rounds.
pub(crate) fn rounds(suite: &Suite, count: usize) -> Vec<Value> {
    let mut all = Vec::new();
    for round in 0..count {
        for id in ROUND {
            all.extend(once(suite, suite.case(id).unwrap(), round));
        }
    }
    assert_eq!(all.len(), count * EXCHANGES);
    all
}

/// The run of a case with tokens of its own; at Jooto the second case goes on with those of the
/// first.
fn once(suite: &Suite, case: &Case, round: usize) -> Vec<Value> {
    let provider = case.provider.name();
    let position = ROUND.iter().position(|id| case.id == *id).unwrap();
    let mark = if provider == "jooto" { 9 } else { position };
    let mut values = case_values(suite, case);
    let secrets: Vec<(String, String)> = values
        .secrets()
        .filter(|(name, _)| !KEPT.contains(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for (name, value) in secrets {
        values.set(&name, &format!("{round:05}{mark}x{value}"));
    }
    entries_of(case, &reference(suite, case, Some(values)).unwrap())
}

#[test]
fn rounds_of_a_right_flow_pass_and_each_is_judged() {
    let suite = suite();
    let judged = judge(suite, &har(&rounds(suite, 5)), "");
    assert_eq!(failures(&judged), Vec::<String>::new());
    let position = |id: &str| {
        let mut results = judged.results.iter();
        results.position(|(report, _)| report.case == id).unwrap()
    };
    for id in ROUND {
        let entries = &judged.entries[position(id)];
        assert!(entries.last() > Some(&(4 * EXCHANGES)), "{id}: {entries:?}");
    }
}

#[test]
fn a_mistake_in_the_last_round_is_found() {
    let suite = suite();
    let mut entries = rounds(suite, 60);
    let last = entries.last_mut().unwrap();
    last["request"]["headers"] = headers_of_refused(suite, 59);
    let judged = judge(suite, &har(&entries), "marketo.");
    let failed = failures(&judged).join("\n");
    assert!(
        failed.contains("marketo.refused.602#again.credential"),
        "{failed}"
    );
    assert_eq!(judged.mistakes.len(), 1, "{:?}", judged.mistakes);
    assert_eq!(judged.mistakes[0].entries, [60 * EXCHANGES - 1]);
}

/// The headers of the refused call of a round.
fn headers_of_refused(suite: &Suite, round: usize) -> Value {
    let entries = once(suite, suite.case("marketo.refused.602").unwrap(), round);
    entries[1]["request"]["headers"].clone()
}

#[test]
fn a_long_recording_is_judged_by_the_command_with_every_report() {
    // The files stay there: to compare two builds, judge the same ones by both.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for count in [50, 200] {
        let file = folder.join(format!("rounds-{count}.har"));
        std::fs::write(file, har(&rounds(suite(), count))).unwrap();
    }
    let output = outputs::judge(folder, &har(&rounds(suite(), 45)), &[]);
    let said = outputs::said(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.starts_with("810 entries, "), "{said}");
    let report = outputs::report(folder);
    let case = outputs::case(&report, "marketo.refused.602");
    let of_last_round = 44 * EXCHANGES;
    let entries = case["entries"].as_array().unwrap();
    assert!(
        entries
            .iter()
            .any(|at| at.as_u64() > Some(of_last_round as u64)),
        "{case}"
    );
}
