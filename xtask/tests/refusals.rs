//! Bad input: each is refused with a message that names file, place and mend, and nothing is
//! written.

mod support;

use std::fs;

use rstest::rstest;
use support::{EXAMPLE, Ran, Repo, example_with};

const OLD: &str = "// what was there before\n";

/// Runs the task on a bad spec and checks all that every refusal has in common.
fn refused(repo: &Repo, arguments: &[&str]) -> Ran {
    repo.write("crates/example/src/generated/client.rs", OLD);
    let ran = repo.run(arguments);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert_eq!(ran.out, "", "{ran:?}");
    let left = repo.generated();
    assert_eq!(left.len(), 1, "{:?}", left.keys());
    assert_eq!(left["client.rs"], OLD);
    ran
}

fn snapshot(name: &str, input: &str, ran: &Ran) {
    insta::with_settings!({
        omit_expression => true,
        prepend_module_to_snapshot => false,
        description => input,
    }, {
        insta::assert_snapshot!(format!("refusal-{name}"), ran.err);
    });
}

/// A passage of the example, and what stands there instead.
fn edit(name: &str, from: &str, to: &str) {
    let repo = Repo::with(&example_with(from, to));
    let ran = refused(&repo, &["gen"]);
    assert!(ran.err.contains("specs/example.yaml"), "{ran:?}");
    assert!(ran.err.contains("  mend: "), "{ran:?}");
    snapshot(name, to, &ran);
}

#[rstest]
#[case("invalid-yaml", "openapi: 3.0.3", "openapi: [3.0.3")]
#[case("doubled-key", "  title: Example", "  title: Example\n  title: Again")]
#[case("openapi-3.1", "openapi: 3.0.3", "openapi: 3.1.0")]
#[case("swagger-2.0", "openapi: 3.0.3", "swagger: \"2.0\"")]
#[case("no-version", "openapi: 3.0.3\n", "")]
#[case("version-as-number", "openapi: 3.0.3", "openapi: 3.0")]
#[case("not-ascii-version", "version: \"1.0\"", "version: \"1.0–β\"")]
fn a_document_that_is_no_openapi_3_0(#[case] name: &str, #[case] from: &str, #[case] to: &str) {
    edit(name, from, to);
}

#[rstest]
#[case(
    "key-of-an-operation",
    "      summary: Issue a token",
    "      sumary: Issue a token"
)]
#[case(
    "key-of-a-schema",
    "      required: [accessToken]",
    "      requierd: [accessToken]"
)]
#[case(
    "key-of-a-media-type",
    "schema:\n                $ref: \"#/components/schemas/Token\"",
    "shema:\n                $ref: \"#/components/schemas/Token\""
)]
#[case("key-of-the-document", "x-tegata-lifetimes:", "x-tegata-livetimes:")]
#[case(
    "key-of-another-tool",
    "      operationId: getThing",
    "      operationId: getThing\n      x-internal: true"
)]
#[case(
    "extension-at-the-wrong-place",
    "      operationId: getThing",
    "      operationId: getThing\n      x-tegata-names: true"
)]
#[case(
    "extension-that-is-no-mapping",
    "x-tegata-property-evidence:\n        expiresIn: {class: assumed, note: The name is a guess.}",
    "x-tegata-property-evidence: assumed"
)]
#[case("number-for-text", "      summary: Issue a token", "      summary: 1")]
#[case(
    "mapping-for-list",
    "      security:\n        - ClientBasic: []",
    "      security:\n        ClientBasic: []"
)]
#[case(
    "text-for-flag",
    "name: id\n        in: path\n        required: true",
    "name: id\n        in: path\n        required: \"yes\""
)]
#[case("missing-key", "          description: A token.\n", "")]
#[case(
    "nothing-where-something-belongs",
    "            text/csv: {}",
    "            text/csv:"
)]
#[case(
    "key-that-is-no-text",
    "            text/csv: {}",
    "            text/csv: {}\n            true: {}"
)]
#[case(
    "callbacks",
    "      operationId: getThing",
    "      operationId: getThing\n      callbacks: {}"
)]
#[case(
    "required-that-is-no-property",
    "      required: [accessToken]",
    "      required: [acessToken]"
)]
#[case(
    "type-that-is-none",
    "note:\n          type: string",
    "note:\n          type: strnig"
)]
fn a_misspelt_or_misplaced_key(#[case] name: &str, #[case] from: &str, #[case] to: &str) {
    edit(name, from, to);
}

