//! Helpers for staging the failures.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tegata::provider::ErrorExt as _;
use tegata::provider::spec::{Placement, Scheme};
use tegata::provider::{BoxFuture, Issued, Refresh, Renewal, TokenSource};
use tegata::store::{Lease, LeaseTerms, Record};
use tegata::{
    Error, FileStore, MemoryStore, RenewalEvent, RenewalPolicy, Settings, Token, TokenStore,
};
use tegata_emulator::{Config, LogEntry, Provider};
use tegata_marketo::TokenRequest;

use tegata_test_support::frozen::FrozenTime;
use tegata_test_support::loopback::{
    AISPF_ID, AISPF_SECRET, HOUR, JOOTO_ID, JOOTO_SECRET, Loopback, MARKETO_ID, MARKETO_SECRET,
};
use tegata_test_support::wire::{credential, form};
use tegata_test_support::{Flow, Subject};

pub(crate) const BEARER: Scheme = Scheme {
    name: "OAuth2",
    placement: Placement::Bearer,
};

/// The first pause after a failure, when chance makes it as long as it can be.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// More than any pause after a failure.
pub(crate) const PAUSE: Duration = Duration::from_secs(1);

/// The time for which callers wait for a save.
pub(crate) const LONGEST_SAVE: Duration = Duration::from_secs(10);

/// The time that a renewal has.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// For a lease that is taken around a client.
pub(crate) const LEASE: LeaseTerms = LeaseTerms {
    lifetime: DEADLINE,
    patience: Duration::from_secs(3600),
};

/// The flows whose token is renewed before it expires.
pub(crate) const EARLY: [Flow; 3] = [Flow::AispfOAuth2, Flow::AispfLegacy, Flow::JootoOAuth2];

/// Providers and clients at one time, which stands still.
pub(crate) struct Scene {
    pub(crate) time: FrozenTime,
    pub(crate) loopback: Loopback,
    failed: Arc<AtomicU64>,
}

impl Scene {
    pub(crate) fn begin() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self {
            time: FrozenTime::begin(),
            loopback: Loopback::with(change),
            failed: Arc::default(),
        }
    }

    /// As users have them, with pauses after failures, which chance makes as long as they can be.
    pub(crate) fn settings(&self) -> Settings {
        let failed = Arc::clone(&self.failed);
        self.loopback
            .settings()
            .renewal(RenewalPolicy::new().retry_interval(PAUSE))
            .random(|| 1.0)
            .observer(move |event: &RenewalEvent| {
                if event.outcome.as_str() == "failed" {
                    failed.fetch_add(1, Ordering::SeqCst);
                }
            })
    }

    /// How many renewals were reported as failed.
    pub(crate) fn failed(&self) -> u64 {
        self.failed.load(Ordering::SeqCst)
    }

    pub(crate) async fn cold(&self, flow: Flow) -> Subject {
        let client = flow.cold_with(&self.loopback, self.settings()).await;
        self.loopback.emulator.clear_log();
        client
    }

    pub(crate) async fn warm(&self, flow: Flow) -> Subject {
        let client = self.cold(flow).await;
        client.warm_up().await.expect("a token");
        self.loopback.emulator.clear_log();
        client
    }

    /// A client of Jooto whose token is in this store.
    pub(crate) fn jooto(&self, store: impl TokenStore) -> Subject {
        self.jooto_with(store, self.settings())
    }

    pub(crate) fn jooto_with(&self, store: impl TokenStore, settings: Settings) -> Subject {
        let app = self.loopback.jooto_app(JOOTO_ID, JOOTO_SECRET);
        let app = app.settings(settings).build().expect("valid settings");
        let client = app.client_from(Arc::new(store)).build();
        Subject::Jooto(client.expect("valid settings"))
    }

    /// A client with id and secret that keeps its tokens in this store.
    pub(crate) fn granted(&self, flow: Flow, store: impl TokenStore) -> Subject {
        let (store, settings) = (Arc::new(store), self.settings());
        let aispf = |built: Result<tegata_fujitsu_aispf::Client, Error>| built.map(Subject::Aispf);
        let client = match flow {
            Flow::AispfOAuth2 => {
                let builder = self.loopback.aispf_oauth2(AISPF_ID, AISPF_SECRET);
                aispf(builder.store(store).settings(settings).build())
            }
            Flow::AispfLegacy => {
                let builder = self.loopback.aispf_legacy(AISPF_ID, AISPF_SECRET);
                aispf(builder.store(store).settings(settings).build())
            }
            Flow::MarketoGet | Flow::MarketoForm => {
                let mut builder = self.loopback.marketo(MARKETO_ID, MARKETO_SECRET);
                if flow == Flow::MarketoForm {
                    builder = builder.token_request(TokenRequest::PostForm);
                }
                let built = builder.store(store).settings(settings).build();
                built.map(Subject::Marketo)
            }
            _ => panic!("{flow:?} takes more than id and secret"),
        };
        client.expect("valid settings")
    }

    /// A token of Jooto whose hour is over.
    pub(crate) async fn expired(&self) -> Token {
        let token = self.loopback.token(&self.loopback.app()).await;
        self.loopback.advance(HOUR);
        self.loopback.emulator.clear_log();
        token
    }

    /// Lets time pass, for clients and servers alike.
    pub(crate) async fn pass(&self, by: Duration) {
        self.loopback.emulator.advance(by);
        self.time.pass_with(&self.loopback.clock, by).await;
    }

    /// Lets time pass in such steps until it is so.
    pub(crate) async fn pass_until(&self, what: &str, step: Duration, is_so: impl Fn() -> bool) {
        let began = std::time::Instant::now();
        while !is_so() {
            assert!(
                began.elapsed().as_secs() < 60,
                "waited in vain until {what}"
            );
            self.pass(step).await;
            breathe().await;
        }
    }

    /// The requests to the token endpoint since the log was cleared, oldest first.
    pub(crate) fn token_requests(&self, provider: Provider) -> Vec<LogEntry> {
        self.loopback.token_requests(provider)
    }

    pub(crate) fn asked(&self, flow: Flow) -> usize {
        self.token_requests(flow.provider()).len()
    }

    /// The credentials of all calls since the log was cleared, oldest first.
    pub(crate) fn carried(&self, flow: Flow) -> Vec<String> {
        let calls = self.loopback.calls(flow.provider());
        calls.iter().map(credential).collect()
    }

    /// Every refresh token that Jooto was sent, oldest first.
    pub(crate) fn spent(&self) -> Vec<String> {
        let requests = self.token_requests(Provider::Jooto);
        let sent = requests.iter().filter_map(|entry| {
            let fields = form(entry);
            let field = fields
                .into_iter()
                .find(|(name, _)| *name == "refresh_token");
            field.map(|(_, value)| value.to_owned())
        });
        sent.collect()
    }
}

