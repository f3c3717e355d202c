//! What a newer document changes: named with its lines, and a failure only if it is about security.

use std::fs;
use std::path::Path;
use std::process::Command;

use rstest::rstest;
use tegata_gen::{Comparison, Options, compare};

const OLD: &str = r##"openapi: 3.0.3
info: {title: API, version: "1"}
servers: [{url: "https://api.example.com"}]
components:
  securitySchemes:
    login:
      type: oauth2
      description: How to log in.
      flows:
        clientCredentials: {tokenUrl: "https://api.example.com/token", scopes: {read: Reads.}}
    key: {type: apiKey, in: header, name: X-Key}
  schemas:
    Item:
      description: An item.
      type: object
      required: [id]
      properties: {id: {type: string, description: Its id.}, owner: {$ref: "#/components/schemas/Owner"}}
    Owner: {type: object, properties: {kind: {type: string, enum: [person, group]}}}
    Unused: {type: object, properties: {a: {type: string}}}
security: [{login: [read]}]
paths:
  /items/{id}:
    get:
      operationId: getItem
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: fields, in: query, schema: {type: string}}
      responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Item"}}}}}
    put:
      operationId: putItem
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {type: object, properties: {a: {type: string}}}}}}
      responses: {"204": {description: ok}}
  /keys:
    get:
      operationId: listKeys
      security: [{key: []}, {login: []}]
      responses: {"204": {description: ok}}
"##;

fn compared(old: &str, new: &str) -> Comparison {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("written");
        path
    };
    let (old, new) = (path("old.yaml", old), path("new.yaml", new));
    let options = Options::default();
    compare(&old, &new, &options, &options).unwrap_or_else(|error| panic!("{error}"))
}

fn replaced(from: &str, to: &str) -> String {
    assert!(OLD.contains(from), "{from}");
    OLD.replace(from, to)
}

#[rstest]
#[case::same("API", "API")]
#[case::words("An item.", "Something else.")]
#[case::words_of_a_property("Its id.", "Its name.")]
#[case::words_of_a_scheme("How to log in.", "Read the guide.")]
#[case::words_of_a_scope("Reads.", "Reads everything.")]
#[case::name_in_a_path(
    "/items/{id}:\n    get:\n      operationId: getItem\n      parameters:\n        - {name: id,",
    "/items/{item}:\n    get:\n      operationId: getItem\n      parameters:\n        - {name: item,"
)]
#[case::unused("Unused: {type: object", "Unused: {type: string")]
#[case::order_of_alternatives("[{key: []}, {login: []}]", "[{login: []}, {key: []}]")]
#[case::version("openapi: 3.0.3", "openapi: 3.1.0")]
fn what_no_client_sees_is_no_change(#[case] from: &str, #[case] to: &str) {
    // Both operations of the path have its parameter.
    let mut new = replaced(from, to);
    if from.starts_with("/items/{id}") {
        new = new.replace("[{name: id, in: path", "[{name: item, in: path");
    }
    assert_eq!(compared(OLD, &new), Comparison::default());
}

#[rstest]
#[case::parameter_removed(
    "        - {name: fields, in: query, schema: {type: string}}\n",
    "",
    "changed: GET /items/{id} (`get_item`): parameter `fields` in query removed (old old.yaml:23, new new.yaml:23)"
)]
#[case::parameter_added(
    "        - {name: fields,",
    "        - {name: page, in: query, required: true, schema: {type: string}}\n        - {name: fields,",
    "required parameter `page` in query added"
)]
#[case::parameter_changed(
    "{name: fields, in: query, schema: {type: string}}",
    "{name: fields, in: query, schema: {type: integer}}",
    "parameter `fields` in query changed"
)]
#[case::path_parameter(
    "- {name: id, in: path, required: true, schema: {type: string}}",
    "- {name: id, in: path, required: true, schema: {type: integer}}",
    "parameter 1 in path changed"
)]
#[case::body(
    "{type: object, properties: {a: {type: string}}}}}}",
    "{type: object, properties: {a: {type: integer}}}}}}",
    "schema changed: `PutItemBody`: property `a` changed; used by PUT /items/{id}"
)]
#[case::body_kind(
    "requestBody: {content: {application/json",
    "requestBody: {content: {application/x-www-form-urlencoded",
    "body"
)]
#[case::answers(
    r#""204": {description: ok}}
  /keys"#,
    r#""201": {description: ok, content: {application/json: {schema: {type: string}}}}}
  /keys"#,
    "changed: PUT /items/{id} (`put_item`): answers"
)]
#[case::method_name(
    "operationId: putItem",
    "operationId: replaceItem",
    "its method was called `put_item`"
)]
#[case::removed(
    "  /keys:",
    "  x-keys:",
    "removed: GET /keys (`list_keys`) (old old.yaml:35)"
)]
#[case::added(
    "paths:\n",
    "paths:\n  /new:\n    get: {responses: {'204': {description: ok}}}\n",
    "added: GET /new (`get_new`) (new new.yaml:23)"
)]
#[case::property(
    "properties: {id:",
    "properties: {more: {type: string}, id:",
    "schema changed: `Item`: property `more` added; used by GET /items/{id}"
)]
#[case::required(
    "required: [id]",
    "required: [owner]",
    "required `id` removed; required `owner` added"
)]
#[case::value(
    "enum: [person, group]",
    "enum: [person, team]",
    "`OwnerKind`: value `group` removed; value `team` added; used by GET /items/{id}"
)]
#[case::server(
    "https://api.example.com\"}]",
    "https://api.example.com/v2\"}]",
    "document: server: `https://api.example.com` is now `https://api.example.com/v2`"
)]
#[case::new_scheme(
    "    key:",
    "    extra: {type: http, scheme: bearer}\n    key:",
    "security scheme added: `extra` (new new.yaml:11)"
)]
#[case::refusal(
    "security: [{login",
    "x-tegata-refusal: {statuses: [419]}\nsecurity: [{login",
    "document: how a credential is refused"
)]
fn a_change_is_named_with_its_lines(#[case] from: &str, #[case] to: &str, #[case] expected: &str) {
    let comparison = compared(OLD, &replaced(from, to));
    let text = comparison.to_string();
    assert!(text.contains(expected), "{text}");
    assert!(!comparison.changes_security(), "{text}");
    let others = text.lines().filter(|it| !it.contains(expected)).count();
    // Another name of an inline type may come with it.
    assert!(others <= 2, "{text}");
}

