//! What can be broken in the cache, and who notices.

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

/// All of them.
pub(crate) fn faults() -> impl Iterator<Item = &'static Fault> {
    let renewals = renewals::FAULTS.iter();
    renewals.chain(callers::FAULTS).chain(stores::FAULTS)
}
