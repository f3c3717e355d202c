//! The outline names what the code really has.

use std::path::PathBuf;

use rstest::rstest;
use tegata_gen::{CredentialPlace, Encoder, Options, Package, generate};

fn package(file: &str, overlay: Option<&str>) -> Package {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/documents");
    let options = Options {
        overlays: overlay.map(|it| folder.join(it)).into_iter().collect(),
        encoder: Encoder::Here,
        ..Options::default()
    };
    generate(&folder.join(file), &options).unwrap_or_else(|error| panic!("{error}"))
}

#[rstest]
#[case("credentials.yaml")]
#[case("names.yaml")]
#[case("parameters.yaml")]
#[case("swagger.json")]
fn every_name_of_the_outline_is_one_of_the_code(#[case] file: &str) {
    let package = package(file, None);
    let text = |file: &str| &package.files[&format!("src/generated/{file}.rs")];
    let has = |file: &str, name: &str, kind: &str| {
        // Some take a body of any type.
        let begins = ["(", "<"].map(|end| format!("pub {kind} {name}{end}"));
        let found = begins.iter().any(|it| text(file).contains(it));
        assert!(found, "{name} is not in {file}.rs");
    };
    for scheme in &package.outline.schemes {
        has("builder", &scheme.method, "fn");
        if let Some(method) = &scheme.access_token {
            has("builder", method, "fn");
        }
        for server in &scheme.servers {
            has("security", &server.function, "fn");
        }
    }
    assert!(!package.outline.operations.is_empty());
    for operation in &package.outline.operations {
        has("operations", &operation.method_name, "async fn");
        let schemes = operation.security.iter().flatten();
        assert!(
            schemes
                .max()
                .is_none_or(|last| *last < package.outline.schemes.len())
        );
    }
    let takes_url = text("builder").contains("pub fn builder(base_url: impl Into<String>)");
    assert_eq!(package.outline.base_url.is_none(), takes_url);
}

#[test]
fn the_outline_says_what_a_program_has_to_give() {
    let bare = package("credentials.yaml", None).outline;
    let login = bare.schemes.iter().find(|it| it.name == "login");
    let login = login.unwrap_or_else(|| panic!("{bare:?}"));
    assert_eq!(login.place, CredentialPlace::Bearer);
    assert_eq!(
        login.servers[0].flows,
        ["authorizationCode", "clientCredentials"]
    );
    assert_eq!(login.servers[0].token_url, "/oauth/token");
    assert_eq!(
        login.servers[0].start_url.as_deref(),
        Some("/oauth/authorize")
    );
    assert!(login.servers[0].takes_base_url && login.servers[0].takes_client_auth);
    let full = package("credentials.yaml", Some("credentials.overlay.yaml")).outline;
    let login = full.schemes.iter().find(|it| it.name == "login");
    assert!(login.is_some_and(|it| !it.servers[0].takes_client_auth));
    let old = full.schemes.iter().find(|it| it.name == "old");
    let old = old.unwrap_or_else(|| panic!("{full:?}"));
    assert_eq!(old.prefix.as_deref(), Some("Token token="));
    assert_eq!(
        old.place,
        CredentialPlace::Header("authorization".to_owned())
    );
}

#[test]
fn an_argument_that_can_be_left_out_is_marked() {
    let outline = package("parameters.yaml", None).outline;
    for (path, marks) in outline
        .operations
        .iter()
        .map(|it| (&it.path, &it.arguments))
    {
        // A parameter of the path is always needed.
        let needed = marks.iter().filter(|is_optional| !**is_optional).count();
        assert!(
            needed >= path.matches('{').count().min(marks.len()),
            "{path} {marks:?}"
        );
    }
    assert!(
        outline
            .operations
            .iter()
            .any(|it| it.arguments.contains(&true))
    );
}
