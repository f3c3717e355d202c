//! A provider's services on loopback, on a thread of their own: small answers, large ones, endless ones,
//! and the token endpoint beside them.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{OnceLock, mpsc};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header::CONTENT_TYPE};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;

use crate::subject::{short_token_text, token_text};

pub(crate) const SMALL: &str = "/rest/v1/small.json";
const WHOLE: &str = "/rest/v1/whole/";
const STREAM: &str = "/rest/v1/stream/";

const MEBIBYTE: usize = 1024 * 1024;
const PIECE: usize = 64 * 1024;

const HEAD: &[u8] = br#"{"requestId":"1","success":true,"result":[""#;
const TAIL: &[u8] = br#""]}"#;

/// The path of so many mebibytes, which the answer declares (`Content-Length`).
pub(crate) fn whole(mebibytes: usize) -> String {
    format!("{WHOLE}{mebibytes}")
}

/// The path of so many mebibytes, which the answer does not declare.
pub(crate) fn stream(mebibytes: usize) -> String {
    format!("{STREAM}{mebibytes}")
}

/// How many bytes lie at one of these two.
pub(crate) fn length_of(path: &str) -> usize {
    let last = path.rsplit('/').next().and_then(|last| last.parse().ok());
    last.unwrap_or(0) * MEBIBYTE
}

/// Serves until the process ends.
pub(crate) fn serve() -> SocketAddr {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        crate::runtime::of_this_thread().block_on(async move {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
                .await
                .expect("a port");
            let address = listener.local_addr().expect("an address");
            sender.send(address).expect("the receiver is alive");
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    continue;
                };
                let _ = stream.set_nodelay(true);
                tokio::spawn(async move {
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), hyper::service::service_fn(answer))
                        .await;
                });
            }
        });
    });
    receiver.recv().expect("the server started")
}

async fn answer(request: Request<Incoming>) -> Result<Response<Pieces>, Infallible> {
    let (parts, body) = request.into_parts();
    let _ = body.collect().await;
    let body = match parts.uri.path() {
        path if path.starts_with(WHOLE) => Pieces::of(length_of(path), true),
        path if path.starts_with(STREAM) => Pieces::of(length_of(path), false),
        "/identity/oauth/token" => Pieces::whole(token(&token_text(1))),
        "/short/identity/oauth/token" => Pieces::whole(token(&short_token_text(1))),
        _ => Pieces::whole(Bytes::from_static(br#"{"success":true,"result":[]}"#)),
    };
    let mut response = Response::new(body);
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/json;charset=UTF-8"),
    );
    Ok(response)
}

fn token(text: &str) -> Bytes {
    let answer = serde_json::json!({
        "access_token": text,
        "token_type": "bearer",
        "expires_in": 3599,
        "scope": "api@example.com",
    });
    Bytes::from(answer.to_string())
}

fn filler() -> Bytes {
    static FILLER: OnceLock<Bytes> = OnceLock::new();
    FILLER
        .get_or_init(|| Bytes::from(vec![b'x'; PIECE]))
        .clone()
}

/// JSON in pieces, none of which is made more than once.
struct Pieces {
    head: Option<Bytes>,
    filler: usize,
    tail: Option<Bytes>,
    declares_length: bool,
}

impl Pieces {
    fn whole(body: Bytes) -> Self {
        Self {
            head: Some(body),
            filler: 0,
            tail: None,
            declares_length: true,
        }
    }

    fn of(length: usize, declares_length: bool) -> Self {
        Self {
            head: Some(Bytes::from_static(HEAD)),
            filler: length - HEAD.len() - TAIL.len(),
            tail: Some(Bytes::from_static(TAIL)),
            declares_length,
        }
    }

    fn length(&self) -> usize {
        let of = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
        of(&self.head) + self.filler + of(&self.tail)
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = if let Some(head) = self.head.take() {
            head
        } else if self.filler > 0 {
            let piece = filler().slice(..self.filler.min(PIECE));
            self.filler -= piece.len();
            piece
        } else if let Some(tail) = self.tail.take() {
            tail
        } else {
            return Poll::Ready(None);
        };
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.length() == 0
    }

    fn size_hint(&self) -> SizeHint {
        if self.declares_length {
            SizeHint::with_exact(self.length() as u64)
        } else {
            SizeHint::default()
        }
    }
}
