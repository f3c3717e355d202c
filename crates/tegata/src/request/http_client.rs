//! An HTTP client that a credential can be given to.

use std::fmt;
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Request, Response};

use crate::Error;
use crate::request::transport::IDENTITY;

/// A `reqwest::Client` that follows no redirect.
///
/// When reqwest follows a redirect to another host it drops `Authorization`, but it hands on
/// `X-Api-Key` and the like, repeats the body on 307, and puts the former URL into `Referer`. So a client
/// that carries credentials must not follow any; a redirect comes back as the answer that it is.
#[derive(Clone)]
pub struct HttpClient(Client);

impl HttpClient {
    /// A client with the defaults: 10 s to connect, at most 120 s of silence while an answer is read,
    /// and no limit on a whole exchange, since bulk answers take long. Unless a request says otherwise, it asks
    /// for no compression (`Accept-Encoding: identity`).
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if TLS cannot be set up.
    pub fn new() -> Result<Self, Error> {
        let builder = Client::builder()
            .default_headers(HeaderMap::from_iter([(ACCEPT_ENCODING, IDENTITY)]))
            .user_agent(concat!("tegata/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(Duration::from_secs(120));
        Self::from_builder(builder)
    }

    /// A client with your own settings, in which redirects and `Referer` are switched off.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if reqwest cannot build it.
    pub fn from_builder(builder: ClientBuilder) -> Result<Self, Error> {
        builder
            .redirect(Policy::none())
            .referer(false)
            .build()
            .map(Self)
            .map_err(|error| {
                Error::configuration("the HTTP client could not be built")
                    .with_source(error.without_url())
            })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.0
    }

    pub(crate) async fn execute(&self, request: Request) -> Result<Response, Error> {
        let response = self.0.execute(request).await.map_err(Error::from_reqwest)?;
        // On this way the response loses its URL, whose query may hold a secret and which `Debug` and
        // every later error of reqwest would print.
        Ok(http::Response::<reqwest::Body>::from(response).into())
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
    async fn a_redirect_is_not_followed_whatever_the_builder_says() {
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
        let response = client.client().get(url).send().await.expect("an answer");
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
