//! Calls of the process under test, and the promises for each.

use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use tegata::provider::{Authenticator as _, Credential};
use tegata::{Clock as _, Secret};
use tokio::time::sleep;

use super::World;
use crate::event::{Edge, Which};
use crate::process::{BEARER, Called};
use crate::seen;

/// The deadline of a caller.
const LONGEST_CALL: Duration = Duration::from_secs(30);

/// The longest time that a schedule waits for a token to expire.
const A_LONG_TIME: Duration = Duration::from_secs(100_000);

impl World {
    pub(super) async fn call(&mut self, count: usize) {
        let now = self.wall.now();
        let (at_once, fresh) = {
            let ledger = self.process.ledger();
            (ledger.serves(now), ledger.is_fresh(now))
        };
        let requests = self.process.requests();
        let is_renewing = self.process.cache.snapshot().is_renewing;
        let calls: Vec<_> = (0..count)
            .map(|_| self.process.call(None, &self.wall))
            .collect();
        for call in calls {
            let called = call.await.expect("no caller panics");
            self.check(called, at_once);
        }
        self.settle().await;
        assert!(
            !fresh || is_renewing || self.process.requests() == requests,
            "not kept: a fresh token is not renewed"
        );
    }

    pub(super) fn check(&mut self, called: Called, at_once: bool) {
        let Called {
            outcome,
            kept,
            took,
        } = called;
        kept.unwrap_or_else(|broken| panic!("not kept: {broken}"));
        assert!(
            took <= LONGEST_CALL,
            "not kept: a call ends, at the latest after {LONGEST_CALL:?}"
        );
        assert!(
            !at_once || (outcome.is_ok() && took.is_zero()),
            "not kept: no caller waits for a token that is there: {outcome:?} after {took:?}"
        );
        match &outcome {
            Ok(_) if at_once => {
                seen("a call was answered at once");
                let is_fresh = self.process.ledger().is_fresh(self.wall.now());
                if !is_fresh && self.process.cache.snapshot().failures > 0 {
                    seen("a call was answered at once while renewing failed");
                }
            }
            Ok(_) if self.process.cache.snapshot().failures > 0 => {
                seen("a call was served in a token's last seconds");
            }
            Ok(_) => seen("a call waited"),
            Err(error) if error.is_timeout() && self.process.is_waiting() => {
                seen("a call timed out and the exchange went on");
            }
            Err(_) if took.is_zero() => seen("a call failed within a pause"),
            Err(_) => seen("a call failed after a renewal"),
        }
        if let Ok(credential) = outcome {
            self.process.credentials.push(credential);
        }
    }

    pub(super) fn give_up(&self) {
        let mut call = pin!(self.process.cache.credential());
        let mut context = Context::from_waker(Waker::noop());
        if call.as_mut().poll(&mut context).is_pending() {
            seen("a call was given up");
        }
    }

    pub(super) async fn refuse(&mut self, which: Which) {
        let credentials = &self.process.credentials;
        let credential = match which {
            Which::Last => credentials.last().cloned(),
            Which::First => credentials.first().cloned(),
            Which::Unknown => {
                let unknown = Credential::new(BEARER, &Secret::from("unknown"));
                Some(unknown.expect("a credential").with_generation(u64::MAX))
            }
        };
        let Some(credential) = credential else {
            return;
        };
        let generation = credential.generation();
        let now = self.wall.now();
        let at_once = {
            let mut ledger = self.process.ledger();
            let is_held = ledger.holds() == Some(generation);
            seen(if is_held {
                "a token was refused"
            } else {
                "an old token was refused"
            });
            ledger.refuse(generation);
            ledger.serves(now)
        };
        let called = self.process.call(Some(credential), &self.wall).await;
        self.check(called.expect("no caller panics"), at_once);
    }

    pub(super) async fn pass_to(&self, edge: Edge, after: i64) {
        let edge = self.process.ledger().edge(edge);
        let left = edge.and_then(|edge| edge.duration_since(self.wall.now()).ok());
        let after_millis = Duration::from_millis(after.unsigned_abs());
        match left.filter(|left| *left < A_LONG_TIME) {
            Some(left) if after < 0 => sleep(left.saturating_sub(after_millis)).await,
            Some(left) => sleep(left + after_millis).await,
            None => {}
        }
    }
}