#[rstest]
#[case(
    "dangling-ref",
    "$ref: \"#/components/schemas/TokenRequest\"",
    "$ref: \"#/components/schemas/TokenReqest\""
)]
#[case(
    "external-ref",
    "$ref: \"#/components/schemas/TokenRequest\"",
    "$ref: \"other.yaml#/TokenRequest\""
)]
#[case(
    "ref-to-another-kind",
    "$ref: \"#/components/parameters/Verbose\"",
    "$ref: \"#/components/schemas/Secret\""
)]
#[case(
    "key-beside-ref",
    "        accessToken:\n",
    "        accessToken:\n          nullable: true\n"
)]
#[case(
    "evidence-beside-ref",
    "        accessToken:\n",
    "        accessToken:\n          x-tegata-evidence: {class: rfc, source: RFC6749-5.1}\n"
)]
#[case(
    "circle-of-refs",
    "    ErrorCode:\n      type: string\n",
    "    ErrorCode:\n      allOf:\n        - $ref: \"#/components/schemas/ErrorCode\"\n"
)]
#[case(
    "component-name",
    "    Thing:\n",
    "    Thing Again: {x-tegata-evidence: {class: rfc, source: RFC1}}\n    Thing:\n"
)]
#[case(
    "component-names-alike",
    "    Thing:\n",
    "    thing: {x-tegata-evidence: {class: rfc, source: RFC1}}\n    Thing:\n"
)]
#[case(
    "property-names-alike",
    "        expiresIn:\n",
    "        access_token:\n          $ref: \"#/components/schemas/Secret\"\n        expiresIn:\n"
)]
#[case(
    "boolean-enum",
    "schema: {type: boolean}\n      x-tegata",
    "schema: {type: boolean, enum: [true]}\n      x-tegata"
)]
fn a_schema_or_reference(#[case] name: &str, #[case] from: &str, #[case] to: &str) {
    edit(name, from, to);
}

