//! Untyped requests and their answers.

use std::collections::HashMap;
use std::time::Duration;

use tegata::IntoPath;
use tegata::reqwest::Body;

use super::*;

type Numbers = HashMap<String, u8>;

pub(crate) fn stream() -> Body {
    Body::wrap(http_body_util::Full::new(Bytes::from("body")))
}

#[rstest]
#[case("/a/b?c=d", "/base/a/b?c=d")]
#[case("a/b".to_owned(), "/base/a/b")]
#[case(&"/a/b/".to_owned(), "/base/a/b/")]
#[case(["a", "b/c?d#e f%2F", "7"], "/base/a/b%2Fc%3Fd%23e%20f%252F/7")]
#[case(&["a", "b\\c"][..], "/base/a/b%5Cc")]
#[case(&["a", "b"], "/base/a/b")]
#[case(vec!["a".to_owned(), "ü".to_owned()], "/base/a/%C3%BC")]
#[case(&vec!["a"], "/base/a")]
#[case(&"/a", "/base/a")]
#[case(std::borrow::Cow::from("/a"), "/base/a")]
#[tokio::test]
async fn a_path_is_a_text_or_segments_that_stay_segments(
    #[case] path: impl IntoPath,
    #[case] expected: &str,
) {
    let server = server([answer(200, "{}")]).await;
    let transport = server.transport(fixed(KEY));
    let request = transport.request(reqwest::Method::GET, path);
    request.send().await.expect("an answer");
    assert_eq!(server.seen()[0].uri, expected);
}

#[rstest]
#[case("")]
#[case(".")]
#[case("..")]
#[case("%2E%2e")]
#[case("CANARY/../b")]
#[case(";CANARY")]
#[case(" \n")]
#[tokio::test]
async fn a_segment_that_leads_elsewhere_is_not_sent(#[case] segment: &str) {
    let server = server([]).await;
    let transport = server.transport(fixed(KEY));
    let request = transport.request(reqwest::Method::GET, ["a", segment, "b"]);
    let error = request.send().await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::OutOfScope, "{error:?}");
    secretless(&error);
}

#[tokio::test]
async fn a_path_of_no_segments_is_not_sent() {
    let server = server([]).await;
    let transport = server.transport(fixed(KEY));
    let request = transport.request(reqwest::Method::GET, Vec::<String>::new());
    let error = request.send().await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::OutOfScope, "{error:?}");
}

#[tokio::test]
async fn the_built_request_is_sent_with_the_credential() {
    let server = server([answer(200, "{}"), answer(200, "{}"), answer(200, "{}")]).await;
    let transport = server.transport(fixed(KEY));
    let post = |path| transport.request(reqwest::Method::POST, path);
    let headers = HeaderMap::from_iter([(
        "x-b".parse().expect("a name"),
        "2".parse().expect("a value"),
    )]);
    let sent = [
        post("/a?b=1")
            .query(&[("c", "ü&")])
            .header("x-a", 1)
            .headers(headers)
            .json(&[7]),
        post("/a").form(&[("b", "c d")]),
        post("/a").body("text"),
    ];
    for request in sent {
        request.send().await.expect("an answer");
    }
    let seen = server.seen();
    assert!(
        seen.iter()
            .all(|seen| seen.headers["x-api-key"] == "CANARY")
    );
    assert_eq!(seen[0].uri, "/base/a?b=1&c=%C3%BC%26");
    assert_eq!(
        (&seen[0].headers["x-a"], &seen[0].headers["x-b"]),
        (
            &"1".parse().expect("a value"),
            &"2".parse().expect("a value")
        )
    );
    assert_eq!(seen[0].headers["content-type"], "application/json");
    assert_eq!(
        seen[1].headers["content-type"],
        "application/x-www-form-urlencoded"
    );
    let bodies: Vec<_> = seen.iter().map(|seen| &seen.body[..]).collect();
    assert_eq!(bodies, [&b"[7]"[..], b"b=c+d", b"text"]);
}

#[tokio::test]
async fn a_request_that_cannot_be_built_fails_on_sending() {
    let server = server([]).await;
    let transport = server.transport(fixed(KEY));
    let get = || transport.request(reqwest::Method::GET, "/a");
    let broken = [
        get().header("CANARY\n", "CANARY"),
        get().header("x", "CANARY\n"),
        get().query("CANARY"),
        transport.request(reqwest::Method::GET, "https://CANARY.example"),
        transport
            .request(reqwest::Method::POST, "/a")
            .form("CANARY"),
    ];
    for request in broken {
        assert!(!format!("{request:?}").contains("CANARY"), "{request:?}");
        let error = request.send().await.expect_err("not built");
        assert!(error.is_configuration(), "{error:?}");
        secretless(&error);
    }
}

