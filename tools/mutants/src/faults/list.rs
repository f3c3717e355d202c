//! The faults of the cache, and the tests that notice them.

mod callers;
mod renewals;
mod stores;

/// A group of tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suite {
    /// The model check.
    Races,
    /// The schedules of simulated hours.
    Schedule,
    /// The tests beside the source.
    Cache,
    /// Requests over real HTTP.
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

const CLIENT_CREDENTIALS: &str = "client_credentials_keep_every_promise";
const ROTATING: &str = "a_rotating_token_without_a_store_keeps_every_promise";
const STORED: &str = "a_rotating_token_in_a_shared_store_keeps_every_promise";
const GOES_ON_IN_MEMORY: &str = "without_its_store_a_source_goes_on_in_memory_and_saves_later";
const NEEDED: &str = "nothing_is_renewed_without_a_store_that_is_needed";
const DECIDES: &str = "what_is_known_decides";
const LATE_IN_THE_CACHE: &str = "an_answer_after_every_callers_deadline_is_kept_and_saved";
const UNSAVED: &str = "an_unsaved_token_keeps_other_processes_from_refreshing";
const BACK_IN_TIME: &str = "a_store_that_goes_back_in_time_does_no_harm_in_one_process";
const BACK_IN_TIME_IN_THE_CACHE: &str = "a_restored_store_does_not_make_a_spent_token_the_newest";
const ENDED: &str = "all_processes_send_a_dead_refresh_token_only_once";
const ENDED_IN_THE_CACHE: &str = "the_refresh_token_of_an_ended_session_is_sent_by_one_process";
const TWO_CACHES: &str = "caches_on_one_store_spend_no_refresh_token_twice";

/// All of them.
pub(crate) fn faults() -> impl Iterator<Item = &'static Fault> {
    let renewals = renewals::FAULTS.iter();
    renewals.chain(callers::FAULTS).chain(stores::FAULTS)
}
