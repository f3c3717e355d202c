//! The promises for every moment: no newest token is lost, and no process can send a spent refresh token.

use tegata::{Secret, Token};

use super::{World, start_with};
use crate::event::Setup;
use crate::seen;

impl World {
    /// A process that gets the lease sends the stored refresh token, so that must not be spent.
    pub(super) fn assert_no_spent_token_can_be_sent(&self) {
        if self.setup != Setup::Stored {
            return;
        }
        let stored = self.store.token();
        let refresh_token = stored.as_ref().and_then(Token::refresh_token);
        let refresh_token = refresh_token.map(Secret::expose);
        if self.store.is_ended() {
            assert!(
                self.server.is_dead(refresh_token),
                "not kept: only a session that has ended is marked as such"
            );
        }
        let is_spent = self.server.is_spent(refresh_token) && !self.server.is_dead(refresh_token);
        assert!(
            !is_spent || self.store.is_leased() || self.store.has_gone_back(),
            "not kept: the lease is kept as long as the store holds a spent refresh token"
        );
    }

    /// While no renewal is under way, the newest refresh token is in memory or in the store.
    pub(super) fn assert_nothing_lost(&self) {
        let cache = &self.process.cache;
        let is_visible = !cache.snapshot().is_renewing && !self.server.is_hidden();
        if self.setup == Setup::ClientCredentials || !is_visible || self.store.is_logged_out() {
            return;
        }
        let first = self.first.as_ref().map(|first| first.token().clone());
        let held = [cache.token(), self.store.token(), first].map(|token| {
            let refresh_token = token?.refresh_token()?.expose().to_owned();
            Some(refresh_token)
        });
        let newest = self.server.good_refresh_token();
        assert!(
            held.contains(&newest),
            "not kept: the newest refresh token is not lost: {newest:?} is in none of {held:?}"
        );
    }

    /// A token that callers have is in the store, unless saving it has failed, which was reported.
    pub(super) fn assert_survives(&self) {
        let snapshot = self.process.cache.snapshot();
        if self.setup != Setup::Stored || snapshot.is_renewing || snapshot.generation == 0 {
            return;
        }
        let stored = self.store.token();
        if stored.as_ref().is_some_and(|token| self.is_newest(token)) {
            seen("a killed process had saved its token");
            return;
        }
        let is_over = self.store.is_logged_out() || self.server.has_ended_grant();
        let is_excused = self.store.has_gone_back() || is_over;
        assert!(
            self.store.is_unsaved() || is_excused,
            "not kept: a token is saved before it is handed out"
        );
    }

    /// A new process does not send the refresh token of a session that has ended.
    pub(super) async fn assert_ended_for_others(&mut self) {
        let (server, store) = (&self.server, &self.store);
        self.processes += 1;
        let (other, _) = start_with(None, self.setup, self.processes, server, store, &self.wall);
        let called = other
            .call(None, &self.wall)
            .await
            .expect("no caller panics");
        if let Err(error) = called.outcome {
            let code = error.code();
            assert_eq!(
                code,
                Some("invalid_grant"),
                "not kept: it has ended: {error:?}"
            );
            seen("a new process respected the end of a session");
        }
        assert_eq!(
            other.requests(),
            0,
            "not kept: a dead refresh token is not sent again"
        );
        other.kill();
    }
}
