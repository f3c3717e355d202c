//! Snapshots and events for operators, without the tokens themselves.

use std::fmt;
use std::num::ParseIntError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::Error;

/// The state of a token at some time; see [`RenewalPolicy`](crate::RenewalPolicy).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenState {
    /// There is none yet.
    Absent,
    /// It is good.
    Fresh,
    /// It is good, and the next request for it starts a renewal in the background.
    Stale,
    /// It has expired or was refused: callers wait for the next one.
    Expired,
}

/// The state of an account's token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Snapshot {
    /// Its state.
    pub state: TokenState,
    /// When it expires; `None` if there is none, or if it does not.
    pub expires_at: Option<SystemTime>,
    /// How many different tokens there have been.
    pub generation: u64,
    /// Whether a renewal is under way.
    pub is_renewing: bool,
    /// How many renewals have failed since the last success.
    pub failures: u32,
    /// The error of the last of them.
    pub last_error: Option<Error>,
}

/// A renewal that has ended, or a change to another key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RenewalEvent {
    /// The provider: the name of its spec.
    pub provider: &'static str,
    /// A short hash of the account, that distinguishes its events from those of others.
    pub account: AccountHash,
    /// Why it began.
    pub reason: RenewalReason,
    /// How it ended.
    pub outcome: RenewalOutcome,
    /// How long it took; 0 for [`RenewalOutcome::SwitchedKey`].
    pub duration: Duration,
    /// 1 for the first try, 2 for the one after a failure, and so on.
    pub attempt: u32,
}

/// Why a renewal began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RenewalReason {
    /// There was no token in memory, as at the start of a program.
    Missing,
    /// It is renewed before it expires, in the background.
    Early,
    /// It had expired, or was about to.
    Expired,
    /// The server refused it, or [`TokenCache::invalidate`](crate::TokenCache::invalidate) was called.
    Refused,
    /// A person has logged in.
    Login,
}

impl RenewalReason {
    /// A word for it, for labels and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Early => "early",
            Self::Expired => "expired",
            Self::Refused => "refused",
            Self::Login => "login",
        }
    }
}

/// How a renewal ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RenewalOutcome {
    /// A token was issued.
    Issued,
    /// A token was found in the store that another process had renewed.
    Adopted,
    /// A token was issued but could not be saved. It is used all the same, and saving is tried again.
    Unsaved,
    /// No token was issued or found.
    Failed(Error),
    /// The server refused an API key, and from now on this one is used, such as `secondary`. No token is
    /// involved.
    SwitchedKey(&'static str),
}

impl RenewalOutcome {
    /// A word for it, for labels and logs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Adopted => "adopted",
            Self::Unsaved => "unsaved",
            Self::Failed(_) => "failed",
            Self::SwitchedKey(_) => "switched_key",
        }
    }
}

/// A hash of the account that a token belongs to, in place of its name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountHash(u64);

impl AccountHash {
    /// The hash of an account's name, the same in every process (FNV-1a).
    pub fn of(account: &str) -> Self {
        account
            .bytes()
            .fold(Self(0xcbf2_9ce4_8422_2325), Self::step)
    }

    /// The hash of an account below this one, such as an organization of an application.
    #[must_use]
    pub fn with(self, account: &str) -> Self {
        // No name contains a line break, so different pairs of names have different texts.
        std::iter::once(b'\n')
            .chain(account.bytes())
            .fold(self, Self::step)
    }

