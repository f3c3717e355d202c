//! Which server a client calls, and where the caller has to name it.

use rstest::rstest;
use tegata_gen::{Options, Package, generate_from_text};

fn package(server: &str, paths: &str) -> Package {
    let text = format!(
        "openapi: 3.0.3\ninfo: {{title: API, version: '1'}}\nservers: [{{url: '{server}'}}]\npaths: {paths}\n"
    );
    generate_from_text("api.yaml", &text, &Options::default()).expect("valid")
}

const PATHS: &str = "{/a: {get: {responses: {'204': {description: ok}}}}}";

#[rstest]
#[case("https://api.example.com/v1")]
#[case("HTTPS://api.example.com:8443")]
fn a_server_that_can_be_called_is_that_of_the_client(#[case] server: &str) {
    for paths in [PATHS, "{}"] {
        let files = package(server, paths).files;
        let builder = &files["src/generated/builder.rs"];
        assert!(builder.contains("pub fn builder()"), "{builder}");
        let security = &files["src/generated/security.rs"];
        assert!(security.contains(&format!("&[{server:?}]")), "{security}");
    }
}

/// A client refuses such a URL, so one that has no other could not be built.
#[rstest]
#[case("http://api.example.com")]
#[case("ftp://api.example.com")]
#[case("https://user:pass@api.example.com")]
#[case("https://api.example.com/v1?key=1")]
#[case("https://api.example.com/v1#part")]
#[case("https://api.example.com/../v1")]
#[case("https://{tenant}.example.com")]
#[case("http://localhost:8080")]
#[case("/v1")]
fn any_other_server_is_asked_for(#[case] server: &str) {
    let files = package(server, PATHS).files;
    let builder = &files["src/generated/builder.rs"];
    let start = "pub fn builder(base_url: impl Into<String>)";
    assert!(builder.contains(start), "{builder}");
    let example = &files["src/lib.rs"];
    assert!(example.contains("Client::builder(base_url)"), "{example}");
}

#[test]
fn a_server_without_tls_is_named_as_missing() {
    let missing = package("http://api.example.com", PATHS).report.missing;
    let missing = missing.join("\n");
    assert!(missing.contains("`http://api.example.com`"), "{missing}");
}
