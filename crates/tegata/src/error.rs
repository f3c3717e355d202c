//! The one error type.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::ErrorCode;

/// How much of a server's own words is kept, in characters.
const LONGEST_DESCRIPTION: usize = 500;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// What went wrong.
///
/// Cheap to clone, since all who wait for the same renewal share its outcome. `Display` and `Debug`
/// show neither secrets, tokens, URLs nor bodies: only texts of this crate, the HTTP status, and codes
/// that are known ([`ErrorCode`]). What the server wrote is behind [`code`](Self::code) and
/// [`description`](Self::description).
#[derive(Clone)]
pub struct Error(Arc<Inner>);

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    status: Option<u16>,
    code: Option<ErrorCode>,
    description: Option<String>,
    retry_after: Option<Duration>,
    transient: bool,
    source: Option<Source>,
}

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Something was set up wrongly: a base URL, a credential, a request that cannot be built.
    Configuration,
    /// The request leaves the origin for which the credential is meant, or its path could lead to another resource
    /// than the one that was written. It was not sent.
    OutOfScope,
    /// The server could not be reached, or the connection broke.
    Connection,
    /// The time for it ran out.
    Timeout,
    /// The server answered with a status or code that means failure.
    Status,
    /// The server refused the credential, and renewing it did not help.
    CredentialRejected,
    /// The token endpoint refused to issue a token.
    TokenDenied,
    /// The token endpoint issued a token that had already expired.
    ExpiredToken,
    /// The answer could not be read.
    InvalidResponse,
    /// The credential was refused and has been renewed, but the body cannot be sent a second time.
    NotReplayable,
    /// The authorization server sent the user back with an error.
    Authorization,
    /// The `state` that came back is not the one that was sent.
    StateMismatch,
    /// The token store failed.
    Store,
    /// The renewal ended without an outcome: it panicked, or its runtime was shut down.
    Interrupted,
}

impl Error {
    /// An error of this kind. The message must hold no secret: it is what `Display` prints.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        let transient = matches!(
            kind,
            ErrorKind::Connection | ErrorKind::Timeout | ErrorKind::Interrupted
        );
        Self(Arc::new(Inner {
            kind,
            message: message.into(),
            status: None,
            code: None,
            description: None,
            retry_after: None,
            transient,
            source: None,
        }))
    }

    /// An [`ErrorKind::Configuration`] error: what is wrong, and how to fix it.
    pub fn configuration(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    /// An [`ErrorKind::Store`] error with its cause, whose texts must hold no secret.
    pub fn store(message: impl Into<Cow<'static, str>>, source: impl Into<Source>) -> Self {
        Self::new(ErrorKind::Store, message).with_source(source)
    }

    pub(crate) fn with_source(self, source: impl Into<Source>) -> Self {
        self.edit(|inner| inner.source = Some(source.into()))
    }

    pub(crate) fn with_status(self, status: u16) -> Self {
        let transient = matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504);
        self.edit(|inner| {
            inner.status = Some(status);
            inner.transient |= transient && inner.kind == ErrorKind::Status;
        })
    }

    /// The same error with the code that the server gave.
    #[must_use]
    pub fn with_code(self, code: Option<ErrorCode>) -> Self {
        self.edit(|inner| inner.code = code)
    }

    /// The same error with what the server wrote about it, cut after 500 characters. It is not printed.
    #[must_use]
    pub fn with_description(self, description: Option<String>) -> Self {
        let cut = |text: String| text.chars().take(LONGEST_DESCRIPTION).collect();
        self.edit(|inner| inner.description = description.map(cut))
    }

    /// The same error with how long the server asks to wait before the next try. For the authors of a
    /// [`TokenSource`](crate::provider::TokenSource).
    #[must_use]
    pub fn with_retry_after(self, retry_after: Option<Duration>) -> Self {
        self.edit(|inner| inner.retry_after = retry_after)
    }

    /// The same error as one that may be gone at the next try. For the authors of a
    /// [`TokenStore`](crate::TokenStore) or [`TokenSource`](crate::provider::TokenSource).
    #[must_use]
    pub fn transient(self) -> Self {
        self.edit(|inner| inner.transient = true)
    }

    /// The same error as one that stays until something is changed.
    pub(crate) fn lasting(self) -> Self {
        self.edit(|inner| inner.transient = false)
    }

    /// The same error as the answer of a token endpoint: a refusal there means that no token is to be
    /// had with these client credentials or this grant. For the authors of a
    /// [`TokenSource`](crate::provider::TokenSource).
    #[must_use]
    pub fn at_token_endpoint(self) -> Self {
        let denied = match self.kind() {
            ErrorKind::CredentialRejected => true,
            ErrorKind::Status => matches!(self.0.status, Some(400 | 401 | 403)),
            _ => false,
        };
        if !denied {
            return self;
        }
        self.edit(|inner| {
            inner.kind = ErrorKind::TokenDenied;
            inner.message = "the token endpoint refused to issue a token".into();
        })
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the same call may succeed later without anything being changed.
    pub fn is_transient(&self) -> bool {
        self.0.transient
    }

    /// Whether the server said no to the credential: to the key or token itself, or to the client
    /// credentials or grant with which a token was asked for.
    pub fn is_credential_rejected(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::CredentialRejected | ErrorKind::TokenDenied
        )
    }

    /// Whether something has to be fixed in the program or its settings.
    pub fn is_configuration(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::Configuration | ErrorKind::OutOfScope
        )
    }

    /// Whether the time for it ran out.
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
    }

    /// The HTTP status of the answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The code in the answer: `error` of RFC 6749, or the provider's own code.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_ref().map(ErrorCode::as_str)
    }

    /// What the server wrote about it, cut after 500 characters. Untrusted text, which may repeat parts
    /// of the request: look at it, but think before you log it.
    pub fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// How long the server asks to wait before the next try (`Retry-After`, in seconds or as a date).
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    fn edit(self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = match Arc::try_unwrap(self.0) {
            Ok(inner) => inner,
            // Shared already: its source stays with the others, everything else is copied.
            Err(shared) => Inner {
                kind: shared.kind,
                message: shared.message.clone(),
                status: shared.status,
                code: shared.code.clone(),
                description: shared.description.clone(),
                retry_after: shared.retry_after,
                transient: shared.transient,
                source: Some(Box::new(Self(shared))),
            },
        };
        change(&mut inner);
        Self(Arc::new(inner))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        match (self.0.status, &self.0.code) {
            (Some(status), Some(code)) => write!(f, " (status {status}, code {code})"),
            (Some(status), None) => write!(f, " (status {status})"),
            (None, Some(code)) => write!(f, " (code {code})"),
            (None, None) => Ok(()),
        }
    }
}

