//! The client that is made of a document's schemes: which credential each request carries, and how tokens are renewed.

use std::time::Duration;

use rstest::rstest;
use tegata::oauth::{App, ClientAuth, Server};
use tegata::{ErrorKind, ManualClock};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::credentials::api::security::{self, devices_server, login_server};
use crate::credentials::{Client, ClientBuilder};
use crate::wire::{DONE, Received, answer, receive};

/// A server with these answers, one for each request, and the requests that it gets.
pub(crate) async fn serve(answers: Vec<String>) -> (String, JoinHandle<Vec<Received>>) {
    serve_at(|_| answers).await
}

/// The same for answers with the server's URL in them.
pub(crate) async fn serve_at(
    answers: impl FnOnce(&str) -> Vec<String>,
) -> (String, JoinHandle<Vec<Received>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let answers = answers(&url);
    let requests = tokio::spawn(async move {
        let mut requests = Vec::new();
        for answer in answers {
            let (stream, _) = listener.accept().await.expect("a connection");
            requests.push(receive(stream, &answer).await);
        }
        requests
    });
    (url, requests)
}

pub(crate) async fn all(requests: JoinHandle<Vec<Received>>) -> Vec<Received> {
    let limit = Duration::from_secs(20);
    let requests = tokio::time::timeout(limit, requests).await;
    requests.expect("all were sent").expect("received")
}

fn of_all(client: ClientBuilder) -> ClientBuilder {
    client
        .app_id("ID")
        .app_key("KEY")
        .old("OLD")
        .session("SID")
        .signed("SIGN")
        .user("u", "p")
        .login_access_token("LOGIN")
}

#[rstest]
#[case("items", "get /items ", &["authorization: bearer login"])]
#[case("both", "get /both ", &["x-app-id: id", "x-app-key: key"])]
#[case("either", "get /either ", &["authorization: token token=old"])]
#[case("perhaps", "get /perhaps ", &["cookie: sid=sid"])]
#[case("signed", "get /signed?signature=sign ", &["authorization: bearer login"])]
#[case("public", "get /public ", &[])]
#[case("clash", "get /clash ", &["x-app-id: id"])]
#[case("certified", "get /certified ", &["x-app-id: id"])]
#[case("said twice", "get /said-twice?signature=sign ", &["authorization: bearer login", "cookie: sid=sid", "x-app-id: id"])]
#[case("other", "get /of-another-scheme ", &["x-app-id: id"])]
#[case("own", "post /own-credential?signature=own ", &["authorization: own", "x-app-key: own"])]
#[case("certified or none", "get /certified-or-none ", &[])]
#[case("upload", "post /upload ", &["x-app-id: id"])]
#[tokio::test]
async fn a_request_carries_what_its_operation_takes_and_no_more(
    #[case] operation: &str,
    #[case] line: &str,
    #[case] expected: &[&str],
) {
    let (url, requests) = serve(vec![DONE.to_owned()]).await;
    let client = of_all(Client::builder(&url)).build().expect("valid");
    let api = client.api();
    let sent = match operation {
        "items" => api.items().await,
        "both" => api.both().await,
        "either" => api.either().await,
        "perhaps" => api.perhaps().await,
        "signed" => api.signed().await,
        "public" => api.public().await,
        "clash" => api.clash().await,
        "certified" => api.certified().await,
        "said twice" => api.said_twice().await,
        "other" => api.of_another_scheme().await,
        "own" => {
            let own = "OWN".into();
            api.own_credential("OWN", &own, "OWN", Some(&own), None, None)
                .await
        }
        "certified or none" => api.certified_or_none().await,
        _ => {
            let there = client.shared().at(&url).expect("a URL");
            let upload =
                crate::credentials::api::UploadExampleComOperations::new(there.transport().clone());
            upload.upload().await
        }
    };
    sent.expect("sent");
    let requests = all(requests).await;
    let head = &requests[0].head;
    assert!(head.starts_with(line), "{head}");
    let places = ["authorization: ", "x-app-", "cookie: "];
    let mut carried: Vec<&str> = head
        .lines()
        .filter(|line| places.iter().any(|place| line.starts_with(place)))
        .collect();
    carried.sort_unstable();
    assert_eq!(carried, expected);
}

#[rstest]
#[case(Client::builder("http://127.0.0.1:9").user("u", "p"), "dTpw")]
#[case(Client::builder("http://127.0.0.1:9").build_credential("CI"), "Bearer CI")]
#[tokio::test]
async fn the_alternative_that_the_client_has_is_sent(
    #[case] client: ClientBuilder,
    #[case] expected: &str,
) {
    let (url, requests) = serve(vec![DONE.to_owned(), DONE.to_owned()]).await;
    let client = client.base_url(url).build().expect("valid");
    client.api().either().await.expect("sent");
    // One that works without a credential does not need any.
    client.api().perhaps().await.expect("sent");
    let requests = all(requests).await;
    let expected = expected.to_lowercase();
    assert!(requests[0].head.contains(&expected), "{}", requests[0].head);
    assert!(
        !requests[1].head.contains("authorization"),
        "{}",
        requests[1].head
    );
}

#[tokio::test]
async fn a_call_without_its_credential_is_not_sent() {
    let client = Client::builder("http://127.0.0.1:9").app_id("CANARY");
    let client = client.build().expect("valid");
    let error = client.api().both().await.expect_err("one is missing");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let shown = format!("{error} {error:?} {client:?}");
    assert!(
        shown.contains("app-id and app-key") && !shown.contains("CANARY"),
        "{shown}"
    );
    let none = Client::builder("http://127.0.0.1:9").build();
    let error = none.expect("public operations").api().items().await;
    let error = error.expect_err("it needs a token").to_string();
    assert!(error.contains("login"), "{error}");
}

