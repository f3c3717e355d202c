//! Errors of a failing network. Those of TLS, proxies and names are tested with these.

use rstest::rstest;
use tegata::reqwest::Client;
use tegata::{Error, ErrorKind};
use tokio::io::AsyncWriteExt as _;

use super::{listen, post, read_request};

/// The error of a request, checked to hold no secret.
async fn failed(base: &str) -> Error {
    let error = post(Client::builder().no_proxy(), base).await;
    let error = error.expect_err("it must fail");
    let shown = format!("{error} {error:?} {error:#?}");
    assert!(!shown.contains("CANARY"), "{shown}");
    error
}

#[rstest]
#[case(
    "",
    "gave no answer: the connection was closed; the request may have been processed"
)]
#[case("CANARY\r\n\r\n", "gave no answer: what came is not HTTP")]
#[tokio::test]
async fn an_answer_that_is_none_is_named_with_the_origin(
    #[case] answer: &'static str,
    #[case] text: &str,
) {
    let (listener, port) = listen("127.0.0.1:0").await;
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.expect("a connection");
        read_request(&mut connection).await;
        connection
            .write_all(answer.as_bytes())
            .await
            .expect("written");
    });
    let error = failed(&format!("http://127.0.0.1:{port}/CANARY-base")).await;
    let expected = format!("http://127.0.0.1:{port} {text}");
    assert!(error.to_string().starts_with(&expected), "{error:?}");
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.is_transient(), "{error:?}");
}

#[tokio::test]
async fn a_refused_connection_is_named_with_the_origin() {
    let (listener, port) = listen("127.0.0.1:0").await;
    drop(listener);
    let error = failed(&format!("http://127.0.0.1:{port}/CANARY-base")).await;
    let expected =
        format!("http://127.0.0.1:{port} could not be reached: the connection was refused");
    assert!(error.to_string().starts_with(&expected), "{error:?}");
    assert!(error.is_transient(), "{error:?}");
}

/// For a program that was built without TLS, like this one unless a feature adds it.
#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
#[tokio::test]
async fn https_without_tls_is_named() {
    let error = failed("https://127.0.0.1:9/CANARY-base").await;
    assert!(error.to_string().contains("feature `rustls`"), "{error:?}");
    assert!(!error.is_transient(), "{error:?}");
}