/// Lets what runs in other threads go on for a while.
pub(crate) async fn breathe() {
    for _ in 0..10 {
        // It can only fail with the runtime.
        drop(tokio::task::spawn_blocking(|| {}).await);
        tokio::task::yield_now().await;
    }
}

/// Returns as soon as it is so.
pub(crate) async fn until(what: &str, is_so: impl Fn() -> bool) {
    // Real time, in which a test that is stuck has to end; no outcome depends on it.
    let began = std::time::Instant::now();
    while !is_so() {
        assert!(
            began.elapsed().as_secs() < 60,
            "waited in vain until {what}"
        );
        tokio::task::yield_now().await;
    }
}

/// No value is there twice.
#[track_caller]
pub(crate) fn assert_all_different(values: &[String]) {
    for (at, value) in values.iter().enumerate() {
        assert!(!values[..at].contains(value), "{value} is there twice");
    }
}

/// All values are the same, and there is one at least.
#[track_caller]
pub(crate) fn assert_all_same(values: &[String]) {
    assert!(!values.is_empty(), "there is none");
    assert!(values.iter().all(|value| value == &values[0]), "{values:?}");
}

/// A folder with the place of a token file.
pub(crate) fn file() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tokens").join("account.json");
    (folder, path)
}

/// Puts a token there.
pub(crate) async fn file_with(token: &Token) -> (tempfile::TempDir, FileStore) {
    let (folder, path) = file();
    let store = FileStore::new(path);
    store
        .save(&Record::new(token.clone()))
        .await
        .expect("saved");
    (folder, store)
}

/// A token that was issued a billion seconds after the epoch, when the clocks of the tests begin.
pub(crate) fn issued(access_token: &str, lifetime: Option<u64>) -> Issued {
    Issued::new(
        access_token,
        lifetime.map(Duration::from_secs),
        Refresh::Keep,
    )
}

/// A source whose every answer the test makes, given how many times it was asked before.
pub(crate) struct Source<F>(pub(crate) F, pub(crate) Arc<AtomicU64>);

impl<F> Source<F> {
    pub(crate) fn new(answer: F) -> Self {
        Self(answer, Arc::default())
    }
}

impl<F> TokenSource for Source<F>
where
    F: Fn(u64) -> BoxFuture<'static, Result<Issued, Error>> + Send + Sync + 'static,
{
    fn issue<'a>(&'a self, _: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        (self.0)(self.1.fetch_add(1, Ordering::SeqCst))
    }
}

/// A store in memory, of which one function can be made to hang or fail.
#[derive(Clone)]
pub(crate) struct Troubled {
    pub(crate) inner: MemoryStore,
    trouble: Arc<Mutex<Option<(Call, Trouble)>>>,
    is_hanging: Arc<AtomicBool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Load,
    Lease,
    Save,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    Hangs,
    Fails,
}

impl Troubled {
    pub(crate) fn empty() -> Self {
        Self {
            inner: MemoryStore::default(),
            trouble: Arc::default(),
            is_hanging: Arc::default(),
        }
    }

    pub(crate) fn holding(token: Token) -> Self {
        Self {
            inner: MemoryStore::holding(token),
            trouble: Arc::default(),
            is_hanging: Arc::default(),
        }
    }

    pub(crate) fn set(&self, trouble: Option<(Call, Trouble)>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// Whether a call has come to where it hangs.
    pub(crate) fn is_hanging(&self) -> bool {
        self.is_hanging.load(Ordering::SeqCst)
    }

    async fn meet(&self, call: Call) -> Result<(), Error> {
        let trouble = *self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match trouble {
            Some((at, Trouble::Hangs)) if at == call => {
                self.is_hanging.store(true, Ordering::SeqCst);
                std::future::pending().await
            }
            Some((at, Trouble::Fails)) if at == call => {
                Err(Error::new(tegata::ErrorKind::Store, "the store is locked"))
            }
            _ => Ok(()),
        }
    }
}

impl TokenStore for Troubled {
    fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>> {
        Box::pin(async {
            self.meet(Call::Load).await?;
            self.inner.load().await
        })
    }

    fn save<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            self.meet(Call::Save).await?;
            self.inner.save(record).await
        })
    }

    fn lease(&self, terms: LeaseTerms) -> BoxFuture<'_, Result<Lease, Error>> {
        Box::pin(async move {
            self.meet(Call::Lease).await?;
            self.inner.lease(terms).await
        })
    }
}
