//! What several documents say of one thing, and what becomes of it in the one crate.

use std::fs;
use std::path::PathBuf;

use rstest::rstest;
use tegata_gen::{Error, Options, Package, documents_in, generate_together};

const PING: &str = "{/ping: {get: {operationId: ping, responses: {'204': {description: ok}}}}}";

/// A crate of documents with these members, besides those that each has; the texts that begin with `overlay` are overlays.
fn joined(documents: &[&str]) -> Result<Package, Error> {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut paths, mut options) = (Vec::new(), Options::default());
    options.tag_features = true;
    for (number, text) in documents.iter().enumerate() {
        let path = folder.path().join(format!("part{number}.yaml"));
        if text.starts_with("overlay") {
            fs::write(&path, text).expect("written");
            options.overlays.push(path);
        } else {
            let head = "openapi: 3.0.3\ninfo: {title: API, version: '1'}\n";
            fs::write(&path, format!("{head}{text}")).expect("written");
            paths.push(path);
        }
    }
    generate_together(&paths, &options)
}

fn of_schemas(path: &str, schema: &str, schemas: &str) -> String {
    let content =
        format!("{{application/json: {{schema: {{$ref: '#/components/schemas/{schema}'}}}}}}");
    format!(
        "paths: {{/{path}: {{get: {{operationId: {path}, responses: {{'200': {{description: ok, content: {content}}}}}}}}}}}\n\
         components: {{schemas: {schemas}}}\n"
    )
}

