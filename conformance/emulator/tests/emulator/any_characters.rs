//! Ids and secrets of any characters, in every encoding that is documented or seen.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::json;
use tegata_emulator::{FujitsuAispfClient, JootoClient, MarketoClient};

use crate::support::{FORM, Fields, Loopback, send};

const ODD: [&str; 16] = [
    "plain",
    "with-hyphen_and.dot~",
    "with space",
    " at the ends ",
    "a+b",
    "a%b",
    "100%",
    "a%2Bb",
    "a%20b",
    "a:b",
    "::",
    "a&b=c;d",
    "a/b?c#d",
    "\"quoted\\\"",
    "café",
    "手形",
];

const CALLBACK: &str = "https://app.example.com/callback";

/// Each odd text as an id with a secret that is odd as well, and a different one.
fn clients() -> impl Iterator<Item = (String, String)> {
    let secrets = ODD.iter().rev();
    ODD.iter()
        .zip(secrets)
        .map(|(id, secret)| ((*id).to_owned(), (*secret).to_owned()))
}

fn loopback() -> Loopback {
    Loopback::with(|config| {
        config.fujitsu_aispf.clients = clients()
            .map(|(id, secret)| FujitsuAispfClient::new(id, secret))
            .collect();
        config.jooto.clients = clients()
            .map(|(id, secret)| JootoClient::new(id, secret, CALLBACK))
            .collect();
        config.marketo.clients = clients()
            .map(|(id, secret)| MarketoClient::new(id, secret))
            .collect();
    })
}

fn form_encoded(value: &str) -> String {
    form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

/// Everything escaped, even what need not be, as the strictest libraries do.
fn all_escaped(value: &str) -> String {
    let bytes = value.bytes();
    bytes.fold(String::new(), |encoded, byte| {
        encoded + &format!("%{byte:02X}")
    })
}

async fn v2_status(loopback: &Loopback, joined: String) -> u16 {
    let request = loopback
        .post("/fujitsu-aispf/v2/tokens")
        .header(AUTHORIZATION, format!("Basic {}", STANDARD.encode(joined)));
    send(request).await.status.as_u16()
}

#[tokio::test]
async fn basic_carries_them_form_encoded() {
    let loopback = loopback();
    for (id, secret) in clients() {
        for encode in [form_encoded, all_escaped] {
            let joined = format!("{}:{}", encode(&id), encode(&secret));
            assert_eq!(v2_status(&loopback, joined).await, 200, "{id:?} {secret:?}");
        }
    }
}

#[tokio::test]
async fn basic_carries_them_raw_unless_the_id_holds_a_colon() {
    let loopback = loopback();
    for (id, secret) in clients() {
        let expected = if id.contains(':') { 401 } else { 200 };
        let status = v2_status(&loopback, format!("{id}:{secret}")).await;
        assert_eq!(status, expected, "{id:?} {secret:?}");
    }
}

#[tokio::test]
async fn the_conventional_call_carries_them_in_json() {
    let loopback = loopback();
    for (id, secret) in clients() {
        let request = loopback
            .post("/fujitsu-aispf/v1/tokens")
            .header(CONTENT_TYPE, "application/json")
            .body(json!({ "clientId": id, "clientSecret": secret }).to_string());
        let answer = send(request).await;
        assert_eq!(answer.status.as_u16(), 200, "{id:?} {secret:?}");
    }
}

#[tokio::test]
async fn marketo_carries_them_in_query_and_form() {
    let loopback = loopback();
    let path = "/marketo/identity/oauth/token";
    for (id, secret) in clients() {
        let with_plus = Fields::of(&[
            ("grant_type", "client_credentials"),
            ("client_id", &id),
            ("client_secret", &secret),
        ])
        .encoded();
        let with_percent = with_plus.replace('+', "%20");
        for encoded in [with_plus, with_percent] {
            let form = loopback
                .post(path)
                .header(CONTENT_TYPE, FORM)
                .body(encoded.clone());
            for request in [loopback.get(&format!("{path}?{encoded}")), form] {
                let answer = send(request).await;
                assert_eq!(answer.status.as_u16(), 200, "{id:?} {secret:?}");
            }
        }
    }
}

#[tokio::test]
async fn jooto_carries_them_and_the_state_through_the_whole_code_flow() {
    let loopback = loopback();
    for (id, secret) in clients() {
        let state = &secret;
        let query = Fields::of(&[
            ("client_id", &id),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("state", state),
            ("organization_id", "1"),
        ]);
        let target = format!("/jooto/oauth2/login?{}", query.encoded());
        let answer = send(loopback.get(&target)).await;
        let location = answer.header("location").unwrap_or_default();
        let (_, query) = location.split_once('?').unwrap();
        let members: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let returned = members.iter().find(|(name, _)| name == "state").unwrap();
        assert_eq!(&returned.1, state);
        let (_, code) = members.iter().find(|(name, _)| name == "code").unwrap();

        let form = Fields::of(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", &id),
            ("client_secret", &secret),
            ("redirect_uri", CALLBACK),
        ]);
        let answer = loopback.post_form("/jooto/oauth2/token", &form).await;
        assert_eq!(answer.status.as_u16(), 200, "{id:?} {}", answer.text);
    }
}

#[tokio::test]
async fn a_key_may_hold_what_a_header_can_carry() {
    let key = "k+e/y %=:手形";
    let loopback = Loopback::with(|config| config.jooto.api_keys = vec![key.to_owned()]);
    let request = loopback
        .get("/jooto/organizations")
        .header("X-Jooto-Api-Key", key);
    send(request).await.assert_status(200);
}
