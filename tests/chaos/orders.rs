//! The configuration of a child, and its orders.

use serde::{Deserialize, Serialize};

/// The configuration of a process.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Orders {
    /// Which process it is. No two have the same number.
    pub(crate) number: u64,
    pub(crate) endpoint: u16,
    pub(crate) store: Where,
    pub(crate) diary: String,
    pub(crate) wrong: Option<Wrong>,
    pub(crate) lease_reserve_ms: u64,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Where {
    File(String),
    Redis(String),
}

/// The fault of a wrong store.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Wrong {
    DropsSaves,
    LeasesToAll,
}

/// Comes as a line of JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Order {
    /// Abort, without any cleanup, at this step.
    EndAt(String),
    /// Stop at this step, until the parent resumes the process.
    StopAt(String),
    /// Let the next save take so many milliseconds.
    StallSave(u64),
    /// Forget the orders before.
    Nothing,
}

/// The steps of a renewal at which a process can be ended or stopped. Those of the file alone come last.
pub(crate) const STEPS: [&str; 13] = [
    "load",
    "loaded",
    "lease",
    "leased",
    "loaded under the lease",
    "sent",
    "received",
    "save",
    "saved",
    "given back",
    "opened",
    "written",
    "renamed",
];

pub(crate) const STEPS_OF_ALL: usize = 10;