/// Names of the types of a crate.
fn types(package: &Package) -> Vec<String> {
    let code = &package.files["src/generated/client.rs"];
    let starts = code.split("\n    pub struct ").skip(1);
    let name = |it: &str| {
        it.split([' ', '(', ';'])
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    starts.map(name).collect()
}

#[rstest]
#[case("{A: {type: object, properties: {a: {type: string}}}}", &["A"])]
#[case("{A: {properties: {a: {description: other, type: string}}, type: object, title: other}}", &["A"])]
#[case("{A: {type: object, properties: {a: {type: integer}}}}", &["A", "A2"])]
#[case("{A: {type: object, required: [a], properties: {a: {type: string}}}}", &["A", "A2"])]
fn schemas_are_one_type_if_they_say_the_same(#[case] second: &str, #[case] expected: &[&str]) {
    let first = "{A: {type: object, properties: {a: {type: string}}}}";
    let made = joined(&[
        &of_schemas("one", "A", first),
        &of_schemas("two", "A", second),
    ]);
    assert_eq!(types(&made.expect("a crate")), expected);
}

/// What differs is at the end of a chain that leads back to its start: nothing on it is the same type.
#[rstest]
#[case("string", &["A", "B", "C"])]
#[case("integer", &["A", "A2", "B", "B2", "C", "C2"])]
fn a_schema_is_another_if_one_that_it_refers_to_is(#[case] last: &str, #[case] expected: &[&str]) {
    let chain = |last: &str| {
        let to = |name: &str| format!("{{$ref: '#/components/schemas/{name}'}}");
        format!(
            "{{A: {{type: object, properties: {{b: {}}}}}, B: {{type: object, properties: {{c: {}}}}}, \
             C: {{type: object, properties: {{a: {}, last: {{type: {last}}}}}}}}}",
            to("B"),
            to("C"),
            to("A")
        )
    };
    let one = of_schemas("one", "A", &chain("string"));
    let other = of_schemas("two", "B", &chain(last));
    assert_eq!(types(&joined(&[&one, &other]).expect("a crate")), expected);
}

#[test]
fn a_name_that_is_made_up_is_no_later_documents_own() {
    let schema = |name: &str, kind: &str| {
        format!("{{{name}: {{type: object, properties: {{a: {{type: {kind}}}}}}}}}")
    };
    let all = [
        of_schemas("one", "A", &schema("A", "string")),
        of_schemas("two", "A", &schema("A", "integer")),
        of_schemas("three", "A2", &schema("A2", "boolean")),
    ];
    let made = joined(&all.each_ref().map(String::as_str)).expect("a crate");
    let code = &made.files["src/generated/client.rs"];
    let field = |name: &str| {
        code.split(&format!("pub struct {name} {{"))
            .nth(1)
            .and_then(|it| it.split('}').next())
    };
    assert!(field("A2").is_some_and(|it| it.contains("bool")), "{code}");
    assert!(field("A3").is_some_and(|it| it.contains("i64")), "{code}");
}

#[test]
fn a_variant_with_another_name_keeps_its_value() {
    let union = "{Pet: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}], \
                 discriminator: {propertyName: kind}}, \
                 Cat: {type: object, required: [kind], properties: {kind: {type: string}, lives: {type: integer}}}, \
                 Dog: {type: object, required: [kind], properties: {kind: {type: string}, barks: {type: boolean}}}}";
    let other = "{Cat: {type: object, properties: {name: {type: string}}}}";
    let made = joined(&[
        &of_schemas("one", "Cat", other),
        &of_schemas("two", "Pet", union),
    ]);
    let code = &made.expect("a crate").files["src/generated/client.rs"];
    let union = code.split("pub enum Pet {").nth(1).unwrap_or_default();
    assert!(union.trim_start().starts_with("Cat {"), "{code}");
}

#[test]
fn an_operation_of_two_documents_has_one_method() {
    let document = |server: &str| format!("servers: [{{url: '{server}'}}]\npaths: {PING}\n");
    let same = joined(&[
        &document("https://a.example"),
        &document("https://a.example/"),
    ])
    .expect("a crate");
    assert_eq!(
        (
            same.report.operations,
            same.report.changes["same-operation"].count
        ),
        (1, 1)
    );
    let apart = joined(&[
        &document("https://a.example"),
        &document("https://b.example"),
    ])
    .expect("a crate");
    assert_eq!(apart.report.typed, 2);
    let security = &apart.files["src/generated/security.rs"];
    assert_eq!(security.matches("path: \"/ping\"").count(), 2, "{security}");
}

#[test]
fn paths_are_below_what_the_servers_have_in_common() {
    let document = |path: &str, more: &str| {
        format!(
            "servers: [{{url: 'https://a.example/{path}'}}]\npaths: {{/x: {{get: {{{more} responses: {{'204': {{description: ok}}}}}}}}}}\n"
        )
    };
    let own = "servers: [{url: 'https://c.example'}],";
    let made = joined(&[&document("v1/one", ""), &document("v1/two", own)]).expect("a crate");
    let security = &made.files["src/generated/security.rs"];
    assert!(
        security.contains("&[\"https://a.example/v1\", \"https://c.example\"]"),
        "{security}"
    );
    assert!(
        security.contains("path: \"/one/x\"") && security.contains("path: \"/x\""),
        "{security}"
    );
}

#[test]
fn what_a_document_takes_is_taken_by_its_operations_alone() {
    let scheme = "components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}}\nsecurity: [{key: []}]\n";
    let open =
        "paths: {/open: {get: {operationId: open, responses: {'204': {description: ok}}}}}\n";
    let made = joined(&[&format!("paths: {PING}\n{scheme}"), open]).expect("a crate");
    let security = &made.files["src/generated/security.rs"];
    let of = |id: &str| {
        security
            .split(&format!("id: \"{id}\""))
            .nth(1)
            .and_then(|it| it.split('}').next())
    };
    assert!(
        of("ping").is_some_and(|it| it.contains("security: &[KEY]")),
        "{security}"
    );
    assert!(
        of("open").is_some_and(|it| it.contains("security: &[]")),
        "{security}"
    );
}

#[test]
fn an_overlay_without_extends_changes_all_documents_as_one() {
    let overlay = "overlay: 1.0.0\ninfo: {title: O, version: '1'}\nactions:\n  - target: $\n    update: {security: [{key: []}], \
                   components: {securitySchemes: {key: {type: http, scheme: bearer}}}}\n";
    let open =
        "paths: {/open: {get: {operationId: open, responses: {'204': {description: ok}}}}}\n";
    let made = joined(&[&format!("paths: {PING}\n"), open, overlay]).expect("a crate");
    let security = &made.files["src/generated/security.rs"];
    assert_eq!(
        security
            .matches("security: &[KEY],\n            token")
            .count(),
        2,
        "{security}"
    );
}

#[rstest]
#[case(&["x-tegata-refusal: {statuses: [401]}", "x-tegata-refusal: {statuses: [403]}"], "`x-tegata-refusal` differs", "part1.yaml:4")]
#[case(&["x-tegata-refusals: {}", ""], "x-tegata-refusals", "part0.yaml:4")]
#[case(&["", "overlay: 1.0.0\nextends: other.yaml\nactions: []"], "names none of the documents", "part1.yaml:2")]
fn documents_that_contradict_each_other_are_an_error(
    #[case] parts: &[&str],
    #[case] what: &str,
    #[case] place: &str,
) {
    let paths = |it: &&str| {
        if it.starts_with("overlay") {
            (*it).to_owned()
        } else {
            format!("paths: {PING}\n{it}\n")
        }
    };
    let mut all: Vec<String> = parts.iter().map(paths).collect();
    all.push(format!("paths: {PING}\n"));
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let error = joined(&all).expect_err("no crate").to_string();
    assert!(error.contains(what) && error.contains(place), "{error}");
}

#[test]
fn a_document_is_given_once_and_a_folder_has_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let error = documents_in(folder.path()).expect_err("empty").to_string();
    assert!(error.contains("has no OpenAPI document"), "{error}");
    let text = format!("openapi: 3.0.3\ninfo: {{title: API, version: '1'}}\npaths: {PING}\n");
    fs::write(path("b.yaml"), &text).expect("written");
    fs::write(path("a.yml"), &text).expect("written");
    fs::write(path("schema.json"), "{\"description\": \"of openapi\"}").expect("written");
    fs::write(path("openapi.txt"), &text).expect("written");
    let found = documents_in(folder.path()).expect("documents");
    assert_eq!(found, [path("a.yml"), path("b.yaml")]);
    let twice: Vec<PathBuf> = vec![path("a.yml"), path("b.yaml"), path("a.yml")];
    let error = generate_together(&twice, &Options::default())
        .expect_err("twice")
        .to_string();
    assert!(error.contains("a.yml is given twice"), "{error}");
}

