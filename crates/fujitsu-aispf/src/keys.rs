//! Two API keys, with a fallback from one to the other.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tegata::Error;
use tegata::provider::spec::Scheme;
use tegata::provider::{Authenticator, BoxFuture, Credential, Replaceable, Reporter};

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
    keys: Replaceable<Keys>,
    working: AtomicUsize,
    reporter: Reporter,
}

/// Two keys and how often they have been replaced, by which a late answer about former keys is recognised.
struct Keys {
    pair: [Credential; 2],
    first: u64,
}

impl Keys {
    fn new(primary: &Credential, secondary: &Credential, first: u64) -> Self {
        Self {
            pair: [
                primary.clone().with_generation(first),
                secondary.clone().with_generation(first + 1),
            ],
            first,
        }
    }

    fn index(&self, credential: &Credential) -> Option<usize> {
        match credential.generation().checked_sub(self.first) {
            Some(0) => Some(0),
            Some(1) => Some(1),
            _ => None,
        }
    }
}

impl KeyPair {
    pub(crate) fn new(primary: &Credential, secondary: &Credential, reporter: Reporter) -> Self {
        let keys = Keys::new(primary, secondary, 0);
        Self(Arc::new(Inner {
            keys: Replaceable::new(keys),
            working: AtomicUsize::new(0),
            reporter,
        }))
    }

    pub(crate) fn in_use(&self) -> KeyInUse {
        KeyInUse::at(self.0.working.load(Ordering::Relaxed))
    }

    /// Other keys, of which the first is tried first.
    pub(crate) fn replace_by(&self, primary: &Credential, secondary: &Credential) {
        let first = self.0.keys.get().first + 2;
        self.0.keys.replace(Keys::new(primary, secondary, first));
        self.0.working.store(0, Ordering::Relaxed);
    }

    fn key(&self, index: usize) -> Credential {
        self.0.keys.get().pair[index & 1].clone()
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeyPair").field(&self.in_use()).finish()
    }
}

impl Authenticator for KeyPair {
    fn scheme(&self) -> Scheme {
        self.0.keys.get().pair[0].scheme()
    }

    fn cached(&self) -> Option<Credential> {
        Some(self.key(self.0.working.load(Ordering::Relaxed)))
    }

    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
        let key = self.key(self.0.working.load(Ordering::Relaxed));
        Box::pin(std::future::ready(Ok(key)))
    }

    fn replace<'a>(&'a self, refused: &'a Credential) -> BoxFuture<'a, Result<Credential, Error>> {
        // Former keys are followed by the new first one.
        let other = usize::from(self.0.keys.get().index(refused) == Some(0));
        Box::pin(std::future::ready(Ok(self.key(other))))
    }

    fn accepted(&self, credential: &Credential) {
        let Some(index) = self.0.keys.get().index(credential) else {
            return;
        };
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
        let pair = KeyPair::new(&key("CANARY-one"), &key("CANARY-two"), reporter);
        assert_eq!(format!("{pair:?}"), "KeyPair(Primary)");
        assert!(pair.exhausted().contains("both API keys"));
    }
}
