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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::spec::Placement;

    fn common(change: impl FnOnce(&mut Common)) -> Common {
        let mut common = Common {
            scheme: Scheme {
                name: "OAuth2",
                placement: Placement::Bearer,
            },
            clock: SharedClock::default(),
            policy: RenewalPolicy::default(),
            random: || 0.5,
            label: Label::default(),
        };
        change(&mut common);
        common
    }

    #[test]
    fn what_caches_have_in_common_is_equal_if_it_is_the_same_in_every_respect() {
        let random: fn() -> f64 = || 0.25;
        let like = |common: &mut Common| common.random = random;
        assert!(common(like) == common(like));
        let others: [fn(&mut Common); 5] = [
            |common| common.scheme.name = "another",
            |common| common.policy.deadline = Duration::from_secs(7),
            |common| common.clock = SharedClock::new(crate::SystemClock),
            |common| common.random = || 0.75,
            |common| common.label.provider = "another",
        ];
        for (number, change) in others.into_iter().enumerate() {
            let other = common(|common| {
                like(common);
                change(common);
            });
            assert!(common(like) != other, "{number}");
        }
    }
}
