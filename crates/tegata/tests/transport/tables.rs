//! What generated tables say about the credentials of a client: which schemes there are, and which requests take none.

use super::*;
use tegata::ClientBuilder;
use tegata::oauth::{App, Server as Authorization};

/// In the same place as `TOKEN`.
const LEGACY: Scheme = Scheme {
    name: "Legacy",
    placement: Placement::Prefixed(&("Token ", Placement::Header("authorization"))),
};
const TWO_IN_ONE: Scheme = Scheme {
    name: "TwoInOne",
    placement: Placement::All(&[KEY, TOKEN, LEGACY]),
};
const KEY_AND_TOKEN: Scheme = Scheme {
    name: "KeyAndToken",
    placement: Placement::All(&[KEY, TOKEN]),
};

const fn operation(id: &'static str, security: &'static [Scheme]) -> Operation {
    Operation {
        id,
        method: "GET",
        path: "/things",
        security,
        token: None,
    }
}

const OPEN_TABLES: Provider = Provider {
    schemes: &[KEY, TOKEN, LEGACY],
    default_security: &[],
    operations: &[
        operation("two_in_one", &[TWO_IN_ONE]),
        operation("two_in_one_or_fewer", &[TWO_IN_ONE, KEY_AND_TOKEN]),
    ],
    refusal: Refusal::statuses(&[401]),
    name: "open",
};

static OPEN: Provider = OPEN_TABLES;

fn open(base: &str) -> ClientBuilder {
    tegata::Client::builder("open", base).generated(&OPEN)
}

fn tokens(server: Authorization) -> tegata::oauth::Tokens {
    let app = App::builder(server, "id", "CANARY").build();
    app.expect("valid").client_credentials()
}

fn token_server() -> Authorization {
    Authorization::new("http://127.0.0.1:9/token")
}

/// With a credential of two schemes.
fn all(client: ClientBuilder) -> ClientBuilder {
    client.key(KEY, "CANARY").key(TOKEN, "CANARY")
}

fn carried(seen: &Seen) -> Vec<&str> {
    let places = ["authorization", "x-api-key"];
    let is_there = |name: &&str| seen.headers.contains_key(*name);
    places.into_iter().filter(is_there).collect()
}

#[rstest]
#[case::no_credential(|client| client)]
#[case::keys(all)]
#[case::tokens(|client: ClientBuilder| client.oauth(tokens(token_server().token_in(TOKEN))))]
#[tokio::test]
async fn an_api_that_takes_no_credential_gets_none(
    #[case] with: fn(ClientBuilder) -> ClientBuilder,
) {
    let server = server([answer(200, "{}"), answer(200, "{}"), answer(200, "{}")]).await;
    let client = with(open(server.base.as_str())).build().expect("valid");
    let sent = client.get("/things").send().await.expect("sent");
    assert_eq!(sent.status(), 200);
    let sent = client.get("/things").send_json::<serde_json::Value>().await;
    sent.expect("sent");
    let request = client.get("/things").build().expect("a request");
    client.execute(request).await.expect("sent");
    for seen in server.seen() {
        assert!(carried(&seen).is_empty(), "{seen:?}");
    }
}

#[tokio::test]
async fn where_none_is_attached_the_caller_may_attach_one() {
    let server = server([answer(200, "{}")]).await;
    let client = all(open(server.base.as_str())).build().expect("valid");
    let request = client.get("/things").header("x-api-key", "OWN");
    request.send().await.expect("sent");
    let seen = &server.seen()[0];
    assert_eq!(carried(seen), ["x-api-key"]);
    assert_eq!(seen.headers["x-api-key"], "OWN");
    let request = client.get("/things").header("host", "other.example");
    let error = request.send().await.expect_err("another server");
    assert!(error.to_string().contains("`Host`"), "{error}");
}

#[tokio::test]
async fn a_refusal_says_that_no_credential_was_sent() {
    let server = server([answer(401, "{}")]).await;
    let client = all(open(server.base.as_str())).build().expect("valid");
    let error = client.get("/things").send().await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::CredentialRejected);
    assert!(error.to_string().contains("none was sent"), "{error}");
    secretless(&error);
}

