//! The model: what the cache promises, as far as that can be seen from outside.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, SystemTime};

use tegata::provider::Timing;
use tegata::{Error, ErrorKind, Token};
use tokio::time::Instant;

use crate::event::Edge;

/// What a process's cache is known to hold, and what has been reported to it.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) timing: Timing,
    chance: f64,
    /// The token that callers get, with its generation.
    held: Option<(u64, Token)>,
    expiry: HashMap<u64, SystemTime>,
    refused: HashSet<u64>,
    failures: u32,
    /// How many of them were unknown, neither transient nor permanent.
    unknown: u32,
    /// When the server may be probed again after it has denied the client.
    probe_at: Option<Instant>,
    /// The refused token was issued again, and is used once more after the pause.
    came_again: bool,
    not_before: Instant,
    /// Before this a token that is still valid is not renewed.
    rests_until: Instant,
    /// The refresh tokens that were denied permanently, or `None` for a request without one.
    denied: HashSet<Option<String>>,
    /// The refresh token whose answer could not be read.
    unreadable: Option<String>,
    /// No token can be issued without a person.
    at_an_end: bool,
}

impl Ledger {
    pub(crate) fn new(timing: Timing, chance: f64) -> Self {
        Self {
            timing,
            chance,
            held: None,
            expiry: HashMap::new(),
            refused: HashSet::new(),
            failures: 0,
            unknown: 0,
            probe_at: None,
            came_again: false,
            not_before: Instant::now(),
            rests_until: Instant::now(),
            denied: HashSet::new(),
            unreadable: None,
            at_an_end: false,
        }
    }

    /// The cache has dropped its token.
    pub(crate) fn drop_token(&mut self) {
        self.held = None;
    }

    /// The endpoint's answer to this refresh token.
    pub(crate) fn answered(&mut self, sent: Option<String>, error: Option<&Error>) {
        match error.map(Error::kind) {
            None => (self.denied, self.unreadable, self.probe_at) = Default::default(),
            Some(ErrorKind::TokenDenied) => {
                self.denied.insert(sent);
                if error.is_some_and(|error| error.code() == Some("invalid_client")) {
                    let share = 0.8 + 0.2 * self.chance;
                    let interval = self.timing.probe_interval.mul_f64(share);
                    self.probe_at = Some(Instant::now() + interval);
                }
            }
            Some(ErrorKind::InvalidResponse) if sent.is_some() => {
                if self.unreadable == sent {
                    self.denied.insert(sent);
                } else {
                    self.unreadable = sent;
                }
            }
            Some(_) => {}
        }
    }

    pub(crate) fn publish(&mut self, generation: u64, token: Token) {
        let expiry = token.expires_at().expect("every token here expires");
        self.expiry.insert(generation, expiry);
        self.held = Some((generation, token));
    }

    pub(crate) fn refuse(&mut self, generation: u64) {
        if self
            .held
            .as_ref()
            .is_some_and(|(held, _)| *held == generation)
        {
            self.refused.insert(generation);
        }
    }

    pub(crate) fn invalidate(&mut self) {
        if let Some((generation, _)) = self.held {
            self.refused.insert(generation);
        }
        self.forget();
        (self.denied, self.unreadable, self.probe_at) = Default::default();
        self.came_again = false;
    }

    pub(crate) fn succeed(&mut self) {
        self.forget();
        self.rests_until = Instant::now() + self.timing.retry_interval;
    }

    fn forget(&mut self) {
        (self.failures, self.unknown, self.at_an_end) = (0, 0, false);
        self.not_before = Instant::now();
        self.rests_until = Instant::now();
    }

