//! The relay between a process and the token endpoint, in the process: it sees what is sent and what is received.

use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::child::reached;
use crate::diary;

/// Says on which port it listens.
pub(crate) async fn start(endpoint: u16) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        loop {
            if let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass_on(client, endpoint));
            }
        }
    });
    port
}

/// One request and its answer. If the client gives up, so does this.
async fn pass_on(mut client: TcpStream, endpoint: u16) -> Option<()> {
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, endpoint))
        .await
        .ok()?;
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !is_whole(&request) {
        let read = client
            .read(&mut buffer)
            .await
            .ok()
            .filter(|read| *read > 0)?;
        request.extend_from_slice(&buffer[..read]);
    }
    server.write_all(&request).await.ok()?;
    reached("sent");
    let mut answer = Vec::new();
    loop {
        tokio::select! {
            read = server.read(&mut buffer) => match read.ok()? {
                0 => break,
                read => answer.extend_from_slice(&buffer[..read]),
            },
            given_up = client.read_u8() => {
                given_up.ok()?;
            }
        }
    }
    if let Some(token) = token_in(&answer) {
        diary::write("received", &token);
        reached("received");
    }
    client.write_all(&answer).await.ok()?;
    client.shutdown().await.ok()
}

/// Whether the body is there, of a request that says how long it is.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    length.is_none_or(|length| body.len() >= length.parse().unwrap_or_default())
}

/// The name of the refresh token, without its prefix.
fn token_in(answer: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(answer);
    let (_, rest) = text.split_once("\"refresh_token\":\"R-")?;
    rest.split_once('"').map(|(name, _)| name.to_owned())
}
