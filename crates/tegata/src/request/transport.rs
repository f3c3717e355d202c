//! The way of a request: credential, wire, judgement, at most one renewal, at most one repetition.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use reqwest::Request;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, COOKIE, HOST, HeaderValue};
use serde::de::DeserializeOwned;
use url::Url;

use crate::provider::spec::{Operation, Placement, Provider};
use crate::provider::{Auth, Authenticator, BaseUrl, Credential};
use crate::request::answer::without_url;
use crate::request::auth::{Sent, Taken};
use crate::request::base_url::may_carry_credentials;
use crate::request::fill::Fill;
use crate::request::response::FailedCall;
use crate::request::verdict::{Verdict, judge, judge_body, judge_head, judge_json};
use crate::request::{coding, failure, typed};
use crate::{Error, ErrorCode, ErrorKind, HttpClient, Reply, Response, TokenCache};

/// Sends requests to one provider, each with its credential, or with all of several that belong together.
///
/// Cloning it is cheap; clones share the connection pool and the credential.
#[derive(Clone)]
pub struct Transport(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    http: HttpClient,
    base: BaseUrl,
    auth: Auth,
    provider: Facts,
    setting: Option<&'static str>,
}

/// The facts about a provider: its generated table, or one that was put together at run time.
#[derive(Clone)]
enum Facts {
    Generated(&'static Provider),
    Own(Box<Provider>),
}

impl Deref for Facts {
    type Target = Provider;

    fn deref(&self) -> &Provider {
        match self {
            Self::Generated(provider) => provider,
            Self::Own(provider) => provider,
        }
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

impl Transport {
    /// A transport to the services below this URL. Credentials go to its origin and nowhere else.
    pub fn new(http: HttpClient, base: BaseUrl, auth: Auth, provider: &'static Provider) -> Self {
        Self::with(http, base, auth, Facts::Generated(provider))
    }

    /// The same for a provider without generated code.
    pub(crate) fn by_hand(http: HttpClient, base: BaseUrl, auth: Auth, provider: Provider) -> Self {
        Self::with(http, base, auth, Facts::Own(Box::new(provider)))
    }

    fn with(http: HttpClient, base: BaseUrl, auth: Auth, provider: Facts) -> Self {
        Self(Arc::new(Inner {
            http,
            base,
            auth,
            provider,
            setting: None,
        }))
    }

    /// The same transport to another server, to which the same credential may go.
    pub(crate) fn at(&self, base: BaseUrl) -> Self {
        Self(Arc::new(Inner {
            base,
            ..(*self.0).clone()
        }))
    }

    /// The same transport, with the name of the setting that its base URL comes from: errors of a token
    /// endpoint name it as the setting to check.
    #[must_use]
    pub fn with_setting(self, setting: &'static str) -> Self {
        Self(Arc::new(Inner {
            setting: Some(setting),
            ..(*self.0).clone()
        }))
    }

    /// The name that [`with_setting`](Self::with_setting) gave.
    pub fn setting(&self) -> Option<&'static str> {
        self.0.setting
    }

    pub(crate) fn auth(&self) -> &Auth {
        &self.0.auth
    }

    /// The URL below which the services lie.
    pub fn base_url(&self) -> &BaseUrl {
        &self.0.base
    }

    /// The client that carries the requests, without credentials.
    pub fn http_client(&self) -> &reqwest::Client {
        self.0.http.client_for(self.0.base.as_str())
    }

    /// Sends a ready request to this provider, with the credential.
    ///
    /// If the server refuses the credential, it is renewed once and the request sent once more, with the new
    /// credential and the same body. Every other answer is returned unchanged, whatever its status, with its
    /// body still streaming; only its URL is dropped if it may hold a secret, and a compression (gzip or
    /// deflate) that the request did not ask for is undone.
    ///
    /// # Errors
    /// * [`ErrorKind::OutOfScope`] if the request is for another origin: nothing was sent.
    /// * [`ErrorKind::Configuration`] if it already carries a credential, or a `Host`.
    /// * [`ErrorKind::CredentialRejected`] if the credential was refused and renewal did not help.
    /// * [`ErrorKind::NotReplayable`] if the credential was refused and has been renewed, but the body is
    ///   a stream that cannot be sent twice. The next call is fine, so it is
    ///   [transient](Error::is_transient).
    /// * [`ErrorKind::InvalidResponse`] if the provider puts codes into successful answers, and this one may
    ///   hold such a code but cannot be decompressed.
    /// * The error of the renewal, and connection errors and timeouts.
    ///
    /// # Cancellation
    /// Dropping the future drops the request. A renewal that it started goes on.
    pub async fn execute(&self, request: Request) -> Result<Response, Error> {
        self.send(request, None).await.map(Response::new)
    }

    /// Returns the inner future itself: an `async` block around it would move request and answer once more.
    pub(crate) fn send<'a>(
        &'a self,
        request: Request,
        fill: Option<&'a Fill>,
    ) -> impl Future<Output = Result<reqwest::Response, Error>> + Send + 'a {
        self.authenticated(request, fill, self.by_default(), Failures::PassThrough)
    }

