//! Tokens that come late, or are saved late.

use super::*;
use crate::store::Lease;

#[derive(Default)]
struct State {
    loads_fail: bool,
    /// So many saves fail.
    saves_fail: usize,
    saves: usize,
    /// How long it takes to get the next lease.
    busy: Duration,
    /// For how long leases were asked.
    leases: Vec<Duration>,
}

/// A store that does what its test tells it to.
#[derive(Clone, Default)]
struct Scripted {
    inner: MemoryStore,
    state: Arc<Mutex<State>>,
}

impl TokenStore for Scripted {
    fn load(&self) -> BoxFuture<'_, Result<Option<Token>, Error>> {
        if self.state.lock().unwrap().loads_fail {
            return Box::pin(std::future::ready(Err(failure())));
        }
        self.inner.load()
    }

    fn save<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<(), Error>> {
        let mut state = self.state.lock().unwrap();
        state.saves += 1;
        if state.saves <= state.saves_fail {
            return Box::pin(std::future::ready(Err(failure())));
        }
        self.inner.save(token)
    }

    fn lease(&self, longest: Duration) -> BoxFuture<'_, Result<Lease, Error>> {
        let busy = {
            let mut state = self.state.lock().unwrap();
            state.leases.push(longest);
            state.busy
        };
        Box::pin(async move {
            tokio::time::sleep(busy).await;
            self.inner.lease(longest).await
        })
    }
}

fn failure() -> Error {
    Error::new(ErrorKind::Store, "scripted failure")
}

/// With what is told of each renewal.
fn stored(
    answers: impl IntoIterator<Item = Answer>,
    store: impl TokenStore + 'static,
) -> (Fixture, Arc<Mutex<Vec<&'static str>>>) {
    let outcomes: Arc<Mutex<Vec<&'static str>>> = Arc::default();
    let told = Arc::clone(&outcomes);
    let observer = move |event: &RenewalEvent| told.lock().unwrap().push(event.outcome.as_str());
    let f = fixture_with(answers, |builder| {
        builder.store(Arc::new(store)).observer(Arc::new(observer))
    });
    (f, outcomes)
}

#[tokio::test(start_paused = true)]
async fn what_is_found_in_the_store_is_told_as_adopted_and_what_is_saved_as_issued() {
    let issued = Issued {
        access_token: "A".into(),
        lifetime: Some(secs(HOUR)),
        refresh: Refresh::Keep,
    };
    let token = Token::new(issued, Clock::now(&ManualClock::default()), None);
    let store = MemoryStore::holding(token);
    let (f, told) = stored([Answer::Token("B", HOUR)], store);
    assert_eq!(f.token().await.unwrap(), "A");
    f.pass(secs(HOUR)).await;
    assert_eq!(f.token().await.unwrap(), "B");
    tokio::task::yield_now().await;
    assert_eq!(*told.lock().unwrap(), ["adopted", "issued"]);
}

#[tokio::test(start_paused = true)]
async fn a_late_save_waits_for_a_whole_renewal_of_somebody_else_and_leases_enough_for_its_own() {
    let store = Scripted::default();
    store.state.lock().unwrap().saves_fail = 1;
    let (f, told) = stored([Answer::TokenAndRefresh("A", HOUR, "R1")], store.clone());
    assert_eq!(f.token().await.unwrap(), "A");
    tokio::task::yield_now().await;
    assert_eq!(*told.lock().unwrap(), ["unsaved"]);
    // Somebody else may need 30 seconds to renew, and 10 to save.
    store.state.lock().unwrap().busy = secs(39);
    tokio::time::sleep(secs(41)).await;
    assert_eq!(store.inner.token(), f.cache.token());
    let leases = store.state.lock().unwrap().leases.clone();
    // Our own load and save may take 10 seconds each.
    assert!(leases.len() == 2 && leases[1] >= secs(20), "{leases:?}");
}

#[tokio::test(start_paused = true)]
async fn a_late_save_gives_up_for_now_where_the_lease_cannot_be_had() {
    let store = Scripted::default();
    store.state.lock().unwrap().saves_fail = 1;
    let (f, _) = stored([Answer::TokenAndRefresh("A", HOUR, "R1")], store.clone());
    f.token().await.unwrap();
    store.state.lock().unwrap().busy = secs(41);
    tokio::time::sleep(secs(42)).await;
    assert_eq!(store.inner.token(), None);
    store.state.lock().unwrap().busy = secs(0);
    tokio::time::sleep(secs(4)).await;
    assert_eq!(store.inner.token(), f.cache.token());
}

#[tokio::test(start_paused = true)]
async fn what_another_renewal_has_saved_is_not_saved_again() {
    let store = Scripted::default();
    store.state.lock().unwrap().saves_fail = 1;
    // The same token twice, as a provider does that returns it until it expires.
    let answers = [Answer::Token("A", HOUR), Answer::Token("A", HOUR)];
    let (f, told) = stored(answers, store.clone());
    assert_eq!(f.token().await.unwrap(), "A");
    f.clock.advance(secs(HOUR));
    assert_eq!(f.token().await.unwrap(), "A");
    tokio::time::sleep(secs(200)).await;
    assert_eq!(*told.lock().unwrap(), ["unsaved", "issued"]);
    assert_eq!(store.inner.token(), f.cache.token());
    assert_eq!(store.state.lock().unwrap().saves, 2);
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_store_stops_only_what_has_a_refresh_token_to_lose() {
    let store = Scripted::default();
    let answers = [
        Answer::Token("A", HOUR),
        Answer::TokenAndRefresh("B", HOUR, "R1"),
    ];
    let (f, told) = stored(answers, store.clone());
    assert_eq!(f.token().await.unwrap(), "A");
    store.state.lock().unwrap().loads_fail = true;
    f.pass(secs(HOUR)).await;
    assert_eq!(f.token().await.unwrap(), "B");
    f.pass(secs(HOUR)).await;
    let error = f.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store, "{error:?}");
    assert_eq!(*told.lock().unwrap(), ["issued", "unsaved", "failed"]);
    assert_eq!(f.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_dies_before_whoever_waits_for_it_goes_on_is_not_handed_out() {
    let hand: Arc<Mutex<Option<ManualClock>>> = Arc::default();
    let told = Arc::clone(&hand);
    // It is told when the flight has landed, and before those who wait for it go on.
    let observer = move |_: &RenewalEvent| {
        if let Some(clock) = told.lock().unwrap().take() {
            clock.advance(secs(HOUR));
        }
    };
    let answers = [Answer::Token("A", HOUR), Answer::Token("B", HOUR)];
    let f = fixture_with(answers, |builder| builder.observer(Arc::new(observer)));
    *hand.lock().unwrap() = Some(f.clock.clone());
    let credential = f.cache.credential().await.unwrap();
    assert_eq!((value(&credential).as_str(), f.asked()), ("B", 2));
}
