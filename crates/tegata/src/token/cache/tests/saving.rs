//! Saves that fail, hang or come late, and stores that go back in time.

mod lost_lease;
mod replaced;

use super::*;
use crate::store::{Lease, LeaseTerms, Owner};

#[derive(Default)]
#[allow(clippy::struct_excessive_bools)] // Each is a trouble of its own.
struct State {
    /// The number of saves that fail.
    failing: usize,
    /// How long each save takes.
    stalled: Duration,
    saves: usize,
    leases: usize,
    prolonged: usize,
    /// The lease has passed to another process.
    lost: bool,
    /// Whether the lease is still held cannot be found out at the moment.
    unreachable: bool,
    required: bool,
    /// It has lost its record.
    emptied: bool,
    /// At this load the machine sleeps for an hour, and the lease passes to another process.
    sleep: Option<(usize, ManualClock)>,
    loads: usize,
    /// Its record has been replaced since it was last loaded, so that it refuses to save.
    replaced: bool,
}

/// A store in trouble. Its leases end by themselves.
#[derive(Clone, Default)]
struct Troubled {
    inner: MemoryStore,
    state: Arc<Mutex<State>>,
}

impl Troubled {
    fn with(change: impl FnOnce(&mut State)) -> Self {
        let store = Self::default();
        change(&mut store.state.lock().unwrap());
        store
    }

    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
    }

    /// How often it was saved, leased and the lease prolonged.
    fn counts(&self) -> (usize, usize, usize) {
        let state = self.state.lock().unwrap();
        (state.saves, state.leases, state.prolonged)
    }

    async fn put(&self, token: Token, version: u64) {
        let record = Record::new(token).with_version(version);
        self.inner.save(&record).await.unwrap();
    }

    async fn version(&self) -> u64 {
        self.inner
            .load()
            .await
            .unwrap()
            .map_or(0, |record| record.version())
    }
}

impl TokenStore for Troubled {
    fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>> {
        let mut state = self.state.lock().unwrap();
        state.replaced = false;
        state.loads += 1;
        if let Some((load, clock)) = state.sleep.clone()
            && load == state.loads
        {
            clock.advance(secs(HOUR));
            state.lost = true;
        }
        if state.emptied {
            return Box::pin(std::future::ready(Ok(None)));
        }
        self.inner.load()
    }

    fn save<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let stalled = {
                let mut state = self.state.lock().unwrap();
                state.saves += 1;
                state.emptied = false;
                if state.lost {
                    return Err(Error::new(ErrorKind::Store, "the lease was lost"));
                }
                if state.saves <= state.failing || state.replaced {
                    return Err(Error::new(ErrorKind::Store, "scripted failure").transient());
                }
                state.stalled
            };
            tokio::time::sleep(stalled).await;
            self.inner.save(record).await
        })
    }

    fn lease(&self, terms: LeaseTerms) -> BoxFuture<'_, Result<Lease, Error>> {
        Box::pin(async move {
            let lease = self.inner.lease(terms).await?;
            self.state.lock().unwrap().leases += 1;
            let state = Arc::clone(&self.state);
            let prolong = move |_| -> BoxFuture<'static, Result<(), Error>> {
                let mut state = state.lock().unwrap();
                state.prolonged += 1;
                let (lost, unreachable) = (state.lost, state.unreachable);
                Box::pin(async move {
                    let error = |why| Error::new(ErrorKind::Store, why);
                    match (lost, unreachable) {
                        (true, _) => Err(error("the lease was lost")),
                        (_, true) => Err(error("no connection").transient()),
                        _ => Ok(()),
                    }
                })
            };
            Ok(Lease::new(move || drop(lease)).prolonged_by(prolong))
        })
    }

    fn is_required(&self) -> bool {
        self.state.lock().unwrap().required
    }
}

type Outcomes = Arc<Mutex<Vec<&'static str>>>;

fn stored(answers: impl IntoIterator<Item = Answer>, store: &Troubled) -> (Fixture, Outcomes) {
    let outcomes = Outcomes::default();
    let seen = Arc::clone(&outcomes);
    let observer = move |event: &RenewalEvent| seen.lock().unwrap().push(event.outcome.as_str());
    let f = fixture_with(answers, |builder| {
        builder
            .store(Arc::new(store.clone()))
            .observer(Arc::new(observer))
    });
    (f, outcomes)
}

fn rotating<const N: usize>() -> [Answer; N] {
    const TOKENS: [(&str, &str); 4] = [("A", "R1"), ("B", "R2"), ("C", "R3"), ("D", "R4")];
    std::array::from_fn(|number| {
        let (access, refresh) = TOKENS[number];
        Answer::TokenAndRefresh(access, HOUR, refresh)
    })
}

