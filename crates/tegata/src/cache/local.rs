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
