//! A store that several processes use, and that fails as it is told.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tegata::{BoxFuture, Error, Lease, Token, TokenStore};
use tokio::sync::Notify;
use tokio::task::yield_now;

use crate::seen;

#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<State>>, Arc<Notify>);

#[derive(Default)]
struct State {
    token: Option<Token>,
    holder: Option<u64>,
    /// The newest token could not be saved.
    unsaved: bool,
    failing_saves: u32,
    hanging_saves: u32,
    failing_loads: u32,
}

/// One process's way to it, which ends with the process.
pub(crate) struct Store {
    pub(crate) shared: Shared,
    pub(crate) process: u64,
    pub(crate) alive: Arc<AtomicBool>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn token(&self) -> Option<Token> {
        self.state().token.clone()
    }

    /// Whether the newest token could not be saved.
    pub(crate) fn is_unsaved(&self) -> bool {
        self.state().unsaved
    }

    pub(crate) fn set(&self, token: Token) {
        self.state().token = Some(token);
    }

    pub(crate) fn is_leased(&self) -> bool {
        self.state().holder.is_some()
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

    pub(crate) fn will_be_good(&self) {
        let mut state = self.state();
        (
            state.failing_saves,
            state.hanging_saves,
            state.failing_loads,
        ) = (0, 0, 0);
    }

    /// Gives back what a process had, as the system does when it ends.
    pub(crate) fn free(&self, process: u64) {
        let mut state = self.state();
        if state.holder == Some(process) {
            state.holder = None;
            self.1.notify_waiters();
        }
    }
}

fn one_less(left: &mut u32) -> bool {
    let some = *left > 0;
    *left = left.saturating_sub(1);
    some
}

impl Store {
    /// A step of its own, which a process that was killed does not take.
    async fn step(&self) {
        yield_now().await;
        if !self.alive.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }
}

impl TokenStore for Store {
    fn load(&self) -> BoxFuture<'_, Result<Option<Token>, Error>> {
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
            Ok(state.token.clone())
        })
    }

    fn save<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            self.step().await;
            self.shared.state().unsaved = true;
            let hangs = one_less(&mut self.shared.state().hanging_saves);
            if hangs {
                seen("a save hung");
                std::future::pending::<()>().await;
            }
            let mut state = self.shared.state();
            assert_eq!(state.holder, Some(self.process), "saved without the lease");
            if one_less(&mut state.failing_saves) {
                seen("a save failed");
                return Err(Error::store(
                    "cannot be written",
                    std::io::Error::other("scripted"),
                ));
            }
            (state.token, state.unsaved) = (Some(token.clone()), false);
            Ok(())
        })
    }

    fn lease(&self, _: Duration) -> BoxFuture<'_, Result<Lease, Error>> {
        Box::pin(async {
            loop {
                self.step().await;
                let freed = self.shared.1.notified();
                {
                    let mut state = self.shared.state();
                    if state.holder.is_none() {
                        state.holder = Some(self.process);
                        break;
                    }
                }
                freed.await;
            }
            let (shared, process) = (self.shared.clone(), self.process);
            Ok(Lease::new(move || shared.free(process)))
        })
    }
}
