//! What a tool leaves out of a recording: it fails no right client, and hides no mistake behind a pass.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tegata_conformance::case::{Case, Mutation, Suite};
use tegata_conformance::judge::{derived_mutants, mutate, reference};
use tegata_conformance::report::Verdict;

use crate::support::{Decided, decided, har_of, judge, report, suite};

/// What a tool does to each entry.
type Hide = fn(&mut Value);

const HIDES: [(&str, Hide); 9] = [
    ("no answer has a body", answers),
    ("no request has a body", requests),
    ("nothing has a body", |entry| {
        answers(entry);
        requests(entry);
    }),
    ("only Content-Length shows bodies", by_header),
    ("no Authorization", |entry| strip(entry, &["authorization"])),
    ("no credential in a header", |entry| {
        strip(
            entry,
            &[
                "authorization",
                "x-access-token",
                "x-api-key",
                "x-jooto-api-key",
            ],
        );
    }),
    ("headers are masked", |entry| mask_headers(entry, false)),
    ("headers are masked behind their scheme", |entry| {
        mask_headers(entry, true);
    }),
    ("secrets in bodies and queries are masked", mask_fields),
];

fn answers(entry: &mut Value) {
    let content = &mut entry["response"]["content"];
    if let Some(text) = content["text"].as_str() {
        *content = json!({"size": text.len(), "mimeType": ""});
    }
}

fn requests(entry: &mut Value) {
    if entry["request"].get("postData").is_some() {
        entry["request"]["postData"] = json!({"mimeType": "", "text": "", "params": []});
    }
}

fn by_header(entry: &mut Value) {
    let add = |message: &mut Value, length: usize| {
        let headers = message["headers"].as_array_mut().unwrap();
        headers.push(json!({"name": "content-length", "value": length.to_string()}));
    };
    let length = |text: &Value| text.as_str().map_or(0, str::len);
    let sent = length(&entry["request"]["postData"]["text"]);
    add(&mut entry["request"], sent);
    entry["request"]["bodySize"] = json!(0);
    entry["request"]["postData"] = json!({"text": ""});
    let answered = length(&entry["response"]["content"]["text"]);
    add(&mut entry["response"], answered);
    entry["response"]["content"] = json!({"size": 0, "text": ""});
}

fn strip(entry: &mut Value, names: &[&str]) {
    let headers = entry["request"]["headers"].as_array_mut().unwrap();
    headers.retain(|header| {
        let name = header["name"].as_str().unwrap().to_ascii_lowercase();
        !names.contains(&name.as_str())
    });
    headers.push(json!({"name": "Accept", "value": "*/*"}));
}

fn mask_headers(entry: &mut Value, keeps_scheme: bool) {
    for header in entry["request"]["headers"].as_array_mut().unwrap() {
        let name = header["name"].as_str().unwrap().to_ascii_lowercase();
        if name == "authorization" || name.ends_with("-token") || name.ends_with("-key") {
            let value = header["value"].as_str().unwrap();
            let scheme = value.split_once(' ').filter(|_| keeps_scheme);
            let value = scheme.map_or("[REDACTED]".to_owned(), |(scheme, _)| {
                format!("{scheme} ***")
            });
            header["value"] = json!(value);
        }
    }
}

/// Every value that holds a canary, in bodies and queries.
fn mask_fields(entry: &mut Value) {
    let masked = |text: &str| {
        let parts: Vec<String> = text
            .split_inclusive(['&', ',', '?', '{', '}'])
            .map(|part| match part.split_once("CANARY-") {
                Some((before, rest)) => {
                    let end = rest
                        .find(|end: char| "&,?{}\"".contains(end))
                        .unwrap_or(rest.len());
                    format!("{before}[REDACTED]{}", &rest[end..])
                }
                None => part.to_owned(),
            })
            .collect();
        json!(parts.concat())
    };
    for place in [
        "/request/url",
        "/request/postData/text",
        "/response/content/text",
    ] {
        if let Some(text) = entry.pointer_mut(place)
            && let Some(plain) = text.as_str()
        {
            *text = masked(plain);
        }
    }
}

/// The recording of a tool that hides something.
fn hidden(har: &str, hide: Hide) -> String {
    let mut har: Value = serde_json::from_str(har).unwrap();
    har["log"]["creator"]["name"] = json!("WebInspector");
    let entries = har["log"]["entries"].as_array_mut().unwrap();
    entries.iter_mut().for_each(hide);
    har.to_string()
}

/// The ids of the checks of a case that passed, and of those that failed.
fn checks(suite: &Suite, har: &str, case: &Case) -> (Vec<String>, Vec<String>) {
    let judged = judge(suite, har, &case.id);
    let reports = judged.results.into_iter().map(|(report, _)| report);
    let report = reports.into_iter().find(|report| report.case == case.id);
    let checks = report.map(|report| report.checks).unwrap_or_default();
    let (passed, failed): (Vec<_>, Vec<_>) = checks.into_iter().partition(|check| check.passed);
    let ids = |checks: Vec<tegata_conformance::report::Check>| {
        checks.into_iter().map(|check| check.id).collect::<Vec<_>>()
    };
    (ids(passed), ids(failed))
}