#[rstest]
#[case(
    "inline-request-body",
    "            schema:\n              $ref: \"#/components/schemas/TokenRequest\"",
    "            schema: {type: object}"
)]
#[case(
    "inline-response-body",
    "              schema:\n                $ref: \"#/components/schemas/Token\"",
    "              schema: {type: object}"
)]
#[case(
    "request-body-without-schema",
    "          application/x-www-form-urlencoded:\n            schema:\n              $ref: \"#/components/schemas/TokenRequest\"",
    "          application/x-www-form-urlencoded: {}"
)]
#[case(
    "two-request-content-types",
    "          application/x-www-form-urlencoded:",
    "          application/json: {}\n          application/x-www-form-urlencoded:"
)]
#[case(
    "two-response-content-types",
    "            text/csv: {}",
    "            text/csv: {}\n            text/plain: {}"
)]
#[case(
    "no-content-type",
    "          content:\n            text/csv: {}",
    "          content: {}"
)]
#[case(
    "two-success-statuses",
    "        \"204\":\n          description: Gone.",
    "        \"200\":\n          description: Gone.\n        \"204\":\n          description: Gone."
)]
#[case("no-success-status", "        \"204\":", "        \"302\":")]
#[case(
    "default-response",
    "        \"204\":\n          description: Gone.",
    "        \"204\":\n          description: Gone.\n        default:\n          description: Failed."
)]
#[case(
    "status-beside-its-range",
    "        4XX: &raw",
    "        \"401\":\n          description: Refused.\n          content:\n            \"*/*\": {}\n        4XX: &raw"
)]
#[case("status-that-is-none", "        \"204\":", "        \"2O4\":")]
#[case(
    "informational-status",
    "        \"204\":\n          description: Gone.",
    "        \"204\":\n          description: Gone.\n        \"100\":\n          description: Go on."
)]
#[case(
    "typed-error",
    "            \"*/*\": {}",
    "            application/json:\n              schema:\n                $ref: \"#/components/schemas/Thing\""
)]
#[case(
    "error-without-content",
    "          content:\n            \"*/*\": {}\n",
    ""
)]
#[case(
    "problem-json",
    "            application/json:\n              schema:\n                $ref: \"#/components/schemas/Token\"",
    "            application/hal+json:\n              schema:\n                $ref: \"#/components/schemas/Token\""
)]
#[case(
    "encoding",
    "          application/x-www-form-urlencoded:",
    "          application/x-www-form-urlencoded:\n            encoding: {}"
)]
#[case(
    "multipart",
    "application/x-www-form-urlencoded:",
    "multipart/form-data:"
)]
#[case(
    "optional-body",
    "        required: true\n        content:\n          application/x-www-form-urlencoded:",
    "        content:\n          application/x-www-form-urlencoded:"
)]
#[case(
    "list-in-a-form",
    "            redirect_uri: {type: string}",
    "            redirect_uri: {type: array, items: {type: string}}"
)]
#[case(
    "enum-in-an-answer",
    "        name:\n          type: string\n",
    "        name:\n          type: string\n          enum: [a, b]\n"
)]
#[case(
    "closed-answer",
    "    Thing:\n      type: object\n",
    "    Thing:\n      type: object\n      additionalProperties: false\n"
)]
fn a_body(#[case] name: &str, #[case] from: &str, #[case] to: &str) {
    edit(name, from, to);
}

#[rstest]
#[case("missing-operation-id", "      operationId: getThing\n", "")]
#[case(
    "doubled-operation-id",
    "operationId: raw_thing",
    "operationId: delete_thing"
)]
#[case(
    "operation-ids-alike",
    "operationId: raw_thing",
    "operationId: get_thing"
)]
#[case(
    "keyword-as-operation-id",
    "operationId: raw_thing",
    "operationId: match"
)]
#[case(
    "operation-id-with-blanks",
    "operationId: raw_thing",
    "operationId: raw thing"
)]
#[case("constants-alike", "operationId: raw_thing", "operationId: provider")]
#[case("path-without-slash", "  /things/{id}:", "  things/{id}:")]
#[case("path-with-query", "  /oauth/token:", "  /oauth/token?now:")]
#[case("braces-that-do-not-match", "  /oauth/token:", "  /oauth/{token:")]
#[case(
    "browser-only-post",
    "    post:\n      operationId: issue_token",
    "    post:\n      x-tegata-browser-only: true\n      operationId: issue_token"
)]
#[case(
    "browser-only-list",
    "          schema: {type: integer, format: int64}\n        - name: prompt",
    "          schema: {type: array, items: {type: integer}}\n        - name: prompt"
)]
#[case(
    "browser-only-no-flag",
    "x-tegata-browser-only: true",
    "x-tegata-browser-only: \"yes\""
)]
#[case(
    "names-of-no-component",
    "            redirect_uri: {type: string}",
    "            redirect_uri: {type: string, x-tegata-names: true}"
)]
fn an_operation(#[case] name: &str, #[case] from: &str, #[case] to: &str) {
    edit(name, from, to);
}

#[rstest]
fn a_reserved_operation_id(
    #[values(
        "pre",
        "post",
        "exec",
        "new",
        "api_version",
        "client",
        "baseurl",
        "inner",
        "newWithClient"
    )]
    id: &str,
) {
    let repo = Repo::with(&example_with(
        "operationId: raw_thing",
        &format!("operationId: {id}"),
    ));
    let ran = refused(&repo, &["gen"]);
    let words =
        format!("paths./things/{{id}}.post.operationId: the operationId `{id}` is reserved");
    assert!(ran.err.contains(&words), "{ran:?}");
}

