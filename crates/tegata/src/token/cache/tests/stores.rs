//! Tokens in stores.

use super::*;

#[tokio::test(start_paused = true)]
async fn after_a_denial_another_refresh_token_in_the_store_is_tried() {
    let store = Store::default();
    let answers = [
        Answer::TokenAndRefresh("A", HOUR, "R1"),
        Answer::Deny("invalid_grant"),
        Answer::Token("C", HOUR),
    ];
    let f = stored(&store, answers);
    f.token().await.unwrap();
    f.clock.advance(secs(HOUR));
    for _ in 0..3 {
        assert_eq!(f.token().await.unwrap_err().code(), Some("invalid_grant"));
    }
    assert_eq!(f.asked(), 2);
    // The user has consented again, in another process, and that token has expired since.
    let refresh = Refresh::Replace {
        token: "R9".into(),
        lifetime: None,
    };
    let issued = Issued::new("B", Some(secs(1)), refresh);
    let token = Token::new(issued, Clock::now(&f.clock) - secs(1), None);
    store
        .0
        .saved
        .lock()
        .unwrap()
        .push(Record::new(token).with_version(2));
    let error = f.token().await.unwrap_err();
    assert_eq!(
        error.code(),
        Some("invalid_grant"),
        "it is looked for once in a pause"
    );
    tokio::time::advance(secs(1)).await;
    assert_eq!(f.token().await.unwrap(), "C");
    assert_eq!(f.source.0.seen.lock().unwrap()[2].0.as_deref(), Some("R9"));
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_saves_an_unsaved_token_or_fails() {
    for (failures, saved) in [(1, true), (2, false)] {
        let store = Store::default();
        store.0.failing.store(failures, Ordering::SeqCst);
        let f = stored(&store, [Answer::TokenAndRefresh("A", HOUR, "R1")]);
        f.token().await.unwrap();
        let before = Instant::now();
        assert_eq!(f.cache.shutdown().await.is_ok(), saved, "{failures}");
        assert_eq!(
            before.elapsed(),
            Duration::ZERO,
            "it does not wait for the next try"
        );
        assert_eq!(store.tokens().len(), usize::from(saved));
    }
}

#[derive(Clone, Default)]
struct Store(Arc<StoreState>);

#[derive(Default)]
struct StoreState {
    saved: Mutex<Vec<Record>>,
    failing: AtomicUsize,
}

impl TokenStore for Store {
    fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>> {
        Box::pin(async { Ok(self.0.saved.lock().unwrap().last().cloned()) })
    }

    fn save<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let one_less = |n: usize| n.checked_sub(1);
            if self
                .0
                .failing
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
                .is_ok()
            {
                return Err(Error::store("scripted", std::io::Error::other("disk full")));
            }
            self.0.saved.lock().unwrap().push(record.clone());
            Ok(())
        })
    }
}

impl Store {
    fn tokens(&self) -> Vec<String> {
        let saved = self.0.saved.lock().unwrap();
        saved
            .iter()
            .filter_map(Record::token)
            .map(|token| token.access_token().expose().to_owned())
            .collect()
    }
}

fn stored(store: &Store, answers: impl IntoIterator<Item = Answer>) -> Fixture {
    fixture_with(answers, |builder| builder.store(Arc::new(store.clone())))
}

#[tokio::test(start_paused = true)]
async fn a_rotated_refresh_token_is_saved_and_used_next() {
    let store = Store::default();
    let f = stored(
        &store,
        [
            Answer::TokenAndRefresh("A", HOUR, "R1"),
            Answer::TokenAndRefresh("B", HOUR, "R2"),
            Answer::Token("C", HOUR),
            Answer::Token("D", HOUR),
        ],
    );
    for expected in ["A", "B", "C", "D"] {
        assert_eq!(f.token().await.unwrap(), expected);
        assert_eq!(
            store.tokens().last().map(String::as_str),
            Some(expected),
            "saved first"
        );
        f.clock.advance(secs(HOUR));
    }
    let used: Vec<_> = f
        .source
        .0
        .seen
        .lock()
        .unwrap()
        .iter()
        .map(|s| s.0.clone())
        .collect();
    let used: Vec<_> = used.iter().map(Option::as_deref).collect();
    assert_eq!(used, [None, Some("R1"), Some("R2"), Some("R2")]);
}

