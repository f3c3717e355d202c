//! Bad input: each is refused with a message that names file, place and fix, and nothing is
//! written.

mod support;

use std::fs;

use rstest::{Context, rstest};
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
        insta::assert_snapshot!(format!("refusal_{name}"), ran.err);
    });
}

/// A passage of the example, and what stands there instead.
fn edit(context: &Context, from: &str, to: &str) {
    let repo = Repo::with(&example_with(from, to));
    let ran = refused(&repo, &["gen"]);
    assert!(ran.err.contains("specs/example.yaml"), "{ran:?}");
    assert!(ran.err.contains("  fix: "), "{ran:?}");
    snapshot(context.description.unwrap_or_default(), to, &ran);
}

#[rstest]
#[case::invalid_yaml("openapi: 3.0.3", "openapi: [3.0.3")]
#[case::doubled_key("  title: Example", "  title: Example\n  title: Again")]
#[case::openapi_3_1("openapi: 3.0.3", "openapi: 3.1.0")]
#[case::swagger_2_0("openapi: 3.0.3", "swagger: \"2.0\"")]
#[case::no_version("openapi: 3.0.3\n", "")]
#[case::version_as_number("openapi: 3.0.3", "openapi: 3.0")]
#[case::not_ascii_version("version: \"1.0\"", "version: \"1.0–β\"")]
fn a_document_that_is_no_openapi_3_0(
    #[context] context: Context,
    #[case] from: &str,
    #[case] to: &str,
) {
    edit(&context, from, to);
}

#[rstest]
#[case::key_of_an_operation("      summary: Issue a token", "      sumary: Issue a token")]
#[case::key_of_a_schema("      required: [accessToken]", "      requierd: [accessToken]")]
#[case::key_of_a_media_type(
    "schema:\n                $ref: \"#/components/schemas/Token\"",
    "shema:\n                $ref: \"#/components/schemas/Token\""
)]
#[case::key_of_the_document("x-tegata-lifetimes:", "x-tegata-livetimes:")]
#[case::key_of_another_tool(
    "      operationId: getThing",
    "      operationId: getThing\n      x-internal: true"
)]
#[case::extension_at_the_wrong_place(
    "      operationId: getThing",
    "      operationId: getThing\n      x-tegata-names: true"
)]
#[case::extension_that_is_no_mapping(
    "x-tegata-property-evidence:\n        expiresIn: {class: assumed, note: The name is a guess.}",
    "x-tegata-property-evidence: assumed"
)]
#[case::number_for_text("      summary: Issue a token", "      summary: 1")]
#[case::mapping_for_list(
    "      security:\n        - ClientBasic: []",
    "      security:\n        ClientBasic: []"
)]
#[case::text_for_flag(
    "name: id\n        in: path\n        required: true",
    "name: id\n        in: path\n        required: \"yes\""
)]
#[case::missing_key("          description: A token.\n", "")]
#[case::nothing_where_something_belongs("            text/csv: {}", "            text/csv:")]
#[case::key_that_is_no_text(
    "            text/csv: {}",
    "            text/csv: {}\n            true: {}"
)]
#[case::callbacks(
    "      operationId: getThing",
    "      operationId: getThing\n      callbacks: {}"
)]
#[case::required_that_is_no_property(
    "      required: [accessToken]",
    "      required: [acessToken]"
)]
#[case::type_that_is_none("note:\n          type: string", "note:\n          type: strnig")]
fn a_misspelt_or_misplaced_key(#[context] context: Context, #[case] from: &str, #[case] to: &str) {
    edit(&context, from, to);
}

