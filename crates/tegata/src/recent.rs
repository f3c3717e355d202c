//! Values that are mostly the same, kept once.

use std::sync::{Arc, Mutex, PoisonError, Weak};

/// How many different values are remembered.
const REMEMBERED: usize = 8;

/// Gives one value to all who come with an equal one.
///
/// A process with very many accounts has few schemes, policies and clocks. It remembers those that came last,
/// as long as somebody has them: more different ones than that are right as well, and only take more room.
pub(crate) struct Recent<T>(Mutex<([Weak<T>; REMEMBERED], usize)>);

impl<T: PartialEq> Recent<T> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(([const { Weak::new() }; REMEMBERED], 0)))
    }

    pub(crate) fn shared(&self, value: T) -> Arc<T> {
        // Copied, since what happens to be dropped in here runs its owner's code, which may come back.
        let remembered = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .clone();
        let same = remembered.iter().filter_map(Weak::upgrade);
        if let Some(same) = same.into_iter().find(|one| **one == value) {
            return same;
        }
        let new = Arc::new(value);
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (remembered, next) = &mut *places;
        remembered[*next] = Arc::downgrade(&new);
        *next = (*next + 1) % REMEMBERED;
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_one() {
        let recent = Recent::new();
        let first = recent.shared("a".to_owned());
        let other = recent.shared("b".to_owned());
        assert!(Arc::ptr_eq(&first, &recent.shared("a".to_owned())));
        assert!(Arc::ptr_eq(&other, &recent.shared("b".to_owned())));
    }

    #[test]
    fn nothing_is_kept_for_nobody() {
        let recent = Recent::new();
        let first = recent.shared("a".to_owned());
        let gone = Arc::downgrade(&first);
        drop(first);
        assert_eq!(gone.strong_count(), 0);
        assert_eq!(*recent.shared("a".to_owned()), "a");
    }

    #[test]
    fn any_number_of_values_is_right() {
        let recent = Recent::new();
        let all: Vec<_> = (0..100).map(|number| recent.shared(number)).collect();
        for (number, value) in all.iter().enumerate() {
            assert_eq!(**value, number);
        }
        let last = all.last().expect("many");
        assert!(Arc::ptr_eq(last, &recent.shared(99)));
    }

    #[test]
    fn dropping_a_value_may_come_back_here() {
        static RECENT: Recent<Returning> = Recent::new();

        struct Returning(u8);

        impl PartialEq for Returning {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }

        impl Drop for Returning {
            fn drop(&mut self) {
                if self.0 > 0 {
                    drop(RECENT.shared(Self(0)));
                }
            }
        }

        drop(RECENT.shared(Returning(1)));
        let kept = RECENT.shared(Returning(2));
        drop(RECENT.shared(Returning(2)));
        assert_eq!(kept.0, 2);
    }
}
