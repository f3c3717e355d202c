//! The only place that builds HTTP clients for requests with credentials.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::LazyLock;
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Proxy, Request, Response};

use crate::Error;
#[cfg(not(feature = "gzip"))]
use crate::request::coding::IDENTITY as CODINGS;
use crate::request::network_error::{bytes_of_headers, note_large_headers};

#[cfg(feature = "gzip")]
const CODINGS: reqwest::header::HeaderValue = reqwest::header::HeaderValue::from_static("gzip");

/// A `reqwest::Client` that sends a request once, and to its server only: it follows no redirect, repeats
/// nothing by itself, resolves `localhost` without a resolver, and uses no proxy for plain `http`.
///
/// # Your own `reqwest::Client`
///
/// [`from_builder`](Self::from_builder) takes your settings, and switches off those that could send a secret
/// elsewhere or twice. Start from [`builder`](Self::builder) to keep the rest of our defaults.
///
/// | setting of `reqwest::ClientBuilder` | |
/// |---|---|
/// | `redirect`, `referer` | always off: reqwest drops `Authorization` on the way to another host, but hands on `X-Api-Key` and the like, repeats the body on 307, and puts the former URL into `Referer`. A redirect comes back as the answer that it is |
/// | `retry` | always `never()`: over HTTP/2 reqwest sends a request up to twice more if it is refused with `REFUSED_STREAM` or `GOAWAY`, and proxies say so of requests that were processed. A request on a kept connection that turns out to be closed is still sent on a new one, if not a byte of it was written |
/// | `resolve`, `dns_resolver` | yours, but for `localhost`, which is always 127.0.0.1 and `::1` |
/// | `proxy`, `no_proxy` and the proxies of the environment (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`) | yours, for `https`, which goes through a proxy by `CONNECT`. Where any of these is set, `NO_PROXY` alone included, plain `http`, which goes to loopback, is sent by a client that has our defaults instead of your settings; with `no_proxy()` it has yours. Built without one of the features `rustls` and `native-tls`, no proxy is used at all |
/// | `timeout`, `connect_timeout`, `read_timeout` | yours. reqwest has none, so set them; a `timeout` covers long answers to the end |
/// | `http2_keep_alive_interval`, `http2_keep_alive_timeout`, `http1_only` | yours. Over HTTP/2 one connection carries all requests, and without these pings a client never leaves one whose far end hangs. Another crate that turns on reqwest's `http2` turns it on for you too |
/// | `tcp_keepalive`, `tcp_user_timeout` | yours. reqwest's own (15 s, 30 s) find a machine that is gone, but not a program that hangs |
/// | `gzip`, `brotli`, `zstd`, `deflate` | yours; nothing is asked for unless you turn them on, and on our [`builder`](Self::builder) set `Accept-Encoding` as well, since its `identity` wins. The feature `gzip` of this crate is another way. reqwest 0.13.5 ends a gzip body at its first member, of which RFC 1952 allows many, and leaves `x-gzip` as it is; without its features this crate reads both |
/// | `cookie_store` | leave it off: a session's cookie is a second credential |
/// | `default_headers` | yours; no `Authorization`, since a request that carries a credential already is refused |
/// | `danger_accept_invalid_certs`, `danger_accept_invalid_hostnames` | never: any server that answers gets the credential |
#[derive(Clone)]
pub struct HttpClient {
    https: Client,
    /// For plain `http`, which goes to loopback only.
    plain: Client,
}

impl HttpClient {
    /// A client of [`builder`](Self::builder).
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if TLS cannot be set up.
    pub fn new() -> Result<Self, Error> {
        Self::from_builder(Self::builder())
    }