#[rstest]
#[case(
    "undeclared-path-parameter",
    "  /things/{id}:",
    "  /things/{id}/{part}:"
)]
#[case("path-parameter-not-in-the-path", "  /things/{id}:", "  /things:")]
#[case(
    "optional-path-parameter",
    "name: id\n        in: path\n        required: true",
    "name: id\n        in: path"
)]
#[case("parameter-named-body", "name: verbose", "name: body")]
#[case("parameter-named-header-map", "name: verbose", "name: headerMap")]
#[case("parameters-alike", "name: verbose", "name: clientSecret")]
#[case(
    "cookie",
    "name: verbose\n      in: query",
    "name: verbose\n      in: cookie"
)]
#[case(
    "place-that-is-none",
    "name: verbose\n      in: query",
    "name: verbose\n      in: qeury"
)]
#[case(
    "style",
    "name: verbose\n      in: query",
    "name: verbose\n      in: query\n      style: deepObject"
)]
#[case(
    "explode",
    "schema: {type: boolean}\n      x-tegata",
    "explode: false\n      schema: {type: array, items: {type: string}}\n      x-tegata"
)]
#[case(
    "object-parameter",
    "schema: {type: boolean}\n      x-tegata",
    "schema: {type: object}\n      x-tegata"
)]
#[case(
    "list-in-a-header",
    "in: query\n      description: How much to say.\n      schema: {type: boolean}",
    "in: header\n      schema: {type: array, items: {type: string}}"
)]
#[case(
    "content-parameter",
    "schema: {type: boolean}\n      x-tegata",
    "content: {}\n      x-tegata"
)]
#[case(
    "header-of-a-scheme",
    "name: verbose\n      in: query",
    "name: x-api-key\n      in: header"
)]
#[case(
    "header-of-http",
    "name: verbose\n      in: query",
    "name: Content-Type\n      in: header"
)]
fn a_parameter(#[case] name: &str, #[case] from: &str, #[case] to: &str) {
    // The parameter is used beside a body too.
    let from_body = "      operationId: raw_thing\n";
    let to_body = "      operationId: raw_thing\n      parameters:\n        - $ref: \"#/components/parameters/Verbose\"\n";
    let spec = example_with(from, to).replace(from_body, to_body);
    let ran = refused(&Repo::with(&spec), &["gen"]);
    snapshot(name, to, &ran);
}

const THING: &str = "      operationId: getThing\n      x-tegata-evidence: {class: documented, source: guide.en, lines: \"9\"}\n";

