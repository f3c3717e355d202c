//! An HTTP client that a credential can be given to.

use std::fmt;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Request, Response};

use crate::Error;

/// A `reqwest::Client` that follows no redirect.
///
/// When reqwest follows a redirect to another host it drops `Authorization`, but it hands on
/// `X-Api-Key` and the like, repeats the body on 307, and puts the former URL into `Referer`. So a client
/// that carries credentials must not follow any; a redirect comes back as the answer that it is.
#[derive(Clone)]
pub struct HttpClient(Client);

impl HttpClient {
    /// A client with the defaults: 10 s to connect, at most 120 s of silence while an answer is read,
    /// and no limit on a whole exchange, since bulk answers take long.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if TLS cannot be set up.
    pub fn new() -> Result<Self, Error> {
        let builder = Client::builder()
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

    /// Your own client, if it was built with `redirect(Policy::none())`.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it may follow redirects.
    pub fn from_client(client: Client) -> Result<Self, Error> {
        // reqwest offers no way to ask. Its `Debug` names the policy unless it is the default; should
        // that text ever change, every client is refused here, never one accepted that redirects.
        let described = format!("{client:?}");
        if described.contains(r#"redirect_policy: "Policy(None)""#) {
            return Ok(Self(client));
        }
        Err(Error::configuration(
            "this reqwest::Client follows redirects, which would carry the credential to wherever they \
             point: build it with `.redirect(reqwest::redirect::Policy::none())`, or hand over its \
             ClientBuilder",
        ))
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

/// Anything of which an [`HttpClient`] can be made: for builders.
pub trait IntoHttpClient {
    /// Makes the client.
    ///
    /// # Errors
    /// As [`HttpClient::from_client`] and [`HttpClient::from_builder`].
    fn into_http_client(self) -> Result<HttpClient, Error>;
}

impl IntoHttpClient for HttpClient {
    fn into_http_client(self) -> Result<HttpClient, Error> {
        Ok(self)
    }
}

impl IntoHttpClient for Client {
    fn into_http_client(self) -> Result<HttpClient, Error> {
        HttpClient::from_client(self)
    }
}

impl IntoHttpClient for ClientBuilder {
    fn into_http_client(self) -> Result<HttpClient, Error> {
        HttpClient::from_builder(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ready_client_that_follows_redirects_is_refused() {
        for client in [
            Client::new(),
            Client::builder()
                .redirect(Policy::limited(1))
                .build()
                .expect("builds"),
            Client::builder()
                .redirect(Policy::custom(|hop| match hop.previous() {
                    [] => hop.stop(),
                    _ => hop.follow(),
                }))
                .build()
                .expect("builds"),
        ] {
            let error = HttpClient::from_client(client).expect_err("refused");
            assert!(error.to_string().contains("Policy::none"), "{error}");
        }
    }

    #[test]
    fn a_ready_client_without_redirects_is_accepted() {
        let client = Client::builder()
            .redirect(Policy::none())
            .build()
            .expect("builds");
        HttpClient::from_client(client).expect("accepted");
    }

    #[test]
    fn default_headers_are_not_printed() {
        let headers = [(reqwest::header::COOKIE, "CANARY".parse().expect("a value"))];
        let builder = Client::builder().default_headers(headers.into_iter().collect());
        let client = HttpClient::from_builder(builder).expect("builds");
        assert!(!format!("{client:?}").contains("CANARY"));
    }
}
