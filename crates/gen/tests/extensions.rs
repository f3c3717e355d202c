//! What an overlay adds about authentication: a wrong fact is an error with its line, not a fact that is not used.

use rstest::rstest;
use tegata::oauth::{App, Server, Step};
use tegata_gen::{Options, generate_from_text};

fn document(scheme: &str, root: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{title: API, version: '1'}}\ncomponents:\n  securitySchemes:\n    login:\n      \
         type: oauth2\n      flows: {{clientCredentials: {{tokenUrl: 'https://a.example/t', scopes: {{}}}}}}\n      \
         {scheme}\n{root}\nsecurity: [{{login: []}}]\npaths:\n  /a:\n    get: {{responses: {{'204': {{description: ok}}}}}}\n"
    )
}

#[rstest]
#[case(
    "x-tegata-clientauth: post",
    "`x-tegata-clientauth` is not known",
    "x-tegata-client-auth"
)]
#[case(
    "x-tegata-client-auth: bearer",
    "unknown value",
    "basic, basic-raw, post, none"
)]
#[case("x-tegata-client-auth: {a: b}", "unknown value", "basic")]
#[case("x-tegata-token-request: xml", "unknown value", "form, json")]
#[case("x-tegata-pkce: 'off'", "neither true nor false", "`false`")]
#[case("x-tegata-prefix: 7", "no text", "quotation marks")]
#[case("x-tegata-lifetime: an hour", "no number of seconds", "3600")]
#[case("x-tegata-lifetime: -1", "no number of seconds", "3600")]
#[case(
    "x-tegata-parameters: {tokens: {a: b}}",
    "`tokens` is not known",
    "token"
)]
#[case(
    "x-tegata-parameters: {token: {a: [b]}}",
    "`a`: this is no text",
    "quotation marks"
)]
#[case("x-tegata-parameters: audience", "no map", "audience")]
#[case(
    "x-tegata-parameters: {token: audience}",
    "`token`: this is no map",
    "audience"
)]
#[case(
    "x-tegata-parameters: {token: {client_id: x}}",
    "the client sends `client_id` itself",
    "leave it out"
)]
#[case(
    "x-tegata-prefix: 'Token '",
    "is for keys",
    "apiKey, in: header, name: Authorization"
)]
#[case(
    "x-tegata-token-answer: {access_token: t}",
    "`access_token` is not known",
    "access-token"
)]
fn a_wrong_fact_of_a_scheme_is_named(#[case] fact: &str, #[case] what: &str, #[case] fix: &str) {
    let text = document(fact, "x-other: 1");
    let error = generate_from_text("api.yaml", &text, &Options::default()).expect_err(what);
    let shown = error.to_string();
    assert!(shown.starts_with("api.yaml:8: "), "{shown}");
    assert!(shown.contains(what) && shown.contains(fix), "{shown}");
}

/// What the shared crate would refuse whenever the client is built.
#[test]
fn parameters_are_refused_as_the_shared_crate_does() {
    let steps = [
        ("authorization", Step::Authorization),
        ("device", Step::Device),
        ("token", Step::Token),
        ("refresh", Step::Refresh),
    ];
    let names = "assertion audience client_assertion client_id client_secret code code_challenge code_challenge_method \
                 code_verifier device_code grant_type login_hint nonce password prompt redirect_uri refresh_token \
                 resource response_mode response_type scope state username";
    let mut refused = 0;
    for name in names.split(' ') {
        for (key, step) in steps {
            let text = document(
                &format!("x-tegata-parameters: {{{key}: {{{name}: x}}}}"),
                "x-other: 1",
            );
            let generated = generate_from_text("api.yaml", &text, &Options::default());
            let server = Server::new("https://a.example/t").parameter(step, name, "x");
            let built = App::builder(server, "id", "secret").build();
            assert_eq!(generated.is_ok(), built.is_ok(), "{key}: {name}");
            refused += usize::from(built.is_err());
        }
    }
    assert!(refused > 40, "{refused}");
}

