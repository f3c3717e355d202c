//! An authorization server, described by itself.

use std::fmt;
use std::time::Duration;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderValue};
use reqwest::{Body, Method, Request, Response, StatusCode};
use serde_json::{Map, Value};
use tokio::time::timeout;
use url::Url;

use crate::oauth::metadata;
use crate::oauth::server::Server;
use crate::oauth::well_known::{Asked, Issuers};
use crate::provider::BoxFuture;
use crate::request::body::{Limits, json, whole};
use crate::request::media::media_type;
use crate::request::{coding, failure};
use crate::{Error, ErrorKind, HttpClient, Settings};

/// Metadata is a few kilobytes long.
const LIMITS: Limits = Limits {
    bytes: 262_144,
    time: Duration::from_secs(30),
};

/// A [`Server`] that is made of its own metadata (RFC 8414, `OpenID` Connect Discovery 1.0), fetched once when this is
/// awaited.
///
/// ```no_run
/// # async fn example() -> Result<(), tegata::Error> {
/// use tegata::oauth::{App, Server};
///
/// let server = Server::discover("https://login.example.com").await?;
/// let app = App::builder(server.scopes(["openid"]), "client id", "client secret").build()?;
/// # Ok(()) }
/// ```
#[must_use = "nothing is fetched until it is awaited"]
pub struct Discovery {
    url: String,
    issuer: Option<String>,
    server: Server,
    settings: Settings,
}

impl Server {
    /// Describes a server by its metadata: given its issuer identifier, or the URL of the metadata, such as
    /// `openIdConnectUrl` and `oauth2MetadataUrl` in OpenAPI.
    ///
    /// | member of the metadata | becomes |
    /// |---|---|
    /// | `issuer` | has to be the one that was asked for, letter by letter (RFC 8414, section 3.3); [`issuer`](Self::issuer) |
    /// | `token_endpoint`, which has to be there | [`token_url`](Self::token_url) |
    /// | `authorization_endpoint`, `device_authorization_endpoint` | [`authorization_url`](Self::authorization_url), [`device_url`](Self::device_url) |
    /// | `token_endpoint_auth_methods_supported` | [`client_auth`](Self::client_auth): Basic if it is there or nothing is said, else in the body, else none |
    /// | `code_challenge_methods_supported` without `S256` | [`without_pkce`](Self::without_pkce); if it is missing, PKCE is used |
    /// | `authorization_response_iss_parameter_supported` | [`required_issuer`](Self::required_issuer) |
    /// | `scopes_supported` | [`offered_scopes`](Self::offered_scopes); none is asked for unless it is set |
    ///
    /// For an issuer, the places of RFC 8414 and of `OpenID` Connect are tried in this order; for the URL of metadata,
    /// that URL first. No redirect is followed. `http` is for this machine only, and metadata from elsewhere cannot lead there.
    pub fn discover(issuer_or_url: impl Into<String>) -> Discovery {
        Discovery {
            url: issuer_or_url.into(),
            issuer: None,
            server: Self::new(""),
            settings: Settings::new(),
        }
    }
}

impl Discovery {
    /// The issuer identifier that the metadata has to name, if it is not the one that follows from the URL.
    pub fn issuer(mut self, identifier: impl Into<String>) -> Self {
        self.issuer = Some(identifier.into());
        self
    }

    /// Changes the server that is filled in. What is set here wins over the metadata.
    ///
    /// ```
    /// use tegata::oauth::{ClientAuth, Server};
    ///
    /// let discovery = Server::discover("https://login.example.com")
    ///     .configure(|server| server.client_auth(ClientAuth::Post).scopes(["openid"]));
    /// ```
    pub fn configure(mut self, change: impl FnOnce(Server) -> Server) -> Self {
        self.server = change(self.server);
        self
    }

    /// Fetches with this client; see [`Settings::http_client`].
    pub fn http_client<C>(mut self, client: C) -> Self
    where
        C: TryInto<HttpClient>,
        Error: From<C::Error>,
    {
        self.settings = self.settings.http_client(client);
        self
    }

