//! A store that fails under a source that could do without one.

use rstest::rstest;

use super::*;
use crate::store::{Lease, LeaseTerms, Record};

/// Issues by its own credentials, and records the number of calls and the refresh tokens that it got.
#[derive(Clone)]
struct Own(Arc<Mutex<Vec<Option<String>>>>, bool);

impl TokenSource for Own {
    fn issue<'a>(&'a self, renewal: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        Box::pin(async move {
            let refresh = renewal.current.and_then(Token::refresh_token);
            let mut asked = self.0.lock().unwrap();
            asked.push(refresh.map(|secret| secret.expose().to_owned()));
            Ok(Issued::new(
                format!("A{}", asked.len()).as_str(),
                Some(secs(HOUR)),
                Refresh::Replace {
                    token: format!("R{}", asked.len()).into(),
                    lifetime: None,
                },
            ))
        })
    }

    fn is_self_sufficient(&self) -> bool {
        self.1
    }
}

/// Issues a token with a refresh token, then answers that cannot be read, and then a token.
struct Unreadable(AtomicUsize);

impl TokenSource for Unreadable {
    fn issue<'a>(&'a self, _: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        let asked = self.0.fetch_add(1, Ordering::SeqCst);
        let refresh = Refresh::Replace {
            token: "R".into(),
            lifetime: None,
        };
        let issued = Issued::new(format!("A{asked}").as_str(), Some(secs(HOUR)), refresh);
        let unreadable = Error::new(ErrorKind::InvalidResponse, "a page of a gateway");
        let answer = if matches!(asked, 1..=5) {
            Err(unreadable)
        } else {
            Ok(issued)
        };
        Box::pin(std::future::ready(answer))
    }

    fn is_self_sufficient(&self) -> bool {
        true
    }
}

#[tokio::test(start_paused = true)]
async fn unreadable_answers_never_stop_a_source_of_client_credentials() {
    let clock = ManualClock::default();
    let cache = TokenCache::builder(BEARER, Unreadable(AtomicUsize::new(0)))
        .clock(clock.clone())
        .build()
        .unwrap();
    cache.warm_up().await.unwrap();
    clock.advance(secs(HOUR));
    for _ in 0..5 {
        let error = cache.warm_up().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{error:?}");
        tokio::time::advance(secs(60)).await;
    }
    cache.warm_up().await.unwrap();
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Load,
    Lease,
    Nowhere,
}

#[derive(Clone, Copy, Debug)]
enum Trouble {
    Fails,
    Hangs,
}

/// Fails or hangs at one of its functions until it is fixed.
#[derive(Clone)]
struct Failing {
    inner: MemoryStore,
    at: Arc<Mutex<At>>,
    trouble: Trouble,
    required: bool,
    saves: Arc<AtomicUsize>,
}

impl Failing {
    fn new(at: At, trouble: Trouble) -> Self {
        Self {
            inner: MemoryStore::default(),
            at: Arc::new(Mutex::new(at)),
            trouble,
            required: false,
            saves: Arc::default(),
        }
    }

    fn fix(&self) {
        *self.at.lock().unwrap() = At::Nowhere;
    }

    async fn meet(&self, at: At) -> Result<(), Error> {
        if *self.at.lock().unwrap() != at {
            return Ok(());
        }
        match self.trouble {
            Trouble::Fails => Err(Error::new(ErrorKind::Store, "locked")),
            Trouble::Hangs => std::future::pending().await,
        }
    }
}

impl TokenStore for Failing {
    fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>> {
        Box::pin(async {
            self.meet(At::Load).await?;
            self.inner.load().await
        })
    }

    fn save<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, Result<(), Error>> {
        self.saves.fetch_add(1, Ordering::SeqCst);
        self.inner.save(record)
    }

    fn lease(&self, terms: LeaseTerms) -> BoxFuture<'_, Result<Lease, Error>> {
        Box::pin(async move {
            self.meet(At::Lease).await?;
            self.inner.lease(terms).await
        })
    }

    fn is_required(&self) -> bool {
        self.required
    }
}

struct Setup {
    cache: TokenCache,
    source: Own,
    clock: ManualClock,
    outcomes: Arc<Mutex<Vec<&'static str>>>,
}

