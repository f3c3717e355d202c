//! The profile that an emulator serves: what it says of operations, credentials, logins and answers.

use std::fs;
use std::path::Path;
use std::process::Command;

use rstest::rstest;
use serde_json::{Value, json};
use tegata_gen::{Options, generate_from_text};

/// The profile of a document with these schemas and operations.
fn profile(schemas: &str, paths: &str) -> Value {
    document(&format!(
        "openapi: 3.0.3\ninfo: {{title: Acme Shop, version: '1'}}\nservers: [{{url: 'https://api.example.com/v1/'}}]\n\
         components:\n  schemas:\n{schemas}\npaths:\n{paths}\n"
    ))
}

fn document(text: &str) -> Value {
    let options = Options {
        profile: true,
        ..Options::default()
    };
    let package = generate_from_text("acme.yaml", text, &options);
    let package = package.unwrap_or_else(|error| panic!("{error}"));
    serde_json::from_str(&package.profile.expect("a profile")).expect("JSON")
}

/// The answer of an operation whose schema and content are these.
fn answer(schemas: &str, media: &str) -> Value {
    let content = format!("{{application/json: {{{media}}}}}");
    let operation = format!(
        "{{operationId: a, responses: {{'200': {{description: ok, content: {content}}}}}}}"
    );
    profile(schemas, &format!("  /a:\n    get: {operation}"))["operations"][0]["answer"].clone()
}

const ITEM: &str = "    Item: {type: object, required: [id], properties: {id: {type: integer, example: 7}, \
                    at: {type: string, format: date-time}, parent: {$ref: '#/components/schemas/Item'}}}";

#[test]
fn a_profile_is_made_only_if_it_is_asked_for() {
    let text = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\n";
    let package = generate_from_text("a.yaml", text, &Options::default()).expect("made");
    assert_eq!(package.profile, None);
}

#[rstest]
#[case("schema: {$ref: '#/components/schemas/Item'}", json!({"id": 7, "at": "2026-01-02T03:04:05Z"}))]
#[case("schema: {type: array, items: {$ref: '#/components/schemas/Item'}}", json!([{"id": 7, "at": "2026-01-02T03:04:05Z"}]))]
#[case("schema: {type: integer, minimum: 10}", json!(10))]
#[case("schema: {type: object, properties: {a: {type: integer, example: '12'}}}", json!({"a": 12}))]
#[case("schema: {type: string, enum: [b, a], default: c}", json!("b"))]
#[case("schema: {type: object, additionalProperties: {type: string}}", json!({}))]
fn without_an_example_an_answer_is_made_of_its_schema(
    #[case] media: &str,
    #[case] expected: Value,
) {
    let answer = answer(ITEM, media);
    assert_eq!(
        (&answer["json"], &answer["from"]),
        (&expected, &json!("schema"))
    );
}

#[rstest]
#[case("example: {id: 1}", json!({"id": 1}))]
#[case("examples: {first: {value: {id: 2}}, second: {value: {id: 3}}}", json!({"id": 2}))]
#[case("examples: {bad: {value: {id: no}}, good: {value: {id: 3}}}", json!({"id": 3}))]
#[case(r#"example: '{"id": 4}'"#, json!({"id": 4}))]
fn an_example_that_keeps_to_its_schema_is_the_answer(
    #[case] example: &str,
    #[case] expected: Value,
) {
    let answer = answer(
        ITEM,
        &format!("schema: {{$ref: '#/components/schemas/Item'}}, {example}"),
    );
    assert_eq!(
        (&answer["json"], &answer["from"]),
        (&expected, &json!("example"))
    );
    let source = answer["source"].as_str().expect("a place");
    assert!(source.starts_with("acme.yaml:"), "{source}");
}

#[rstest]
#[case("example: {}")]
#[case("example: {id: text}")]
#[case("example: [1]")]
#[case("example: {id: 1, parent: {id: no}}")]
fn an_example_that_a_client_could_not_read_is_left_out(#[case] example: &str) {
    let answer = answer(
        ITEM,
        &format!("schema: {{$ref: '#/components/schemas/Item'}}, {example}"),
    );
    assert_eq!(answer["from"], "schema", "{answer}");
}

#[test]
fn a_variant_is_named_as_the_document_tells_them_apart() {
    let schemas = "    Pet: {oneOf: [{$ref: '#/components/schemas/Cat'}], discriminator: {propertyName: kind, mapping: \
                   {meow: '#/components/schemas/Cat'}}}\n    Cat: {type: object, required: [kind], properties: {kind: \
                   {type: string}}}";
    let answer = answer(schemas, "schema: {$ref: '#/components/schemas/Pet'}");
    assert_eq!(answer["json"], json!({"kind": "meow"}));
}

