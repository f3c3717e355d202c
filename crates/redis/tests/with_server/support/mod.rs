//! What the tests have in common.

mod endpoint;
mod log;
mod proxy;
mod redis_server;
mod worker;

use std::time::{Duration, SystemTime};

use tegata::{Issued, Refresh, Token};
use tokio::time::Instant;

pub(crate) use endpoint::{Endpoint, Gate};
pub(crate) use log::Log;
pub(crate) use proxy::{Answers, Proxy};
pub(crate) use redis_server::{Place, RedisServer};
pub(crate) use worker::{Fleet, Worker};

/// Longer than anything here takes, unless it hangs.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// When the tests' clocks begin.
pub(crate) const START: SystemTime = SystemTime::UNIX_EPOCH;

/// The n-th token of a family, good for an hour.
pub(crate) fn token(family: &str, number: u64, issued_at: u64) -> Token {
    let issued = Issued {
        access_token: format!("CANARY-access-{family}-{number}").into(),
        lifetime: Some(Duration::from_secs(3600)),
        refresh: Refresh::Replace {
            token: format!("CANARY-refresh-{family}-{number}").into(),
            lifetime: None,
        },
    };
    Token::new(issued, START + Duration::from_secs(issued_at), None)
}

/// Looks again and again until it is so.
pub(crate) async fn until(what: &str, mut so: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !so() {
        assert!(Instant::now() < deadline, "it never came about: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits, but not for ever.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    let outcome = tokio::time::timeout(DEADLINE, future).await;
    outcome.unwrap_or_else(|_| panic!("it never came about: {what}"))
}
