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
fn with(actions: &str) -> Result<String, String> {
    with_overlay(&format!(
        "overlay: 1.0.0\ninfo: {{title: t, version: '1'}}\nactions:\n{actions}"
    ))
}

fn with_overlay(overlay: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let (document, path) = (
        folder.path().join("api.yaml"),
        folder.path().join("auth.yaml"),
    );
    fs::write(&document, DOCUMENT).expect("written");
    fs::write(&path, overlay).expect("written");
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

/// The last server is the one that stays, in whatever order the others are named.
#[rstest]
#[case("$.servers[0,2,1]")]
#[case("$.servers[2,0,1]")]
#[case("$.servers[2:0:-1,0]")]
#[case("$.servers[?@.variables.a]")]
fn of_a_list_any_order_of_items_is_removed(#[case] target: &str) {
    let server = |name: &str, more: &str| format!("{{url: 'https://{name}.example'{more}}}");
    let gone = ", variables: {a: {default: b}}";
    let servers = [
        server("one", gone),
        server("two", gone),
        server("three", gone),
        server("last", ""),
    ];
    let overlay = format!(
        "- {{target: $, update: {{servers: [{}]}}}}\n- {{target: '{target}', remove: true}}\n",
        servers.join(", ")
    );
    let code = with(&overlay).expect("a crate");
    assert!(code.contains("&[\"https://last.example\"]"), "{code}");
}

/// Values inside of each other, which one query can select.
#[test]
fn nested_values_are_removed_with_what_is_around_them() {
    let overlay = "- {target: $.info, update: {x-list: [{x-gone: [1]}, {x-kept: [{x-gone: 2}]}, {x-gone: 3}]}}\n\
                   - {target: '$..[?@.x-gone || @ == 1]', remove: true}\n";
    let overlay = overlay.replace("@.x-gone", "@[\"x-gone\"]");
    let again = format!("{overlay}- {{target: '$.info.x-list[0].x-kept', update: 1}}\n");
    let again = again.replace(
        "$.info.x-list[0].x-kept",
        "$.info[\"x-list\"][0][\"x-kept\"]",
    );
    with(&again).expect("what is kept is the only item");
    let more = again.replace("[0][", "[1][");
    assert!(with(&more).unwrap_err().contains("matches nothing"));
}

/// Overlay 1.0 appends what is given, and 1.1 joins lists.
#[rstest]
#[case("1.0.0", "{url: 'https://a.example'}", "https://a.example", true)]
#[case("1.1.0", "{url: 'https://a.example'}", "https://a.example", true)]
#[case("1.1.0", "[{url: 'https://a.example'}]", "https://a.example", true)]
#[case("1.0.0", "[{url: 'https://a.example'}]", "https://a.example", false)]
fn a_list_gets_further_items_as_its_version_says(
    #[case] version: &str,
    #[case] update: &str,
    #[case] url: &str,
    #[case] is_read: bool,
) {
    let overlay = format!(
        "overlay: {version}\nactions:\n- {{target: $, update: {{servers: []}}}}\n- {{target: $.servers, update: {update}}}\n"
    );
    let code = with_overlay(&overlay).expect("a crate");
    assert_eq!(code.contains(url), is_read, "{code}");
}

#[rstest]
#[case("overlay: 1.0.0\naction: []\n", "`action` is not known here", 2)]
#[case("overlay: 1.0.0\nactions: {target: $}\n", "no list", 2)]
#[case("overlay: 1.0.0\nactions: []\n", "no list", 2)]
#[case("overlay: 1.0.0\nx-note: a\n", "no list", 1)]
fn an_overlay_without_actions_is_an_error(
    #[case] overlay: &str,
    #[case] what: &str,
    #[case] line: usize,
) {
    let error = with_overlay(overlay).expect_err("an error");
    assert!(
        error.contains(what) && error.contains(&format!("auth.yaml:{line}:")),
        "{error}"
    );
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
#[case("- {target: $.info, update: 5}", "is an object", 4)]
#[case("- {target: $.info, update: [a]}", "is an object", 4)]
#[case("- {target: $.paths, copy: $.openapi}", "is an object", 4)]
#[case("- {target: $.info, remove: 'yes'}", "neither true nor false", 4)]
#[case(
    "- {target: $.info, updates: {a: 1}}",
    "`updates` is not known here; use one of target",
    4
)]
#[case("- $.info", "no map", 4)]
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
