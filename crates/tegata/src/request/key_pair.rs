//! Two API keys, with a fallback from one to the other.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::Error;
use crate::provider::spec::Scheme;
use crate::provider::{Authenticator, BoxFuture, Credential, Replaceable, Reporter};

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
pub struct KeyPair(Arc<Inner>);

struct Inner {
    keys: Replaceable<Keys>,
    next_generation: AtomicU64,
    reporter: Reporter,
}

/// Two keys, and which of them is tried first.
struct Keys {
    pair: [Credential; 2],
    /// That of the first key. The second one has the next, and the first one in place of a former key, of which a
    /// request under way was refused, the one after that: if it is refused as well, the second one is left.
    first_generation: u64,
    working: AtomicUsize,
}

/// How many generations two keys have.
const GENERATIONS: u64 = 3;

impl Keys {
    fn new(primary: &Credential, secondary: &Credential, first_generation: u64) -> Self {
        Self {
            pair: [
                primary.clone().with_generation(first_generation),
                secondary.clone().with_generation(first_generation + 1),
            ],
            first_generation,
            working: AtomicUsize::new(0),
        }
    }

    fn in_use(&self) -> usize {
        self.working.load(Ordering::Relaxed)
    }

    fn in_place_of_former(&self) -> Credential {
        let generation = self.first_generation + 2;
        self.pair[0].clone().with_generation(generation)
    }

    /// `None` for a former key.
    fn index(&self, credential: &Credential) -> Option<usize> {
        match credential.generation().checked_sub(self.first_generation) {
            Some(0 | 2) => Some(0),
            Some(1) => Some(1),
            _ => None,
        }
    }
}

impl KeyPair {
    /// Two keys of one scheme. A change from one to the other is reported here.
    pub fn new(primary: &Credential, secondary: &Credential, reporter: Reporter) -> Self {
        let keys = Keys::new(primary, secondary, 0);
        Self(Arc::new(Inner {
            keys: Replaceable::new(keys),
            next_generation: AtomicU64::new(GENERATIONS),
            reporter,
        }))
    }

    /// Which key is tried first.
    pub fn in_use(&self) -> KeyInUse {
        KeyInUse::at(self.0.keys.get().in_use())
    }

    /// Other keys, of which the first is tried first.
    pub fn replace_by(&self, primary: &Credential, secondary: &Credential) {
        let next = &self.0.next_generation;
        let first = next.fetch_add(GENERATIONS, Ordering::Relaxed);
        self.0.keys.replace(Keys::new(primary, secondary, first));
    }

    fn key(&self) -> Credential {
        let keys = self.0.keys.get();
        keys.pair[keys.in_use() & 1].clone()
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
        Some(self.key())
    }

    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
        Box::pin(std::future::ready(Ok(self.key())))
    }

    fn replace<'a>(&'a self, refused: &'a Credential) -> BoxFuture<'a, Result<Credential, Error>> {
        let keys = self.0.keys.get();
        let other = match keys.index(refused) {
            Some(index) => keys.pair[1 - index].clone(),
            None => keys.in_place_of_former(),
        };
        Box::pin(std::future::ready(Ok(other)))
    }

    fn may_replace_again(&self, replacement: &Credential) -> bool {
        let keys = self.0.keys.get();
        // Also if the keys were replaced once more meanwhile.
        let is_former = keys.index(replacement).is_none();
        is_former || replacement.generation() == keys.first_generation + 2
    }

    fn accepted(&self, credential: &Credential) {
        let keys = self.0.keys.get();
        let Some(index) = keys.index(credential) else {
            return;
        };
        // Many callers may be refused at once, but only one of them reports it.
        if keys.working.swap(index, Ordering::Relaxed) != index {
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
    use reqwest::Request;

    use crate::provider::spec::Placement;

    const API_KEY: Scheme = Scheme {
        name: "ApiKey",
        placement: Placement::Header("x-api-key"),
    };

    fn key(text: &str) -> Credential {
        Credential::new(API_KEY, &text.into()).expect("a key")
    }

    fn pair() -> KeyPair {
        let reporter = crate::Settings::new().reporter("test", None);
        KeyPair::new(&key("CANARY-one"), &key("CANARY-two"), reporter)
    }

    #[test]
    fn an_error_says_that_both_keys_were_refused() {
        let pair = pair();
        assert_eq!(format!("{pair:?}"), "KeyPair(Primary)");
        assert!(pair.exhausted().contains("both API keys"));
    }

    #[tokio::test]
    async fn a_refused_former_key_is_followed_by_both_new_keys() {
        let pair = pair();
        let mut key_tried = pair.key();
        pair.replace_by(&key("CANARY-three"), &key("CANARY-four"));
        for (next, is_last) in [("CANARY-three", false), ("CANARY-four", true)] {
            key_tried = pair.replace(&key_tried).await.expect("a key");
            let url = "https://example.com".parse().expect("a URL");
            let mut request = Request::new(reqwest::Method::GET, url);
            key_tried.attach(&mut request);
            assert!(request.headers().values().any(|sent| sent == next));
            assert_eq!(pair.may_replace_again(&key_tried), !is_last);
        }
        pair.accepted(&key_tried);
        assert_eq!(pair.in_use(), KeyInUse::Secondary);
        // All these are former keys after another replacement.
        pair.replace_by(&key("CANARY-five"), &key("CANARY-six"));
        assert!(pair.may_replace_again(&key_tried));
        pair.accepted(&key_tried);
        assert_eq!(pair.in_use(), KeyInUse::Primary);
    }
}
