//! The JSON Schema for editors: it is the one that is kept, and it agrees with what is read.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use boon::{Compiler, SchemaIndex, Schemas};
use rstest::rstest;
use serde_json::{Value, json};
use tegata_gen::{Options, extension_schema, generate_from_text, read};

struct Schema(Schemas, SchemaIndex);

impl Schema {
    fn new() -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let schema: Value = serde_json::from_str(&extension_schema()).expect("JSON");
        compiler
            .add_resource("file:///schema.json", schema)
            .expect("a resource");
        let index = compiler
            .compile("file:///schema.json", &mut schemas)
            .expect("a schema");
        Self(schemas, index)
    }

    fn takes(&self, text: &str) -> Result<(), String> {
        let tree = read::read(text, 0, &mut Vec::new()).expect("YAML");
        let value = tree.to_json();
        let taken = self.0.validate(&value, self.1);
        taken.map_err(|error| error.to_string())
    }
}

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn the_schema_is_the_one_that_is_kept() {
    let kept = folder("schema/x-tegata.json");
    if env::var_os("TEGATA_GEN_UPDATE").is_some() {
        fs::create_dir_all(kept.parent().expect("a folder")).expect("made");
        fs::write(&kept, extension_schema()).expect("written");
    }
    let text = fs::read_to_string(&kept).unwrap_or_default();
    assert!(text == extension_schema(), "run with TEGATA_GEN_UPDATE=1");
    let printed = Command::new(env!("CARGO_BIN_EXE_tegata-gen"))
        .arg("schema")
        .output();
    assert_eq!(printed.expect("it runs").stdout, text.as_bytes());
}

#[test]
fn documents_and_overlays_that_are_read_fit_the_schema() {
    let schema = Schema::new();
    let mut count = 0;
    for place in [
        "tests/documents",
        "tests/documents/references",
        "../../specs",
    ] {
        for file in fs::read_dir(folder(place)).expect("a folder") {
            let path = file.expect("a file").path();
            let text = fs::read_to_string(&path).unwrap_or_default();
            let is_document = text.contains("openapi") || text.contains("overlay:");
            if path.extension().is_none_or(|it| it == "md") || !is_document {
                continue;
            }
            count += 1;
            let taken = schema.takes(&text);
            assert_eq!(taken, Ok(()), "{}", path.display());
        }
    }
    assert!(count > 15, "{count}");
}

fn document(scheme: &str, root: &str, property: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{title: API, version: '1'}}\n{root}\ncomponents:\n  schemas:\n    A: {{type: object, \
         properties: {{a: {{type: string, {property}}}}}}}\n  securitySchemes:\n    login:\n      {scheme}\n\
         security: [{{login: []}}]\npaths:\n  /a:\n    get: {{responses: {{'204': {{description: ok}}}}}}\n"
    )
}

const OAUTH: &str =
    "type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://a.example/t', scopes: {}}}";
const OPENID: &str = "type: openIdConnect, openIdConnectUrl: 'https://a.example'";
const KEY: &str = "type: apiKey, in: header, name: X-Key";
const BASIC: &str = "type: http, scheme: basic";

/// What is right and what is wrong is the same to the reader and to the schema.
#[rstest]
#[case(OAUTH, "x-tegata-client-auth: basic", true)]
#[case(OAUTH, "x-tegata-client-auth: basic-raw", true)]
#[case(OAUTH, "x-tegata-client-auth: post", true)]
#[case(OAUTH, "x-tegata-client-auth: none", true)]
#[case(OPENID, "x-tegata-client-auth: none", true)]
#[case(OAUTH, "x-tegata-client-auth: bearer", false)]
#[case(OAUTH, "x-tegata-client-auth: {a: b}", false)]
#[case(OAUTH, "x-tegata-clientauth: post", false)]
#[case(KEY, "x-tegata-client-auth: post", false)]
#[case(BASIC, "x-tegata-client-auth: post", false)]
#[case("type: mutualTLS", "x-tegata-client-auth: post", false)]
#[case(OAUTH, "x-tegata-token-request: form", true)]
#[case(OAUTH, "x-tegata-token-request: json", true)]
#[case(OAUTH, "x-tegata-token-request: post-query", true)]
#[case(OAUTH, "x-tegata-token-request: get-query", true)]
#[case(OAUTH, "x-tegata-token-request: xml", false)]
#[case(OPENID, "x-tegata-pkce: false", true)]
#[case(OAUTH, "x-tegata-pkce: 'off'", false)]
#[case(OPENID, "x-tegata-lifetime: 3600", true)]
#[case(OAUTH, "x-tegata-lifetime: -1", false)]
#[case(OAUTH, "x-tegata-lifetime: an hour", false)]
#[case(OAUTH, "x-tegata-scope-separator: ','", true)]
#[case(OAUTH, "x-tegata-scope-separator: 7", false)]
#[case(OAUTH, "x-tegata-scope-separator: ''", false)]
#[case(KEY, "x-tegata-prefix: 'SSWS '", true)]
#[case(KEY, "x-tegata-prefix: 7", false)]
#[case(OAUTH, "x-tegata-prefix: 'SSWS '", false)]
#[case(OPENID, "x-tegata-prefix: 'SSWS '", false)]
#[case(BASIC, "x-tegata-prefix: 'SSWS '", false)]
#[case(
    OAUTH,
    "x-tegata-parameters: {authorization: {prompt: consent}, device: {a: 1}, token: {a: true}, refresh: {scope: a}}",
    true
)]
#[case(OAUTH, "x-tegata-parameters: {tokens: {a: b}}", false)]
#[case(OAUTH, "x-tegata-parameters: {token: {a: [b]}}", false)]
#[case(OAUTH, "x-tegata-parameters: {token: {client_id: x}}", false)]
#[case(OAUTH, "x-tegata-parameters: {token: {scope: x}}", false)]
#[case(OAUTH, "x-tegata-parameters: {token: audience}", false)]
#[case(OAUTH, "x-tegata-parameters: audience", false)]
#[case(
    OAUTH,
    "x-tegata-token-answer: {access-token: a, expires-in: b, refresh-token: c, token-type: d}",
    true
)]
#[case(OAUTH, "x-tegata-token-answer: {access_token: t}", false)]
#[case(OAUTH, "x-tegata-evidence: {a: b}", true)]
#[case(OAUTH, "x-tegata-secret: true", false)]
#[case(OAUTH, "x-other: true", true)]
fn a_fact_of_a_scheme_is_judged_alike(
    #[case] scheme: &str,
    #[case] fact: &str,
    #[case] is_right: bool,
) {
    let text = document(
        &format!("{{{scheme}, {fact}}}").replace("login:\n      ", ""),
        "",
        "x-a: 1",
    );
    judged_alike(&text, is_right);
}

