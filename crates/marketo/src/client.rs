//! The client.

use tegata::provider::{Replaceable, Transport, check_credential, client_methods};

use crate::Secret;
use crate::generated::{IdentityOperations, RestOperations};

/// Calls the REST API of one Marketo instance as one custom service.
///
/// Its token belongs to its client id alone: for several custom services make several clients, and each
/// keeps its own. Cloning a client is cheap; clones share connections and token. It is `Send` and `Sync`.
#[derive(Clone, Debug)]
pub struct Client {
    rest: RestOperations,
    identity: IdentityOperations,
    client_secret: Replaceable<Secret>,
}

impl Client {
    pub(crate) fn new(
        transport: Transport,
        identity: IdentityOperations,
        client_secret: Replaceable<Secret>,
    ) -> Self {
        Self {
            rest: RestOperations::new(transport),
            identity,
            client_secret,
        }
    }

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
        let client_secret = client_secret.into();
        check_credential("client secret", client_secret.expose())?;
        self.client_secret.replace(client_secret);
        Ok(())
    }

    client_methods!(self => self.transport());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ClientBuilder;
    use rstest::rstest;
    use tegata::Error;

    #[test]
    fn a_client_can_be_shared_by_threads_and_tasks() {
        fn shared<T: Clone + Send + Sync + Unpin + 'static>() {}
        shared::<Client>();
    }

    #[rstest]
    #[case(with("id", "CANARY").build(), "no Marketo instance")]
    #[case(with("", "CANARY").munchkin_id("284-RPR-133").build(), "is empty")]
    #[case(with("id", "").munchkin_id("284-RPR-133").build(), "is empty")]
    #[case(with("CANARY\n", "CANARY").base_url("https://h").build(), "client id holds a control character")]
    #[case(with("id", "CANARY\n").base_url("https://h").build(), "client secret holds a control")]
    #[case(with("id", "CANARY ").base_url("https://h").build(), "client secret begins or ends")]
    #[case(with("id", "CANARY").base_url("https://h").partner_id("CANARY\n").build(), "partner id holds")]
    #[case(with("id", "CANARY").base_url("https://h").partner_id("").build(), "partner id is empty")]
    #[case(with("id", "CANARY").base_url("https://h").account("CANARY\n").build(), "account holds")]
    #[case(with("id", "CANARY").munchkin_id("284").build(), "three groups")]
    #[case(with("id", "CANARY").munchkin_id("284-RPR-133").base_url("https://h").build(), "named twice")]
    #[case(with("id", "CANARY").base_url("http://h").build(), "https")]
    fn invalid_settings_fail_at_build_with_the_reason(
        #[case] built: Result<Client, Error>,
        #[case] why: &str,
    ) {
        let error = built.expect_err(why);
        assert!(
            error.is_configuration() && error.to_string().contains(why),
            "{error}"
        );
        assert!(
            !format!("{error} {error:?}").contains("CANARY"),
            "{error:?}"
        );
    }

    fn with(id: &str, secret: &str) -> ClientBuilder {
        Client::builder(id, secret)
    }

    #[rstest]
    #[case("/../admin")]
    #[case("/a/%2e%2e/b")]
    #[case("/a//b")]
    fn a_path_that_leads_elsewhere_is_refused(#[case] path: &str) {
        let client = with("id", "secret")
            .base_url("https://h")
            .build()
            .expect("valid settings");
        let error = client.get(path).build().expect_err("refused");
        assert_eq!(error.kind(), crate::ErrorKind::OutOfScope, "{error:?}");
    }
}
