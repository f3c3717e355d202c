//! Bodies that are compressed, that begin with a byte order mark, and that never end: what is judged and read
//! of them is right nevertheless, in every flow.

use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use serde_json::json;
use tegata::reqwest::{Client, Method};
use tegata::{ErrorKind, HttpClient};
use tegata_emulator::{Endpoint, Fault, Provider};
use tokio::sync::Notify;
use tokio::time::Instant;

use tegata_test_support::coded::{coded, gzip, mislabelled};
use tegata_test_support::loopback::{
    AISPF_ID, AISPF_PRIMARY, AISPF_SECONDARY, AISPF_SECRET, JOOTO_ID, JOOTO_KEY, JOOTO_SECRET,
    Loopback, MARKETO_ID, MARKETO_SECRET,
};
use tegata_test_support::raw::{Part, RawServer};
use tegata_test_support::wire::{header, statuses};
use tegata_test_support::{Flow, Subject, facts};

const FLOWS: [Flow; 5] = Flow::TOKENS;
const MARKETO: [Flow; 3] = [Flow::MarketoGet, Flow::MarketoForm, Flow::MarketoQuery];

const REFUSAL: &str = r#"{"success":false,"errors":[{"code":"601","message":"CANARY"}]}"#;
const DENIAL: &str = r#"{"error":"invalid_client","error_description":"CANARY"}"#;

/// A token answer of a flow.
fn token(flow: Flow) -> String {
    let answer = if flow == Flow::AispfLegacy {
        json!({"accessToken": "CANARY-coded", "expiresIn": 3600})
    } else {
        json!({"access_token": "CANARY-coded", "expires_in": 3600, "token_type": "Bearer"})
    };
    answer.to_string()
}

fn secretless(error: &tegata::Error) {
    let mut shown = format!("{error} {error:?} {error:#?}");
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        shown = format!("{shown} {error} {error:?}");
        cause = error.source();
    }
    assert!(!shown.contains("CANARY"), "{shown}");
}

#[tokio::test]
async fn a_token_request_asks_for_no_compression() {
    for flow in FLOWS {
        let loopback = Loopback::start();
        let client = flow.cold(&loopback).await;
        client.warm_up().await.expect("a token");
        let request = &loopback.token_requests(flow.provider())[0];
        assert_eq!(header(request, "accept-encoding"), "identity", "{flow:?}");
    }
}

#[tokio::test]
async fn compression_is_requested_only_by_the_caller() {
    for flow in Flow::ALL {
        let loopback = Loopback::start();
        let own = HttpClient::new().expect("a client");
        let settings = loopback.settings().http_client(own);
        let client = flow.cold_with(&loopback, settings).await;
        client.get(flow.path()).await.expect("an answer");
        let request = client.request(Method::GET, flow.path());
        let request = request.header("accept-encoding", "gzip;q=0.5");
        client.send(request).await.expect("an answer");
        let calls = loopback.calls(flow.provider());
        assert_eq!(header(&calls[0], "accept-encoding"), "identity", "{flow:?}");
        assert_eq!(header(&calls[1], "accept-encoding"), "gzip;q=0.5");
    }
}

#[rstest]
#[case("gzip")]
#[case("GZIP")]
#[case("x-gzip")]
#[case("gzip, identity")]
#[case("deflate")]
#[tokio::test]
async fn a_compressed_token_is_read(#[case] coding: &str) {
    for flow in FLOWS {
        let loopback = Loopback::start();
        let client = flow.cold(&loopback).await;
        loopback.fault(
            flow.provider(),
            coded(Endpoint::Token, coding, &token(flow)),
        );
        client.warm_up().await.expect("a token");
        let token = client.token_cache().and_then(tegata::TokenCache::token);
        let token = token.expect("a token");
        assert_eq!(token.access_token().expose(), "CANARY-coded", "{flow:?}");
    }
}

