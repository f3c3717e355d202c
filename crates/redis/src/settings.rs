//! What the stores of one server have in common.

use std::time::Duration;

use crate::seal::Sealer;

/// What is done while the server is away: not to be reached, silent, or unable to write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unavailable {
    /// The operation fails, so that nothing is renewed until the server is back, not even by client
    /// credentials, which would do without. A token that is still valid is used on.
    #[default]
    Fail,
    /// The process goes on with the token that it saw last and renews it **without a lease**, saying so in a
    /// warning. Saving still fails, and is tried again until the server is back.
    ///
    /// Several processes that go on each for itself can send one refresh token twice. Choose it where
    /// refresh tokens do not rotate, or where a working hour is worth more than a login. A process that has
    /// not seen a token yet has nothing to go on with, and fails: the token that it was started with may
    /// have been used up long ago. With client credentials it needs none, and gets a token of its own.
    GoOn,
}

pub(crate) struct Settings {
    pub(crate) namespace: String,
    pub(crate) unavailable: Unavailable,
    pub(crate) ttl: Option<Duration>,
    pub(crate) sealer: Sealer,
}
