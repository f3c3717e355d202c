//! Two API keys, of which one works.

use std::sync::atomic::{AtomicUsize, Ordering};

use tegata::Error;
use tegata::provider::spec::Scheme;
use tegata::provider::{Authenticator, BoxFuture, Credential};

/// A key and the one to fall back on.
///
/// A refusal of one is answered with the other; only when the other has been accepted is it the one that
/// is tried first from then on.
pub(crate) struct KeyPair {
    keys: [Credential; 2],
    working: AtomicUsize,
}

impl KeyPair {
    pub(crate) fn new(primary: Credential, secondary: Credential) -> Self {
        let keys = [primary.with_generation(0), secondary.with_generation(1)];
        Self {
            keys,
            working: AtomicUsize::new(0),
        }
    }

    fn key(&self, index: usize) -> Credential {
        self.keys[index & 1].clone()
    }
}

impl Authenticator for KeyPair {
    fn scheme(&self) -> Scheme {
        self.keys[0].scheme()
    }

    fn cached(&self) -> Option<Credential> {
        Some(self.key(self.working.load(Ordering::Relaxed)))
    }

    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
        let key = self.key(self.working.load(Ordering::Relaxed));
        Box::pin(std::future::ready(Ok(key)))
    }

    fn replace<'a>(&'a self, refused: &'a Credential) -> BoxFuture<'a, Result<Credential, Error>> {
        let other = usize::from(refused.generation() == 0);
        Box::pin(std::future::ready(Ok(self.key(other))))
    }

    fn accepted(&self, credential: &Credential) {
        self.working
            .store(usize::from(credential.generation() != 0), Ordering::Relaxed);
    }

    fn exhausted(&self) -> &'static str {
        "the server refused both API keys"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated::security::API_KEY;

    #[test]
    fn two_refused_keys_are_told_as_two() {
        let key = |text: &str| Credential::new(API_KEY, &text.into()).expect("a key");
        let pair = KeyPair::new(key("one"), key("two"));
        assert!(pair.exhausted().contains("both API keys"));
    }
}