#[rstest]
#[case::another_coding("br", "(br)")]
#[case::several("gzip, gzip", "(several codings)")]
#[tokio::test]
async fn a_token_in_another_coding_is_named_and_the_next_one_is_read(
    #[case] coding: &str,
    #[case] says: &str,
) {
    for flow in FLOWS {
        let loopback = Loopback::start();
        let client = flow.cold(&loopback).await;
        let fault = mislabelled(Endpoint::Token, coding, gzip(&token(flow)));
        loopback.fault(flow.provider(), fault);
        let error = client.warm_up().await.expect_err("unreadable");
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{flow:?}");
        assert!(error.to_string().contains(says), "{error}");
        secretless(&error);
        client.warm_up().await.expect("the next one");
    }
}

#[rstest]
#[case::compressed(coded(Endpoint::Token, "gzip", DENIAL))]
#[case::compressed_otherwise(coded(Endpoint::Token, "deflate", DENIAL))]
#[case::behind_a_mark(mislabelled(Endpoint::Token, "identity", ["\u{feff}", DENIAL].concat()))]
#[tokio::test]
async fn a_denial_keeps_its_code(#[case] fault: Fault) {
    for flow in FLOWS {
        let loopback = Loopback::start();
        let client = flow.cold(&loopback).await;
        loopback.fault(flow.provider(), fault.clone().status(401));
        let error = client.warm_up().await.expect_err("denied");
        let code = Some("invalid_client");
        assert_eq!(
            facts(&error),
            (ErrorKind::TokenDenied, Some(401), code),
            "{flow:?}"
        );
        secretless(&error);
    }
}

#[tokio::test]
async fn a_denial_in_another_coding_says_so() {
    for flow in FLOWS {
        let loopback = Loopback::start();
        let client = flow.cold(&loopback).await;
        let fault = coded(Endpoint::Token, "zstd", DENIAL).status(401);
        loopback.fault(flow.provider(), fault);
        let error = client.warm_up().await.expect_err("denied");
        assert_eq!(
            (error.status().map(u16::from), error.code()),
            (Some(401), None),
            "{flow:?}"
        );
        assert!(format!("{error:?}").contains("(zstd)"), "{error:?}");
        secretless(&error);
    }
}

#[rstest]
#[case::compressed(coded(Endpoint::Resource, "gzip", REFUSAL))]
#[case::in_upper_case(coded(Endpoint::Resource, "Gzip", REFUSAL))]
#[case::and_not_again(coded(Endpoint::Resource, "gzip, identity", REFUSAL))]
#[case::compressed_otherwise(coded(Endpoint::Resource, "deflate", REFUSAL))]
#[case::behind_a_mark(mislabelled(Endpoint::Resource, "identity", ["\u{feff}", REFUSAL].concat()))]
#[case::behind_blanks(mislabelled(Endpoint::Resource, "", ["\r\n ", REFUSAL].concat()))]
#[case::under_a_wrong_header(mislabelled(Endpoint::Resource, "gzip", REFUSAL))]
#[case::under_a_wrong_header(mislabelled(Endpoint::Resource, "deflate", REFUSAL))]
#[case::under_no_coding(mislabelled(Endpoint::Resource, "UTF-8", REFUSAL))]
#[tokio::test]
async fn a_refusal_in_a_successful_answer_is_seen(#[case] fault: Fault) {
    for flow in MARKETO {
        let loopback = Loopback::start();
        let client = flow.warm(&loopback).await;
        loopback.fault(Provider::Marketo, fault.clone());
        loopback.emulator.expire(Provider::Marketo);
        let status = client.get(flow.path()).await.expect("renewed");
        assert_eq!(status, 200, "{flow:?}");
        assert_eq!(statuses(&loopback.calls(Provider::Marketo)), [200, 200]);
        assert_eq!(loopback.token_requests(Provider::Marketo).len(), 1);
    }
}