    pub(crate) fn fail(&mut self, error: &Error) {
        self.failures += 1;
        let is_unreadable = error.kind() == ErrorKind::InvalidResponse
            && self.unreadable.is_some()
            && self.denied.contains(&self.unreadable);
        if error.kind() == ErrorKind::TokenDenied || is_unreadable {
            self.at_an_end = true;
            self.not_before = Instant::now() + self.timing.retry_interval;
            return;
        }
        self.came_again = error.kind() == ErrorKind::CredentialRejected;
        let pause = if error.is_transient() || error.kind() == ErrorKind::Store {
            let doubled = Duration::from_millis(100) * (1 << (self.failures - 1).min(10));
            doubled.min(self.timing.retry_interval).mul_f64(self.chance)
        } else {
            let quadrupled = self.timing.retry_interval / 4 * (1 << (2 * self.unknown).min(10));
            self.unknown += 1;
            let pause = quadrupled.min(self.timing.retry_interval * 60);
            pause.mul_f64(0.5 + 0.5 * self.chance)
        };
        let asked = error
            .retry_after()
            .unwrap_or_default()
            .min(Duration::from_secs(300));
        self.not_before = Instant::now() + pause.max(asked);
    }

    /// A credential was handed out without a renewal: the reissued token, once its pause is over.
    pub(crate) fn used_again(&mut self, generation: u64) {
        if !self.came_again || Instant::now() < self.not_before {
            return;
        }
        if let Some((held, token)) = self.held.take() {
            let is_next = generation > held && self.refused.contains(&held);
            self.publish(if is_next { generation } else { held }, token);
            self.came_again = !is_next;
        }
    }

    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    pub(crate) fn holds(&self) -> Option<u64> {
        self.held.as_ref().map(|(generation, _)| *generation)
    }

    /// Whether a request may go out now.
    pub(crate) fn check_request(
        &self,
        refresh_token: Option<&str>,
        wall: SystemTime,
    ) -> Result<(), String> {
        if self.serves(wall) && Instant::now() < self.rests_until {
            return Err("a good token was renewed right after it had been issued".to_owned());
        }
        let early = self.not_before.saturating_duration_since(Instant::now());
        if !early.is_zero() {
            return Err(format!(
                "a request {early:?} too early, after {} failures",
                self.failures
            ));
        }
        let probes = self.probe_at.is_some_and(|at| Instant::now() >= at);
        if !probes && self.denied.contains(&refresh_token.map(str::to_owned)) {
            return Err(format!("asked again with {refresh_token:?} after a denial"));
        }
        Ok(())
    }

    /// When the held token reaches this edge.
    pub(crate) fn edge(&self, edge: Edge) -> Option<SystemTime> {
        let (_, token) = self.held.as_ref()?;
        let expiry = token.expires_at()?;
        let lifetime = expiry.duration_since(token.issued_at()).unwrap_or_default();
        Some(match edge {
            Edge::Stale => expiry - self.timing.refresh_window.min(lifetime / 4),
            Edge::Margin => expiry - self.timing.expiry_leeway.min(lifetime / 20),
            Edge::Expiry => expiry,
        })
    }

    fn is_before(&self, edge: Edge, now: SystemTime) -> bool {
        let is_refused = self
            .holds()
            .is_some_and(|held| self.refused.contains(&held));
        !is_refused && self.edge(edge).is_some_and(|edge| now < edge)
    }

    /// Whether no renewal is due yet.
    pub(crate) fn is_fresh(&self, now: SystemTime) -> bool {
        self.is_before(Edge::Stale, now)
    }

    /// Whether every call must be answered at once.
    pub(crate) fn serves(&self, now: SystemTime) -> bool {
        self.is_before(Edge::Margin, now)
    }

    /// Whether no call may fail.
    pub(crate) fn is_usable(&self, now: SystemTime) -> bool {
        self.is_before(Edge::Expiry, now)
    }

    /// Whether a credential may be handed out now, to a caller that came after these were refused.
    pub(crate) fn check_handed_out(
        &self,
        generation: u64,
        refused: &HashSet<u64>,
        now: SystemTime,
    ) -> Result<(), String> {
        match self.expiry.get(&generation) {
            None => Err(format!(
                "generation {generation} was handed out but never published"
            )),
            Some(expiry) if now >= *expiry => Err(format!("generation {generation} has expired")),
            Some(_) if refused.contains(&generation) => {
                Err(format!("generation {generation} had been refused"))
            }
            Some(_) => Ok(()),
        }
    }

    pub(crate) fn refused(&self) -> HashSet<u64> {
        self.refused.clone()
    }

    /// Whether only a login or an invalidation helps.
    pub(crate) fn is_at_an_end(&self) -> bool {
        self.at_an_end || !self.denied.is_empty()
    }
}
