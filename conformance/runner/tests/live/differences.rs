//! A vendor that does as documented, and vendors that do something else.

use rstest::rstest;
use tegata_conformance::case::Suite;
use tegata_conformance::fixture::check_fixtures;
use tegata_conformance::record::find_leak;
use tegata_emulator::{Config, Endpoint, Fault, Provider};

use crate::support::{VARIABLES, files, vendor};

#[rstest]
#[case("fujitsu-aispf", 16, 0)]
// One is left out, since it needs a login.
#[case("jooto", 2, 1)]
#[case("marketo", 7, 0)]
fn a_vendor_that_does_as_documented_differs_in_nothing(
    #[case] provider: &str,
    #[case] calls: u64,
    #[case] not_run: u64,
) {
    let vendor = vendor(Config::default());
    let (code, said) = vendor.run(provider, &[]);
    assert_eq!(code, Some(0), "{said}");
    let summary = format!(" {not_run} not run, 0 differences from the documents");
    assert!(said.contains(&summary), "{said}");
    let name: Provider = provider.parse().unwrap();
    assert_eq!(vendor.emulator.log(name).len() as u64, calls, "{said}");
}

#[test]
fn a_dry_run_shows_the_plan_and_makes_no_call() {
    let vendor = vendor(Config::default());
    let (code, said) = vendor.run("marketo", &["--dry-run"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.starts_with("7 calls to marketo in 6 cases\n"),
        "{said}"
    );
    assert!(
        said.contains("    GET identity /identity/oauth/token\n"),
        "{said}"
    );
    assert!(said.contains("TEGATA_LIVE_MARKETO_CLIENT_SECRET"), "{said}");
    assert!(vendor.emulator.log(None).is_empty());
}

/// Runs with a folder, and returns the exit code, the Markdown and the JSON.
fn report(
    config: Config,
    provider: &str,
    arguments: &[&str],
) -> (Option<i32>, String, serde_json::Value) {
    let place = tempfile::tempdir().unwrap();
    let to = place.path().join("out");
    let mut all = vec!["--to", to.to_str().unwrap()];
    all.extend(arguments);
    let (code, said) = vendor(config).run(provider, &all);
    let read =
        |name: &str| std::fs::read_to_string(to.join(name)).unwrap_or_else(|_| panic!("{said}"));
    let json = serde_json::from_str(&read("differences.json")).unwrap();
    for (name, text) in files(&to) {
        for (_, value) in VARIABLES {
            assert_eq!(find_leak(text.as_bytes(), [value]), None, "{name}:\n{text}");
        }
    }
    (code, read("differences.md"), json)
}

#[test]
fn a_token_request_with_extra_requirements_is_a_difference() {
    let mut config = Config::default();
    config.fujitsu_aispf.require_grant_type = true;
    let (code, markdown, json) = report(config, "fujitsu-aispf", &[]);
    // What the case demands is a `should`.
    assert_eq!(code, Some(0), "{markdown}");
    let checks: Vec<&str> = json["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["check"].as_str().unwrap())
        .collect();
    let case = "fujitsu-aispf.endpoint.v2-no-body#issue.answer.";
    assert!(
        checks.contains(&format!("{case}status").as_str()),
        "{checks:?}"
    );
    assert!(
        checks.iter().all(|check| check.starts_with(case)),
        "{checks:?}"
    );
    for part in [
        "`FJ-v2-nothing-typed` (fujitsu-aispf.en:68,71): The walk-through fills in no parameter",
        "| `issue.answer.status` | 200 | 400 |",
    ] {
        assert!(markdown.contains(part), "{part} / {markdown}");
    }
}

#[test]
fn probes_find_the_field_names_and_rotation_of_the_v1_method() {
    let mut config = Config::default();
    config.fujitsu_aispf.v1_fields.refresh_token = "renewalToken".to_owned();
    config.fujitsu_aispf.access_token_seconds = 1800;
    let (code, markdown, json) = report(config, "fujitsu-aispf", &["endpoint.v1-"]);
    assert_eq!(code, Some(0), "{markdown}");
    assert!(
        markdown.contains("| `issue.answer.json.refreshToken` | once, any value | it is absent |"),
        "{markdown}"
    );
    assert!(markdown.contains("| the JSON number 1800 |"), "{markdown}");
    let members = json["exchanges"][0]["members"].to_string();
    assert!(members.contains("renewalToken"), "{members}");

    let mut config = Config::default();
    config.fujitsu_aispf.rotate = true;
    let (_, markdown, json) = report(config, "fujitsu-aispf", &["v1-rotation"]);
    let rotated = json["probes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| {
            one["check"]
                .as_str()
                .unwrap()
                .ends_with("json.refreshToken")
        })
        .unwrap();
    assert_eq!(rotated["as_expected"], false, "{markdown}");
    assert_eq!(rotated["seen"], "it is there 1 times", "{markdown}");
}

#[test]
fn the_basic_encoding_is_reported_only_if_it_matters() {
    let case = ["both-readings"];
    let (_, markdown, _) = report(Config::default(), "fujitsu-aispf", &case);
    assert!(
        markdown.contains("this shows nothing about the encoding"),
        "{markdown}"
    );
}

#[test]
fn a_vendor_that_breaks_a_must_ends_the_run_with_1() {
    let mut config = Config::default();
    config.jooto.api_keys = vec!["CANARY-another-key".to_owned()];
    let (code, markdown, _) = report(config, "jooto", &[]);
    assert_eq!(code, Some(1), "{markdown}");
    assert!(
        markdown.contains("(`jooto.key.header`, must)"),
        "{markdown}"
    );
    assert!(
        markdown.contains("| `call.answer.status` | 200 | 401 |"),
        "{markdown}"
    );
}

#[test]
fn a_secret_that_a_vendor_sends_back_is_in_no_output() {
    let place = tempfile::tempdir().unwrap();
    let to = place.path().join("out");
    let vendor = vendor(Config::default());
    let echo = "{\"error\":\"no such client: CANARY-marketo-secret\",\
                \"token_type\":\"CANARY-marketo-secret\"}";
    let fault = Fault::on(Endpoint::Token)
        .status(200)
        .body("application/json", echo)
        .times(9);
    vendor.emulator.fault(Provider::Marketo, fault).unwrap();
    let (code, said) = vendor.run("marketo", &["--to", to.to_str().unwrap()]);
    assert_eq!(code, Some(1), "{said}");
    for (name, text) in files(&to) {
        assert_eq!(
            find_leak(text.as_bytes(), ["CANARY-marketo-secret"]),
            None,
            "{name}:\n{text}"
        );
    }
}

#[test]
fn the_recording_fits_the_suite_and_reports_are_reproducible() {
    let run = || {
        let place = tempfile::tempdir().unwrap();
        let to = place.path().join("out");
        let (code, said) = vendor(Config::default()).run("jooto", &["--to", to.to_str().unwrap()]);
        assert_eq!(code, Some(0), "{said}");
        let suite = Suite::from_folder(&to).unwrap_or_else(|error| panic!("{error}"));
        let findings = check_fixtures(&suite.fixtures, &suite.registry, &suite.providers);
        assert!(findings.is_empty(), "{findings:?}");
        assert!(suite.case("jooto.recorded").is_some());
        let mut all = files(&to);
        for (name, _) in &mut all {
            *name = name.replace(&to.display().to_string(), "");
        }
        all.sort();
        all
    };
    assert_eq!(run(), run());
}
