//! The one error type.

mod class;
mod text;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::StatusCode;
use serde::de::DeserializeOwned;

use crate::ErrorCode;
use crate::provider::spec::Refusal;
pub(crate) use class::Class;
use class::{Facts, classify};

/// How much of a server's own words is kept, in characters.
const LONGEST_DESCRIPTION: usize = 500;

/// In place of a media type, for an empty body.
pub(crate) const NO_BODY: &str = "an empty body";

/// In place of a media type, for an answer that cannot have held a refresh token.
pub(crate) const NO_REFRESH_TOKEN: &str = "no refresh token";

type Source = Box<dyn std::error::Error + Send + Sync>;

/// What went wrong.
///
/// Cheap to clone, since all callers that wait for the same renewal share its outcome. `Display` and `Debug`
/// show neither secrets, tokens, paths, queries nor bodies: only texts of this crate, the HTTP status, and
/// known codes ([`ErrorCode`]). The server's own text is behind [`code`](Self::code) and
/// [`description`](Self::description).
#[derive(Clone)]
pub struct Error(Arc<Inner>);

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    status: Option<u16>,
    code: Option<ErrorCode>,
    description: Option<String>,
    request_id: Option<Box<str>>,
    /// The JSON of an answer of the service.
    answer: Option<Bytes>,
    retry_after: Option<Duration>,
    /// Whether it is transient, regardless of status and code.
    transient: bool,
    /// The media type of an answer that is not JSON, if it is a known one, or that there was no body.
    media: Option<&'static str>,
    at: Option<TokenEndpoint>,
    /// Whether the token source needs nothing but its own credentials.
    is_self_sufficient: bool,
    source: Option<Source>,
}

/// Where tokens are issued, as far as that is known.
#[derive(Clone, Copy)]
struct TokenEndpoint {
    vendor: Option<Refusal>,
    /// The setting that says where it is.
    setting: Option<&'static str>,
}

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Something was set up wrongly: a base URL, a credential, a request that cannot be built.
    Configuration,
    /// The request leaves the origin for which the credential is meant, or its path could lead to another
    /// resource than the one that was written. It was not sent.
    OutOfScope,
    /// The server could not be reached, or the connection broke.
    Connection,
    /// The time for it ran out.
    Timeout,
    /// The server answered with a status or code that means failure.
    Status,
    /// The server refused the credential, and renewing it did not help.
    CredentialRejected,
    /// The token endpoint refused to issue a token, or there is no grant to ask for one with. See
    /// [`Error::needs_authorization`] and [`Error::is_credential_rejected`] for what to do.
    TokenDenied,
    /// The token endpoint issued a token that had already expired.
    ExpiredToken,
    /// The answer could not be read.
    InvalidResponse,
    /// The credential was refused and has been renewed, but the body cannot be sent a second time. The next
    /// call is fine, so it is transient.
    NotReplayable,
    /// The authorization server sent the user back with an error.
    Authorization,
    /// The `state` that came back is not the one that was sent.
    StateMismatch,
    /// The token store failed.
    Store,
    /// The renewal ended without an outcome: it panicked, or its runtime was shut down.
    Interrupted,
    /// The client was shut down, and the call needed a token that it does not have.
    Closed,
}

