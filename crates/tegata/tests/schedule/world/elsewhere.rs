//! Changes of the store from outside: another process renews or logs out, or a backup is restored.

use tegata::Clock as _;

use super::World;
use crate::event::Setup;
use crate::seen;
use crate::wall::shifted;

impl World {
    pub(super) fn go_back(&self, saves: usize) {
        let held = self.process.cache.token();
        // A token that only the store has is lost with it.
        if self.setup == Setup::Stored && held.is_some_and(|token| self.is_newest(&token)) {
            self.store.go_back(saves);
            seen(if self.store.has_gone_back() {
                "a store went back in time"
            } else {
                "a store had nothing to go back to"
            });
        }
    }

    /// Under its own lease, which it gets when this process has none.
    pub(super) fn log_out_elsewhere(&mut self) {
        let knows_the_store = self.process.cache.token().is_some();
        let is_free = !self.store.is_leased() && !self.store.is_behind();
        let is_free = is_free && !self.store.says_logged_out();
        if self.setup == Setup::Stored && knows_the_store && is_free {
            seen("another process logged out");
            self.elsewhere = true;
            self.first = None;
            self.process.forget_login();
            self.store.log_out(self.wall.now());
        }
    }

    /// Another process renews under its own lease, or brings a person's new consent.
    pub(super) fn renew_elsewhere(&mut self, off: i64) {
        if self.setup != Setup::Stored || self.store.is_leased() {
            return;
        }
        if self.store.says_logged_out() && !self.store.is_logged_out() {
            return;
        }
        self.elsewhere = true;
        let now = shifted(self.wall.now(), off);
        if self.server.has_ended_grant() || self.is_logged_out() {
            self.store.set(self.server.consent(now));
            return;
        }
        // A process that knows a later version would ignore a token that is saved after the store went back.
        let stored = self.store.token().filter(|_| !self.store.is_behind());
        if let Some(known) = stored.filter(|token| self.is_newest(token)) {
            seen("another process renewed");
            self.store.set(self.server.renew(&known, now));
        }
    }
}
