//! The way of a request: credential, wire, judgement, at most one renewal, at most one repetition.

use std::fmt;
use std::sync::Arc;

use reqwest::header::AUTHORIZATION;
use reqwest::{Method, Request, RequestBuilder, Response};
use url::Url;

use crate::base_url::may_carry_credentials;
use crate::refusal::{Verdict, judge, judge_body, judge_head, without_url};
use crate::spec::{Operation, Placement, Provider, Scheme};
use crate::twin::twin;
use crate::{
    Auth, Authenticator, BaseUrl, Credential, Error, ErrorCode, ErrorKind, HttpClient, TokenCache,
    failure,
};

/// Sends requests to one provider, each with exactly one credential.
///
/// Cloning it is cheap; clones share the connection pool and the credential.
#[derive(Clone)]
pub struct Transport(Arc<Inner>);

struct Inner {
    http: HttpClient,
    base: BaseUrl,
    auth: Auth,
    provider: &'static Provider,
}

/// A request, or a builder that still has to make it.
pub trait IntoRequest {
    /// Makes the request.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] if it cannot be built.
    fn into_request(self) -> Result<Request, Error>;
}

impl IntoRequest for Request {
    fn into_request(self) -> Result<Request, Error> {
        Ok(self)
    }
}

impl IntoRequest for RequestBuilder {
    fn into_request(self) -> Result<Request, Error> {
        self.build().map_err(Error::from_reqwest)
    }
}

impl Transport {
    /// A transport to the services below this URL. Credentials go to its origin and nowhere else.
    pub fn new(http: HttpClient, base: BaseUrl, auth: Auth, provider: &'static Provider) -> Self {
        Self(Arc::new(Inner {
            http,
            base,
            auth: auth.among(provider.default_security),
            provider,
        }))
    }

    /// The URL below which the services lie.
    pub fn base_url(&self) -> &BaseUrl {
        &self.0.base
    }

    /// The client that carries the requests, without credentials.
    pub fn http_client(&self) -> &reqwest::Client {
        self.0.http.client()
    }

    /// Starts a request for a path below the base URL, for calls that are in no spec. Hand it to
    /// [`send`](Self::send): its own `send` would go out without a credential.
    ///
    /// # Errors
    /// As [`BaseUrl::join`].
    pub fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, Error> {
        Ok(self.http_client().request(method, self.0.base.join(path)?))
    }

    /// Sends any request to this provider with the credential.
    ///
    /// If the server refuses the credential, it is renewed once and the request sent once more, with the
    /// new credential and the same body. Every other answer comes back as it is, whatever its status,
    /// with its body still streaming; only a URL with a query is gone, since that may hold a secret.
    ///
    /// # Errors
    /// * [`ErrorKind::OutOfScope`] if the request is for another origin: nothing was sent.
    /// * [`ErrorKind::Configuration`] if it already carries a credential, or cannot be built.
    /// * [`ErrorKind::CredentialRejected`] if the credential was refused and renewal did not help.
    /// * [`ErrorKind::NotReplayable`] if the credential was refused and has been renewed, but the body is
    ///   a stream that cannot be sent twice. The next call is fine.
    /// * What the renewal failed with, and connection errors and timeouts.
    ///
    /// # Cancellation
    /// Dropping the future drops the request. A renewal that it started goes on.
    pub fn send(&self, request: impl IntoRequest) -> impl Future<Output = Result<Response, Error>> {
        let security = self.0.provider.default_security;
        self.authenticated(request.into_request(), security, Failures::HandedOn)
    }

    /// Makes sure that there is a valid credential, as a call would, but calls nothing: to find wrong
    /// client credentials at the start of a program, or to spare the first caller the wait.
    ///
    /// # Errors
    /// What issuing the token failed with.
    ///
    /// # Cancellation
    /// Dropping the future stops nothing: the next caller gets the token.
    pub async fn warm_up(&self) -> Result<(), Error> {
        self.0.auth.credential().await.map(drop)
    }

