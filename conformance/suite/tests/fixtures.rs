//! The fixtures: complete, cited, and free of live secrets.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use tegata_suite::case::{Provider, Suite};
use tegata_suite::fixture::{Answer, Recorded, check_fixtures};

const VALUES: &str = "[plain]\nid = \"me\"\n\n[secret]\nkey = \"CANARY-key\"\n";
const FIXTURE: &str = "title = \"A call\"\ncite = [\"A-x\"]\n\n[variables]\nsent = \"key\"\n\n\
    [request]\nmethod = \"GET\"\npath = \"/x\"\nheaders = [\"x-key: ${sent}\"]\n\n\
    [answer.ok]\ncite = [\"A-x\"]\nstatus = 200\nbody = \"${id}\"\n";
const ASSUMPTIONS: &str =
    "[[assumption]]\nid = \"A-x\"\nprovider = \"jooto\"\nsays = \"x\"\nnote = \"y\"\n";

fn suite() -> Suite {
    Suite::embedded().unwrap_or_else(|error| panic!("{error}"))
}

fn toy(values: &str, fixture: &str) -> Result<Suite, String> {
    let file = |path: &str, content: &str| (path.to_owned(), content.to_owned());
    Suite::from_files(&[
        file("citations/assumptions.toml", ASSUMPTIONS),
        file("fixtures/jooto/values.toml", values),
        file("fixtures/jooto/call.toml", fixture),
    ])
    .map_err(|error| error.to_string())
}

fn findings(values: &str, fixture: &str) -> Vec<String> {
    let suite = toy(values, fixture).unwrap();
    let findings = check_fixtures(&suite.fixtures, &suite.registry, &suite.providers);
    findings.iter().map(ToString::to_string).collect()
}

fn recorded(id: &str) -> (Recorded, Answer) {
    recorded_in(&suite(), id)
}

fn recorded_in(suite: &Suite, id: &str) -> (Recorded, Answer) {
    let mut all = Provider::all().iter().copied();
    let provider = all.find(|one| id.starts_with(one.name())).unwrap();
    let values = suite.fixtures.values(provider);
    let (file, answer) = suite
        .fixtures
        .get(id)
        .unwrap_or_else(|| panic!("no fixture {id}"));
    let none = BTreeMap::new();
    (
        file.recorded(&values, &none).unwrap(),
        file.answered(answer, &values, &none).unwrap(),
    )
}

#[test]
fn every_fixture_is_vouched_for_and_can_be_filled_in() {
    let suite = suite();
    let findings = check_fixtures(&suite.fixtures, &suite.registry, &suite.providers);
    let list: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(list.is_empty(), "{}", list.join("\n"));
}

#[test]
fn a_request_is_what_the_document_prints() {
    let (request, _) = recorded("marketo/token-get.ok");
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        (
            "GET",
            "/identity/oauth/token?grant_type=client_credentials&client_id=mk-client\
             &client_secret=CANARY-mk-client-secret"
        )
    );
    let (request, _) = recorded("marketo/describe.ok");
    let bearer = "Bearer cdf01657-110d-4155-99a7-f986b2ff13a0:int";
    assert_eq!(request.header("authorization"), [bearer]);
    let (request, _) = recorded("jooto/organizations-key.ok");
    assert_eq!(request.header("x-jooto-api-key"), ["hogehoge"]);
    let (request, _) = recorded("fujitsu-aispf/v2-token.ok");
    assert_eq!(
        request.header("content-type"),
        ["application/x-www-form-urlencoded"]
    );
    assert_eq!(request.body, b"grant_type=client_credentials");
    let basic = "Basic ZmotY2xpZW50OkNBTkFSWS1mai1jbGllbnQtc2VjcmV0";
    assert_eq!(request.header("authorization"), [basic]);
}

#[test]
fn an_answer_is_what_the_document_prints() {
    let (_, answer) = recorded("marketo/token-get.ok");
    let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    let printed = serde_json::json!({
        "access_token": "cdf01657-110d-4155-99a7-f986b2ff13a0:int",
        "token_type": "bearer",
        "expires_in": 3599,
        "scope": "apis@acmeinc.com",
    });
    assert_eq!((answer.status, json), (200, printed));
}

#[test]
fn every_answer_that_claims_to_be_json_is_json() {
    let suite = suite();
    for id in suite.fixtures.ids() {
        let (_, answer) = recorded_in(&suite, &id);
        let claims = answer
            .header("content-type")
            .iter()
            .any(|value| value.contains("json"));
        if claims {
            let json = serde_json::from_slice::<serde_json::Value>(&answer.body);
            assert!(json.is_ok(), "{id}: {json:?}");
        }
    }
}

