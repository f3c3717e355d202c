//! A lease that the server has granted: prolonged while it is used, and given back when it is dropped.

use std::sync::Arc;
use std::time::Duration;

use redis::Cmd;
use tegata::provider::ErrorExt as _;
use tegata::store::Lease;
use tegata::{Error, ErrorKind};
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use crate::inner::Inner;
use crate::seen::HeldLease;
use crate::{random, ttl};

/// How often the release of a lease is tried, and the pause before the second try, which doubles each time. So
/// a server whose writes stall for a few seconds still releases it.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(100);

pub(super) struct Grant {
    inner: Arc<Inner>,
    owner: String,
    /// The value at the key: owner and number.
    value: Arc<str>,
    until: Instant,
    runtime: Handle,
    /// The turn in this process, which ends with the first try to give the lease back.
    turn: Option<OwnedSemaphorePermit>,
    counted: Option<Counted>,
}

/// Counts a lease for as long as the server may have it.
struct Counted(Arc<Inner>);

impl Grant {
    pub(super) fn new(
        inner: Arc<Inner>,
        owner: String,
        number: u64,
        until: Instant,
        runtime: Handle,
    ) -> Self {
        Self {
            value: format!("{owner}:{number}").into(),
            counted: Some(Counted::new(Arc::clone(&inner))),
            inner,
            owner,
            until,
            runtime,
            turn: None,
        }
    }

    pub(super) fn into_lease(mut self, turn: OwnedSemaphorePermit) -> Lease {
        let (inner, value) = (Arc::clone(&self.inner), Arc::clone(&self.value));
        inner.seen().begin_lease(Some(HeldLease {
            value: Arc::clone(&value),
            until: self.until,
        }));
        self.turn = Some(turn);
        Lease::new(move || drop(self)).prolonged_by(move |lifetime| {
            let (inner, value) = (Arc::clone(&inner), Arc::clone(&value));
            Box::pin(async move { prolong(&inner, &value, lifetime).await })
        })
    }
}

async fn prolong(inner: &Inner, value: &str, lifetime: Duration) -> Result<(), Error> {
    let mut command = Cmd::new();
    command
        .arg("EVAL")
        .arg(include_str!("../scripts/prolong.lua"))
        .arg(1)
        .arg(&inner.keys.lease)
        .arg(value)
        .arg(ttl::millis(lifetime));
    let until = end(lifetime);
    let key = &inner.keys.lease;
    let answer: i64 = inner
        .server
        .ask(&command)
        .await
        .map_err(|failure| inner.failed(&failure, key, "prolonged"))?;
    let why = match answer {
        1 => {
            if let Some(held) = &mut inner.seen().lease
                && *held.value == *value
            {
                held.until = until;
            }
            return Ok(());
        }
        0 => "it ran out, or the server lost it, and another process may have had it since",
        _ => "it ran out and has passed to another process",
    };
    let text = format!("the lease at the Redis key `{key}` cannot be prolonged: {why}");
    Err(Error::new(ErrorKind::Store, text))
}

impl Drop for Grant {
    fn drop(&mut self) {
        let inner = Arc::clone(&self.inner);
        let counted = self.counted.take();
        let until = inner.seen().end_lease(&self.value);
        let (owner, turn) = (std::mem::take(&mut self.owner), self.turn.take());
        self.runtime.spawn(async move {
            give_back(&inner, &owner, until, turn).await;
            drop(counted);
        });
    }
}

/// Asks the server to release the lease. `until` is when it ends by itself, if it was certainly granted.
async fn give_back(
    inner: &Inner,
    owner: &str,
    until: Option<Instant>,
    turn: Option<OwnedSemaphorePermit>,
) {
    let mut command = Cmd::new();
    command
        .arg("EVAL")
        .arg(include_str!("../scripts/release.lua"))
        .arg(1)
        .arg(&inner.keys.lease)
        .arg(owner);
    let (mut turn, mut pause) = (turn, PAUSE);
    for tries in 1.. {
        let Err(failure) = inner.server.ask::<u64>(&command).await else {
            return;
        };
        // The next task here need not wait, since it may take over a lease of this store.
        drop(turn.take());
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        if failure.away && tries < TRIES && left != Some(Duration::ZERO) {
            tokio::time::sleep(random::shortened(pause)).await;
            pause *= 2;
            continue;
        }
        if let Some(left) = left.filter(|left| !left.is_zero()) {
            tracing::warn!(
                target: "tegata", key = inner.keys.lease, why = %failure.text, left = seconds(left),
                "a lease could not be given back: other processes have to wait until it ends by itself"
            );
        } else {
            tracing::debug!(
                target: "tegata", key = inner.keys.lease, why = %failure.text,
                "a lease was not given back, which may have ended or never been given"
            );
        }
        return;
    }
}

impl Counted {
    fn new(inner: Arc<Inner>) -> Self {
        inner.leases.send_modify(|leases| *leases += 1);
        Self(inner)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.leases.send_modify(|leases| *leases -= 1);
    }
}

/// Whole seconds, rounded up.
pub(super) fn seconds(left: Duration) -> String {
    format!("{} s", left.as_millis().div_ceil(1000))
}

/// When a lease that is granted now ends by itself.
pub(super) fn end(lifetime: Duration) -> Instant {
    Instant::now() + Duration::from_millis(ttl::millis(lifetime))
}
