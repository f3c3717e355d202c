//! Clients that do not speak to this proxy as it is meant: what they are answered, and what their user reads.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, Interest};
use tokio::net::TcpStream;

use super::http2;

/// How long a client may take over the rest of what it sends, once it is refused.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait before a look whether more has come, for there is no way to wait for more than is unread.
const PAUSE: Duration = Duration::from_millis(5);
/// How TLS begins: its first record is a handshake, whose version begins with the same number in all versions.
const TLS: [u8; 2] = [22, 3];
/// A fatal alert of TLS (RFC 8446 section 6): the handshake has failed.
const TLS_ALERT: [u8; 7] = [21, 3, 1, 0, 2, 2, 40];

/// Another protocol than HTTP/1, which the reader of requests cannot read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Other {
    Http2,
    Tls,
}

impl Other {
    /// What a client begins with, if it is none of HTTP/1.
    pub(super) async fn begun(stream: &TcpStream) -> Option<Self> {
        let begun = tokio::time::timeout(PATIENCE, Self::whole_beginning(stream));
        begun.await.ok().flatten()
    }

    /// Looks again for as long as what has come may become one of them.
    async fn whole_beginning(stream: &TcpStream) -> Option<Self> {
        let mut beginning = [0; http2::BEGINNING.len()];
        loop {
            let ready = stream.ready(Interest::READABLE).await.ok()?;
            let seen = stream.peek(&mut beginning).await.ok()?;
            let seen = &beginning[..seen];
            if seen.starts_with(http2::BEGINNING) {
                return Some(Self::Http2);
            }
            if seen.starts_with(&TLS) {
                return Some(Self::Tls);
            }
            let may_become = http2::BEGINNING.starts_with(seen) || TLS.starts_with(seen);
            if seen.is_empty() || !may_become || ready.is_read_closed() {
                return None;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// What the user is to do.
    pub(super) fn why(self, here: Option<SocketAddr>) -> String {
        let address = address(here);
        match self {
            Self::Http2 => format!(
                "the client began with HTTP/2 at{address}, but this proxy speaks HTTP/1.1: turn HTTP/2 with prior \
                 knowledge (h2c) off in the client"
            ),
            Self::Tls => format!(
                "the client began with TLS, and this proxy speaks plain HTTP on loopback: give the client{address} \
                 as base URL, without the s of https"
            ),
        }
    }

    /// Answers in the client's own protocol, and ends the connection.
    pub(super) async fn refuse(self, stream: &mut TcpStream, why: &str) {
        // A client that went away needs no answer.
        match self {
            Self::Http2 => {
                let _ = tokio::time::timeout(PATIENCE, http2::refuse(stream, why)).await;
            }
            Self::Tls => {
                let _ = stream.write_all(&TLS_ALERT).await;
            }
        }
        read_the_rest(stream).await;
    }
}

/// The answer to a request for something that is no path. A client that takes this for a general proxy, as proxy
/// settings of the environment make it do, asks for tunnels or for whole URLs.
pub(super) fn no_path(method: &str, target: &str, here: Option<SocketAddr>) -> String {
    let (what, variable) = if method == "CONNECT" {
        ("a tunnel (CONNECT)", "HTTPS_PROXY")
    } else if target.contains("://") {
        ("the URL of another server", "HTTP_PROXY")
    } else if target == "*" {
        return "the client asked about the server as a whole (a request for *), which is not sent on: leave that \
                request out, or ask for a path"
            .to_owned();
    } else {
        return "the client asked for something that is neither a path nor a URL: begin the path with a slash"
            .to_owned();
    };
    let address = address(here);
    format!(
        "the client asked for {what}, and this is no general proxy: take its address out of the client's proxy \
         settings ({variable}) and give the client{address} as base URL"
    )
}

fn address(here: Option<SocketAddr>) -> String {
    here.map_or_else(String::new, |here| format!(" http://{here}"))
}

/// Answers with an error of this proxy, and ends the connection.
pub(super) async fn refuse(stream: &mut TcpStream, status: &str, text: &str) {
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{text}",
        text.len()
    );
    // A client that went away needs no answer.
    let _ = stream.write_all(answer.as_bytes()).await;
    read_the_rest(stream).await;
}

/// An unread rest would reset the connection before the answer is read.
async fn read_the_rest(stream: &mut TcpStream) {
    let _ = stream.shutdown().await;
    let mut rest = [0; 4096];
    for _ in 0..16 {
        let more = tokio::time::timeout(Duration::from_secs(1), stream.read(&mut rest));
        if !matches!(more.await, Ok(Ok(1..))) {
            break;
        }
    }
}
