//! Content types that a body or answer refers to.

use rstest::rstest;
use tegata_gen::{Options, Package, generate_from_text};

fn package(content: &str) -> Package {
    let text = format!(
        r##"{{"openapi": "3.2.0", "info": {{"title": "API", "version": "1"}}, "servers": [{{"url": "https://h"}}],
        "paths": {{"/a": {{"post": {{
            "operationId": "o",
            "requestBody": {{"required": true, "content": {content}}},
            "responses": {{"200": {{"description": "", "content": {content}}}}}
        }}}}}},
        "components": {{
            "schemas": {{"Item": {{"type": "object", "properties": {{"a": {{"type": "string"}}}}}}}},
            "mediaTypes": {{
                "item": {{"schema": {{"$ref": "#/components/schemas/Item"}}}},
                "all": {{"application/json": {{"$ref": "#/components/mediaTypes/item"}}}}
            }}
        }}}}"##
    );
    generate_from_text("api.json", &text, &Options::default()).expect("valid")
}

#[rstest]
#[case::one(r##"{"application/json": {"$ref": "#/components/mediaTypes/item"}}"##)]
#[case::all(r##"{"$ref": "#/components/mediaTypes/all"}"##)]
fn a_content_type_may_be_referred_to(#[case] content: &str) {
    let Package { files, report, .. } = package(content);
    assert_eq!((report.typed, report.raw.len()), (1, 0), "{report:?}");
    let operations = &files["src/generated/operations.rs"];
    assert!(operations.contains("body: &types::Item"), "{operations}");
    assert!(operations.contains("Reply<types::Item>"), "{operations}");
}

#[test]
fn content_that_is_not_found_is_told_as_such() {
    let report = package(r##"{"$ref": "#/nowhere"}"##).report;
    assert_eq!((report.typed, report.raw.len()), (0, 1), "{report:?}");
}
