//! A network between store and server, in which answers get lost.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub(crate) struct Proxy {
    url: String,
    answers: watch::Sender<Answers>,
}

/// How answers on the present connections are treated. Later connections work normally.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Answers {
    Arrive,
    /// The connection stays open, and nothing comes.
    Vanish,
    /// The connection breaks when the next one comes.
    Break,
}

impl Proxy {
    pub(crate) async fn before(server: &str) -> Self {
        let server = server
            .trim_start_matches("redis://")
            .trim_end_matches('/')
            .to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("redis://{}/", listener.local_addr().expect("an address"));
        let answers = watch::Sender::new(Answers::Arrive);
        let receiver = answers.subscribe();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server)
                    .await
                    .expect("the server is there");
                // Changes before this connection was made do not apply to it.
                let mut receiver = receiver.clone();
                receiver.mark_unchanged();
                tokio::spawn(carry(client, server, receiver));
            }
        });
        Self { url, answers }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn set(&self, answers: Answers) {
        self.answers.send_replace(answers);
    }
}

async fn carry(client: TcpStream, server: TcpStream, mut answers: watch::Receiver<Answers>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let asking =
        tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
    let mut bytes = vec![0; 65_536];
    let mut now = Answers::Arrive;
    while let Ok(count @ 1..) = from_server.read(&mut bytes).await {
        if answers.has_changed().unwrap_or(false) {
            now = *answers.borrow_and_update();
        }
        match now {
            Answers::Arrive => {
                if to_client.write_all(&bytes[..count]).await.is_err() {
                    break;
                }
            }
            Answers::Vanish => {}
            Answers::Break => break,
        }
    }
    asking.abort();
}
