//! What a store knows from earlier calls.

use std::sync::Arc;

use tegata::store::Record;
use tokio::time::Instant;

#[derive(Default)]
pub(crate) struct Seen {
    /// The lease that is out.
    pub(crate) lease: Option<Held>,
    pub(crate) last: LastRecord,
    /// The record, kept only to go on with while the server is away.
    pub(crate) kept: Option<Record>,
}

pub(crate) struct Held {
    /// What is stored at the key.
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
    /// It is ours, and cannot be read.
    Damaged {
        version: u64,
        stamp: String,
    },
    /// It is not ours, or a later version of this crate wrote it.
    Foreign,
}

impl Seen {
    /// A lease is out, or, while the server is away, only the turn in this process.
    pub(crate) fn begin_lease(&mut self, lease: Option<Held>) {
        if lease.is_some() {
            // Under a lease it matters only what is loaded under it.
            self.last = LastRecord::NotLoaded;
        }
        self.lease = lease;
    }

    /// Until when it would have lasted, if it was out.
    pub(crate) fn end_lease(&mut self, value: &str) -> Option<Instant> {
        let held = self.lease.take_if(|held| *held.value == *value)?;
        Some(held.until)
    }
}