#[tokio::test(start_paused = true)]
async fn a_restarted_process_goes_on_with_the_stored_token() {
    let store = Store::default();
    let first = stored(&store, [Answer::TokenAndRefresh("A", HOUR, "R1")]);
    first.token().await.unwrap();
    let second = stored(&store, [Answer::Token("B", HOUR)]);
    assert_eq!(second.token().await.unwrap(), "A");
    assert_eq!(second.asked(), 0);
    second.clock.advance(secs(HOUR));
    assert_eq!(second.token().await.unwrap(), "B");
    assert_eq!(
        second.source.0.seen.lock().unwrap()[0].0.as_deref(),
        Some("R1")
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_stored_by_another_process_is_adopted_not_renewed() {
    let store = Store::default();
    let ours = stored(&store, [Answer::Token("A", HOUR)]);
    let theirs = stored(&store, [Answer::Token("B", HOUR)]);
    ours.token().await.unwrap();
    ours.clock.advance(secs(HOUR));
    theirs.clock.advance(secs(HOUR));
    theirs.token().await.unwrap();
    assert_eq!(ours.token().await.unwrap(), "B");
    assert_eq!(ours.asked(), 1);
}

fn first_token() -> Token {
    let refresh = Refresh::Replace {
        token: "R0".into(),
        lifetime: None,
    };
    let issued = Issued::new("S", Some(secs(HOUR)), refresh);
    Token::new(issued, Clock::now(&ManualClock::default()), None)
}

#[tokio::test(start_paused = true)]
async fn the_first_token_is_saved_before_it_is_used() {
    let store = Store::default();
    let set = |b: TokenCacheBuilder| b.token(first_token()).store(Arc::new(store.clone()));
    let f = fixture_with([], set);
    assert_eq!(f.token().await.unwrap(), "S");
    assert_eq!((store.tokens(), f.asked()), (vec!["S".to_owned()], 0));
    let again = fixture_with([], set);
    assert_eq!(again.token().await.unwrap(), "S");
    assert_eq!(store.tokens().len(), 1, "what is there is not saved again");
}

#[tokio::test(start_paused = true)]
async fn a_newer_stored_token_wins_over_the_one_to_start_with() {
    let store = Store::default();
    let first = stored(&store, [Answer::TokenAndRefresh("A", HOUR, "R1")]);
    first.clock.advance(secs(60));
    first.token().await.unwrap();
    let set = |b: TokenCacheBuilder| b.token(first_token()).store(Arc::new(store.clone()));
    let f = fixture_with([], set);
    assert_eq!(f.token().await.unwrap(), "A");
    assert_eq!(store.tokens(), ["A"]);
}

#[tokio::test(start_paused = true)]
async fn an_expired_first_token_is_renewed_by_its_refresh_token() {
    let store = Store::default();
    let set = |b: TokenCacheBuilder| b.token(first_token()).store(Arc::new(store.clone()));
    let f = fixture_with([Answer::Token("B", HOUR)], set);
    f.clock.advance(secs(HOUR));
    assert_eq!(f.token().await.unwrap(), "B");
    assert_eq!(f.source.0.seen.lock().unwrap()[0].0.as_deref(), Some("R0"));
}

#[tokio::test(start_paused = true)]
async fn a_failed_save_harms_no_caller_and_is_retried_until_it_works() {
    let store = Store::default();
    store.0.failing.store(3, Ordering::SeqCst);
    let f = stored(&store, [Answer::TokenAndRefresh("A", HOUR, "R1")]);
    assert_eq!(f.token().await.unwrap(), "A");
    assert!(store.tokens().is_empty());
    for pause in [50, 100, 200] {
        assert!(store.tokens().is_empty());
        tokio::time::sleep(Duration::from_millis(pause)).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(store.tokens(), ["A"]);
    assert_eq!(f.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_of_several_caches_on_a_store_renews_and_the_others_adopt() {
    let store = MemoryStore::default();
    let f = fixture([
        Answer::TokenAndRefresh("A", HOUR, "R1"),
        Answer::Token("B", HOUR),
    ]);
    let caches: Vec<_> = (0..8)
        .map(|_| {
            let cache = TokenCache::builder(BEARER, f.source.clone());
            let cache = cache.clock(f.clock.clone());
            cache.store(Arc::new(store.clone())).build().unwrap()
        })
        .collect();
    for (expected, asked) in [("A", 1), ("B", 2)] {
        let mut callers = JoinSet::new();
        for cache in &caches {
            for _ in 0..100 {
                let cache = cache.clone();
                callers.spawn(async move { value(&cache.credential().await.unwrap()) });
            }
        }
        assert!(
            callers
                .join_all()
                .await
                .iter()
                .all(|token| token == expected)
        );
        assert_eq!(f.asked(), asked);
        f.clock.advance(secs(HOUR));
    }
}

#[tokio::test(start_paused = true)]
async fn after_an_invalid_grant_the_store_is_read_once_more() {
    let store = Store::default();
    let answers = [
        Answer::TokenAndRefresh("A", HOUR, "R1"),
        Answer::Deny("invalid_grant"),
        Answer::Token("C", HOUR),
    ];
    let f = stored(&store, answers);
    f.token().await.unwrap();
    f.clock.advance(secs(HOUR));
    f.close_gate();
    let (token, ()) = tokio::join!(f.token(), async {
        while f.asked() < 2 {
            tokio::task::yield_now().await;
        }
        // Another process, without a lease, has exchanged R1 first; its token has been exchanged already.
        let refresh = Refresh::Replace {
            token: "R2".into(),
            lifetime: None,
        };
        let issued = Issued::new("B", Some(secs(1)), refresh);
        let theirs = Token::new(issued, Clock::now(&f.clock) - secs(1), None);
        store
            .0
            .saved
            .lock()
            .unwrap()
            .push(Record::new(theirs).with_version(2));
        f.open_gate();
    });
    assert_eq!(token.unwrap(), "C");
    let used: Vec<_> = f
        .source
        .0
        .seen
        .lock()
        .unwrap()
        .iter()
        .map(|s| s.0.clone())
        .collect();
    assert_eq!(used, [None, Some("R1".to_owned()), Some("R2".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn without_the_lease_nothing_is_exchanged() {
    let store = MemoryStore::default();
    let set = |builder: TokenCacheBuilder| builder.store(Arc::new(store.clone()));
    let f = fixture_with([Answer::Token("A", HOUR)], set);
    let lease = store.lease(LeaseTerms::for_a_save()).await.unwrap();
    let before = Instant::now();
    let error = f.token().await.unwrap_err();
    assert!(error.to_string().contains("has the lease"), "{error}");
    assert!(error.is_transient(), "{error:?}");
    assert!(before.elapsed() < Timing::default().deadline);
    assert_eq!(f.asked(), 0);
    drop(lease);
    tokio::time::advance(secs(1)).await;
    assert_eq!(f.token().await.unwrap(), "A");
}
