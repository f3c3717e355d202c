//! Faults in the results for callers.

use super::Suite::{Cache, Races, Schedule, Transport};
use super::{CLIENT_CREDENTIALS, Fault, LATE_IN_THE_CACHE, ROTATING, STORED, UNSAVED};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "no second look at the token under the lock",
        file: "token/shared.rs",
        before: "&& current.freshness(self.clock.now()) != Freshness::Expired\n        {",
        after: "&& refused == Some(u64::MAX)\n        {",
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
        file: "token/task.rs",
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
                "a_token_that_expires_before_its_waiter_wakes_is_not_used",
            ),
        ],
    },
    Fault {
        name: "a change is not reported to watchers",
        file: "token/shared.rs",
        before: "        flight.generation = generation;\n        drop(flight);\n        self.changed.notify_waiters();\n",
        after: "        flight.generation = generation;\n        drop(flight);\n",
        noticed_by: &[(Races, "no_waiter_misses_the_next_token")],
    },
    Fault {
        name: "a new watcher reads the state before it subscribes",
        file: "token/shared.rs",
        before: "            let changed = self.changed.notified();\n            let found = ready(&self.lock());\n",
        after: "            let found = ready(&self.lock());\n            let changed = self.changed.notified();\n",
        noticed_by: &[(Races, "no_waiter_misses_the_next_token")],
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
        file: "token/task.rs",
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
            (Cache, "a_shutdown_saves_an_unsaved_token_or_fails"),
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
        before: "timeout(self.timing.deadline, renewed)",
        after: "timeout(self.timing.deadline * 10, renewed)",
        noticed_by: &[
            (Schedule, ROTATING),
            (Schedule, STORED),
            (Cache, LATE_IN_THE_CACHE),
        ],
    },
    Fault {
        name: "the lease is given back while a renewal relies on it",
        file: "token/task.rs",
        before: "if flight.is_unsaved || flight.needs_its_lease {",
        after: "if flight.is_unsaved {",
        noticed_by: &[
            (Races, UNSAVED),
            (
                Cache,
                "the_lease_outlasts_a_renewal_that_began_while_unsaved",
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
        name: "an adopted token that is refused is the end",
        file: "token/cache.rs",
        before: "current.is_adopted && current",
        after: "false && current",
        noticed_by: &[(
            Transport,
            "a_refused_adopted_token_is_followed_by_one_real_renewal",
        )],
    },
    Fault {
        name: "a request is sent as often as another credential is found",
        file: "request/transport.rs",
        before: "            is_first = false;\n",
        after: "",
        noticed_by: &[(Transport, "three_requests_are_the_most_whatever_is_found")],
    },
    Fault {
        name: "an old logout drops a newer token",
        file: "token/shared.rs",
        before: "if newest.is_some_and(|newest| !is_news(&logged_out, newest)) {",
        after: "if newest.is_some_and(|_| false) {",
        noticed_by: &[(Cache, "an_old_logout_from_a_backup_costs_no_refresh_token")],
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
        name: "after a denial the store is read more often than once a pause",
        file: "token/backoff.rs",
        before: "let pause = if stands {",
        after: "let pause = if stands && false {",
        noticed_by: &[(Cache, "after_a_denial_the_store_is_read_once_a_pause")],
    },
    Fault {
        name: "a token is handed out after it has expired",
        file: "token/policy.rs",
        before: "expires_at.checked_sub(leeway)",
        after: "expires_at.checked_add(leeway)",
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
        name: "the server's Retry-After is ignored",
        file: "token/backoff.rs",
        before: "pause.max(asked.min(LONGEST_RETRY_AFTER))",
        after: "pause",
        noticed_by: &[
            (Schedule, CLIENT_CREDENTIALS),
            (Cache, "a_servers_retry_after_is_respected"),
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
            "ten_thousand_callers_make_one_try_a_pause_until_a_recovery",
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
        name: "a panic is reported to no observer",
        file: "token/task.rs",
        before: "                self.land(Err(error.clone()), RenewalOutcome::Failed(error));",
        after: "                self.end(Some(Err(error)));",
        noticed_by: &[(
            Cache,
            "a_panic_of_the_source_is_reported_and_fails_all_waiters",
        )],
    },
    Fault {
        name: "chance is drawn at every look",
        file: "token/current.rs",
        before: "        Freshness::at(now, self.edges)\n",
        after: "        let edges = Timing::default().edges(&self.token, crate::random::fraction());\n        Freshness::at(now, edges)\n",
        noticed_by: &[(
            Cache,
            "jitter_is_drawn_once_a_token_and_only_shortens_its_window",
        )],
    },
    Fault {
        name: "a window wider than a quarter of the lifetime",
        file: "token/policy.rs",
        before: "            .min(lifetime / 4)\n",
        after: "            .min(lifetime)\n",
        noticed_by: &[(
            Cache,
            "a_short_token_is_renewed_once_a_quarter_lifetime_at_most",
        )],
    },
];
