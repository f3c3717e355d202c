//! A second client: straight code on reqwest that shares nothing with the crates of this workspace.
//!
//! Without a bug it passes every case, which shows that the cases do not depend on our own
//! clients. With one of its bugs switched on it fails, and by the checks that are about that bug,
//! which shows that the suite can fail.

mod aispf;
mod bug;
mod calls;
mod jooto;
mod marketo;
mod session;
mod spoil;
mod state;
mod table;
mod token;
mod vacuous;
mod wire;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use tegata_conformance::case::{Auth, Feature};
use tegata_conformance::script::{Context, Driver, ErrorKind, Failure};

pub use bug::Bug;
pub use state::NaiveSession;
pub use table::{Row, matches, rows};
pub use vacuous::Vacuous;

use crate::providers::{FUJITSU_AISPF, JOOTO, MARKETO, no_client};
use state::Slot;
use wire::Wire;

/// The naive client, right or with one bug.
pub struct Naive {
    bug: Option<Bug>,
    wire: Wire,
    slots: Mutex<BTreeMap<String, Slot>>,
}

impl fmt::Debug for Naive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Naive")
            .field("bug", &self.bug)
            .finish_non_exhaustive()
    }
}

impl Naive {
    /// The client without a bug.
    pub fn right() -> Self {
        Self::new(None)
    }

    /// The client with a bug.
    pub fn with(bug: Bug) -> Self {
        Self::new(Some(bug))
    }

    fn new(bug: Option<Bug>) -> Self {
        Self {
            bug,
            wire: Wire::new(),
            slots: Mutex::default(),
        }
    }

    /// The place for a client's token: a new one, unless accounts are mixed up.
    fn slot(&self, context: &Context) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let urls: Vec<&str> = context.urls.values().map(String::as_str).collect();
        let key = format!("{} {} {:?}", context.case, urls.join(" "), context.auth);
        let slot = slots.entry(key).or_default();
        if self.bug != Some(Bug::MixedAccounts) {
            *slot = Slot::default();
        }
        Slot::clone(slot)
    }
}

impl Driver for Naive {
    type Session = NaiveSession;

    fn features(&self) -> &[Feature] {
        &Feature::ALL
    }

    async fn open(&self, context: &Context) -> Result<NaiveSession, Failure> {
        if context.auth == Auth::ApiKey && context.credentials.api_keys.is_empty() {
            return Err(Failure::of(ErrorKind::Config));
        }
        let name = context.provider.name();
        if ![FUJITSU_AISPF, JOOTO, MARKETO].contains(&name) {
            return Err(no_client(context.provider));
        }
        let own = |bug: &Bug| bug.provider().is_none_or(|only| only == name);
        let wire = self.wire.with(self.bug.filter(own));
        Ok(NaiveSession::new(context, wire, self.slot(context)))
    }
}
