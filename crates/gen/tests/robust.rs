//! Whatever is given, there is a crate or an error, and it is Rust.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};
use tegata_gen::{Options, generate_from_text};

fn documents() -> Vec<Value> {
    let text = include_str!("documents/swagger.json");
    let swagger = serde_json::from_str(text).expect("JSON");
    let schema = json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "enum": ["x"]}, "b": {"$ref": "#/components/schemas/S"}}});
    let plain = json!({
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": [{"url": "https://h"}],
        "security": [{"k": []}],
        "paths": {"/a/{b}": {"post": {
            "operationId": "o", "security": [{"k": []}],
            "parameters": [{"name": "b", "in": "path", "required": true, "schema": {"type": "string"}}, {"name": "q", "in": "query", "style": "form", "schema": {"type": "array", "items": {"type": "integer"}}}],
            "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/S"}}}},
            "responses": {"200": {"description": "", "content": {"application/json": {"schema": {"oneOf": [{"$ref": "#/components/schemas/S"}, {"type": "null"}]}}}}}
        }}},
        "components": {"schemas": {"S": schema, "T": {"allOf": [{"$ref": "#/components/schemas/S"}]}}, "securitySchemes": {"k": {"type": "apiKey", "in": "header", "name": "X"}}}
    });
    vec![swagger, plain]
}

/// Values that stand in wrong places in real documents.
fn odd() -> impl Strategy<Value = Value> {
    let reference = |it: &str| json!({"$ref": it});
    select(vec![
        json!(null),
        json!(true),
        json!([]),
        json!({}),
        json!(""),
        json!("\u{85}*/ \"#[x] é"),
        json!(-1),
        json!(1e300),
        json!("/"),
        json!(["a", null, 1, {}]),
        reference("#"),
        reference("#/components/schemas/S"),
        reference("#/components/schemas/T"),
        reference("#/paths"),
        reference("other.yaml#/a"),
        reference("#/nowhere"),
        json!({"oneOf": [{"$ref": "#/components/schemas/T"}]}),
        json!({"allOf": [{"$ref": "#/components/schemas/S"}, {"type": "string"}]}),
        json!({"type": "array", "items": {"$ref": "#/components/schemas/T"}}),
    ])
}

/// Every place in a value, as pointers.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    let escaped = |it: &str| it.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(index, it)| pointers(it, &format!("{at}/{index}"), found)),
        Value::Object(map) => map
            .iter()
            .for_each(|(key, it)| pointers(it, &format!("{at}/{}", escaped(key)), found)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_document_with_odd_values_gives_rust_or_an_error(
        document in select(documents()),
        changes in prop::collection::vec((any::<Index>(), odd()), 1..4),
    ) {
        let mut document = document;
        for (at, value) in changes {
            let mut all = Vec::new();
            pointers(&document, "", &mut all);
            if let Some(place) = document.pointer_mut(at.get::<String>(&all)) {
                *place = value;
            }
        }
        let text = document.to_string();
        match generate_from_text("odd.json", &text, &Options::default()) {
            Ok(package) => {
                for (name, code) in package.files.iter().filter(|(name, _)| name.starts_with("src/")) {
                    prop_assert!(syn::parse_file(code).is_ok(), "{name}: {text}\n{code}");
                }
                let report = package.report;
                prop_assert_eq!(report.typed + report.raw.len() + report.refused.len(), report.operations);
            }
            Err(error) => {
                let error = error.to_string();
                prop_assert!(!error.contains("report this document") && !error.contains("encoder"), "{error}: {text}");
            }
        }
    }
}

