//! What `cargo xtask new` writes, and that `cargo xtask remove` leaves no trace of it.

mod new_support;

use new_support::{DOCUMENT, Workspace};
use tegata_suite::Finding;
use tegata_suite::case::{Level, Suite};
use tegata_suite::citation::Evidence;

#[test]
fn everything_that_belongs_to_a_crate_is_written() {
    let workspace = Workspace::new();
    let before = workspace.files();
    let ran = workspace.new_crate(&[]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{ran:?}");
    let after = workspace.files();
    let changed: Vec<&str> = after
        .iter()
        .filter(|(path, text)| before.get(*path) != Some(text) && !path.ends_with('/'))
        .map(|(path, _)| path.as_str())
        .collect();
    insta::assert_snapshot!(changed.join("\n"));
    insta::assert_snapshot!("what_is_said", ran.out);
    insta::assert_snapshot!("form", workspace.read("specs/shelf.overlay.yaml"));
    let record = workspace.read("specs/shelf.source.toml");
    let (record, written) = record.split_once("\n# What `cargo xtask remove`").unwrap();
    insta::assert_snapshot!("record", record);
    let readme = tegata_suite::citation::sha256(&after["crates/shelf/README.md"]);
    let line = format!("\n\"crates/shelf/README.md\" = \"{readme}\"\n");
    assert!(written.contains(&line), "{written}");
}

#[test]
fn what_was_made_is_taken_out_without_a_trace() {
    let workspace = Workspace::new();
    let before = workspace.files();
    workspace.new_crate(&[]);
    let again = workspace.run(&["new", "shelf", "--spec", &workspace.document()]);
    assert_eq!(again.code, Some(2), "{again:?}");
    assert!(again.err.contains("is taken: there is"), "{again:?}");
    let ran = workspace.run(&["remove", "shelf"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    workspace.assert_files(&before);
}

#[test]
fn crates_are_taken_out_in_any_order() {
    let workspace = Workspace::new();
    let before = workspace.files();
    let names = ["shelf", "town-shelf", "shelf2"];
    for name in names {
        let ran = workspace.run(&["new", name, "--spec", &workspace.document()]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
    for name in names {
        assert_eq!(workspace.run(&["remove", name]).code, Some(0), "{name}");
    }
    workspace.assert_files(&before);
}

#[test]
fn rows_name_the_crate_where_others_stand() {
    let workspace = Workspace::new();
    workspace.new_crate(&[]);
    let row = "| Town Library | OAuth 2.0 by client credentials; API key | [`tegata-shelf`](crates/shelf) |";
    for (file, row) in [
        ("README.md", row),
        ("README.ja.md", row),
        ("Cargo.toml", "    \"crates/shelf\","),
        (
            "specs/README.md",
            "| `shelf.source.toml`, `shelf.overlay.yaml` | Town Library | `tegata-shelf` |",
        ),
        (
            "ARCHITECTURE.md",
            "| `crates/shelf` | `tegata` | one provider, from the vendor's own document |",
        ),
    ] {
        let text = workspace.read(file);
        assert_eq!(text.lines().filter(|it| *it == row).count(), 1, "{file}");
    }
}

/// A newer document may have the first form, and then the manifest stays as it is.
#[test]
fn code_of_forms_compiles_as_their_feature_is_on() {
    let workspace = Workspace::new();
    let form = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {/a: {post: {requestBody: {content: {multipart/form-data: \
                {schema: {type: object, properties: {f: {type: string, format: binary}}}}}}, responses: {'204': {description: d}}}}}\n";
    workspace.write("form.yaml", form);
    let form = workspace.path("form.yaml").display().to_string();
    for (name, document) in [("shelf", workspace.document()), ("form", form)] {
        let ran = workspace.run(&["new", name, "--spec", &document]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let manifest = workspace.read(&format!("crates/{name}/Cargo.toml"));
        let manifest: toml::Table = manifest.parse().unwrap();
        let features = manifest["dependencies"]["tegata"]["features"].as_array();
        assert_eq!(features.unwrap()[..], ["multipart".into()], "{name}");
    }
    let code = workspace.read("crates/form/src/generated/client.rs");
    assert!(code.contains("::tegata::multipart"), "{code}");
}

fn suite(workspace: &Workspace) -> Suite {
    let folder = workspace.path("conformance/suite");
    let suite = Suite::from_folder_with(&folder, &["shelf"]);
    suite.unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_suite_reads_the_cases_and_has_no_findings() {
    let workspace = Workspace::new();
    workspace.new_crate(&[]);
    let suite = suite(&workspace);
    let findings: Vec<String> = suite.check().iter().map(Finding::to_string).collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    let own = suite
        .cases
        .iter()
        .filter(|it| it.provider.name() == "shelf");
    let own: Vec<String> = own
        .map(|it| format!("{} {:?} {:?}", it.id, it.level, it.evidence))
        .collect();
    insta::assert_snapshot!(own.join("\n"));
}

#[test]
fn what_rests_on_the_document_names_file_hash_and_place() {
    let workspace = Workspace::new();
    workspace.new_crate(&[]);
    let suite = suite(&workspace);
    let document: serde_json::Value = serde_norway::from_str(DOCUMENT).unwrap();
    let hash = tegata_suite::citation::sha256(DOCUMENT.as_bytes());
    let mut count = 0;
    for case in suite
        .cases
        .iter()
        .filter(|it| it.provider.name() == "shelf")
    {
        let cited = case.cite.iter().map(|id| suite.registry.get(id).unwrap());
        for row in cited.filter(|row| row.evidence == Evidence::Vendor) {
            let (file, pointer) = row.place.split_once(" #").unwrap();
            assert_eq!(file, format!("library.yaml sha256:{hash}"));
            assert!(document.pointer(pointer).is_some(), "{pointer}");
            count += 1;
        }
        let is_assumed = case.evidence == Evidence::Assumed;
        assert_eq!(case.level == Level::Probe, is_assumed, "{}", case.id);
    }
    assert_eq!(count, 5);
}

#[test]
fn an_overlay_that_is_given_takes_the_place_of_the_form() {
    let workspace = Workspace::new();
    let overlay = "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n  - target: $.info\n    update: {title: Another}\n";
    workspace.write("mine.yaml", overlay);
    let path = workspace.path("mine.yaml").display().to_string();
    let ran = workspace.new_crate(&["--overlay", &path]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(workspace.read("specs/shelf.overlay.yaml"), overlay);
    assert!(workspace.read("README.md").contains("| Another | "));
    // How the client authenticates is the program's to say then.
    let example = workspace.read("crates/shelf/examples/shelf.rs");
    assert!(example.contains("ClientAuth"), "{example}");
}

#[test]
fn a_document_of_openapi_2_gets_a_form_for_its_own_places() {
    let workspace = Workspace::new();
    workspace.write(
        "old.json",
        r#"{"swagger": "2.0", "info": {"title": "Old | `Town` <b>", "version": "1"}, "host": "old.example", "schemes": ["https"],
            "securityDefinitions": {"it's": {"type": "oauth2", "flow": "application", "tokenUrl": "https://old.example/t", "scopes": {}},
                "key": {"type": "apiKey", "in": "header", "name": "Authorization"}},
            "security": [{"it's": []}],
            "paths": {"/a/{id}": {"get": {"parameters": [{"name": "id", "in": "path", "required": true, "type": "string", "enum": ["x y"]}],
                "responses": {"200": {"description": "", "examples": {"application/json": {"a": "b"}}}}}},
                "/b": {"post": {"parameters": [{"name": "f", "in": "formData", "type": "string"}], "responses": {"204": {"description": ""}}}}}}"#,
    );
    let before = workspace.files();
    let path = workspace.path("old.json").display().to_string();
    let ran = workspace.run(&["new", "shelf", "--spec", &path]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let form = workspace.read("specs/shelf.overlay.yaml");
    assert!(
        form.contains(r#"- target: "$.securityDefinitions['it\\'s']""#),
        "{form}"
    );
    assert!(form.contains("x-tegata-prefix"), "{form}");
    let suite = suite(&workspace);
    let findings: Vec<String> = suite.check().iter().map(Finding::to_string).collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    let case = workspace.read("conformance/suite/cases/shelf/operation.get-a-id.toml");
    assert!(
        case.contains("path = \"/a/x%20y\"") && case.contains("evidence = \"vendor\""),
        "{case}"
    );
    let provider = workspace.read("conformance/suite/providers/shelf.toml");
    assert!(
        provider.contains("# POST /b: its body is no JSON\n"),
        "{provider}"
    );
    workspace.run(&["remove", "shelf"]);
    workspace.assert_files(&before);
}

#[test]
fn files_that_a_document_refers_to_are_recorded_as_well() {
    let workspace = Workspace::new();
    let main = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\nservers: [{url: 'https://a.example'}]\npaths:\n  /a:\n    $ref: 'more/a.yaml'\n";
    workspace.write("parts/main.yaml", main);
    workspace.write("parts/notes.json", "{\"a\": 1}");
    workspace.write(
        "parts/more/a.yaml",
        "get:\n  responses: {'204': {description: d}}\n",
    );
    let folder = workspace.path("parts").display().to_string();
    let ran = workspace.run(&["new", "shelf", "--spec", &folder]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let record = workspace.read("specs/shelf.source.toml");
    let names: Vec<&str> = record
        .lines()
        .filter(|it| it.starts_with("name = "))
        .collect();
    assert_eq!(names, ["name = \"main.yaml\"", "name = \"more/a.yaml\""]);
    let citations = workspace.read("conformance/suite/citations/outside/shelf.toml");
    let hash = tegata_suite::citation::sha256(workspace.read("parts/more/a.yaml").as_bytes());
    assert!(
        citations.contains(&format!("more/a.yaml sha256:{hash} #/get")),
        "{citations}"
    );
}

#[test]
fn a_crate_without_cases_has_no_test_of_them() {
    let workspace = Workspace::new();
    let before = workspace.files();
    let document = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /a:\n    get:\n      parameters: \
                    [{name: X-Tenant, in: header, required: true, schema: {type: string}}]\n      responses: {'204': {description: d}}\n";
    workspace.write("document.yaml", document);
    let path = workspace.path("document.yaml").display().to_string();
    let ran = workspace.run(&["new", "shelf", "--spec", &path]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!workspace.path("crates/shelf/tests/cases.rs").exists());
    assert!(workspace.path("crates/shelf/tests/emulator.rs").exists());
    let suite = suite(&workspace);
    let findings: Vec<String> = suite.check().iter().map(Finding::to_string).collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    std::fs::remove_file(path).unwrap();
    workspace.run(&["remove", "shelf"]);
    workspace.assert_files(&before);
}

#[test]
fn a_name_that_others_have_in_part_gets_ids_of_its_own() {
    let workspace = Workspace::new();
    for name in ["fj", "aispf", "rest", "a", "rfc1"] {
        let ran = workspace.run(&["new", name, "--spec", &workspace.document()]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let folder = workspace.path("conformance/suite");
        let suite = Suite::from_folder_with(&folder, &[name]);
        let suite = suite.unwrap_or_else(|error| panic!("{error}"));
        let findings: Vec<String> = suite.check().iter().map(Finding::to_string).collect();
        assert!(findings.is_empty(), "{}", findings.join("\n"));
    }
}

#[test]
fn an_example_behind_a_reference_is_cited_where_it_stands() {
    let workspace = Workspace::new();
    let document = r##"{"openapi": "3.1.0", "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": {"$ref": "#/components/responses/a~1b"}}}}},
        "components": {
            "responses": {"a/b": {"description": "d", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}},
            "schemas": {"A": {"type": "object", "examples": [{"a": 1}]}}}}"##;
    workspace.write("document.json", document);
    let path = workspace.path("document.json").display().to_string();
    let ran = workspace.run(&["new", "shelf", "--spec", &path]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let citations = workspace.read("conformance/suite/citations/outside/shelf.toml");
    assert!(
        citations.contains(" #/components/schemas/A/examples/0\"\n"),
        "{citations}"
    );
    let fixture = workspace.read("conformance/suite/fixtures/shelf/get-a.toml");
    assert!(fixture.contains(r#"body = "{\"a\":1}""#), "{fixture}");
}