#[rstest]
#[case("no-evidence-of-an-operation", THING, "      operationId: getThing\n")]
#[case(
    "no-evidence-of-a-shared-parameter",
    "        schema: {type: integer, format: int64}\n        x-tegata-evidence: {class: documented, source: guide.en, lines: \"9\"}\n",
    "        schema: {type: integer, format: int64}\n"
)]
#[case(
    "no-evidence-of-a-component-parameter",
    "      x-tegata-evidence: {class: assumed, note: \"A | bar, a <tag> and a [link].\"}\n",
    ""
)]
#[case(
    "no-evidence-of-a-schema",
    "    Thing:\n      type: object\n      x-tegata-evidence: {class: documented, source: guide.en, lines: \"9\"}\n",
    "    Thing:\n      type: object\n"
)]
#[case(
    "no-evidence-of-a-scheme",
    "      name: X-Api-Key\n      x-tegata-evidence: {class: documented, source: guide.en, lines: \"2\"}\n",
    "      name: X-Api-Key\n"
)]
#[case(
    "no-evidence-of-a-server",
    "    x-tegata-name: api\n    x-tegata-evidence: {class: documented, source: guide.en, lines: \"1\"}\n",
    "    x-tegata-name: api\n"
)]
#[case(
    "no-evidence-of-the-security",
    "x-tegata-security-evidence: {class: documented, source: guide.en, lines: \"2-3\"}\n",
    ""
)]
#[case(
    "no-evidence-of-the-refusal",
    "  x-tegata-evidence:\n    - {class: documented, source: guide.en, lines: \"4\", note: The codes.}\n    - {class: reported, source: a thread, note: The status.}\n",
    ""
)]
#[case(
    "no-evidence-of-a-lifetime",
    "    seconds: 3600\n    x-tegata-evidence: {class: documented, source: guide.en, lines: \"5\"}\n",
    "    seconds: 3600\n"
)]
#[case(
    "evidence-of-an-unknown-class",
    "{class: reported, source: a thread, note: The status.}",
    "{class: report, source: a thread}"
)]
#[case(
    "evidence-with-an-unknown-key",
    "{class: reported, source: a thread, note: The status.}",
    "{class: reported, sorce: a thread}"
)]
#[case(
    "evidence-that-is-a-word",
    "{class: assumed, note: Other providers have it.}",
    "assumed"
)]
#[case("documented-without-lines", "lines: \"7-8\"}", "note: Somewhere.}")]
#[case(
    "documented-without-source",
    "source: guide.en, lines: \"7-8\"",
    "lines: \"7-8\""
)]
#[case(
    "documented-in-an-unknown-source",
    "source: guide.en, lines: \"7-8\"",
    "source: guide.ja, lines: \"7-8\""
)]
#[case("lines-in-the-wrong-order", "lines: \"7-8\"", "lines: \"8-7\"")]
#[case("lines-that-are-none", "lines: \"7-8\"", "lines: \"7, 8\"")]
#[case(
    "assumed-without-note",
    "{class: assumed, note: Other providers have it.}",
    "{class: assumed}"
)]
#[case(
    "vendor-without-source",
    "{class: vendor, source: \"https://example.org/docs\", note: Another host.}",
    "{class: vendor, note: Another host.}"
)]
#[case(
    "rfc-with-lines",
    "{class: rfc, source: RFC6749-2.3.1}",
    "{class: rfc, source: RFC6749-2.3.1, lines: \"1\"}"
)]
#[case(
    "evidence-of-no-property",
    "        expiresIn: {class: assumed",
    "        expires_in: {class: assumed"
)]
#[case(
    "evidence-given-twice",
    "            redirect_uri: {type: string}",
    "            redirect_uri: {type: string, x-tegata-evidence: {class: rfc, source: RFC6749-4}}"
)]
#[case(
    "source-without-hash",
    "    file: guide.txt\n",
    "    file: ../guide.txt\n"
)]
fn evidence(#[case] name: &str, #[case] from: &str, #[case] to: &str) {
    edit(name, from, to);
}

