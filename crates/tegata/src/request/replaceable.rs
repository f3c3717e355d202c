//! A value that can be replaced while it is in use.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;

/// A value, such as a key or client secret, that can be replaced while a client uses it. Clones share it. It is
/// read without a lock, and its `Debug` shows nothing of it.
pub struct Replaceable<T>(Arc<Inner<T>>);

struct Inner<T> {
    value: ArcSwap<T>,
    replacements: AtomicU64,
}

impl<T> Replaceable<T> {
    /// Begins with this value.
    pub fn new(value: T) -> Self {
        Self(Arc::new(Inner {
            value: ArcSwap::from_pointee(value),
            replacements: AtomicU64::new(0),
        }))
    }

    /// The value now. What has been read stays as it was.
    pub fn get(&self) -> Arc<T> {
        self.0.value.load_full()
    }

    /// Another value, for all clones and from now on.
    pub fn replace(&self, value: T) {
        self.0.value.store(Arc::new(value));
        self.0.replacements.fetch_add(1, Ordering::Release);
    }

    /// How often it was replaced. A value that is read after this count is that value or a later one.
    pub fn replacements(&self) -> u64 {
        self.0.replacements.load(Ordering::Acquire)
    }
}

impl<T> Clone for Replaceable<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Replaceable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Replaceable(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_what_is_replaced_and_show_none_of_it() {
        let value = Replaceable::new("CANARY-old");
        let clone = value.clone();
        let read = clone.get();
        value.replace("CANARY-new");
        assert_eq!((*read, *clone.get()), ("CANARY-old", "CANARY-new"));
        assert_eq!(clone.replacements(), 1);
        assert_eq!(format!("{clone:?}"), "Replaceable(..)");
    }
}