    /// The token cache behind the credential, unless that is a key: its state, renewals and shutdown.
    pub fn token_cache(&self) -> Option<&TokenCache> {
        self.0.auth.token_cache()
    }

    /// Sends a generated request and turns every answer that is not a success into an error.
    pub(crate) async fn call(
        &self,
        request: Request,
        operation: &Operation,
    ) -> Result<Response, Error> {
        let response = if operation.security.is_empty() {
            self.0.http.execute(request).await?
        } else {
            self.authenticated(Ok(request), operation.security, Failures::Errors)
                .await?
        };
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let message = if status.is_redirection() {
            "the server answered with a redirect, which is never followed with a credential"
        } else {
            "the call failed"
        };
        Err(failure::read(response, ErrorKind::Status, message).await)
    }

    /// The way of a request. It is one future without further ones inside, as far as every request goes:
    /// each would move request and answer, which are large, a few times more. What only some requests need has
    /// a place of its own, since all that is inside is moved with it whenever the future is handed on.
    #[allow(clippy::manual_async_fn)] // It would move the request once more, too.
    fn authenticated(
        &self,
        mut request: Result<Request, Error>,
        accepted: &[Scheme],
        failures: Failures,
    ) -> impl Future<Output = Result<Response, Error>> {
        async move {
            // It stays where it is until it is sent.
            let draft = request.as_mut().map_err(|error| error.clone())?;
            let Inner { auth, provider, .. } = &*self.0;
            self.check_scheme(accepted)?;
            self.check_scope(draft.url())?;
            self.check_single(draft)?;
            let Some(credential) = auth.credential().await? else {
                return Err(self.no_credential(accepted));
            };
            let authenticator = auth.authenticator();
            // The copy costs more than everything else here, and a lone key has nothing to try again with.
            let spare = authenticator.and_then(|_| twin(draft));
            credential.attach(draft);
            let is_telling = is_telling(draft.url());
            let response = match self.http_client().execute(request?).await {
                Ok(response) if is_telling => without_url(response),
                Ok(response) => response,
                Err(error) => return Err(Error::from_reqwest(error)),
            };
            let verdict = judge_head(&response, &provider.refusal);
            if matches!(verdict, Some(Verdict::Accepted)) {
                return Ok(response);
            }
            let (verdict, response) = match verdict {
                Some(verdict) => (verdict, response),
                None => Box::pin(judge_body(response, &provider.refusal)).await,
            };
            let Verdict::Refused(code) = verdict else {
                return failures.or(verdict, response);
            };
            let Some(authenticator) = authenticator else {
                let why = "the server refused the credential";
                return Err(Box::pin(rejected(response, code, why)).await);
            };
            let status = response.status().as_u16();
            drop(response);
            let again = self.again(authenticator, &credential, spare, status, code);
            let (verdict, response) = Box::pin(again).await?;
            failures.or(verdict, response)
        }
    }

    /// Renews the refused credential, and sends the request once more.
    async fn again(
        &self,
        authenticator: &dyn Authenticator,
        refused: &Credential,
        spare: Option<Request>,
        status: u16,
        code: Option<ErrorCode>,
    ) -> Result<(Verdict, Response), Error> {
        let replacement = authenticator.replace(refused).await.map_err(|error| {
            let unexplained = error.status().is_none() && error.code().is_none();
            if error.kind() == ErrorKind::CredentialRejected && unexplained {
                error.with_status(status).with_code(code.clone())
            } else {
                error
            }
        })?;
        let Some(mut again) = spare else {
            // Nobody has tried the replacement yet. Unless the next call starts with it, a caller that
            // only ever streams would be refused for ever.
            authenticator.accepted(&replacement);
            return Err(Error::new(
                ErrorKind::NotReplayable,
                "the server refused the credential; it has been renewed, but the body is a stream and \
                 cannot be sent again: make the call once more",
            )
            .with_status(status)
            .with_code(code));
        };
        replacement.attach(&mut again);
        let response = self.0.http.execute(again).await?;
        let (verdict, response) = judge(response, &self.0.provider.refusal).await;
        if let Verdict::Refused(code) = verdict {
            return Err(rejected(response, code, authenticator.exhausted()).await);
        }
        authenticator.accepted(&replacement);
        Ok((verdict, response))
    }

