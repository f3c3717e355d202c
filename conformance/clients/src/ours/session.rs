//! A client in the middle of a case.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};
use tegata::provider::ErrorExt as _;
use tegata::provider::{Issued, Refresh};
use tegata::reqwest::header::{CONTENT_TYPE, HeaderValue};
use tegata::reqwest::{Body, Method, Request};
use tegata::{Error, ManualClock, Response, Token};

use super::failure::to_failure;
use super::in_progress::{InProgress, no_token};
use tegata_conformance::case::Call;
use tegata_conformance::script::{ErrorKind, Failure, Outcome, Session, Success, Task, Tokens};

pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A client in the middle of a case.
pub struct ClientSession {
    client: Client,
    clock: ManualClock,
}

pub(super) enum Client {
    Aispf(tegata_fujitsu_aispf::Client),
    Jooto(tegata_jooto::Client),
    JootoApp(Box<InProgress>),
    Marketo(tegata_marketo::Client),
}

impl ClientSession {
    pub(super) fn new(client: Client, clock: ManualClock) -> Self {
        Self { client, clock }
    }
}

impl Session for ClientSession {
    async fn perform(&mut self, task: &Task, now: u64) -> Outcome {
        self.clock.set(at(now));
        let mut outcome = match self.client.perform(task).await {
            Ok(success) => Outcome::Ok(success),
            Err(failure) => Outcome::Error(failure),
        };
        outcome.said_mut().push(self.client.shown());
        outcome
    }
}

impl Client {
    async fn perform(&mut self, task: &Task) -> Result<Success, Failure> {
        match task {
            Task::Issue => self
                .warm_up()
                .await
                .map(|()| Success::default())
                .map_err(to_failure),
            Task::Call(call) => {
                let response = self.call(call).await.map_err(to_failure)?;
                success(response).await.map_err(to_failure)
            }
            Task::AuthorizeUrl => self.in_progress()?.authorize().map_err(to_failure),
            Task::Callback(url) => self.in_progress()?.callback(url).map_err(to_failure),
            Task::Exchange => {
                let (client, success) = self.in_progress()?.exchange().await?;
                *self = Self::Jooto(client);
                Ok(success)
            }
        }
    }

    fn in_progress(&mut self) -> Result<&mut InProgress, Failure> {
        match self {
            Self::JootoApp(app) => Ok(app),
            _ => Err(Failure::of(ErrorKind::Config)),
        }
    }

    async fn warm_up(&self) -> Result<(), Error> {
        match self {
            Self::Aispf(client) => client.warm_up().await,
            Self::Jooto(client) => client.warm_up().await,
            Self::JootoApp(_) => Err(no_token()),
            Self::Marketo(client) => client.warm_up().await,
        }
    }

    async fn call(&self, call: &Call) -> Result<Response, Error> {
        let method = Method::from_bytes(call.method.as_bytes())
            .map_err(|_| Error::configuration("the case's method is no method"))?;
        if call.path.starts_with("http://") || call.path.starts_with("https://") {
            return self.elsewhere(method, call).await;
        }
        let path = &call.path;
        let request = match self {
            Self::Aispf(client) => client.request(method, path),
            Self::Jooto(client) => client.request(method, path),
            Self::JootoApp(_) => return Err(no_token()),
            Self::Marketo(client) => client.request(method, path),
        };
        let request = match body(call) {
            Some(body) => request.header(CONTENT_TYPE, JSON).body(body),
            None => request,
        };
        request.send().await
    }

    /// Sends a request for a URL of its own.
    async fn elsewhere(&self, method: Method, call: &Call) -> Result<Response, Error> {
        let url = call.path.parse();
        let url = url.map_err(|_| Error::configuration("the case's URL is no URL"))?;
        let mut request = Request::new(method, url);
        if let Some(body) = body(call) {
            request.headers_mut().insert(CONTENT_TYPE, JSON);
            *request.body_mut() = Some(body);
        }
        match self {
            Self::Aispf(client) => client.execute(request).await,
            Self::Jooto(client) => client.execute(request).await,
            Self::JootoApp(_) => Err(no_token()),
            Self::Marketo(client) => client.execute(request).await,
        }
    }

    /// The `Debug` output of the client. That of errors and answers is added where they are made.
    fn shown(&self) -> String {
        match self {
            Self::Aispf(client) => format!("{client:?} {client:#?}"),
            Self::Jooto(client) => format!("{client:?} {client:#?}"),
            Self::JootoApp(app) => format!("{app:?} {app:#?}"),
            Self::Marketo(client) => format!("{client:?} {client:#?}"),
        }
    }
}

pub(super) fn body(call: &Call) -> Option<Body> {
    let json = Body::from(call.json.clone()?);
    Some(if call.streaming {
        Body::wrap(json)
    } else {
        json
    })
}

pub(super) fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// A token as it would have come from a store. `usual` is the lifetime of one whose answer named none.
pub(super) fn token(tokens: &Tokens, usual: Duration, refresh_lifetime: Option<Duration>) -> Token {
    let refresh = tokens
        .refresh
        .as_deref()
        .map_or(Refresh::Forget, |token| Refresh::Replace {
            token: token.into(),
            lifetime: refresh_lifetime,
        });
    let issued = Issued::new(
        tokens.access.as_str(),
        Some(tokens.expires_in.map_or(usual, Duration::from_secs)),
        refresh,
    );
    Token::new(issued, at(tokens.obtained_at), None)
}

async fn success(response: Response) -> Result<Success, Error> {
    let said = vec![format!("{response:?}")];
    let status = response.status().as_u16();
    let body = response.bytes().await?;
    Ok(answered(status, &body, said))
}

/// A call that was answered.
pub(super) fn answered(status: u16, body: &[u8], said: Vec<String>) -> Success {
    let mut sha256 = String::new();
    for byte in Sha256::digest(body) {
        // Writing to a string cannot fail.
        let _ = write!(sha256, "{byte:02x}");
    }
    Success {
        status: Some(status),
        body_sha256: Some(sha256),
        url: None,
        said,
    }
}
