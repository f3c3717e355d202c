//! Settings of a store.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::Client;
use tegata::Error;
use tegata::provider::ErrorExt as _;

use crate::handshake::Handshake;
use crate::keys::Keys;
use crate::seal::Sealer;
use crate::server::Server;
use crate::settings::{Settings, Unavailable};
use crate::{EncryptionKey, RedisStore};

/// Builds a [`RedisStore`].
#[must_use]
pub struct RedisStoreBuilder {
    client: Result<Client, Error>,
    namespace: String,
    unavailable: Unavailable,
    timeout: Duration,
    ttl: Option<Duration>,
    encrypt: Option<EncryptionKey>,
    decrypt: Vec<EncryptionKey>,
    accept_unencrypted: bool,
}

impl RedisStore {
    /// A store at this server: `redis://[user:password@]host[:port][/database]`, or `rediss://` with the
    /// feature `rustls`, or `redis+unix:///path[?db=database]`. The URL is never printed, except for the path
    /// of an unusable socket.
    pub fn builder(url: impl AsRef<str>) -> RedisStoreBuilder {
        RedisStoreBuilder::of_url(url.as_ref())
    }

    /// A store that connects as this client does: to its address, with its TLS certificates, user and database.
    /// The client's library name (`CLIENT SETINFO`) is not sent.
    pub fn with_client(client: redis::Client) -> RedisStoreBuilder {
        RedisStoreBuilder::of_client(client)
    }
}

impl RedisStoreBuilder {
    pub(crate) fn of_url(url: &str) -> Self {
        Self::new(open(url))
    }

    pub(crate) fn of_client(client: Client) -> Self {
        Self::new(Ok(client))
    }

    fn new(client: Result<Client, Error>) -> Self {
        Self {
            client,
            namespace: "tegata".to_owned(),
            unavailable: Unavailable::Fail,
            timeout: Duration::from_secs(2),
            ttl: None,
            encrypt: None,
            decrypt: Vec::new(),
            accept_unencrypted: false,
        }
    }

    /// The prefix of all keys; `tegata` by default. A user of the server needs rights for `~namespace:*` only.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// The behaviour while the server is unavailable; [`Fail`](Unavailable::Fail) by default.
    pub fn unavailable(mut self, unavailable: Unavailable) -> Self {
        self.unavailable = unavailable;
        self
    }

    /// How long one operation may take, connecting included; 2 s by default. Waiting for another process's
    /// lease takes many operations.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long a record is kept from its last save, if the expiry of the refresh token is not known; for ever
    /// by default. If it is known, the record is kept until then. A logout is kept for at least 90 days.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// Encrypts tokens with this key, and decrypts those that were encrypted with it.
    pub fn encrypt(mut self, key: EncryptionKey) -> Self {
        self.encrypt = Some(key);
        self
    }

    /// Reads tokens that were encrypted with this key, the former one.
    pub fn decrypt_with(mut self, key: EncryptionKey) -> Self {
        self.decrypt.push(key);
        self
    }

    /// Reads tokens that are not encrypted although there is a key, until all have been saved anew. A person
    /// who can write to the server can then give this store a token of their own.
    pub fn accept_unencrypted(mut self) -> Self {
        self.accept_unencrypted = true;
        self
    }

    /// Builds the store of an account of a provider. Nothing is sent yet, and no runtime is needed. The
    /// names become part of the keys and of error messages, so they must not be secret.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](tegata::ErrorKind::Configuration): which setting is wrong and why.
    pub fn build(self, provider: &str, account: &str) -> Result<RedisStore, Error> {
        let keys = Keys::new(&self.namespace, provider, account)?;
        if self.timeout.is_zero() {
            return Err(Error::configuration(
                "the timeout of the Redis store is zero, so that every operation would fail: leave it out",
            ));
        }
        let settings = Settings {
            namespace: self.namespace,
            unavailable: self.unavailable,
            ttl: self.ttl,
            sealer: Sealer::new(self.encrypt, self.decrypt, self.accept_unencrypted)?,
        };
        let handshake = Handshake::of(&self.client?).map_err(|_| unusable())?;
        let server = Server::new(handshake, self.timeout);
        RedisStore::new(Arc::new(server), Arc::new(settings), keys)
    }
}

impl fmt::Debug for RedisStoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStoreBuilder")
            .field("namespace", &self.namespace)
            .field("unavailable", &self.unavailable)
            .field("timeout", &self.timeout)
            .field("ttl", &self.ttl)
            .field("encrypt", &self.encrypt)
            .finish_non_exhaustive()
    }
}

