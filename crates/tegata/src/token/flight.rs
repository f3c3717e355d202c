//! The state of renewals: the one under way, and the results of earlier ones.

use std::sync::Arc;
use std::time::SystemTime;

use crate::store::Record;
use crate::sync::{Instant, watch};
use crate::token::backoff::Backoff;
use crate::token::current::Current;
use crate::{Error, ErrorKind, Secret, Token};

/// The mutable state of a cache, besides the token that callers get.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools)] // Each is a fact of its own.
pub(super) struct Flight {
    /// Receives the outcome of the renewal under way.
    pub(super) running: Option<watch::Receiver<Option<Outcome>>>,
    pub(super) backoff: Backoff,
    /// The newest record that this process knows. Callers get its token once it is saved, or saving has failed.
    /// If a renewal is cut off before that, its refresh token may be the only valid one.
    pub(super) newest: Option<Arc<Record>>,
    /// Whether that record still has to be saved.
    pub(super) is_unsaved: bool,
    /// Whether a task is saving it.
    pub(super) is_saving: bool,
    /// The end of that task's lease, by both clocks, since the monotonic one may stop while the machine sleeps.
    /// `None` if it does not end by itself.
    pub(super) leased_until: Option<Box<(Instant, SystemTime)>>,
    /// Whether the renewal under way relies on the lease of that task.
    pub(super) needs_its_lease: bool,
    /// Whether the token endpoint is being asked.
    pub(super) is_asking: bool,
    /// The token that the cache was built with, until it is the newest record.
    pub(super) handed_over: Option<Arc<Token>>,
    /// Whether that token comes from a new login.
    pub(super) is_login: bool,
    /// The permanent denials since the last token was issued, by refresh token, or `None` for a request without
    /// one.
    pub(super) denied: Vec<(Option<Secret>, Error)>,
    /// [`TokenSource::credentials`](crate::provider::TokenSource::credentials) when it was looked at last.
    pub(super) credentials: u64,
    /// When the endpoint is probed once more, after it has denied the client.
    pub(super) probe_at: Option<Instant>,
    /// Whether the token endpoint issued the refused token again: it is used once more after the pause.
    pub(super) is_reissued: bool,
    /// The refresh token whose answer could not be read.
    pub(super) unreadable: Option<Box<Secret>>,
    /// Whether the mark of an ended session is ignored, after an invalidation.
    pub(super) ignores_ended: bool,
    /// Whether the user has logged out.
    pub(super) is_forgotten: bool,
    /// Counts up with each token that is new to callers.
    pub(super) generation: u64,
    /// How many tasks are renewing or saving.
    pub(super) tasks: u32,
    /// Whether no further task may begin, because of a shutdown.
    pub(super) is_closing: bool,
    /// Counts logins and logouts: the result of a renewal that began before one is discarded.
    pub(super) session: u32,
}

impl Flight {
    /// Notes that a token was issued for this one, so that its refresh token is spent, wherever else it is
    /// held.
    pub(super) fn was_exchanged(&mut self, with: Option<&Token>) {
        let spent = with.and_then(Token::refresh_token);
        let is_spent = |token: &mut Arc<Token>| spent.is_some() && token.refresh_token() == spent;
        self.handed_over.take_if(is_spent);
        self.forget_denials();
    }

    /// Forgets the denials, after a token was issued or an invalidation.
    pub(super) fn forget_denials(&mut self) {
        self.denied.clear();
        self.probe_at = None;
        self.is_reissued = false;
        self.unreadable = None;
        self.ignores_ended = false;
    }

    /// Forgets the denial of the client once the probe is due.
    pub(super) fn forget_old_denials(&mut self) {
        if self.probe_at.is_some_and(|at| Instant::now() >= at) {
            self.forget_denials_of_client();
        }
    }

    /// Forgets what was said of former credentials. A grant that has ended does not come back with others.
    pub(super) fn note_credentials(&mut self, now: u64) {
        if self.credentials == now {
            return;
        }
        self.credentials = now;
        self.forget_denials_of_client();
        let is_of_client = |error: &Error| {
            let is_of_store = error.kind() == ErrorKind::Store;
            !error.is_transient() && !error.needs_authorization() && !is_of_store
        };
        if self.backoff.last_error().is_some_and(is_of_client) {
            self.backoff.forget();
        }
    }

    fn forget_denials_of_client(&mut self) {
        self.probe_at = None;
        self.denied.retain(|(_, error)| !is_probed(error));
    }
}

/// Whether the denial may be temporary: a client can be registered anew, but an ended grant does not come back.
pub(super) fn is_probed(error: &Error) -> bool {
    error.is_denied() && !error.needs_authorization()
}

pub(super) type Outcome = Result<Arc<Current>, Error>;
