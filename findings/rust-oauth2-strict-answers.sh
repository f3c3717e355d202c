#!/usr/bin/env bash
# Token answers that most clients take, and the Rust crate oauth2 does not.
#
# Versions: crate oauth2 5.0.0 (its newest), without its HTTP clients: the answers are given to it directly.
#           The crate's own BasicTokenResponse, which its manual and most users take.
# Seen:     the table at the end.
# Surprise: the status has to be exactly 200: a good token with 201 is read as an *error* answer, so that the
#           caller sees "missing field `error`" and not the token. expires_in as "3600", 3600.0 or -1, no
#           token_type, and a member sent twice lose the token as well; null for expires_in does not, and ""
#           is a refresh token like any other. A 500 with an error code comes as the same ServerResponse as
#           the 400 that ends a login.
# Meaning:  a parse error after a refresh may mean that a rotated token has just been thrown away. A client
#           must take what carries a usable access_token, and decide on "final" by status and code together.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo "$(cargo --version), crate oauth2 5.0.0"
mkdir -p probe/src
cat >probe/Cargo.toml <<'TOML'
[package]
name = "probe"
version = "0.0.0"
edition = "2021"

[dependencies]
oauth2 = { version = "=5.0.0", default-features = false }

[workspace]
TOML
cat >probe/src/main.rs <<'RUST'
use oauth2::basic::BasicClient;
use oauth2::{
    http, ClientId, ClientSecret, HttpRequest, HttpResponse, RefreshToken, RequestTokenError, TokenResponse, TokenUrl,
};

const CASES: [(&str, u16, &str); 11] = [
    ("as usual", 200, r#"{"access_token":"a","token_type":"Bearer","expires_in":3600}"#),
    ("status 201", 201, r#"{"access_token":"a","token_type":"Bearer","expires_in":3600}"#),
    ("expires_in \"3600\"", 200, r#"{"access_token":"a","token_type":"Bearer","expires_in":"3600"}"#),
    ("expires_in 3600.0", 200, r#"{"access_token":"a","token_type":"Bearer","expires_in":3600.0}"#),
    ("expires_in -1", 200, r#"{"access_token":"a","token_type":"Bearer","expires_in":-1}"#),
    ("expires_in null", 200, r#"{"access_token":"a","token_type":"Bearer","expires_in":null}"#),
    ("no token_type", 200, r#"{"access_token":"a","expires_in":3600}"#),
    ("token_type twice", 200, r#"{"access_token":"a","token_type":"Bearer","token_type":"Bearer"}"#),
    ("refresh_token \"\"", 200, r#"{"access_token":"a","token_type":"Bearer","refresh_token":""}"#),
    ("refusal, 400", 400, r#"{"error":"invalid_grant"}"#),
    ("refusal, 500", 500, r#"{"error":"invalid_grant"}"#),
];

fn main() {
    for (case, status, body) in CASES {
        let client = BasicClient::new(ClientId::new("app".to_owned()))
            .set_client_secret(ClientSecret::new("pass".to_owned()))
            .set_token_uri(TokenUrl::new("http://127.0.0.1/token".to_owned()).expect("a URL"));
        let answer = |_: HttpRequest| -> Result<HttpResponse, std::io::Error> {
            let response = http::Response::builder().status(status).header("content-type", "application/json");
            Ok(response.body(body.as_bytes().to_vec()).expect("a response"))
        };
        let seen = match client.exchange_refresh_token(&RefreshToken::new("r".to_owned())).request(&answer) {
            Ok(token) => match (token.refresh_token(), token.expires_in()) {
                (Some(refresh), _) => format!("token, refresh_token {:?}", refresh.secret()),
                (None, Some(life)) => format!("token for {} s", life.as_secs()),
                (None, None) => "token without an end".to_owned(),
            },
            Err(RequestTokenError::ServerResponse(refusal)) => format!("ServerResponse: {}", refusal.error()),
            Err(RequestTokenError::Parse(error, _)) => {
                let text = error.to_string();
                format!("Parse: {}", text.split(" at line").next().unwrap_or_default())
            }
            Err(error) => format!("other: {error}"),
        };
        println!("{case:20}{seen}");
    }
}
RUST
CARGO_TARGET_DIR="$work/target" timeout 280 cargo build --quiet --manifest-path probe/Cargo.toml
timeout 20 target/debug/probe | tee seen

cat >expected <<'SEEN'
as usual            token for 3600 s
status 201          Parse: missing field `error`
expires_in "3600"   Parse: expires_in: invalid type: string "3600", expected u64
expires_in 3600.0   Parse: expires_in: invalid type: floating point `3600.0`, expected u64
expires_in -1       Parse: expires_in: invalid value: integer `-1`, expected u64
expires_in null     token without an end
no token_type       Parse: missing field `token_type`
token_type twice    Parse: duplicate field `token_type`
refresh_token ""    token, refresh_token ""
refusal, 400        ServerResponse: invalid_grant
refusal, 500        ServerResponse: invalid_grant
SEEN
diff -u expected seen || { echo "changed: the crate no longer behaves as recorded" >&2; exit 1; }
echo "as recorded"
