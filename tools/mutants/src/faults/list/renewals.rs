//! Faults of renewals.

use super::Suite::{Cache, Races, Schedule};
use super::{
    CLIENT_CREDENTIALS, ENDED, ENDED_IN_THE_CACHE, Fault, GOES_ON_IN_MEMORY, LATE_IN_THE_CACHE,
    NEEDED, ROTATING, STORED, TWO_CACHES,
};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "a renewal ends before its token is published",
        file: "token/renewal.rs",
        before: "let issued = self.answered(answer, spends, lease).await;",
        after: "let issued = self.answered(answer, spends, lease).await;\n        shared.lock().running = None;",
        noticed_by: &[(Races, "cold_callers_share_one_request")],
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
                "a_runtime_that_ends_before_the_save_loses_no_refresh_token",
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
                "an_answer_after_its_callers_deadline_is_published_and_saved",
            ),
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
            "a_hanging_source_is_cut_off_at_the_deadline_and_asked_again",
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
            "a_lost_lease_stops_refresh_tokens_that_others_may_have",
        )],
    },
    Fault {
        name: "time while the process is stopped counts as waiting",
        file: "token/renewal.rs",
        before: "let step = left.min(lifetime / 4);",
        after: "let step = left;",
        noticed_by: &[(
            Cache,
            "an_answer_is_read_after_the_process_was_stopped_for_hours",
        )],
    },
    Fault {
        name: "a required store does not stop the next renewal while unsaved",
        file: "token/renewal.rs",
        before: "} else if store.is_some_and(TokenStore::is_required) {\n",
        after: "} else if false {\n",
        noticed_by: &[(
            Cache,
            "a_required_store_holds_renewals_until_the_last_one_is_saved",
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
                "a_refresh_token_beside_an_unusable_access_token_is_saved",
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
                "after_an_unreadable_answer_a_refresh_token_is_sent_once_more",
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
        name: "a record without an owner is not marked",
        file: "token/renewal.rs",
        before: "        record.owner().is_none() && self.owner().is_some()\n",
        after: "        record.owner().is_none() && self.owner().is_some() && false\n",
        noticed_by: &[(Cache, "a_record_without_an_owner_is_taken_once_and_marked")],
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
        noticed_by: &[(Cache, "a_session_ends_even_if_its_end_cannot_be_marked")],
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
        name: "a denial is not remembered",
        file: "token/renewal.rs",
        before: "let is_denied = error.is_denied() || is_second;",
        after: "let is_denied = is_second;",
        noticed_by: &[
            (Races, "a_denial_stands_until_the_cache_is_invalidated"),
            (Schedule, CLIENT_CREDENTIALS),
            (Cache, "a_denial_is_not_retried_until_things_have_changed"),
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
        noticed_by: &[(Cache, "after_an_invalid_grant_the_store_is_read_once_more")],
    },
    Fault {
        name: "a refusal of former credentials stands for the new",
        file: "token/flight.rs",
        before: "        if self.credentials == now {",
        after: "        if self.credentials <= now {",
        noticed_by: &[(
            Cache,
            "a_failure_with_the_former_does_not_count_for_the_new",
        )],
    },
    Fault {
        name: "an ended grant is sent once more with other credentials",
        file: "token/flight.rs",
        before: "        self.denied.retain(|(_, error)| !is_probed(error));",
        after: "        self.denied.clear();",
        noticed_by: &[(Cache, "an_ended_grant_is_not_sent_with_new_credentials")],
    },
    Fault {
        name: "a refusal that arrives after the replacement ends the renewal",
        file: "token/renewal.rs",
        before: "is_probed(&error) && shared.source.credentials() != credentials =>",
        after: "is_probed(&error) && shared.source.credentials() < credentials =>",
        noticed_by: &[(
            Cache,
            "a_renewal_that_is_denied_after_the_replacement_asks_again",
        )],
    },
];