/// HTTP Basic has no such text, and another one behind `Bearer` is no token.
#[rstest]
#[case("type: http, scheme: basic", "'Token '", "is for keys")]
#[case("type: http, scheme: bearer", "'Token '", "is for keys")]
#[case("type: http, scheme: digest", "'Token '", "is for keys")]
#[case(
    "type: openIdConnect, openIdConnectUrl: 'https://a.example'",
    "'Token '",
    "is for keys"
)]
#[case(
    "type: apiKey, in: header, name: X-Key",
    "\"Token\\n\"",
    "control character"
)]
fn a_prefix_that_cannot_be_sent_is_an_error(
    #[case] kind: &str,
    #[case] prefix: &str,
    #[case] what: &str,
) {
    let scheme = format!("x-other: 1\n    further: {{{kind}, x-tegata-prefix: {prefix}}}");
    let text = document(&scheme, "x-other: 1");
    let error = generate_from_text("api.yaml", &text, &Options::default()).expect_err(what);
    let shown = error.to_string();
    assert!(shown.starts_with("api.yaml:9: "), "{shown}");
    assert!(shown.contains(what), "{shown}");
}

#[rstest]
#[case(
    "properties: {a: {x-tegata-secret: 'no'}}",
    "neither true nor false",
    "`false`"
)]
#[case("properties: {a: {x-tegata-secret: null}}", "neither", "`true`")]
#[case(
    "properties: {x-tegata-secret: {x-tegata-secrets: true}}",
    "`x-tegata-secrets` is not known",
    "x-tegata-secret"
)]
#[case(
    "x-tegata-secret: true",
    "`x-tegata-secret` is not read here",
    "property"
)]
#[case(
    "items: {x-tegata-secret: true}",
    "`x-tegata-secret` is not read here",
    "property"
)]
fn a_wrong_mark_of_a_secret_is_named(#[case] fact: &str, #[case] what: &str, #[case] fix: &str) {
    let schema = format!("x-schemas:\n  A:\n    {fact}");
    let text = document("x-other: 1", &schema);
    let error = generate_from_text("api.yaml", &text, &Options::default()).expect_err(what);
    let shown = error.to_string();
    assert!(shown.starts_with("api.yaml:11: "), "{shown}");
    assert!(shown.contains(what) && shown.contains(fix), "{shown}");
}

#[rstest]
#[case("")]
#[case(", x-tegata-evidence: a page")]
#[case(", x-tegata-secret: true")]
fn what_is_no_wrong_mark_is_taken(#[case] more: &str) {
    let schema = format!("x-schemas: {{A: {{properties: {{a: {{type: string{more}}}}}}}}}");
    let text = document("x-other: 1", &schema);
    generate_from_text("api.yaml", &text, &Options::default()).expect("valid");
}

#[rstest]
#[case(
    "x-tegata-refusal: {status: [401]}",
    "`status` is not known",
    "statuses"
)]
#[case("x-tegata-refusal: {statuses: [200]}", "none of an error", "401")]
#[case("x-tegata-refusal: {statuses: [true]}", "none of an error", "401")]
#[case(
    "x-tegata-refusal: {body: {code: ['1']}}",
    "`code` is not known",
    "codes"
)]
#[case(
    "x-tegata-refusal: {denied-codes: [[]]}",
    "a code is no text",
    "quotation marks"
)]
fn a_wrong_fact_of_the_api_is_named(#[case] fact: &str, #[case] what: &str, #[case] fix: &str) {
    let text = document("x-other: 1", fact);
    let error = generate_from_text("api.yaml", &text, &Options::default()).expect_err(what);
    let shown = error.to_string();
    assert!(shown.starts_with("api.yaml:9: "), "{shown}");
    assert!(shown.contains(what) && shown.contains(fix), "{shown}");
}

