//! Overlays: what they change, and the error of one that misses.

use std::fs;

use rstest::rstest;
use tegata_gen::{Options, generate};

const DOCUMENT: &str = r#"
openapi: 3.0.3
info: {title: Plain, version: "1"}
paths:
  /one:
    get: {operationId: one, tags: [a], responses: {"204": {description: ok}}}
  /two:
    get: {operationId: two, tags: [b], responses: {"204": {description: ok}}}
"#;

/// The code of the operations and the tables, or the error.
fn with(overlay: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let (document, path) = (
        folder.path().join("api.yaml"),
        folder.path().join("auth.yaml"),
    );
    fs::write(&document, DOCUMENT).expect("written");
    fs::write(
        &path,
        format!("overlay: 1.0.0\ninfo: {{title: t, version: '1'}}\nactions:\n{overlay}"),
    )
    .expect("written");
    let options = Options {
        overlays: vec![path],
        ..Options::default()
    };
    let package = generate(&document, &options).map_err(|error| error.to_string())?;
    let parts = ["src/generated/operations.rs", "src/generated/security.rs"];
    Ok(parts.iter().map(|it| package.files[*it].as_str()).collect())
}

#[rstest]
#[case(
    "- {target: \"$.paths['/two'].get\", update: {summary: From the overlay}}",
    "/// From the overlay"
)]
#[case(
    "- {target: $, update: {servers: [{url: 'https://h/v1'}]}}",
    "https://h/v1"
)]
#[case(
    "- {target: '$.paths.*[?@.operationId == \"one\"]', update: {operationId: uno}}",
    "pub async fn uno("
)]
#[case(
    "- {target: $, update: {components: {securitySchemes: {k: {type: apiKey, in: header, name: X-K}}}, security: [{k: []}]}}",
    "Placement::Header(\"x-k\")"
)]
#[case(
    "- {target: $.paths, update: {/three: {}}}\n- {target: \"$.paths['/three']\", copy: \"$.paths['/one']\"}\n- {target: \"$.paths['/three'].get\", update: {operationId: three}}",
    "pub async fn three("
)]
fn an_action_changes_what_it_targets(#[case] overlay: &str, #[case] expected: &str) {
    let code = with(overlay).expect(overlay);
    assert!(code.contains(expected), "{code}");
    assert!(code.contains("pub async fn two("), "{code}");
}

#[test]
fn a_removed_operation_is_gone() {
    let code = with("- {target: '$.paths.*.get[?@ == \"a\"]', remove: true}\n").unwrap_err();
    assert!(code.contains("matches nothing"), "{code}");
    let code = with("- {target: \"$.paths['/one']\", remove: true}").expect("a crate");
    assert!(
        !code.contains("fn one(") && code.contains("fn two("),
        "{code}"
    );
}

#[test]
fn of_a_list_the_right_items_are_removed() {
    let overlay = "- {target: $, update: {security: [{x: []}, {y: []}, {k: []}], components: {securitySchemes: {k: {type: http, scheme: bearer}}}}}\n\
                   - {target: '$.security[0,1]', remove: true}\n";
    let code = with(overlay).expect("a crate");
    // Of two operations, and of other requests.
    assert_eq!(code.matches("security: &[K]").count(), 3, "{code}");
}

#[rstest]
#[case(
    "- {target: \"$.paths['/nowhere']\", remove: true}",
    "matches nothing",
    4
)]
#[case(
    "- {target: $.info, update: {a: 1}}\n- {target: $.nothing, update: {}}",
    "matches nothing",
    5
)]
#[case("- {target: '$.[', update: {}}", "no JSONPath", 4)]
#[case("- {target: $.info}", "neither", 4)]
#[case("- {target: $.info, copy: '$.paths.*'}", "matches 2", 4)]
fn an_action_that_misses_is_an_error_with_its_line(
    #[case] overlay: &str,
    #[case] what: &str,
    #[case] line: usize,
) {
    let error = with(overlay).expect_err("an error");
    assert!(
        error.contains(what) && error.contains(&format!("auth.yaml:{line}:")),
        "{error}"
    );
}

#[test]
fn what_is_no_overlay_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (document, path) = (folder.path().join("api.yaml"), folder.path().join("x.yaml"));
    fs::write(&document, DOCUMENT).expect("written");
    fs::write(&path, "openapi: 3.0.0\n").expect("written");
    let options = Options {
        overlays: vec![path],
        ..Options::default()
    };
    let error = generate(&document, &options).unwrap_err().to_string();
    assert!(
        error.contains("no overlay") && error.contains("x.yaml:1"),
        "{error}"
    );
}
