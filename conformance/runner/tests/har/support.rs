//! Recordings put together for a test.

use std::sync::LazyLock;

use serde_json::{Value, json};
use tegata_conformance::case::{Case, Provider, Suite};
use tegata_conformance::fixture::{Answer, Recorded};
use tegata_conformance::har::{Judged, Places, judge_har, read_har};
use tegata_conformance::judge::{StepRecord, Transcript, reference};
use tegata_conformance::report::{CaseReport, Verdict};

use crate::exchange::request;

/// The base URLs of all servers.
pub(crate) const BASES: [&str; 6] = [
    "auth=https://h.example/aispf",
    "services=https://h.example/aispf",
    "oauth=https://h.example/jooto",
    "api=https://h.example/jooto",
    "identity=https://h.example/marketo",
    "rest=https://h.example/marketo",
];

/// The suite, which takes long to read.
pub(crate) fn suite() -> &'static Suite {
    static SUITE: LazyLock<Suite> =
        LazyLock::new(|| Suite::embedded().unwrap_or_else(|error| panic!("{error}")));
    &SUITE
}

pub(crate) fn places() -> Places {
    let bases: Vec<_> = BASES.iter().map(|base| base.parse().unwrap()).collect();
    Places::new(Provider::all(), &bases)
}

/// The base URL of a provider.
pub(crate) fn base(provider: &str) -> String {
    let name = provider.strip_prefix("fujitsu-").unwrap_or(provider);
    format!("https://h.example/{name}")
}

/// An entry as Chromium writes it.
pub(crate) fn entry(url: &str, request: &Recorded, answer: Option<&Answer>) -> Value {
    let headers = |headers: &[(String, String)]| -> Value {
        headers
            .iter()
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect()
    };
    let mut sent = json!({
        "method": request.method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "headers": headers(&request.headers),
        "queryString": [],
        "cookies": [],
        "headersSize": -1,
        "bodySize": request.body.len(),
    });
    if !request.body.is_empty() {
        sent["postData"] = json!({"mimeType": "", "text": String::from_utf8_lossy(&request.body)});
    }
    let response = answer.map_or(
        json!({"status": 0, "headers": [], "_error": "net::ERR_ABORTED"}),
        |answer| {
            json!({
                "status": answer.status,
                "headers": headers(&answer.headers),
                "content": {"text": String::from_utf8_lossy(&answer.body), "mimeType": ""},
            })
        },
    );
    json!({
        "startedDateTime": "2026-01-01T00:00:00.000Z",
        "time": 1,
        "request": sent,
        "response": response,
        "cache": {},
        "timings": {"send": 0, "wait": 1, "receive": 0},
    })
}

/// A recording of these entries, each of which begins after the one before is answered.
pub(crate) fn har(entries: &[Value]) -> String {
    let mut entries = entries.to_vec();
    for (index, entry) in entries.iter_mut().enumerate() {
        let (second, milli) = (index / 100, index % 100 * 10);
        let (minute, second) = (second / 60, second % 60);
        entry["startedDateTime"] =
            json!(format!("2026-01-01T00:{minute:02}:{second:02}.{milli:03}Z"));
        entry["time"] = json!(5);
    }
    har_as_it_is(&entries)
}

/// A recording of these entries, with the times that they have.
pub(crate) fn har_as_it_is(entries: &[Value]) -> String {
    json!({"log": {"version": "1.2", "creator": {"name": "test"}, "entries": entries}}).to_string()
}

/// A run of a case as a recording.
pub(crate) fn har_of(case: &Case, run: &Transcript) -> String {
    har(&entries_of(case, run))
}

/// The entries of a run. A URL that the client makes is asked for by a browser.
pub(crate) fn entries_of(case: &Case, run: &Transcript) -> Vec<Value> {
    let at = |request: &Recorded| format!("{}{}", base(case.provider.name()), request.target);
    let mut entries = Vec::new();
    for record in &run.steps {
        if let Some(url) = record.url() {
            let target = url.trim_start_matches("http://main.invalid").to_owned();
            let request = request("GET", &target, &[], "");
            entries.push(entry(&at(&request), &request, None));
        }
        for (index, request) in record.requests.iter().enumerate() {
            let url = match request.origin.as_str() {
                "main" => at(request),
                _ => format!("https://other.example{}", request.target),
            };
            let answer = record.answers.get(index).and_then(Option::as_ref);
            entries.push(entry(&url, request, answer));
        }
    }
    entries
}

/// The result of judging a recording.
pub(crate) fn judge(suite: &Suite, har: &str, id: &str) -> Judged {
    judge_if(suite, har, id, false)
}

fn judge_if(suite: &Suite, har: &str, id: &str, complete: bool) -> Judged {
    let mut entries = Vec::new();
    read_har(har.as_bytes(), |_| true, |read| entries.push(read.unwrap())).unwrap();
    judge_har(suite, &places(), &entries, complete, |case| {
        case.id.contains(id)
    })
    .unwrap_or_else(|error| panic!("{error}"))
}

/// The failed checks of the cases that must pass.
pub(crate) fn failures(judged: &Judged) -> Vec<String> {
    let failed = judged
        .results
        .iter()
        .filter(|(report, _)| report.verdict == Verdict::Fail);
    let failed = failed.flat_map(|(report, _)| report.failures());
    failed.map(ToString::to_string).collect()
}

/// The report of one case; none if it could not be judged.
pub(crate) fn report(suite: &Suite, har: &str, id: &str) -> Option<CaseReport> {
    let judged = judge_if(suite, har, id, true);
    judged
        .results
        .into_iter()
        .map(|(report, _)| report)
        .find(|report| report.case == id)
}

/// A case that a recording can decide.
pub(crate) struct Decided {
    pub(crate) case: &'static Case,
    /// The run that conforms.
    pub(crate) run: Transcript,
    /// The report on a recording of it.
    pub(crate) report: CaseReport,
}

/// All of them.
pub(crate) fn decided() -> &'static [Decided] {
    static DECIDED: LazyLock<Vec<Decided>> = LazyLock::new(|| {
        let cases = suite().cases.iter();
        cases.filter_map(decided_by_its_recording).collect()
    });
    &DECIDED
}

fn decided_by_its_recording(case: &'static Case) -> Option<Decided> {
    let run = reference(suite(), case, None).unwrap_or_else(|error| panic!("{error}"));
    let sends = |step: &StepRecord| !step.requests.is_empty() || step.url().is_some();
    let has_entries = run.steps.iter().any(sends);
    let har = has_entries.then(|| har_of(case, &run))?;
    let report = report(suite(), &har, &case.id)?;
    Some(Decided { case, run, report })
}