fn token(access: &str, refresh: &str, lifetime: u64, at: SystemTime) -> Token {
    let refresh = Refresh::Replace {
        token: refresh.into(),
        lifetime: None,
    };
    Token::new(Issued::new(access, Some(secs(lifetime)), refresh), at, None)
}

#[tokio::test(start_paused = true)]
async fn a_failed_save_is_repeated_at_once_under_the_same_lease() {
    let store = Troubled::with(|state| state.failing = 3);
    let (f, outcomes) = stored(rotating::<1>(), &store);
    assert_eq!(f.token().await.unwrap(), "A");
    assert_eq!(*outcomes.lock().unwrap(), ["unsaved"]);
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(store.inner.token(), f.cache.token());
    assert_eq!(store.counts(), (4, 1, 3), "saves, leases, prolonged");
}

#[tokio::test(start_paused = true)]
async fn while_the_newest_token_is_unsaved_the_lease_is_kept() {
    let store = Troubled::with(|state| state.failing = usize::MAX);
    let (ours, _) = stored(rotating::<1>(), &store);
    assert_eq!(ours.token().await.unwrap(), "A");
    let (theirs, _) = stored([], &store);
    for _ in 0..20 {
        let error = theirs.token().await.unwrap_err();
        assert!(error.to_string().contains("has the lease"), "{error}");
        tokio::time::advance(secs(1)).await;
    }
    store.set(|state| state.failing = 0);
    tokio::time::sleep(secs(6)).await;
    assert_eq!(theirs.token().await.unwrap(), "A", "adopted");
    assert_eq!(theirs.asked(), 0);
}

#[tokio::test(start_paused = true)]
async fn while_a_token_is_unsaved_the_next_renewal_needs_no_store() {
    let store = Troubled::with(|state| state.failing = usize::MAX);
    let (f, outcomes) = stored(rotating::<3>(), &store);
    for expected in ["A", "B", "C"] {
        assert_eq!(f.token().await.unwrap(), expected);
        f.pass(secs(HOUR)).await;
    }
    assert_eq!(*outcomes.lock().unwrap(), ["unsaved"; 3]);
    let sent: Vec<_> = f.sent().into_iter().flatten().collect();
    assert_eq!(sent, ["R1", "R2"]);
    assert_eq!(store.counts().1, 1, "one lease for all");
    store.set(|state| state.failing = 0);
    tokio::time::sleep(secs(6)).await;
    assert_eq!(store.inner.token(), f.cache.token(), "the newest is saved");
    assert_eq!(store.version().await, 3);
}