    fn step(self, byte: u8) -> Self {
        Self((self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

impl fmt::Display for AccountHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl TryFrom<String> for AccountHash {
    type Error = ParseIntError;

    fn try_from(digits: String) -> Result<Self, ParseIntError> {
        u64::from_str_radix(&digits, 16).map(Self)
    }
}

impl From<AccountHash> for String {
    fn from(hash: AccountHash) -> Self {
        hash.to_string()
    }
}

impl fmt::Debug for AccountHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Receives every renewal, and every change to another API key, for metrics and logs.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use tegata::{RenewalEvent, RenewalObserver, Settings};
///
/// static FAILED: AtomicU64 = AtomicU64::new(0);
///
/// let settings = Settings::new().observer(|event: &RenewalEvent| {
///     if event.outcome.as_str() == "failed" {
///         FAILED.fetch_add(1, Ordering::Relaxed);
///     }
/// });
/// ```
pub trait RenewalObserver: Send + Sync + 'static {
    /// Called when a renewal has ended, also by a panic of the source, but not if its runtime was shut down. It
    /// is called in the renewal's task, so it should not block. A panic in here is caught.
    fn renewed(&self, event: &RenewalEvent);
}

impl<F: Fn(&RenewalEvent) + Send + Sync + 'static> RenewalObserver for F {
    fn renewed(&self, event: &RenewalEvent) {
        self(event);
    }
}

/// The provider whose tokens a cache keeps, and the observer of its renewals.
#[derive(Clone, Default)]
pub(crate) struct Label {
    pub(crate) provider: &'static str,
    pub(crate) observer: Option<Arc<dyn RenewalObserver>>,
}

impl Label {
    pub(crate) fn report(&self, event: &RenewalEvent) {
        let RenewalEvent {
            provider,
            account,
            attempt,
            ..
        } = *event;
        let (reason, outcome) = (event.reason.as_str(), event.outcome.as_str());
        let duration_ms = u64::try_from(event.duration.as_millis()).unwrap_or(u64::MAX);
        match &event.outcome {
            RenewalOutcome::Failed(error) => tracing::warn!(
                target: "tegata.renewal", provider, %account, reason, outcome, duration_ms, attempt, %error
            ),
            RenewalOutcome::SwitchedKey(key) => tracing::warn!(
                target: "tegata.renewal", provider, %account, reason, outcome, duration_ms, attempt, key,
                "the server refused the API key: another one is used from now on"
            ),
            _ => tracing::debug!(
                target: "tegata.renewal", provider, %account, reason, outcome, duration_ms, attempt
            ),
        }
        if let Some(observer) = &self.observer {
            // A panicking observer must not keep a token from being saved.
            let result = catch_unwind(AssertUnwindSafe(|| observer.renewed(event)));
            if result.is_err() {
                tracing::error!(target: "tegata.renewal", provider, %account, "the observer panicked");
            }
        }
    }
}

/// Reports changes between the API keys of one account, to the observer and to the log. For the authors of
/// provider crates.
#[derive(Clone)]
pub struct Reporter {
    label: Label,
    account: AccountHash,
}

impl Reporter {
    pub(crate) fn new(label: Label, account: Option<&str>) -> Self {
        let account = account.map(AccountHash::of).unwrap_or_default();
        Self { label, account }
    }

    /// Reports that the server refused another key, and that this one is used from now on.
    pub fn switched_key(&self, key: &'static str) {
        self.label.report(&RenewalEvent {
            provider: self.label.provider,
            account: self.account,
            reason: RenewalReason::Refused,
            outcome: RenewalOutcome::SwitchedKey(key),
            duration: Duration::ZERO,
            attempt: 1,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_hash_is_stable_and_does_not_show_the_account() {
        let hash = AccountHash::of("CANARY-client");
        assert_eq!(hash, AccountHash::of("CANARY-client"));
        assert_ne!(hash, AccountHash::of("CANARY-client2"));
        assert_eq!(AccountHash::of("a").to_string(), "af63dc4c8601ec8c");
        assert!(!format!("{hash} {hash:?}").contains("CANARY"));
    }

    #[test]
    fn accounts_below_another_have_hashes_of_their_own() {
        let app = AccountHash::of("app");
        assert_eq!(app.with("7"), AccountHash::of("app").with("7"));
        let others = [app, app.with("8"), app.with(""), AccountHash::of("app7")];
        let others = others.into_iter().chain([AccountHash::of("ap").with("p7")]);
        assert!(others.into_iter().all(|other| other != app.with("7")));
    }
}