    /// Sends a request, and judges and reads the answer as that of a generated one.
    pub(crate) async fn send_json<T: DeserializeOwned>(
        &self,
        mut request: Request,
        fill: Option<&Fill>,
    ) -> Result<Reply<T>, Error> {
        request.headers_mut().entry(ACCEPT).or_insert(JSON);
        let response = self
            .authenticated(request, fill, self.by_default(), Failures::Errors)
            .await?;
        let response = failure::unless_success(response).await?;
        let (head, text) = typed::text(response).await?;
        // An answer that was too long to be judged before, or whose media type is not JSON.
        match judge_json(&text, &self.0.provider.refusal) {
            Verdict::Accepted => typed::value(head, &text),
            Verdict::Failed(failed) => Err(failed.error(head.status, &head.headers)),
            Verdict::Refused(code) => {
                let why = "the server refused the credential in an answer that could not be judged while it arrived (too \
                           long, or not declared as JSON), so the credential was not renewed";
                let error = Error::new(ErrorKind::CredentialRejected, why);
                Err(error.with_status(head.status.as_u16()).with_code(code))
            }
        }
    }

    /// Makes sure that there is a valid credential, as a call would, without calling the service: to find wrong
    /// client credentials at the start of a program, or to spare the first caller the wait.
    ///
    /// # Errors
    /// The error of issuing the token.
    ///
    /// # Cancellation
    /// Dropping the future stops nothing: the next caller gets the token.
    pub async fn warm_up(&self) -> Result<(), Error> {
        self.0.auth.credential().await.map(drop)
    }

    /// The token cache, with its state, renewals and shutdown; `None` with an API key.
    pub fn token_cache(&self) -> Option<&TokenCache> {
        self.0.auth.token_cache()
    }

    /// Sends a generated request and turns every answer that is not a success into an error.
    pub(crate) async fn call(
        &self,
        mut request: Request,
        operation: &Operation,
        fill: Option<&Fill>,
    ) -> Result<reqwest::Response, Error> {
        if operation.token.is_some() {
            // Overrides the HTTP client's preference: in an unreadable answer a new refresh token would be
            // lost.
            let headers = request.headers_mut().entry(ACCEPT_ENCODING);
            headers.or_insert(coding::IDENTITY);
        }
        let response = if operation.security.is_empty() {
            if let Some(fill) = fill {
                request = fill(request).await?;
            }
            let response = self.0.http.execute(request).await;
            response.map(coding::decoded)
        } else {
            let taken = Taken::OneOf(operation.security);
            self.authenticated(request, fill, taken, Failures::Errors)
                .await
        };
        let result = match response {
            Ok(response) => failure::unless_success(response).await,
            Err(error) => Err(error),
        };
        result.map_err(|error| self.placed(error, operation))
    }

