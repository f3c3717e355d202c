//! Lists in a query whose style is `deepObject`: OpenAPI does not say how they are written, and vendors have them.

use tegata_gen::{Options, generate_from_text};

const DOCUMENT: &str = r#"
openapi: 3.0.3
info: {title: API, version: "1"}
servers: [{url: "https://api.example.com"}]
paths:
  /a:
    get:
      operationId: a
      parameters:
        - {name: expand, in: query, style: deepObject, explode: true, schema: {type: array, items: {type: string}}}
        - {name: ids, in: query, required: true, style: deepObject, schema: {type: array, items: {type: integer}}}
      responses: {"204": {description: ok}}
"#;

#[test]
fn a_list_in_brackets_repeats_its_name_with_them() {
    let package = generate_from_text("api.yaml", DOCUMENT, &Options::default()).expect("valid");
    let operations = &package.files["src/generated/operations.rs"];
    let arguments: String = operations.split_whitespace().collect();
    for argument in [
        "expand:Option<&::std::vec::Vec<::std::string::String>>",
        "ids:&::std::vec::Vec<i64>",
    ] {
        assert!(arguments.contains(argument), "{operations}");
    }
    let client = &package.files["src/generated/client.rs"];
    for sent in ["\"expand[]\"", "\"ids[]\""] {
        assert!(client.contains(sent), "{client}");
    }
    assert!(!package.report.changes.contains_key("parameter-left-out"));
}