#[rstest]
#[case::another_coding("br", "(br)")]
#[case::several("gzip, gzip", "(several codings)")]
#[tokio::test]
async fn an_unreadable_body_that_may_hold_a_refusal_is_no_success(
    #[case] coding: &str,
    #[case] says: &str,
) {
    for flow in MARKETO {
        let loopback = Loopback::start();
        let client = flow.warm(&loopback).await;
        let fault = mislabelled(Endpoint::Resource, coding, REFUSAL);
        loopback.fault(Provider::Marketo, fault);
        let error = client.get(flow.path()).await.expect_err("unreadable");
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{flow:?}");
        assert!(error.to_string().contains(says), "{error}");
        secretless(&error);
    }
}

#[tokio::test]
async fn a_compressed_answer_comes_back_complete() {
    let filler = "0123456789".repeat(10_000);
    let long = json!({"success": true, "result": [filler]}).to_string();
    for (flow, text) in Flow::ALL
        .iter()
        .flat_map(|flow| [(flow, "{}"), (flow, &long)])
    {
        let loopback = Loopback::start();
        let client = flow.cold(&loopback).await;
        let fault = coded(Endpoint::Resource, "gzip", text).times(2);
        loopback.fault(flow.provider(), fault);
        let request = client.request(Method::GET, flow.path());
        let answer = client.send(request).await.expect("an answer");
        assert!(
            !answer.headers().contains_key("content-encoding"),
            "{flow:?}"
        );
        assert_eq!(answer.text().await.expect("decoded"), text, "{flow:?}");
        // A caller that asks for it decodes it.
        let request = client.request(Method::GET, flow.path());
        let request = request.header("accept-encoding", "gzip");
        let answer = client.send(request).await.expect("an answer");
        assert_eq!(answer.headers()["content-encoding"], "gzip", "{flow:?}");
        assert_eq!(answer.bytes().await.expect("as it came"), gzip(text));
    }
}

