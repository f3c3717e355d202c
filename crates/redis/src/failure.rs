//! Failures between the store and the server, in this crate's own words.
//!
//! The texts of the client library and of the server are not passed on: a server that does not know a command
//! repeats its arguments, a token among them, and a value that cannot be converted is printed.

mod answer;
mod connection;

use std::borrow::Cow;
use std::time::Duration;

use redis::{ErrorKind, RedisError, ServerErrorKind};

/// Why a command failed, to follow "cannot be loaded:".
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) text: Cow<'static, str>,
    /// Transient: the server is unavailable, and may be available again later.
    pub(crate) away: bool,
    pub(crate) connection: Connection,
    /// The command was not sent at all.
    pub(crate) unsent: bool,
}

/// The state of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connection {
    Usable,
    /// Every further command over it will fail too.
    Broken,
    /// It had been closed, so the command may not have reached the server.
    Ended,
}

impl Failure {
    pub(crate) fn here(text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            text: text.into(),
            away: false,
            connection: Connection::Usable,
            unsent: false,
        }
    }

    fn away(text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            away: true,
            connection: Connection::Broken,
            ..Self::here(text)
        }
    }

    /// An operator has to fix it; then a new connection is needed.
    fn refused(text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            connection: Connection::Broken,
            ..Self::here(text)
        }
    }

    pub(crate) fn no_runtime() -> Self {
        Self {
            unsent: true,
            ..Self::here("a tokio runtime is needed, and there is none")
        }
    }

    pub(crate) fn silent(timeout: Duration) -> Self {
        Self::away(format!(
            "the server did not answer within {timeout:?}: check that it runs and is not overloaded"
        ))
    }

    pub(crate) fn unsent(self) -> Self {
        Self {
            unsent: true,
            ..self
        }
    }
}

impl From<RedisError> for Failure {
    fn from(error: RedisError) -> Self {
        match error.kind() {
            ErrorKind::Io => Self::of_connection(&error),
            ErrorKind::AuthenticationFailed => Self::of_password(),
            ErrorKind::Server(
                ServerErrorKind::TryAgain
                | ServerErrorKind::ClusterDown
                | ServerErrorKind::MasterDown,
            ) => Self::away("the cluster or its primary is down"),
            ErrorKind::Server(_) | ErrorKind::Extension => Self::of_answer(&error),
            ErrorKind::Parse | ErrorKind::UnexpectedReturnType => Self::refused(
                "the answer is not one of Redis: check that host and port are those of a Redis server, and \
                 whether it asks for TLS (`rediss://`)",
            ),
            ErrorKind::RESP3NotSupported => {
                Self::refused("the server does not know RESP3: leave `protocol` out of the URL")
            }
            _ => Self::here(
                "the client cannot be used: check host, database number and TLS in the URL",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_cannot_be_converted_is_not_shown() {
        let value = redis::Value::BulkString(b"CANARY-access".to_vec());
        let error = redis::from_redis_value::<u64>(value).expect_err("no number");
        let error = RedisError::from(error);
        assert!(error.to_string().contains("CANARY"), "{error}");
        let failure = Failure::from(error);
        assert!(!format!("{failure:?}").contains("CANARY"), "{failure:?}");
        assert!(failure.text.contains("not one of Redis"), "{failure:?}");
    }
}