#[rstest]
#[case::dangling_ref(
    "$ref: \"#/components/schemas/TokenRequest\"",
    "$ref: \"#/components/schemas/TokenReqest\""
)]
#[case::external_ref(
    "$ref: \"#/components/schemas/TokenRequest\"",
    "$ref: \"other.yaml#/TokenRequest\""
)]
#[case::ref_to_another_kind(
    "$ref: \"#/components/parameters/Verbose\"",
    "$ref: \"#/components/schemas/Secret\""
)]
#[case::key_beside_ref(
    "        accessToken:\n",
    "        accessToken:\n          nullable: true\n"
)]
#[case::evidence_beside_ref(
    "        accessToken:\n",
    "        accessToken:\n          x-tegata-evidence: {class: rfc, source: RFC6749-5.1}\n"
)]
#[case::circle_of_refs(
    "    ErrorCode:\n      type: string\n",
    "    ErrorCode:\n      allOf:\n        - $ref: \"#/components/schemas/ErrorCode\"\n"
)]
#[case::component_name(
    "    Thing:\n",
    "    Thing Again: {x-tegata-evidence: {class: rfc, source: RFC1}}\n    Thing:\n"
)]
#[case::component_names_alike(
    "    Thing:\n",
    "    thing: {x-tegata-evidence: {class: rfc, source: RFC1}}\n    Thing:\n"
)]
#[case::property_names_alike(
    "        expiresIn:\n",
    "        access_token:\n          $ref: \"#/components/schemas/Secret\"\n        expiresIn:\n"
)]
#[case::boolean_enum(
    "schema: {type: boolean}\n      x-tegata",
    "schema: {type: boolean, enum: [true]}\n      x-tegata"
)]
fn a_schema_or_reference(#[context] context: Context, #[case] from: &str, #[case] to: &str) {
    edit(&context, from, to);
}

#[rstest]
#[case::inline_request_body(
    "            schema:\n              $ref: \"#/components/schemas/TokenRequest\"",
    "            schema: {type: object}"
)]
#[case::inline_response_body(
    "              schema:\n                $ref: \"#/components/schemas/Token\"",
    "              schema: {type: object}"
)]
#[case::request_body_without_schema(
    "          application/x-www-form-urlencoded:\n            schema:\n              $ref: \"#/components/schemas/TokenRequest\"",
    "          application/x-www-form-urlencoded: {}"
)]
#[case::two_request_content_types(
    "          application/x-www-form-urlencoded:",
    "          application/json: {}\n          application/x-www-form-urlencoded:"
)]
#[case::two_response_content_types(
    "            text/csv: {}",
    "            text/csv: {}\n            text/plain: {}"
)]
#[case::no_content_type(
    "          content:\n            text/csv: {}",
    "          content: {}"
)]
#[case::two_success_statuses(
    "        \"204\":\n          description: Gone.",
    "        \"200\":\n          description: Gone.\n        \"204\":\n          description: Gone."
)]
#[case::no_success_status("        \"204\":", "        \"302\":")]
#[case::default_response(
    "        \"204\":\n          description: Gone.",
    "        \"204\":\n          description: Gone.\n        default:\n          description: Failed."
)]
#[case::status_beside_its_range(
    "        4XX: &raw",
    "        \"401\":\n          description: Refused.\n          content:\n            \"*/*\": {}\n        4XX: &raw"
)]
#[case::status_that_is_none("        \"204\":", "        \"2O4\":")]
#[case::informational_status(
    "        \"204\":\n          description: Gone.",
    "        \"204\":\n          description: Gone.\n        \"100\":\n          description: Go on."
)]
#[case::typed_error(
    "            \"*/*\": {}",
    "            application/json:\n              schema:\n                $ref: \"#/components/schemas/Thing\""
)]
#[case::error_without_content("          content:\n            \"*/*\": {}\n", "")]
#[case::problem_json(
    "            application/json:\n              schema:\n                $ref: \"#/components/schemas/Token\"",
    "            application/hal+json:\n              schema:\n                $ref: \"#/components/schemas/Token\""
)]
#[case::encoding(
    "          application/x-www-form-urlencoded:",
    "          application/x-www-form-urlencoded:\n            encoding: {}"
)]
#[case::multipart("application/x-www-form-urlencoded:", "multipart/form-data:")]
#[case::optional_body(
    "        required: true\n        content:\n          application/x-www-form-urlencoded:",
    "        content:\n          application/x-www-form-urlencoded:"
)]
#[case::list_in_a_form(
    "            redirect_uri: {type: string}",
    "            redirect_uri: {type: array, items: {type: string}}"
)]
#[case::enum_in_an_answer(
    "        name:\n          type: string\n",
    "        name:\n          type: string\n          enum: [a, b]\n"
)]
#[case::closed_answer(
    "    Thing:\n      type: object\n",
    "    Thing:\n      type: object\n      additionalProperties: false\n"
)]
fn a_body(#[context] context: Context, #[case] from: &str, #[case] to: &str) {
    edit(&context, from, to);
}

