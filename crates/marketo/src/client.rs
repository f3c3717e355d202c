//! The client.

use tegata::oauth::App;
use tegata::provider::{Transport, client_methods};

use crate::Secret;
use crate::generated::{IdentityOperations, RestOperations};

/// Calls the REST API of one Marketo instance as one custom service.
///
/// Its token belongs to its client id alone: for several custom services make several clients, and each
/// keeps its own. Cloning a client is cheap; clones share connections and token. It is `Send` and `Sync`.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) rest: RestOperations,
    pub(crate) identity: IdentityOperations,
    pub(crate) app: App,
}

impl Client {
    /// The transport of the operations: there may be very many clients, so none keeps a second one.
    fn transport(&self) -> &Transport {
        self.rest.transport()
    }

    /// The REST operations of the spec, typed. An answer with `"success": false` is an error.
    pub fn api(&self) -> &RestOperations {
        &self.rest
    }

    /// The identity operations, without credentials, for calling them by hand.
    pub fn tokens(&self) -> &IdentityOperations {
        &self.identity
    }

    /// Replaces the client secret while the client is in use, for it and all its clones. The next token is asked
    /// for with it; a token that is still good stays in use. A refusal of the former secret does not stand any
    /// more.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it cannot be one, such as with a line
    /// break at its end. The former one then stays in use.
    pub fn replace_client_secret(
        &self,
        client_secret: impl Into<Secret>,
    ) -> Result<(), crate::Error> {
        self.app.replace_client_secret(client_secret)
    }

    client_methods!(self => self.transport());
}

#[cfg(test)]
mod tests;