#[test]
fn a_union_of_itself_has_an_end() {
    let itself = ["{$ref: '#/components/schemas/A'}"; 4].join(", ");
    let schemas = format!("    A: {{anyOf: [{itself}, {{type: integer}}]}}");
    let answer = answer(
        &schemas,
        "schema: {$ref: '#/components/schemas/A'}, example: text",
    );
    assert_eq!(
        (&answer["json"], &answer["from"]),
        (&json!(1), &json!("schema"))
    );
}

#[test]
fn an_answer_has_an_end_whatever_the_schema() {
    let endless =
        "    A: {type: object, required: [b], properties: {b: {$ref: '#/components/schemas/A'}}}";
    assert_eq!(
        answer(endless, "schema: {$ref: '#/components/schemas/A'}")["json"],
        Value::Null
    );
    let wide: Vec<String> = (0..40)
        .map(|at| format!("p{at}: {{$ref: '#/components/schemas/B'}}"))
        .collect();
    let mut schemas = vec![format!(
        "    A: {{type: object, properties: {{{}}}}}",
        wide.join(", ")
    )];
    let wide = wide.join(", ").replace("/B'", "/C'");
    schemas.push(format!("    B: {{type: object, properties: {{{wide}}}}}"));
    let wide = wide.replace("/C'", "/D'");
    schemas.push(format!(
        "    C: {{type: object, properties: {{{wide}}}}}\n    D: {{type: string}}"
    ));
    let answer = answer(
        &schemas.join("\n"),
        "schema: {$ref: '#/components/schemas/A'}",
    );
    let length = answer.to_string().len();
    assert!((1000..100_000).contains(&length), "{length}");
}

#[test]
fn operations_without_a_method_are_served_as_well() {
    let profile = profile(
        "    A: {type: string}",
        "  /a/{id}?x=1:\n    get: {operationId: a, responses: {}}\n    trace: {responses: {'204': {description: ok}}}\n  \
         /b:\n    servers: [{url: 'https://files.example.com/{area}', variables: {area: {default: eu}}}]\n    \
         additionalOperations: {LINK: {responses: {'202': {description: ok}, '201': {description: ok}}}}",
    );
    let operations = profile["operations"].as_array().expect("a list");
    let all: Vec<_> = operations
        .iter()
        .map(|it| {
            (
                it["method"].as_str().unwrap(),
                it["path"].as_str().unwrap(),
                it["answer"]["status"].as_u64().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("GET", "/v1/a/{id}", 200),
        ("TRACE", "/v1/a/{id}", 204),
        ("LINK", "/eu/b", 201),
    ];
    assert_eq!(all, expected);
    assert_eq!(profile["servers"], json!(["/v1", "/eu"]));
    assert_eq!(
        (&profile["name"], &profile["tegata-profile"]),
        (&json!("acme-shop"), &json!(1))
    );
}

#[test]
fn schemes_and_logins_are_said_as_the_overlay_completes_them() {
    let profile = document(
        r"
openapi: 3.1.0
info: {title: t, version: '1'}
servers: [{url: 'https://api.example.com/v1'}]
x-tegata-refusal: {statuses: [403]}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key, x-tegata-prefix: 'Key '}
    mtls: {type: mutualTLS}
    login:
      type: oauth2
      x-tegata-client-auth: basic-raw
      x-tegata-parameters: {token: {audience: me}}
      x-tegata-lifetime: 60
      flows:
        clientCredentials: {tokenUrl: /token, scopes: {a: ''}}
        deviceAuthorization: {tokenUrl: 'https://login.example.com/token', deviceAuthorizationUrl: start, scopes: {}}
    third:
      type: oauth2
      flows: {clientCredentials: {tokenUrl: /third, refreshUrl: /other, scopes: {}}}
    other:
      type: oauth2
      x-tegata-pkce: false
      flows: {authorizationCode: {tokenUrl: /other, authorizationUrl: '//login.example.com/go', refreshUrl: /again, scopes: {}}}
security: [{key: [], login: [a]}, {mtls: []}, {}]
paths: {/a: {get: {responses: {'204': {description: ok}}}, put: {security: [], responses: {'204': {description: ok}}}}}
",
    );
    assert_eq!(
        profile["schemes"]["key"],
        json!({"type": "apiKey", "in": "header", "name": "x-key", "prefix": "Key "})
    );
    assert_eq!(profile["schemes"]["login"], json!({"type": "oauth2"}));
    assert_eq!(profile["schemes"]["mtls"]["type"], "unsupported");
    let [first, third, second] = &profile["authorization-servers"].as_array().expect("a list")[..]
    else {
        panic!("{profile}");
    };
    let expected = json!({
        "schemes": ["login"], "grants": ["client_credentials", "device_code"], "token": "/token", "device": "/start",
        "client-auth": ["basic-raw"], "request": "form", "pkce": "optional", "scopes": ["a"],
        "parameters": {"token": {"audience": "me"}}, "answer": {"expires-in": null}, "lifetime": 60,
    });
    assert_eq!(*first, expected);
    // Requests to one path are for one server.
    assert_eq!(
        (&third["token"], third.get("refresh")),
        (&json!("/third"), None)
    );
    let expected = json!({
        "schemes": ["other"], "grants": ["authorization_code"], "token": "/other", "refresh": "/again",
        "authorize": "/go", "request": "form", "pkce": "refused",
    });
    assert_eq!(*second, expected);
    assert_eq!(profile["refusal"], json!({"statuses": [403]}));
    let operations = &profile["operations"];
    assert_eq!(
        operations[0]["security"],
        json!([{"key": [], "login": ["a"]}, {"mtls": []}, {}])
    );
    assert_eq!(operations[1]["security"], json!([]));
}

#[test]
fn examples_of_swagger_are_taken() {
    let profile = document(
        "swagger: '2.0'\ninfo: {title: t, version: '1'}\nhost: h.example\nbasePath: /api\npaths:\n  /a:\n    get:\n      \
         produces: [application/json]\n      responses: {'200': {description: ok, schema: {type: object}, examples: \
         {application/json: {a: 1}}}}\n",
    );
    let operation = &profile["operations"][0];
    assert_eq!(operation["path"], "/api/a");
    assert_eq!(operation["answer"]["json"], json!({"a": 1}));
}

#[test]
fn the_command_writes_a_profile_and_checks_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| {
        folder
            .path()
            .join(name)
            .to_str()
            .expect("a path")
            .to_owned()
    };
    fs::write(
        at("api.yaml"),
        "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\n",
    )
    .expect("written");
    let run = |more: &[&str]| {
        let program = env!("CARGO_BIN_EXE_tegata-gen");
        let (document, out, file) = (at("api.yaml"), at("client"), at("emulator/t.json"));
        let mut command = Command::new(program);
        command
            .args([&document, "--out", &out, "--emulator", &file])
            .args(more);
        let ran = command.output().expect("it runs");
        (
            ran.status.success(),
            String::from_utf8(ran.stdout).expect("UTF-8"),
        )
    };
    let (checked, said) = run(&["--check"]);
    assert!(!checked && said.contains("t.json is missing"), "{said}");
    assert!(run(&[]).0);
    assert!(run(&["--check"]).0);
    fs::write(at("emulator/t.json"), "{}").expect("written");
    let (checked, said) = run(&["--check"]);
    assert!(!checked && said.contains("t.json differs"), "{said}");
}

