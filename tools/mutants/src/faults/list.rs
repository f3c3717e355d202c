//! What can be broken in the cache, and who notices.

/// A group of tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suite {
    /// The model check.
    Races,
    /// The schedules of simulated hours.
    Schedule,
    /// The tests beside the source.
    Cache,
    /// The way of a request over real HTTP.
    Transport,
}

/// A change that breaks a promise.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    /// Under `crates/tegata/src`.
    pub(crate) file: &'static str,
    pub(crate) before: &'static str,
    pub(crate) after: &'static str,
    /// Tests that fail for it.
    pub(crate) noticed_by: &'static [(Suite, &'static str)],
}

use Suite::{Cache, Races, Schedule, Transport};

const CLIENT_CREDENTIALS: &str = "client_credentials_keep_every_promise";
const ROTATING: &str = "a_rotating_refresh_token_without_a_store_keeps_every_promise";
const STORED: &str = "a_rotating_refresh_token_in_a_shared_store_keeps_every_promise";
const GOES_ON_IN_MEMORY: &str =
    "a_source_that_needs_no_store_goes_on_in_memory_and_the_token_is_saved_when_the_store_works";
const NEEDED: &str = "nothing_is_renewed_without_a_store_that_is_needed";
const DECIDES: &str = "what_is_known_decides";
const LATE_IN_THE_CACHE: &str = "an_answer_after_the_deadline_of_all_callers_is_kept_and_saved";
const UNSAVED: &str = "while_a_token_is_unsaved_no_other_process_sends_a_refresh_token";
const BACK_IN_TIME: &str = "a_store_that_goes_back_in_time_does_no_harm_in_one_process";
const BACK_IN_TIME_IN_THE_CACHE: &str =
    "a_store_that_went_back_in_time_does_not_make_a_spent_token_the_newest";
const ENDED: &str = "the_refresh_token_of_an_ended_session_is_sent_once_by_all_processes_together";
const ENDED_IN_THE_CACHE: &str =
    "the_dead_refresh_token_of_an_ended_session_is_sent_by_one_process_only";
const TWO_CACHES: &str = "caches_on_one_store_spend_no_refresh_token_twice";

