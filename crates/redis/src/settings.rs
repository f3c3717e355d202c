//! The settings that the stores of one server share.

use std::time::Duration;

use crate::seal::Sealer;

/// The behaviour while the server is unavailable: unreachable, silent, or unable to write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unavailable {
    /// The operation fails, so that nothing is renewed until the server is back, not even by client
    /// credentials, which need no store. A token that is still valid remains in use.
    #[default]
    Fail,
    /// The process goes on with the token that it saw last and renews it **without a lease**, with a warning.
    /// Saving still fails, and is tried again until the server is back.
    ///
    /// Several processes can then send the same refresh token twice. Choose this if refresh tokens do not
    /// rotate, or if availability is worth more than a login. A process that has not seen a token yet fails,
    /// since the token that it was started with may have been used up long ago. With client credentials it
    /// needs none, and gets its own token.
    GoOn,
}

pub(crate) struct Settings {
    pub(crate) namespace: String,
    pub(crate) unavailable: Unavailable,
    pub(crate) ttl: Option<Duration>,
    pub(crate) sealer: Sealer,
}