#[tokio::test]
async fn debug_of_a_request_shows_no_content() {
    let server = server([]).await;
    let transport = server.transport(fixed(KEY));
    let request = transport.request(reqwest::Method::POST, "/CANARY");
    let request = request
        .query(&[("a", "CANARY")])
        .header("x", "CANARY")
        .body("CANARY");
    assert!(
        !format!("{request:?} {request:#?}").contains("CANARY"),
        "{request:?}"
    );
    assert!(
        format!("{request:?}").contains("RequestBuilder"),
        "{request:?}"
    );
}

#[tokio::test]
async fn a_request_that_is_slower_than_its_limit_is_given_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("bound"));
    let http = HttpClient::new().expect("a client");
    let base = BaseUrl::parse(&base).expect("a loopback URL");
    let transport = Transport::new(http, base, fixed(KEY), &PROVIDER);
    let request = transport.request(reqwest::Method::GET, "/a");
    let error = request.timeout(Duration::from_millis(1)).send().await;
    assert!(error.expect_err("no answer").is_timeout());
}

#[tokio::test]
async fn a_body_that_is_made_anew_is_sent_again() {
    let server = server([answer(401, "{}"), answer(200, "{}")]).await;
    let transport = server.transport(Auth::custom(Two(KEY)));
    let request = transport.request(reqwest::Method::POST, "/things");
    let request = request
        .header("x-a", "kept")
        .body_with(async || Ok(stream()));
    request.send().await.expect("an answer");
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    for (seen, key) in seen.iter().zip(["CANARY-0", "CANARY-1"]) {
        assert_eq!(
            (&seen.body[..], seen.method.clone()),
            (&b"body"[..], Method::POST)
        );
        assert_eq!(
            (&seen.headers["x-api-key"], &seen.headers["x-a"]),
            (
                &key.parse().expect("a value"),
                &"kept".parse().expect("a value")
            )
        );
    }
}

#[tokio::test]
async fn the_last_body_counts() {
    let server = server([]).await;
    let transport = server.transport(fixed(KEY));
    let request = || transport.request(reqwest::Method::POST, "/things");
    let last = [
        request().body_with(async || Ok(stream())).body("last"),
        request()
            .body_with(async || Ok(stream()))
            .json("first")
            .body("last"),
    ];
    for request in last {
        let request = request.build().expect("a request");
        let body = request.body().and_then(Body::as_bytes);
        assert_eq!(body, Some(&b"last"[..]));
    }
}

#[test]
fn a_request_can_be_sent_by_any_thread() {
    fn is_send<T: Send>(_: impl FnOnce(RequestBuilder) -> T) {}
    is_send(RequestBuilder::send);
    is_send(RequestBuilder::send_json::<Numbers>);
}

#[tokio::test]
async fn a_body_that_is_made_on_sending_cannot_be_built() {
    let server = server([]).await;
    let transport = server.transport(fixed(KEY));
    let request = transport.request(reqwest::Method::POST, "/things");
    let error = request.body_with(async || Ok("CANARY")).build();
    let error = error.expect_err("not built");
    assert!(
        error.is_configuration() && error.to_string().contains("`send`"),
        "{error:?}"
    );
    secretless(&error);
}

#[tokio::test]
async fn a_body_that_cannot_be_made_is_not_sent() {
    let server = server([]).await;
    let transport = server.transport(fixed(KEY));
    let request = transport.request(reqwest::Method::POST, "/things");
    let body = || tokio::fs::File::open("/CANARY/there/is/no/such/file");
    let error = request.body_with(body).send().await.expect_err("no file");
    assert!(error.is_configuration(), "{error:?}");
    secretless(&error);
}

#[tokio::test]
async fn a_form_of_several_parts_is_sent_again() {
    let server = server([answer(401, "{}"), answer(200, "{}")]).await;
    let transport = server.transport(Auth::custom(Two(KEY)));
    let request = transport.request(reqwest::Method::POST, "/things");
    let request = request.json("another body");
    let form = async || {
        let part = reqwest::multipart::Part::stream(stream());
        Ok(reqwest::multipart::Form::new().part("file", part))
    };
    request.multipart(form).send().await.expect("an answer");
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    for seen in &seen {
        let kinds: Vec<_> = seen.headers.get_all("content-type").iter().collect();
        let kind = kinds[0].to_str().expect("ASCII");
        assert_eq!(kinds.len(), 1, "{kinds:?}");
        let boundary = kind
            .strip_prefix("multipart/form-data; boundary=")
            .expect("a form");
        let body = String::from_utf8_lossy(&seen.body);
        assert!(body.contains(boundary) && body.contains("body"), "{body}");
    }
}

#[tokio::test]
async fn a_request_to_another_host_at_the_same_address_is_not_sent() {
    let server = server([]).await;
    let transport = server.transport(fixed(KEY));
    let request = transport.request(reqwest::Method::GET, "/things");
    let error = request.header("Host", "CANARY.example").send().await;
    let error = error.expect_err("not sent");
    assert!(
        error.is_configuration() && error.to_string().contains("`Host`"),
        "{error:?}"
    );
    secretless(&error);
}