    /// What a request takes that no operation makes.
    fn by_default(&self) -> Taken<'_> {
        match &self.0.provider {
            Facts::Generated(provider) => Taken::OneOf(provider.default_security),
            Facts::Own(_) => Taken::All,
        }
    }

    /// The error as that of a token endpoint, if this operation is one.
    pub(crate) fn placed(&self, error: Error, operation: &Operation) -> Error {
        let Inner {
            provider, setting, ..
        } = &*self.0;
        match operation.token {
            Some(_) => error.at_token_endpoint_of(&provider.refusal, *setting),
            None => error,
        }
    }

    async fn authenticated(
        &self,
        mut request: Request,
        fill: Option<&Fill>,
        taken: Taken<'_>,
        failures: Failures,
    ) -> Result<reqwest::Response, Error> {
        let Inner { auth, provider, .. } = &*self.0;
        let sent = auth.sent_for(taken)?;
        self.check_scope(request.url())?;
        self.check_single(&request, taken)?;
        let credential = match auth.scheme() {
            Some(main) if sent.includes(main) => auth.credential().await?,
            _ => None,
        };
        let authenticator = auth.authenticator();
        // The copy costs more than everything else here, and a single key cannot be replaced.
        let spare = authenticator.and_then(|_| request.try_clone());
        if let Some(fill) = fill {
            request = fill(request).await?;
        }
        self.attach(credential.as_ref(), sent, &mut request);
        let may_leak = may_hold_secret(request.url());
        let keeps_coding = asks_for_coding(&request);
        // The answer is moved only if it has to be, since it is large.
        let mut response = self.0.http.send(request).await?;
        if may_leak {
            response = without_url(response);
        }
        if !keeps_coding && coding::of(response.headers()).is_some() {
            response = coding::decoded(response);
        }
        let mut verdict = judge_head(&response, &provider.refusal);
        if verdict.is_none() {
            let (judged, complete) = judge_body(response, &provider.refusal).await?;
            (verdict, response) = (Some(judged), complete);
        }
        let Some(Verdict::Refused(code)) = verdict else {
            return failures.check(verdict, response);
        };
        let (Some(authenticator), Some(credential)) = (authenticator, credential) else {
            return Err(rejected(response, code, sent.refused()).await);
        };
        let refused = Refused {
            credential,
            status: response.status().as_u16(),
            code,
        };
        drop(response);
        // Kept apart, since few requests need it and its future is large.
        let retry = Box::pin(self.retry(authenticator, refused, spare, fill, sent));
        let (verdict, response) = retry.await?;
        failures.check(Some(verdict), response)
    }

    /// Renews the refused credential and sends the request once more. If the new credential was found in a
    /// store, not issued, and is refused as well, this is repeated once, with one that is issued.
    async fn retry(
        &self,
        authenticator: &dyn Authenticator,
        mut refused: Refused,
        mut spare: Option<Request>,
        fill: Option<&Fill>,
        sent: Sent<'_>,
    ) -> Result<(Verdict, reqwest::Response), Error> {
        let mut is_first = true;
        loop {
            let replacement = authenticator.replace(&refused.credential).await;
            let replacement = replacement.map_err(|error| refused.explain(error))?;
            let Some(mut request) = spare.take() else {
                // The next call has to start with the replacement, or a caller that only sends streams would be
                // refused for ever.
                authenticator.accepted(&replacement);
                return Err(refused.not_replayable());
            };
            // Only once, however often another one is found.
            let may_retry = is_first && authenticator.may_replace_again(&replacement);
            is_first = false;
            spare = may_retry.then(|| request.try_clone()).flatten();
            if let Some(fill) = fill {
                request = fill(request).await?;
            }
            self.attach(Some(&replacement), sent, &mut request);
            let keeps_coding = asks_for_coding(&request);
            let mut response = self.0.http.execute(request).await?;
            if !keeps_coding {
                response = coding::decoded(response);
            }
            let (verdict, response) = judge(response, &self.0.provider.refusal).await?;
            let Verdict::Refused(code) = verdict else {
                authenticator.accepted(&replacement);
                return Ok((verdict, response));
            };
            if !may_retry {
                return Err(rejected(response, code, authenticator.exhausted()).await);
            }
            refused = Refused {
                credential: replacement,
                status: response.status().as_u16(),
                code,
            };
        }
    }

    fn attach(&self, main: Option<&Credential>, sent: Sent<'_>, request: &mut Request) {
        if let Some(credential) = main {
            credential.attach(request);
        }
        self.0.auth.attach_beside(sent, request);
    }

    fn check_scope(&self, url: &Url) -> Result<(), Error> {
        if self.0.base.certainly_contains(url) {
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

    /// Some servers refuse a request with two credentials, others use the wrong one.
    fn check_single(&self, request: &Request, taken: Taken<'_>) -> Result<(), Error> {
        if request.headers().keys().any(|key| key == HOST) {
            return Err(Error::configuration(
                "the request names a `Host`: leave it out, since behind it may be another server than the base URL's",
            ));
        }
        // Nothing is attached, so what the caller has put there is the only one.
        if let Taken::OneOf([]) = taken {
            return Ok(());
        }
        let generated = self.0.provider.schemes.iter().copied();
        for scheme in generated.chain(self.0.auth.schemes()) {
            if let Some(place) = carried(request, scheme.placement) {
                return Err(Error::configuration(format!(
                    "the request already carries {place:?}: leave it out, exactly one credential is \
                     attached on sending"
                )));
            }
        }
        Ok(())
    }
}

/// The name of the place of a credential, if the request has something there.
fn carried(request: &Request, placement: Placement) -> Option<&'static str> {
    // There are few headers, so comparing them is quicker than hashing the name.
    let has = |name: &str| request.headers().keys().any(|key| key == name);
    let (place, is_there) = match placement {
        Placement::Header(name) => (name, has(name)),
        Placement::Bearer | Placement::Basic => ("authorization", has("authorization")),
        Placement::Query(name) => {
            let mut pairs = request.url().query_pairs();
            (name, pairs.any(|(key, _)| key == name))
        }
        Placement::Cookie(name) => {
            let headers = request.headers().get_all(COOKIE).iter();
            let mut pairs = headers.flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
            let is_it = |pair: &[u8]| {
                let key = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
                key.trim_ascii() == name.as_bytes()
            };
            (name, pairs.any(is_it))
        }
        Placement::Prefixed((_, place)) => return carried(request, *place),
        Placement::All(parts) => {
            return parts
                .iter()
                .find_map(|part| carried(request, part.placement));
        }
    };
    is_there.then_some(place)
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

/// How to treat an answer with a successful status whose body says that the call failed.
#[derive(Clone, Copy)]
enum Failures {
    /// It is returned as it is.
    PassThrough,
    Errors,
}

impl Failures {
    fn check(
        self,
        verdict: Option<Verdict>,
        mut response: reqwest::Response,
    ) -> Result<reqwest::Response, Error> {
        let Some(Verdict::Failed(failed)) = verdict else {
            return Ok(response);
        };
        let error = failed.error(response.status(), response.headers());
        if let Self::Errors = self {
            return Err(error);
        }
        response.extensions_mut().insert(FailedCall(error));
        Ok(response)
    }
}

/// A credential that the server has refused, with status and code of the refusal.
struct Refused {
    credential: Credential,
    status: u16,
    code: Option<ErrorCode>,
}

impl Refused {
    /// Adds status and code of the refusal to an error that has none.
    fn explain(&self, error: Error) -> Error {
        let unexplained = error.status().is_none() && error.code().is_none();
        if error.kind() == ErrorKind::CredentialRejected && unexplained {
            error.with_status(self.status).with_code(self.code.clone())
        } else {
            error
        }
    }

    fn not_replayable(self) -> Error {
        let message = "the server refused the credential; it has been renewed, but the body is a stream and cannot \
             be sent again: make the call once more";
        Error::new(ErrorKind::NotReplayable, message)
            .with_status(self.status)
            .with_code(self.code)
    }
}

/// Whether a request asks for a compressed answer, which is then not decompressed.
fn asks_for_coding(request: &Request) -> bool {
    let mut headers = request.headers().iter();
    headers.any(|(name, value)| name == ACCEPT_ENCODING && value != coding::IDENTITY)
}

/// Whether the URL may hold a secret: it has a query or a fragment.
fn may_hold_secret(url: &Url) -> bool {
    url.query().is_some() || url.fragment().is_some()
}

async fn rejected(
    response: reqwest::Response,
    code: Option<ErrorCode>,
    message: &'static str,
) -> Error {
    let error = failure::read(response, ErrorKind::CredentialRejected, message).await;
    if code.is_some() {
        error.with_code(code)
    } else {
        error
    }
}