#[rstest]
#[case::document("api.yaml", "is no profile")]
#[case::code("main.rs", "is no profile")]
#[case::other_json("package.json", "is no profile")]
#[case::empty("empty", "is no profile")]
#[case::folder("folder", "cannot be read")]
#[case::crate_itself("client/src/lib.rs", "is a file of the crate itself")]
#[case::crate_by_another_way("./client/./Cargo.toml", "is a file of the crate itself")]
fn a_file_that_is_no_profile_is_not_replaced(#[case] name: &str, #[case] why: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let document = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\n";
    let there = [
        ("api.yaml", document),
        ("main.rs", "fn main() {}\n"),
        ("package.json", r#"{"name": "tegata-profile"}"#),
        ("empty", ""),
    ];
    for (name, text) in there {
        fs::write(path(name), text).expect("written");
    }
    fs::create_dir(path("folder")).expect("a folder");
    let ran = Command::new(env!("CARGO_BIN_EXE_tegata-gen"))
        .args(["api.yaml", "--out", "client", "--emulator", name])
        .current_dir(folder.path())
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&ran.stderr);
    let file = Path::new(name).display().to_string();
    assert!(
        !ran.status.success()
            && [why, file.as_str(), "--emulator"]
                .iter()
                .all(|it| said.contains(it)),
        "{said}"
    );
    for (name, text) in there {
        assert_eq!(fs::read_to_string(path(name)).expect("a file"), text);
    }
    assert!(!path("client").exists());
}

#[test]
fn a_profile_of_another_version_is_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let document = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\n";
    fs::write(path("api.yaml"), document).expect("written");
    fs::write(path("api.json"), r#"{"tegata-profile": 0, "old": []}"#).expect("written");
    let ran = Command::new(env!("CARGO_BIN_EXE_tegata-gen"))
        .args(["api.yaml", "--out", "client", "--emulator", "api.json"])
        .current_dir(folder.path())
        .output()
        .expect("it runs");
    let text = fs::read_to_string(path("api.json")).expect("a profile");
    assert!(
        ran.status.success() && text.contains("\"tegata-profile\": 1"),
        "{text}"
    );
}
