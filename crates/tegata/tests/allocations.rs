//! The memory cost of a token: no allocation per use, and few bytes while it is idle.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tegata::provider::spec::{Placement, Scheme};
use tegata::provider::{Authenticator, BoxFuture, Issued, Refresh, Renewal, TokenSource};
use tegata::{Error, Token, TokenCache};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// The profiler is global to the process.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

const SCHEME: Scheme = Scheme {
    name: "Token",
    placement: Placement::Header("x-access-token"),
};

/// The allocator's overhead for each block: its header, and rounding.
const OF_A_BLOCK: usize = 16;

struct Never;

impl TokenSource for Never {
    fn issue<'a>(&'a self, _: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        unreachable!("the token is valid")
    }
}

/// A cache with a token of 180 characters.
fn cache() -> TokenCache {
    let lifetime = Some(Duration::from_secs(3600));
    let issued = Issued::new("CANARY".repeat(30), lifetime, Refresh::Forget);
    let token = Token::new(issued, SystemTime::now(), None);
    let cache = TokenCache::builder(SCHEME, Never).account("test", "CANARY-account");
    cache.token(token).build().expect("valid")
}

fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn ten_thousand_reads_of_a_valid_token_allocate_nothing() {
    let _alone = alone();
    let cache = cache();
    // Allocations that happen once a thread do not count for the token.
    assert!(cache.cached().is_some());

    let _profiler = dhat::Profiler::builder().testing().build();
    let allocations = || dhat::HeapStats::get().total_blocks;
    // The test harness's thread allocates now and then: it can spoil one round, but not all.
    let before = allocations();
    let rounds = (0..20).map(|_| {
        let before = allocations();
        for _ in 0..10_000 {
            std::hint::black_box(cache.cached());
        }
        allocations() - before
    });
    let least = rounds.min();
    assert_eq!(least, Some(0));

    // Checks the counter itself: a copy of the token is one block.
    std::hint::black_box(cache.token());
    assert!(allocations() > before);
}

#[test]
fn an_idle_account_takes_at_most_one_and_a_half_kib() {
    const ACCOUNTS: usize = 1000;
    const LIMIT: usize = 1536;
    let _alone = alone();
    let _profiler = dhat::Profiler::builder().testing().build();
    let taken = || {
        let now = dhat::HeapStats::get();
        now.curr_bytes + OF_A_BLOCK * now.curr_blocks
    };
    let mut caches = Vec::with_capacity(ACCOUNTS);
    let before = taken();
    caches.extend((0..ACCOUNTS).map(|_| cache()));
    let each = (taken() - before) / ACCOUNTS;
    assert!(each <= LIMIT, "{each} bytes");
    assert!(each >= 180, "the token alone has 180 bytes: {each}");
}