#[test]
fn features_have_names_of_their_own() {
    let one = "{get: {operationId: one, tags: [All, http, 'A (new)'], responses: {'204': {description: ok}}}}";
    let two = "{get: {operationId: two, tags: [a new, '\"]\\n[x'], responses: {'204': {description: ok}}}}";
    let made = joined(&[
        &format!("paths: {{/one: {one}}}\n"),
        &format!("paths: {{/two: {two}}}\n"),
    ]);
    let manifest = &made.expect("a crate").files["Cargo.toml"];
    for it in [
        "\"all2\" = []",
        "\"http2\" = []",
        "\"a-new\" = []",
        "\"a-new2\" = []",
        "\"n-x\" = []",
    ] {
        assert!(manifest.contains(it), "{it} of {manifest}");
    }
}

fn secured(host: &str, path: &str, scheme: &str) -> String {
    format!(
        "servers: [{{url: '{host}'}}]\nsecurity: [{{login: []}}]\n\
         paths: {{/{path}: {{get: {{operationId: {path}, responses: {{'204': {{description: ok}}}}}}}}}}\n\
         components: {{securitySchemes: {{login: {scheme}}}}}\n"
    )
}

const LOGIN: &str =
    "{type: oauth2, flows: {clientCredentials: {tokenUrl: /oauth/token, scopes: {}}}}";

