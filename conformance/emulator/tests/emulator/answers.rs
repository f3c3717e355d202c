//! Answers that a configuration or a test prescribes.

use std::path::Path;
use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::{Value, json};
use tegata_emulator::{Config, Emulator, Provider, Reply, Rule};

use crate::support::{FORM, Loopback, call, marketo_token, send};

const LEAD: &str = "/marketo/rest/v1/lead/7.json";
const BOARDS: &str = "/jooto/v1/boards";
const JOOTO: [(&str, &str); 1] = [("X-Jooto-Api-Key", "hogehoge")];

fn rules(loopback: &Loopback, provider: Provider) -> Vec<Option<String>> {
    let log = loopback.emulator.log(provider);
    log.into_iter().map(|entry| entry.rule).collect()
}

/// An emulator of a configuration file in a folder.
fn start(folder: &Path, text: &str) -> Result<Emulator, String> {
    let path = folder.join("emulator.toml");
    std::fs::write(&path, text).unwrap();
    let config = Config::read(&path).map_err(|error| error.to_string())?;
    Emulator::start(config).map_err(|error| error.to_string())
}

async fn text_of(url: String, headers: &[(&str, &str)]) -> (u16, String, String) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = headers
        .iter()
        .fold(http.get(url), |request, (name, value)| {
            request.header(*name, *value)
        });
    let answer = request.send().await.unwrap();
    let content_type = answer.headers().get("content-type");
    let content_type = content_type.map_or("", |value| value.to_str().unwrap());
    let content_type = content_type.to_owned();
    let status = answer.status().as_u16();
    (status, content_type, answer.text().await.unwrap())
}