    /// Our defaults, to add your own settings to: 10 s to connect, at most 120 s of silence while an answer is
    /// read, and no limit on a whole exchange, since bulk answers take long. Unless a request says otherwise,
    /// it asks for no compression (`Accept-Encoding: identity`), or with the feature `gzip` for gzip, which
    /// this crate then decompresses.
    ///
    /// It speaks HTTP/1.1. With the feature `http2` it speaks HTTP/2 to servers that have it, and sends a
    /// ping after 20 s of silence while a request waits; a connection that does not answer it within 10 s
    /// is left.
    pub fn builder() -> ClientBuilder {
        versions(Client::builder())
            .default_headers(HeaderMap::from_iter([(ACCEPT_ENCODING, CODINGS)]))
            .user_agent(concat!("tegata/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(Duration::from_secs(120))
    }

    /// A client with your own settings, some of which are [overruled](Self#your-own-reqwestclient).
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if reqwest cannot build it.
    pub fn from_builder(builder: ClientBuilder) -> Result<Self, Error> {
        let https = build(builder)?;
        // A builder can be used only once, and the proxies of a built client cannot be removed.
        let plain = if may_proxy_http(&https) {
            build(Self::builder().no_proxy())?
        } else {
            https.clone()
        };
        Ok(Self { https, plain })
    }

    pub(crate) fn client_for(&self, url: &str) -> &Client {
        if url.starts_with("http:") {
            &self.plain
        } else {
            &self.https
        }
    }

    /// Sends it, and returns the response with its URL.
    pub(crate) async fn send(&self, request: Request) -> Result<Response, Error> {
        let headers = bytes_of_headers(request.headers());
        let response = self
            .client_for(request.url().as_str())
            .execute(request)
            .await;
        let mut response = response.map_err(|error| Error::from_sending(error, headers))?;
        note_large_headers(&mut response, headers);
        Ok(response)
    }

    pub(crate) async fn execute(&self, request: Request) -> Result<Response, Error> {
        let response = self.send(request).await?;
        // This drops the URL of the response, whose query may hold a secret and which `Debug` and every later
        // error of reqwest would print.
        Ok(http::Response::<reqwest::Body>::from(response).into())
    }
}

/// Builds the client with the settings that are fixed for every client.
fn build(builder: ClientBuilder) -> Result<Client, Error> {
    let loopback = [
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::LOCALHOST),
    ];
    // Port 0 stands for the port of the URL.
    let loopback = loopback.map(|ip| SocketAddr::new(ip, 0));
    // Without TLS there is no CONNECT: reqwest would send the proxy a whole https request in the clear.
    #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
    let builder = builder.no_proxy();
    builder
        .redirect(Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        // glibc asks DNS for these names where /etc/hosts lacks them.
        .resolve_to_addrs("localhost", &loopback)
        .resolve_to_addrs("localhost.", &loopback)
        .build()
        .map_err(|error| {
            Error::configuration("the HTTP client could not be built")
                .with_source(error.without_url())
        })
}

#[cfg(feature = "http2")]
fn versions(builder: ClientBuilder) -> ClientBuilder {
    builder
        .http2_keep_alive_interval(Duration::from_secs(20))
        .http2_keep_alive_timeout(Duration::from_secs(10))
}

/// Without the feature the pings cannot be set, but another crate may have turned HTTP/2 on.
#[cfg(not(feature = "http2"))]
fn versions(builder: ClientBuilder) -> ClientBuilder {
    builder.http1_only()
}

/// Whether a proxy could be used for plain http. reqwest shows this only in its `Debug` text; an unknown text
/// counts as true.
fn may_proxy_http(client: &Client) -> bool {
    static IS_SHOWN: LazyLock<bool> = LazyLock::new(|| {
        let proxied = Proxy::all("http://127.0.0.1:9")
            .and_then(|proxy| Client::builder().proxy(proxy).build());
        proxied.is_ok_and(|client| format!("{client:?}").contains(PROXIES))
    });
    const PROXIES: &str = "proxies: [";
    let text = format!("{client:?}");
    match text.split_once(PROXIES) {
        Some((_, list)) => !list.starts_with("Matcher]"),
        None => !*IS_SHOWN,
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Default headers of the inner client may hold secrets.
        f.write_str("HttpClient(..)")
    }
}

impl TryFrom<ClientBuilder> for HttpClient {
    type Error = Error;

    fn try_from(builder: ClientBuilder) -> Result<Self, Error> {
        Self::from_builder(builder)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_redirect_is_not_followed_even_if_the_builder_allows_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let location = url.clone();
        let server = tokio::spawn(async move {
            let (mut connection, _) = listener.accept().await.expect("a connection");
            let mut request = [0; 1024];
            let read = connection.read(&mut request).await.expect("a request");
            assert!(read > 0);
            let answer =
                format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
            connection
                .write_all(answer.as_bytes())
                .await
                .expect("written");
            connection
        });
        let builder = Client::builder().no_proxy().redirect(Policy::limited(5));
        let client = HttpClient::try_from(builder).expect("builds");
        let response = client.plain.get(url).send().await.expect("an answer");
        assert_eq!(response.status(), 302);
        drop(server.await);
    }

    #[test]
    fn default_headers_are_not_printed() {
        let headers = [(reqwest::header::COOKIE, "CANARY".parse().expect("a value"))];
        let builder = Client::builder().default_headers(headers.into_iter().collect());
        let client = HttpClient::from_builder(builder).expect("builds");
        assert!(!format!("{client:?}").contains("CANARY"));
    }
}
