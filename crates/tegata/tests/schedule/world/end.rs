//! The end of a process and of a schedule.

use std::time::Duration;

use tegata::Clock as _;
use tokio::time::{Instant, sleep};

use super::World;
use crate::event::Setup;
use crate::seen;

/// The time for an exchange, and twice for a save.
const LONGEST_SHUTDOWN: Duration = Duration::from_secs(600 + 2 * 30);

/// After this time an exchange has ended, and its token is saved.
const A_LONG_EXCHANGE: Duration = Duration::from_secs(700);

impl World {
    pub(super) async fn shut_down(&self) {
        seen("a process was shut down");
        let began = Instant::now();
        let cache = &self.process.cache;
        let saved = cache.shutdown().await.is_ok();
        let took = began.elapsed();
        assert!(
            took <= LONGEST_SHUTDOWN,
            "not kept: a shutdown ends, but took {took:?}"
        );
        let is_reported = !self.server.is_hidden() && !self.store.has_gone_back();
        if self.setup == Setup::Stored && !self.elsewhere && is_reported {
            let held = cache.token();
            let is_there = held.is_none() || held == self.store.token();
            // The same token may have been reissued, so that an unsaved token is in the store all the same.
            let is_saved = is_there && (saved || !self.store.is_unsaved());
            assert_eq!(
                saved, is_saved,
                "not kept: shutdown says whether the newest token is saved"
            );
            if !saved {
                seen("a shutdown could not save");
            }
        }
        let requests = self.process.requests();
        drop(self.process.call(None, &self.wall).await);
        self.settle().await;
        assert_eq!(
            self.process.requests(),
            requests,
            "not kept: no renewal after a shutdown"
        );
        self.process.kill();
    }

    /// Fixes all faults; then every call must succeed, and the newest token must be saved.
    pub(crate) async fn end_well(&mut self) {
        self.server.will_be_good();
        self.store.will_be_good();
        sleep(A_LONG_EXCHANGE).await;
        let needs_login = self.server.has_ended_grant() || self.is_logged_out();
        let needs_hand = !needs_login && self.process.ledger().is_at_an_end();
        if self.store.has_gone_back() || needs_hand {
            self.process.ledger().invalidate();
            self.process.cache.invalidate();
        }
        if needs_login {
            match self.setup {
                // The cache has to find it there by itself.
                Setup::Stored => self.store.set(self.server.consent(self.wall.now())),
                _ => self.restart().await,
            }
        }
        sleep(Duration::from_secs(600)).await;
        let called = self
            .process
            .call(None, &self.wall)
            .await
            .expect("no caller panics");
        assert!(
            called.outcome.is_ok(),
            "not kept: {:?} when all is well",
            called.outcome
        );
        self.check(called, false);
        sleep(Duration::from_secs(600)).await;
        self.settle().await;
        if self.setup == Setup::Stored {
            let stored = self.store.token().expect("a token");
            assert!(
                self.is_newest(&stored),
                "not kept: the newest token is saved in the end"
            );
        }
    }
}
