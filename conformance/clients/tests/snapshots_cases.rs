//! What our clients send in every case that demands something: one snapshot a case, named by its
//! id, with the citations in its head. The case says what must hold; the snapshot shows what else
//! is sent, so that a change of it is seen.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Serialize;
use serde_json::json;
use tegata_clients::ours::OurClients;
use tegata_conformance::case::{Case, Level, Suite};
use tegata_conformance::fixture::{Recorded, Values};
use tegata_conformance::judge::Transcript;
use tegata_conformance::script::{Driver as _, Runner, Servers};

static SUITE: LazyLock<Suite> =
    LazyLock::new(|| Suite::embedded().unwrap_or_else(|error| panic!("{error}")));

/// A request as it is shown.
#[derive(Serialize)]
struct Shown {
    step: String,
    to: String,
    request: String,
    /// Sorted by name, with duplicates.
    headers: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    body: String,
}

/// The cases in which our clients must do something. Of the variants of one file, which differ in
/// what is answered, one will do.
fn cases() -> impl Iterator<Item = &'static Case> {
    let able = |case: &&Case| {
        let features = OurClients.features();
        case.needs.iter().all(|need| features.contains(need))
    };
    let mut seen = BTreeSet::new();
    SUITE
        .cases
        .iter()
        .filter(|case| case.level == Level::Must && case.role.judges_clients())
        .filter(able)
        .filter(move |case| seen.insert(case.base_id()))
}

fn shown(case: &Case, run: &Transcript) -> Vec<Shown> {
    let mut values: Values = run.values.clone();
    let mut all = Vec::new();
    for (step, record) in case.step.iter().zip(&run.steps) {
        if let Some(url) = record.url() {
            all.push(url_shown(&step.name, &url, &values));
            let state = url.split("state=").nth(1).unwrap_or_default();
            values.set("state", state.split('&').next().unwrap_or_default());
        }
        all.extend(
            record
                .requests
                .iter()
                .map(|sent| one(&step.name, sent, &values)),
        );
    }
    all
}

fn url_shown(step: &str, url: &str, values: &Values) -> Shown {
    let state = url.split("state=").nth(1).unwrap_or_default();
    let state = state.split('&').next().unwrap_or_default();
    let url = url.replace(values.get("origin").unwrap_or_default(), "");
    // Unguessable, so it is another one each time, and long enough.
    assert!(state.len() >= 16, "a state of {} characters", state.len());
    Shown {
        step: step.to_owned(),
        to: "browser".to_owned(),
        request: values.redactor().redact(&url.replace(state, "[state]")),
        headers: Vec::new(),
        body: String::new(),
    }
}

fn one(step: &str, sent: &Recorded, values: &Values) -> Shown {
    let redact = |text: &str| values.redactor().redact(text);
    let mut headers: Vec<(String, String)> = sent
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
        .collect();
    headers.sort();
    let line = |(name, value): (String, String)| match name.as_str() {
        "host" => {
            let own = [values.get("origin"), values.get("other-origin")];
            let own = own.iter().flatten().any(|url| url.ends_with(&value));
            assert!(own, "host is `{value}`");
            format!("{name}: [host]")
        }
        "user-agent" => {
            assert!(value.starts_with("tegata"), "user-agent is `{value}`");
            format!("{name}: [tegata and its version]")
        }
        _ => format!("{name}: {}", redact(&value)),
    };
    Shown {
        step: step.to_owned(),
        to: sent.origin.clone(),
        request: redact(&format!("{} {}", sent.method, sent.target)),
        headers: headers.into_iter().map(line).collect(),
        body: redact(&String::from_utf8_lossy(&sent.body)),
    }
}

#[tokio::test]
async fn the_requests_of_our_clients_in_each_case_are_as_recorded() {
    let servers = Servers::default();
    let runner = Runner::new(&SUITE).servers(&servers);
    for case in cases() {
        let run = runner.record(case, &OurClients).await.unwrap();
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_snapshot_path("snapshots/cases");
        settings.set_snapshot_suffix(case.base_id());
        settings.set_description(case.title.split(" (").next().unwrap_or_default());
        // The citations of the snapshot.
        settings.set_info(&json!({
            "case": case.base_id(),
            "cite": case.cite,
            "evidence": case.evidence.word(),
            "level": case.level.word(),
        }));
        settings.bind(|| insta::assert_json_snapshot!("wire", shown(case, &run)));
    }
}

#[test]
fn no_snapshot_is_left_over_from_a_case_that_is_no_more() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/cases");
    let mut left: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !name.ends_with(".snap.new"))
        .collect();
    left.retain(|name| !cases().any(|case| *name == format!("wire@{}.snap", case.base_id())));
    assert!(left.is_empty(), "belong to no case: {}", left.join(", "));
}

#[test]
fn no_snapshot_shows_a_secret() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/cases");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains("CANARY"), "{}", path.display());
    }
}