#[test]
fn a_whole_fixture_has_no_findings() {
    assert_eq!(findings(VALUES, FIXTURE), Vec::<String>::new());
}

#[test]
fn faults_are_found_by_file_and_place() {
    for (values, fixture, expected) in [
        (
            VALUES.replace("CANARY-key", "live-looking"),
            FIXTURE.to_owned(),
            "fixtures/jooto/values.toml: key: the value may be a live secret",
        ),
        (
            VALUES.replace("id =", "key ="),
            FIXTURE.replace("${id}", ""),
            "fixtures/jooto/values.toml: key: both plain and secret",
        ),
        (
            VALUES.to_owned(),
            FIXTURE.replace("${id}", "${who}"),
            "fixtures/jooto/call.toml: answer.ok: `${who}` is no known value",
        ),
        (
            VALUES.to_owned(),
            FIXTURE.replace("sent = \"key\"", "sent = \"nothing\""),
            "fixtures/jooto/call.toml: variables.sent: `nothing` is no known value",
        ),
        (
            VALUES.to_owned(),
            FIXTURE.replacen("[\"A-x\"]", "[\"A-y\"]", 1),
            "fixtures/jooto/call.toml: cite: `A-y` is no citation",
        ),
        (
            VALUES.to_owned(),
            FIXTURE.replace("cite = [\"A-x\"]\nstatus", "cite = []\nstatus"),
            "fixtures/jooto/call.toml: answer.ok.cite: nothing is cited",
        ),
        (
            VALUES.to_owned(),
            FIXTURE.replace(
                "path = \"/x\"",
                "path = \"/x\"\nbody = \"a\"\nform = [\"a=b\"]",
            ),
            "fixtures/jooto/call.toml: request: more than one of form, json and body",
        ),
        (
            VALUES.to_owned(),
            FIXTURE.replace("body = \"${id}\"", "raw = \"x\"\ncut_after = 1"),
            "fixtures/jooto/call.toml: answer.ok: `raw` beside headers",
        ),
    ] {
        let found = findings(&values, &fixture).join("\n");
        assert!(found.contains(expected), "{expected} / {found}");
    }
}

#[test]
fn a_provider_of_data_alone_needs_no_values() {
    let provider = "name = \"toy\"\ntitle = \"Toy\"\nshort = \"Toy\"\nenvironment = \"TOY\"\n\
        citations = \"TO-\"\n[[server]]\nname = \"toy\"\n";
    let fixture = "title = \"A call\"\ncite = [\"A-x\"]\n[request]\nmethod = \"GET\"\npath = \"/x\"\n\
        [answer.ok]\ncite = [\"A-x\"]\nstatus = 200\n";
    let file = |path: &str, content: &str| (path.to_owned(), content.to_owned());
    let suite = Suite::from_files(&[
        file("citations/assumptions.toml", ASSUMPTIONS),
        file("fixtures/toy/call.toml", fixture),
        file("providers/toy.toml", provider),
    ]);
    let suite = suite.unwrap_or_else(|error| panic!("{error}"));
    let found = |providers: &[Provider]| {
        let findings = check_fixtures(&suite.fixtures, &suite.registry, providers);
        let texts: Vec<String> = findings.iter().map(ToString::to_string).collect();
        texts.join("\n")
    };
    assert_eq!(found(&suite.providers), "");
    let unknown = found(&["jooto".parse().unwrap()]);
    let named =
        unknown.contains("the folder is no provider") && unknown.contains("put it under jooto");
    assert!(named, "{unknown}");
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_key() {
    for (fixture, expected) in [
        (
            FIXTURE.replace("status = 200", "status = \"200\""),
            "invalid type: string \"200\"",
        ),
        (FIXTURE.replace("status", "state"), "unknown field `state`"),
        (
            FIXTURE.replace("method = \"GET\"\n", ""),
            "missing field `method`",
        ),
        (
            FIXTURE.replace("x-key: ${sent}", "x-key"),
            "`x-key` is no header line",
        ),
        (
            FIXTURE.replace("path", "query = [\"a\"]\npath"),
            "`a` is no field; write",
        ),
    ] {
        let error = toy(VALUES, &fixture).unwrap_err();
        let named = error.starts_with("fixtures/jooto/call.toml: ") && error.contains(expected);
        assert!(named, "{expected} / {error}");
    }
    let lost = [("fixtures/nothing/call.toml".to_owned(), FIXTURE.to_owned())];
    let error = Suite::from_files(&lost).unwrap_err().to_string();
    assert!(error.contains("`nothing` is no provider"), "{error}");
    let lost = [("readme.toml".to_owned(), String::new())];
    let error = Suite::from_files(&lost).unwrap_err().to_string();
    assert!(error.starts_with("readme.toml: belongs nowhere"), "{error}");
}
