//! Two API keys, with a fallback from one to the other.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tegata::Error;
use tegata::provider::spec::Scheme;
use tegata::provider::{Authenticator, BoxFuture, Credential, Reporter};

/// One of two API keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyInUse {
    /// The first one.
    Primary,
    /// The fallback.
    Secondary,
}

impl KeyInUse {
    /// A word for it, for labels and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
        }
    }

    fn at(index: usize) -> Self {
        if index == 0 {
            Self::Primary
        } else {
            Self::Secondary
        }
    }
}

/// A key and its fallback.
///
/// If one is refused, the other is tried; once that has been accepted, it is tried first from then on.
#[derive(Clone)]
pub(crate) struct KeyPair(Arc<Inner>);

struct Inner {
    keys: [Credential; 2],
    working: AtomicUsize,
    reporter: Reporter,
}

impl KeyPair {
    pub(crate) fn new(primary: Credential, secondary: Credential, reporter: Reporter) -> Self {
        let keys = [primary.with_generation(0), secondary.with_generation(1)];
        Self(Arc::new(Inner {
            keys,
            working: AtomicUsize::new(0),
            reporter,
        }))
    }

    pub(crate) fn in_use(&self) -> KeyInUse {
        KeyInUse::at(self.0.working.load(Ordering::Relaxed))
    }

    fn key(&self, index: usize) -> Credential {
        self.0.keys[index & 1].clone()
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeyPair").field(&self.in_use()).finish()
    }
}

impl Authenticator for KeyPair {
    fn scheme(&self) -> Scheme {
        self.0.keys[0].scheme()
    }

    fn cached(&self) -> Option<Credential> {
        Some(self.key(self.0.working.load(Ordering::Relaxed)))
    }

    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
        let key = self.key(self.0.working.load(Ordering::Relaxed));
        Box::pin(std::future::ready(Ok(key)))
    }

    fn replace<'a>(&'a self, refused: &'a Credential) -> BoxFuture<'a, Result<Credential, Error>> {
        let other = usize::from(refused.generation() == 0);
        Box::pin(std::future::ready(Ok(self.key(other))))
    }

    fn accepted(&self, credential: &Credential) {
        let index = usize::from(credential.generation() != 0);
        // Many callers may be refused at once, but only one of them reports it.
        if self.0.working.swap(index, Ordering::Relaxed) != index {
            self.0.reporter.switched_key(KeyInUse::at(index).as_str());
        }
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
    fn an_error_says_that_both_keys_were_refused() {
        let key = |text: &str| Credential::new(API_KEY, &text.into()).expect("a key");
        let reporter = tegata::Settings::new().reporter("fujitsu-aispf", None);
        let pair = KeyPair::new(key("CANARY-one"), key("CANARY-two"), reporter);
        assert_eq!(format!("{pair:?}"), "KeyPair(Primary)");
        assert!(pair.exhausted().contains("both API keys"));
    }
}