#[rstest]
#[case::missing_operation_id("      operationId: getThing\n", "")]
#[case::doubled_operation_id("operationId: raw_thing", "operationId: delete_thing")]
#[case::operation_ids_alike("operationId: raw_thing", "operationId: get_thing")]
#[case::keyword_as_operation_id("operationId: raw_thing", "operationId: match")]
#[case::operation_id_with_blanks("operationId: raw_thing", "operationId: raw thing")]
#[case::constants_alike("operationId: raw_thing", "operationId: provider")]
#[case::path_without_slash("  /things/{id}:", "  things/{id}:")]
#[case::path_with_query("  /oauth/token:", "  /oauth/token?now:")]
#[case::braces_that_do_not_match("  /oauth/token:", "  /oauth/{token:")]
#[case::browser_only_post(
    "    post:\n      operationId: issue_token",
    "    post:\n      x-tegata-browser-only: true\n      operationId: issue_token"
)]
#[case::browser_only_list(
    "          schema: {type: integer, format: int64}\n        - name: prompt",
    "          schema: {type: array, items: {type: integer}}\n        - name: prompt"
)]
#[case::browser_only_no_flag("x-tegata-browser-only: true", "x-tegata-browser-only: \"yes\"")]
#[case::names_of_no_component(
    "            redirect_uri: {type: string}",
    "            redirect_uri: {type: string, x-tegata-names: true}"
)]
fn an_operation(#[context] context: Context, #[case] from: &str, #[case] to: &str) {
    edit(&context, from, to);
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
        "newWithClient",
        "transport"
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
#[case::undeclared_path_parameter("  /things/{id}:", "  /things/{id}/{part}:")]
#[case::path_parameter_not_in_the_path("  /things/{id}:", "  /things:")]
#[case::optional_path_parameter(
    "name: id\n        in: path\n        required: true",
    "name: id\n        in: path"
)]
#[case::parameter_named_body("name: verbose", "name: body")]
#[case::parameter_named_header_map("name: verbose", "name: headerMap")]
#[case::parameters_alike("name: verbose", "name: clientSecret")]
#[case::cookie("name: verbose\n      in: query", "name: verbose\n      in: cookie")]
#[case::place_that_is_none("name: verbose\n      in: query", "name: verbose\n      in: qeury")]
#[case::style(
    "name: verbose\n      in: query",
    "name: verbose\n      in: query\n      style: deepObject"
)]
#[case::explode(
    "schema: {type: boolean}\n      x-tegata",
    "explode: false\n      schema: {type: array, items: {type: string}}\n      x-tegata"
)]
#[case::object_parameter(
    "schema: {type: boolean}\n      x-tegata",
    "schema: {type: object}\n      x-tegata"
)]
#[case::list_in_a_header(
    "in: query\n      description: How much to say.\n      schema: {type: boolean}",
    "in: header\n      schema: {type: array, items: {type: string}}"
)]
#[case::content_parameter(
    "schema: {type: boolean}\n      x-tegata",
    "content: {}\n      x-tegata"
)]
#[case::header_of_a_scheme("name: verbose\n      in: query", "name: x-api-key\n      in: header")]
#[case::header_of_http(
    "name: verbose\n      in: query",
    "name: Content-Type\n      in: header"
)]
fn a_parameter(#[context] context: Context, #[case] from: &str, #[case] to: &str) {
    // The parameter is used beside a body too.
    let from_body = "      operationId: raw_thing\n";
    let to_body = "      operationId: raw_thing\n      parameters:\n        - $ref: \"#/components/parameters/Verbose\"\n";
    let spec = example_with(from, to).replace(from_body, to_body);
    let ran = refused(&Repo::with(&spec), &["gen"]);
    snapshot(context.description.unwrap_or_default(), to, &ran);
}

const THING: &str = "      operationId: getThing\n      x-tegata-evidence: {class: documented, source: guide.en, lines: \"9\"}\n";

