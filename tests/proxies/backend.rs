//! A server behind a proxy that answers some requests and drops the others once it has read them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

pub(crate) struct Backend {
    pub(crate) port: u16,
    requests: Arc<AtomicUsize>,
}

impl Backend {
    /// Answers so many requests of each connection, and closes it after one more, without an answer.
    pub(crate) async fn start(answered: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::<AtomicUsize>::default();
        let counter = Arc::clone(&requests);
        tokio::spawn(async move {
            loop {
                let (connection, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(connection, answered, Arc::clone(&counter)));
            }
        });
        Self { port, requests }
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

async fn serve(mut connection: TcpStream, answered: usize, requests: Arc<AtomicUsize>) {
    for number in 0..=answered {
        let mut read = Vec::new();
        while !read.ends_with(b"\r\n\r\n") {
            if connection.read_buf(&mut read).await.unwrap_or(0) == 0 {
                return;
            }
        }
        requests.fetch_add(1, Ordering::SeqCst);
        if number < answered {
            let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n\
                          {\"organizations\":[]}";
            connection.write_all(answer.as_bytes()).await.unwrap();
        }
    }
}