#[tokio::test]
async fn a_configured_rule_answers_before_the_default() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("board.json"), r#"{"id":9}"#).unwrap();
    std::fs::write(folder.path().join("boards.csv"), "id\n9\n").unwrap();
    let emulator = start(
        folder.path(),
        r#"
            [[jooto.answers]]
            name = "board nine"
            path = "/v1/boards/9"
            body_file = "board.json"

            [[jooto.answers]]
            method = "GET"
            path = "/v1/boards/*"
            query = { format = "c*" }
            status = 203
            headers = { X-Own = "yes" }
            body_file = "boards.csv"
        "#,
    )
    .unwrap();
    let url = |path: &str| format!("{}{path}", emulator.provider_url("jooto"));
    let nine = text_of(url("/v1/boards/9"), &JOOTO).await;
    let json = "application/json;charset=UTF-8".to_owned();
    assert_eq!(nine, (200, json, r#"{"id":9}"#.to_owned()));
    let csv = text_of(url("/v1/boards/8?x=1&format=csv"), &JOOTO).await;
    let expected = (
        203,
        "text/csv;charset=UTF-8".to_owned(),
        "id\n9\n".to_owned(),
    );
    assert_eq!(csv, expected);
    let default = text_of(url("/v1/boards/101"), &JOOTO).await;
    assert_eq!(default.0, 200);
    assert!(default.2.contains("Sales"), "{}", default.2);

    let log = emulator.log(Provider::Jooto);
    let by: Vec<_> = log.iter().map(|entry| entry.rule.as_deref()).collect();
    let expected = ["board nine", "jooto.answers[1]", "default: jooto boards"];
    assert_eq!(by, expected.map(Some));
}

#[tokio::test]
async fn a_rule_answers_only_calls_whose_credential_is_right() {
    let loopback = Loopback::start();
    let rule = Rule::any("/rest/**").reply(Reply::json(r#"{"mine":true}"#));
    assert_eq!(loopback.emulator.answer(Provider::Marketo, rule), Ok(()));
    for (headers, code) in [
        (vec![], "603"),
        (vec![("authorization", "Bearer x")], "601"),
    ] {
        let refused = call(&loopback, LEAD, &headers).await;
        assert_eq!(refused.json()["errors"][0]["code"], code);
    }
    let bearer = format!("Bearer {}", marketo_token(&loopback).await);
    let answered = call(&loopback, LEAD, &[("authorization", &bearer)]).await;
    assert_eq!(answered.text, r#"{"mine":true}"#);
    let expected = [
        None,
        None,
        None,
        Some("added: any method /rest/**".to_owned()),
    ];
    assert_eq!(rules(&loopback, Provider::Marketo), expected);
}

#[tokio::test]
async fn a_path_that_only_a_rule_knows_wants_a_credential_too() {
    let loopback = Loopback::start();
    let path = "/jooto/v2/things/1";
    call(&loopback, path, &JOOTO).await.assert_status(404);
    let rule = Rule::get("/v2/things/*").reply(Reply::status(204).times(1));
    assert_eq!(loopback.emulator.answer(Provider::Jooto, rule), Ok(()));
    call(&loopback, path, &[]).await.assert_status(401);
    call(&loopback, path, &JOOTO).await.assert_status(204);
    call(&loopback, path, &JOOTO).await.assert_status(404);
    assert_eq!(
        loopback.emulator.counts(Provider::Jooto).resource_requests,
        3
    );
}

#[tokio::test]
async fn a_sequence_goes_on_and_reset_begins_it_anew() {
    let folder = tempfile::tempdir().unwrap();
    let emulator = start(
        folder.path(),
        r#"
            [[jooto.answers]]
            path = "/v1/boards"
            status = 503
            times = 2
            [[jooto.answers.then]]
            status = 201
            body = "{}"
        "#,
    )
    .unwrap();
    for _ in 0..2 {
        for expected in [503, 503, 201, 201] {
            let url = format!("{}/v1/boards", emulator.provider_url("jooto"));
            assert_eq!(text_of(url, &JOOTO).await.0, expected);
        }
        emulator.reset();
    }
}

#[tokio::test]
async fn marketos_long_query_in_a_form_fits_a_get_rule() {
    let loopback = Loopback::start();
    let rule = Rule::get("/rest/v1/leads.json").query("filterValues", "*b*");
    let rule = rule.reply(Reply::status(418));
    assert_eq!(loopback.emulator.answer(Provider::Marketo, rule), Ok(()));
    let token = marketo_token(&loopback).await;
    for (form, status) in [
        ("_method=GET&filterType=email&filterValues=a,b", 418),
        ("filterType=email&filterValues=a,b", 200),
    ] {
        let request = loopback
            .post("/marketo/rest/v1/leads.json")
            .bearer_auth(&token)
            .header("content-type", FORM)
            .body(form);
        send(request).await.assert_status(status);
    }
}

#[rstest]
#[case("pth = \"/v1/a\"", &["emulator.toml:3:", "`pth`", "did you mean `path`?"])]
#[case("path = \"/v1/a\"\nbody-file = \"x\"", &["emulator.toml:4:", "did you mean `body_file`?"])]
#[case(
    "path = \"/v1/a\"\nthen = [{ stauts = 500 }]",
    &["emulator.toml:4:", "did you mean `status`?"],
)]
#[case("status = 500", &["emulator.toml:2:", "`path`"])]
#[case("path = \"/v1/a\"\nbody = {key = \"CANARY\"}", &["emulator.toml:4:", "`body`", "in quotes"])]
#[case("path = \"/v1/a\"\nthen = [[]]", &["emulator.toml:4:", "`then`", "expected keys"])]
#[case("path = \"/v1/a\"\nstatus = 5000", &["jooto.answers[0].status is 5000", "599"])]
#[case("path = \"/v1/a\"\nstatus = \"CANARY\"", &["emulator.toml:4:", "`status`"])]
#[case("path = \"v1/a\"", &["jooto.answers[0].path", "slash"])]
#[case("path = \"/v1/a\"\nbody_file = \"none.json\"", &["emulator.toml: jooto.answers[0].body_file", "none.json", "folder"])]
#[case(
    "path = \"/v1/a\"\nthen = [{}, { body_file = \"none.json\" }]",
    &["emulator.toml: jooto.answers[0].then[1].body_file", "none.json"],
)]
#[case(
    "path = \"/v1/a\"\nbody_file = \"a\"\nbody = \"CANARY\"",
    &["jooto.answers[0] has both", "leave one"],
)]
#[tokio::test]
async fn a_rule_that_cannot_be_used_is_refused_with_the_fix(
    #[case] keys: &str,
    #[case] parts: &[&str],
) {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("\n[[jooto.answers]]\n{keys}\n");
    let message = start(folder.path(), &text).err().unwrap();
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in {message:?}");
    }
    assert!(!message.contains("CANARY"), "{message}");
}

