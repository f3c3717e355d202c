//! Requests over real HTTP to a scripted server.

mod answers;
mod generated_calls;
mod requests;
mod several;
mod tables;
mod tokens_that_processes_share;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Response, Uri};
use progenitor_client::Error::UnexpectedResponse;
use rstest::rstest;
use tegata::provider::ErrorExt as _;
use tegata::provider::generated::{encode_path, execute, finish};
use tegata::provider::spec::{Operation, Placement, Provider, Refusal, Scheme};
use tegata::provider::{Auth, Authenticator, BaseUrl, BoxFuture, Credential, Transport};
use tegata::reqwest::{self, Client};
use tegata::{BasicEncoding, Error, ErrorKind, HttpClient, RequestBuilder};

const KEY: Scheme = Scheme {
    name: "ApiKey",
    placement: Placement::Header("x-api-key"),
};
const TOKEN: Scheme = Scheme {
    name: "Token",
    placement: Placement::Bearer,
};
const QUERY: Scheme = Scheme {
    name: "Query",
    placement: Placement::Query("access_token"),
};
const BASIC: Scheme = Scheme {
    name: "Basic",
    placement: Placement::Basic,
};

static PROVIDER: Provider = Provider {
    name: "test",
    schemes: &[KEY, TOKEN, QUERY, BASIC],
    default_security: &[KEY, TOKEN, QUERY],
    operations: &[
        Operation {
            id: "open",
            method: "GET",
            path: "/open",
            security: &[],
            token: None,
        },
        Operation {
            id: "label",
            method: "DELETE",
            path: "/boards/{id}/labels/{name}",
            security: &[TOKEN],
            token: None,
        },
        Operation {
            id: "closed",
            method: "GET",
            path: "/closed",
            security: &[TOKEN],
            token: None,
        },
    ],
    refusal: Refusal {
        statuses: &[401],
        body_codes: &["601"],
        transient_codes: &["606"],
        denied_codes: &[],
    },
};

#[derive(Clone, Debug)]
struct Seen {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

/// A loopback server that gives the scripted answers in order, and records the requests.
struct Server {
    base: BaseUrl,
    seen: Arc<Mutex<Vec<Seen>>>,
}

async fn server(answers: impl IntoIterator<Item = Response<Body>>) -> Server {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("bound");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let answers = Arc::new(Mutex::new(answers.into_iter().collect::<VecDeque<_>>()));
    let log = Arc::clone(&seen);
    let handle = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| async move {
        log.lock().expect("not poisoned").push(Seen {
            method,
            uri,
            headers,
            body,
        });
        answers
            .lock()
            .expect("not poisoned")
            .pop_front()
            .expect("more requests than the test foresaw")
    };
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(handle)).await });
    let base = BaseUrl::parse(&format!("http://{address}/base")).expect("a loopback URL");
    Server { base, seen }
}

impl Server {
    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("not poisoned").clone()
    }

    fn transport(&self, auth: Auth) -> Transport {
        let http = HttpClient::new().expect("a client");
        Transport::new(http, self.base.clone(), auth, &PROVIDER)
    }
}

fn answer(status: u16, body: &'static str) -> Response<Body> {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Body::from(body))
        .expect("an answer")
}

fn fixed(scheme: Scheme) -> Auth {
    Auth::fixed(Credential::new(scheme, &"CANARY".into()).expect("valid"))
}

/// Gives out CANARY-0, and CANARY-1 in its place.
struct Two(Scheme);

impl Two {
    fn credential_of(&self, generation: u64) -> Credential {
        let secret = format!("CANARY-{generation}").as_str().into();
        Credential::new(self.0, &secret)
            .expect("valid")
            .with_generation(generation)
    }
}

impl Authenticator for Two {
    fn scheme(&self) -> Scheme {
        self.0
    }
    fn cached(&self) -> Option<Credential> {
        Some(self.credential_of(0))
    }
    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
        Box::pin(async { Ok(self.credential_of(0)) })
    }
    fn replace<'a>(&'a self, refused: &'a Credential) -> BoxFuture<'a, Result<Credential, Error>> {
        Box::pin(async move { Ok(self.credential_of(refused.generation() + 1)) })
    }
}

