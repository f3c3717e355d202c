//! What every emulated provider can do.

use std::time::Duration;

use axum::http::StatusCode;

use super::answer::Answer;
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

/// A provider: a state machine over whole requests, without I/O and without a clock of its own.
pub(super) trait Service: Send {
    fn endpoint(&self, path: &str) -> Endpoint;

    fn answer(&mut self, seen: &Seen, now: Duration) -> Answer;

    /// How many access tokens were issued.
    fn issued(&self) -> u64;

    /// Ends the time of every live access token; says how many.
    fn expire(&mut self, now: Duration) -> usize;

    /// Forgets every access token and, if asked to, every refresh token; says how many access
    /// tokens were live.
    fn forget(&mut self, now: Duration, refresh_tokens: bool) -> usize;

    /// Orders a refusal of calls to come, or says why there is no such refusal.
    fn refuse_next(&mut self, refusal: Refusal) -> Result<(), String>;

    /// The API keys that are good, or `None` where the provider knows no keys.
    fn api_keys(&mut self) -> Option<&mut Vec<String>>;

    /// An error of that status in the provider's own shape.
    fn fault(&self, endpoint: Endpoint, status: StatusCode) -> Answer;
}