#[tokio::test]
async fn the_printed_configuration_keeps_the_rules() {
    let mut config = Config::default();
    config.marketo.answers = vec![
        Rule::on("PATCH", "/rest/**")
            .named("all")
            .query("a", "*")
            .reply(
                Reply::json("{}")
                    .with_status(201)
                    .header("x-a", "b")
                    .times(3),
            )
            .then(
                Reply::file("/x/y")
                    .delay(Duration::from_millis(5))
                    .cut_after(7),
            )
            .then(Reply::status(500).slow(Duration::from_secs(1))),
        Rule::get("/rest/b"),
    ];
    let printed = config.to_toml().unwrap();
    let mut expected = config.clone();
    // A rule in a file always has an answer.
    expected.marketo.answers[1] = Rule::get("/rest/b").reply(Reply::status(200));
    let read = Config::from_toml("printed", &printed).unwrap();
    assert!(read == expected, "{printed}");
}

#[tokio::test]
async fn a_rule_is_added_by_control_with_the_keys_of_the_file() {
    let loopback = Loopback::start();
    let add = |body: &'static str| {
        let request = loopback.post("/__control/answers?provider=jooto");
        send(request.body(body))
    };
    let body = r#"{"name":"first","path":"/v1/boards","status":429,"headers":{"Retry-After":"2"},"times":1,
                   "then":[{"body":"[]"}]}"#;
    add(body).await.assert_status(200);
    let limited = call(&loopback, BOARDS, &JOOTO).await;
    limited.assert_status(429);
    assert_eq!(limited.header("retry-after"), Some("2"));
    assert_eq!(call(&loopback, BOARDS, &JOOTO).await.text, "[]");

    for (body, part) in [
        (r#"{"path":"/v1/a","stauts":1}"#, "did you mean `status`?"),
        (r#"{"path":"v1/a"}"#, "slash"),
        (
            r#"{"path":"/v1/a","status":"CANARY"}"#,
            "`status`: invalid type: string \"…\", expected u16",
        ),
        (
            r#"{"path":"/v1/a","body":{"key":"CANARY"}}"#,
            "`body`: invalid type: map, expected text: put a body of JSON in quotes, too (line 1 column 23)",
        ),
        (
            r#"{"path":"/v1/a","then":[{},{"headers":{"x-a":5}}]}"#,
            "`then[1].headers.x-a`: invalid type: integer",
        ),
        (
            r#"{"path":"/v1/a","then":[{"stauts":1}]}"#,
            "did you mean `status`?",
        ),
        ("[]", "no rule: invalid type: sequence, expected keys"),
        (
            r#"[null,null,"/v1/a",{},[],200,"CANARY",null,null,null,null,null,{}]"#,
            "no rule: invalid type: sequence, expected keys",
        ),
        (
            r#"{"path":"/v1/a","then":[[200,"CANARY",null,null,null,null,null,{}]]}"#,
            "`then[0]`: invalid type: sequence",
        ),
        (r#"{"path":"/v1/a"} {}"#, "trailing characters"),
        ("[", "no rule"),
        ("", "send a rule as JSON"),
    ] {
        let refused = add(body).await;
        refused.assert_status(400);
        assert!(!refused.text.contains("CANARY"), "{}", refused.text);
        let refused = refused.json();
        let said = refused["error"].as_str().unwrap();
        assert!(said.contains(part), "{part:?} is not in {said:?}");
    }
    loopback.emulator.reset();
    let default = call(&loopback, BOARDS, &JOOTO).await;
    assert_eq!(default.json()["total"], 3);
}

#[tokio::test]
async fn every_rule_and_default_is_listed_with_its_evidence() {
    let loopback = Loopback::start();
    let rule = Rule::get("/v1/boards").named("mine");
    assert_eq!(loopback.emulator.answer(Provider::Jooto, rule), Ok(()));
    call(&loopback, BOARDS, &JOOTO).await.assert_status(200);
    let all = send(loopback.get("/__control/answers")).await.json();
    let all = all.as_array().unwrap();
    let of = |name: &str| all.iter().find(|one| one["name"] == name).unwrap();
    let expected = json!({
        "provider": "jooto", "kind": "rule", "name": "mine", "method": "GET", "path": "/v1/boards",
        "answered": 1,
    });
    assert_eq!(of("mine"), &expected);
    assert_eq!(of("usage")["evidence"], "vendor");
    assert_eq!(of("jobs")["evidence"], "reported");
    assert_eq!(of("organizations")["evidence"], "documented");
    for one in all.iter().filter(|one| one["kind"] == "default") {
        assert!(one["source"].is_string(), "{one}");
    }
    let marketo = send(loopback.get("/__control/answers?provider=marketo")).await;
    let marketo = marketo.json();
    let is_marketo = |one: &Value| one["provider"] == "marketo";
    assert!(marketo.as_array().unwrap().iter().all(is_marketo));
}

/// The head, and as much of the body as came before the connection was closed.
async fn read_to_the_end(loopback: &Loopback, target: &str) -> (String, Result<Vec<u8>, ()>) {
    let request = loopback.get(target).header("X-Jooto-Api-Key", "hogehoge");
    let mut response = request.send().await.unwrap();
    let length = response.headers()["content-length"].to_str().unwrap();
    let length = length.to_owned();
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return (length, Ok(body)),
            Err(_) if body == b"0123456" => return (length, Err(())),
            Err(error) => panic!("after {body:?}: {error}"),
        }
    }
}

