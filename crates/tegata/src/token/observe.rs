//! What an operator sees of tokens, without the tokens.

use std::fmt;
use std::num::ParseIntError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::Error;

/// The state of a token at some time; see [`RenewalPolicy`](crate::RenewalPolicy).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenState {
    /// There is none yet.
    Absent,
    /// It is good.
    Fresh,
    /// It is good, and renewed in the background when somebody asks for it.
    Stale,
    /// It has expired or was refused: whoever asks for it waits for the next one.
    Expired,
}

/// What is known of an account's token.
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
    /// How many renewals have failed since the last that did not.
    pub failures: u32,
    /// What the last of them failed with.
    pub last_error: Option<Error>,
}

/// A renewal that has ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RenewalEvent {
    /// The provider, as its spec is called.
    pub provider: &'static str,
    /// A short hash of the account, by which its events can be told from those of others.
    pub account: AccountHash,
    /// What came of it.
    pub outcome: RenewalOutcome,
    /// How long it took.
    pub duration: Duration,
    /// 1 for the first try, 2 for the one after a failure, and so on.
    pub attempt: u32,
}

/// What came of a renewal.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RenewalOutcome {
    /// A token was issued.
    Issued,
    /// A token was found in the store that somebody else had renewed.
    Adopted,
    /// A token was issued but could not be saved. It is used all the same, and saving is tried again.
    Unsaved,
    /// No token was to be had.
    Failed(Error),
}

impl RenewalOutcome {
    /// A word for it, for labels and logs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Adopted => "adopted",
            Self::Unsaved => "unsaved",
            Self::Failed(_) => "failed",
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
        let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(account.bytes().fold(0xcbf2_9ce4_8422_2325, step))
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

/// Is told of every renewal: the place to count them.
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
    /// A renewal has ended, if only by a panic of the source; not if its runtime was shut down. Called in
    /// its task, so it should not block. A panic in here ends nothing.
    fn renewed(&self, event: &RenewalEvent);
}

impl<F: Fn(&RenewalEvent) + Send + Sync + 'static> RenewalObserver for F {
    fn renewed(&self, event: &RenewalEvent) {
        self(event);
    }
}

/// Whose tokens a cache keeps, but for the account, and who is told of its renewals.
#[derive(Clone, Default)]
pub(crate) struct Label {
    pub(crate) provider: &'static str,
    pub(crate) observer: Option<Arc<dyn RenewalObserver>>,
}

impl Label {
    pub(crate) fn report(
        &self,
        account: AccountHash,
        outcome: RenewalOutcome,
        duration: Duration,
        attempt: u32,
    ) {
        let Self { provider, observer } = self;
        let name = outcome.as_str();
        if let RenewalOutcome::Failed(error) = &outcome {
            tracing::warn!(
                target: "tegata.renewal", provider, %account, outcome = name, ?duration, attempt, %error
            );
        } else {
            tracing::debug!(
                target: "tegata.renewal", provider, %account, outcome = name, ?duration, attempt
            );
        }
        if let Some(observer) = observer {
            let event = RenewalEvent {
                provider,
                account,
                outcome,
                duration,
                attempt,
            };
            // A counter that panics must not keep a token from being saved after all.
            let result = catch_unwind(AssertUnwindSafe(|| observer.renewed(&event)));
            if result.is_err() {
                tracing::error!(target: "tegata.renewal", provider, %account, "the observer panicked");
            }
        }
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
}