#[rstest]
#[case::token_url(
    "https://api.example.com/token",
    "https://evil.example/token",
    "scheme `login`: flows.clientCredentials.tokenUrl changed (old old.yaml:6, new new.yaml:6)"
)]
#[case::scheme_type(
    "type: apiKey, in: header, name: X-Key",
    "type: http, scheme: bearer",
    "scheme `key`: "
)]
#[case::header("name: X-Key", "name: X-Other", "scheme `key`: name changed")]
#[case::flow(
    "clientCredentials: {tokenUrl",
    "deviceAuthorization: {deviceAuthorizationUrl: /d, tokenUrl",
    "flows.clientCredentials removed; flows.deviceAuthorization added"
)]
#[case::extension(
    "      type: oauth2\n",
    "      type: oauth2\n      x-tegata-client-auth: post\n",
    "scheme `login`: x-tegata-client-auth added"
)]
#[case::requirement(
    "[{key: []}, {login: []}]",
    "[{login: []}]",
    "GET /keys (`list_keys`): takes `login`, and took `key` or `login` (old old.yaml:37, new new.yaml:37)"
)]
#[case::no_credential("[{key: []}, {login: []}]", "[]", "takes nothing, and took")]
#[case::scope(
    "security: [{login: [read]}]",
    "security: [{login: [write]}]",
    "takes `login` (write), and took `login` (read)"
)]
#[case::server_host(
    "https://api.example.com\"}]",
    "https://api2.example.com\"}]",
    "server: `https://api.example.com` is now `https://api2.example.com` (old old.yaml:3, new new.yaml:3)"
)]
#[case::server_scheme(
    "https://api.example.com\"}]",
    "http://api.example.com\"}]",
    "server: "
)]
#[case::server_port(
    "https://api.example.com\"}]",
    "https://api.example.com:8443\"}]",
    "server: "
)]
#[case::server_gone("servers: [{url: \"https://api.example.com\"}]\n", "", "server: ")]
#[case::server_of_a_path(
    "  /keys:\n",
    "  /keys:\n    servers: [{url: \"https://evil.example\"}]\n",
    "GET /keys (`list_keys`): `https://api.example.com` is now `https://evil.example` (old old.yaml:"
)]
#[case::server_of_an_operation(
    "      operationId: listKeys\n",
    "      operationId: listKeys\n      servers: [{url: \"http://api.example.com\"}]\n",
    "GET /keys (`list_keys`): `https://api.example.com` is now `http://api.example.com` (old old.yaml:"
)]
#[case::together(
    "[{key: []}, {login: []}]",
    "[{key: [], login: []}]",
    "takes `key` and `login`, and took"
)]
#[case::of_all(
    "security: [{login: [read]}]\n",
    "",
    "takes nothing, and took `login` (read) (old old.yaml:20, new new.yaml:"
)]
fn a_change_of_security_counts_as_one(
    #[case] from: &str,
    #[case] to: &str,
    #[case] expected: &str,
) {
    let comparison = compared(OLD, &replaced(from, to));
    let text = comparison.to_string();
    assert!(comparison.changes_security(), "{text}");
    let is_named = |line: &str| line.starts_with("security changed: ") && line.contains(expected);
    assert!(text.lines().any(is_named), "{text}");
}

