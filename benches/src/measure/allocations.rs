//! Heap allocations of a thread: exact, and free of timing noise.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Counts during a measurement only; otherwise it costs one read of a flag.
pub(crate) struct Counting;

/// How many threads ask for it.
static ASKED: AtomicUsize = AtomicUsize::new(0);

/// What a thread allocated.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// Allocations, reallocations included.
    pub(crate) allocations: u64,
    /// Bytes that were allocated and not freed.
    pub(crate) live: i64,
    /// The most that were live at any time.
    pub(crate) peak: i64,
    /// What the live ones take, with what glibc adds to each.
    pub(crate) taken: i64,
}

const NONE: Counts = Counts {
    allocations: 0,
    live: 0,
    peak: 0,
    taken: 0,
};

thread_local! {
    static COUNTS: Cell<Counts> = const { Cell::new(NONE) };
}

/// glibc keeps eight bytes before each piece, and hands out multiples of sixteen, of which at least two.
fn taken(bytes: usize) -> i64 {
    ((bytes + 8).next_multiple_of(16)).max(32) as i64
}

fn note(allocations: u64, before: usize, after: usize) {
    if ASKED.load(Relaxed) == 0 {
        return;
    }
    // A thread that is ending counts nothing more.
    let _ = COUNTS.try_with(|counts| {
        let mut now = counts.get();
        now.allocations += allocations;
        now.live += after as i64 - before as i64;
        now.taken += if after > 0 { taken(after) } else { 0 };
        now.taken -= if before > 0 { taken(before) } else { 0 };
        now.peak = now.peak.max(now.live);
        counts.set(now);
    });
}

// SAFETY: every call is passed on to `System` unchanged, and counting does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(1, 0, layout.size());
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note(0, layout.size(), 0);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(1, layout.size(), size);
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// What this thread allocates while `work` runs.
pub(crate) fn during<T>(work: impl FnOnce() -> T) -> (T, Counts) {
    COUNTS.set(Counts::default());
    ASKED.fetch_add(1, Relaxed);
    let result = work();
    ASKED.fetch_sub(1, Relaxed);
    (result, COUNTS.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_memory_is_live_and_freed_memory_is_in_the_peak() {
        let (kept, counts) = during(|| {
            drop(std::hint::black_box(vec![0_u8; 1000]));
            vec![0_u8; 100]
        });
        assert_eq!((counts.live, counts.peak), (100, 1000), "{counts:?}");
        assert_eq!(counts.allocations, 2, "{counts:?}");
        assert_eq!(counts.taken, 112, "{counts:?}");
        drop(kept);
    }
}
