//! A copy of the credential for each thread.
//!
//! Cloning a shared value counts its sharers in one place in memory, for which threads on different cores
//! queue up: with two threads that takes as long as everything else together, several times over. So
//! each thread keeps a copy of its own, and a number tells whether it is still the right one.

use std::cell::RefCell;
use std::time::SystemTime;

use super::current::Current;
use crate::Credential;
use crate::policy::{Freshness, Window};
use crate::sync::{AtomicU64, Ordering, thread_local};

/// How many caches a thread keeps copies for. Others share, which is slower but no less right.
const SLOTS: usize = 16;

/// How often a cache finds its slot taken before it takes it over.
const TAKE_OVER: u8 = 16;

/// Identifies a cache within the process.
static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);

thread_local! {
    static COPIES: RefCell<[Slot; SLOTS]> = const { RefCell::new([const { Slot::EMPTY }; SLOTS]) };
}

struct Slot {
    cache: u64,
    epoch: u64,
    misses: u8,
    copy: Option<(Credential, Window)>,
}

impl Slot {
    const EMPTY: Self = Self {
        cache: 0,
        epoch: 0,
        misses: 0,
        copy: None,
    };
}

/// What tells a thread whether its copy is still the right one.
pub(super) struct Epoch {
    cache: u64,
    /// Changes whenever what may be handed out does.
    now: AtomicU64,
}

impl Epoch {
    pub(super) fn new() -> Self {
        Self {
            cache: NEXT.fetch_add(1, Ordering::Relaxed),
            now: AtomicU64::new(0),
        }
    }

    /// Says that a token was published or refused. To be called after that can be seen.
    pub(super) fn end(&self) {
        self.now.fetch_add(1, Ordering::SeqCst);
    }

    /// This thread's copy, with its freshness.
    pub(super) fn copy(&self, time: SystemTime) -> Option<(Credential, Freshness)> {
        let epoch = self.now.load(Ordering::SeqCst);
        COPIES
            .try_with(|copies| {
                let copies = copies.try_borrow().ok()?;
                let slot = &copies[self.slot()];
                if slot.cache != self.cache || slot.epoch != epoch {
                    return None;
                }
                let (credential, window) = slot.copy.as_ref()?;
                Some((credential.clone(), window.freshness(time)))
            })
            .ok()
            .flatten()
    }

    /// Keeps a copy of what `current` gives. That is read after the epoch, so that a copy made while
    /// something changes is out of date at once.
    pub(super) fn keep(&self, current: impl FnOnce() -> Option<std::sync::Arc<Current>>) {
        let epoch = self.now.load(Ordering::SeqCst);
        let Some(current) = current().filter(|current| !current.is_refused()) else {
            return;
        };
        // A thread that is ending keeps nothing more.
        let _ = COPIES.try_with(|copies| {
            let Ok(mut copies) = copies.try_borrow_mut() else {
                return;
            };
            let slot = &mut copies[self.slot()];
            let taken = slot.copy.is_some() && slot.cache != self.cache;
            if taken && slot.misses < TAKE_OVER {
                slot.misses += 1;
                return;
            }
            let copy = Some((current.credential.copy(), current.window));
            *slot = Slot {
                cache: self.cache,
                epoch,
                misses: 0,
                copy,
            };
        });
    }

    fn slot(&self) -> usize {
        usize::try_from(self.cache).unwrap_or_default() % SLOTS
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::spec::{Placement, Scheme};
    use crate::{Issued, Refresh, RenewalPolicy, Token};

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn epoch(cache: u64) -> Epoch {
        Epoch {
            cache,
            now: AtomicU64::new(0),
        }
    }

    fn current(generation: u64) -> Arc<Current> {
        let scheme = Scheme {
            name: "OAuth2",
            placement: Placement::Bearer,
        };
        let issued = Issued {
            access_token: "A".into(),
            lifetime: Some(Duration::from_secs(3600)),
            refresh: Refresh::Forget,
        };
        let token = Token::new(issued, NOW, None);
        let policy = RenewalPolicy::default();
        Arc::new(Current::new(scheme, token, &policy, generation, 1.0).expect("valid"))
    }

    fn keep(epoch: &Epoch, generation: u64) {
        epoch.keep(|| Some(current(generation)));
    }

    /// The generation of this thread's copy.
    fn copy(epoch: &Epoch) -> Option<u64> {
        let (credential, freshness) = epoch.copy(NOW)?;
        assert_eq!(freshness, Freshness::Fresh);
        Some(credential.generation())
    }

    /// In a thread that has kept nothing yet.
    fn afresh<T: Send>(test: impl FnOnce() -> T + Send) -> T {
        std::thread::scope(|scope| scope.spawn(test).join().expect("the test passes"))
    }

    #[test]
    fn a_copy_is_its_threads_own_and_good_until_something_changes() {
        afresh(|| {
            let one = epoch(1);
            assert_eq!(copy(&one), None);
            keep(&one, 7);
            assert_eq!(copy(&one), Some(7));
            assert_eq!(afresh(|| copy(&one)), None);
            one.end();
            assert_eq!(copy(&one), None);
            keep(&one, 8);
            assert_eq!(copy(&one), Some(8));
        });
    }

    #[test]
    fn what_changes_while_a_copy_is_made_outdates_it() {
        afresh(|| {
            let one = epoch(1);
            one.keep(|| {
                one.end();
                Some(current(7))
            });
            assert_eq!(copy(&one), None);
        });
    }

    #[test]
    fn no_copy_is_kept_of_what_was_refused() {
        afresh(|| {
            let (one, refused) = (epoch(1), current(7));
            refused.refuse();
            one.keep(|| Some(refused));
            assert_eq!(copy(&one), None);
        });
    }

    #[test]
    fn a_thread_has_copies_of_as_many_caches_as_it_has_slots() {
        afresh(|| {
            let caches: Vec<Epoch> = (0..16).map(epoch).collect();
            for (generation, cache) in (100..).zip(&caches) {
                keep(cache, generation);
            }
            for (generation, cache) in (100..).zip(&caches) {
                assert_eq!(copy(cache), Some(generation));
            }
        });
    }

    #[test]
    fn a_slot_is_its_owners_until_another_cache_has_missed_it_sixteen_times() {
        afresh(|| {
            let (owner, other) = (epoch(3), epoch(19));
            keep(&owner, 1);
            for _ in 0..16 {
                keep(&other, 2);
                assert_eq!((copy(&owner), copy(&other)), (Some(1), None));
            }
            keep(&other, 2);
            assert_eq!((copy(&owner), copy(&other)), (None, Some(2)));
            // From then on it is the other's, and is as hard to take.
            keep(&owner, 3);
            assert_eq!((copy(&owner), copy(&other)), (None, Some(2)));
        });
    }
}
