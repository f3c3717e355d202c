//! Fresh values for tokens and codes.

use std::hash::{BuildHasher as _, RandomState};

/// Makes tokens and codes. Each begins with `CANARY`, so that a search for that one word finds
/// every leak, and holds nothing that needs escaping, so that a person can paste it.
///
/// They differ from run to run and are unique within one; a loopback test tool is not attacked, so
/// the standard library's keyed hash is random enough.
pub(super) struct Mint {
    prefix: &'static str,
    keys: RandomState,
    made: u64,
}

impl Mint {
    pub(super) fn new(prefix: &'static str) -> Self {
        Self {
            prefix,
            keys: RandomState::new(),
            made: 0,
        }
    }

    /// A number that differs each time.
    pub(super) fn number(&mut self, kind: &str) -> u64 {
        self.made += 1;
        self.keys.hash_one((kind, self.made))
    }

    pub(super) fn make(&mut self, kind: &str) -> String {
        let tail = self.number(kind);
        format!("CANARY-{}-{kind}-{}-{tail:016x}", self.prefix, self.made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_values_are_equal_and_all_are_canaries() {
        let mut mint = Mint::new("jooto");
        let (first, second) = (mint.make("code"), mint.make("code"));
        assert_ne!(first, second);
        assert!(first.starts_with("CANARY-jooto-code-1-"), "{first}");
    }
}