pub(crate) const FAULTS: &[Fault] = &[
    Fault {
        name: "no second look at the token under the lock",
        file: "token/shared.rs",
        before: "&& current.freshness(self.clock.now()) != Freshness::Expired\n        {",
        after: "&& refused == Some(u64::MAX)\n        {",
        noticed_by: &[(Races, "cold_callers_share_one_request")],
    },
    Fault {
        name: "a renewal ends before its token is published",
        file: "token/renewal.rs",
        before: "let issued = self.answered(answer, spends, lease).await;",
        after: "let issued = self.answered(answer, spends, lease).await;\n        shared.lock().running = None;",
        noticed_by: &[(Races, "cold_callers_share_one_request")],
    },
    Fault {
        name: "a refusal counts whatever token it is about",
        file: "token/shared.rs",
        before: "&& Some(current.generation()) == refused\n",
        after: "&& refused.is_some()\n",
        noticed_by: &[
            (
                Races,
                "an_early_renewal_and_a_refusal_at_once_leave_a_good_token",
            ),
            (Cache, "a_late_refusal_of_an_old_token_changes_nothing"),
        ],
    },
    Fault {
        name: "a renewal that vanishes does not end",
        file: "token/flight.rs",
        before: "        if !self.has_landed {\n            if panicking",
        after: "        if false {\n            if panicking",
        noticed_by: &[
            (Races, "callers_survive_whatever_the_endpoint_does"),
            (Races, "a_runtime_takes_no_caller_of_another_with_it"),
            (Races, "no_rotated_refresh_token_is_lost_with_a_runtime"),
        ],
    },
    Fault {
        name: "a token that died before its renewal ended is handed out",
        file: "token/shared.rs",
        before: "Some(Ok(current)) if current.is_usable(self.clock.now()) => {",
        after: "Some(Ok(current)) => {",
        noticed_by: &[
            (
                Races,
                "a_token_that_is_refused_at_once_is_handed_to_no_later_caller",
            ),
            (
                Races,
                "a_token_that_expires_at_once_is_handed_to_no_later_caller",
            ),
            (
                Cache,
                "a_token_that_dies_before_its_waiter_goes_on_is_not_handed_out",
            ),
        ],
    },
    Fault {
        name: "a change is kept from those who watch",
        file: "token/shared.rs",
        before: "        flight.generation = generation;\n        drop(flight);\n        self.changed.notify_waiters();\n",
        after: "        flight.generation = generation;\n        drop(flight);\n",
        noticed_by: &[(Races, "none_who_waits_for_the_next_token_misses_it")],
    },
    Fault {
        name: "who begins to watch looks before it listens",
        file: "token/shared.rs",
        before: "            let changed = self.changed.notified();\n            let found = ready(&self.lock());\n",
        after: "            let found = ready(&self.lock());\n            let changed = self.changed.notified();\n",
        noticed_by: &[(Races, "none_who_waits_for_the_next_token_misses_it")],
    },
    Fault {
        name: "a renewal can begin after a shutdown",
        file: "token/shared.rs",
        before: "        if flight.is_closing {\n",
        after: "        if false {\n",
        noticed_by: &[
            (Races, "no_renewal_slips_in_while_the_cache_shuts_down"),
            (
                Cache,
                "shutdown_waits_for_the_renewal_under_way_and_starts_no_other",
            ),
        ],
    },
    Fault {
        name: "a shutdown does not hear of the end of a renewal",
        file: "token/flight.rs",
        before: "        self.shared.changed.notify_waiters();\n",
        after: "",
        noticed_by: &[(Races, "shutdown_ends_and_no_renewal_begins_after_it")],
    },
    Fault {
        name: "a shutdown does not wait for the renewal under way",
        file: "token/shared.rs",
        before: "self.until(|flight| (flight.tasks == 0).then_some(flight.is_unsaved));",
        after: "self.until(|flight| (flight.tasks < 9).then_some(flight.is_unsaved));",
        noticed_by: &[
            (Races, "no_renewal_slips_in_while_the_cache_shuts_down"),
            (
                Cache,
                "shutdown_saves_what_could_not_be_saved_before_or_says_so",
            ),
        ],
    },
    Fault {
        name: "a renewal is started under the lock",
        file: "token/shared.rs",
        before: "        drop(flight);\n        start();\n        Ok(",
        after: "        start();\n        drop(flight);\n        Ok(",
        noticed_by: &[(Races, "a_runtime_takes_no_caller_of_another_with_it")],
    },
    Fault {
        name: "an issued token is not kept until it is published",
        file: "token/renewal.rs",
        before: "let obtained = self.keep(token, version, shared.store.is_some());",
        after: "let _ = version;\n        let obtained = Obtained {\n            token: Arc::new(token),\n            is_adopted: false,\n            flaw: None,\n        };",
        noticed_by: &[
            (Races, "no_rotated_refresh_token_is_lost_with_a_runtime"),
            (
                Cache,
                "a_runtime_that_ends_before_the_token_is_saved_loses_no_refresh_token",
            ),
        ],
    },
    Fault {
        name: "a token is exchanged without the lease",
        file: "token/renewal.rs",
        before: "Decision::SaveOurs(_) | Decision::Exchange { .. } => true,",
        after: "Decision::SaveOurs(_) | Decision::Exchange { .. } => false,",
        noticed_by: &[
            (Races, TWO_CACHES),
            (Cache, "without_the_lease_nothing_is_exchanged"),
        ],
    },
    Fault {
        name: "no second look into the store under the lease",
        file: "token/renewal.rs",
        before: "                // Another process may have renewed meanwhile.\n                continue;\n",
        after: "",
        noticed_by: &[(Races, TWO_CACHES)],
    },
    Fault {
        name: "the exchange is cut off at the deadline",
        file: "token/renewal.rs",
        before: "let answer = if spends {",
        after: "let answer = if spends && false {",
        noticed_by: &[
            (
                Races,
                "an_answer_after_the_deadline_of_its_callers_is_published_and_saved",
            ),
            (Schedule, ROTATING),
            (Schedule, STORED),
            (Cache, LATE_IN_THE_CACHE),
        ],
    },
    Fault {
        name: "a refresh token is sent again while its answer is awaited",
        file: "token/shared.rs",
        before: "                let why = \"the token was not renewed in time;",
        after: "                self.lock().running = None;\n                let why = \"the token was not renewed in time;",
        noticed_by: &[
            (Races, "callers_survive_whatever_the_endpoint_does"),
            (Schedule, ROTATING),
            (Schedule, STORED),
            (Cache, LATE_IN_THE_CACHE),
        ],
    },
    Fault {
        name: "a caller's timeout is lost",
        file: "token/shared.rs",
        before: "timeout(self.policy.deadline, renewed)",
        after: "timeout(self.policy.deadline * 10, renewed)",
        noticed_by: &[
            (Schedule, ROTATING),
            (Schedule, STORED),
            (Cache, LATE_IN_THE_CACHE),
        ],
    },
    Fault {
        name: "an exchange is waited for without end",
        file: "token/renewal.rs",
        before: "Duration::from_secs(600)",
        after: "Duration::from_secs(600_000)",
        noticed_by: &[(
            Cache,
            "an_exchange_that_never_ends_is_given_up_after_ten_minutes",
        )],
    },
    Fault {
        name: "an exchange that spends nothing outlasts its callers",
        file: "token/renewal.rs",
        before: "        sends && !self.source.is_self_sufficient()\n",
        after: "        sends || !self.source.is_self_sufficient()\n",
        noticed_by: &[(
            Cache,
            "a_source_that_hangs_is_ended_by_the_deadline_and_asked_afresh",
        )],
    },
    Fault {
        name: "the lease ends while an answer is awaited",
        file: "token/renewal.rs",
        before: "timeout(SHORT_LIMIT, self.prolong(lease)).await;",
        after: "timeout(SHORT_LIMIT, async { Ok::<(), Error>(()) }).await;\n            let _ = lease;",
        noticed_by: &[
            (Schedule, STORED),
            (Cache, "the_lease_is_prolonged_as_long_as_a_save_hangs"),
        ],
    },
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
                "a_lease_that_was_lost_is_taken_anew_and_the_token_of_another_process_adopted",
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
            (
                Cache,
                "as_long_as_the_newest_token_is_unsaved_no_other_process_gets_the_lease",
            ),
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
        name: "the next renewal while unsaved asks the store",
        file: "token/renewal.rs",
        before: "        if !flight.is_saving {\n",
        after: "        if true {\n",
        noticed_by: &[(
            Cache,
            "while_a_token_is_unsaved_the_next_renewal_needs_no_store",
        )],
    },
    Fault {
        name: "a blank refresh token replaces the good one",
        file: "provider/token_answer.rs",
        before: "put(name, text(name, |token| is_token(token)));",
        after: "put(name, text(name, |_| true));",
        noticed_by: &[(
            Cache,
            "a_refresh_token_is_a_text_that_is_not_blank_or_absent",
        )],
    },
    Fault {
        name: "a refresh token is sent while its lease is lost",
        file: "token/renewal.rs",
        before: "let why = if may_be_known {\n",
        after: "let why = if may_be_known && false {\n",
        noticed_by: &[(
            Cache,
            "while_the_lease_is_lost_no_refresh_token_is_sent_that_others_may_have_by_now",
        )],
    },
    Fault {
        name: "time while the process is stopped counts as waiting",
        file: "token/renewal.rs",
        before: "let step = left.min(lifetime / 4);",
        after: "let step = left;",
        noticed_by: &[(
            Cache,
            "an_answer_that_came_while_the_process_was_stopped_for_hours_is_read",
        )],
    },
    Fault {
        name: "a code is spent though the store cannot be used",
        file: "token/shared.rs",
        before: "            check_owner(self.owner().as_ref(), stored.as_ref())?;\n            drop(lease);\n",
        after: "            drop((stored, lease));\n",
        noticed_by: &[(Cache, "no_code_is_spent_if_the_store_cannot_be_used")],
    },
    Fault {
        name: "a required store does not stop the next renewal while unsaved",
        file: "token/renewal.rs",
        before: "} else if store.is_some_and(TokenStore::is_required) {\n",
        after: "} else if false {\n",
        noticed_by: &[(
            Cache,
            "a_store_that_is_required_stops_the_next_renewal_until_the_last_is_saved",
        )],
    },
    Fault {
        name: "the lease is given back while a renewal relies on it",
        file: "token/flight.rs",
        before: "if flight.is_unsaved || flight.needs_its_lease {",
        after: "if flight.is_unsaved {",
        noticed_by: &[
            (Races, UNSAVED),
            (
                Cache,
                "the_lease_is_kept_until_a_renewal_that_began_while_unsaved_has_ended",
            ),
        ],
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
                "a_failed_save_harms_no_caller_and_is_repeated_until_it_succeeds",
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
                "lease_load_exchange_save_publish_and_only_then_give_the_lease_back",
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
                "a_lease_that_was_lost_is_taken_anew_and_the_token_of_another_process_adopted",
            ),
            (Cache, "a_logout_while_the_lease_was_lost_is_respected"),
        ],
    },
    Fault {
        name: "the record of another account is overwritten under a new lease",
        file: "token/saving.rs",
        before: "            if let Err(error) = check_owner(self.owner().as_ref(), stored.as_ref()) {\n                *lease = None;\n",
        after: "            if let Err(error) = check_owner(None, stored.as_ref()) {\n                *lease = None;\n",
        noticed_by: &[(
            Cache,
            "what_another_account_saved_while_the_lease_was_lost_is_not_overwritten",
        )],
    },
    Fault {
        name: "the refresh token beside an unusable access token is thrown away",
        file: "token/renewal.rs",
        before: "let unusable = issued.unusable;",
        after: "let unusable = issued.unusable;\n        if let Some(reason) = unusable {\n            return Err(Error::new(ErrorKind::InvalidResponse, reason));\n        }",
        noticed_by: &[
            (Schedule, ROTATING),
            (Schedule, STORED),
            (
                Cache,
                "the_refresh_token_beside_an_unusable_access_token_is_kept_and_saved",
            ),
        ],
    },
    Fault {
        name: "an unreadable answer is asked for again for ever",
        file: "token/renewal.rs",
        before: "let is_second = is_unreadable && flight",
        after: "let is_second = false && flight",
        noticed_by: &[
            (Schedule, ROTATING),
            (Schedule, STORED),
            (
                Cache,
                "after_an_unreadable_answer_a_refresh_token_is_sent_once_more_and_no_more",
            ),
        ],
    },
    Fault {
        name: "a dead token is thrown away, and its refresh token with it",
        file: "token/renewal.rs",
        before: "        // Before anything else, for its refresh token may be the only good one from now on.\n",
        after: "        if token.is_expired(shared.clock.now()) {\n            return Err(Error::new(ErrorKind::ExpiredToken, \"dead\"));\n        }\n",
        noticed_by: &[
            (Schedule, ROTATING),
            (
                Cache,
                "a_token_that_is_issued_dead_is_one_error_and_one_request",
            ),
        ],
    },
    Fault {
        name: "an answer without a refresh token loses the old one",
        file: "token/value.rs",
        before: "Refresh::Keep => previous\n                .map(",
        after: "Refresh::Keep => previous.filter(|_| false)\n                .map(",
        noticed_by: &[(Schedule, ROTATING), (Schedule, STORED)],
    },
    Fault {
        name: "a handed-over token is not tried after the stored one",
        file: "token/decision.rs",
        before: "            candidates.insert(place, (handed_over, None));",
        after: "            if place == 0 {\n                candidates.insert(place, (handed_over, None));\n            }",
        noticed_by: &[
            (
                Cache,
                "a_handed_over_token_is_used_when_the_stored_one_is_refused_for_good",
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
        name: "a handed-over token that was exchanged is sent again",
        file: "token/flight.rs",
        before: "        self.handed_over.take_if(is_spent);\n",
        after: "        let _ = is_spent;\n",
        noticed_by: &[(
            Cache,
            "a_handed_over_token_that_was_exchanged_is_not_sent_again",
        )],
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
        name: "a record without an owner is not marked",
        file: "token/renewal.rs",
        before: "        record.owner().is_none() && self.owner().is_some()\n",
        after: "        record.owner().is_none() && self.owner().is_some() && false\n",
        noticed_by: &[(Cache, "a_record_without_an_owner_is_taken_once_and_marked")],
    },
    Fault {
        name: "an adopted token that is refused is the end",
        file: "token/cache.rs",
        before: "current.is_adopted && current",
        after: "false && current",
        noticed_by: &[(
            Transport,
            "an_adopted_token_that_is_refused_is_followed_by_one_real_renewal",
        )],
    },
    Fault {
        name: "a request is sent as often as another credential is found",
        file: "request/transport.rs",
        before: "            is_first = false;\n",
        after: "",
        noticed_by: &[(
            Transport,
            "three_requests_are_the_most_whatever_is_found_each_time",
        )],
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
        name: "an old logout drops a newer token",
        file: "token/shared.rs",
        before: "if newest.is_some_and(|newest| !is_news(&logged_out, newest)) {",
        after: "if newest.is_some_and(|_| false) {",
        noticed_by: &[(
            Cache,
            "an_old_logout_that_comes_back_with_a_backup_costs_no_refresh_token",
        )],
    },
    Fault {
        name: "a logout leaves the token with callers",
        file: "token/shared.rs",
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
        name: "a renewal publishes its token after a logout",
        file: "token/shared.rs",
        before: "        if flight.session != session {\n            return Err(logged_out());\n        }\n",
        after: "        let _ = session;\n",
        noticed_by: &[(
            Races,
            "after_a_logout_no_renewal_under_way_brings_the_token_back",
        )],
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
        name: "an ended session is not marked",
        file: "token/renewal.rs",
        before: "        let marked = stored.ended().with_owner(self.owner());\n",
        after: "        let marked = stored.with_owner(self.owner());\n",
        noticed_by: &[
            (Races, ENDED),
            (Schedule, STORED),
            (Cache, ENDED_IN_THE_CACHE),
        ],
    },
    Fault {
        name: "wrong client credentials mark a session as ended",
        file: "token/renewal.rs",
        before: "denied.as_ref() == refresh_token && error.needs_authorization()\n",
        after: "denied.as_ref() == refresh_token && error.code().is_some()\n",
        noticed_by: &[
            (Schedule, STORED),
            (
                Cache,
                "wrong_client_credentials_do_not_mark_a_session_as_ended",
            ),
        ],
    },
    Fault {
        name: "a renewal does not end as long as its mark hangs",
        file: "token/renewal.rs",
        before: "timeout(SHORT_LIMIT, store.save(&marked)).await",
        after: "timeout(SHORT_LIMIT * 100_000, store.save(&marked)).await",
        noticed_by: &[(
            Cache,
            "a_session_whose_end_cannot_be_marked_has_ended_all_the_same",
        )],
    },
    Fault {
        name: "client credentials wait for a store that fails",
        file: "token/renewal.rs",
        before: "if store.is_required() || !self.source.is_self_sufficient() {",
        after: "if true {",
        noticed_by: &[(Cache, GOES_ON_IN_MEMORY)],
    },
    Fault {
        name: "no renewal waits for a store that fails, not even with a refresh token",
        file: "token/renewal.rs",
        before: "if store.is_required() || !self.source.is_self_sufficient() {",
        after: "if store.is_required() {",
        noticed_by: &[(Cache, NEEDED)],
    },
    Fault {
        name: "a store that is required is not",
        file: "token/renewal.rs",
        before: "if store.is_required() || !self.source.is_self_sufficient() {",
        after: "if !self.source.is_self_sufficient() {",
        noticed_by: &[(Cache, NEEDED)],
    },
    Fault {
        name: "without the store a refresh token in memory is sent",
        file: "token/renewal.rs",
        before: "with.as_ref().filter(|_| !is_store_failing)",
        after: "with.as_ref()",
        noticed_by: &[(Cache, GOES_ON_IN_MEMORY)],
    },
    Fault {
        name: "what could not be read is overwritten",
        file: "token/saving.rs",
        before: "            self.hold(store, lease).await?;\n",
        after: "            *lease = Some(Lease::unneeded());\n",
        noticed_by: &[(Cache, GOES_ON_IN_MEMORY)],
    },
    Fault {
        name: "a plain no is not remembered",
        file: "token/renewal.rs",
        before: "let is_denied = error.is_denied() || is_second;",
        after: "let is_denied = is_second;",
        noticed_by: &[
            (Races, "a_plain_no_stands_until_the_cache_is_invalidated"),
            (Schedule, CLIENT_CREDENTIALS),
            (
                Cache,
                "a_plain_no_is_not_asked_for_again_until_things_have_changed",
            ),
        ],
    },
    Fault {
        name: "after a plain no the store is asked more often than once a pause",
        file: "token/backoff.rs",
        before: "let pause = if stands {",
        after: "let pause = if stands && false {",
        noticed_by: &[(
            Cache,
            "after_a_plain_no_the_store_is_looked_into_once_a_pause_however_many_call",
        )],
    },
    Fault {
        name: "a token is handed out after it has expired",
        file: "token/policy.rs",
        before: "expires_at.checked_sub(margin)",
        after: "expires_at.checked_add(margin)",
        noticed_by: &[(Schedule, CLIENT_CREDENTIALS)],
    },
    Fault {
        name: "the last resort may have expired",
        file: "token/current.rs",
        before: "!self.credential.is_refused() && !self.token.is_expired(now)",
        after: "!self.credential.is_refused()",
        noticed_by: &[(Schedule, CLIENT_CREDENTIALS)],
    },
    Fault {
        name: "the last resort may have been refused",
        file: "token/current.rs",
        before: "!self.credential.is_refused() && !self.token.is_expired(now)",
        after: "!self.token.is_expired(now)",
        noticed_by: &[(Schedule, CLIENT_CREDENTIALS)],
    },
    Fault {
        name: "a second renewal in the background",
        file: "token/shared.rs",
        before: "if flight.running.is_some()\n            || flight",
        after: "if flight",
        noticed_by: &[(Schedule, CLIENT_CREDENTIALS)],
    },
    Fault {
        name: "the server's longer pause is not heeded",
        file: "token/backoff.rs",
        before: "pause.max(asked.min(LONGEST_RETRY_AFTER))",
        after: "pause",
        noticed_by: &[
            (Schedule, CLIENT_CREDENTIALS),
            (Cache, "the_wish_of_a_server_to_be_left_alone_is_granted"),
        ],
    },
    Fault {
        name: "no pause after a failure",
        file: "token/backoff.rs",
        before: "doubled.min(longest).mul_f64(random)",
        after: "doubled.min(longest).mul_f64(0.0)",
        noticed_by: &[
            (Schedule, CLIENT_CREDENTIALS),
            (Cache, "a_source_that_is_down_is_asked_once_a_pause"),
        ],
    },
    Fault {
        name: "pauses without end",
        file: "token/backoff.rs",
        before: "doubled.min(longest)",
        after: "doubled",
        noticed_by: &[(
            Cache,
            "ten_thousand_callers_make_one_try_a_pause_and_are_served_within_a_second_of_a_recovery",
        )],
    },
    Fault {
        name: "no rest after a success",
        file: "token/backoff.rs",
        before: "is_early || self",
        after: "self",
        noticed_by: &[(Schedule, ROTATING), (Schedule, STORED)],
    },
    Fault {
        name: "callers wait for the next token while the last is good",
        file: "token/policy.rs",
        before: "if now >= stale_at => Self::Stale",
        after: "if now >= stale_at => Self::Expired",
        noticed_by: &[
            (Schedule, CLIENT_CREDENTIALS),
            (Cache, "while_a_token_is_good_no_outage_harms_a_caller"),
        ],
    },
    Fault {
        name: "a lifetime counts from the answer",
        file: "token/renewal.rs",
        before: "let token = Token::new(issued, sent_at, with);",
        after: "let token = Token::new(issued, shared.clock.now(), with);",
        noticed_by: &[
            (Schedule, CLIENT_CREDENTIALS),
            (Cache, "lifetime_counts_from_before_the_request"),
        ],
    },
    Fault {
        name: "after an invalid grant the store is not read again",
        file: "token/renewal.rs",
        before: "Err(error) if shared.is_denied(with.as_ref(), &error) => {}",
        after: "Err(error) if shared.is_denied(with.as_ref(), &error) && false => {}",
        noticed_by: &[(
            Cache,
            "after_an_invalid_grant_the_store_is_read_once_more_before_giving_up",
        )],
    },
    Fault {
        name: "a panic is reported to no observer",
        file: "token/flight.rs",
        before: "                self.land(Err(error.clone()), RenewalOutcome::Failed(error));",
        after: "                self.end(Some(Err(error)));",
        noticed_by: &[(
            Cache,
            "a_panic_of_the_source_is_reported_and_fails_all_who_wait",
        )],
    },
    Fault {
        name: "chance is drawn at every look",
        file: "token/current.rs",
        before: "        Freshness::at(now, self.edges)\n",
        after: "        let edges = RenewalPolicy::default().edges(&self.token, crate::random::fraction());\n        Freshness::at(now, edges)\n",
        noticed_by: &[(
            Cache,
            "chance_is_drawn_once_for_a_token_and_only_shortens_its_window",
        )],
    },
    Fault {
        name: "a window wider than a quarter of the lifetime",
        file: "token/policy.rs",
        before: "            .min(lifetime / 4)\n",
        after: "            .min(lifetime)\n",
        noticed_by: &[(
            Cache,
            "a_short_token_is_renewed_no_more_often_than_once_in_a_quarter_of_its_lifetime",
        )],
    },
];