#[tokio::test]
async fn a_cut_answer_ends_before_its_length() {
    let loopback = Loopback::start();
    let rule = || Rule::get("/v1/cut");
    let body = || Reply::status(200).body("text/plain", "0123456789");
    let cut = rule().reply(body().cut_after(7).times(1)).then(body());
    assert_eq!(loopback.emulator.answer(Provider::Jooto, cut), Ok(()));
    let target = "/jooto/v1/cut";
    assert_eq!(
        read_to_the_end(&loopback, target).await,
        ("10".to_owned(), Err(()))
    );
    let whole = Ok(b"0123456789".to_vec());
    assert_eq!(
        read_to_the_end(&loopback, target).await,
        ("10".to_owned(), whole.clone())
    );

    let fault = "fault?provider=jooto&endpoint=resource&cut_after_bytes=7";
    loopback.control(fault).await.assert_status(200);
    assert_eq!(
        read_to_the_end(&loopback, target).await,
        ("10".to_owned(), Err(()))
    );
    assert_eq!(
        read_to_the_end(&loopback, target).await,
        ("10".to_owned(), whole)
    );
}

#[tokio::test]
async fn a_slow_answer_comes_in_pieces_over_its_time() {
    let loopback = Loopback::start();
    let over = Duration::from_millis(300);
    let rule = Rule::get("/v1/slow");
    let rule = rule.reply(
        Reply::status(200)
            .body("text/plain", "0123456789")
            .slow(over),
    );
    assert_eq!(loopback.emulator.answer(Provider::Jooto, rule), Ok(()));
    let request = loopback.get("/jooto/v1/slow");
    let started = Instant::now();
    let mut response = request
        .header("X-Jooto-Api-Key", "hogehoge")
        .send()
        .await
        .unwrap();
    let mut pieces = Vec::new();
    while let Some(piece) = response.chunk().await.unwrap() {
        pieces.push(piece);
    }
    assert!(started.elapsed() >= over, "{:?}", started.elapsed());
    assert!(pieces.len() > 1, "{pieces:?}");
    assert_eq!(pieces.concat(), b"0123456789");
}
