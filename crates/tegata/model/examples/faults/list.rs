//! What can be broken in the cache, and who notices.

/// A group of tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suite {
    /// The model check.
    Races,
    /// The schedules of simulated hours.
    Schedule,
    /// The cache's own tests.
    Cache,
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

use Suite::{Cache, Races, Schedule};

const CLIENT_CREDENTIALS: &str = "client_credentials_keep_every_promise";
const ROTATING: &str = "a_rotating_refresh_token_without_a_store_keeps_every_promise";
const GOES_ON_IN_MEMORY: &str =
    "a_source_that_needs_no_store_goes_on_in_memory_and_the_token_is_saved_when_the_store_works";
const NEEDED: &str = "nothing_is_renewed_without_a_store_that_is_needed";
const STORED: &str = "a_rotating_refresh_token_in_a_shared_store_keeps_every_promise";

pub(crate) const FAULTS: &[Fault] = &[
    Fault {
        name: "no second look at the token under the lock",
        file: "cache/shared.rs",
        before: "&& current.freshness(self.clock.now()) != Freshness::Expired\n        {",
        after: "&& refused == Some(u64::MAX)\n        {",
        noticed_by: &[(Races, "cold_callers_share_one_request")],
    },
    Fault {
        name: "the flight ends before its token is published",
        file: "cache/renewal.rs",
        before: "let issued = self.source.issue(renewal).await?;",
        after: "let issued = self.source.issue(renewal).await?; self.lock().running = None;",
        noticed_by: &[(Races, "cold_callers_share_one_request")],
    },
    Fault {
        name: "a refusal counts whatever token it is about",
        file: "cache/shared.rs",
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
        name: "a flight that vanishes does not land",
        file: "cache/flight.rs",
        before: "if self.landed {",
        after: "if !self.landed || self.landed {",
        noticed_by: &[
            (Races, "callers_survive_whatever_the_endpoint_does"),
            (Races, "a_runtime_takes_no_caller_of_another_with_it"),
            (Races, "no_rotated_refresh_token_is_lost_with_a_runtime"),
        ],
    },
    Fault {
        name: "a token that died before its flight landed is handed out",
        file: "cache/shared.rs",
        before: "Some(Ok(current)) if self.is_usable(&current) => {",
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
        ],
    },
    Fault {
        name: "a refusal leaves the copies of other threads good",
        file: "cache/shared.rs",
        before: "            current.refuse();\n            self.epoch.end();\n        }\n        let mut flight",
        after: "            current.refuse();\n        }\n        let mut flight",
        noticed_by: &[(Races, "a_refused_token_is_never_handed_out_again")],
    },
    Fault {
        name: "a copy is numbered after it was read",
        file: "cache/local.rs",
        before: "        let epoch = self.now.load(Ordering::SeqCst);\n        let Some(current) = current().filter(|current| !current.is_refused()) else {\n            return;\n        };\n",
        after: "        let Some(current) = current().filter(|current| !current.is_refused()) else {\n            return;\n        };\n        let epoch = self.now.load(Ordering::SeqCst);\n",
        noticed_by: &[(Races, "a_refused_token_is_never_handed_out_again")],
    },
    Fault {
        name: "a channel is made of an old value",
        file: "cache/watched.rs",
        before: "let mut state = self.lock();\n        match &mut *state {\n            State::Alone(value) => {\n                let sender",
        after: "let value = &self.borrow();\n        let mut state = self.lock();\n        match &mut *state {\n            State::Alone(_) => {\n                let sender",
        noticed_by: &[(Races, "no_renewal_slips_in_while_the_cache_shuts_down")],
    },
    Fault {
        name: "a change is kept from those who watch",
        file: "cache/watched.rs",
        before: "sender.send_if_modified(modify);",
        after: "sender.send_if_modified(|value| modify(value) && false);",
        noticed_by: &[(Races, "nobody_who_watches_misses_a_renewal")],
    },
    Fault {
        name: "a renewal can begin while the cache shuts down",
        file: "cache/shared.rs",
        before: "            let _flight = self.lock();\n",
        after: "",
        noticed_by: &[(Races, "no_renewal_slips_in_while_the_cache_shuts_down")],
    },
    Fault {
        name: "a flight is started under the lock",
        file: "cache/shared.rs",
        before: "        drop(flight);\n        start();\n        Ok(",
        after: "        start();\n        drop(flight);\n        Ok(",
        noticed_by: &[(Races, "a_runtime_takes_no_caller_of_another_with_it")],
    },
    Fault {
        name: "an issued token is not kept until it is published",
        file: "cache/renewal.rs",
        before: "        self.keep(Some(token.clone()));\n",
        after: "",
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
        file: "cache/renewal.rs",
        before: "let lease = store\n            .lease(self.policy.deadline + SAVE_DEADLINE + LEASE_RESERVE)\n            .await?;",
        after: "let lease = Lease::unneeded();",
        noticed_by: &[
            (Races, "caches_on_one_store_spend_no_refresh_token_twice"),
            (Cache, "without_the_lease_nothing_is_exchanged"),
        ],
    },
    Fault {
        name: "no second look into the store under the lease",
        file: "cache/renewal.rs",
        before: "let (known, stored) = self.look(store, previous).await?;\n        Ok((known, stored, lease))",
        after: "Ok((known, stored, lease))",
        noticed_by: &[(Races, "caches_on_one_store_spend_no_refresh_token_twice")],
    },
    Fault {
        name: "client credentials wait for a store that fails",
        file: "cache/renewal.rs",
        before: "if self.source.is_self_sufficient() && !store.is_required()",
        after: "if false",
        noticed_by: &[(Cache, GOES_ON_IN_MEMORY)],
    },
    Fault {
        name: "nobody waits for a store that fails, not even a refresh token",
        file: "cache/renewal.rs",
        before: "if self.source.is_self_sufficient() && !store.is_required()",
        after: "if !store.is_required()",
        noticed_by: &[(Cache, NEEDED)],
    },
    Fault {
        name: "a store that is required is not",
        file: "cache/renewal.rs",
        before: "if self.source.is_self_sufficient() && !store.is_required()",
        after: "if self.source.is_self_sufficient()",
        noticed_by: &[(Cache, NEEDED)],
    },
    Fault {
        name: "without the store a refresh token in memory is sent",
        file: "cache/renewal.rs",
        before: "None => self.exchange(None, previous).await",
        after: "None => self.exchange(self.newest_known(previous), previous).await",
        noticed_by: &[(Cache, GOES_ON_IN_MEMORY)],
    },
    Fault {
        name: "what could not be read is overwritten",
        file: "cache/renewal.rs",
        before: "None => Saved::No,",
        after: "None => self.save(&token).await,",
        noticed_by: &[(Cache, GOES_ON_IN_MEMORY)],
    },
    Fault {
        name: "a plain no is a failure like any other",
        file: "cache/backoff.rs",
        before: "let pause = if is_final {",
        after: "let pause = if is_final && false {",
        noticed_by: &[
            (Races, "a_plain_no_stands_until_the_cache_is_invalidated"),
            (Schedule, CLIENT_CREDENTIALS),
        ],
    },
    Fault {
        name: "a token is handed out after it has expired",
        file: "policy.rs",
        before: "expires_at.checked_sub(margin)",
        after: "expires_at.checked_add(margin)",
        noticed_by: &[(Schedule, CLIENT_CREDENTIALS)],
    },
    Fault {
        name: "the last resort may have expired",
        file: "cache/shared.rs",
        before: "!current.is_refused() && !current.is_expired(self.clock.now())",
        after: "!current.is_refused()",
        noticed_by: &[(Schedule, CLIENT_CREDENTIALS)],
    },
    Fault {
        name: "the last resort may have been refused",
        file: "cache/shared.rs",
        before: "!current.is_refused() && !current.is_expired(self.clock.now())",
        after: "!current.is_expired(self.clock.now())",
        noticed_by: &[(Schedule, CLIENT_CREDENTIALS)],
    },
    Fault {
        name: "a second renewal in the background",
        file: "cache/shared.rs",
        before: "if flight.running.is_some() || self.tasks",
        after: "if self.tasks",
        noticed_by: &[(Schedule, CLIENT_CREDENTIALS)],
    },
    Fault {
        name: "the server's longer pause is not heeded",
        file: "cache/backoff.rs",
        before: "pause.max(asked)",
        after: "pause",
        noticed_by: &[
            (Schedule, CLIENT_CREDENTIALS),
            (Cache, "the_wish_of_a_server_to_be_left_alone_is_granted"),
        ],
    },
    Fault {
        name: "no pause after a failure",
        file: "cache/backoff.rs",
        before: ".mul_f64(random.clamp(0.0, 1.0))",
        after: ".mul_f64(0.0)",
        noticed_by: &[
            (Schedule, CLIENT_CREDENTIALS),
            (
                Cache,
                "a_source_that_only_issues_dead_tokens_is_asked_once_a_pause",
            ),
        ],
    },
    Fault {
        name: "pauses without end",
        file: "cache/backoff.rs",
        before: "doubled.min(longest)",
        after: "doubled",
        noticed_by: &[(
            Cache,
            "ten_thousand_callers_make_one_try_a_pause_and_are_served_within_a_second_of_a_recovery",
        )],
    },
    Fault {
        name: "no rest after a success",
        file: "cache/backoff.rs",
        before: "is_early || self",
        after: "self",
        noticed_by: &[(Schedule, ROTATING), (Schedule, STORED)],
    },
    Fault {
        name: "callers wait for the next token while the last is good",
        file: "policy.rs",
        before: "if now >= stale_at => Freshness::Stale",
        after: "if now >= stale_at => Freshness::Expired",
        noticed_by: &[
            (Schedule, CLIENT_CREDENTIALS),
            (Cache, "while_a_token_is_good_no_outage_harms_a_caller"),
        ],
    },
    Fault {
        name: "an answer without a refresh token loses the old one",
        file: "token.rs",
        before: "Refresh::Keep => previous\n                .map(",
        after: "Refresh::Keep => previous.filter(|_| false)\n                .map(",
        noticed_by: &[(Schedule, ROTATING), (Schedule, STORED)],
    },
    Fault {
        name: "a failed save is not repeated",
        file: "cache/shared.rs",
        before: "                task.0.save_until_done(renewed.saved).await;\n",
        after: "                drop(renewed.saved);\n",
        noticed_by: &[(Schedule, STORED)],
    },
    Fault {
        name: "a token is published before it is saved",
        file: "cache/renewal.rs",
        before: "                let saved = match &lease {\n                    Some(_) => self.save(&token).await,\n                    None => Saved::No,\n                };\n                Renewed::of(self.accept(token, previous, refused), saved)",
        after: "                let accepted = self.accept(token.clone(), previous, refused);\n                Renewed::of(accepted, self.save(&token).await)",
        noticed_by: &[
            (Schedule, STORED),
            (
                Cache,
                "lease_load_exchange_save_publish_and_only_then_give_the_lease_back",
            ),
        ],
    },
    Fault {
        name: "a dead token is thrown away, and its refresh token with it",
        file: "cache/renewal.rs",
        before: "        let current = self.publish(token, same)?;\n",
        after: "        if expired {\n            self.keep(None);\n            return Err(Error::new(ErrorKind::ExpiredToken, \"dead\"));\n        }\n        let current = self.publish(token, same)?;\n",
        noticed_by: &[
            (Schedule, ROTATING),
            (
                Cache,
                "a_token_that_is_issued_dead_is_one_error_and_one_request",
            ),
        ],
    },
    Fault {
        name: "a lifetime counts from the answer",
        file: "cache/renewal.rs",
        before: "let token = Token::new(issued, now, known.as_ref());",
        after: "let token = Token::new(issued, self.clock.now(), known.as_ref());",
        noticed_by: &[
            (Schedule, CLIENT_CREDENTIALS),
            (Cache, "lifetime_counts_from_before_the_request"),
        ],
    },
    Fault {
        name: "no deadline for a renewal",
        file: "cache/renewal.rs",
        before: "timeout(self.policy.deadline, self.obtain(previous))",
        after: "timeout(self.policy.deadline * 10, self.obtain(previous))",
        noticed_by: &[
            (Schedule, CLIENT_CREDENTIALS),
            (
                Cache,
                "a_source_that_hangs_is_ended_by_the_deadline_and_asked_afresh",
            ),
        ],
    },
    Fault {
        name: "after an invalid grant the store is not read again",
        file: "cache/renewal.rs",
        before: "if error.code() == Some(\"invalid_grant\")",
        after: "if error.code() == Some(\"no such code\")",
        noticed_by: &[(
            Cache,
            "after_an_invalid_grant_the_store_is_read_once_more_before_giving_up",
        )],
    },
    Fault {
        name: "a panic is told to nobody",
        file: "cache/flight.rs",
        before: "            self.land_and_tell(Err(error.clone()), RenewalOutcome::Failed(error));",
        after: "            self.end(Some(Err(error)));",
        noticed_by: &[(
            Cache,
            "a_panic_of_the_source_is_told_and_fails_all_who_wait",
        )],
    },
    Fault {
        name: "chance is drawn at every look",
        file: "cache/current.rs",
        before: "        self.window.freshness(now)\n",
        after: "        Window::of(&self.token(), &RenewalPolicy::default(), crate::random::fraction()).freshness(now)\n",
        noticed_by: &[(
            Cache,
            "chance_is_drawn_once_for_a_token_and_only_shortens_its_window",
        )],
    },
    Fault {
        name: "a window wider than a quarter of the lifetime",
        file: "policy.rs",
        before: "            .min(lifetime / 4)\n",
        after: "            .min(lifetime)\n",
        noticed_by: &[(
            Cache,
            "a_short_token_is_renewed_no_more_often_than_once_in_a_quarter_of_its_lifetime",
        )],
    },
];
