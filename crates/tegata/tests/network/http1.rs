//! Over HTTP/1.1 a request that a server may have processed is not sent again.

use tegata::reqwest::Client;
use tegata::{ErrorKind, HttpClient};

use super::{answer_200, listen, read_request, send, transport};

/// hyper sends a request once more if a kept connection turns out to be closed; but only if it has written
/// nothing of it.
#[tokio::test]
async fn a_kept_connection_closed_after_the_request_is_not_retried() {
    let (listener, port) = listen("127.0.0.1:0").await;
    let http = HttpClient::from_builder(Client::builder().no_proxy()).expect("a client");
    let transport = transport(http, &format!("http://127.0.0.1:{port}"), "CANARY-key");
    let serve = async {
        let (mut connection, _) = listener.accept().await.expect("a connection");
        read_request(&mut connection).await;
        answer_200(&mut connection).await;
        read_request(&mut connection).await;
        drop(connection);
        listener.accept().await
    };
    let calls = async {
        let first = send(&transport).await.expect("an answer");
        first.bytes().await.expect("read");
        send(&transport).await.expect_err("no answer")
    };
    let error = tokio::select! {
        _ = serve => panic!("the request was sent again"),
        error = calls => error,
    };
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.is_transient(), "{error}");
}

#[tokio::test]
async fn a_kept_connection_closed_before_the_request_costs_nothing() {
    let (listener, port) = listen("127.0.0.1:0").await;
    let http = HttpClient::from_builder(Client::builder().no_proxy()).expect("a client");
    let transport = transport(http, &format!("http://127.0.0.1:{port}"), "CANARY-key");
    let server = tokio::spawn(async move {
        for _ in 0..2 {
            let (mut connection, _) = listener.accept().await.expect("a connection");
            read_request(&mut connection).await;
            answer_200(&mut connection).await;
        }
    });
    for _ in 0..2 {
        let answer = send(&transport).await.expect("an answer");
        answer.bytes().await.expect("read");
        // The server's task closes the connection before it is polled again.
        tokio::task::yield_now().await;
    }
    server.await.expect("served");
}
