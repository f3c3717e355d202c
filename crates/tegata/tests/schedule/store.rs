//! A store that several processes share, and that fails as scripted.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tegata::provider::BoxFuture;
use tegata::provider::ErrorExt as _;
use tegata::store::{Lease, LeaseTerms, Record};
use tegata::{Error, ErrorKind, Token, TokenStore};
use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::{Instant, timeout_at};

use crate::seen;

#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<State>>, Arc<Notify>);

#[derive(Default)]
struct State {
    record: Option<Record>,
    /// Its former records.
    formerly: Vec<Record>,
    /// It has lost its last save, and nothing has been saved since.
    went_back: bool,
    /// The highest version that it has ever held.
    highest_version: u64,
    holder: Option<Holder>,
    leases: u64,
    /// The newest token could not be saved.
    unsaved: bool,
    failing_saves: u32,
    hanging_saves: u32,
    failing_loads: u32,
    /// The first broken promise.
    broken: Option<String>,
}

/// Who has the lease.
#[derive(Clone, Copy)]
struct Holder {
    process: u64,
    lease: u64,
    /// When it ends by itself.
    until: Instant,
}

/// One process's access to the store, which ends with the process.
pub(crate) struct Store {
    pub(crate) shared: Shared,
    pub(crate) process: u64,
    pub(crate) alive: Arc<AtomicBool>,
    /// The process was started by a login, and no logout came later.
    pub(crate) has_login: Arc<AtomicBool>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn token(&self) -> Option<Token> {
        self.state().record.as_ref()?.token().cloned()
    }

    pub(crate) fn is_ended(&self) -> bool {
        self.state().record.as_ref().is_some_and(Record::is_ended)
    }

    pub(crate) fn is_logged_out(&self) -> bool {
        self.state().is_logged_out()
    }

    /// Whether it holds a logout, even one that it has gone back to.
    pub(crate) fn says_logged_out(&self) -> bool {
        let record = self.state().record.clone();
        record.is_some_and(|record| record.deleted_at().is_some())
    }

    /// Whether the newest token could not be saved.
    pub(crate) fn is_unsaved(&self) -> bool {
        self.state().unsaved
    }

    /// Whether processes may know of a later version than it holds.
    pub(crate) fn is_behind(&self) -> bool {
        let state = self.state();
        state.record.as_ref().map_or(0, Record::version) < state.highest_version
    }

    pub(crate) fn has_gone_back(&self) -> bool {
        self.state().went_back
    }

    pub(crate) fn broken(&self) -> Option<String> {
        self.state().broken.clone()
    }

    /// Saves a token of another process.
    pub(crate) fn set(&self, token: Token) {
        self.put(Record::new(token));
    }

    /// Another process logs out.
    pub(crate) fn log_out(&self, at: SystemTime) {
        self.put(Record::deleted(at));
    }

    fn put(&self, record: Record) {
        let mut state = self.state();
        let version = state.record.as_ref().map_or(0, Record::version) + 1;
        state.put(record.with_version(version));
    }

    /// Goes back by this number of saves, or to the empty store; later records are lost.
    pub(crate) fn go_back(&self, saves: usize) {
        let mut state = self.state();
        let left = state.formerly.len().saturating_sub(saves + 1);
        let older = state.formerly.get(left).cloned();
        state.formerly.truncate(left);
        if older != state.record {
            (state.record, state.went_back) = (older, true);
        }
    }

    pub(crate) fn is_leased(&self) -> bool {
        self.state().holder().is_some()
    }

    pub(crate) fn fail_saves(&self, times: u32) {
        self.state().failing_saves = times;
    }

    pub(crate) fn hang_saves(&self, times: u32) {
        self.state().hanging_saves = times;
    }

    pub(crate) fn fail_loads(&self, times: u32) {
        self.state().failing_loads = times;
    }

    pub(crate) fn is_good(&self) -> bool {
        let state = self.state();
        state.failing_saves + state.hanging_saves + state.failing_loads == 0
    }

    pub(crate) fn will_be_good(&self) {
        let mut state = self.state();
        (
            state.failing_saves,
            state.hanging_saves,
            state.failing_loads,
        ) = (0, 0, 0);
    }

    /// Releases the lease of a process, as the system does when it ends.
    pub(crate) fn free(&self, process: u64) {
        self.free_if(|holder| holder.process == process);
    }

    fn free_if(&self, predicate: impl Fn(Holder) -> bool) {
        let mut state = self.state();
        if state.holder.is_some_and(predicate) {
            state.holder = None;
            self.1.notify_waiters();
        }
    }