#[rstest]
#[case("x-other: 1", "ClientAuth,", true)]
#[case("x-tegata-client-auth: basic-raw", "BasicEncoding::Raw", false)]
#[case("x-tegata-client-auth: none", "ClientAuth::Public", false)]
#[case("x-tegata-pkce: false", "without_pkce()", true)]
fn a_fact_is_in_the_code_and_no_longer_missing(
    #[case] fact: &str,
    #[case] code: &str,
    #[case] is_missing: bool,
) {
    let text = document(fact, "x-other: 1");
    let package = generate_from_text("api.yaml", &text, &Options::default()).expect("valid");
    assert!(package.files["src/generated/security.rs"].contains(code));
    let missing = package.report.missing.join("\n");
    assert_eq!(
        missing.contains("x-tegata-client-auth"),
        is_missing,
        "{missing}"
    );
}

/// Left out, the operation would go out without a credential.
#[rstest]
#[case("[{typo: []}]", "`typo`, which is no scheme", "use one of `login`")]
#[case("[{login: []}, {typo: []}]", "`typo`", "`login`")]
#[case("{login: []}", "no list", "[{name: []}]")]
#[case("[login]", "no list", "[{name: []}]")]
#[case("null", "no list", "`[]` for no credential")]
#[case("login", "no list", "[{name: []}]")]
fn a_requirement_that_names_no_scheme_is_an_error(
    #[case] security: &str,
    #[case] what: &str,
    #[case] fix: &str,
) {
    let document = document("x-other: 1", "x-other: 1");
    let of_root = document.replace("[{login: []}]", security);
    let operation = format!("get: {{security: {security}, responses");
    let of_operation = document.replace("get: {responses", &operation);
    for (text, line) in [(of_root, 10), (of_operation, 13)] {
        let error = generate_from_text("api.yaml", &text, &Options::default()).expect_err(what);
        let shown = error.to_string();
        let place = format!("api.yaml:{line}: ");
        assert!(shown.starts_with(&place), "{shown}");
        assert!(shown.contains(what) && shown.contains(fix), "{shown}");
    }
}

/// A document with a line for each place, of which one has a key that is not known there.
#[rstest]
#[case(
    "root",
    "x-tegata-refusl: {statuses: [401]}",
    "use one of x-tegata-refusal"
)]
#[case("root", "x-tegata-secret: true", "a property or parameter itself")]
#[case("info", "x-tegata-refusal: {statuses: [401]}", "the document itself")]
#[case("server", "x-tegata-other: 1", "no key of tegata-gen is read here")]
#[case("path", "x-tegata-client-auth: post", "oauth2 or openIdConnect itself")]
#[case(
    "operation",
    "x-tegata-token-answer: {access-token: a}",
    "oauth2 or openIdConnect itself"
)]
#[case("parameter", "x-tegata-secrets: true", "use one of x-tegata-secret")]
#[case("schema", "x-tegata-secret: true", "a property or parameter itself")]
#[case("property", "x-tegata-prefix: 'Key '", "known here: x-tegata-secret")]
#[case("key", "x-tegata-client-auth: post", "known here: x-tegata-prefix")]
#[case("user", "x-tegata-lifetime: 5", "known here: x-tegata-prefix")]
#[case(
    "oauth",
    "x-tegata-client_auth: post",
    "x-tegata-client-auth, x-tegata-lifetime"
)]
#[case(
    "referred",
    "x-tegata-client-auth: post",
    "oauth2 or openIdConnect itself"
)]
fn a_key_that_is_not_read_where_it_stands_is_an_error(
    #[case] place: &str,
    #[case] key: &str,
    #[case] fix: &str,
) {
    let text = with_key_at(place, key);
    let line = text.lines().position(|it| it.contains(key)).expect(place) + 1;
    let error = generate_from_text("api.yaml", &text, &Options::default()).expect_err(place);
    let shown = error.to_string();
    assert!(shown.starts_with(&format!("api.yaml:{line}: ")), "{shown}");
    let name = key.split(':').next().unwrap_or_default();
    assert!(
        shown.contains(&format!("`{name}` is not ")) && shown.contains(fix),
        "{shown}"
    );
}

