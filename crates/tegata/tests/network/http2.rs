//! Over HTTP/2: a request goes out once, whatever the server reports about it, and a hanging connection is
//! abandoned.
//!
//! The server writes its frames by hand, since no library sends such frames for a request that it has read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rstest::rstest;
use tegata::ErrorKind;
use tegata::reqwest::{Client, ClientBuilder, retry};
use tokio::io::AsyncWriteExt as _;

use super::{listen, post, read_request};

/// RFC 9113, section 4.1.
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).expect("a short frame");
    [&[0, 0, length, kind, flags, 0, 0, 0, stream], payload].concat()
}

fn settings() -> Vec<u8> {
    frame(4, 0, 0, &[])
}

/// `REFUSED_STREAM`: the server claims to have done nothing.
fn refused_stream(stream: u8) -> Vec<u8> {
    frame(3, 0, stream, &[0, 0, 0, 7])
}

/// `GOAWAY` without an error, in which the server claims to have processed no stream at all.
fn go_away(_: u8) -> Vec<u8> {
    frame(7, 0, 0, &[0; 8])
}

fn http2() -> ClientBuilder {
    Client::builder().no_proxy().http2_prior_knowledge()
}

#[allow(
    clippy::redundant_closure_for_method_calls,
    reason = "the type has no public name"
)]
fn http2_with_own_retry() -> ClientBuilder {
    let always = retry::for_host("127.0.0.1").classify_fn(|seen| seen.retryable());
    http2().retry(always)
}

#[rstest]
#[tokio::test]
async fn a_request_said_to_be_unprocessed_is_not_sent_again(
    #[values(refused_stream, go_away)] lie: fn(u8) -> Vec<u8>,
    #[values(http2, http2_with_own_retry)] builder: fn() -> ClientBuilder,
) {
    let (listener, port) = listen("127.0.0.1:0").await;
    let processed = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&processed);
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let counter = Arc::clone(&counter);
            tokio::spawn(async move {
                connection.write_all(&settings()).await.expect("written");
                for stream in (1..).step_by(2) {
                    read_request(&mut connection).await;
                    counter.fetch_add(1, Ordering::SeqCst);
                    connection.write_all(&lie(stream)).await.expect("written");
                }
            });
        }
    });
    let error = post(builder(), &format!("http://127.0.0.1:{port}")).await;
    let error = error.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert_eq!(processed.load(Ordering::SeqCst), 1, "{error:?}");
}

/// The first connection answers once and then hangs, like a stopped process; the second one works.
#[cfg(feature = "http2")]
#[tokio::test(start_paused = true)]
async fn a_connection_that_hangs_is_left() {
    let (listener, port) = listen("127.0.0.1:0").await;
    tokio::spawn(async move {
        let mut connections = Vec::new();
        loop {
            let (mut connection, _) = listener.accept().await.expect("a connection");
            read_request(&mut connection).await;
            // Headers that end the stream: 0x88 is `:status: 200`.
            let answer = [settings(), frame(1, 5, 1, &[0x88])].concat();
            connection.write_all(&answer).await.expect("written");
            connections.push(connection);
        }
    });
    let builder = tegata::HttpClient::builder().no_proxy();
    let http = tegata::HttpClient::from_builder(builder.http2_prior_knowledge());
    let base = format!("http://127.0.0.1:{port}");
    let transport = super::transport(http.expect("a client"), &base, "CANARY-key");
    let started = tokio::time::Instant::now();
    super::send(&transport).await.expect("an answer");
    super::send(&transport).await.expect_err("it hangs");
    // The pings detected it, before the read timeout of 120 s.
    assert!(started.elapsed().as_secs() <= 31, "{:?}", started.elapsed());
    super::send(&transport)
        .await
        .expect("an answer by a new connection");
}

/// Another crate may turn on reqwest's `http2`, as this one does for its tests.
#[cfg(not(feature = "http2"))]
#[test]
fn without_the_feature_our_defaults_are_http_1_only() {
    let shown = format!("{:?}", tegata::HttpClient::builder());
    assert!(shown.contains("http1_only: true"), "{shown}");
}