#[rstest]
#[case(
    "unknown-scheme",
    "        - ClientBasic: []",
    "        - ClientBasics: []"
)]
#[case(
    "schemes-combined",
    "        - ClientBasic: []",
    "        - ClientBasic: []\n          ApiKey: []"
)]
#[case("empty-requirement", "        - ClientBasic: []", "        - {}")]
#[case("unknown-scope", "  - OAuth2: [read]", "  - OAuth2: [write]")]
#[case(
    "no-security",
    "security:\n  - ApiKey: []\n  - OAuth2: [read]\n  - AccessTokenQuery: []\n",
    ""
)]
#[case(
    "key-in-a-cookie",
    "      in: header\n      name: X-Api-Key",
    "      in: cookie\n      name: X-Api-Key"
)]
#[case("header-with-blanks", "      name: X-Api-Key", "      name: X Api Key")]
#[case(
    "open-id-connect",
    "      type: http\n      scheme: basic",
    "      type: openIdConnect\n      openIdConnectUrl: https://login.example.com"
)]
#[case(
    "deprecated-no-flag",
    "x-tegata-deprecated: true",
    "x-tegata-deprecated: later"
)]
#[case("server-without-name", "    x-tegata-name: api_v1\n", "")]
#[case(
    "server-with-a-bad-name",
    "    x-tegata-name: api_v1\n",
    "    x-tegata-name: API v1\n"
)]
#[case(
    "servers-alike",
    "    x-tegata-name: api_v1\n",
    "    x-tegata-name: oauth\n"
)]
#[case(
    "two-servers-of-a-path",
    "    servers: &oauth\n",
    "    servers: &oauth\n      - url: https://other.example.com\n        x-tegata-name: other\n        x-tegata-evidence: {class: documented, source: guide.en, lines: \"6\"}\n"
)]
#[case(
    "server-with-slash",
    "  - url: https://api.example.org/v1",
    "  - url: https://api.example.org/v1/"
)]
#[case(
    "server-without-https",
    "  - url: https://api.example.org/v1",
    "  - url: http://api.example.org/v1"
)]
#[case(
    "server-with-an-unknown-variable",
    "  - url: https://{account}.example.com",
    "  - url: https://{acount}.example.com"
)]
#[case(
    "no-refusal",
    "x-tegata-refusal:\n  statuses: [401]\n  body:\n    codes: [\"601\", \"602\"]\n  transient-codes: [\"606\"]\n  x-tegata-evidence:\n    - {class: documented, source: guide.en, lines: \"4\", note: The codes.}\n    - {class: reported, source: a thread, note: The status.}\n",
    ""
)]
#[case("code-as-number", "codes: [\"601\", \"602\"]", "codes: [601, \"602\"]")]
#[case("status-of-success", "  statuses: [401]", "  statuses: [200]")]
#[case(
    "refusal-with-an-unknown-key",
    "  transient-codes: [\"606\"]",
    "  transient_codes: [\"606\"]"
)]
#[case(
    "refused-and-transient",
    "  transient-codes: [\"606\"]",
    "  transient-codes: [\"602\"]"
)]
#[case("lifetime-of-nothing", "    seconds: 3600", "    seconds: 0")]
fn security(#[case] name: &str, #[case] from: &str, #[case] to: &str) {
    edit(name, from, to);
}

#[rstest]
#[case(
    "plain-secret-property",
    "        accessToken:\n          $ref: \"#/components/schemas/Secret\"",
    "        accessToken:\n          type: string"
)]
#[case(
    "plain-code-of-a-grant",
    "            code:\n              $ref: \"#/components/schemas/Secret\"",
    "            code:\n              type: string"
)]
#[case(
    "secret-with-a-constraint",
    "        accessToken:\n          $ref: \"#/components/schemas/Secret\"",
    "        accessToken:\n          type: string\n          format: password\n          minLength: 1"
)]
#[case(
    "plain-secret-parameter",
    "          schema:\n            $ref: \"#/components/schemas/Secret\"",
    "          schema: {type: string}"
)]
#[case(
    "secret-parameter-with-a-constraint",
    "          schema:\n            $ref: \"#/components/schemas/Secret\"",
    "          schema: {type: string, format: password, maxLength: 9}"
)]
#[case(
    "secret-header",
    "        - name: client_secret\n          in: query\n",
    "        - name: client_secret\n          in: header\n"
)]
#[case(
    "secret-in-a-path",
    "schema: {type: integer, format: int64}\n        x-tegata",
    "schema: {$ref: \"#/components/schemas/Secret\"}\n        x-tegata"
)]
#[case(
    "secret-in-a-link",
    "        - name: client_id\n",
    "        - name: client_secret\n"
)]
#[case(
    "secret-that-is-no-text",
    "    Secret:\n      type: string",
    "    Secret:\n      type: object"
)]
fn a_secret(#[case] name: &str, #[case] from: &str, #[case] to: &str) {
    edit(name, from, to);
}