impl Error {
    /// An error of this kind. The message must hold no secret: it is what `Display` prints.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        let transient = matches!(
            kind,
            ErrorKind::Connection
                | ErrorKind::Timeout
                | ErrorKind::Interrupted
                | ErrorKind::NotReplayable
        );
        Self(Arc::new(Inner {
            kind,
            message: message.into(),
            status: None,
            code: None,
            description: None,
            request_id: None,
            answer: None,
            retry_after: None,
            transient,
            media: None,
            at: None,
            is_self_sufficient: false,
            source: None,
        }))
    }

    /// An [`ErrorKind::Configuration`] error: what is wrong, and how to fix it.
    pub(crate) fn configuration(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    /// An [`ErrorKind::Store`] error with its cause, whose texts must hold no secret.
    pub(crate) fn store(message: impl Into<Cow<'static, str>>, source: impl Into<Source>) -> Self {
        Self::new(ErrorKind::Store, message).with_source(source)
    }

    pub(crate) fn with_source(self, source: impl Into<Source>) -> Self {
        self.edit(|inner| inner.source = Some(source.into()))
    }

    pub(crate) fn with_status(self, status: u16) -> Self {
        self.edit(|inner| inner.status = Some(status))
    }

    pub(crate) fn with_media(self, media: Option<&'static str>) -> Self {
        self.edit(|inner| inner.media = media)
    }

    /// The same error with the code that the server gave.
    #[must_use]
    pub(crate) fn with_code(self, code: Option<ErrorCode>) -> Self {
        self.edit(|inner| inner.code = code)
    }

    /// The same error with the server's description, cut after 500 characters. It is not printed.
    #[must_use]
    pub(crate) fn with_description(self, description: Option<String>) -> Self {
        let cut = |text: String| text.chars().take(LONGEST_DESCRIPTION).collect();
        self.edit(|inner| inner.description = description.map(cut))
    }

    pub(crate) fn with_request_id(self, request_id: Option<&str>) -> Self {
        self.edit(|inner| inner.request_id = request_id.map(Into::into))
    }

    /// The same error with the JSON that the service answered.
    pub(crate) fn with_answer(self, answer: Option<Bytes>) -> Self {
        self.edit(|inner| inner.answer = answer)
    }

    /// The same error with how long the server asks to wait before the next try.
    #[must_use]
    pub(crate) fn with_retry_after(self, retry_after: Option<Duration>) -> Self {
        self.edit(|inner| inner.retry_after = retry_after)
    }

    /// The same error, marked as transient.
    #[must_use]
    pub(crate) fn transient(self) -> Self {
        self.edit(|inner| inner.transient = true)
    }

    /// The same error, marked as permanent: it lasts until something is changed.
    pub(crate) fn lasting(self) -> Self {
        self.edit(|inner| inner.transient = false)
    }

    /// The same error as one of a token endpoint, from which [kind](Self::kind) and questions follow: see the
    /// table in the [crate's documentation](crate#what-a-failure-means).
    #[must_use]
    pub(crate) fn at_token_endpoint(self) -> Self {
        self.at_token_endpoint_set_by(None)
    }

    /// The same with the setting that says where the endpoint is.
    pub(crate) fn at_token_endpoint_set_by(self, setting: Option<&'static str>) -> Self {
        self.at(TokenEndpoint {
            vendor: None,
            setting,
        })
    }

    /// The same with the vendor's own codes, too.
    pub(crate) fn at_token_endpoint_of(
        self,
        vendor: &Refusal,
        setting: Option<&'static str>,
    ) -> Self {
        self.at(TokenEndpoint {
            vendor: Some(*vendor),
            setting,
        })
    }

    fn at(self, endpoint: TokenEndpoint) -> Self {
        let is_from_there = match self.0.kind {
            ErrorKind::Status
            | ErrorKind::CredentialRejected
            | ErrorKind::InvalidResponse
            | ErrorKind::ExpiredToken
            | ErrorKind::Connection
            | ErrorKind::Timeout => true,
            // Without an answer the error says that there is no grant to ask with.
            ErrorKind::TokenDenied => self.0.status.is_some(),
            _ => false,
        };
        if self.0.at.is_some() || !is_from_there {
            return self;
        }
        self.edit(|inner| {
            inner.at = Some(endpoint);
            // It may hold a token, and its type is not that of the call.
            inner.answer = None;
        })
    }

    /// The same error of a source that no person has to authorize.
    pub(crate) fn of_self_sufficient(self, is_so: bool) -> Self {
        if !is_so {
            return self;
        }
        self.edit(|inner| inner.is_self_sufficient = true)
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        if self.0.at.is_none() || !self.is_answer() {
            return self.0.kind;
        }
        // With a code at any other status it need not be the endpoint that has written it.
        let is_refusal = matches!(self.0.status, Some(200..=299 | 400 | 401 | 403));
        let is_coded = is_refusal && self.0.code.is_some();
        match self.class() {
            Class::ClientDenied | Class::GrantDenied => ErrorKind::TokenDenied,
            Class::Unknown if is_coded => ErrorKind::TokenDenied,
            Class::Unknown | Class::Transient => ErrorKind::Status,
        }
    }

    /// Whether the same call may succeed later without any change. The classification is in the [crate's
    /// documentation](crate#what-a-failure-means).
    pub fn is_transient(&self) -> bool {
        self.class() == Class::Transient
    }

    /// Whether the server refused the credential: the key or token itself, or the client credentials or grant
    /// of a token request.
    pub fn is_credential_rejected(&self) -> bool {
        self.is_denied() || self.kind() == ErrorKind::CredentialRejected
    }

    /// Whether a person has to log in again: the refresh token or the code is no longer valid, there is none,
    /// or the user has logged out.
    pub fn needs_authorization(&self) -> bool {
        self.class() == Class::GrantDenied && !self.0.is_self_sufficient
    }

    /// Whether the token endpoint failed or was not reached, as opposed to the service that was called.
    pub fn is_at_token_endpoint(&self) -> bool {
        self.0.at.is_some()
    }

    /// Whether the token endpoint issues no token for these client credentials or this grant.
    pub(crate) fn is_denied(&self) -> bool {
        matches!(self.class(), Class::ClientDenied | Class::GrantDenied)
    }

    /// Whether it is a clone of that error.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether the answer, which cannot be read, may have held a refresh token.
    pub(crate) fn may_have_held_a_refresh_token(&self) -> bool {
        let holds_none =
            |media: &str| [NO_BODY, NO_REFRESH_TOKEN].contains(&media) || media.ends_with("html");
        self.0.kind == ErrorKind::InvalidResponse && !self.0.media.is_some_and(holds_none)
    }

    pub(crate) fn class(&self) -> Class {
        if self.0.transient {
            return Class::Transient;
        }
        let (status, code) = (self.0.status, self.code());
        let is_denied = self.0.kind == ErrorKind::TokenDenied;
        let is_at_token_endpoint = self.0.at.is_some() || is_denied;
        match self.0.kind {
            // There was no grant to send, such as a refresh token.
            ErrorKind::TokenDenied if status.is_none() && code.is_none() => Class::GrantDenied,
            ErrorKind::CredentialRejected if !is_at_token_endpoint => Class::Unknown,
            _ if self.is_answer() => classify(Facts {
                is_at_token_endpoint,
                vendor: self
                    .0
                    .at
                    .as_ref()
                    .and_then(|endpoint| endpoint.vendor.as_ref()),
                status,
                code,
                has_retry_after: self.0.retry_after.is_some(),
            }),
            _ => Class::Unknown,
        }
    }

    /// Whether status and code alone classify this error.
    fn is_answer(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::Status | ErrorKind::CredentialRejected | ErrorKind::TokenDenied
        )
    }

    /// Whether something has to be fixed in the program or its settings.
    pub fn is_configuration(&self) -> bool {
        matches!(
            self.kind(),
            ErrorKind::Configuration | ErrorKind::OutOfScope
        )
    }

    /// Whether the time for it ran out.
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
    }

    /// The HTTP status of the answer, if there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.0
            .status
            .and_then(|status| StatusCode::from_u16(status).ok())
    }

    /// The code in the answer: `error` of RFC 6749, or the provider's own code.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_ref().map(ErrorCode::as_str)
    }

    /// The server's description, cut after 500 characters. Untrusted text, which may repeat parts of the
    /// request: do not log it without thought.
    pub fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// The JSON that the service answered, as this type: what an API documents for the answers of failures. None if it
    /// does not fit, is longer than 64 KiB, or there was none. Untrusted, and not printed.
    ///
    /// ```
    /// # fn example(error: tegata::Error) {
    /// #[derive(serde::Deserialize)]
    /// struct Problem {
    ///     field: String,
    /// }
    /// if let Some(problem) = error.answer::<Problem>() {
    ///     println!("{} is wrong", problem.field);
    /// }
    /// # }
    /// ```
    pub fn answer<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(self.0.answer.as_ref()?).ok()
    }

    /// The id that the server gave a request that failed, for a report to the vendor: `requestId` or `request_id` of
    /// the body, or else the header `X-Request-Id`. Letters, digits and `#-_.:`, at most 64 of them. It is not printed.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the server asks to wait before the next try (`Retry-After`, in seconds or as a date).
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    fn edit(self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = match Arc::try_unwrap(self.0) {
            Ok(inner) => inner,
            // Already shared: the source stays with the other clones, everything else is copied.
            Err(shared) => Inner {
                kind: shared.kind,
                message: shared.message.clone(),
                status: shared.status,
                code: shared.code.clone(),
                description: shared.description.clone(),
                request_id: shared.request_id.clone(),
                answer: shared.answer.clone(),
                retry_after: shared.retry_after,
                transient: shared.transient,
                media: shared.media,
                at: shared.at,
                is_self_sufficient: shared.is_self_sufficient,
                source: Some(Box::new(Self(shared))),
            },
        };
        change(&mut inner);
        Self(Arc::new(inner))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())?;
        match (self.0.status, &self.0.code) {
            (Some(status), Some(code)) => write!(f, " (status {status}, code {code})"),
            (Some(status), None) => write!(f, " (status {status})"),
            (None, Some(code)) => write!(f, " (code {code})"),
            (None, None) => Ok(()),
        }
    }
}

/// Lets [`Settings::http_client`](crate::Settings::http_client) accept conversions that cannot fail.
impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.kind())
            .field("message", &self.text());
        if let Some(status) = self.0.status {
            out.field("status", &status);
        }
        if let Some(code) = &self.0.code {
            out.field("code", code);
        }
        if let Some(source) = &self.0.source {
            out.field("source", source);
        }
        out.finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests;
