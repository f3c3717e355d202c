//! The table of the scopes that operations take.

use rstest::rstest;
use tegata_gen::{Options, generate_from_text};

#[rstest]
#[case("[{login: [read]}]", &["read"])]
#[case("[{login: [read, write]}, {login: [admin]}]", &["read", "write", "admin"])]
#[case("[{login: [read]}, {login: []}]", &[])]
#[case("[{login: [read]}, {}]", &["read"])]
#[case("[{login: []}]", &[])]
#[case("[{key: [read]}]", &[])]
#[case("[]", &[])]
fn it_has_what_a_token_needs(#[case] security: &str, #[case] expected: &[&str]) {
    let text = format!(
        "openapi: 3.0.3\ninfo: {{title: API, version: '1'}}\ncomponents:\n  securitySchemes:\n    login:\n      \
         type: oauth2\n      flows: {{clientCredentials: {{tokenUrl: 'https://a.example/t', scopes: {{}}}}}}\n    \
         key: {{type: apiKey, in: header, name: X-Key}}\npaths:\n  /a:\n    get: {{security: {security}, responses: \
         {{'204': {{description: ok}}}}}}\n"
    );
    let package = generate_from_text("api.yaml", &text, &Options::default()).expect("valid");
    let code = &package.files["src/generated/security.rs"];
    assert_eq!(code.contains("pub fn scopes_of"), !expected.is_empty());
    for scope in ["read", "write", "admin"] {
        let is_there = code.contains(&format!("\"{scope}\""));
        assert_eq!(is_there, expected.contains(&scope), "{scope}: {code}");
    }
}
