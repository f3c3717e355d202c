//! The text of an error about a failing network: the origin, the reason, what to check, and whether it may
//! pass.

use std::sync::Arc;

use rstest::rstest;
use tegata::reqwest::dns::{Name, Resolve, Resolving};
use tegata::reqwest::{ClientBuilder, Proxy};
use tegata::{Error, ErrorKind, HttpClient};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::certificates::{Authority, Issued};
use crate::{client, failed, trusting};

/// A server that shakes hands with this certificate, and its port.
async fn tls_server(issued: &Issued) -> u16 {
    let certificate = CertificateDer::from_pem_slice(issued.certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (connection, _) = listener.accept().await.unwrap();
            drop(acceptor.accept(connection).await);
        }
    });
    port
}

/// A server that reads something, gives this answer, and closes.
async fn answering(answer: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut read = vec![0; 64 * 1024];
            drop(connection.read(&mut read).await);
            drop(connection.write_all(answer.as_bytes()).await);
        }
    });
    port
}

async fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}

/// The error of a call to this port over https.
async fn over_https(http: ClientBuilder, port: u16) -> Error {
    let base = format!("https://localhost:{port}/CANARY-path");
    let error = failed(&client(http, &base, "key")).await;
    let origin = format!("https://localhost:{port} could not be reached: ");
    assert!(error.to_string().starts_with(&origin), "{error}");
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    error
}

#[rstest]
#[case("localhost", 2001, true, "expired")]
#[case("other.example", 4000, true, "for another host name")]
#[case(
    "localhost",
    4000,
    false,
    "an authority that this machine does not trust"
)]
#[tokio::test]
async fn a_certificate_that_is_not_accepted_is_no_passing_trouble(
    #[case] name: &str,
    #[case] year: i32,
    #[case] is_trusted: bool,
    #[case] reason: &str,
) {
    let authority = Authority::new();
    let port = tls_server(&authority.issue_until(name, year)).await;
    let trusted = if is_trusted {
        authority
    } else {
        Authority::new()
    };
    let error = over_https(trusting(&trusted.pem).no_proxy(), port).await;
    assert!(error.to_string().contains(reason), "{error}");
    assert!(!error.is_transient(), "{error}");
}

#[tokio::test]
async fn https_to_a_port_without_tls_is_named() {
    let port = answering("HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let error = over_https(HttpClient::builder().no_proxy(), port).await;
    assert!(error.to_string().contains("does not speak TLS"), "{error}");
    assert!(!error.is_transient(), "{error}");
}

#[tokio::test]
async fn a_refused_connection_may_pass() {
    let port = closed_port().await;
    let error = over_https(HttpClient::builder().no_proxy(), port).await;
    assert!(
        error.to_string().contains("connection was refused"),
        "{error}"
    );
    assert!(error.is_transient(), "{error}");
}

#[rstest]
#[case(
    "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
    "status 407",
    false
)]
#[case("HTTP/1.1 403 Forbidden\r\n\r\n", "the proxy did not connect", true)]
#[case("HTTP/1.1 502 Bad Gateway\r\n\r\n", "the proxy did not connect", true)]
#[tokio::test]
async fn a_refusal_by_a_proxy_is_named(
    #[case] answer: &'static str,
    #[case] reason: &str,
    #[case] is_transient: bool,
) {
    let proxy = format!(
        "http://user:CANARY-password@127.0.0.1:{}",
        answering(answer).await
    );
    let http = HttpClient::builder().proxy(Proxy::all(proxy).unwrap());
    let error = over_https(http, 9).await;
    assert!(error.to_string().contains(reason), "{error}");
    assert_eq!(error.is_transient(), is_transient, "{error}");
}

#[tokio::test]
async fn a_proxy_that_is_away_is_named_and_may_pass() {
    let proxy = format!("http://127.0.0.1:{}", closed_port().await);
    let http = HttpClient::builder().proxy(Proxy::all(proxy).unwrap());
    let error = over_https(http, 9).await;
    assert!(
        error.to_string().contains("the proxy could not be reached"),
        "{error}"
    );
    assert!(error.is_transient(), "{error}");
}

#[tokio::test]
async fn a_certificate_of_a_proxy_that_is_not_accepted_stays() {
    let port = tls_server(&Authority::new().issue_until("localhost", 4000)).await;
    let proxy = Proxy::all(format!("https://localhost:{port}")).expect("a proxy");
    let error = over_https(HttpClient::builder().proxy(proxy), 9).await;
    let reason = "the connection to the proxy failed in TLS";
    assert!(error.to_string().contains(reason), "{error}");
    assert!(!error.is_transient(), "{error}");
}

#[tokio::test]
async fn a_socks_proxy_without_the_feature_is_named() {
    let http = HttpClient::builder().proxy(Proxy::all("socks5://127.0.0.1:9").unwrap());
    let error = over_https(http, 9).await;
    assert!(error.to_string().contains("feature `socks`"), "{error}");
    assert!(!error.is_transient(), "{error}");
}

struct NoSuchName;

impl Resolve for NoSuchName {
    fn resolve(&self, _: Name) -> Resolving {
        Box::pin(async { Err("no such name".into()) })
    }
}

#[tokio::test]
async fn a_name_that_is_not_found_is_named() {
    let http = HttpClient::builder().no_proxy().dns_resolver(NoSuchName);
    let error = failed(&client(http, "https://nowhere.example/CANARY", "key")).await;
    let begin = "https://nowhere.example could not be reached: its name was not found";
    assert!(error.to_string().starts_with(begin), "{error}");
    assert!(error.is_transient(), "{error}");
}

#[rstest]
#[case("", "gave no answer: the request has ")]
#[case(
    "HTTP/1.1 400 Bad Request\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n",
    "call failed: the request has "
)]
#[case(
    "HTTP/1.1 431 Too Large\r\ncontent-length: 0\r\n\r\n",
    "call failed: the request has "
)]
#[tokio::test]
async fn headers_too_large_for_a_server_are_named(
    #[case] answer: &'static str,
    #[case] text: &str,
) {
    let base = format!("http://127.0.0.1:{}", answering(answer).await);
    let http = HttpClient::builder().no_proxy();
    let error = failed(&client(http, &base, &"k".repeat(9000))).await;
    assert!(error.to_string().contains(text), "{error}");
    let short = client(HttpClient::builder().no_proxy(), &base, "key");
    let error = failed(&short).await;
    assert!(!error.to_string().contains(text), "{error}");
}

#[rstest]
#[case("HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")]
#[case("HTTP/1.1 413 Too Large\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n")]
#[tokio::test]
async fn headers_are_not_blamed_for_what_a_service_refuses(#[case] answer: &'static str) {
    let base = format!("http://127.0.0.1:{}", answering(answer).await);
    let http = HttpClient::builder().no_proxy();
    let error = failed(&client(http, &base, &"k".repeat(9000))).await;
    assert!(!error.to_string().contains("headers"), "{error}");
}
