//! A token endpoint on loopback with adjustable latency, lifetime and failure, which counts.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;

use crate::subject::token_text;

/// Knobs and counters of the endpoint.
#[derive(Debug, Default)]
pub(crate) struct Knobs {
    latency_us: AtomicU64,
    lifetime: AtomicU64,
    fails: AtomicBool,
    /// It hands out the same token with the seconds that remain until they are over, as Marketo does.
    same_token: AtomicBool,
    issued: Mutex<Option<(Instant, String)>>,
    requests: AtomicUsize,
    in_flight: AtomicUsize,
    peak: AtomicUsize,
}

struct Landed<'a>(&'a AtomicUsize);

impl Drop for Landed<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

impl Knobs {
    pub(crate) fn new(latency: Duration, lifetime: u64) -> Arc<Self> {
        let knobs = Self::default();
        knobs.set_latency(latency);
        knobs.set_lifetime(lifetime);
        Arc::new(knobs)
    }

    /// Of the tokens to come, in seconds.
    pub(crate) fn set_lifetime(&self, lifetime: u64) {
        self.lifetime.store(lifetime, SeqCst);
    }

    pub(crate) fn set_latency(&self, latency: Duration) {
        self.latency_us.store(latency.as_micros() as u64, SeqCst);
    }

    pub(crate) fn set_failing(&self, fails: bool) {
        self.fails.store(fails, SeqCst);
    }

    pub(crate) fn set_same_token(&self) {
        self.same_token.store(true, SeqCst);
    }

    /// Token requests that have come.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(SeqCst)
    }

    /// The most that were in flight at once.
    pub(crate) fn peak(&self) -> usize {
        self.peak.load(SeqCst)
    }

    /// Waits the latency, then gives a token and its seconds, or fails.
    pub(crate) async fn answer(&self) -> Result<(String, u64), ()> {
        let number = self.requests.fetch_add(1, SeqCst) + 1;
        let flying = self.in_flight.fetch_add(1, SeqCst) + 1;
        self.peak.fetch_max(flying, SeqCst);
        let _landed = Landed(&self.in_flight);
        let latency = Duration::from_micros(self.latency_us.load(SeqCst));
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        if self.fails.load(SeqCst) {
            return Err(());
        }
        let lifetime = self.lifetime.load(SeqCst);
        if !self.same_token.load(SeqCst) {
            return Ok((token_text(number), lifetime));
        }
        let mut issued = self.issued.lock().expect("nothing panics under it");
        let lives = |since: Instant| since.elapsed() < Duration::from_secs(lifetime);
        if issued.as_ref().is_none_or(|(since, _)| !lives(*since)) {
            *issued = Some((Instant::now(), token_text(number)));
        }
        let (since, token) = issued.as_ref().expect("it was just set");
        Ok((token.clone(), lifetime - since.elapsed().as_secs()))
    }
}

/// Serves until the runtime goes away.
pub(crate) async fn serve(knobs: Arc<Knobs>) -> SocketAddr {
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.set_reuseaddr(true).expect("a socket option");
    socket
        .bind(SocketAddr::from(([127, 0, 0, 1], 0)))
        .expect("a port");
    let listener = socket.listen(4096).expect("a listener");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                continue;
            };
            let _ = stream.set_nodelay(true);
            let knobs = Arc::clone(&knobs);
            tokio::spawn(async move {
                let service =
                    hyper::service::service_fn(move |request| token(request, Arc::clone(&knobs)));
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    address
}

async fn token(
    request: Request<Incoming>,
    knobs: Arc<Knobs>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let _ = request.into_body().collect().await;
    let (status, content_type, text) = match knobs.answer().await {
        Ok((token, lifetime)) => {
            let body = serde_json::json!({
                "access_token": token,
                "token_type": "bearer",
                "expires_in": lifetime,
                "scope": "api@example.com",
            });
            (StatusCode::OK, "application/json", body.to_string())
        }
        // As a gateway says it. (One of the libraries takes `{}` for a token without an end.)
        Err(()) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "text/plain",
            "down".to_owned(),
        ),
    };
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static(content_type),
    );
    Ok(response)
}