fn secretless(error: &Error) {
    let mut shown = format!("{error} {error:?} {error:#?}");
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(error) = cause {
        shown = format!("{shown} {error} {error:?}");
        cause = error.source();
    }
    assert!(!shown.contains("CANARY"), "{shown}");
}

#[rstest]
#[case(KEY, "x-api-key", "CANARY")]
#[case(TOKEN, "authorization", "Bearer CANARY")]
#[tokio::test]
async fn a_header_credential_is_attached(
    #[case] scheme: Scheme,
    #[case] header: &str,
    #[case] value: &str,
) {
    let server = server([answer(200, "{}")]).await;
    let transport = server.transport(fixed(scheme));
    let request = transport.request(reqwest::Method::PUT, "/things?x=1");
    request.body("body").send().await.expect("an answer");
    let seen = &server.seen()[0];
    assert_eq!(
        seen.headers.get_all(header).iter().collect::<Vec<_>>(),
        [value]
    );
    assert_eq!(seen.uri, "/base/things?x=1");
    assert_eq!(
        (seen.method.clone(), &seen.body[..]),
        (Method::PUT, &b"body"[..])
    );
}

#[tokio::test]
async fn a_query_credential_is_attached_and_its_url_never_seen_again() {
    let server = server([answer(200, "{}")]).await;
    let transport = server.transport(fixed(QUERY));
    let request = transport.request(reqwest::Method::GET, "/things?x=1");
    let response = request.send().await.expect("an answer");
    assert_eq!(server.seen()[0].uri, "/base/things?x=1&access_token=CANARY");
    assert!(!format!("{response:?}").contains("CANARY"), "{response:?}");
    let response = response.into_reqwest();
    assert!(!format!("{response:?} {}", response.url()).contains("CANARY"));
}

