//! What can go wrong between here and the server, in our own words.
//!
//! The texts of the client library and of the server are not passed on: a server that does not know a command
//! repeats its arguments, a token among them, and a value that cannot be converted is printed.

use std::borrow::Cow;
use std::time::Duration;

use redis::{ErrorKind, RedisError, ServerErrorKind};

/// Why a command failed, to follow "cannot be loaded:".
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) text: Cow<'static, str>,
    /// The server cannot be used now, and may be again later without anybody mending anything here.
    pub(crate) away: bool,
    /// Whatever comes next over this connection will fail too.
    pub(crate) broken: bool,
    /// The command may not have reached the server, for the connection had ended.
    pub(crate) ended: bool,
}

/// Words that a server begins its error with while it cannot do its work.
const NOT_READY: [&str; 9] = [
    "BUSY",
    "CLUSTERDOWN",
    "LOADING",
    "MASTERDOWN",
    "MISCONF",
    "NOREPLICAS",
    "OOM",
    "READONLY",
    "TRYAGAIN",
];

impl Failure {
    pub(crate) fn here(text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            text: text.into(),
            away: false,
            broken: false,
            ended: false,
        }
    }

    fn away(text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            away: true,
            broken: true,
            ..Self::here(text)
        }
    }

    pub(crate) fn no_runtime() -> Self {
        Self::here("a tokio runtime is needed, and there is none")
    }

    pub(crate) fn silent(timeout: Duration) -> Self {
        Self::away(format!(
            "the server did not answer within {timeout:?}: check that it runs and is not overloaded"
        ))
    }

    fn of_connection(error: &RedisError) -> Self {
        if error.is_connection_refusal() {
            return Self::away(
                "the connection was refused: check that the server runs, and its host and port",
            );
        }
        // It comes from the system or from TLS, not from the server.
        let failure = Self::away(format!("the connection failed ({error})"));
        Self {
            ended: error.is_connection_dropped(),
            ..failure
        }
    }

    fn of_server(error: &RedisError) -> Self {
        let (code, detail) = (
            error.code().unwrap_or_default(),
            error.detail().unwrap_or_default(),
        );
        // Older servers hide it in the error of the script.
        if code == "WRONGTYPE" || detail.contains("WRONGTYPE") {
            return Self::here(
                "there is another kind of value than this store keeps; it was left alone: move it away \
                 (`RENAME`), or give this store another namespace",
            );
        }
        if NOT_READY.contains(&code) {
            return Self::away(format!("the server is not ready ({code})"));
        }
        match code {
            "MOVED" | "ASK" | "CROSSSLOT" => Self::here(
                "the server is one of a cluster, and the key belongs to another: connect through a proxy \
                 that knows the cluster",
            ),
            "NOAUTH" => Self::here(
                "the server asks for a password: put it into the URL, redis://user:password@host",
            ),
            "WRONGPASS" => Self::of_password(),
            "NOPERM" => Self::here(
                "the user of the URL may not do that: it needs EVAL, GET, SET, DEL, INCR, PEXPIRE and PTTL \
                 for the keys of this store's namespace",
            ),
            _ if detail.contains("max number of clients") => {
                Self::away("the server has as many clients as it takes")
            }
            _ if is_code(code) => Self::here(format!("the server answered with the error {code}")),
            _ => Self::here("the server answered with an error"),
        }
    }

    fn of_password() -> Self {
        Self {
            broken: true,
            ..Self::here("the server refused the user name or password: mend it in the URL")
        }
    }
}

/// What a server sends in its place is its own business.
fn is_code(code: &str) -> bool {
    (1..=20).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
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
            ) => Self::away("the cluster or its master is down"),
            ErrorKind::Server(_) | ErrorKind::Extension => Self::of_server(&error),
            ErrorKind::Parse | ErrorKind::UnexpectedReturnType => Self {
                broken: true,
                ..Self::here(
                    "the answer is not one of Redis: check that host and port are those of a Redis server",
                )
            },
            _ => Self::here(
                "the client cannot be used: check host, database number and TLS in the URL",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn of(answer: &str) -> Failure {
        let value = redis::parse_redis_value(format!("-{answer}\r\n").as_bytes());
        let error = value.and_then(redis::Value::extract_error);
        Failure::from(error.expect_err("an error"))
    }

    #[rstest]
    #[case("WRONGTYPE Operation against a key", false, "another kind of value")]
    #[case(
        "ERR Error running script: @user_script:1: WRONGTYPE Op",
        false,
        "another kind of value"
    )]
    #[case("LOADING Redis is loading", true, "LOADING")]
    #[case("OOM command not allowed", true, "OOM")]
    #[case("READONLY You can't write", true, "READONLY")]
    #[case("MASTERDOWN Link with MASTER is down", true, "is down")]
    #[case("MOVED 3999 127.0.0.1:6381", false, "proxy")]
    #[case("NOAUTH Authentication required.", false, "asks for a password")]
    #[case("WRONGPASS invalid", false, "refused the user name or password")]
    #[case("NOPERM this user has no permissions", false, "needs EVAL")]
    #[case("ERR max number of clients reached", true, "as many clients")]
    #[case(
        "ERR unknown command 'EVAL', with args: CANARY",
        false,
        "the error ERR"
    )]
    #[case("CANARY-x said", false, "answered with an error")]
    fn answers_are_told_apart_and_not_repeated(
        #[case] answer: &str,
        #[case] away: bool,
        #[case] text: &str,
    ) {
        let failure = of(answer);
        assert_eq!(failure.away, away, "{failure:?}");
        assert!(failure.text.contains(text), "{failure:?}");
        assert!(!failure.text.contains("CANARY"), "{failure:?}");
    }

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

    #[test]
    fn an_ended_connection_is_told_from_a_refused_one() {
        let of =
            |kind: std::io::ErrorKind| Failure::from(RedisError::from(std::io::Error::from(kind)));
        let ended = of(std::io::ErrorKind::BrokenPipe);
        assert!(ended.away && ended.broken && ended.ended, "{ended:?}");
        let refused = of(std::io::ErrorKind::ConnectionRefused);
        assert!(refused.away && !refused.ended, "{refused:?}");
        assert!(refused.text.contains("was refused"), "{refused:?}");
    }
}
