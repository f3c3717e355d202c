//! Over HTTP/2: a request goes out once, whatever the server says of it; a connection that hangs is left.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use h2::server::{Connection, SendResponse};
use h2::{Reason, RecvStream};
use http::Request;
use rstest::rstest;
use tegata::reqwest::{Client, ClientBuilder, retry};
use tegata::ErrorKind;
use tokio::net::TcpStream;

use super::{listen, post};

type Http2 = Connection<TcpStream, Bytes>;

fn http2() -> ClientBuilder {
    Client::builder().no_proxy().http2_prior_knowledge()
}

/// Reads the whole body of a request, as a server does that processes it.
async fn process(request: Request<RecvStream>) {
    let mut body = request.into_body();
    let mut read = Vec::new();
    while let Some(part) = body.data().await {
        read.extend(part.expect("a body"));
    }
    assert_eq!(read, b"CANARY-body");
}

/// Refuses the stream of a request that it has processed.
fn refuse(_: &mut Http2, mut answer: SendResponse<Bytes>) {
    answer.send_reset(Reason::REFUSED_STREAM);
}

/// Closes the connection gracefully.
fn go_away(connection: &mut Http2, mut answer: SendResponse<Bytes>) {
    connection.abrupt_shutdown(Reason::NO_ERROR);
    answer.send_reset(Reason::REFUSED_STREAM);
}

#[rstest]
#[case(refuse, false)]
#[case(go_away, false)]
// A policy of the user's own.
#[case(refuse, true)]
#[tokio::test]
async fn a_refused_request_that_was_processed_is_not_sent_again(
    #[case] end: fn(&mut Http2, SendResponse<Bytes>),
    #[case] has_own_policy: bool,
) {
    let (listener, port) = listen("127.0.0.1:0").await;
    let processed = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&processed);
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let counter = Arc::clone(&counter);
            tokio::spawn(async move {
                let mut connection = h2::server::handshake(connection).await.expect("HTTP/2");
                while let Some(Ok((request, answer))) = connection.accept().await {
                    // The body arrives with the frames that the next poll of the connection reads.
                    let (done, mut is_done) = tokio::sync::oneshot::channel();
                    tokio::spawn(async move { done.send(process(request).await) });
                    tokio::select! {
                        _ = &mut is_done => {}
                        _ = connection.accept() => {}
                    }
                    counter.fetch_add(1, Ordering::SeqCst);
                    end(&mut connection, answer);
                }
            });
        }
    });
    let mut builder = http2();
    if has_own_policy {
        let always = retry::for_host("127.0.0.1").classify_fn(|seen| seen.retryable());
        builder = builder.retry(always);
    }
    let error = post(builder, &format!("http://127.0.0.1:{port}")).await;
    let error = error.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert_eq!(processed.load(Ordering::SeqCst), 1, "{error:?}");
}

/// The first connection answers once and then hangs, as a stopped process does; the others are good.
#[cfg(feature = "http2")]
#[tokio::test(start_paused = true)]
async fn a_connection_that_hangs_is_left() {
    let (listener, port) = listen("127.0.0.1:0").await;
    tokio::spawn(async move {
        for answers in [1, usize::MAX] {
            let (connection, _) = listener.accept().await.expect("a connection");
            let mut connection = h2::server::handshake(connection).await.expect("HTTP/2");
            tokio::spawn(async move {
                for _ in 0..answers {
                    let Some(Ok((_, mut answer))) = connection.accept().await else { return };
                    answer.send_response(http::Response::new(()), true).expect("sent");
                }
                // A last poll writes that answer.
                let written = std::future::poll_fn(|context| {
                    drop(connection.poll_closed(context));
                    std::task::Poll::Ready(())
                });
                written.await;
                std::future::pending::<()>().await;
            });
        }
    });
    let builder = tegata::HttpClient::builder().no_proxy().http2_prior_knowledge();
    let http = tegata::HttpClient::from_builder(builder).expect("a client");
    let transport = super::transport(http, &format!("http://127.0.0.1:{port}"), "CANARY-key");
    let started = tokio::time::Instant::now();
    super::send(&transport).await.expect("an answer");
    super::send(&transport).await.expect_err("it hangs");
    // The pings found that out, before the limit of 120 s on silence.
    assert!(started.elapsed().as_secs() <= 31, "{:?}", started.elapsed());
    super::send(&transport).await.expect("an answer by a new connection");
}
