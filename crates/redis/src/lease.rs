//! The right to renew: a key that lasts as long as the lease and holds the name and number of its owner.

mod grant;

use std::sync::Arc;
use std::time::Duration;

use redis::Cmd;
use tegata::provider::ErrorExt as _;
use tegata::store::{Lease, LeaseTerms};
use tegata::{Error, ErrorKind};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout};

use crate::failure::Failure;
use crate::inner::Inner;
use crate::settings::Unavailable;
use crate::{random, ttl};
use grant::{Grant, end, seconds};

/// The terms for a save outside of a renewal.
pub(crate) const FOR_A_SAVE: LeaseTerms = LeaseTerms {
    lifetime: Duration::from_secs(20),
    patience: Duration::from_secs(30),
};

/// The pause between two tries to get another process's lease: doubled each time, and shortened by jitter.
const PAUSE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(320));

/// How long the number of the last lease is remembered. Leases last minutes; no process that had one before
/// comes back after this.
const NUMBER_LIFETIME: Duration = Duration::from_secs(30 * 86_400);

/// The answer of `PTTL` for a key without expiry.
const NO_EXPIRY: i64 = -1;

enum Attempt {
    Granted(Grant),
    /// Another process has it, for this long.
    Taken(Duration),
}

/// Waits for the lease.
pub(crate) async fn take(inner: &Arc<Inner>, terms: LeaseTerms) -> Result<Lease, Error> {
    let failed = |failure: &Failure| inner.failed(failure, &inner.keys.lease, "had");
    let runtime = Handle::try_current().map_err(|_| failed(&Failure::no_runtime()))?;
    let began = Instant::now();
    let Ok(turn) = timeout(terms.patience, Arc::clone(&inner.turn).acquire_owned()).await else {
        return Err(taken(inner, &held_here(inner)));
    };
    let turn = turn.map_err(|closed| Error::store("the lease is gone", closed))?;
    let owner = inner.next_owner();
    let (mut pause, longest_pause) = PAUSE;
    loop {
        // In a task of its own: if the caller is dropped, the lease is dropped, and so released, there.
        let attempt = attempt(
            Arc::clone(inner),
            owner.clone(),
            terms.lifetime,
            runtime.clone(),
        );
        let attempt = runtime
            .spawn(attempt)
            .await
            .map_err(|_| Error::new(ErrorKind::Interrupted, "asking for the lease was cut off"))?;
        let left = match attempt {
            Ok(Attempt::Granted(grant)) => return Ok(grant.into_lease(turn)),
            Ok(Attempt::Taken(left)) => left,
            Err(failure) if failure.away && inner.settings.unavailable == Unavailable::GoOn => {
                tracing::warn!(
                    target: "tegata", key = inner.keys.lease, why = %failure.text,
                    "renewing a token without a lease, for Redis is away"
                );
                inner.seen().begin_lease(None);
                return Ok(Lease::new(move || drop(turn)));
            }
            Err(failure) => return Err(failed(&failure)),
        };
        let patience = terms.patience.saturating_sub(began.elapsed());
        if patience.is_zero() {
            let held = format!("another process for another {}", seconds(left));
            return Err(taken(inner, &held));
        }
        tokio::time::sleep(random::shortened(pause).min(patience)).await;
        pause = (pause * 2).min(longest_pause);
    }
}

fn taken(inner: &Inner, by: &str) -> Error {
    let failure = Failure::here(format!("it is held by {by}"));
    inner.failed(&failure, &inner.keys.lease, "had").transient()
}

fn held_here(inner: &Inner) -> String {
    let left = inner.seen().lease.as_ref().map(|held| {
        let left = held.until.saturating_duration_since(Instant::now());
        format!(" for another {}", seconds(left))
    });
    format!("another task of this process{}", left.unwrap_or_default())
}

async fn attempt(
    inner: Arc<Inner>,
    owner: String,
    lifetime: Duration,
    runtime: Handle,
) -> Result<Attempt, Failure> {
    let mut command = Cmd::new();
    command
        .arg("EVAL")
        .arg(include_str!("scripts/acquire.lua"))
        .arg(2)
        .arg(&inner.keys.lease)
        .arg(&inner.keys.number)
        .arg(&owner)
        .arg(ttl::millis(lifetime))
        .arg(ttl::millis(NUMBER_LIFETIME));
    let until = end(lifetime);
    let answer: Result<(u64, i64), Failure> = inner.server.ask(&command).await;
    match answer {
        Ok((0, NO_EXPIRY)) => Err(Failure::here(
            "the value there has no expiry, so that the lease would never become free: delete it (`DEL`)",
        )),
        Ok((0, left)) => {
            let left = Duration::from_millis(u64::try_from(left).unwrap_or_default());
            Ok(Attempt::Taken(left))
        }
        Ok((number, _)) => {
            tracing::debug!(target: "tegata", key = inner.keys.lease, number, "lease taken");
            Ok(Attempt::Granted(Grant::new(
                inner, owner, number, until, runtime,
            )))
        }
        Err(failure) => {
            if !failure.unsent {
                // The server may have granted it, with only the answer lost.
                drop(Grant::new(inner, owner, 0, until, runtime));
            }
            Err(failure)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0, "0 s")]
    #[case(1, "1 s")]
    #[case(12_000, "12 s")]
    #[case(12_001, "13 s")]
    fn the_time_that_is_left_is_rounded_up(#[case] millis: u64, #[case] expected: &str) {
        assert_eq!(seconds(Duration::from_millis(millis)), expected);
    }
}