#[rstest]
#[case::no_evidence_of_an_operation(THING, "      operationId: getThing\n")]
#[case::no_evidence_of_a_shared_parameter(
    "        schema: {type: integer, format: int64}\n        x-tegata-evidence: {class: documented, source: guide.en, lines: \"9\"}\n",
    "        schema: {type: integer, format: int64}\n"
)]
#[case::no_evidence_of_a_component_parameter(
    "      x-tegata-evidence: {class: assumed, note: \"A | bar, a <tag> and a [link].\"}\n",
    ""
)]
#[case::no_evidence_of_a_schema(
    "    Thing:\n      type: object\n      x-tegata-evidence: {class: documented, source: guide.en, lines: \"9\"}\n",
    "    Thing:\n      type: object\n"
)]
#[case::no_evidence_of_a_scheme(
    "      name: X-Api-Key\n      x-tegata-evidence: {class: documented, source: guide.en, lines: \"2\"}\n",
    "      name: X-Api-Key\n"
)]
#[case::no_evidence_of_a_server(
    "    x-tegata-name: api\n    x-tegata-evidence: {class: documented, source: guide.en, lines: \"1\"}\n",
    "    x-tegata-name: api\n"
)]
#[case::no_evidence_of_the_security(
    "x-tegata-security-evidence: {class: documented, source: guide.en, lines: \"2-3\"}\n",
    ""
)]
#[case::no_evidence_of_the_refusal(
    "  x-tegata-evidence:\n    - {class: documented, source: guide.en, lines: \"4\", note: The codes.}\n    - {class: reported, source: a thread, note: The status.}\n",
    ""
)]
#[case::no_evidence_of_a_lifetime(
    "    seconds: 3600\n    x-tegata-evidence: {class: documented, source: guide.en, lines: \"5\"}\n",
    "    seconds: 3600\n"
)]
#[case::evidence_of_an_unknown_class(
    "{class: reported, source: a thread, note: The status.}",
    "{class: report, source: a thread}"
)]
#[case::evidence_with_an_unknown_key(
    "{class: reported, source: a thread, note: The status.}",
    "{class: reported, sorce: a thread}"
)]
#[case::evidence_that_is_a_word("{class: assumed, note: Other providers have it.}", "assumed")]
#[case::documented_without_lines("lines: \"7-8\"}", "note: Somewhere.}")]
#[case::documented_without_source("source: guide.en, lines: \"7-8\"", "lines: \"7-8\"")]
#[case::documented_in_an_unknown_source(
    "source: guide.en, lines: \"7-8\"",
    "source: guide.ja, lines: \"7-8\""
)]
#[case::lines_in_the_wrong_order("lines: \"7-8\"", "lines: \"8-7\"")]
#[case::lines_that_are_none("lines: \"7-8\"", "lines: \"7, 8\"")]
#[case::assumed_without_note(
    "{class: assumed, note: Other providers have it.}",
    "{class: assumed}"
)]
#[case::vendor_without_source(
    "{class: vendor, source: \"https://example.org/docs\", note: Another host.}",
    "{class: vendor, note: Another host.}"
)]
#[case::rfc_with_lines(
    "{class: rfc, source: RFC6749-2.3.1}",
    "{class: rfc, source: RFC6749-2.3.1, lines: \"1\"}"
)]
#[case::evidence_of_no_property(
    "        expiresIn: {class: assumed",
    "        expires_in: {class: assumed"
)]
#[case::evidence_given_twice(
    "            redirect_uri: {type: string}",
    "            redirect_uri: {type: string, x-tegata-evidence: {class: rfc, source: RFC6749-4}}"
)]
#[case::source_without_hash("    file: guide.txt\n", "    file: ../guide.txt\n")]
fn evidence(#[context] context: Context, #[case] from: &str, #[case] to: &str) {
    edit(&context, from, to);
}

