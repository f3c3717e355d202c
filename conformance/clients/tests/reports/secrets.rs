//! No report holds a secret.

use tegata_clients::naive::Bug;
use tegata_conformance::case::Provider;
use tegata_conformance::fixture::Values;
use tegata_conformance::report::{Run, html, junit, markdown};

use super::support::{self, naive, suite, whole};

fn outputs(run: &Run) -> [(&'static str, String); 4] {
    [
        ("json", run.json().unwrap()),
        ("junit", junit(run).unwrap()),
        ("markdown", markdown(run)),
        ("html", html(run)),
    ]
}

fn search(run: &Run) {
    for (format, text) in outputs(run) {
        for provider in Provider::all().iter().copied() {
            let values: Values = suite().fixtures.values(provider);
            let found = values.redactor();
            let found = found.find(&text);
            assert!(
                found.is_empty(),
                "{}: {format} shows {found:?}",
                run.subject.name
            );
        }
    }
}

#[tokio::test]
async fn no_output_of_our_clients_shows_a_secret() {
    search(whole().await);
}

#[tokio::test]
async fn no_output_of_clients_that_leak_shows_what_they_leaked() {
    for (bug, filter) in [
        (Bug::ShowsSecrets, "jooto.refused"),
        (Bug::ShowsBody, "marketo.identity"),
        (Bug::ShowsUrl, "marketo.identity"),
        (Bug::TokenInQuery, "marketo.use"),
        (Bug::CopyInOtherHeader, "fujitsu-aispf.key"),
        (Bug::FollowsRedirects, "redirect"),
        (Bug::NoBase64, "fujitsu-aispf.v2"),
        (Bug::Unencoded, "special-characters"),
        (Bug::StateByPrefix, "jooto.callback"),
    ] {
        let run = naive(bug, filter).await;
        let failed = run.summary.checks_failed;
        assert!(failed > 0, "{bug:?} does not show in {filter}");
        search(&run);
    }
}

#[tokio::test]
async fn a_leaked_secret_is_reported_by_name() {
    let run = naive(Bug::ShowsSecrets, "marketo.refused.602").await;
    let leaks: Vec<_> = run.cases[0]
        .steps
        .iter()
        .flat_map(|step| &step.leaks)
        .collect();
    let named = leaks.iter().any(|leak| leak.contains("[client-secret]"));
    assert!(named, "{leaks:?}");
}

#[tokio::test]
async fn an_unknown_secret_is_shown_by_its_length() {
    let suite = suite();
    let id = "marketo.token.post-form";
    let mut transcript = support::transcript(suite, id).await;
    let request = &mut transcript.steps[0].requests[0];
    let unknown = "unknown-SECRET-1";
    request.body = format!("client_secret={unknown}&grant_type=client_credentials").into_bytes();
    request.target = format!("/identity/oauth/token?access_token={unknown}&state={unknown}");
    request.headers = [
        ("authorization", format!("Bearer {unknown}")),
        ("Cookie", format!("a={unknown}")),
        ("x-auth-token", unknown.to_owned()),
        (
            "content-type",
            "application/x-www-form-urlencoded".to_owned(),
        ),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec();
    let result = support::result(suite, id, transcript);
    let subject = tegata_conformance::report::Subject::client("x", &[]);
    let run = Run::of(suite, subject, [result]).unwrap();
    for (format, text) in outputs(&run) {
        assert!(!text.contains(unknown), "{format}");
    }
    let exchange = &run.cases[0].steps[0].exchanges[0];
    assert_eq!(
        exchange.target,
        "/identity/oauth/token?access_token=(16 characters)&state=(16 characters)"
    );
    assert_eq!(exchange.headers[0].1, "Bearer (16 characters)");
    let body = exchange.body.as_deref().unwrap();
    assert_eq!(
        body,
        "client_secret=(16 characters)&grant_type=client_credentials"
    );
}

#[tokio::test]
async fn answers_of_a_foreign_endpoint_are_not_repeated() {
    let suite = suite();
    let id = "marketo.endpoint.token";
    let case = suite.case(id).unwrap();
    let mut transcript = tegata_conformance::judge::reference(suite, case, None).unwrap();
    for answer in transcript.steps[0].answers.iter_mut().flatten() {
        answer.body =
            br#"{"access_token":"THEIRS-1","scope":"person@example.com","name":"Jane Roe",
            "token_type":"bearer","expires_in":3599,"error":"invalid_client"}"#
                .to_vec();
        answer.headers = vec![("set-cookie".to_owned(), "sid=THEIRS-2".to_owned())];
    }
    let checks = tegata_conformance::judge::judge_server(suite, case, &transcript);
    let report = tegata_conformance::report::CaseReport::of(id, case.level, checks);
    let subject = tegata_conformance::report::Subject::endpoint("live");
    let run = Run::of(suite, subject, [(report, transcript)]).unwrap();
    for (format, text) in outputs(&run) {
        for theirs in ["THEIRS", "person@example.com", "Jane Roe"] {
            assert!(!text.contains(theirs), "{format} shows {theirs}");
        }
    }
    let body = run.cases[0].steps[0].exchanges[0].answer.as_ref().unwrap();
    let body = body.body.as_deref().unwrap();
    for word in [
        "\"bearer\"",
        "3599",
        "\"invalid_client\"",
        "\"(18 characters)\"",
    ] {
        assert!(body.contains(word), "{word}: {body}");
    }
}

#[tokio::test]
async fn a_known_secret_in_a_body_is_named_beside_an_unknown_one() {
    let suite = suite();
    let id = "fujitsu-aispf.v1.issue";
    let mut transcript = support::transcript(suite, id).await;
    let secret = transcript.values.get("client-secret").unwrap().to_owned();
    let body = format!("{{\"clientSecret\":\"{secret}\",\"apiKey\":\"unknown-SECRET-1\"}}");
    transcript.steps[0].requests[0].body = body.into_bytes();
    let result = support::result(suite, id, transcript);
    let subject = tegata_conformance::report::Subject::client("x", &[]);
    let run = Run::of(suite, subject, [result]).unwrap();
    search(&run);
    assert_eq!(
        run.cases[0].steps[0].exchanges[0].body.as_deref(),
        Some("{\"apiKey\":\"(16 characters)\",\"clientSecret\":\"[client-secret]\"}")
    );
}
