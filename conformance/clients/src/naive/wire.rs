//! Requests and answers, sent with reqwest.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::redirect::Policy;
use reqwest::{Body, Client, Method};
use url::form_urlencoded::byte_serialize;
use url::{Url, form_urlencoded};

use super::Bug;
use tegata_conformance::script::{ErrorKind, Failure};

/// The most bytes that [`Bug::CutsBody`] passes on.
const BEGINNING: usize = 64 * 1024;

/// Named values, in order.
pub(super) type Fields = Vec<(&'static str, String)>;

/// A body.
#[derive(Clone)]
pub(super) enum Payload {
    Empty,
    Form(Fields),
    Json(Fields),
    Text(String),
    /// A text that can be read once.
    Stream(String),
}

/// A request.
#[derive(Clone)]
pub(super) struct Outgoing {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) query: Fields,
    pub(super) headers: Fields,
    pub(super) payload: Payload,
}

/// An answer.
pub(super) struct Incoming {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) body: Vec<u8>,
}

/// The way to the server.
pub(super) struct Wire {
    client: Client,
    /// The bug of this client, if it has one.
    pub(super) bug: Option<Bug>,
}

impl Outgoing {
    pub(super) fn new(method: &str, url: String) -> Self {
        Self {
            method: method.to_owned(),
            url,
            query: Fields::new(),
            headers: Fields::new(),
            payload: Payload::Empty,
        }
    }

    /// The fields of the body if there are any, or else of the query.
    pub(super) fn fields(&mut self) -> &mut Fields {
        match &mut self.payload {
            Payload::Form(fields) | Payload::Json(fields) => fields,
            _ => &mut self.query,
        }
    }
}

impl Wire {
    pub(super) fn new() -> Self {
        // The servers close every connection, so none is worth keeping.
        let client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .pool_max_idle_per_host(0)
            .build()
            .unwrap_or_default();
        Self { client, bug: None }
    }

    /// The same with a bug.
    pub(super) fn with(&self, bug: Option<Bug>) -> Self {
        Self {
            client: self.client.clone(),
            bug,
        }
    }

    pub(super) async fn send(&self, request: &Outgoing) -> Result<Incoming, Failure> {
        let answer = self.exchange(&request.url, request).await?;
        match &answer.location {
            Some(location)
                if self.bug == Some(Bug::FollowsRedirects)
                    && (300..400).contains(&answer.status) =>
            {
                self.exchange(location, request).await
            }
            _ => Ok(answer),
        }
    }

    async fn exchange(&self, url: &str, request: &Outgoing) -> Result<Incoming, Failure> {
        let config = |_| Failure::of(ErrorKind::Config);
        let mut url = Url::parse(url).map_err(config)?;
        if !request.query.is_empty() {
            let own = url.query().map(|query| format!("{query}&"));
            let query = own.unwrap_or_default() + &self.encode(&request.query);
            url.set_query(Some(&query));
        }
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| Failure::of(ErrorKind::Config))?;
        let mut builder = self.client.request(method, url);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let (media_type, body) = match &request.payload {
            Payload::Empty => (None, Body::default()),
            Payload::Form(fields) => (
                Some("application/x-www-form-urlencoded"),
                self.encode(fields).into(),
            ),
            Payload::Json(fields) => {
                let members: serde_json::Map<_, _> = fields
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), value.clone().into()))
                    .collect();
                let json = serde_json::Value::Object(members).to_string();
                (Some("application/json"), json.into())
            }
            Payload::Text(text) => (Some("application/json"), text.clone().into()),
            Payload::Stream(text) => (
                Some("application/json"),
                Body::wrap(Body::from(text.clone())),
            ),
        };
        if let Some(media_type) = media_type {
            builder = builder.header("content-type", media_type).body(body);
        }
        self.read(builder.send().await.map_err(|e| gone(&e))?).await
    }

    async fn read(&self, response: reqwest::Response) -> Result<Incoming, Failure> {
        let status = response.status().as_u16();
        let location = response.headers().get("location");
        let location = location.and_then(|value| Some(value.to_str().ok()?.to_owned()));
        let mut body = response.bytes().await.map_err(|e| gone(&e))?.to_vec();
        if self.bug == Some(Bug::CutsBody) {
            body.truncate(BEGINNING);
        }
        Ok(Incoming {
            status,
            location,
            body,
        })
    }

    /// The fields in the encoding of forms.
    pub(super) fn encode(&self, fields: &Fields) -> String {
        if self.bug == Some(Bug::Unencoded) {
            let pairs: Vec<String> = fields.iter().map(|(n, v)| format!("{n}={v}")).collect();
            return pairs.join("&");
        }
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish()
    }
}

/// The request or its answer was lost. What reqwest says of it would name the URL.
fn gone(error: &reqwest::Error) -> Failure {
    let part = if error.is_connect() {
        "connecting"
    } else {
        "the exchange"
    };
    let mut failure = Failure::of(ErrorKind::Transient);
    failure.said.push(format!("{part} failed"));
    failure
}

/// Id and secret under Basic, form-encoded first as RFC 6749 has it.
pub(super) fn basic(id: &str, secret: &str) -> String {
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(id), encode(secret));
    format!("Basic {}", STANDARD.encode(pair))
}
