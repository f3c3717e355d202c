use super::operations::*;
use super::security;
/// Calls Shop, each request with the credential that its operation takes.
///
/// Cloning it is cheap; clones share connections and credentials.
#[derive(Clone, Debug)]
pub struct Client {
    inner: ::tegata::Client,
}
/// Builds a [`Client`]. It is given what the program has of the document's credentials, one or several.
#[derive(Debug)]
#[must_use]
pub struct ClientBuilder {
    inner: ::tegata::ClientBuilder,
    settings: ::tegata::Settings,
}
impl Client {
    /// A client of `https://api.example.com`.
    pub fn builder() -> ClientBuilder {
        ClientBuilder {
            inner: ::tegata::Client::builder("Shop", security::SERVERS[0])
                .generated(&security::PROVIDER),
            settings: ::tegata::Settings::new(),
        }
    }
    /// The operations of the API.
    pub fn api(&self) -> Operations {
        Operations::new(self.inner.transport().clone())
    }
    /// The operations on `https://upload.example.com/v1`. **The credentials go there as well.**
    ///
    /// # Errors
    ///
    /// If that is no base URL.
    pub fn upload_example_com_v1_operations(
        &self,
    ) -> Result<UploadExampleComV1Operations, ::tegata::Error> {
        Ok(
            UploadExampleComV1Operations::new(
                self.inner.at(security::SERVERS[1usize])?.transport().clone(),
            ),
        )
    }
    /// The client of the shared crate: for requests that no operation makes, logins, keys that are replaced, and
    /// the state of the token.
    pub fn shared(&self) -> &::tegata::Client {
        &self.inner
    }
}
impl ClientBuilder {
    /// A key or token that stays the same. `token`: http bearer.
    pub fn token_credential(mut self, key: impl Into<::tegata::Secret>) -> Self {
        self.inner = self.inner.key(security::TOKEN, key);
        self
    }
    /// A key or token that stays the same. `token2`: apiKey in header `X-Order-Key`.
    pub fn token2(mut self, key: impl Into<::tegata::Secret>) -> Self {
        self.inner = self.inner.key(security::TOKEN2, key);
        self
    }
    /// User name and password, of which one may be empty. `basic`: http basic.
    pub fn basic(mut self, user: &str, password: impl Into<::tegata::Secret>) -> Self {
        self.inner = self.inner.user(security::BASIC, user, password);
        self
    }
    /// A key or token that stays the same. `uploadKey`: apiKey in query `key`.
    pub fn upload_key(mut self, key: impl Into<::tegata::Secret>) -> Self {
        self.inner = self.inner.key(security::UPLOAD_KEY, key);
        self
    }
    /// Another base URL, such as that of a test server.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.inner = self.inner.base_url(url);
        self
    }
    ::tegata::provider::builder_methods!(self => self.settings);
    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// Which setting is missing or wrong.
    pub fn build(self) -> Result<Client, ::tegata::Error> {
        let inner = self.inner.settings(self.settings).build()?;
        Ok(Client { inner })
    }
}
