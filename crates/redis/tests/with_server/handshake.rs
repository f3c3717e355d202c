//! The handshake on a connection, and the address of a connection.

use rstest::rstest;
use tegata::TokenStore as _;
use tegata_redis::RedisStore;
use tegata_redis::redis;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::Make::{self, Redis6, Redis7, Valkey};
use crate::support::{LONG, RedisServer, record, soon};

/// Accepts one connection, answers each command as Redis would, and returns the names of the commands.
async fn overhear(listener: TcpListener, count: usize) -> Vec<String> {
    let (mut stream, _) = listener.accept().await.expect("a connection");
    let (mut commands, mut bytes) = (Vec::new(), vec![0; 4096]);
    while commands.len() < count {
        let read = stream.read(&mut bytes).await.expect("readable");
        assert!(read > 0, "closed after {commands:?}");
        let text = String::from_utf8_lossy(&bytes[..read]).into_owned();
        let lines: Vec<_> = text.split("\r\n").collect();
        for (at, line) in lines.iter().enumerate() {
            if line.starts_with('*') {
                let name = lines[at + 2].to_owned();
                let answer = if name == "GET" { "$-1\r\n" } else { "+OK\r\n" };
                stream.write_all(answer.as_bytes()).await.expect("sent");
                commands.push(name);
            }
        }
    }
    commands
}

/// twemproxy closes the connection at unknown commands, such as `CLIENT SETINFO`.
#[rstest]
#[case("", "", &["GET"])]
#[case(":secret@", "", &["AUTH", "GET"])]
#[case("user:secret@", "3", &["AUTH", "SELECT", "GET"])]
#[tokio::test]
async fn nothing_is_sent_that_is_not_needed(
    #[case] user: &str,
    #[case] database: &str,
    #[case] expected: &[&str],
    #[values(false, true)] by_client: bool,
) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let url = format!("redis://{user}{address}/{database}");
    let builder = if by_client {
        let client = redis::Client::open(url.as_str()).expect("a client");
        RedisStore::with_client(client)
    } else {
        RedisStore::builder(&url)
    };
    let store = builder.build("jooto", "main").expect("a store");
    let heard = tokio::spawn(overhear(listener, expected.len()));
    assert_eq!(store.load().await.expect("loaded"), None);
    assert_eq!(soon("commands", heard).await.expect("no panic"), expected);
}

/// Like a server with too many clients whose answer is lost, or a proxy without a server.
#[rstest]
#[case("", "")]
#[case(":CANARY@", "")]
#[case("", "3")]
#[tokio::test]
async fn a_connection_that_is_closed_at_once_is_said_to_be(
    #[case] user: &str,
    #[case] database: &str,
) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(stream);
        }
    });
    let builder = RedisStore::builder(format!("redis://{user}{address}/{database}"));
    let store = builder.build("jooto", "main").expect("a store");
    let error = store.load().await.expect_err("closed");
    let text = error.to_string();
    assert!(
        text.contains("closes new connections") && text.contains("maxclients"),
        "{text}"
    );
    assert!(error.is_transient() && !text.contains("CANARY"), "{text}");
}

#[rstest]
#[tokio::test]
async fn a_unix_socket_is_used_and_named_if_it_is_missing(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("redis.sock");
    let path = path.to_str().expect("UTF-8");
    let Some(mut server) = RedisServer::start_with(make, &["--unixsocket", path]) else {
        return;
    };
    let builder = RedisStore::builder(format!("redis+unix://{path}?db=3"));
    let store = builder.build("jooto", "main").expect("a store");
    let lease = store.lease(LONG).await.expect("a lease");
    store.save(&record("main", 1, 0)).await.expect("saved");
    drop(lease);
    store.released().await;
    server.stop();
    let error = store.load().await.expect_err("nothing listens");
    assert!(error.to_string().contains(path), "{error}");
    assert!(error.is_transient(), "{error:?}");
    let _ = std::fs::remove_file(path);
    let error = store.load().await.expect_err("gone");
    let text = error.to_string();
    assert!(
        text.contains(&format!("there is no unix socket `{path}`")),
        "{text}"
    );
    assert!(!text.contains("host and port"), "{text}");
}

#[rstest]
#[tokio::test]
async fn the_newer_protocol_works_too(#[values(Redis7, Redis6, Valkey)] make: Make) {
    let Some(server) = RedisServer::start_with(make, &["--requirepass", "secret"]) else {
        return;
    };
    let url = |password: &str| {
        let url = server
            .url()
            .replace("//", &format!("//default:{password}@"));
        format!("{url}2?protocol=resp3")
    };
    let store = |url: &str| {
        let builder = RedisStore::builder(url);
        builder.build("jooto", "main").expect("a store")
    };
    let good = store(&url("secret"));
    let lease = good.lease(LONG).await.expect("a lease");
    good.save(&record("main", 1, 0)).await.expect("saved");
    drop(lease);
    let error = store(&url("CANARY")).load().await.expect_err("refused");
    assert!(
        error
            .to_string()
            .contains("refused the user name or password"),
        "{error}"
    );
    assert!(!error.to_string().contains("CANARY"), "{error}");
}