    /// Prolongs this lease, if it has not ended by itself.
    fn prolong(&self, lease: u64, lifetime: Duration) -> Result<(), Error> {
        let mut state = self.state();
        let held = state.holder().filter(|holder| holder.lease == lease);
        // No process here is stopped for longer than its lease lasts.
        state.promise(held.is_some(), "a lease is prolonged before it ends");
        let Some(held) = held else {
            let why = "the lease has passed to another process";
            return Err(Error::new(ErrorKind::Store, why));
        };
        seen("a lease was prolonged");
        let until = Instant::now() + lifetime;
        state.holder = Some(Holder { until, ..held });
        Ok(())
    }
}

impl State {
    /// The holder of the lease, unless it has ended.
    fn holder(&self) -> Option<Holder> {
        self.holder.filter(|holder| Instant::now() < holder.until)
    }

    /// Whether it holds a logout that it has not gone back to.
    fn is_logged_out(&self) -> bool {
        let record = self.record.as_ref();
        !self.went_back && record.is_some_and(|record| record.deleted_at().is_some())
    }

    fn put(&mut self, record: Record) {
        // The mark of an ended session is put on the present record.
        self.went_back &= record.is_ended();
        self.unsaved = false;
        self.highest_version = self.highest_version.max(record.version());
        let former = self.record.replace(record);
        self.formerly.extend(former);
    }

    fn promise(&mut self, kept: bool, what: &str) {
        if !kept {
            self.broken.get_or_insert_with(|| what.to_owned());
        }
    }
}

fn one_less(left: &mut u32) -> bool {
    let some = *left > 0;
    *left = left.saturating_sub(1);
    some
}

impl Store {
    /// A separate step, which a killed process does not take.
    async fn step(&self) {
        yield_now().await;
        if !self.alive.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }
}

impl TokenStore for Store {
    fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>> {
        Box::pin(async {
            self.step().await;
            let mut state = self.shared.state();
            if one_less(&mut state.failing_loads) {
                seen("a load failed");
                return Err(Error::store(
                    "cannot be read",
                    std::io::Error::other("scripted"),
                ));
            }
            Ok(state.record.clone())
        })
    }

    fn save<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            self.step().await;
            self.shared.state().unsaved = true;
            let hangs = one_less(&mut self.shared.state().hanging_saves);
            if hangs {
                seen("a save hung");
                std::future::pending::<()>().await;
            }
            let mut state = self.shared.state();
            let holder = state.holder().map(|holder| holder.process);
            state.promise(
                holder == Some(self.process),
                "nothing is saved without the lease",
            );
            let may_save = self.has_login.load(Ordering::SeqCst) || !state.is_logged_out();
            state.promise(may_save, "nothing but a login is saved after a logout");
            if one_less(&mut state.failing_saves) {
                seen("a save failed");
                return Err(Error::store(
                    "cannot be written",
                    std::io::Error::other("scripted"),
                ));
            }
            if record.is_ended() {
                seen("an ended session was marked");
            }
            state.put(record.clone());
            Ok(())
        })
    }

    fn lease(&self, terms: LeaseTerms) -> BoxFuture<'_, Result<Lease, Error>> {
        Box::pin(async move {
            let patience = Instant::now() + terms.patience;
            let lease = loop {
                self.step().await;
                let freed = self.shared.1.notified();
                let until = {
                    let mut state = self.shared.state();
                    let Some(holder) = state.holder() else {
                        state.leases += 1;
                        let holder = Holder {
                            process: self.process,
                            lease: state.leases,
                            until: Instant::now() + terms.lifetime,
                        };
                        state.holder = Some(holder);
                        break holder.lease;
                    };
                    holder.until
                };
                let _ = timeout_at(until.min(patience), freed).await;
                if Instant::now() >= patience {
                    let why = "another process has the lease";
                    return Err(Error::new(ErrorKind::Store, why).transient());
                }
            };
            let (shared, prolonged) = (self.shared.clone(), self.shared.clone());
            let alive = Arc::clone(&self.alive);
            let held = Lease::new(move || shared.free_if(|holder| holder.lease == lease));
            Ok(held.prolonged_by(move |lifetime| {
                let (shared, alive) = (prolonged.clone(), Arc::clone(&alive));
                Box::pin(async move {
                    if !alive.load(Ordering::SeqCst) {
                        std::future::pending::<()>().await;
                    }
                    shared.prolong(lease, lifetime)
                })
            }))
        })
    }
}
