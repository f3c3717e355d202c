//! Renewals that are cut off.

use rstest::rstest;

use super::*;

type Log = Arc<Mutex<Vec<(&'static str, u32)>>>;

fn logging(log: &Log) -> Arc<dyn RenewalObserver> {
    let log = Arc::clone(log);
    Arc::new(move |event: &RenewalEvent| {
        let seen = (event.outcome.as_str(), event.attempt);
        log.lock().unwrap().push(seen);
    })
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_source_is_reported_and_fails_all_waiters() {
    let log = Log::default();
    let answers = [Answer::Panic, Answer::Panic, Answer::Token("A", HOUR)];
    let f = fixture_with(answers, |builder| builder.observer(logging(&log)));
    for _ in 0..2 {
        let callers: [_; 3] = std::array::from_fn(|_| f.token());
        let [first, second, third] = callers;
        let (first, second, third) = tokio::join!(first, second, third);
        for outcome in [first, second, third] {
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Interrupted, "{error:?}");
            assert!(error.is_transient(), "{error:?}");
        }
        tokio::time::advance(secs(1)).await;
    }
    assert_eq!(f.token().await.unwrap(), "A");
    tokio::task::yield_now().await;
    assert_eq!(
        *log.lock().unwrap(),
        [("failed", 1), ("failed", 2), ("issued", 3)]
    );
}

#[tokio::test(start_paused = true)]
async fn a_panicking_observer_harms_no_caller() {
    let observer = |_: &RenewalEvent| panic!("scripted panic");
    let answers = [
        Answer::Token("A", HOUR),
        Answer::Panic,
        Answer::Token("B", HOUR),
    ];
    let f = fixture_with(answers, |builder| builder.observer(Arc::new(observer)));
    assert_eq!(f.token().await.unwrap(), "A");
    f.pass(secs(HOUR)).await;
    f.token().await.unwrap_err();
    f.pass(secs(1)).await;
    assert_eq!(f.token().await.unwrap(), "B");
    f.cache.shutdown().await.expect("nothing is left to do");
}

/// Between the request and the saved token there are several awaits, and at each of them a caller may be
/// dropped.
#[rstest]
#[tokio::test(start_paused = true)]
async fn a_caller_dropped_at_any_await_does_not_lose_the_result(
    #[values(1, 2, 3, 4, 5, 6, 8)] polls: usize,
) {
    let store = MemoryStore::default();
    let f = fixture_with([Answer::TokenAndRefresh("A", HOUR, "R1")], |builder| {
        builder.store(Arc::new(store.clone()))
    });
    {
        let mut caller = std::pin::pin!(f.token());
        for _ in 0..polls {
            let polled = std::future::poll_fn(|context| {
                std::task::Poll::Ready(caller.as_mut().poll(context).is_ready())
            });
            if polled.await {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert_eq!(f.cache.cached().map(|c| value(&c)).as_deref(), Some("A"));
    let saved = store.token().expect("a saved token");
    assert_eq!(saved.refresh_token().map(crate::Secret::expose), Some("R1"));
    assert_eq!(f.asked(), 1);
}

/// A store whose saves take as long as the test sets.
#[derive(Clone)]
struct Slow {
    inner: MemoryStore,
    gate: Arc<Semaphore>,
}

impl TokenStore for Slow {
    fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>> {
        self.inner.load()
    }

    fn save<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let _permit = self.gate.acquire().await.expect("never closed");
            self.inner.save(record).await
        })
    }
}

#[test]
fn a_runtime_that_ends_before_the_save_loses_no_refresh_token() {
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().expect("a runtime")
    };
    let store = Slow {
        inner: MemoryStore::default(),
        gate: Arc::new(Semaphore::new(0)),
    };
    let answers = [
        Answer::TokenAndRefresh("A", HOUR, "R1"),
        Answer::TokenAndRefresh("B", HOUR, "R2"),
    ];
    let f = fixture_with(answers, |builder| builder.store(Arc::new(store.clone())));
    let first = runtime();
    first.block_on(async {
        tokio::select! {
            biased;
            _ = f.token() => panic!("nothing is handed out before it is saved"),
            () = async {
                for _ in 0..50 {
                    tokio::task::yield_now().await;
                }
            } => {}
        }
    });
    assert_eq!(
        f.asked(),
        1,
        "the refresh token is issued, and nowhere but here"
    );
    drop(first);
    store.gate.add_permits(1);
    let second = runtime();
    assert_eq!(second.block_on(f.token()).unwrap(), "A");
    assert_eq!(store.inner.token(), f.cache.token(), "saved after all");
    assert_eq!(f.asked(), 1, "and not asked for again");
    f.clock.advance(secs(HOUR));
    assert_eq!(second.block_on(f.token()).unwrap(), "B");
    let sent = f.source.0.seen.lock().unwrap()[1].0.clone();
    assert_eq!(sent.as_deref(), Some("R1"));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_be_saved_is_reported_and_saved_later() {
    let log = Log::default();
    let store = Slow {
        inner: MemoryStore::default(),
        gate: Arc::new(Semaphore::new(0)),
    };
    let f = fixture_with([Answer::TokenAndRefresh("A", HOUR, "R1")], |builder| {
        let builder = builder.observer(logging(&log));
        builder.store(Arc::new(store.clone()))
    });
    let before = Instant::now();
    assert_eq!(f.token().await.unwrap(), "A");
    assert_eq!(
        before.elapsed(),
        secs(10),
        "a store that hangs is waited for so long"
    );
    tokio::task::yield_now().await;
    assert_eq!(*log.lock().unwrap(), [("unsaved", 1)]);
    // Saving is tried for days if necessary.
    tokio::time::sleep(secs(3 * 86_400)).await;
    assert!(store.load().await.unwrap().is_none());
    store.gate.add_permits(1);
    tokio::time::sleep(secs(70)).await;
    assert_eq!(store.inner.token(), f.cache.token());
    assert_eq!((f.asked(), log.lock().unwrap().len()), (1, 1));
}