    /// Fetches the metadata; the same as awaiting this value.
    ///
    /// # Errors
    /// * [`ErrorKind::Configuration`] if the URL is neither `https` nor of this machine, or the HTTP client cannot be built.
    /// * [`ErrorKind::InvalidResponse`] if the metadata is none, is of another issuer, lacks the token endpoint, or names a
    ///   URL to which no credential may go; also if the client can authenticate in no way that the server takes.
    /// * [`ErrorKind::Status`] if the server answers with a failure, with a redirect, or has no metadata.
    /// * Connection errors and timeouts.
    pub async fn fetch(self) -> Result<Server, Error> {
        let url = self.server.url("metadata URL", &self.url)?;
        // A relative URL is no issuer, so its text is compared with nothing.
        let text = match Url::parse(self.url.trim()) {
            Ok(_) => self.url.trim(),
            Err(_) => url.as_str(),
        };
        let asked = Asked::of(text, &url)?;
        let issuer = self.issuer.map(Issuers::Exactly).or(asked.issuer);
        let issuer = issuer.ok_or_else(|| {
            Error::configuration(
                "the issuer does not follow from a metadata URL with a path on both sides of `.well-known`: set `issuer`",
            )
        })?;
        let http = self.settings.to_http_client()?;
        let (url, object) = first_of(&http, asked.urls).await?;
        metadata::fill(self.server, &object, &issuer, &url)
    }
}

impl IntoFuture for Discovery {
    type Output = Result<Server, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.fetch())
    }
}

impl fmt::Debug for Discovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the URL, whose query may hold a key.
        f.debug_struct("Discovery")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

/// The metadata, from the first place where there is some.
async fn first_of(http: &HttpClient, urls: Vec<Url>) -> Result<(Url, Map<String, Value>), Error> {
    let is_only_one = urls.len() == 1;
    let mut reason = None;
    for url in urls {
        match fetch(http, &url).await {
            Ok(object) => return Ok((url, object)),
            Err(Failure::Here(error)) => return Err(error),
            Err(Failure::NotHere(error)) => {
                let is_missing = error.status() == Some(StatusCode::NOT_FOUND);
                if is_only_one || !is_missing {
                    reason.get_or_insert(error);
                }
            }
        }
    }
    Err(reason.unwrap_or_else(|| {
        let why = "the server has no metadata, neither where RFC 8414 nor where OpenID Connect puts it: check the issuer, \
                   or describe the server by `Server::new`";
        Error::new(ErrorKind::Status, why).with_status(404)
    }))
}

/// Why there is no metadata at a place.
enum Failure {
    /// It may be at another one.
    NotHere(Error),
    Here(Error),
}

async fn fetch(http: &HttpClient, url: &Url) -> Result<Map<String, Value>, Failure> {
    let mut request = Request::new(Method::GET, url.clone());
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT_ENCODING, coding::IDENTITY);
    let answer = async {
        let response = http.execute(request).await.map_err(Failure::Here)?;
        read(response).await
    };
    timeout(LIMITS.time, answer).await.unwrap_or_else(|_| {
        let seconds = LIMITS.time.as_secs();
        let why = format!("the server's metadata did not come within {seconds} s");
        Err(Failure::Here(Error::new(ErrorKind::Timeout, why)))
    })
}

async fn read(response: Response) -> Result<Map<String, Value>, Failure> {
    let status = response.status();
    if !status.is_success() {
        let why = if status.is_redirection() {
            "the metadata is behind a redirect, which is not followed: give the URL to which it leads"
        } else {
            "the server's metadata could not be fetched: check the issuer"
        };
        let error = failure::read(response, ErrorKind::Status, why).await;
        // A server says by any of these that it knows no such path.
        let is_elsewhere = (300..500).contains(&status.as_u16()) && !error.is_transient();
        return Err(if is_elsewhere {
            Failure::NotHere(error)
        } else {
            Failure::Here(error)
        });
    }
    let (head, body) = http::Response::<Body>::from(response).into_parts();
    let invalid = |message: String| {
        Error::new(ErrorKind::InvalidResponse, message).with_status(status.as_u16())
    };
    let body = whole(&head.headers, body, &LIMITS).await;
    let body = body.map_err(|error| match error.kind() {
        ErrorKind::InvalidResponse => Failure::Here(
            invalid("the server's metadata cannot be read: check the issuer".to_owned())
                .with_source(error),
        ),
        _ => Failure::Here(error),
    })?;
    match serde_json::from_slice::<Map<String, Value>>(&json(&body)) {
        Ok(object) if object.contains_key("issuer") => Ok(object),
        Ok(_) => Err(Failure::NotHere(invalid(
            "the server's metadata lacks `issuer`: check the issuer that is asked for".to_owned(),
        ))),
        // The text is not repeated: it is the server's.
        Err(_) => {
            let what = media_type(&head.headers).unwrap_or("something that is no JSON object");
            let why = format!(
                "the server answered with {what} in place of its metadata: check the issuer"
            );
            Err(Failure::NotHere(invalid(why)))
        }
    }
}