/// The library's own errors may repeat parts of the URL, which may hold a password.
fn open(url: &str) -> Result<Client, Error> {
    let Some(parsed) = redis::parse_redis_url(url) else {
        return Err(Error::configuration(
            "the Redis URL is not valid: it must be like redis://user:password@host:6379/0, with special \
             characters in a password percent-encoded",
        ));
    };
    if matches!(parsed.scheme(), "rediss" | "valkeys") {
        prepare_tls()?;
    }
    Client::open(url).map_err(|_| unusable())
}

fn unusable() -> Error {
    Error::configuration(
        "the Redis URL cannot be used: check its host, database number (/0) and options",
    )
}

#[cfg(feature = "rustls")]
#[allow(clippy::unnecessary_wraps)] // As without the feature, where it fails.
fn prepare_tls() -> Result<(), Error> {
    // Without a crypto provider rustls panics when it connects. One that the application has installed is kept.
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
    Ok(())
}

#[cfg(not(feature = "rustls"))]
fn prepare_tls() -> Result<(), Error> {
    Err(Error::configuration(
        "the Redis URL asks for TLS, which this build has not: switch the feature `rustls` of \
         tegata-redis on",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("CANARY", "is not valid")]
    #[case("http://user:CANARY@host", "is not valid")]
    #[case("redis://user:CANARY@", "is not valid")]
    #[case("redis://user:CANARY@host/CANARY", "database number")]
    #[case("redis://user:CANARY@host?protocol=CANARY", "options")]
    #[case("redis://user:CANARY%ff@host", "cannot be used")]
    #[case("redis://user:CANARY@0.0.0.0", "check its host")]
    fn a_url_that_cannot_be_used_is_not_repeated(#[case] url: &str, #[case] why: &str) {
        let error = RedisStore::builder(url)
            .build("p", "a")
            .expect_err("refused");
        let shown = format!("{error} {error:?}");
        assert!(error.is_configuration() && shown.contains(why), "{shown}");
        assert!(!shown.contains("CANARY"), "{shown}");
    }

    #[cfg(not(feature = "rustls"))]
    #[test]
    fn tls_without_the_feature_says_which_one() {
        let error = RedisStore::builder("rediss://user:CANARY@host")
            .build("p", "a")
            .expect_err("no TLS");
        assert!(error.to_string().contains("feature `rustls`"), "{error}");
    }

    #[cfg(feature = "rustls")]
    #[test]
    fn with_the_feature_there_is_tls() {
        RedisStore::builder("rediss://user:CANARY@host")
            .build("p", "a")
            .expect("built");
        assert!(rustls::crypto::CryptoProvider::get_default().is_some());
    }

    #[test]
    fn settings_that_cannot_work_are_refused() {
        let builder = || RedisStore::builder("redis://host");
        for (error, why) in [
            (builder().namespace("").build("p", "a"), "namespace"),
            (builder().build("", "a"), "provider"),
            (builder().build("p", ""), "account"),
            (builder().timeout(Duration::ZERO).build("p", "a"), "timeout"),
        ] {
            let error = error.expect_err(why);
            assert!(error.is_configuration(), "{error:?}");
            assert!(error.to_string().contains(why), "{error}");
        }
    }

    #[test]
    fn neither_builder_nor_store_shows_password_or_key() {
        let builder = RedisStore::builder("redis://user:CANARY@host")
            .encrypt(EncryptionKey::new(1, b"CANARYCANARYCANARYCANARYCANARY12"));
        let shown = format!("{builder:?} {builder:#?}");
        let store = builder.build("p", "a").expect("built");
        let shown = format!("{shown} {store:?} {store:#?}");
        assert!(
            !shown.contains("CANARY") && !shown.contains("67, 65"),
            "{shown}"
        );
        assert!(shown.contains("tegata:{p:a}:token"), "{shown}");
    }

    #[test]
    fn another_account_has_other_keys_in_the_same_namespace() {
        let store = RedisStore::builder("redis://host")
            .namespace("app")
            .build("p", "a")
            .expect("built");
        let other = store.for_account("p", "b").expect("built");
        assert_eq!(
            (store.key(), other.key()),
            ("app:{p:a}:token", "app:{p:b}:token")
        );
        assert!(store.for_account("p", "").is_err());
    }
}