#[test]
fn a_relative_token_url_moves_with_its_server() {
    let old = replaced("https://api.example.com/token", "/token");
    let new = old.replace("https://api.example.com", "https://evil.example");
    let comparison = compared(&old, &new);
    assert!(comparison.changes_security(), "{comparison}");
}

#[test]
fn another_path_of_an_operations_server_is_no_security() {
    let at = |url: &str| {
        let own = format!("  /keys:\n    servers: [{{url: \"{url}\"}}]\n");
        replaced("  /keys:\n", &own)
    };
    let comparison = compared(&at("https://a.example/v1"), &at("https://a.example/v2"));
    let text = comparison.to_string();
    assert!(
        !comparison.changes_security() && text.contains("(`list_keys`): server (old"),
        "{text}"
    );
}

#[test]
fn a_scheme_that_is_gone_counts_though_nothing_takes_it() {
    let old = replaced(
        "    key:",
        "    extra: {type: http, scheme: bearer}\n    key:",
    );
    let text = compared(&old, OLD).to_string();
    assert!(
        text.contains("security changed: scheme `extra`: removed (old old.yaml:11)"),
        "{text}"
    );
}

#[test]
fn two_versions_of_openapi_that_say_the_same_are_equal() {
    let old = r#"{"swagger": "2.0", "info": {"title": "A", "version": "1"}, "host": "a.example", "schemes": ["https"],
      "securityDefinitions": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}, "security": [{"key": []}],
      "paths": {"/a": {"get": {"operationId": "a", "parameters": [{"name": "q", "in": "query", "type": "string"}],
      "responses": {"204": {"description": "ok"}}}}}}"#;
    let new = r#"{"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "servers": [{"url": "https://a.example"}],
      "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
      "security": [{"key": []}],
      "paths": {"/a": {"get": {"operationId": "a", "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}],
      "responses": {"204": {"description": "ok"}}}}}}"#;
    assert_eq!(compared(old, new), Comparison::default());
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let ran = Command::new(env!("CARGO_BIN_EXE_tegata-gen"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (ran.status.code(), text(&ran.stdout), text(&ran.stderr))
}

#[test]
fn the_command_fails_only_for_security() {
    let folder = tempfile::tempdir().expect("a folder");
    let write =
        |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    write("old.yaml", OLD);
    write(
        "new.yaml",
        &replaced("operationId: putItem", "operationId: replaceItem"),
    );
    write(
        "evil.yaml",
        &replaced(
            "https://api.example.com/token",
            "https://evil.example/token",
        ),
    );
    write(
        "overlay.yaml",
        "overlay: 1.0.0\ninfo: {title: o, version: '1'}\nactions:\n  - target: $.components.securitySchemes.login\n    \
         update: {x-tegata-client-auth: post}\n",
    );
    let (code, said, error) = run(folder.path(), &["new.yaml", "--diff", "old.yaml"]);
    assert_eq!((code, error.as_str()), (Some(0), ""), "{said}");
    assert!(
        said.starts_with("operations: 0 added, 0 removed, 1 changed;"),
        "{said}"
    );

    let (code, said, error) = run(folder.path(), &["evil.yaml", "--diff", "old.yaml"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("(old old.yaml:6, new evil.yaml:6)"), "{said}");
    assert!(
        error.contains(
            "what requests authenticate with, or where they go, changes in 1 places; read"
        ),
        "{error}"
    );

    let overlay = [
        "new.yaml",
        "--diff",
        "old.yaml",
        "--overlay",
        "overlay.yaml",
        "--report",
        "json",
    ];
    let (code, said, _) = run(folder.path(), &overlay);
    let report: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(
        (code, report["security"].as_array().map(Vec::len)),
        (Some(0), Some(0))
    );
    assert_eq!(
        report["changed"][0]["parts"][0],
        "its method was called `put_item`"
    );

    // The older document had no such overlay.
    write(
        "none.yaml",
        "overlay: 1.0.0\ninfo: {title: o, version: '1'}\nactions: [{target: $.info, update: {title: API}}]\n",
    );
    let (code, said, _) = run(
        folder.path(),
        &[&overlay[..5], &["--old-overlay", "none.yaml"]].concat(),
    );
    assert_eq!(code, Some(1));
    assert!(said.contains("x-tegata-client-auth added"), "{said}");

    let (code, _, error) = run(folder.path(), &["new.yaml", "--diff", "nowhere.yaml"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("nowhere.yaml cannot be read"), "{error}");
    assert_eq!(
        fs::read_dir(folder.path()).expect("a folder").count(),
        5,
        "nothing is written"
    );
}

#[test]
fn names_of_a_document_give_no_orders_to_a_terminal() {
    let old = replaced("  /keys:", "  \"/keys\\e[31m\":");
    let new = replaced("name: X-Key", "name: \"X-Key\\e[31m\"");
    let shown = compared(&old, &new).to_string();
    assert!(
        !shown.contains('\u{1b}') && shown.contains("[31m"),
        "{shown:?}"
    );
}