#[rstest]
#[case::unknown_scheme("        - ClientBasic: []", "        - ClientBasics: []")]
#[case::schemes_combined(
    "        - ClientBasic: []",
    "        - ClientBasic: []\n          ApiKey: []"
)]
#[case::empty_requirement("        - ClientBasic: []", "        - {}")]
#[case::unknown_scope("  - OAuth2: [read]", "  - OAuth2: [write]")]
#[case::no_security(
    "security:\n  - ApiKey: []\n  - OAuth2: [read]\n  - AccessTokenQuery: []\n",
    ""
)]
#[case::key_in_a_cookie(
    "      in: header\n      name: X-Api-Key",
    "      in: cookie\n      name: X-Api-Key"
)]
#[case::header_with_blanks("      name: X-Api-Key", "      name: X Api Key")]
#[case::open_id_connect(
    "      type: http\n      scheme: basic",
    "      type: openIdConnect\n      openIdConnectUrl: https://login.example.com"
)]
#[case::deprecated_no_flag("x-tegata-deprecated: true", "x-tegata-deprecated: later")]
#[case::server_without_name("    x-tegata-name: api_v1\n", "")]
#[case::server_with_a_bad_name("    x-tegata-name: api_v1\n", "    x-tegata-name: API v1\n")]
#[case::servers_alike("    x-tegata-name: api_v1\n", "    x-tegata-name: oauth\n")]
#[case::two_servers_of_a_path(
    "    servers: &oauth\n",
    "    servers: &oauth\n      - url: https://other.example.com\n        x-tegata-name: other\n        x-tegata-evidence: {class: documented, source: guide.en, lines: \"6\"}\n"
)]
#[case::server_with_slash(
    "  - url: https://api.example.org/v1",
    "  - url: https://api.example.org/v1/"
)]
#[case::server_without_https(
    "  - url: https://api.example.org/v1",
    "  - url: http://api.example.org/v1"
)]
#[case::server_with_an_unknown_variable(
    "  - url: https://{account}.example.com",
    "  - url: https://{acount}.example.com"
)]
#[case::no_refusal(
    "x-tegata-refusal:\n  statuses: [401]\n  body: {codes: [\"601\", \"602\"]}\n  transient-codes: [\"606\"]\n  denied-codes: [\"unauthorized\"]\n  x-tegata-evidence:\n    - {class: documented, source: guide.en, lines: \"4\", note: The codes.}\n    - {class: reported, source: a thread, note: The status.}\n",
    ""
)]
#[case::code_as_number("codes: [\"601\", \"602\"]", "codes: [601, \"602\"]")]
#[case::status_of_success("  statuses: [401]", "  statuses: [200]")]
#[case::refusal_with_an_unknown_key("  transient-codes: [\"606\"]", "  transient_codes: [\"606\"]")]
#[case::refused_and_transient("  transient-codes: [\"606\"]", "  transient-codes: [\"602\"]")]
#[case::denied_and_transient("  denied-codes: [\"unauthorized\"]", "  denied-codes: [\"606\"]")]
#[case::lifetime_of_nothing("    seconds: 3600", "    seconds: 0")]
fn security(#[context] context: Context, #[case] from: &str, #[case] to: &str) {
    edit(&context, from, to);
}

#[rstest]
#[case::token_answer_of_no_component(
    "            redirect_uri: {type: string}",
    "            redirect_uri: {type: string, x-tegata-token-answer: {access-token: a}}"
)]
#[case::token_answer_without_access_token("        access-token: accessToken\n", "")]
#[case::token_answer_with_an_unknown_key(
    "        expires-in: expiresIn",
    "        expires_in: expiresIn"
)]
#[case::token_answer_of_no_property("access-token: accessToken", "access-token: acessToken")]
#[case::token_answer_with_one_property_twice(
    "        refresh-token: refreshToken",
    "        refresh-token: accessToken"
)]
#[case::token_answer_with_a_lifetime_in_words(
    "        expires-in: expiresIn",
    "        expires-in: note"
)]
#[case::token_answer_with_a_secret_type(
    "        tokenType:\n          type: string\n",
    "        tokenType:\n          $ref: \"#/components/schemas/Secret\"\n"
)]
#[case::token_answer_that_requires_more(
    "      required: [accessToken]",
    "      required: [accessToken, tokenType, refreshToken]"
)]
#[case::token_answer_with_a_number(
    "        tokenType:\n",
    "        createdAt: {type: integer}\n        anything: {}\n        tokenType:\n"
)]
#[case::token_answer_with_more_properties(
    "      x-tegata-token-answer:\n",
    "      additionalProperties: {type: integer}\n      x-tegata-token-answer:\n"
)]
#[case::token_answer_of_no_operation(
    "    Thing:\n      type: object\n",
    "    Other:\n      type: object\n      properties: {token: {$ref: \"#/components/schemas/Secret\"}}\n      x-tegata-token-answer: {access-token: token}\n      x-tegata-evidence: {class: assumed, note: n}\n    Thing:\n      type: object\n"
)]
#[case::token_url_without_a_token_answer(
    "      x-tegata-token-answer:\n        access-token: accessToken\n        token-type: tokenType\n        expires-in: expiresIn\n        refresh-token: refreshToken\n",
    ""
)]
#[case::refresh_url_without_a_token_answer(
    "          tokenUrl: https://login.example.com/oauth/token\n",
    "          tokenUrl: https://login.example.com/oauth/token\n          refreshUrl: https://acme.example.com/things/{id}\n"
)]
fn a_token_answer(#[context] context: Context, #[case] from: &str, #[case] to: &str) {
    edit(&context, from, to);
}