/// Names of a document stand in what is printed: they add no line and reach no terminal.
#[test]
fn what_is_printed_has_no_controls_of_the_document() {
    let odd = "a\n\u{1b}[31m\u{7}\u{9b}\r\u{202E}b\n\n\n\n\n\n\n\n\n\nc";
    let answers = json!({"200": {"description": odd, "content": {"text/plain": {}}}});
    let mut document = json!({
        "openapi": "3.0.3", "info": {"title": odd, "version": odd},
        "components": {"securitySchemes": {odd: {
            "type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://a.example/t", "scopes": {}}}
        }}},
        "security": [{odd: []}],
        "paths": {
            format!("/{odd}"): {"get": {"operationId": odd, "responses": answers}},
            format!("/{odd}/other"): {"additionalOperations": {odd: {"operationId": odd, "responses": answers}}}
        }
    });
    let is_shown = |text: &str| !text.contains(['\u{1b}', '\u{7}', '\u{9b}', '\r', '\u{202E}']);
    let made = generate_from_text("api.json", &document.to_string(), &Options::default());
    let summary = made.expect("a crate").report.summary();
    assert!(
        summary.contains("no method: 1") && summary.contains("bytes instead of types: 1"),
        "{summary}"
    );
    assert!(
        summary.lines().count() <= 10 && is_shown(&summary),
        "{summary:?}"
    );

    document["openapi"] = json!(odd);
    let wrong_version = generate_from_text("api.json", &document.to_string(), &Options::default());
    document["openapi"] = json!("3.0.3");
    document[format!("x-tegata-{odd}")] = json!(1);
    let wrong_key = generate_from_text("api.json", &document.to_string(), &Options::default());
    for wrong in [wrong_version, wrong_key] {
        let shown = wrong.expect_err("an error").to_string();
        assert!(shown.lines().count() == 1 && is_shown(&shown), "{shown:?}");
    }
}

#[test]
fn a_document_that_recurses_without_end_ends_in_a_crate_or_message() {
    let part = |name: &str, other: &str| {
        format!(
            "    {name}: {{oneOf: [{{$ref: '#/components/schemas/{other}'}}, {{$ref: '#/components/schemas/{name}'}}]}}\n"
        )
    };
    let text = format!(
        "openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\npaths:\n  /a:\n    get:\n      operationId: a\n      responses:\n        '200': {{description: ok, content: {{application/json: {{schema: {{$ref: '#/components/schemas/A'}}}}}}}}\ncomponents:\n  schemas:\n{}{}",
        part("A", "B"),
        part("B", "A")
    );
    let options = Options {
        encoder: tegata_gen::Encoder::Process(env!("CARGO_BIN_EXE_tegata-gen").into()),
        ..Options::default()
    };
    let package = generate_from_text("loop.yaml", &text, &options).expect("a crate");
    assert_eq!(package.report.operations, 1);
}

/// Whatever things are called, their names stay inside the comments that they are written into.
#[test]
fn no_name_leaves_its_comment() {
    let name = "a\\nfn second_line() {}\\r//\\u2028x";
    let text = format!(
        r#"{{"openapi": "3.0.3", "info": {{"title": "{name}", "version": "1"}}, "servers": [{{"url": "https://{name}"}}],
        "components": {{"securitySchemes": {{"{name}": {{"type": "{name}", "description": "{name}"}},
            "key{name}": {{"type": "apiKey", "in": "header", "name": "X-Key", "description": "{name}"}}}}}},
        "security": [{{"key{name}": []}}],
        "paths": {{"/{name}": {{"get": {{"operationId": "{name}", "summary": "{name}", "description": "{name}",
            "parameters": [{{"name": "s{name}", "in": "cookie", "required": true, "schema": {{"type": "string"}}}}],
            "responses": {{"204": {{"description": "{name}"}}}}}},
          "put": {{"operationId": "put{name}", "tags": ["{name}"],
            "requestBody": {{"content": {{"image/{name}": {{}}}}}},
            "responses": {{"200": {{"description": "", "content": {{"application/json":
              {{"schema": {{"title": "{name}", "description": "{name}", "type": "object",
                "properties": {{"{name}": {{"type": "string", "description": "{name}", "enum": ["{name}"]}}}}}}}}}}}}}}}}}}}}}}"#
    );
    let source = "api\nfn second_line() {}\r.json";
    let package = generate_from_text(source, &text, &Options::default()).expect("a crate");
    for (path, text) in package
        .files
        .iter()
        .filter(|(path, _)| path.starts_with("src/"))
    {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        for item in &file.items {
            let is_it = matches!(item, syn::Item::Fn(it) if it.sig.ident == "second_line");
            assert!(!is_it, "{path}: a name became an item");
        }
        assert!(!text.contains('\r'), "{path}");
    }
    assert!(package.report.summary().lines().count() <= 10);
}
