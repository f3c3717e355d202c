//! Constructors of errors, for the authors of token sources, token stores and providers.

use std::borrow::Cow;
use std::time::Duration;

use crate::{Error, ErrorCode, ErrorKind};

/// Makes [`Error`]s and adds details to them. For the authors of a
/// [`TokenSource`](crate::provider::TokenSource), of a [`TokenStore`](crate::TokenStore) or of a provider;
/// users only receive errors.
///
/// ```
/// use tegata::provider::ErrorExt;
/// use tegata::{Error, ErrorKind};
///
/// let busy = std::io::Error::from(std::io::ErrorKind::ResourceBusy);
/// let error = Error::store("the record could not be read", busy).transient();
/// assert!(error.kind() == ErrorKind::Store && error.is_transient());
/// ```
pub trait ErrorExt: Sized + sealed::Sealed {
    /// An error of this kind. The message must hold no secret: it is what `Display` prints.
    fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self;

    /// An [`ErrorKind::Configuration`] error: what is wrong, and how to fix it.
    fn configuration(message: impl Into<Cow<'static, str>>) -> Self;

    /// An [`ErrorKind::Store`] error with its cause, whose texts must hold no secret.
    fn store(
        message: impl Into<Cow<'static, str>>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self;

    /// The same error with the code that the server gave.
    #[must_use]
    fn with_code(self, code: Option<ErrorCode>) -> Self;

    /// The same error with the server's description, cut after 500 characters. It is not printed.
    #[must_use]
    fn with_description(self, description: Option<String>) -> Self;

    /// The same error with how long the server asks to wait before the next try.
    #[must_use]
    fn with_retry_after(self, retry_after: Option<Duration>) -> Self;

    /// The same error, marked as transient.
    #[must_use]
    fn transient(self) -> Self;

    /// The same error as one of a token endpoint, from which [kind](Error::kind) and questions follow: see the
    /// table in the [crate's documentation](crate#what-a-failure-means).
    #[must_use]
    fn at_token_endpoint(self) -> Self;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for crate::Error {}
}

// Inherent methods of the same names take precedence, so these are not recursive.
impl ErrorExt for Error {
    fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(kind, message)
    }

    fn configuration(message: impl Into<Cow<'static, str>>) -> Self {
        Self::configuration(message)
    }

    fn store(
        message: impl Into<Cow<'static, str>>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::store(message, source)
    }

    fn with_code(self, code: Option<ErrorCode>) -> Self {
        self.with_code(code)
    }

    fn with_description(self, description: Option<String>) -> Self {
        self.with_description(description)
    }

    fn with_retry_after(self, retry_after: Option<Duration>) -> Self {
        self.with_retry_after(retry_after)
    }

    fn transient(self) -> Self {
        self.transient()
    }

    fn at_token_endpoint(self) -> Self {
        self.at_token_endpoint()
    }
}