#[tokio::test(start_paused = true)]
async fn the_lease_outlasts_a_renewal_that_began_while_unsaved() {
    let store = Troubled::with(|state| state.failing = usize::MAX);
    let (ours, _) = stored(rotating::<2>(), &store);
    assert_eq!(ours.token().await.unwrap(), "A");
    ours.pass(secs(HOUR)).await;
    ours.close_gate();
    ours.token().await.expect_err("it is still asked for");
    assert_eq!(ours.sent()[1].as_deref(), Some("R1"));
    // The refresh token that was sent is in the store from now on, and other processes could send it as well.
    store.set(|state| state.failing = 0);
    tokio::time::sleep(secs(6)).await;
    let saved = store.inner.token().expect("a token");
    assert_eq!(saved.refresh_token().map(crate::Secret::expose), Some("R1"));
    let (theirs, _) = stored([], &store);
    theirs.clock.advance(secs(HOUR));
    let error = theirs.token().await.unwrap_err();
    assert!(error.to_string().contains("has the lease"), "{error}");
    ours.open_gate();
    assert_eq!(ours.token().await.unwrap(), "B");
    ours.cache.shutdown().await.expect("it is saved");
    theirs.pass(secs(1)).await;
    assert_eq!(theirs.token().await.unwrap(), "B", "adopted");
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_saves_the_token_of_a_renewal_begun_while_unsaved() {
    let store = Troubled::with(|state| state.failing = usize::MAX);
    let (f, _) = stored(rotating::<2>(), &store);
    f.token().await.unwrap();
    f.pass(secs(HOUR)).await;
    f.close_gate();
    f.token().await.expect_err("it is still asked for");
    let (shut, ()) = tokio::join!(f.cache.shutdown(), async {
        tokio::time::sleep(secs(20)).await;
        assert_eq!(store.counts().1, 1, "the lease is the same");
        store.set(|state| state.failing = 0);
        f.open_gate();
    });
    shut.expect("saved");
    assert_eq!(store.inner.token(), f.cache.token());
    assert_eq!((store.version().await, store.counts().1), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_logout_while_the_lease_was_lost_is_respected() {
    let store = Troubled::default();
    let (f, _) = stored(rotating::<2>(), &store);
    f.token().await.unwrap();
    f.pass(secs(HOUR)).await;
    store.set(|state| state.failing = usize::MAX);
    assert_eq!(f.token().await.unwrap(), "B");
    store.set(|state| (state.failing, state.lost) = (0, true));
    // Long enough to find that it is lost, and not to take it anew.
    tokio::time::sleep(Duration::from_millis(60)).await;
    let record = Record::deleted(f.clock.now()).with_version(2);
    store.inner.save(&record).await.unwrap();
    store.set(|state| state.lost = false);
    tokio::time::sleep(secs(6)).await;
    assert_eq!(store.inner.load().await.unwrap(), Some(record));
    assert_eq!(f.cache.token(), None);
    assert!(f.token().await.unwrap_err().is_credential_rejected());
}

#[tokio::test(start_paused = true)]
async fn another_accounts_record_is_kept_after_a_lost_lease() {
    let store = Troubled::with(|state| state.failing = 1);
    let f = fixture_with(rotating::<1>(), |builder| {
        let builder = builder.account("jooto", "ours");
        builder.store(Arc::new(store.clone()))
    });
    f.token().await.unwrap();
    store.set(|state| state.lost = true);
    // Long enough to find that it is lost, and not to take it anew.
    tokio::time::sleep(Duration::from_millis(60)).await;
    let owner = Owner::new("jooto", AccountHash::of("theirs"));
    let theirs = token("theirs", "R9", HOUR, f.clock.now());
    let record = Record::new(theirs).with_version(1).with_owner(Some(owner));
    store.inner.save(&record).await.unwrap();
    store.set(|state| state.lost = false);
    tokio::time::sleep(secs(60)).await;
    assert_eq!(store.inner.load().await.unwrap(), Some(record));
    assert_eq!(f.token().await.unwrap(), "A", "ours is good all the same");
    f.cache.shutdown().await.expect_err("ours is not saved");
}

#[tokio::test(start_paused = true)]
async fn a_required_store_holds_renewals_until_the_last_one_is_saved() {
    let store = Troubled::with(|state| (state.failing, state.required) = (usize::MAX, true));
    let (f, _) = stored(rotating::<2>(), &store);
    assert_eq!(f.token().await.unwrap(), "A");
    f.pass(secs(HOUR)).await;
    let error = f.token().await.unwrap_err();
    assert!(error.to_string().contains("saved"), "{error}");
    assert!(
        error.is_transient() && error.kind() == ErrorKind::Store,
        "{error:?}"
    );
    store.set(|state| state.failing = 0);
    tokio::time::sleep(secs(6)).await;
    assert_eq!(f.token().await.unwrap(), "B");
}

#[tokio::test(start_paused = true)]
async fn no_caller_waits_beyond_its_deadline_for_a_save_that_stalls() {
    let store = Troubled::with(|state| state.stalled = secs(20));
    let (f, outcomes) = stored(rotating::<1>(), &store);
    let before = Instant::now();
    assert_eq!(f.token().await.unwrap(), "A");
    assert_eq!(before.elapsed(), secs(10));
    assert_eq!(*outcomes.lock().unwrap(), ["unsaved"]);
    tokio::time::sleep(secs(11)).await;
    assert_eq!(store.inner.token(), f.cache.token());
    assert_eq!(
        store.counts().0,
        1,
        "what stalls is not saved a second time beside it"
    );
}

#[tokio::test(start_paused = true)]
async fn the_lease_is_prolonged_as_long_as_a_save_hangs() {
    let store = Troubled::with(|state| state.stalled = secs(65));
    let (f, _) = stored(rotating::<1>(), &store);
    f.token().await.unwrap();
    let lifetime = Timing::default().deadline;
    for _ in 0..2 {
        let before = store.counts().2;
        tokio::time::sleep(lifetime).await;
        assert!(store.counts().2 > before, "it would have ended");
    }
    assert_eq!(
        (store.counts().0, store.inner.token()),
        (1, f.cache.token())
    );
}

#[tokio::test(start_paused = true)]
async fn a_short_deadline_is_kept_though_the_save_stalls() {
    let store = Troubled::with(|state| state.stalled = secs(20));
    let policy = RenewalPolicy::new().deadline(secs(3));
    let f = fixture_with(rotating::<1>(), |builder| {
        builder.store(Arc::new(store.clone())).renewal(policy)
    });
    let before = Instant::now();
    assert_eq!(f.token().await.unwrap(), "A");
    assert!(before.elapsed() < secs(3), "{:?}", before.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_restored_store_does_not_make_a_spent_token_the_newest() {
    let store = Troubled::default();
    let (f, _) = stored(rotating::<4>(), &store);
    f.token().await.unwrap();
    let snapshot = store.inner.load().await.unwrap().expect("a record");
    f.pass(secs(HOUR)).await;
    f.token().await.unwrap();
    f.pass(secs(HOUR)).await;
    f.token().await.unwrap();
    store.inner.save(&snapshot).await.unwrap();
    f.pass(secs(HOUR)).await;
    assert_eq!(f.token().await.unwrap(), "D");
    let sent: Vec<_> = f.sent().into_iter().flatten().collect();
    assert_eq!(sent, ["R1", "R2", "R3"]);
    assert_eq!(
        (store.inner.token(), store.version().await),
        (f.cache.token(), 4)
    );
}

#[tokio::test(start_paused = true)]
async fn a_store_that_lost_its_record_gets_it_back_from_a_process() {
    let store = Troubled::default();
    let (f, _) = stored(rotating::<2>(), &store);
    f.token().await.unwrap();
    store.set(|state| state.emptied = true);
    f.pass(secs(HOUR)).await;
    assert_eq!(f.token().await.unwrap(), "B");
    assert_eq!(f.sent()[1].as_deref(), Some("R1"));
    assert_eq!(
        (store.inner.token(), store.version().await),
        (f.cache.token(), 2)
    );
}

#[tokio::test(start_paused = true)]
async fn a_stored_token_is_reported_as_adopted_a_new_one_as_issued() {
    let store = Troubled::default();
    store
        .put(token("S", "R0", HOUR, ManualClock::default().now()), 1)
        .await;
    let (f, outcomes) = stored([Answer::Token("B", HOUR)], &store);
    assert_eq!(f.token().await.unwrap(), "S");
    f.pass(secs(HOUR)).await;
    assert_eq!(f.token().await.unwrap(), "B");
    tokio::task::yield_now().await;
    assert_eq!(*outcomes.lock().unwrap(), ["adopted", "issued"]);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_expires_before_its_waiter_wakes_is_not_used() {
    let hand: Arc<Mutex<Option<ManualClock>>> = Arc::default();
    let seen = Arc::clone(&hand);
    // The observer runs when the renewal has ended, and before its waiters continue.
    let observer = move |_: &RenewalEvent| {
        if let Some(clock) = seen.lock().unwrap().take() {
            clock.advance(secs(HOUR));
        }
    };
    let answers = [Answer::Token("A", HOUR), Answer::Token("B", HOUR)];
    let f = fixture_with(answers, |builder| builder.observer(Arc::new(observer)));
    *hand.lock().unwrap() = Some(f.clock.clone());
    let credential = f.cache.credential().await.unwrap();
    assert_eq!((value(&credential).as_str(), f.asked()), ("B", 2));
}

#[tokio::test(start_paused = true)]
async fn a_session_ends_even_if_its_end_cannot_be_marked() {
    let store = Troubled::default();
    let answers = [
        Answer::TokenAndRefresh("A", HOUR, "R1"),
        Answer::Deny("invalid_grant"),
    ];
    let (f, outcomes) = stored(answers, &store);
    f.token().await.unwrap();
    store.set(|state| state.stalled = secs(86_400));
    for _ in 0..3 {
        f.pass(secs(HOUR)).await;
        let error = f.token().await.unwrap_err();
        assert_eq!(error.code(), Some("invalid_grant"), "{error:?}");
    }
    assert_eq!(outcomes.lock().unwrap()[1], "failed");
}

#[tokio::test(start_paused = true)]
async fn a_lost_lease_stops_refresh_tokens_that_others_may_have() {
    let store = Troubled::with(|state| (state.failing, state.lost) = (1, true));
    let (f, _) = stored(rotating::<2>(), &store);
    assert_eq!(f.token().await.unwrap(), "A");
    // The save was carried out after all, and another process has renewed and holds the lease.
    let lease = store.inner.lease(LeaseTerms::for_a_save()).await;
    let lease = lease.expect("it was given back");
    tokio::time::sleep(secs(1)).await;
    f.pass(secs(HOUR)).await;
    let error = f.token().await.unwrap_err();
    assert!(
        error.is_transient() && error.kind() == ErrorKind::Store,
        "{error:?}"
    );
    assert_eq!(f.asked(), 1, "R1 is not sent");
    store
        .put(token("theirs", "R9", 10 * HOUR, f.clock.now()), 2)
        .await;
    store.set(|state| state.lost = false);
    drop(lease);
    tokio::time::sleep(secs(10)).await;
    assert_eq!(f.token().await.unwrap(), "theirs");
    assert_eq!(f.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_without_end_is_a_deadline() {
    let store = Troubled::default();
    let policy = RenewalPolicy::new().deadline(Duration::MAX);
    let f = fixture_with(rotating::<1>(), |builder| {
        builder.store(Arc::new(store.clone())).renewal(policy)
    });
    assert_eq!(f.token().await.unwrap(), "A");
    assert_eq!(store.inner.token(), f.cache.token());
}
