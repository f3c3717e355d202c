//! Connections over TLS.

use std::io;
use std::net::SocketAddr;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::server::TlsStream;

use crate::tls::Tls;

/// How many connections may wait to be served.
const WAITING: usize = 64;

/// A listener whose connections have been through their handshake.
pub(super) struct Secure {
    address: SocketAddr,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    task: JoinHandle<()>,
}

impl Secure {
    pub(super) fn new(mut listener: TcpListener, address: SocketAddr, tls: &Tls) -> Self {
        let (sender, ready) = mpsc::channel(WAITING);
        let acceptor = tls.acceptor().clone();
        let task = tokio::spawn(async move {
            loop {
                let (stream, peer) = Listener::accept(&mut listener).await;
                let (acceptor, sender) = (acceptor.clone(), sender.clone());
                // A slow handshake keeps no other connection waiting.
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        let _ = sender.send((stream, peer)).await;
                    }
                });
            }
        });
        Self {
            address,
            ready,
            task,
        }
    }
}

impl Listener for Secure {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The task above ends with the program only.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        self.task.abort();
    }
}
