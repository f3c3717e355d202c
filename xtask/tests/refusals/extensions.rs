//! Evidence, security and the `x-tegata` extensions.

use rstest::{Context, rstest};

use crate::edit;

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
#[case::issued_by_no_operation(
    "      name: X-Api-Key\n",
    "      name: X-Api-Key\n      x-tegata-issued-by: [isue_token]\n"
)]
#[case::issued_by_an_operation_without_token(
    "      name: X-Api-Key\n",
    "      name: X-Api-Key\n      x-tegata-issued-by: [raw_thing]\n"
)]
#[case::issued_by_that_is_no_list(
    "      name: X-Api-Key\n",
    "      name: X-Api-Key\n      x-tegata-issued-by: issue_token\n"
)]
#[case::issued_by_beside_flows(
    "      type: oauth2\n",
    "      type: oauth2\n      x-tegata-issued-by: [issue_token]\n"
)]
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
