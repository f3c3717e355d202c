//! The client.

use tegata::provider::{Transport, client_methods};

use crate::Secret;
use crate::builder::{ApiKey, ClientBuilder, LegacyOAuth, OAuth2};
use crate::generated::AuthOperations;
use crate::keys::{KeyInUse, KeyPair};

/// Calls services behind AISPF authentication, each request with exactly one valid credential.
///
/// Cloning it is cheap; clones share connections and credential. It is `Send` and `Sync`.
#[derive(Clone, Debug)]
pub struct Client {
    services: Transport,
    tokens: AuthOperations,
    keys: Option<KeyPair>,
}

impl Client {
    /// With an API key, sent as `X-Api-Key`. It does not expire.
    pub fn with_api_key(key: impl Into<Secret>) -> ClientBuilder<ApiKey> {
        ClientBuilder::new(ApiKey::new(key.into()))
    }

    /// With OAuth 2.0: tokens from `POST /v2/tokens`, sent as `X-Access-Token`, issued again when they
    /// expire or are refused.
    pub fn with_oauth2(
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> ClientBuilder<OAuth2> {
        ClientBuilder::new(OAuth2::new(client_id.into(), client_secret.into()))
    }

    /// With the conventional method: tokens from `POST /v1/tokens`, renewed by `PATCH /v1/tokens` before
    /// they expire. To move to OAuth 2.0, write [`with_oauth2`](Self::with_oauth2) instead.
    pub fn with_legacy_oauth(
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> ClientBuilder<LegacyOAuth> {
        ClientBuilder::new(LegacyOAuth::new(client_id.into(), client_secret.into()))
    }

    pub(crate) fn new(services: Transport, tokens: AuthOperations, keys: Option<KeyPair>) -> Self {
        Self {
            services,
            tokens,
            keys,
        }
    }

    /// The token operations, without credentials, for calling them by hand.
    pub fn tokens(&self) -> &AuthOperations {
        &self.tokens
    }

    /// Which of the API keys is tried first: the primary one until the server refuses it. The other one is
    /// then tried first, by the next call if the body of this one cannot be sent twice. `None` without a key.
    pub fn key_in_use(&self) -> Option<KeyInUse> {
        self.keys.as_ref().map(KeyPair::in_use)
    }

    client_methods!(self => self.services);
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use tegata::{Error, Settings, reqwest};

    fn unbuildable() -> reqwest::ClientBuilder {
        reqwest::Client::builder().user_agent("CANARY\n")
    }

    #[test]
    fn a_client_can_be_shared_by_threads_and_tasks() {
        fn shared<T: Clone + Send + Sync + Unpin + 'static>() {}
        shared::<Client>();
    }

    #[rstest]
    #[case(Client::with_api_key("").build(), "is empty")]
    #[case(Client::with_api_key("CANARY\n").build(), "control character")]
    #[case(Client::with_api_key("CANARY").secondary("CANARY").build(), "same as the first")]
    #[case(Client::with_api_key("CANARY").secondary(" ").build(), "is empty")]
    #[case(Client::with_oauth2("", "CANARY").build(), "client id is empty")]
    #[case(Client::with_oauth2("a:b", "CANARY").build(), "BasicEncoding::Form")]
    #[case(Client::with_legacy_oauth("id", "").build(), "client secret is empty")]
    #[case(Client::with_oauth2("id", "").build(), "client secret is empty")]
    #[case(Client::with_oauth2("CANARY\n", "CANARY").build(), "client id holds a control character")]
    #[case(Client::with_oauth2("id", "CANARY\n").build(), "client secret holds a control character")]
    #[case(Client::with_oauth2("id", " CANARY").build(), "client secret begins or ends with a blank")]
    #[case(Client::with_legacy_oauth("CANARY\r\n", "CANARY").build(), "client id holds a control")]
    #[case(Client::with_legacy_oauth("id", "CANARY\n").build(), "client secret holds a control")]
    #[case(Client::with_legacy_oauth("id", "\u{feff}CANARY").build(), "byte order mark")]
    #[case(Client::with_api_key("\u{feff}CANARY").build(), "byte order mark")]
    #[case(Client::with_api_key("CANARY").account("CANARY\n").build(), "account holds")]
    #[case(Client::with_api_key("CANARY").base_url("CANARY").build(), "bad base URL")]
    #[case(Client::with_api_key("CANARY").base_url("http://example.com").build(), "https")]
    #[case(Client::with_oauth2("id", "CANARY").auth_url("http://example.com").build(), "https")]
    #[case(
        Client::with_api_key("CANARY").settings(Settings::new().http_client(unbuildable())).build(),
        "HTTP client could not be built"
    )]
    fn what_cannot_work_fails_at_build_and_says_why(
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

    #[rstest]
    #[case("/../admin")]
    #[case("/a/%2e%2e/b")]
    #[case("/a//b")]
    fn a_path_that_leads_elsewhere_is_refused(#[case] path: &str) {
        let client = Client::with_api_key("key").build().expect("valid settings");
        let error = client.get(path).build().expect_err("refused");
        assert_eq!(error.kind(), crate::ErrorKind::OutOfScope, "{error:?}");
    }
}