/// The ids of all checks that fail, of any case of a provider: one may take place in the run of another.
fn failures(suite: &Suite, har: &str, provider: &str) -> BTreeSet<String> {
    let judged = judge(suite, har, provider);
    for note in &judged.notes {
        assert!(!note.contains("log.entries  "), "it names no entry: {note}");
    }
    let reports = judged.results.iter().map(|(report, _)| report);
    reports
        .flat_map(|report| report.failures().map(|check| check.id.clone()))
        .collect()
}

/// Whether everything is tried, and not a part of it in turn: `TEGATA_EVERY_HIDDEN=1`, as every night.
fn tries_all() -> bool {
    std::env::var("TEGATA_EVERY_HIDDEN").as_deref() == Ok("1")
}

#[test]
fn what_a_tool_hides_fails_no_right_client() {
    let suite = suite();
    let (mut wrong, mut tried) = (Vec::new(), BTreeSet::new());
    for Decided { case, run, .. } in decided() {
        let har = har_of(case, run);
        // Some cases differ only in what is asked of the client.
        if !tried.insert(har.clone()) {
            continue;
        }
        // An endpoint that answers otherwise fails cases of its own.
        let known = failures(suite, &har, case.provider.name());
        // Each way is tried on a third of the runs, and each run in three ways.
        let turn = tried.len() % 3;
        let in_turn = |number: &usize| tries_all() || number % 3 == turn;
        for (_, (what, hide)) in (0..).zip(HIDES).filter(|(number, _)| in_turn(number)) {
            let failed = failures(suite, &hidden(&har, hide), case.provider.name());
            for check in failed.difference(&known) {
                wrong.push(format!("{what}, the run of {}: {check}", case.id));
            }
        }
        let count = serde_json::from_str::<Value>(&har).unwrap()["log"]["entries"]
            .as_array()
            .unwrap()
            .len();
        for index in 0..count {
            let mut one: Value = serde_json::from_str(&har).unwrap();
            answers(&mut one["log"]["entries"][index]);
            requests(&mut one["log"]["entries"][index]);
            let (_, failed) = checks(suite, &one.to_string(), case);
            wrong.extend(
                failed
                    .iter()
                    .map(|id| format!("bodies of entry {index}: {id}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_a_tool_hides_makes_no_mistake_pass() {
    let suite = suite();
    let (mut total, mut wrong) = (0, Vec::new());
    for (turn, decided) in decided().iter().enumerate() {
        let Decided {
            case,
            run,
            report: judged,
        } = decided;
        let named = case.mutants.len();
        let mutants = case
            .mutants
            .iter()
            .cloned()
            .chain(derived_mutants(suite, case));
        for (index, mutant) in mutants.enumerate() {
            let id = format!("{}#{}", case.id, mutant.killed_by);
            let is_judged = judged.checks.iter().any(|check| check.id == id);
            // What is not sent to the provider is not in the recording.
            if !is_judged
                || matches!(
                    mutant.mutation,
                    Mutation::StopBefore | Mutation::OtherOrigin
                )
            {
                continue;
            }
            // Those of the case itself in three ways, a third of the others in one.
            let in_turn = |number: usize| {
                let ways = HIDES.len();
                if index < named {
                    number % 3 == (turn + index) % 3
                } else {
                    (turn + index) % (3 * ways) == number
                }
            };
            let is_tried = |number: usize| {
                tries_all() && (index < named || index % HIDES.len() == number) || in_turn(number)
            };
            let mut changed = run.clone();
            mutate(case, &mutant, &mut changed).unwrap();
            let har = har_of(case, &changed);
            // What a whole recording does not show either is tested elsewhere.
            let is_shown = || {
                let shown = report(suite, &har, &case.id);
                shown.is_some_and(|report| report.failures().any(|check| check.id == id))
            };
            for (number, (what, hide)) in HIDES.into_iter().enumerate() {
                if is_tried(number) {
                    total += 1;
                    let (passed, _) = checks(suite, &hidden(&har, hide), case);
                    if passed.contains(&id) && is_shown() {
                        wrong.push(format!("{what}: {id} passes {:?}", mutant.mutation));
                    }
                }
            }
        }
    }
    println!("{total} mistakes");
    assert!(total >= 300, "{total}");
    assert!(
        wrong.is_empty(),
        "{} of {total}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_hidden_check_is_named_with_its_reason() {
    let suite = suite();
    let case = suite.case("fujitsu-aispf.v2.use").unwrap();
    let run = reference(suite, case, None).unwrap();
    let har = hidden(&har_of(case, &run), answers);
    let judged = judge(suite, &har, &case.id);
    let why = &judged.hidden[&case.id]["fujitsu-aispf.v2.use#call.credential"];
    assert_eq!(
        why.to_string(),
        "the recording lacks the body of an answer that it needs"
    );
    assert!(
        judged.notes[0].starts_with("the bodies of log.entries 0, 1 are not"),
        "{:?}",
        judged.notes
    );
    assert!(
        judged
            .results
            .iter()
            .all(|(report, _)| report.verdict == Verdict::NotJudged)
    );
}
