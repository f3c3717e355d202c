//! A server of a few lines, for answers that the emulator does not give.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// Answers each connection with the next script and closes it. Requests are kept as they came.
pub struct RawServer {
    origin: String,
    seen: Arc<Mutex<Vec<String>>>,
}

/// One answer.
pub enum Part {
    /// These bytes.
    Send(Vec<u8>),
    /// Wait until the test says so.
    Wait(Arc<Notify>),
}

impl RawServer {
    /// Answers so many connections; what comes after that is closed without an answer.
    pub async fn start<A>(answers: A) -> Self
    where
        A: IntoIterator<Item = Vec<Part>>,
        A::IntoIter: Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let mut answers = answers.into_iter();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let answer = answers.next().unwrap_or_default();
                tokio::spawn(converse(stream, answer, Arc::clone(&log)));
            }
        });
        Self {
            origin: format!("http://{address}"),
            seen,
        }
    }

    /// Answers every connection with these bytes.
    pub async fn always(bytes: Vec<u8>) -> Self {
        Self::start(std::iter::repeat_with(move || {
            vec![Part::Send(bytes.clone())]
        }))
        .await
    }

    /// A server that answers nothing and must not be asked.
    pub async fn silent() -> Self {
        Self::start([]).await
    }

    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The requests so far: head and body as text.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("not poisoned").clone()
    }
}

async fn converse(mut stream: TcpStream, answer: Vec<Part>, log: Arc<Mutex<Vec<String>>>) {
    let Some(request) = read(&mut stream).await else {
        return;
    };
    log.lock().expect("not poisoned").push(request);
    for part in answer {
        match part {
            // The client may have gone away; that is for the test to see.
            Part::Send(bytes) => drop(stream.write_all(&bytes).await),
            Part::Wait(until) => until.notified().await,
        }
    }
    drop(stream.shutdown().await);
}

async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && body.len() >= length(head)
        {
            return Some(text);
        }
        match stream.read(&mut chunk).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(&chunk[..read]),
            _ => return None,
        }
    }
}

fn length(head: &str) -> usize {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0)
}

/// A whole answer.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<Part> {
    let mut bytes = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        // Writing to a string cannot fail.
        let _ = write!(bytes, "{name}: {value}\r\n");
    }
    bytes.push_str("connection: close\r\n\r\n");
    let mut bytes = bytes.into_bytes();
    bytes.extend_from_slice(body);
    vec![Part::Send(bytes)]
}
