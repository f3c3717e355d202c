//! Whose tokens a client has, and where they are kept: settings that all builders share.

use std::fmt;
use std::sync::Arc;

use crate::provider::{Auth, TokenCacheBuilder, check_credential};
use crate::{Error, Token, TokenStore};

/// The settings of a client's tokens that the builders of all providers have: the store, the token to start with, and a
/// name for accounts that share a client id. [`account_methods`](crate::provider::account_methods) sets them.
#[derive(Clone, Default)]
#[must_use]
pub struct AccountSettings {
    name: Option<String>,
    store: Option<Arc<dyn TokenStore>>,
    token: Option<Token>,
}

impl AccountSettings {
    /// Names the account.
    pub fn named(self, name: impl Into<String>) -> Self {
        let name = Some(name.into());
        Self { name, ..self }
    }

    /// Loads and saves the token.
    pub fn store(self, store: impl TokenStore) -> Self {
        let store: Option<Arc<dyn TokenStore>> = Some(Arc::new(store));
        Self { store, ..self }
    }

    /// Starts with this token.
    pub fn token(self, token: Token) -> Self {
        let token = Some(token);
        Self { token, ..self }
    }

    /// The name of the account.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whether there is a token to start with.
    pub(crate) fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// Checks the name, which a client without tokens may have too.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it is empty or cannot be sent.
    pub fn check(&self) -> Result<(), Error> {
        let name = self.name.as_deref();
        name.map_or(Ok(()), |name| check_credential("account", name))
    }

    /// Sends the tokens of this cache, with these settings.
    ///
    /// # Errors
    /// As [`TokenCacheBuilder::build`].
    pub fn cached(self, mut cache: TokenCacheBuilder) -> Result<Auth, Error> {
        if let Some(name) = &self.name {
            cache = cache.sub_account(name);
        }
        if let Some(token) = self.token {
            cache = cache.token(token);
        }
        if let Some(store) = self.store {
            cache = cache.store(store);
        }
        Ok(Auth::cached(cache.build()?))
    }
}

impl fmt::Debug for AccountSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the name, which may be a person's.
        let has_store = self.store.is_some();
        f.debug_struct("AccountSettings")
            .field("has_store", &has_store)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_name_nor_token_is_shown() {
        let issued = crate::provider::Issued::new("CANARY", None, crate::provider::Refresh::Keep);
        let token = Token::new(issued, std::time::SystemTime::UNIX_EPOCH, None);
        let settings = AccountSettings::default().named("CANARY").token(token);
        let shown = format!("{settings:?}");
        assert!(!shown.contains("CANARY"), "{shown}");
    }

    #[test]
    fn a_name_is_checked_before_it_is_used() {
        let error = AccountSettings::default().named("CANARY\n").check();
        let shown = error.expect_err("a control character").to_string();
        assert!(
            shown.contains("account") && !shown.contains("CANARY"),
            "{shown}"
        );
        AccountSettings::default().check().expect("no name is fine");
    }
}
