//! The order of the steps that renew a shared token.

use super::*;
use crate::store::{Lease, LeaseTerms, Record};

type Steps = Arc<Mutex<Vec<&'static str>>>;

/// Records each step, and the token that callers get meanwhile.
#[derive(Clone)]
struct Recording {
    steps: Steps,
    record: Arc<Mutex<Option<Record>>>,
    /// The callers' token when the lease was taken.
    before: Arc<AtomicUsize>,
    cache: Arc<std::sync::OnceLock<TokenCache>>,
}

impl Recording {
    fn step(&self, step: &'static str) {
        self.steps.lock().unwrap().push(step);
    }

    fn generation(&self) -> usize {
        let cache = self.cache.get().expect("a cache");
        usize::try_from(cache.snapshot().generation).unwrap()
    }
}

impl TokenStore for Recording {
    fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>> {
        self.step("load");
        Box::pin(async { Ok(self.record.lock().unwrap().clone()) })
    }

    fn save<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let before = self.before.load(Ordering::SeqCst);
            self.step(if self.generation() == before {
                "save"
            } else {
                "save what is published"
            });
            *self.record.lock().unwrap() = Some(record.clone());
            Ok(())
        })
    }

    fn lease(&self, terms: LeaseTerms) -> BoxFuture<'_, Result<Lease, Error>> {
        self.step("lease");
        let deadline = Timing::default().deadline;
        assert!(
            terms.lifetime > deadline && terms.patience < deadline,
            "a lease outlasts the renewal, and is waited for in time: {terms:?}"
        );
        let (recording, before) = (self.clone(), self.generation());
        self.before.store(before, Ordering::SeqCst);
        Box::pin(async move {
            Ok(Lease::new(move || {
                let published = recording.generation() > before;
                recording.step(if published { "give back" } else { "give up" });
            }))
        })
    }
}

/// The recording store's source, which records its calls.
struct Asked(Steps, Source);

impl TokenSource for Asked {
    fn issue<'a>(&'a self, renewal: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        self.0.lock().unwrap().push("exchange");
        self.1.issue(renewal)
    }
}

fn recorded(answers: impl IntoIterator<Item = Answer>) -> (Recording, TokenCache, Fixture) {
    let f = fixture(answers);
    let store = Recording {
        steps: Steps::default(),
        record: Arc::default(),
        before: Arc::default(),
        cache: Arc::default(),
    };
    let source = Asked(Arc::clone(&store.steps), f.source.clone());
    let cache = TokenCache::builder(BEARER, source)
        .clock(f.clock.clone())
        .store(Arc::new(store.clone()))
        .build()
        .expect("valid settings");
    assert!(store.cache.set(cache.clone()).is_ok());
    (store, cache, f)
}

#[tokio::test(start_paused = true)]
async fn the_order_is_lease_load_exchange_save_publish_release() {
    let (store, cache, f) = recorded([
        Answer::TokenAndRefresh("A", HOUR, "R1"),
        Answer::TokenAndRefresh("B", HOUR, "R2"),
    ]);
    let renewed = ["load", "lease", "load", "exchange", "save", "give back"];
    for expected in ["A", "B"] {
        store.steps.lock().unwrap().clear();
        assert_eq!(value(&cache.credential().await.unwrap()), expected);
        tokio::task::yield_now().await;
        assert_eq!(*store.steps.lock().unwrap(), renewed);
        f.clock.advance(secs(HOUR));
    }
}

#[tokio::test(start_paused = true)]
async fn another_process_s_token_is_adopted_without_a_lease() {
    let (store, cache, f) = recorded([Answer::TokenAndRefresh("A", HOUR, "R1")]);
    cache.credential().await.unwrap();
    f.clock.advance(secs(HOUR));
    let issued = Issued::new("B", Some(secs(HOUR)), Refresh::Keep);
    let token = Token::new(issued, Clock::now(&f.clock), None);
    *store.record.lock().unwrap() = Some(Record::new(token).with_version(2));
    store.steps.lock().unwrap().clear();
    assert_eq!(value(&cache.credential().await.unwrap()), "B");
    assert_eq!(*store.steps.lock().unwrap(), ["load"]);
}

#[tokio::test(start_paused = true)]
async fn after_a_failed_exchange_the_lease_is_given_up_at_once() {
    let (store, cache, _) = recorded([Answer::Fail(ErrorKind::Connection)]);
    cache.credential().await.unwrap_err();
    let tried = ["load", "lease", "load", "exchange", "give up"];
    assert_eq!(*store.steps.lock().unwrap(), tried);
}

#[tokio::test(start_paused = true)]
async fn after_a_denial_the_store_is_read_once_a_pause() {
    let (store, cache, _) = recorded([Answer::Deny("invalid_client")]);
    cache.credential().await.unwrap_err();
    store.steps.lock().unwrap().clear();
    for _ in 0..100 {
        let error = cache.credential().await.unwrap_err();
        assert_eq!(error.code(), Some("invalid_client"));
        tokio::time::advance(Duration::from_millis(100)).await;
    }
    let steps = store.steps.lock().unwrap().clone();
    let looks = steps.iter().filter(|step| **step == "load").count();
    assert!(
        (8..=10).contains(&looks),
        "{looks} in ten seconds: {steps:?}"
    );
    assert!(
        !steps.contains(&"exchange") && !steps.contains(&"lease"),
        "{steps:?}"
    );
}
