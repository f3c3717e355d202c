//! The document itself: its version, its keys, its schemas, and what the generator cannot do.

use rstest::{Context, rstest};

use crate::edit;

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
fn a_spec_that_the_generator_fails_on(
    #[context] context: Context,
    #[case] from: &str,
    #[case] to: &str,
) {
    edit(&context, from, to);
}
