//! Plain http goes to its server, whatever proxy is set.

use rstest::rstest;
use tegata::HttpClient;
use tegata::reqwest::{Client, ClientBuilder, Proxy};

use super::{listen, post, serve_one, transport};

fn all(proxy: &str) -> ClientBuilder {
    Client::builder().proxy(Proxy::all(proxy).expect("a proxy"))
}

fn http_behind_another(proxy: &str) -> ClientBuilder {
    let other = Proxy::https("http://127.0.0.1:9").expect("a proxy");
    let proxy = Proxy::http(proxy)
        .expect("a proxy")
        .basic_auth("user", "CANARY-password");
    Client::builder().proxy(other).proxy(proxy)
}

fn custom(proxy: &str) -> ClientBuilder {
    let proxy = proxy.to_owned();
    Client::builder().proxy(Proxy::custom(move |_| Some(proxy.clone())))
}

#[rstest]
#[case(all)]
#[case(http_behind_another)]
#[case(custom)]
#[tokio::test]
async fn plain_http_goes_through_no_proxy_of_a_builder(#[case] builder: fn(&str) -> ClientBuilder) {
    let (proxy, proxy_port) = listen("127.0.0.1:0").await;
    let (server, port) = listen("127.0.0.1:0").await;
    let server = tokio::spawn(serve_one(server));
    let builder = builder(&format!("http://127.0.0.1:{proxy_port}"));
    let base = format!("http://127.0.0.1:{port}");
    let sent = post(builder, &base);
    let answer = tokio::select! {
        answer = sent => answer.expect("an answer"),
        _ = proxy.accept() => panic!("the proxy was asked"),
    };
    assert_eq!(answer.status(), 200);
    let request = server.await.expect("served");
    assert!(request.starts_with("POST /CANARY-path?q="), "{request}");
    assert!(!request.contains("CANARY-password"), "{request}");
}

#[tokio::test]
async fn without_a_proxy_plain_http_keeps_the_settings_of_the_builder() {
    let (server, port) = listen("127.0.0.1:0").await;
    let server = tokio::spawn(serve_one(server));
    let builder = Client::builder().no_proxy().user_agent("CANARY-agent");
    post(builder, &format!("http://127.0.0.1:{port}"))
        .await
        .expect("an answer");
    let request = server.await.expect("served");
    assert!(request.contains("user-agent: CANARY-agent"), "{request}");
}

/// The reqwest client of a transport, which builds requests and could send them, has the same rule.
#[tokio::test]
async fn the_client_behind_a_transport_uses_no_proxy_either() {
    let (proxy, proxy_port) = listen("127.0.0.1:0").await;
    let (server, port) = listen("127.0.0.1:0").await;
    let server = tokio::spawn(serve_one(server));
    let http = HttpClient::from_builder(all(&format!("http://127.0.0.1:{proxy_port}")));
    let base = format!("http://127.0.0.1:{port}");
    let transport = transport(http.expect("a client"), &base, "CANARY-key");
    let request = transport.http_client().post(&base).body("CANARY-body");
    let answer = tokio::select! {
        answer = request.send() => answer.expect("an answer"),
        _ = proxy.accept() => panic!("the proxy was asked"),
    };
    assert_eq!(answer.status(), 200);
    server.await.expect("served");
}

/// Without TLS for a tunnel reqwest would send the proxy the whole request in the clear.
#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
#[tokio::test]
async fn without_tls_an_https_request_goes_to_no_proxy() {
    let (proxy, proxy_port) = listen("127.0.0.1:0").await;
    let builder = all(&format!("http://127.0.0.1:{proxy_port}"));
    let sent = post(builder, "https://127.0.0.1:9");
    let error = tokio::select! {
        answer = sent => answer.expect_err("no TLS"),
        _ = proxy.accept() => panic!("the proxy was asked"),
    };
    assert!(error.to_string().contains("built without TLS"), "{error}");
    assert!(!error.is_transient(), "{error:?}");
}
