//! Replaces `arc_swap::ArcSwapOption`.

use std::ops::Deref;
use std::sync::{Arc, PoisonError};

use super::Mutex;

/// A pointer that is read and replaced as a whole.
pub(crate) struct ArcSwapOption<T>(Mutex<Option<Arc<T>>>);

/// The pointer at the time of the read.
pub(crate) struct Guard<T>(Option<Arc<T>>);

impl<T> ArcSwapOption<T> {
    pub(crate) fn empty() -> Self {
        Self(Mutex::new(None))
    }

    pub(crate) fn load(&self) -> Guard<T> {
        Guard(self.load_full())
    }

    pub(crate) fn load_full(&self) -> Option<Arc<T>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn store(&self, value: Option<Arc<T>>) {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let former = std::mem::replace(&mut *place, value);
        drop(place);
        drop(former);
    }
}

impl<T> Deref for Guard<T> {
    type Target = Option<Arc<T>>;

    fn deref(&self) -> &Option<Arc<T>> {
        &self.0
    }
}
