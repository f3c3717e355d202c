//! Shared helpers of the tests.

mod endpoint;
mod log;
mod proxy;
mod redis_server;
mod worker;

use std::time::{Duration, SystemTime};

use tegata::provider::{Issued, Refresh};
use tegata::store::{LeaseTerms, Record};
use tegata::{Token, TokenStore as _};
use tegata_redis::RedisStore;
use tokio::time::Instant;

pub(crate) use endpoint::{Endpoint, Gate};
pub(crate) use log::Log;
pub(crate) use proxy::{Answers, Proxy};
pub(crate) use redis_server::{Make, Place, RedisServer, connections};
pub(crate) use worker::{Fleet, Worker};

/// Longer than anything here takes, unless it hangs.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// A lease that outlives the test.
pub(crate) const LONG: LeaseTerms = LeaseTerms {
    lifetime: Duration::from_secs(60),
    patience: DEADLINE,
};

/// A lease that ends soon.
pub(crate) const SECOND: LeaseTerms = LeaseTerms {
    lifetime: Duration::from_secs(1),
    patience: DEADLINE,
};

/// A lease that ends almost at once.
pub(crate) const BRIEF: LeaseTerms = LeaseTerms {
    lifetime: Duration::from_millis(1),
    patience: DEADLINE,
};

/// When the tests' clocks begin.
pub(crate) const START: SystemTime = SystemTime::UNIX_EPOCH;

/// The n-th token of a family, good for an hour.
pub(crate) fn token(family: &str, number: u64, issued_at: u64) -> Token {
    let issued = Issued::new(
        format!("CANARY-access-{family}-{number}"),
        Some(Duration::from_secs(3600)),
        Refresh::Replace {
            token: format!("CANARY-refresh-{family}-{number}").into(),
            lifetime: None,
        },
    );
    Token::new(issued, START + Duration::from_secs(issued_at), None)
}

/// The n-th token of a family as it is stored: with its number as version.
pub(crate) fn record(family: &str, number: u64, issued_at: u64) -> Record {
    Record::new(token(family, number, issued_at)).with_version(number)
}

/// The token that the store holds.
pub(crate) async fn stored_token(store: &RedisStore) -> Option<Token> {
    let record = store.load().await.expect("loaded");
    record.and_then(|record| record.token().cloned())
}

/// Polls until the condition holds.
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
