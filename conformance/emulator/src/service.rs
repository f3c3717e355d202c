//! What every emulated provider can do.

use std::time::{Duration, SystemTime};

use super::answer::Answer;
use super::call::Call;
use super::refusals::Refusal;
use super::request::Seen;

/// The kind of endpoint that a path belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// Issues tokens.
    Token,
    /// Wants a credential.
    Resource,
    /// Is opened by a browser.
    Login,
    /// Does not exist.
    Unknown,
}

/// Revokes a key that is among these; says whether it was.
pub(super) fn revoke(keys: &mut Vec<String>, key: &str) -> bool {
    let before = keys.len();
    keys.retain(|good| good != key);
    keys.len() < before
}

/// A provider: a state machine over whole requests, without I/O and without a clock of its own.
pub(super) trait Service: Send {
    fn endpoint(&self, path: &str) -> Endpoint;

    /// The answer to a request that is no call, so that it wants no credential.
    fn answer(&mut self, seen: &Seen, now: Duration) -> Answer;

    /// Whether a call's credential is right; changes nothing.
    fn accepts(&self, seen: &Seen, now: Duration) -> bool;

    /// Uses a call's credential, or refuses it.
    fn authorize(&mut self, seen: &Seen, now: Duration) -> Result<(), Answer>;

    /// Refuses a call whose credential is right, as a test has ordered it.
    fn refuse(&mut self, seen: &Seen, refusal: Refusal, now: Duration) -> Answer;

    /// The call as it is routed.
    fn call(&self, seen: &Seen) -> Call {
        Call::of(seen)
    }

    /// The default answer to a call whose credential is right.
    fn resource(&mut self, seen: &Seen, call: &Call, now: Duration, wall: SystemTime) -> Answer;

    /// How many access tokens were issued.
    fn issued(&self) -> u64;

    /// Ends the time of every live access token; says how many.
    fn expire(&mut self, now: Duration) -> usize;

    /// Forgets every access token and, if asked to, every refresh token; says how many access
    /// tokens were live.
    fn forget(&mut self, now: Duration, refresh_tokens: bool) -> usize;

    /// Says why calls cannot be refused so.
    fn check_refusal(&self, refusal: Refusal) -> Result<(), String>;

    /// Says whether that API key was good until now; `None` where the provider knows no keys.
    fn revoke_key(&mut self, key: &str) -> Option<bool>;

    /// Makes an API key good; `None` where the provider knows no keys.
    fn add_key(&mut self, key: &str) -> Option<()>;

    /// Decides for the user of that device or, without a code, for all users who log in from now on.
    fn decide(
        &mut self,
        _user_code: Option<&str>,
        _agrees: bool,
        _now: Duration,
    ) -> Result<(), String> {
        Err("its users agree at once: only those of an API of a profile decide".to_owned())
    }

    /// Says why that code, from 600 on, cannot be answered there.
    fn check_code(&self, _endpoint: Endpoint, code: u16) -> Result<(), String> {
        Err(format!(
            "code {code} is one of Marketo's envelope: use a status from 200 to 599 here"
        ))
    }

    /// An error of that status or checked code in the provider's own shape, with the headers that
    /// belong to it.
    fn fault(&mut self, endpoint: Endpoint, code: u16, seen: &Seen, wall: SystemTime) -> Answer;
}
