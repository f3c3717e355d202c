//! The state that a store knows from earlier calls.

use std::sync::Arc;

use tegata::store::Record;
use tokio::time::Instant;

#[derive(Default)]
pub(crate) struct Seen {
    /// The present lease.
    pub(crate) lease: Option<HeldLease>,
    pub(crate) last: LastRecord,
    /// The record, kept only for when the server is unavailable.
    pub(crate) kept: Option<Record>,
}

pub(crate) struct HeldLease {
    /// The value at the key.
    pub(crate) value: Arc<str>,
    /// When it ends by itself, or a little earlier.
    pub(crate) until: Instant,
}

#[derive(Clone, Default)]
pub(crate) enum LastRecord {
    #[default]
    NotLoaded,
    None,
    Stamped(String),
    /// A record of ours that cannot be read.
    Damaged {
        version: u64,
        stamp: String,
    },
    /// A foreign value, or one of a later version of this crate.
    Foreign,
}

impl Seen {
    /// Begins a lease, or, while the server is unavailable, only the turn in this process.
    pub(crate) fn begin_lease(&mut self, lease: Option<HeldLease>) {
        if lease.is_some() {
            // Under a lease only a record that is loaded under it counts.
            self.last = LastRecord::NotLoaded;
        }
        self.lease = lease;
    }

    /// Ends the lease, and returns until when it would have lasted.
    pub(crate) fn end_lease(&mut self, value: &str) -> Option<Instant> {
        let held = self.lease.take_if(|held| *held.value == *value)?;
        Some(held.until)
    }
}