#[test]
fn a_token_endpoint_is_that_of_its_own_documents_server() {
    let made = joined(&[
        &secured("https://a.example.com", "one", LOGIN),
        &secured("https://b.example.com/v1", "two", LOGIN),
    ]);
    let code = &made.expect("a crate").files["src/generated/security.rs"];
    for url in [
        "https://a.example.com/oauth/token",
        "https://b.example.com/oauth/token",
    ] {
        assert!(code.contains(url), "{url}: {code}");
    }
    let one_host = joined(&[
        &secured("https://a.example.com/v1", "one", LOGIN),
        &secured("https://a.example.com/v2", "two", LOGIN),
    ]);
    let code = &one_host.expect("a crate").files["src/generated/security.rs"];
    assert_eq!(code.matches("/oauth/token").count(), 1, "{code}");
}

#[rstest]
#[case::a_scheme_of_another(
    "servers: [{url: 'https://a.example.com'}]\nsecurity: [{login: []}]\npaths: {}\n",
    "`security` names `login`, which is no scheme of this document"
)]
#[case::a_server_of_another("paths: {}\n", "names no server")]
#[case::variables(
    &secured("https://{h}.example.com", "one", LOGIN),
    "relative to a server with variables"
)]
#[case::refusals(
    "x-tegata-refusal: {statuses: [403]}\nservers: [{url: 'https://a.example.com'}]\npaths: {}\n",
    "`x-tegata-refusal` is not said for"
)]
fn what_would_be_taken_from_another_document_is_an_error(#[case] first: &str, #[case] said: &str) {
    let made = joined(&[first, &secured("https://b.example.com", "two", LOGIN)]);
    let error = made
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default();
    assert!(error.contains(said), "{error}");
    assert!(error.contains("extends"), "how to fix it: {error}");
}

/// Requests that no operation makes go to the first document's server, so they take what its operations take.
#[test]
fn other_requests_have_the_credential_of_the_servers_operations() {
    let key = |name: &str| format!("{{type: apiKey, in: header, name: {name}}}");
    let first = secured("https://a.example.com", "one", &key("X-A"));
    let more = secured("https://b.example.com", "two", &key("X-B"));
    let more = more.replace(
        "paths: {",
        "paths: {/three: {get: {operationId: three, responses: {'204': {description: ok}}}}, ",
    );
    let made = joined(&[&first, &more]).expect("a crate");
    let code = &made.files["src/generated/security.rs"];
    let default = code.split("default_security").nth(1).expect("a default");
    let default = default.lines().take(3).collect::<String>();
    assert!(
        default.contains("LOGIN") && !default.contains("LOGIN2"),
        "{default}"
    );
}

#[test]
fn the_same_words_about_different_files_are_two_operations() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut paths = Vec::new();
    for (name, kind) in [("x", "string"), ("y", "integer")] {
        let folder = folder.path().join(name);
        fs::create_dir(&folder).expect("made");
        let answer = format!(
            "r: {{description: ok, content: {{application/json: {{schema: {{type: object, properties: {{of: {{type: {kind}}}}}}}}}}}}}\n"
        );
        fs::write(folder.join("common.yaml"), answer).expect("written");
        let text = "openapi: 3.0.3\ninfo: {title: API, version: '1'}\nservers: [{url: 'https://a.example.com'}]\n\
            paths: {/d: {get: {operationId: d, responses: {'200': {$ref: 'common.yaml#/r'}}}}}\n";
        let path = folder.join(format!("{name}.yaml"));
        fs::write(&path, text).expect("written");
        paths.push(path);
    }
    let options = Options {
        root: Some(folder.path().to_owned()),
        ..Options::default()
    };
    let made = generate_together(&paths, &options).expect("a crate");
    assert_eq!(made.report.operations, 2);
}