/// Without its credential it would be a request of another kind than the document has.
#[rstest]
#[case("certificate", "certificate, which cannot be attached")]
#[case(
    "digest",
    "digest, which cannot be attached or certificate, which cannot be attached"
)]
#[case("place", "user and build, which cannot be attached together")]
#[tokio::test]
async fn a_call_whose_credential_cannot_be_attached_is_not_sent(
    #[case] operation: &str,
    #[case] expected: &str,
) {
    let clients = [
        Client::builder("http://127.0.0.1:9"),
        of_all(Client::builder("http://127.0.0.1:9")),
    ];
    for client in clients {
        let api = client.build().expect("valid").api();
        let sent = match operation {
            "certificate" => api.certificate_only().await,
            "digest" => api.digest_only().await,
            _ => api.one_place().await,
        };
        let error = sent.expect_err("it cannot be sent");
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn tokens_are_got_as_the_overlay_says_and_renewed_in_time() {
    let token = |text: &str, rest: &str| {
        let body = format!("{{\"accessToken\":{text:?}{rest}}}");
        answer("200 OK", "application/json", &body)
    };
    let refused = "HTTP/1.1 419 Gone\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let answers = [
        token("FIRST", ",\"expiresIn\":600"),
        DONE.to_owned(),
        token("SECOND", ""),
        DONE.to_owned(),
        refused.to_owned(),
        token("THIRD", ""),
        DONE.to_owned(),
    ];
    let (url, requests) = serve(answers.into()).await;
    let clock = ManualClock::default();
    let server = login_server(format!("{url}/v1")).scopes(["items:read", "items:write"]);
    let app = App::builder(server, "client", "CANARY")
        .build()
        .expect("valid");
    let client = Client::builder(format!("{url}/v1"))
        .login(app.client_credentials())
        .clock(clock.clone())
        .build()
        .expect("valid");
    client.api().items().await.expect("sent");
    clock.advance(Duration::from_secs(601));
    client.api().items().await.expect("renewed");
    client.api().items().await.expect("sent once more");
    let requests = all(requests).await;
    let lines: Vec<&str> = requests.iter().map(|it| it.line.as_str()).collect();
    let (token, call) = ("POST /oauth/token HTTP/1.1", "GET /v1/items HTTP/1.1");
    assert_eq!(lines, [token, call, token, call, call, token, call]);
    let body: serde_json::Value = serde_json::from_str(&requests[0].body).expect("JSON");
    let expected = serde_json::json!({
        "grant_type": "client_credentials",
        "client_id": "client",
        "client_secret": "CANARY",
        "scope": "items:read,items:write",
        "audience": "https://api.example.com",
    });
    assert_eq!(body, expected);
    for (at, text) in [(1, "first"), (3, "second"), (4, "second"), (6, "third")] {
        let expected = format!("authorization: bearer {text}");
        assert!(requests[at].head.contains(&expected), "{at}");
    }
    assert!(!format!("{client:?} {app:?}").contains("CANARY"));
}

/// The document has no flow that this library has, but its tokens are tokens.
#[tokio::test]
async fn tokens_of_a_server_described_by_hand_are_renewed() {
    let answers = [
        answer(
            "200 OK",
            "application/json",
            r#"{"access_token":"BY-HAND"}"#,
        ),
        DONE.to_owned(),
    ];
    let (url, requests) = serve(answers.into()).await;
    let server = Server::new(format!("{url}/token")).token_in(security::SSO);
    let app = App::builder(server, "client", "secret").build();
    let tokens = app.expect("valid").client_credentials();
    let client = Client::builder(&url).sso(tokens).build().expect("valid");
    client.api().scoped().await.expect("sent");
    let requests = all(requests).await;
    let head = &requests[1].head;
    assert!(head.contains("authorization: bearer by-hand"), "{head}");
}

#[test]
fn a_server_is_described_as_far_as_the_document_does() {
    let server = devices_server(ClientAuth::Public);
    App::public(server, "client").build().expect("valid");
    let server = login_server("https://acme.example.com/v1");
    let app = App::builder(server, "client", "secret").redirect_uri("https://app.example.com/");
    let login = app.build().expect("valid").authorize().expect("a URL");
    let url = login.url().as_str();
    let start = "https://acme.example.com/oauth/authorize?response_type=code&client_id=client";
    assert!(url.starts_with(start), "{url}");
    assert_eq!(security::PROVIDER.default_security, [security::LOGIN]);
}

#[test]
fn the_scopes_of_operations_are_known() {
    use security::{APP_ID, LOGIN, PROVIDER, SSO, scopes_of};
    let of = |scheme, operations: &[&str]| scopes_of(scheme, operations.iter().copied());
    let scoped = of(LOGIN, &["scoped", "items"]).expect("known");
    assert_eq!(scoped, ["items:read", "items:write"]);
    assert_eq!(of(SSO, &["scoped"]).expect("known"), ["openid"]);
    assert!(of(APP_ID, &["scoped"]).expect("known").is_empty());
    let all = scopes_of(LOGIN, PROVIDER.operations.iter().map(|it| it.id));
    assert_eq!(all.expect("known"), ["items:read", "items:write", "a"]);
    assert!(
        of(LOGIN, &["scooped"])
            .expect_err("misspelt")
            .is_configuration()
    );
    let server = login_server("https://api.example.com").scopes(scoped);
    let app = App::builder(server, "id", "secret").redirect_uri("https://app.example.com/");
    let login = app.build().expect("valid").authorize().expect("starts");
    let asked = login.url().query_pairs().find(|(name, _)| name == "scope");
    assert_eq!(asked.expect("a scope").1, "items:read,items:write");
}
