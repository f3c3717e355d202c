//! Faults of decisions, saves and logouts.

use super::Suite::{Cache, Races, Schedule};
use super::{
    BACK_IN_TIME, BACK_IN_TIME_IN_THE_CACHE, DECIDES, ENDED, ENDED_IN_THE_CACHE, Fault,
    GOES_ON_IN_MEMORY, STORED, UNSAVED,
};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "an older record is adopted",
        file: "token/decision.rs",
        before: "stored.version() >= memory.version()",
        after: "stored.version() >= memory.version() || true",
        noticed_by: &[
            (Races, BACK_IN_TIME),
            (Schedule, STORED),
            (Cache, BACK_IN_TIME_IN_THE_CACHE),
            (Cache, DECIDES),
        ],
    },
    Fault {
        name: "a tie is won by memory",
        file: "token/decision.rs",
        before: "stored.version() >= memory.version()",
        after: "stored.version() > memory.version()",
        noticed_by: &[
            (
                Cache,
                "a_lost_lease_is_retaken_and_another_process_s_token_adopted",
            ),
            (Cache, DECIDES),
        ],
    },
    Fault {
        name: "versions do not count up",
        file: "token/decision.rs",
        before: "newest.saturating_add(1)",
        after: "newest",
        noticed_by: &[
            (Cache, "the_next_version_is_above_all_that_are_known"),
            (Cache, BACK_IN_TIME_IN_THE_CACHE),
        ],
    },
    Fault {
        name: "the stored token is sent before a newer one in memory",
        file: "token/decision.rs",
        before: "let in_order = if self.is_outdated(self.stored) {",
        after: "let in_order = if false {",
        noticed_by: &[(Races, BACK_IN_TIME), (Schedule, STORED), (Cache, DECIDES)],
    },
    Fault {
        name: "what the store has lost is not saved again",
        file: "token/decision.rs",
        before: "if self.has_store && !stored.is_some_and(|stored| stored.is_same(token)) {",
        after: "if false {",
        noticed_by: &[
            (Cache, DECIDES),
            (Cache, "the_first_token_is_saved_before_it_is_used"),
        ],
    },
    Fault {
        name: "a failed save gives the lease back",
        file: "token/saving.rs",
        before: "saved.await.unwrap_or_else(|| Err(took_too_long()))?;",
        after: "if let Err(error) = saved.await.unwrap_or_else(|| Err(took_too_long())) {\n                *lease = None;\n                return Err(error);\n            }",
        noticed_by: &[
            (Races, UNSAVED),
            (Schedule, STORED),
            (
                Cache,
                "a_failed_save_is_repeated_at_once_under_the_same_lease",
            ),
            (Cache, "while_the_newest_token_is_unsaved_the_lease_is_kept"),
        ],
    },
    Fault {
        name: "the lease is not prolonged before a save is repeated",
        file: "token/saving.rs",
        before: "held.prolong(self.lease_lifetime()).await",
        after: "Ok::<(), Error>(drop(&*held))",
        noticed_by: &[(
            Cache,
            "a_failed_save_is_repeated_at_once_under_the_same_lease",
        )],
    },
    Fault {
        name: "the lease is not prolonged while a save hangs",
        file: "token/saving.rs",
        before: "let saved = self.under_lease(lease, Duration::MAX, store.save(&newest));",
        after: "let mut no_lease = None;\n            let saved = self.under_lease(&mut no_lease, Duration::MAX, store.save(&newest));",
        noticed_by: &[
            (Schedule, STORED),
            (Cache, "the_lease_is_prolonged_as_long_as_a_save_hangs"),
        ],
    },
    Fault {
        name: "a code is spent though the store cannot be used",
        file: "token/login.rs",
        before: "            check_owner(self.owner().as_ref(), stored.as_ref())?;\n            drop(lease);\n",
        after: "            drop((stored, lease));\n",
        noticed_by: &[(Cache, "no_code_is_spent_if_the_store_cannot_be_used")],
    },
    Fault {
        name: "callers wait for a stalled save without limit",
        file: "token/saving.rs",
        before: "left.clamp(SHORTEST_WAIT, LONGEST_WAIT)",
        after: "left.max(LONGEST_WAIT * 60)",
        noticed_by: &[(
            Cache,
            "no_caller_waits_beyond_its_deadline_for_a_save_that_stalls",
        )],
    },
    Fault {
        name: "a failed save is not repeated",
        file: "token/saving.rs",
        before: "if is_saved || is_closing {",
        after: "if is_first || is_saved || !is_closing {",
        noticed_by: &[
            (Schedule, STORED),
            (
                Cache,
                "a_failed_save_harms_no_caller_and_is_retried_until_it_works",
            ),
        ],
    },
    Fault {
        name: "a token is published before it is saved",
        file: "token/saving.rs",
        before: "        let (mut pause, longest) = PAUSE;\n",
        after: "        self.land_with(&obtained, true);\n        let (mut pause, longest) = PAUSE;\n",
        noticed_by: &[
            (Schedule, STORED),
            (
                Cache,
                "the_order_is_lease_load_exchange_save_publish_release",
            ),
        ],
    },
    Fault {
        name: "what was saved while the lease was lost is overwritten",
        file: "token/saving.rs",
        before: "let theirs = stored.and_then(|stored| self.give_way(stored, session));",
        after: "let _ = session;\n            let theirs = stored.and_then(|_| None);",
        noticed_by: &[
            (
                Cache,
                "a_lost_lease_is_retaken_and_another_process_s_token_adopted",
            ),
            (Cache, "a_logout_while_the_lease_was_lost_is_respected"),
        ],
    },
    Fault {
        name: "the record of another account is overwritten under a new lease",
        file: "token/saving.rs",
        before: "            if let Err(error) = check_owner(self.owner().as_ref(), stored.as_ref()) {\n                *lease = None;\n",
        after: "            if let Err(error) = check_owner(None, stored.as_ref()) {\n                *lease = None;\n",
        noticed_by: &[(Cache, "another_accounts_record_is_kept_after_a_lost_lease")],
    },
    Fault {
        name: "a handed-over token is not tried after the stored one",
        file: "token/decision.rs",
        before: "            candidates.insert(place, (handed_over, None));",
        after: "            if place == 0 {\n                candidates.insert(place, (handed_over, None));\n            }",
        noticed_by: &[
            (
                Cache,
                "a_supplied_token_is_used_once_the_stored_one_is_denied",
            ),
            (Cache, DECIDES),
        ],
    },
    Fault {
        name: "a login loses against a later record",
        file: "token/decision.rs",
        before: "let is_first = self.is_login || (self.memory.is_none() && is_newest);",
        after: "let is_first = self.memory.is_none() && is_newest;",
        noticed_by: &[(Cache, DECIDES)],
    },
    Fault {
        name: "an older refresh token is sent whatever the newer was refused for",
        file: "token/decision.rs",
        before: "Some(error) if !is_end_of_session(&error) => return",
        after: "Some(error) if !is_end_of_session(&error) && false => return",
        noticed_by: &[(Schedule, STORED), (Cache, DECIDES)],
    },
    Fault {
        name: "a foreign owner is not looked at",
        file: "token/decision.rs",
        before: "if ours != theirs =>",
        after: "if ours != theirs && false =>",
        noticed_by: &[
            (
                Cache,
                "a_stored_token_of_another_account_is_an_error_that_says_so",
            ),
            (Cache, "a_record_is_used_by_its_owner_alone"),
        ],
    },
    Fault {
        name: "a logout in the store is ignored",
        file: "token/decision.rs",
        before: "stored.or(self.memory)?.deleted_at()",
        after: "stored.or(self.memory)?.deleted_at().filter(|_| false)",
        noticed_by: &[
            (Races, "a_logout_by_another_process_is_not_undone"),
            (Schedule, STORED),
            (
                Cache,
                "a_client_that_lives_does_not_write_a_deleted_token_back",
            ),
            (Cache, DECIDES),
        ],
    },
    Fault {
        name: "a logout leaves the token with callers",
        file: "token/login.rs",
        before: "            flight.handed_over = None;\n            self.current.store(None);\n",
        after: "            flight.handed_over = None;\n",
        noticed_by: &[
            (
                Races,
                "after_a_logout_no_renewal_under_way_brings_the_token_back",
            ),
            (
                Cache,
                "after_a_logout_the_token_is_gone_from_memory_and_store",
            ),
        ],
    },
    Fault {
        name: "the mark of an ended session is ignored",
        file: "token/decision.rs",
        before: ".filter(|stored| stored.is_ended() && !self.ignores_ended)",
        after: ".filter(|stored| stored.is_ended() && false)",
        noticed_by: &[
            (Races, ENDED),
            (Schedule, STORED),
            (Cache, ENDED_IN_THE_CACHE),
            (Cache, DECIDES),
        ],
    },
    Fault {
        name: "what could not be read is overwritten",
        file: "token/saving.rs",
        before: "            self.hold(store, lease).await?;\n",
        after: "            *lease = Some(Lease::unneeded());\n",
        noticed_by: &[(Cache, GOES_ON_IN_MEMORY)],
    },
];
