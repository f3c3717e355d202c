//! A token endpoint on loopback for tests.

use axum::Router;
use axum::body::Bytes;
use tegata::Settings;
use tegata::provider::{Auth, BaseUrl, Transport};

use crate::generated::security;

pub(crate) type Answer = http::Response<String>;

/// A transport to an endpoint that gives this answer.
pub(crate) async fn endpoint(
    answer: impl Fn(http::Request<Bytes>) -> Answer + Clone + Send + Sync + 'static,
    auth: Auth,
) -> Transport {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("bound");
    let router =
        Router::new().fallback(move |method: axum::http::Method, body: Bytes| async move {
            let request = http::Request::builder().method(method).body(body);
            answer(request.expect("a request"))
        });
    tokio::spawn(async move { axum::serve(listener, router).await.expect("serves") });
    let base = BaseUrl::parse(&format!("http://{address}")).expect("a URL");
    let http = Settings::new().to_http_client().expect("a client");
    Transport::new(http, base, auth, &security::PROVIDER)
}

#[allow(clippy::needless_pass_by_value)] // A text and a value are written alike.
pub(crate) fn answer(status: u16, media_type: &str, body: impl ToString) -> Answer {
    let builder = http::Response::builder().status(status);
    let builder = builder.header("content-type", media_type);
    builder.body(body.to_string()).expect("an answer")
}

#[allow(clippy::needless_pass_by_value)] // A text and a value are written alike.
pub(crate) fn json_answer(body: impl ToString) -> Answer {
    answer(200, "application/json", body)
}