#[rstest]
#[case::plain_secret_property(
    "        accessToken:\n          $ref: \"#/components/schemas/Secret\"",
    "        accessToken:\n          type: string"
)]
#[case::plain_code_of_a_grant(
    "            code:\n              $ref: \"#/components/schemas/Secret\"",
    "            code:\n              type: string"
)]
#[case::secret_with_a_constraint(
    "            code:\n              $ref: \"#/components/schemas/Secret\"",
    "            code:\n              type: string\n              format: password\n              minLength: 1"
)]
#[case::plain_secret_parameter(
    "          schema:\n            $ref: \"#/components/schemas/Secret\"",
    "          schema: {type: string}"
)]
#[case::secret_parameter_with_a_constraint(
    "          schema:\n            $ref: \"#/components/schemas/Secret\"",
    "          schema: {type: string, format: password, maxLength: 9}"
)]
#[case::secret_header(
    "        - name: client_secret\n          in: query\n",
    "        - name: client_secret\n          in: header\n"
)]
#[case::secret_in_a_path(
    "schema: {type: integer, format: int64}\n        x-tegata",
    "schema: {$ref: \"#/components/schemas/Secret\"}\n        x-tegata"
)]
#[case::secret_in_a_link("        - name: client_id\n", "        - name: client_secret\n")]
#[case::secret_that_is_no_text(
    "    Secret:\n      type: string",
    "    Secret:\n      type: object"
)]
fn a_secret(#[context] context: Context, #[case] from: &str, #[case] to: &str) {
    edit(&context, from, to);
}

#[rstest]
#[case::format_that_needs_a_crate(
    "        name:\n          type: string\n",
    "        name:\n          type: string\n          format: date\n"
)]
#[case::pattern_that_needs_a_crate(
    "              code:\n                $ref: \"#/components/schemas/ErrorCode\"\n",
    "              code: {type: string, pattern: \"^[0-9]+$\"}\n"
)]
#[case::parameter_that_needs_a_crate(
    "schema: {type: boolean}\n      x-tegata",
    "schema: {type: string, format: uuid}\n      x-tegata"
)]
#[case::flow_without_urls("          tokenUrl: https://login.example.com/oauth/token\n", "")]
#[case::schema_that_panics(
    "    Thing:\n      type: object\n",
    "    Thing:\n      exclusiveMinimum: true\n      type: object\n"
)]
#[case::inner_schema_that_panics(
    "    ErrorCode:\n      type: string\n",
    "    ErrorCode:\n      exclusiveMaximum: true\n      minLength: 1\n"
)]
#[case::parameter_that_panics(
    "schema: {type: boolean}\n      x-tegata",
    "schema: {type: string, exclusiveMinimum: true}\n      x-tegata"
)]
fn what_the_generator_fails_on(#[context] context: Context, #[case] from: &str, #[case] to: &str) {
    edit(&context, from, to);
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
        "no_such_provider",
        "gen exmaple nothing",
        &refused(&repo, &["gen", "exmaple", "nothing"]),
    );
}

#[test]
fn a_spec_without_a_crate() {
    let repo = Repo::with(EXAMPLE);
    repo.write("specs/other.yaml", EXAMPLE);
    snapshot("no_crate", "specs/other.yaml", &refused(&repo, &["gen"]));
}

#[test]
fn a_spec_with_a_name_that_no_crate_has() {
    let repo = Repo::with(EXAMPLE);
    repo.write("specs/Other_One.yaml", EXAMPLE);
    snapshot(
        "bad_name",
        "specs/Other_One.yaml",
        &refused(&repo, &["gen"]),
    );
}

#[test]
fn a_repository_without_specs() {
    let repo = Repo::with(EXAMPLE);
    fs::remove_file(repo.path("specs/example.yaml")).unwrap();
    snapshot("no_spec", "specs/", &refused(&repo, &["gen"]));
    fs::remove_dir(repo.path("specs")).unwrap();
    snapshot("no_folder", "", &refused(&repo, &["gen"]));
}

#[test]
fn a_spec_that_is_no_text() {
    let repo = Repo::with(EXAMPLE);
    fs::write(repo.path("specs/example.yaml"), [0xff, 0xfe]).unwrap();
    snapshot("no_text", "bytes FF FE", &refused(&repo, &["gen"]));
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