#[rstest]
#[case(
    "format-that-needs-a-crate",
    "        name:\n          type: string\n",
    "        name:\n          type: string\n          format: date\n"
)]
#[case(
    "pattern-that-needs-a-crate",
    "              code:\n                $ref: \"#/components/schemas/ErrorCode\"\n",
    "              code: {type: string, pattern: \"^[0-9]+$\"}\n"
)]
#[case(
    "parameter-that-needs-a-crate",
    "schema: {type: boolean}\n      x-tegata",
    "schema: {type: string, format: uuid}\n      x-tegata"
)]
#[case(
    "flow-without-urls",
    "          tokenUrl: https://login.example.com/oauth/token\n",
    ""
)]
#[case(
    "schema-that-panics",
    "    Thing:\n      type: object\n",
    "    Thing:\n      exclusiveMinimum: true\n      type: object\n"
)]
#[case(
    "inner-schema-that-panics",
    "    ErrorCode:\n      type: string\n",
    "    ErrorCode:\n      exclusiveMaximum: true\n      minLength: 1\n"
)]
#[case(
    "parameter-that-panics",
    "schema: {type: boolean}\n      x-tegata",
    "schema: {type: string, exclusiveMinimum: true}\n      x-tegata"
)]
fn what_the_generator_fails_on(#[case] name: &str, #[case] from: &str, #[case] to: &str) {
    edit(name, from, to);
}

#[test]
fn all_findings_of_all_specs_are_told_at_once() {
    let repo = Repo::with(&example_with("operationId: raw_thing", "operationId: new"));
    let other = EXAMPLE
        .replace("operationId: raw_thing", "operationId: post")
        .replace("seconds: 3600", "seconds: -1")
        .replace("lines: \"7-8\"", "lines: \"0\"");
    repo.add("other", &other);
    let ran = refused(&repo, &["gen"]);
    snapshot("many", "two specs", &ran);
}

#[test]
fn one_bad_spec_keeps_the_good_ones_from_being_written() {
    let repo = Repo::with(EXAMPLE);
    repo.add("other", "openapi: 3.1.0");
    refused(&repo, &["gen"]);
}

#[test]
fn a_check_of_bad_input_is_bad_input_and_no_drift() {
    let repo = Repo::with(&example_with("operationId: raw_thing", "operationId: new"));
    refused(&repo, &["gen", "--check"]);
}

#[test]
fn a_provider_that_is_not_there() {
    let repo = Repo::with(EXAMPLE);
    repo.add("other", EXAMPLE);
    snapshot(
        "no-such-provider",
        "gen exmaple nothing",
        &refused(&repo, &["gen", "exmaple", "nothing"]),
    );
}

#[test]
fn a_spec_without_a_crate() {
    let repo = Repo::with(EXAMPLE);
    repo.write("specs/other.yaml", EXAMPLE);
    snapshot("no-crate", "specs/other.yaml", &refused(&repo, &["gen"]));
}

#[test]
fn a_spec_with_a_name_that_no_crate_has() {
    let repo = Repo::with(EXAMPLE);
    repo.write("specs/Other_One.yaml", EXAMPLE);
    snapshot(
        "bad-name",
        "specs/Other_One.yaml",
        &refused(&repo, &["gen"]),
    );
}

#[test]
fn a_repository_without_specs() {
    let repo = Repo::with(EXAMPLE);
    fs::remove_file(repo.path("specs/example.yaml")).unwrap();
    snapshot("no-spec", "specs/", &refused(&repo, &["gen"]));
    fs::remove_dir(repo.path("specs")).unwrap();
    snapshot("no-folder", "", &refused(&repo, &["gen"]));
}

#[test]
fn a_spec_that_is_no_text() {
    let repo = Repo::with(EXAMPLE);
    fs::write(repo.path("specs/example.yaml"), [0xff, 0xfe]).unwrap();
    snapshot("no-text", "bytes FF FE", &refused(&repo, &["gen"]));
}

#[test]
fn a_spec_that_is_a_list() {
    let repo = Repo::with("- openapi: 3.0.3\n");
    snapshot("list", "- openapi: 3.0.3", &refused(&repo, &["gen"]));
}

#[test]
fn an_empty_spec() {
    snapshot("empty", "", &refused(&Repo::with(""), &["gen"]));
}

#[test]
fn an_unknown_option() {
    let ran = refused(&Repo::with(EXAMPLE), &["gen", "--chekc"]);
    assert!(ran.err.contains("--check"), "{ran:?}");
}
