//! The faulty front of the token endpoint.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What becomes of a connection.
#[derive(Clone, Debug)]
pub(crate) enum Conduct {
    /// It goes through to the emulator, after so long.
    Through(Duration),
    /// The request is read, these bytes are sent, and the connection is closed.
    Answer(Vec<u8>),
    /// The request is read, these bytes are sent, and then there is silence.
    Silence(Vec<u8>),
    /// The request is read, these bytes are sent, and then blanks without end.
    Endless(Vec<u8>),
    /// Nothing listens there.
    Refused,
}

impl Conduct {
    /// Whether a head is sent and then nothing, so that a body is waited for.
    pub(crate) fn begins_an_answer(&self) -> bool {
        let has_head = |bytes: &[u8]| bytes.windows(4).any(|end| end == b"\r\n\r\n");
        matches!(self, Self::Silence(bytes) if has_head(bytes))
    }

    /// Whether the body that is sent may hold a refresh token: it has the word, and is no object that has an access
    /// token's member and none for a refresh token.
    pub(crate) fn may_hold_a_refresh_token(&self) -> bool {
        let (Self::Answer(bytes) | Self::Silence(bytes) | Self::Endless(bytes)) = self else {
            return true;
        };
        let text = String::from_utf8_lossy(bytes).to_lowercase();
        let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let object: Option<serde_json::Map<_, _>> = serde_json::from_str(body).ok();
        let has = |name: &str| {
            object
                .as_ref()
                .is_some_and(|object| object.contains_key(name))
        };
        body.contains("token") && (!has("access_token") || has("refresh_token"))
    }
}

/// Before the emulator, on a port of its own. Every connection meets the conduct of the moment.
pub(crate) struct Front {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

struct Shared {
    behind: String,
    conduct: Mutex<Conduct>,
    arrived: AtomicUsize,
}

impl Front {
    /// `behind` is the emulator's URL.
    pub(crate) async fn start(behind: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let shared = Arc::new(Shared {
            behind: behind.trim_start_matches("http://").to_owned(),
            conduct: Mutex::new(Conduct::Through(Duration::ZERO)),
            arrived: AtomicUsize::new(0),
        });
        let listening = Some(tokio::spawn(listen(listener, Arc::clone(&shared))));
        Self {
            address,
            shared,
            listening,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many connections there have been.
    pub(crate) fn arrived(&self) -> usize {
        self.shared.arrived.load(Ordering::SeqCst)
    }

    pub(crate) async fn set(&mut self, conduct: Conduct) {
        match (&conduct, self.listening.take()) {
            (Conduct::Refused, Some(listening)) => {
                listening.abort();
                // It is cancelled, as asked.
                drop(listening.await);
            }
            (Conduct::Refused, None) => {}
            (_, Some(listening)) => self.listening = Some(listening),
            (_, None) => {
                let listener = TcpListener::bind(self.address).await;
                let listener = listener.expect("the same port");
                self.listening = Some(tokio::spawn(listen(listener, Arc::clone(&self.shared))));
            }
        }
        *self
            .shared
            .conduct
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = conduct;
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        if let Some(listening) = &self.listening {
            listening.abort();
        }
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let conduct = shared
            .conduct
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let behind = shared.behind.clone();
        // The conduct begins, with its wait, before the connection becomes visible.
        let mut served = Box::pin(serve(stream, conduct, behind));
        let waits = std::future::poll_fn(|context| {
            std::task::Poll::Ready(served.as_mut().poll(context).is_pending())
        });
        if waits.await {
            tokio::spawn(served);
        }
        shared.arrived.fetch_add(1, Ordering::SeqCst);
    }
}

async fn serve(mut stream: TcpStream, conduct: Conduct, behind: String) {
    match conduct {
        Conduct::Through(after) => {
            tokio::time::sleep(after).await;
            let mut emulator = TcpStream::connect(behind)
                .await
                .expect("the emulator is there");
            // Either side may go away at any time.
            drop(copy_bidirectional(&mut stream, &mut emulator).await);
        }
        Conduct::Answer(bytes) => {
            read_request(&mut stream).await;
            drop(stream.write_all(&bytes).await);
            drop(stream.shutdown().await);
        }
        Conduct::Silence(bytes) => {
            read_request(&mut stream).await;
            drop(stream.write_all(&bytes).await);
            // Until the client has gone.
            let _ = stream.read(&mut [0]).await;
        }
        Conduct::Endless(bytes) => {
            read_request(&mut stream).await;
            let blanks = vec![b' '; 1 << 20];
            let mut sent = stream.write_all(&bytes).await;
            while sent.is_ok() {
                sent = stream.write_all(&blanks).await;
            }
        }
        Conduct::Refused => {}
    }
}

/// Up to the end of its body, so that no answer comes before its request.
async fn read_request(stream: &mut TcpStream) {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.and_then(|length| length.parse().ok()).unwrap_or(0) {
                return;
            }
        }
        match stream.read(&mut chunk).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(&chunk[..read]),
            _ => return,
        }
    }
}