#[tokio::test]
async fn a_refused_credential_is_replaced_once_and_the_body_resent() {
    let server = server([answer(401, "{}"), answer(200, r#"{"ok":1}"#)]).await;
    let transport = server.transport(Auth::custom(Two(KEY)));
    let request = transport
        .request(reqwest::Method::POST, "/things")
        .body("body");
    let response = request.send().await.expect("an answer");
    assert_eq!(response.text().await.expect("whole"), r#"{"ok":1}"#);
    let seen = server.seen();
    let keys: Vec<Vec<_>> = seen
        .iter()
        .map(|s| s.headers.get_all("x-api-key").iter().collect())
        .collect();
    assert_eq!(keys, [["CANARY-0"], ["CANARY-1"]]);
    assert!(
        seen.iter()
            .all(|s| &s.body[..] == b"body" && s.method == Method::POST)
    );
}

#[tokio::test]
async fn a_code_in_a_successful_answer_refuses_too() {
    let refused = r#"{"success":false,"errors":[{"code":"601"}]}"#;
    let server = server([answer(200, refused), answer(200, r#"{"success":true}"#)]).await;
    let transport = server.transport(Auth::custom(Two(TOKEN)));
    let request = transport.request(reqwest::Method::GET, "/things");
    let response = request.send().await.expect("an answer");
    assert_eq!(response.text().await.expect("whole"), r#"{"success":true}"#);
}

#[tokio::test]
async fn two_refusals_end_in_one_error() {
    let body = r#"{"error":"CANARY","error_description":"CANARY"}"#;
    let server = server([answer(401, body), answer(401, body)]).await;
    let transport = server.transport(Auth::custom(Two(KEY)));
    let request = transport.request(reqwest::Method::GET, "/things");
    let error = request.send().await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::CredentialRejected);
    assert_eq!(
        (error.status().map(u16::from), error.code()),
        (Some(401), Some("CANARY"))
    );
    assert_eq!(server.seen().len(), 2);
    secretless(&error);
}

#[tokio::test]
async fn a_key_that_cannot_be_renewed_is_not_tried_twice() {
    let server = server([answer(401, "{}")]).await;
    let transport = server.transport(fixed(KEY));
    let request = transport.request(reqwest::Method::GET, "/things");
    let error = request.send().await.expect_err("refused");
    assert!(error.is_credential_rejected(), "{error:?}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_body_that_cannot_be_replayed_is_not_sent_twice() {
    let server = server([answer(401, "{}"), answer(200, "{}")]).await;
    let transport = server.transport(Auth::custom(Two(KEY)));
    let stream = reqwest::Body::wrap(http_body_util::Full::new(bytes::Bytes::from("body")));
    let request = transport
        .request(reqwest::Method::POST, "/things")
        .body(stream);
    let error = request.send().await.expect_err("cannot be replayed");
    assert_eq!(error.kind(), ErrorKind::NotReplayable, "{error:?}");
    assert_eq!(server.seen().len(), 1);
}

#[rstest]
#[case("http://127.0.0.1:9/base/things", ErrorKind::OutOfScope)]
#[case("https://example.com/base/things", ErrorKind::OutOfScope)]
#[tokio::test]
async fn a_request_to_another_origin_is_not_sent(#[case] url: &str, #[case] kind: ErrorKind) {
    let server = server([]).await;
    let transport = server.transport(fixed(KEY));
    let error = transport
        .execute(Client::new().get(url).build().expect("a request"))
        .await
        .expect_err("refused");
    assert_eq!(error.kind(), kind, "{error:?}");
    assert!(server.seen().is_empty());
}

#[rstest]
#[case("user", None)]
#[case("", Some("CANARY"))]
#[tokio::test]
async fn a_request_with_a_user_or_password_in_its_url_is_not_sent(
    #[case] user: &str,
    #[case] password: Option<&str>,
) {
    let server = server([]).await;
    let transport = server.transport(fixed(KEY));
    let mut url = reqwest::Url::parse(&format!("{}/things", server.base)).expect("a URL");
    url.set_username(user).expect("a host");
    url.set_password(password).expect("a host");
    let request = reqwest::Request::new(reqwest::Method::GET, url);
    let error = transport.execute(request).await.expect_err("refused");
    assert!(error.is_configuration(), "{error:?}");
    secretless(&error);
    assert!(server.seen().is_empty());
}

#[rstest]
#[case::empty("")]
#[case::dot(".")]
#[case::dots("..")]
#[case::encoded("%2e%2E")]
#[case::with_a_slash("../../../CANARY")]
#[case::to_a_sibling("CANARY\\..\\8")]
#[tokio::test]
async fn a_path_parameter_that_leads_elsewhere_is_not_sent(#[case] value: &str) {
    let server = server([]).await;
    let transport = server.transport(fixed(TOKEN));
    let url = format!("{}/boards/7/labels/{}", server.base, encode_path(value));
    let request = Client::new().delete(url).build().expect("a request");
    let answer = execute(&transport, request, &PROVIDER, "label").await;
    let answer = answer.map(UnexpectedResponse::<()>);
    let error = finish::<(), ()>(Err(answer.expect("carried"))).expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::OutOfScope, "{error:?}");
    assert!(error.to_string().contains("`name`"), "{error}");
    secretless(&error);
    assert!(server.seen().is_empty());
}

#[rstest]
#[case("/../admin")]
#[case("/boards/%2e%2e/%2E%2E/admin")]
#[case("/boards//labels")]
#[tokio::test]
async fn no_request_is_made_for_a_path_that_leads_elsewhere(#[case] path: &str) {
    let server = server([]).await;
    let transport = server.transport(fixed(TOKEN));
    let request = transport.request(reqwest::Method::GET, path);
    let error = request.send().await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::OutOfScope, "{error:?}");
}

#[tokio::test]
async fn a_request_beside_the_base_url_is_sent_to_the_same_origin() {
    let server = server([answer(200, "{}")]).await;
    let transport = server.transport(fixed(KEY));
    let url = server.base.as_str().replace("/base", "/elsewhere");
    transport
        .execute(Client::new().get(url).build().expect("a request"))
        .await
        .expect("sent");
    assert_eq!(server.seen()[0].uri, "/elsewhere");
}

#[tokio::test]
async fn an_answer_keeps_a_url_that_cannot_hold_a_secret() {
    let server = server([answer(200, "{}")]).await;
    let transport = server.transport(fixed(KEY));
    let request = transport.request(reqwest::Method::GET, "/things");
    let response = request.send().await.expect("an answer");
    assert_eq!(response.into_reqwest().url().path(), "/base/things");
}

/// Has no other credential, and returns this error.
struct Lone(Error);

impl Authenticator for Lone {
    fn scheme(&self) -> Scheme {
        KEY
    }
    fn cached(&self) -> Option<Credential> {
        Some(Credential::new(KEY, &"CANARY".into()).expect("valid"))
    }
    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
        Box::pin(std::future::ready(Err(self.0.clone())))
    }
    fn replace<'a>(&'a self, _: &'a Credential) -> BoxFuture<'a, Result<Credential, Error>> {
        self.credential()
    }
}

#[rstest]
#[case(
    Error::new(ErrorKind::CredentialRejected, "none"),
    Some(200),
    Some("601")
)]
#[case(Error::new(ErrorKind::CredentialRejected, "none").with_code(Some("own".into())), None, Some("own"))]
#[case(Error::new(ErrorKind::Store, "none"), None, None)]
#[tokio::test]
async fn a_rejection_without_details_gets_those_of_the_refusal(
    #[case] error: Error,
    #[case] status: Option<u16>,
    #[case] code: Option<&str>,
) {
    let refused = r#"{"errors":[{"code":"601"}]}"#;
    let server = server([answer(200, refused)]).await;
    let transport = server.transport(Auth::custom(Lone(error)));
    let request = transport.request(reqwest::Method::GET, "/things");
    let error = request.send().await.expect_err("refused");
    assert_eq!(
        (error.status().map(u16::from), error.code()),
        (status, code),
        "{error:?}"
    );
}

#[rstest]
#[case(|r: RequestBuilder| r.header("X-Api-Key", "CANARY"))]
#[case(|r: RequestBuilder| r.header("authorization", "Bearer CANARY"))]
#[case(|r: RequestBuilder| r.header("AUTHORIZATION", "Basic CANARY"))]
#[case(|r: RequestBuilder| r.query(&[("access_token", "CANARY")]))]
#[tokio::test]
async fn a_request_that_already_carries_a_credential_is_not_sent(
    #[case] with: fn(RequestBuilder) -> RequestBuilder,
    #[values(KEY, TOKEN, QUERY)] scheme: Scheme,
) {
    let server = server([]).await;
    let transport = server.transport(fixed(scheme));
    let request = with(transport.request(reqwest::Method::GET, "/things"));
    let error = request.send().await.expect_err("refused");
    assert!(error.is_configuration(), "{error:?}");
    secretless(&error);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = server([]).await;
    let redirect = Response::builder()
        .status(307)
        .header("location", elsewhere.base.as_str());
    let server = server([redirect.body(Body::empty()).expect("an answer")]).await;
    let transport = server.transport(fixed(KEY));
    let request = transport
        .request(reqwest::Method::POST, "/things")
        .body("CANARY");
    let response = request.send().await.expect("the redirect itself");
    assert_eq!(response.status(), 307);
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn a_client_without_a_credential_says_so() {
    let server = server([]).await;
    let transport = server.transport(Auth::none());
    let request = transport.request(reqwest::Method::GET, "/things");
    let error = request.send().await.expect_err("no credential");
    assert!(
        error.to_string().contains("ApiKey or Token or Query"),
        "{error}"
    );
}

#[tokio::test]
async fn a_credential_that_the_api_does_not_take_is_not_sent() {
    let server = server([]).await;
    let basic = Credential::basic(BASIC, "CANARY", &"CANARY".into(), BasicEncoding::Raw);
    let transport = server.transport(Auth::fixed(basic.expect("valid")));
    let request = transport.request(reqwest::Method::GET, "/things");
    let error = request.send().await.expect_err("not sent");
    assert!(error.is_configuration(), "{error:?}");
    assert!(error.to_string().contains("has Basic"), "{error}");
    assert!(server.seen().is_empty());
    secretless(&error);
}

#[tokio::test]
async fn an_unreachable_server_is_a_transient_error_without_its_url() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("bound"));
    drop(listener);
    let base = BaseUrl::parse(&base).expect("a loopback URL");
    let http = HttpClient::new().expect("a client");
    let transport = Transport::new(http, base, fixed(QUERY), &PROVIDER);
    let request = transport.request(reqwest::Method::GET, "/things");
    let error = request.send().await.expect_err("unreachable");
    assert_eq!(
        (error.kind(), error.is_transient()),
        (ErrorKind::Connection, true),
        "{error:?}"
    );
    secretless(&error);
}
