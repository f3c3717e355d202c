//! A valid credential is handed out without a single allocation.

use std::time::{Duration, SystemTime};

use tegata::spec::{Placement, Scheme};
use tegata::{
    Authenticator, BoxFuture, Error, Issued, Refresh, Renewal, Token, TokenCache, TokenSource,
};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

struct Never;

impl TokenSource for Never {
    fn issue<'a>(&'a self, _: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        unreachable!("the token is valid")
    }
}

#[test]
fn ten_thousand_reads_of_a_valid_token_allocate_nothing() {
    let scheme = Scheme {
        name: "Token",
        placement: Placement::Header("x-access-token"),
    };
    let issued = Issued {
        access_token: "CANARY".repeat(30).into(),
        lifetime: Some(Duration::from_secs(3600)),
        refresh: Refresh::Forget,
    };
    let token = Token::new(issued, SystemTime::now(), None);
    let cache = TokenCache::builder(scheme, Never)
        .token(token)
        .build()
        .expect("valid");
    // The first read makes the thread's copy.
    assert!(cache.cached().is_some());

    let _profiler = dhat::Profiler::builder().testing().build();
    let allocations = || dhat::HeapStats::get().total_blocks;
    // The thread that runs the tests allocates, too, now and then: it can spoil a round, but not all.
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

    // The count is alive: a copy of the token is one block.
    std::hint::black_box(cache.token());
    assert!(allocations() > before);
}
