//! Any order of calls, expiries and refusals.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::join_all;
use proptest::prelude::*;
use tegata::{Error, ErrorKind, RenewalEvent};
use tegata_emulator::{Endpoint, Fault, LogEntry, Provider, Refusal};

use crate::{cases, runtime};
use tegata_test_support::loopback::Loopback;
use tegata_test_support::wire::{credential, sent};
use tegata_test_support::{Flow, Subject};

/// Something that happens.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// So many callers at once.
    Call(usize),
    /// The server ends every token's time.
    Expire,
    /// The server forgets every access token.
    Forget,
    /// Time passes, in seconds.
    Advance(u64),
    /// The server refuses so many calls, by the first or the second of its ways.
    Refuse(u64, bool),
    /// The token endpoint fails once.
    Unavailable,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1_usize..9).prop_map(Step::Call),
        1 => Just(Step::Expire),
        1 => Just(Step::Forget),
        2 => prop::sample::select(&[1, 60, 3300, 3360, 3589, 3595, 3600, 90_000][..])
            .prop_map(Step::Advance),
        2 => (1_u64..4, any::<bool>()).prop_map(|(times, second)| Step::Refuse(times, second)),
        1 => Just(Step::Unavailable),
    ];
    prop::collection::vec(step, 1..12)
}

/// A client with a count of its renewals, and the orders that the server has not carried out yet.
struct Run {
    flow: Flow,
    loopback: Loopback,
    client: Subject,
    renewals: Arc<AtomicU64>,
    refusals: u64,
    unavailable: u64,
    /// The token in the client's hands may be dead without its knowing.
    dead: bool,
}

impl Run {
    async fn start(flow: Flow) -> Self {
        let loopback = Loopback::start();
        let renewals = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&renewals);
        let observer = move |_: &RenewalEvent| {
            count.fetch_add(1, Ordering::SeqCst);
        };
        let settings = loopback.settings().observer(observer);
        let client = flow.cold_with(&loopback, settings).await;
        Self {
            flow,
            loopback,
            client,
            renewals,
            refusals: 0,
            unavailable: 0,
            dead: false,
        }
    }

    async fn step(&mut self, step: Step) -> Result<(), TestCaseError> {
        let provider = self.flow.provider();
        // Or else a token that the client has yet to receive would be hit as well as the one it has.
        self.client.settled().await;
        match step {
            Step::Call(callers) => return self.call(callers).await,
            Step::Expire => {
                self.loopback.emulator.expire(provider);
                self.dead = true;
            }
            Step::Forget => {
                self.loopback.emulator.forget(provider);
                self.dead = true;
            }
            Step::Advance(seconds) => self.loopback.advance(seconds),
            Step::Refuse(times, second) => {
                let code = match (provider, second) {
                    (Provider::Marketo, false) => 601,
                    (Provider::Marketo, true) => 602,
                    _ => 401,
                };
                self.loopback
                    .refuse_next(provider, Refusal::new(code).times(times));
                self.refusals += times;
            }
            Step::Unavailable => {
                self.loopback
                    .fault(provider, Fault::on(Endpoint::Token).status(503));
                self.unavailable += 1;
            }
        }
        Ok(())
    }

    async fn call(&mut self, callers: usize) -> Result<(), TestCaseError> {
        let provider = self.flow.provider();
        self.loopback.emulator.clear_log();
        let renewals = self.renewals.load(Ordering::SeqCst);
        let (refusals, unavailable) = (self.refusals, self.unavailable);
        let to_be_refused = refusals + u64::from(self.dead);
        let outcomes = join_all((0..callers).map(|caller| self.one(caller))).await;

        let calls = self.loopback.calls(provider);
        for (caller, outcome) in outcomes.iter().enumerate() {
            let path = self.path(caller);
            let mine: Vec<_> = calls.iter().filter(|call| call.path == path).collect();
            prop_assert!(mine.len() <= 2, "{} requests of one caller", mine.len());
            if let [first, second] = mine.as_slice() {
                prop_assert!(!served(first), "sent again after it was served");
                prop_assert_ne!(credential(first), credential(second));
                prop_assert!(
                    sent(first) == sent(second),
                    "another request the second time"
                );
            }
            let last_is_served = mine.last().is_some_and(|call| served(call));
            match outcome {
                Ok(()) => prop_assert!(last_is_served),
                Err(error) => {
                    prop_assert!(!last_is_served, "{error:?}");
                    check(error, to_be_refused, unavailable)?;
                }
            }
        }
        let ordered = |call: &&LogEntry| {
            let note = call.note.as_deref().unwrap_or_default();
            note.contains("set to refuse")
        };
        let consumed = calls.iter().filter(ordered).count();
        self.refusals -= u64::try_from(consumed).expect("a few");
        let tokens = self.loopback.token_requests(provider);
        let failed = tokens.iter().filter(|request| request.status == Some(503));
        self.unavailable -= u64::try_from(failed.count()).expect("a few");

        self.dead &= outcomes.iter().all(Result::is_err);

        // One for all, whatever was the matter, and one for each order to refuse a token or to fail.
        let renewed = self.renewals.load(Ordering::SeqCst) - renewals;
        let bound = 1 + refusals + unavailable;
        prop_assert!(
            renewed <= bound,
            "{renewed} renewals, {bound} expected at most"
        );
        if refusals + unavailable == 0 {
            let failed = outcomes.iter().find_map(|outcome| outcome.as_ref().err());
            prop_assert!(failed.is_none(), "{failed:?} though nothing was wrong");
        }
        Ok(())
    }

    fn path(&self, caller: usize) -> String {
        match self.flow.provider() {
            Provider::FujitsuAispf => format!("/da/{caller}"),
            Provider::Jooto => format!("/v1/{caller}"),
            Provider::Marketo => format!("/rest/{caller}.json"),
            Provider::Api(_) => unreachable!("flows are those of built-in providers"),
        }
    }

    async fn one(&self, caller: usize) -> Result<(), Error> {
        let request = self.client.post(&self.path(caller), &caller.to_string());
        let response = self.client.send(request).await?;
        let status = response.status().as_u16();
        let body = response.text().await.expect("a body");
        assert!(status == 200 && !body.contains("errors"), "{status} {body}");
        Ok(())
    }
}

fn served(call: &LogEntry) -> bool {
    call.note.is_none()
}

/// An error that is explained by an order to the server.
fn check(error: &Error, to_be_refused: u64, unavailable: u64) -> Result<(), TestCaseError> {
    match error.kind() {
        ErrorKind::CredentialRejected => {
            prop_assert!(
                to_be_refused >= 2,
                "{error:?} after {to_be_refused} refusals"
            );
        }
        ErrorKind::Status => {
            prop_assert_eq!(error.status().map(u16::from), Some(503));
            prop_assert!(error.is_transient() && unavailable >= 1, "{error:?}");
        }
        _ => prop_assert!(false, "{error:?}"),
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(192))]

    #[test]
    fn any_schedule_repeats_calls_once_at_most_and_shares_renewals(
        flow in prop::sample::select(&Flow::TOKENS[..]),
        steps in steps(),
    ) {
        let runtime = runtime();
        runtime.block_on(async {
            let mut run = Run::start(flow).await;
            for step in steps {
                run.step(step).await?;
            }
            // However it went: once all orders are carried out, calls are served again.
            for _ in 0..=run.refusals + run.unavailable {
                run.call(1).await?;
            }
            prop_assert_eq!(run.refusals, 0);
            Ok(())
        })?;
    }
}