#[rstest]
#[case(
    "x-tegata-refusal: {statuses: [401, 419], body: {codes: ['601', 602]}, transient-codes: [a], denied-codes: [b]}",
    "x-a: 1",
    true
)]
#[case("x-tegata-refusal: {statuses: [200]}", "x-a: 1", false)]
#[case("x-tegata-refusal: {status: [401]}", "x-a: 1", false)]
#[case("x-tegata-refusal: {body: {code: ['601']}}", "x-a: 1", false)]
#[case("x-tegata-refusal: {x-tegata-evidence: a}", "x-a: 1", true)]
#[case("x-tegata-refusl: {}", "x-a: 1", false)]
#[case("x-tegata-client-auth: post", "x-a: 1", false)]
#[case("x-a: 1", "x-tegata-secret: true", true)]
#[case("x-a: 1", "x-tegata-secret: 'yes'", false)]
#[case("x-a: 1", "x-tegata-secrets: true", false)]
#[case("x-a: 1", "x-tegata-prefix: a", false)]
#[case("x-a: 1", "default: {x-tegata-any: 1}", true)]
#[case(
    "servers: [{url: 'https://a.example', x-tegata-secret: true}]",
    "x-a: 1",
    false
)]
#[case(
    "servers: [{url: 'https://a.example', x-tegata-name: api}]",
    "x-a: 1",
    true
)]
#[case("x-more: {type: oauth2, x-tegata-client-auth: post}", "x-a: 1", true)]
#[case("x-more: {x-tegata-client-auth: post}", "x-a: 1", false)]
#[case("x-more: {properties: {}, x-tegata-token-answer: {}}", "x-a: 1", true)]
fn a_key_of_another_place_is_judged_alike(
    #[case] root: &str,
    #[case] property: &str,
    #[case] is_right: bool,
) {
    let text = document(&format!("{{{KEY}}}"), root, property);
    judged_alike(&text, is_right);
}

fn judged_alike(text: &str, is_right: bool) {
    let made = generate_from_text("api.yaml", text, &Options::default());
    assert_eq!(made.is_ok(), is_right, "{:?}\n{text}", made.err());
    let taken = Schema::new().takes(text);
    assert_eq!(taken.is_ok(), is_right, "{taken:?}\n{text}");
}

#[rstest]
#[case("update: {x-tegata-client-auth: post}", true)]
#[case("update: {x-tegata-prefix: 'SSWS '}", true)]
#[case("update: {x-tegata-refusal: {statuses: [401]}}", true)]
#[case("update: {x-tegata-secret: true}", true)]
#[case(
    "update: {securitySchemes: {login: {type: oauth2, x-tegata-pkce: false}}}",
    true
)]
#[case(
    "update: {components: {securitySchemes: {login: {x-tegata-lifetime: 5}}}}",
    true
)]
#[case("update: [{login: []}]", true)]
#[case("update: text", true)]
#[case("remove: true", true)]
#[case("copy: $.a", true)]
#[case("update: {x-tegata-client-auth: bearer}", false)]
#[case("update: {x-tegata-clientauth: post}", false)]
#[case(
    "update: {components: {securitySchemes: {login: {x-tegata-lifetime: long}}}}",
    false
)]
fn an_overlay_is_held_against_it(#[case] action: &str, #[case] is_right: bool) {
    let schema = Schema::new();
    for version in ["1.0.0", "1.1.0"] {
        let text = format!(
            "overlay: {version}\ninfo: {{title: o, version: '1'}}\nactions:\n  - target: $.a\n    {action}\n"
        );
        let taken = schema.takes(&text);
        assert_eq!(taken.is_ok(), is_right, "{taken:?}\n{text}");
    }
}

#[test]
fn each_key_has_words_for_the_person_who_writes_it() {
    let schema: Value = serde_json::from_str(&extension_schema()).expect("JSON");
    let mut keys = Vec::new();
    collect(&schema, &mut keys);
    assert!(keys.len() >= 10, "{keys:?}");
    let readme = fs::read_to_string(folder("README.md")).expect("a README");
    for (key, about) in keys {
        assert!(
            about.as_str().is_some_and(|it| it.len() > 20),
            "{key}: {about}"
        );
        assert!(readme.contains(&key), "{key} is not in the README");
    }
}

fn collect(schema: &Value, found: &mut Vec<(String, Value)>) {
    for (name, it) in schema.as_object().into_iter().flatten() {
        if name.starts_with("x-tegata-") && it.is_object() {
            found.push((
                name.clone(),
                it.get("description").cloned().unwrap_or(json!(null)),
            ));
        } else {
            collect(it, found);
        }
    }
}