#[rstest]
#[case(
    "root",
    "x-tegata-refusal: {statuses: [401], x-tegata-evidence: a page}"
)]
#[case("root", "x-tegata-sources: {a: {x-tegata-any: 1}}")]
#[case("root", "x-tegata-lifetimes: {a: {seconds: 1}}")]
#[case("root", "x-tegata-security-evidence: a page")]
#[case("server", "x-tegata-name: api")]
#[case("operation", "x-tegata-browser-only: true")]
#[case("parameter", "x-tegata-secret: false")]
#[case("schema", "x-tegata-names: [a]")]
#[case("schema", "x-tegata-property-evidence: {a: a page}")]
#[case("schema", "x-tegata-token-answer: {access-token: a}")]
#[case("schema", "example: {x-tegata-any: 1}")]
#[case("schema", "required: [x-tegata-any]")]
#[case("properties", "x-tegata-any: {type: string}")]
#[case("property", "enum: [{x-tegata-any: 1}]")]
#[case("key", "x-tegata-prefix: 'Key '")]
#[case("key", "x-tegata-deprecated: true")]
#[case("oauth", "x-tegata-parameters: {token: {x-tegata-any: a}}")]
fn a_key_that_is_read_or_a_note_or_data_is_no_error(#[case] place: &str, #[case] key: &str) {
    let text = with_key_at(place, key);
    generate_from_text("api.yaml", &text, &Options::default()).expect(&text);
}

fn with_key_at(place: &str, key: &str) -> String {
    let text = r##"
openapi: 3.0.3
@root
info:
  title: API
  version: "1"
  @info
servers:
  - url: https://api.example.com
    @server
paths:
  /a:
    @path
    get:
      @operation
      parameters:
        - name: a
          in: query
          schema: {type: string}
          @parameter
      responses: {"204": {description: ok}, default: {description: error}}
components:
  schemas:
    A:
      type: object
      @schema
      properties:
        @properties
        a:
          description: a
          @property
  securitySchemes:
    key:
      type: apiKey
      in: header
      name: X-Key
      @key
    user:
      type: http
      scheme: basic
      @user
    oauth:
      type: oauth2
      flows: {clientCredentials: {tokenUrl: "https://a.example/t", scopes: {}}}
      @oauth
    other:
      $ref: "#/components/securitySchemes/oauth"
      @referred
"##;
    let text = text.replace(&format!("@{place}\n"), &format!("{key}\n"));
    let kept = text.lines().filter(|it| !it.trim_start().starts_with('@'));
    kept.collect::<Vec<_>>().join("\n")
}

/// A public client with a secret cannot be built.
#[rstest]
#[case(
    "none",
    "App::public(api::security::login_server(), \"client id\").build()"
)]
#[case(
    "post",
    "App::builder(api::security::login_server(), \"client id\", \"client secret\").build()"
)]
fn the_example_has_a_secret_where_the_client_has_one(#[case] auth: &str, #[case] expected: &str) {
    let text = document(&format!("x-tegata-client-auth: {auth}"), "x-other: 1");
    let package = generate_from_text("api.yaml", &text, &Options::default()).expect("valid");
    let example = &package.files["src/lib.rs"];
    assert!(example.contains(expected), "{example}");
}

/// Swagger 2.0 has other words for the same, and an overlay is applied before they are read.
#[test]
fn a_scheme_of_swagger_keeps_what_an_overlay_adds() {
    let text = r#"{
      "swagger": "2.0", "info": {"title": "API", "version": "1"}, "host": "api.example.com", "schemes": ["https"],
      "securityDefinitions": {
        "login": {"type": "oauth2", "flow": "application", "tokenUrl": "https://a.example/t", "scopes": {},
                  "x-tegata-client-auth": "post"}
      },
      "components": {"securitySchemes": {"more": {"type": "apiKey", "in": "header", "name": "X-More"}}},
      "security": [{"login": [], "more": []}],
      "paths": {"/a": {"get": {"responses": {"204": {"description": "ok"}}}}}
    }"#;
    let package = generate_from_text("api.json", text, &Options::default()).expect("valid");
    let security = &package.files["src/generated/security.rs"];
    assert!(security.contains("ClientAuth::Post"), "{security}");
    assert!(security.contains("All(&[LOGIN, MORE])"), "{security}");
    let builder = &package.files["src/generated/builder.rs"];
    assert!(
        builder.contains("pub fn builder() -> ClientBuilder"),
        "{builder}"
    );
}

