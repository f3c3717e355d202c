//! The right to renew: a key that lasts as long as the lease and holds the name and number of its owner.

use std::sync::Arc;
use std::time::Duration;

use redis::Cmd;
use tegata::{Error, ErrorKind, Lease};
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;

use crate::failure::Failure;
use crate::settings::Unavailable;
use crate::store::Inner;
use crate::{random, ttl};

/// Between two tries to get a lease that somebody else has: doubled each time, and shortened by chance.
const PAUSE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(320));

/// How long the number of the last lease is remembered. Leases last minutes; nobody who had one before comes
/// back after this.
const NUMBER_LIFETIME: Duration = Duration::from_secs(30 * 86_400);

/// What `PTTL` answers for a key without expiry.
const NO_EXPIRY: i64 = -1;

/// A lease that the server has given, given back when it is dropped.
struct Grant {
    inner: Arc<Inner>,
    owner: String,
    /// What lies at the key: owner and number.
    value: Arc<str>,
    runtime: Handle,
    /// The turn in this process, which ends when the server has taken the lease back.
    turn: Option<OwnedSemaphorePermit>,
}

enum Attempt {
    Granted(Grant),
    /// Somebody else has it.
    Taken,
}

/// Waits for the lease.
pub(crate) async fn take(inner: &Arc<Inner>, longest: Duration) -> Result<Lease, Error> {
    let closed = |error| Error::store("the lease is gone", error);
    let turn = Arc::clone(&inner.turn).acquire_owned();
    let turn = turn.await.map_err(closed)?;
    let runtime = Handle::try_current()
        .map_err(|_| inner.failed(&Failure::no_runtime(), &inner.keys.lease, "had"))?;
    let owner = random::hex(16)?;
    let (mut pause, longest_pause) = PAUSE;
    loop {
        // In a task of its own: if nobody waits for it any more, its lease is dropped there.
        let attempt = attempt(Arc::clone(inner), owner.clone(), longest, runtime.clone());
        let attempt = runtime
            .spawn(attempt)
            .await
            .map_err(|_| Error::new(ErrorKind::Interrupted, "asking for the lease was cut off"))?;
        match attempt {
            Ok(Attempt::Granted(mut grant)) => {
                inner.begin_lease(Some(&grant.value));
                grant.turn = Some(turn);
                return Ok(Lease::new(move || drop(grant)));
            }
            Ok(Attempt::Taken) => {}
            Err(failure) if failure.away && inner.settings.unavailable == Unavailable::GoOn => {
                tracing::warn!(
                    target: "tegata", key = inner.keys.lease, why = %failure.text,
                    "renewing a token without a lease, for Redis is away"
                );
                inner.begin_lease(None);
                return Ok(Lease::new(move || drop(turn)));
            }
            Err(failure) => return Err(inner.failed(&failure, &inner.keys.lease, "had")),
        }
        tokio::time::sleep(random::shortened(pause)).await;
        pause = (pause * 2).min(longest_pause);
    }
}

async fn attempt(
    inner: Arc<Inner>,
    owner: String,
    longest: Duration,
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
        .arg(ttl::millis(longest))
        .arg(ttl::millis(NUMBER_LIFETIME));
    let answer: Result<(u64, i64), Failure> = inner.server.ask(&command).await;
    let grant = |number: u64| Grant {
        value: format!("{owner}:{number}").into(),
        inner: Arc::clone(&inner),
        owner,
        runtime,
        turn: None,
    };
    match answer {
        Ok((0, NO_EXPIRY)) => Err(Failure::here(
            "what lies there has no expiry, so that nobody would ever have the lease: delete it (`DEL`)",
        )),
        Ok((0, _)) => Ok(Attempt::Taken),
        Ok((number, _)) => {
            tracing::debug!(target: "tegata", key = inner.keys.lease, number, "lease taken");
            Ok(Attempt::Granted(grant(number)))
        }
        Err(failure) => {
            // The server may have given it, and only the answer was lost.
            drop(grant(0));
            Err(failure)
        }
    }
}

impl Drop for Grant {
    fn drop(&mut self) {
        self.inner.end_lease(&self.value);
        let (inner, turn) = (Arc::clone(&self.inner), self.turn.take());
        let mut command = Cmd::new();
        command
            .arg("EVAL")
            .arg(include_str!("scripts/release.lua"))
            .arg(1)
            .arg(&inner.keys.lease)
            .arg(&self.owner);
        self.runtime.spawn(async move {
            // If it fails, the lease ends by itself.
            if let Err(failure) = inner.server.ask::<u64>(&command).await {
                tracing::debug!(
                    target: "tegata", key = inner.keys.lease, why = %failure.text,
                    "a lease was not given back and will run out"
                );
            }
            drop(turn);
        });
    }
}