/// For [`Settings::http_client`](crate::Settings::http_client), which takes what cannot fail as well.
impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.0.kind)
            .field("message", &self.0.message);
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
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn neither_code_nor_description_of_the_server_is_printed() {
        let error = Error::new(ErrorKind::Status, "the server answered with a failure")
            .with_status(400)
            .with_code(Some("CANARY-code".into()))
            .with_description(Some("CANARY-description".into()));
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(!shown.contains("CANARY"), "{shown}");
        assert_eq!(error.code(), Some("CANARY-code"));
        assert_eq!(error.description(), Some("CANARY-description"));
    }

    #[rstest]
    #[case(429, true)]
    #[case(503, true)]
    #[case(400, false)]
    #[case(404, false)]
    fn transience_follows_the_status(#[case] status: u16, #[case] transient: bool) {
        let error = Error::new(ErrorKind::Status, "failure").with_status(status);
        assert_eq!(error.is_transient(), transient, "{error}");
    }

    #[rstest]
    #[case(400, ErrorKind::TokenDenied)]
    #[case(401, ErrorKind::TokenDenied)]
    #[case(503, ErrorKind::Status)]
    fn a_refusal_at_the_token_endpoint_is_a_denied_token(
        #[case] status: u16,
        #[case] kind: ErrorKind,
    ) {
        let error = Error::new(ErrorKind::Status, "failure").with_status(status);
        assert_eq!(error.at_token_endpoint().kind(), kind, "{status}");
    }

    #[test]
    fn a_shared_error_can_be_reclassified_and_keeps_its_cause() {
        let first = Error::new(ErrorKind::Status, "failure").with_status(401);
        let kept = first.clone();
        let second = first.at_token_endpoint();
        assert_eq!(kept.kind(), ErrorKind::Status);
        assert_eq!(second.kind(), ErrorKind::TokenDenied);
        assert_eq!(second.status(), Some(401));
        assert!(std::error::Error::source(&second).is_some());
    }

    #[rstest]
    #[case(None, None, "failure")]
    #[case(Some(400), None, "failure (status 400)")]
    #[case(None, Some("601"), "failure (code 601)")]
    #[case(Some(400), Some("601"), "failure (status 400, code 601)")]
    fn status_and_code_are_printed_if_there_are_any(
        #[case] status: Option<u16>,
        #[case] code: Option<&str>,
        #[case] text: &str,
    ) {
        let mut error = Error::new(ErrorKind::Status, "failure").with_code(code.map(Into::into));
        if let Some(status) = status {
            error = error.with_status(status);
        }
        assert_eq!(error.to_string(), text);
    }

    #[test]
    fn debug_names_the_kind_and_the_cause() {
        let error = Error::store("it is gone", "the disk is full").with_code(Some("601".into()));
        let shown = format!("{error:?}");
        for part in ["Store", "it is gone", "the disk is full", "code: 601"] {
            assert!(shown.contains(part), "{shown}");
        }
    }

    #[test]
    fn what_callers_ask_of_an_error_follows_its_kind() {
        let of = |kind| Error::new(kind, "failure");
        assert!(of(ErrorKind::Timeout).is_timeout());
        assert!(!of(ErrorKind::Connection).is_timeout());
        assert!(of(ErrorKind::TokenDenied).is_credential_rejected());
        assert!(!of(ErrorKind::Status).is_credential_rejected());
        assert!(of(ErrorKind::OutOfScope).is_configuration());
        assert!(!of(ErrorKind::Store).is_configuration());
        assert!(!of(ErrorKind::Store).is_transient());
        assert!(of(ErrorKind::Store).transient().is_transient());
        let later = Some(Duration::from_secs(7));
        let error = of(ErrorKind::Status).with_retry_after(later);
        assert_eq!(error.retry_after(), later);
    }
}