    fn check_scheme(&self, accepted: &[Scheme]) -> Result<(), Error> {
        if self.0.auth.is_usual() && std::ptr::eq(accepted, self.0.provider.default_security) {
            return Ok(());
        }
        let scheme = self.0.auth.scheme();
        if scheme.is_some_and(|scheme| accepted.contains(&scheme)) {
            return Ok(());
        }
        Err(self.no_credential(accepted))
    }

    fn no_credential(&self, accepted: &[Scheme]) -> Error {
        let wanted: Vec<_> = accepted.iter().map(|scheme| scheme.name).collect();
        let has = self.0.auth.scheme().map_or("none", |scheme| scheme.name);
        Error::configuration(format!(
            "the call takes a credential for {}, and this client has {has}",
            wanted.join(" or ")
        ))
    }

    fn check_scope(&self, url: &Url) -> Result<(), Error> {
        if self.0.base.is_prefix_of(url) {
            return Ok(());
        }
        if !self.0.base.is_origin_of(url) {
            return Err(Error::new(
                ErrorKind::OutOfScope,
                format!(
                    "the credential is for {:?} only; the request was not sent",
                    self.0.base.origin()
                ),
            ));
        }
        if !may_carry_credentials(url) || !url.username().is_empty() || url.password().is_some() {
            return Err(Error::configuration(
                "the URL of the request must not hold a user name",
            ));
        }
        Ok(())
    }

    /// A request with two credentials is refused by some servers, and by others judged by the wrong one.
    fn check_single(&self, request: &Request) -> Result<(), Error> {
        // There are few headers, so comparing them is quicker than hashing the name.
        let headers = request.headers();
        for scheme in self.0.provider.schemes {
            let (place, is_there) = match scheme.placement {
                Placement::Query(name) => {
                    let mut pairs = request.url().query_pairs();
                    (name, pairs.any(|(key, _)| key == name))
                }
                Placement::Header(name) => (name, headers.keys().any(|key| key == name)),
                Placement::Bearer | Placement::Basic => (
                    AUTHORIZATION.as_str(),
                    headers.keys().any(|key| key == AUTHORIZATION),
                ),
            };
            if is_there {
                return Err(Error::configuration(format!(
                    "the request already carries {place:?}: leave it out, exactly one credential is \
                     attached on sending"
                )));
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("provider", &self.0.provider.name)
            .field("base_url", &self.0.base)
            .field("auth", &self.0.auth)
            .finish_non_exhaustive()
    }
}

/// What becomes of an answer that says, with a successful status, that the call failed.
#[derive(Clone, Copy)]
enum Failures {
    /// It is handed on as it is.
    HandedOn,
    Errors,
}

impl Failures {
    fn or(self, verdict: Verdict, response: Response) -> Result<Response, Error> {
        let (
            Self::Errors,
            Verdict::Failed {
                code,
                message,
                transient,
            },
        ) = (self, verdict)
        else {
            return Ok(response);
        };
        let error = Error::new(ErrorKind::Status, "the call failed")
            .with_status(response.status().as_u16())
            .with_code(code)
            .with_description(message);
        Err(if transient { error.transient() } else { error })
    }
}

/// Whether a secret can stand in a URL.
fn is_telling(url: &Url) -> bool {
    url.query().is_some() || url.fragment().is_some()
}

async fn rejected(response: Response, code: Option<ErrorCode>, message: &'static str) -> Error {
    let error = failure::read(response, ErrorKind::CredentialRejected, message).await;
    if code.is_some() {
        error.with_code(code)
    } else {
        error
    }
}
