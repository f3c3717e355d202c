//! Operations, their bodies and their parameters.

use rstest::{Context, rstest};

use crate::support::{Repo, example_with};
use crate::{edit, refused, snapshot};

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
