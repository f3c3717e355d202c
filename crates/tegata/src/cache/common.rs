//! What caches have in common.

use std::sync::Arc;

use crate::observe::Label;
use crate::recent::Recent;
use crate::spec::Scheme;
use crate::{RenewalPolicy, SharedClock};

static RECENT: Recent<Common> = Recent::new();

/// What is set for a cache and never changes. It is the same for most accounts of a process, and then kept
/// once: it would be a third of what an account takes.
pub(super) struct Common {
    pub(super) scheme: Scheme,
    pub(super) clock: SharedClock,
    pub(super) policy: RenewalPolicy,
    pub(super) random: fn() -> f64,
    pub(super) label: Label,
}

impl Common {
    pub(super) fn shared(self) -> Arc<Self> {
        RECENT.shared(self)
    }
}

impl PartialEq for Common {
    fn eq(&self, other: &Self) -> bool {
        self.scheme == other.scheme
            && self.policy == other.policy
            && self.clock.is_same(&other.clock)
            && std::ptr::fn_addr_eq(self.random, other.random)
            && self.label.is_same(&other.label)
    }
}
