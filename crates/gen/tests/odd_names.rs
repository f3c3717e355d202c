//! Names and texts of a document are never code.

use rstest::rstest;
use tegata_gen::{Options, generate_from_text};

#[rstest]
#[case("\\n")]
#[case("\\r")]
#[case("\\n*/")]
#[case("\\u202e")]
fn a_name_is_neither_code_nor_the_end_of_a_comment(#[case] end: &str) {
    let odd = format!("odd{end} pub fn canary() {{}}");
    let text = format!(
        r##"{{
          "openapi": "3.0.3", "info": {{"title": "{odd}", "version": "1"}},
          "servers": [{{"url": "https://a.example.com/{odd}"}}],
          "components": {{"securitySchemes": {{
            "{odd}": {{"type": "oauth2", "description": "{odd}", "flows": {{
              "clientCredentials": {{"tokenUrl": "/t", "scopes": {{"{odd}": "{odd}"}}}}, "{odd}": {{}}
            }}}}
          }}}},
          "paths": {{"/{odd}": {{
            "get": {{"operationId": "a", "summary": "{odd}", "security": [{{"{odd}": ["{odd}"]}}], "responses": {{
              "200": {{"description": "ok", "content": {{"{odd}": {{}}}}}}
            }}}},
            "put": {{"operationId": "b", "parameters": [{{"$ref": "#/{odd}"}}], "responses": {{}}}}
          }}}}
        }}"##
    );
    let name = "odd\n pub fn canary() {}\r\u{202e}.json";
    let package = generate_from_text(name, &text, &Options::default()).expect("a crate");
    for (file, text) in package.files {
        // It may be part of a text or of a name, and stands behind a mark of comments elsewhere.
        let is_code = |it: &str| it.trim_start().starts_with("pub fn canary");
        assert!(!text.lines().any(is_code), "{file}: {text}");
        assert!(!text.contains(['\r', '\u{202e}']), "{file}: {text:?}");
    }
}