#[tokio::test]
async fn without_credentials_no_request_leaves_the_origin_either() {
    let server = server([]).await;
    let client = open(server.base.as_str()).build().expect("valid");
    let request = Client::new().get("http://127.0.0.1:9/").build();
    let error = client.execute(request.expect("a request")).await;
    let error = error.expect_err("another origin");
    assert_eq!(error.kind(), ErrorKind::OutOfScope, "{error:?}");
}

#[rstest]
#[case::key_and_key(open("https://h").key(KEY, "CANARY").key(KEY, "CANARY"), "ApiKey")]
#[case::key_and_pair(open("https://h").key(KEY, "CANARY").key_pair(KEY, "CANARY", "CANARY"), "ApiKey")]
#[case::token_and_tokens(
    open("https://h").key(TOKEN, "CANARY").oauth(tokens(token_server().token_in(TOKEN))),
    "Token"
)]
#[case::tokens_and_token(
    open("https://h").oauth(tokens(token_server().token_in(TOKEN))).key(TOKEN, "CANARY"),
    "Token"
)]
#[test]
fn two_credentials_of_one_scheme_are_refused(#[case] client: ClientBuilder, #[case] scheme: &str) {
    let error = client.build().expect_err("two");
    let shown = error.to_string();
    let is_named = shown.contains(&format!("`{scheme}`")) && shown.contains("give one of them");
    assert!(error.is_configuration() && is_named, "{shown}");
    secretless(&error);
}

#[rstest]
#[case::tokens(open("https://h").oauth(tokens(token_server())), "OAuth2")]
#[case::bearer(open("https://h").bearer("CANARY"), "authorization")]
#[case::beside(all(open("https://h")).key(QUERY, "CANARY"), "Query")]
#[test]
fn a_credential_of_an_unknown_scheme_is_refused(
    #[case] client: ClientBuilder,
    #[case] scheme: &str,
) {
    let error = client.build().expect_err("not in the tables");
    let shown = error.to_string();
    for part in [
        &format!("`{scheme}`"),
        "`Server::token_in`",
        "`ApiKey`, `Token`",
    ] {
        assert!(shown.contains(part), "{shown}");
    }
    assert!(error.is_configuration(), "{error:?}");
    secretless(&error);
}

#[test]
fn of_many_schemes_a_message_names_ten() {
    static MANY: Provider = Provider {
        schemes: &[KEY; 12],
        ..OPEN_TABLES
    };
    let client = tegata::Client::builder("many", "https://h").generated(&MANY);
    let error = client.bearer("CANARY").build().expect_err("unknown");
    let shown = error.to_string();
    assert_eq!(shown.matches("`ApiKey`").count(), 10, "{shown}");
    assert!(shown.ends_with("2 more"), "{shown}");
}

#[tokio::test]
async fn two_credentials_in_one_place_are_not_sent() {
    let server = server([answer(200, "{}")]).await;
    let client = all(open(server.base.as_str())).key(LEGACY, "CANARY");
    let client = client.build().expect("an operation may take one of them");
    let call = async |id| {
        let request = client
            .transport()
            .http_client()
            .get(format!("{}/things", server.base));
        let request = request.build().expect("a request");
        let answer = execute(client.transport(), request, &OPEN, id).await;
        finish::<(), ()>(Err(UnexpectedResponse(answer.expect("carried"))))
    };
    let error = call("two_in_one").await.expect_err("not sent");
    let shown = error.to_string();
    for part in ["Token and Legacy", "(authorization)", "`security`"] {
        assert!(shown.contains(part), "{shown}");
    }
    assert!(error.is_configuration() && server.seen().is_empty());
    secretless(&error);
    // An alternative that can be sent is.
    drop(call("two_in_one_or_fewer").await);
    assert_eq!(server.seen()[0].headers["authorization"], "Bearer CANARY");
}