fn setup(self_sufficient: bool, store: &Failing) -> Setup {
    let source = Own(Arc::default(), self_sufficient);
    let clock = ManualClock::default();
    let outcomes: Arc<Mutex<Vec<&'static str>>> = Arc::default();
    let seen = Arc::clone(&outcomes);
    let observer = move |event: &RenewalEvent| seen.lock().unwrap().push(event.outcome.as_str());
    let mut builder = TokenCache::builder(BEARER, source.clone())
        .clock(clock.clone())
        .observer(Arc::new(observer))
        .store(Arc::new(store.clone()));
    builder.random = || 1.0;
    Setup {
        cache: builder.build().expect("valid settings"),
        source,
        clock,
        outcomes,
    }
}

impl Setup {
    fn asked(&self) -> Vec<Option<String>> {
        self.source.0.lock().unwrap().clone()
    }

    fn outcomes(&self) -> Vec<&'static str> {
        self.outcomes.lock().unwrap().clone()
    }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn without_its_store_a_source_goes_on_in_memory_and_saves_later(
    #[values(At::Load, At::Lease)] at: At,
    #[values(Trouble::Fails, Trouble::Hangs)] trouble: Trouble,
) {
    let store = Failing::new(At::Nowhere, trouble);
    let setup = setup(true, &store);
    setup.cache.warm_up().await.expect("the store works");
    *store.at.lock().unwrap() = at;
    for _ in 0..2 {
        setup.clock.advance(secs(HOUR));
        tokio::time::advance(secs(2)).await;
        let began = Instant::now();
        setup.cache.warm_up().await.expect("it needs no store");
        let limit = Timing::default().deadline / 2;
        assert!(began.elapsed() <= limit, "{:?}", began.elapsed());
    }
    // A process that reached the store may have used the refresh token that was saved; the next is in no
    // store.
    assert_eq!(setup.asked(), [None, None, Some("R2".to_owned())]);
    assert_eq!(setup.outcomes(), ["issued", "unsaved", "unsaved"]);
    let saves = store.saves.load(Ordering::SeqCst);
    assert_eq!(saves, 1, "saved without having been leased and read");

    store.fix();
    setup.cache.shutdown().await.expect("saved in the end");
    assert_eq!(store.inner.token(), setup.cache.token());
    assert!(store.inner.token().is_some());
}

#[rstest]
#[case::of_the_source(false, false)]
#[case::of_the_store(true, true)]
#[tokio::test(start_paused = true)]
async fn nothing_is_renewed_without_a_store_that_is_needed(
    #[case] self_sufficient: bool,
    #[case] required: bool,
    #[values(At::Load, At::Lease)] at: At,
    #[values(Trouble::Fails, Trouble::Hangs)] trouble: Trouble,
) {
    let mut store = Failing::new(at, trouble);
    store.required = required;
    let setup = setup(self_sufficient, &store);
    let error = setup.cache.warm_up().await.expect_err("no store");
    let expected = match trouble {
        Trouble::Fails => ErrorKind::Store,
        Trouble::Hangs => ErrorKind::Timeout,
    };
    assert_eq!(error.kind(), expected, "{error:?}");
    assert!(!error.is_at_token_endpoint(), "{error:?}");
    assert_eq!((setup.asked(), setup.outcomes()), (vec![], vec!["failed"]));
}

#[tokio::test(start_paused = true)]
async fn a_good_token_to_start_with_is_used_though_the_store_fails() {
    let store = Failing::new(At::Load, Trouble::Fails);
    let source = Own(Arc::default(), true);
    let clock = ManualClock::default();
    let issued = Issued::new("given", Some(secs(HOUR)), Refresh::Forget);
    let mut builder = TokenCache::builder(BEARER, source.clone())
        .clock(clock.clone())
        .token(Token::new(issued, clock.now(), None))
        .store(Arc::new(store));
    builder.random = || 1.0;
    let cache = builder.build().expect("valid settings");
    cache.warm_up().await.expect("it is good");
    let token = cache.token().expect("a token");
    assert_eq!(token.access_token().expose(), "given");
    assert!(
        source.0.lock().unwrap().is_empty(),
        "another one was issued"
    );
}