#[rstest]
#[case::compressed("gzip", "")]
#[case::compressed_otherwise("deflate", "")]
#[case::behind_a_mark("identity", "\u{feff}")]
#[case::both("gzip", " \u{feff}\r\n")]
#[tokio::test]
async fn a_typed_answer_is_read(#[case] coding: &str, #[case] before: &str) {
    let coded = |text: &str| coded(Endpoint::Resource, coding, &[before, text].concat());
    let loopback = Loopback::start();
    let text = r#"{"requestId":"1","success":true,"result":[{"id":7}]}"#;
    loopback.fault(Provider::Marketo, coded(text));
    let Subject::Marketo(marketo) = Flow::MarketoGet.cold(&loopback).await else {
        panic!("another provider's client");
    };
    let lead = marketo.api().describe_lead().await.expect("an answer");
    assert_eq!(lead.result[0]["id"], 7);

    loopback.fault(Provider::Jooto, coded(r#"{"id":7}"#));
    let Subject::Jooto(jooto) = Flow::JootoKey.cold(&loopback).await else {
        panic!("another provider's client");
    };
    let organization = jooto.api().get_organizations().await.expect("an answer");
    assert_eq!(organization["id"], 7);
}

/// A server whose answers begin, and never end.
async fn dripping(status: u16) -> RawServer {
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: 6000\r\n\r\n{{\"CANARY"
    );
    let never = Arc::new(Notify::new());
    RawServer::start(std::iter::repeat_with(move || {
        let head = head.clone().into_bytes();
        vec![Part::Send(head), Part::Wait(Arc::clone(&never))]
    }))
    .await
}

#[tokio::test]
async fn a_token_error_that_never_ends_keeps_its_status() {
    let loopback = Loopback::start();
    let code = loopback.code(&loopback.app()).await;
    let server = dripping(400).await;
    let url = server.origin();
    let settings = || loopback.settings_with(Client::builder());
    let aispf = loopback.aispf_oauth2(AISPF_ID, AISPF_SECRET).auth_url(url);
    let legacy = loopback.aispf_legacy(AISPF_ID, AISPF_SECRET).auth_url(url);
    let marketo = loopback.marketo("id", "CANARY").identity_url(url);
    let jooto = loopback.jooto_app(JOOTO_ID, JOOTO_SECRET).oauth_url(url);
    let jooto = jooto.settings(settings()).build().expect("valid settings");
    let clients = [
        aispf.settings(settings()).build().map(Subject::Aispf),
        legacy.settings(settings()).build().map(Subject::Aispf),
        marketo.settings(settings()).build().map(Subject::Marketo),
    ];
    // From here on only what is on loopback in this very thread goes on.
    tokio::time::pause();
    let mut errors = Vec::new();
    for client in clients {
        let began = Instant::now();
        let client = client.expect("valid settings");
        errors.push(client.warm_up().await.expect_err("no token"));
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "{:?}",
            began.elapsed()
        );
    }
    let began = Instant::now();
    errors.push(jooto.exchange(&code).await.expect_err("no token"));
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
    for error in errors {
        assert_eq!(
            (error.status().map(u16::from), error.code()),
            (Some(400), None),
            "{error:?}"
        );
        secretless(&error);
    }
}

#[tokio::test]
async fn a_refusal_that_never_ends_keeps_its_status() {
    let loopback = Loopback::start();
    let server = dripping(401).await;
    let url = server.origin();
    let settings = || loopback.settings_with(Client::builder());
    let aispf = loopback.aispf_keys(AISPF_PRIMARY, AISPF_SECONDARY);
    let jooto = loopback.jooto_key(JOOTO_KEY).base_url(url);
    let clients = [
        (
            Flow::AispfKeys,
            aispf
                .base_url(url)
                .settings(settings())
                .build()
                .map(Subject::Aispf),
        ),
        (
            Flow::JootoKey,
            jooto.settings(settings()).build().map(Subject::Jooto),
        ),
    ];
    tokio::time::pause();
    for (flow, client) in clients {
        let began = Instant::now();
        let client = client.expect("valid settings");
        let error = client.get(flow.path()).await.expect_err("refused");
        assert_eq!(began.elapsed().as_secs(), 5, "{flow:?}");
        assert_eq!(
            facts(&error),
            (ErrorKind::CredentialRejected, Some(401), None)
        );
        secretless(&error);
    }
}

#[tokio::test]
async fn a_success_that_never_ends_is_handed_on_with_what_has_come() {
    let loopback = Loopback::start();
    let server = dripping(200).await;
    let marketo = loopback.marketo(MARKETO_ID, MARKETO_SECRET);
    let identity = format!("{}/identity", loopback.url(Provider::Marketo));
    let marketo = marketo.base_url(server.origin()).identity_url(identity);
    let settings = loopback.settings_with(Client::builder());
    let client = marketo.settings(settings).build().expect("valid settings");
    client.warm_up().await.expect("a token");
    tokio::time::pause();
    let began = Instant::now();
    let request = client.request(Method::GET, "/rest/v1/leads.json");
    let answer = request.send().await;
    assert_eq!(began.elapsed().as_secs(), 30);
    let first = answer.expect("an answer").chunk().await.expect("a piece");
    assert_eq!(first.as_deref(), Some(&b"{\"CANARY"[..]));
}

#[tokio::test]
async fn json_that_is_no_envelope_is_handed_on_as_it_came() {
    let text = [
        "\u{feff}",
        r#"[{"success":false,"errors":[{"code":"601"}]}]"#,
    ]
    .concat();
    for flow in Flow::ALL {
        let loopback = Loopback::start();
        let client = flow.warm(&loopback).await;
        let fault = mislabelled(Endpoint::Resource, "identity", text.clone());
        loopback.fault(flow.provider(), fault);
        let request = client.request(Method::GET, flow.path());
        let answer = client.send(request).await.expect("an answer");
        assert_eq!(answer.text().await.expect("whole"), text, "{flow:?}");
    }
}
