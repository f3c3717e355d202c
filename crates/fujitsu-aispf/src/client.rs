//! The client.

use tegata::KeyInUse;
use tegata::provider::{Transport, client_methods};

use crate::Credentials;
use crate::credentials::InUse;
use crate::generated::AuthOperations;

/// Calls services behind AISPF authentication, each request with exactly one valid credential.
///
/// Cloning it is cheap; clones share connections and credential. It is `Send` and `Sync`.
#[derive(Clone, Debug)]
pub struct Client {
    services: Transport,
    tokens: AuthOperations,
    credentials: InUse,
}

impl Client {
    pub(crate) fn new(services: Transport, tokens: AuthOperations, credentials: InUse) -> Self {
        Self {
            services,
            tokens,
            credentials,
        }
    }

    /// The token operations, without credentials, for calling them by hand.
    pub fn tokens(&self) -> &AuthOperations {
        &self.tokens
    }

    /// Which of the API keys is tried first: the primary one until the server refuses it. The other one is then
    /// tried first, from the next call on if the body of this one cannot be sent twice. `None` without a key.
    pub fn key_in_use(&self) -> Option<KeyInUse> {
        match &self.credentials {
            InUse::Key(_) => Some(KeyInUse::Primary),
            InUse::Keys(keys) => Some(keys.in_use()),
            InUse::OAuth2(..) | InUse::LegacyOAuth(..) => None,
        }
    }

    /// Replaces the credentials while the client is in use, for it and all its clones: other API keys, as many as
    /// it was built with, or another secret of the same client id; of [`OAuth2`](crate::OAuth2) the encoding stays, of
    /// [`LegacyOAuth`](crate::LegacyOAuth) the names of the fields. The next request goes out with the new key, the
    /// next token is asked for with the new secret; a token that is still good stays in use. A refusal of the
    /// former credentials does not stand any more.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if they are of another authentication
    /// method or client id, name another encoding or other fields, or cannot be sent. The former ones then stay in use.
    pub fn replace_credentials(
        &self,
        credentials: impl Into<Credentials>,
    ) -> Result<(), crate::Error> {
        self.credentials.replace(credentials.into())
    }

    client_methods!(self => self.services);
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use tegata::{Error, Settings, reqwest};

    use super::*;
    use crate::{ApiKey, LegacyOAuth, OAuth2};

    fn unbuildable() -> reqwest::ClientBuilder {
        reqwest::Client::builder().user_agent("CANARY\n")
    }

    #[test]
    fn a_client_can_be_shared_by_threads_and_tasks() {
        fn shared<T: Clone + Send + Sync + Unpin + 'static>() {}
        shared::<Client>();
    }

    #[rstest]
    #[case(Client::builder(ApiKey::new("")).build(), "is empty")]
    #[case(Client::builder(ApiKey::new("CANARY\n")).build(), "control character")]
    #[case(Client::builder(ApiKey::new("CANARY").secondary("CANARY")).build(), "same as the first")]
    #[case(Client::builder(ApiKey::new("CANARY").secondary(" ")).build(), "is empty")]
    #[case(Client::builder(OAuth2::new("", "CANARY")).build(), "client id is empty")]
    #[case(Client::builder(OAuth2::new("a:b", "CANARY")).build(), "BasicEncoding::Form")]
    #[case(Client::builder(LegacyOAuth::new("id", "")).build(), "client secret is empty")]
    #[case(Client::builder(OAuth2::new("id", "")).build(), "client secret is empty")]
    #[case(Client::builder(OAuth2::new("CANARY\n", "CANARY")).build(), "client id holds a control character")]
    #[case(Client::builder(OAuth2::new("id", "CANARY\n")).build(), "client secret holds a control character")]
    #[case(Client::builder(OAuth2::new("id", " CANARY")).build(), "client secret begins or ends with a blank")]
    #[case(Client::builder(LegacyOAuth::new("CANARY\r\n", "CANARY")).build(), "client id holds a control")]
    #[case(Client::builder(LegacyOAuth::new("id", "CANARY\n")).build(), "client secret holds a control")]
    #[case(Client::builder(LegacyOAuth::new("id", "\u{feff}CANARY")).build(), "byte order mark")]
    #[case(Client::builder(ApiKey::new("\u{feff}CANARY")).build(), "byte order mark")]
    #[case(Client::builder(ApiKey::new("CANARY")).account("CANARY\n").build(), "account holds")]
    #[case(Client::builder(ApiKey::new("CANARY")).base_url("CANARY").build(), "bad base URL")]
    #[case(Client::builder(ApiKey::new("CANARY")).base_url("http://example.com").build(), "https")]
    #[case(Client::builder(OAuth2::new("id", "CANARY")).auth_url("http://example.com").build(), "https")]
    #[case(
        Client::builder(ApiKey::new("CANARY")).settings(Settings::new().http_client(unbuildable())).build(),
        "HTTP client could not be built"
    )]
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

    #[test]
    fn the_method_can_be_chosen_when_the_program_runs() {
        for (method, has_tokens) in [("key", false), ("oauth2", true), ("legacy", true)] {
            let credentials: Credentials = match method {
                "key" => ApiKey::new("CANARY").into(),
                "oauth2" => OAuth2::new("id", "CANARY").into(),
                _ => LegacyOAuth::new("id", "CANARY").into(),
            };
            assert!(!format!("{credentials:?}").contains("CANARY"));
            let store = crate::MemoryStore::default();
            let client = Client::builder(credentials).store(store).build();
            let client = client.expect("valid settings");
            assert_eq!(client.token_cache().is_some(), has_tokens, "{method}");
        }
    }

    #[rstest]
    #[case("/../admin")]
    #[case("/a/%2e%2e/b")]
    #[case("/a//b")]
    fn a_path_that_leads_elsewhere_is_refused(#[case] path: &str) {
        let client = Client::builder(ApiKey::new("key"))
            .build()
            .expect("valid settings");
        let error = client.get(path).build().expect_err("refused");
        assert_eq!(error.kind(), crate::ErrorKind::OutOfScope, "{error:?}");
    }
}