#[test]
fn a_scheme_of_swagger_may_be_completed_as_openapi_3_has_it() {
    let text = r#"{
      "swagger": "2.0", "info": {"title": "API", "version": "1"}, "host": "api.example.com",
      "securityDefinitions": {
        "login": {"type": "oauth2", "flow": "application", "tokenUrl": "https://a.example/t", "scopes": {}}
      },
      "components": {"securitySchemes": {"login": {
        "x-tegata-client-auth": "post", "flows": {"clientCredentials": {"tokenUrl": "https://b.example/t"}}
      }}},
      "security": [{"login": []}],
      "paths": {"/a": {"get": {"responses": {"204": {"description": "ok"}}}}}
    }"#;
    let package = generate_from_text("api.json", text, &Options::default()).expect("valid");
    let security = &package.files["src/generated/security.rs"];
    assert!(security.contains("ClientAuth::Post"), "{security}");
    assert!(security.contains("https://b.example/t"), "{security}");
    assert!(!security.contains("https://a.example/t"), "{security}");
}

/// Requests that no operation makes take what most operations take, where the document says nothing of all.
#[test]
fn a_document_without_a_common_requirement_has_that_of_most_operations() {
    let operation = |id: &str, security: &str| {
        let answers = r#""responses": {"204": {"description": "ok"}}"#;
        format!(
            r#""/{id}": {{"get": {{"operationId": "{id}", "security": {security}, {answers}}}}}"#
        )
    };
    let paths = [
        operation("a", "[]"),
        operation("b", r#"[{"key": []}]"#),
        operation("c", r#"[{"key": [], "app": []}]"#),
        operation("d", r#"[{"key": [], "app": []}]"#),
    ];
    let scheme = |name: &str| {
        format!(r#""{name}": {{"type": "apiKey", "in": "header", "name": "X-{name}"}}"#)
    };
    let text = format!(
        r#"{{"openapi": "3.0.3", "info": {{"title": "API", "version": "1"}},
        "components": {{"securitySchemes": {{{}, {}}}}}, "paths": {{{}}}}}"#,
        scheme("key"),
        scheme("app"),
        paths.join(", ")
    );
    let package = generate_from_text("api.json", &text, &Options::default()).expect("valid");
    let security = package.files["src/generated/security.rs"].replace(char::is_whitespace, "");
    let expected =
        "default_security:&[Scheme{name:\"keyandapp\",placement:Placement::All(&[KEY,APP]),},]";
    assert!(security.contains(expected), "{security}");
}

#[test]
fn a_mark_in_a_form_or_query_of_swagger_is_kept() {
    let text = r#"{
      "swagger": "2.0", "info": {"title": "API", "version": "1"}, "host": "api.example.com", "schemes": ["https"],
      "paths": {"/a": {"post": {
        "operationId": "send",
        "consumes": ["application/x-www-form-urlencoded"],
        "parameters": [
          {"name": "pin", "in": "formData", "type": "integer", "x-tegata-secret": true},
          {"name": "password", "in": "formData", "type": "string", "x-tegata-secret": false},
          {"name": "code", "in": "query", "type": "string", "required": true, "x-tegata-secret": true},
          {"name": "api_key", "in": "query", "type": "string", "required": true, "x-tegata-secret": false}
        ],
        "responses": {"204": {"description": "ok"}}
      }}}
    }"#;
    let package = generate_from_text("api.json", text, &Options::default()).expect("valid");
    let types = &package.files["src/generated/client.rs"];
    assert!(
        types.contains("\"pin\", &::std::format_args!(\"[redacted]\")"),
        "{types}"
    );
    assert!(types.contains("(\"password\", it0)"), "{types}");
    let methods = &package.files["src/generated/operations.rs"];
    assert!(methods.contains("code: &::tegata::Secret"), "{methods}");
    assert!(methods.contains("api_key: &str"), "{methods}");
}
