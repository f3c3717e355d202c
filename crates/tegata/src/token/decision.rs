//! What to do about a token that is due: a pure function of what is known, without I/O and without a clock.

use std::time::SystemTime;

use crate::provider::Credential;
use crate::provider::spec::Scheme;
use crate::store::{Owner, Record};
use crate::token::policy::Freshness;
use crate::{Error, ErrorKind, RenewalPolicy, Secret, Token};

/// All that a decision rests on.
pub(super) struct Knowledge<'a> {
    /// The newest record that this process was issued, adopted or saved.
    pub(super) memory: Option<&'a Record>,
    /// What the store holds; `None` if it holds nothing, or if there is no store to ask.
    pub(super) stored: Option<&'a Record>,
    /// The token that the cache was built with, as long as it is not the one in memory.
    pub(super) handed_over: Option<&'a Token>,
    /// Whether that comes from a login just made, so that it is newer than anything else.
    pub(super) is_login: bool,
    /// The access token that callers have, which is due or was refused: no decision comes back to it.
    pub(super) replaced: Option<&'a Secret>,
    /// What the token endpoint refused for good: refresh tokens, or `None` for a request without one.
    pub(super) denied: &'a [(Option<Secret>, Error)],
    /// Whether a mark in the store that the session has ended is to be ignored.
    pub(super) ignores_ended: bool,
    pub(super) has_store: bool,
    pub(super) owner: Option<Owner>,
    pub(super) policy: &'a RenewalPolicy,
    pub(super) scheme: Scheme,
    pub(super) now: SystemTime,
}

/// What to do.
#[derive(Clone, Debug)]
pub(super) enum Decision {
    /// This token is good and need not be saved.
    Use(Token),
    /// The store holds a newer token, which is good.
    Adopt(Record, Token),
    /// This token is good, and the store does not hold it.
    SaveOurs(Token),
    /// A new token is needed; this is the newest of the old.
    Exchange { with: Option<Token> },
    /// No token can be had until something is changed.
    Fail(Error),
}

/// Decides what to do. Newer tokens come before older ones; an older one has its turn when the endpoint has
/// said of the refresh token of each newer one that its session is over.
pub(super) fn decide(known: &Knowledge<'_>) -> Decision {
    let is_ours = check_owner(known.owner.as_ref(), known.stored);
    if let Err(why) = is_ours.and_then(|()| known.check_logged_in()) {
        return Decision::Fail(why);
    }
    let candidates = known.candidates();
    for (token, record) in &candidates {
        if known.is_good(token, *record) {
            return known.take(token, *record);
        }
        if token.refresh_token().is_none() {
            continue;
        }
        match known.denial(Some(token)) {
            None => {
                let with = Some((*token).clone());
                return Decision::Exchange { with };
            }
            // It may still be good, and then an older one is spent.
            Some(error) if !is_end_of_session(&error) => return Decision::Fail(error),
            Some(_) => {}
        }
    }
    let newest = candidates.first().map(|(token, _)| *token);
    match known.denial(newest) {
        Some(error) => Decision::Fail(error),
        None => Decision::Exchange {
            with: newest.cloned(),
        },
    }
}

/// Whether this record was saved after that one, or in its place after the store went back in time: on a tie
/// the store holds what was written after it went back.
pub(super) fn is_news(stored: &Record, memory: &Record) -> bool {
    // A logout that found no record to count on from has no version, nor has what a program saves that makes
    // records of its own: then only times can say.
    let from = |record: &Record| record.deleted_at().or(record.token().map(Token::issued_at));
    let is_later = stored.version() == 0 && from(stored) > from(memory);
    stored.version() >= memory.version() || is_later
}

/// Whether this record is of this account, as far as either says so.
pub(super) fn check_owner(owner: Option<&Owner>, stored: Option<&Record>) -> Result<(), Error> {
    match (owner, stored.and_then(Record::owner)) {
        (Some(ours), Some(theirs)) if ours != theirs => Err(Error::new(
            ErrorKind::Store,
            format!(
                "the token store holds the token of {theirs}, and this client is {ours}: give each account a \
                 store of its own"
            ),
        )),
        _ => Ok(()),
    }
}

impl<'a> Knowledge<'a> {
    /// The version that the next record gets.
    pub(super) fn next_version(&self) -> u64 {
        let version = |record: Option<&Record>| record.map_or(0, Record::version);
        let newest = version(self.memory).max(version(self.stored));
        newest.saturating_add(1)
    }

    fn check_logged_in(&self) -> Result<(), Error> {
        let Some(logged_out_at) = self.logged_out_at() else {
            return Ok(());
        };
        let is_later = |token: &Token| token.issued_at() > logged_out_at;
        let stored = self.stored.and_then(Record::token);
        let has_login = self.is_login && self.handed_over.is_some();
        if has_login || self.handed_over.is_some_and(is_later) || stored.is_some_and(is_later) {
            return Ok(());
        }
        Err(logged_out())
    }

    /// When the user logged out, unless a newer record is known.
    fn logged_out_at(&self) -> Option<SystemTime> {
        let stored = self.stored.filter(|_| !self.is_outdated(self.stored));
        stored.or(self.memory)?.deleted_at()
    }

    /// All tokens that are known, the newest first, those of the store with their record.
    fn candidates(&self) -> Vec<(&'a Token, Option<&'a Record>)> {
        let stored = self
            .stored
            .and_then(|stored| Some((stored.token()?, Some(stored))));
        // What was in memory before a logout is no candidate any more.
        let memory = self.memory.filter(|_| self.logged_out_at().is_none());
        let memory = memory.and_then(|memory| Some((memory.token()?, None)));
        let in_order = if self.is_outdated(self.stored) {
            [memory, stored]
        } else {
            [stored, memory]
        };
        let mut candidates: Vec<_> = in_order.into_iter().flatten().collect();
        if let Some(handed_over) = self.handed_over {
            // Only times can say which is newer, as long as this process has neither saved nor adopted one.
            let is_newest = candidates
                .first()
                .is_none_or(|(newest, _)| handed_over.issued_at() > newest.issued_at());
            let is_first = self.is_login || (self.memory.is_none() && is_newest);
            let place = if is_first { 0 } else { candidates.len() };
            candidates.insert(place, (handed_over, None));
        }
        candidates
    }

    /// Whether the store has gone back in time to this record.
    fn is_outdated(&self, stored: Option<&Record>) -> bool {
        matches!((self.memory, stored), (Some(memory), Some(stored)) if !is_news(stored, memory))
    }

    fn is_good(&self, token: &Token, record: Option<&Record>) -> bool {
        !self.is_outdated(record)
            && self.replaced != Some(token.access_token())
            && Freshness::at(self.now, self.policy.edges(token, 1.0)) != Freshness::Expired
            // One that no request can carry would be found again and again.
            && Credential::new(self.scheme, token.access_token()).is_ok()
    }

    fn take(&self, token: &Token, record: Option<&Record>) -> Decision {
        if let Some(record) = record {
            return Decision::Adopt(record.clone(), token.clone());
        }
        let stored = self.stored.and_then(Record::token);
        if self.has_store && !stored.is_some_and(|stored| stored.is_same(token)) {
            Decision::SaveOurs(token.clone())
        } else {
            Decision::Use(token.clone())
        }
    }

    /// Why the endpoint need not be asked with this token's refresh token, or without one.
    fn denial(&self, token: Option<&Token>) -> Option<Error> {
        let refresh_token = token.and_then(Token::refresh_token);
        let denied = self
            .denied
            .iter()
            .find(|(denied, _)| denied.as_ref() == refresh_token);
        if let Some((_, error)) = denied {
            return Some(error.clone());
        }
        let marked = self
            .stored
            .filter(|stored| stored.is_ended() && !self.ignores_ended);
        let marked = marked
            .and_then(Record::token)
            .and_then(Token::refresh_token);
        (refresh_token.is_some() && marked == refresh_token).then(session_has_ended)
    }
}

/// Whether it says that a refresh token is good no more, and not that a request or an answer is no good.
fn is_end_of_session(error: &Error) -> bool {
    error.needs_authorization()
}

pub(super) fn logged_out() -> Error {
    Error::new(
        ErrorKind::TokenDenied,
        "the user has logged out: a person has to log in again",
    )
}

fn session_has_ended() -> Error {
    let message = "the token endpoint has refused the refresh token for good, as the token store says: a person \
                   has to log in again";
    Error::new(ErrorKind::TokenDenied, message).with_code(Some("invalid_grant".into()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rstest::rstest;

    use super::*;
    use crate::AccountHash;
    use crate::provider::spec::Placement;
    use crate::provider::{Issued, Refresh};

    const NOW: u64 = 1_000_000;
    const SCHEME: Scheme = Scheme {
        name: "OAuth2",
        placement: Placement::Bearer,
    };

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    /// A token named after its number: access token `A1`, refresh token `R1`. It expires so many seconds from
    /// now.
    fn token(number: u64, expires_in: i64) -> Token {
        aged(number, expires_in, 100)
    }

    /// The same, issued so many seconds ago.
    fn aged(number: u64, expires_in: i64, age: u64) -> Token {
        let refresh = Refresh::Replace {
            token: format!("R{number}").into(),
            lifetime: None,
        };
        let lifetime = Duration::from_secs(age.saturating_add_signed(expires_in));
        let issued = Issued::new(format!("A{number}").as_str(), Some(lifetime), refresh);
        Token::new(issued, at(NOW - age), None)
    }

    fn good(number: u64) -> Token {
        token(number, 3600)
    }

    fn expired(number: u64) -> Token {
        token(number, -1)
    }

    #[allow(clippy::unnecessary_wraps)] // As the fields that it fills.
    fn saved(token: Token, version: u64) -> Option<Record> {
        Some(Record::new(token).with_version(version))
    }

    #[allow(clippy::unnecessary_wraps)] // As the fields that it fills.
    fn logged_out(seconds_ago: u64, version: u64) -> Option<Record> {
        Some(Record::deleted(at(NOW - seconds_ago)).with_version(version))
    }

    /// All that is known, owned.
    struct Known {
        memory: Option<Record>,
        stored: Option<Record>,
        handed_over: Option<Token>,
        is_login: bool,
        replaced: Option<&'static str>,
        denied: Vec<Option<&'static str>>,
        denied_with: Option<&'static str>,
        ignores_ended: bool,
        has_store: bool,
        owner: Option<Owner>,
    }

    fn known() -> Known {
        Known {
            memory: None,
            stored: None,
            handed_over: None,
            is_login: false,
            replaced: None,
            denied: Vec::new(),
            denied_with: None,
            ignores_ended: false,
            has_store: true,
            owner: None,
        }
    }

    impl Known {
        /// The decision in a word, with the access token or, for an exchange, the refresh token.
        fn decide(&self) -> String {
            let denied: Vec<_> = self
                .denied
                .iter()
                .map(|token| {
                    let error = Error::new(ErrorKind::TokenDenied, "denied");
                    let error = error.with_code(self.denied_with.map(Into::into));
                    (token.map(Secret::from), error)
                })
                .collect();
            let replaced = self.replaced.map(Secret::from);
            let decision = decide(&Knowledge {
                memory: self.memory.as_ref(),
                stored: self.stored.as_ref(),
                handed_over: self.handed_over.as_ref(),
                is_login: self.is_login,
                replaced: replaced.as_ref(),
                denied: &denied,
                ignores_ended: self.ignores_ended,
                has_store: self.has_store,
                owner: self.owner.clone(),
                policy: &RenewalPolicy::default(),
                scheme: SCHEME,
                now: at(NOW),
            });
            let access = |token: &Token| token.access_token().expose().to_owned();
            match decision {
                Decision::Use(token) => format!("use {}", access(&token)),
                Decision::Adopt(_, token) => format!("adopt {}", access(&token)),
                Decision::SaveOurs(token) => format!("save {}", access(&token)),
                Decision::Exchange { with } => {
                    let refresh = with.as_ref().and_then(Token::refresh_token);
                    format!("exchange {}", refresh.map_or("nothing", Secret::expose))
                }
                Decision::Fail(error) => format!("fail: {error}"),
            }
        }
    }

    #[rstest]
    #[case::nothing_is_known(known(), "exchange nothing")]
    #[case::a_due_token_is_exchanged(
        Known { memory: saved(expired(1), 1), stored: saved(expired(1), 1), ..known() },
        "exchange R1"
    )]
    #[case::a_good_token_that_is_refused_is_exchanged(
        Known { memory: saved(good(1), 1), stored: saved(good(1), 1), replaced: Some("A1"), ..known() },
        "exchange R1"
    )]
    #[case::without_a_store_a_good_token_is_used(
        Known { memory: saved(good(1), 0), has_store: false, ..known() },
        "use A1"
    )]
    #[case::a_restarted_process_goes_on_with_the_stored_token(
        Known { stored: saved(good(1), 1), ..known() },
        "adopt A1"
    )]
    #[case::what_another_process_renewed_is_adopted(
        Known { memory: saved(expired(1), 1), stored: saved(good(2), 2), replaced: Some("A1"), ..known() },
        "adopt A2"
    )]
    #[case::what_another_process_renewed_and_has_expired_is_exchanged(
        Known { memory: saved(expired(1), 1), stored: saved(expired(2), 2), replaced: Some("A1"), ..known() },
        "exchange R2"
    )]
    // Row 2: a snapshot that was restored, a fail-over that lost writes, a backup.
    #[case::an_older_record_is_not_news_and_ours_is_saved_again(
        Known { memory: saved(good(5), 5), stored: saved(good(4), 4), ..known() },
        "save A5"
    )]
    #[case::an_older_record_is_not_sent_to_the_endpoint(
        Known { memory: saved(expired(5), 5), stored: saved(good(4), 4), replaced: Some("A5"), ..known() },
        "exchange R5"
    )]
    #[case::a_store_that_lost_the_record_gets_it_again(
        Known { memory: saved(good(5), 5), ..known() },
        "save A5"
    )]
    #[case::a_lost_record_does_not_lose_the_refresh_token(
        Known { memory: saved(expired(5), 5), replaced: Some("A5"), ..known() },
        "exchange R5"
    )]
    #[case::on_a_tie_the_store_was_written_after_it_went_back(
        Known { memory: saved(good(5), 5), stored: saved(good(6), 5), ..known() },
        "adopt A6"
    )]
    #[case::a_denied_token_of_ours_gives_way_to_an_older_stored_one(
        Known { memory: saved(expired(5), 5), stored: saved(expired(4), 4), denied: vec![Some("R5")], ..known() },
        "exchange R4"
    )]
    #[case::wrong_client_credentials_do_not_make_an_older_stored_token_a_good_one(
        Known {
            memory: saved(expired(5), 5),
            stored: saved(expired(4), 4),
            denied: vec![Some("R5")],
            denied_with: Some("invalid_client"),
            ..known()
        },
        "fail: denied (code invalid_client)"
    )]
    #[case::wrong_client_credentials_do_not_make_an_older_handed_over_token_a_good_one(
        Known {
            handed_over: Some(aged(1, 3600, 100)),
            stored: saved(aged(2, -1, 50), 2),
            denied: vec![Some("R2")],
            denied_with: Some("invalid_client"),
            ..known()
        },
        "fail: denied (code invalid_client)"
    )]
    // A program that saves records of its own gives them no version.
    #[case::a_later_record_without_a_version_is_news(
        Known { memory: saved(aged(5, -1, 100), 5), stored: saved(aged(6, 3600, 50), 0), ..known() },
        "adopt A6"
    )]
    #[case::an_earlier_record_without_a_version_is_not(
        Known { memory: saved(aged(5, -1, 50), 5), stored: saved(aged(4, 3600, 100), 0), ..known() },
        "exchange R5"
    )]
    #[case::an_earlier_record_without_a_version_undoes_no_logout(
        Known { memory: logged_out(50, 6), stored: saved(aged(5, 3600, 100), 0), ..known() },
        "fail: the user has logged out: a person has to log in again"
    )]
    // Row 3: a renewal that was cut off before its token was saved.
    #[case::an_unsaved_token_is_saved_before_it_is_used(
        Known { memory: saved(good(2), 2), stored: saved(expired(1), 1), replaced: Some("A1"), ..known() },
        "save A2"
    )]
    // Row 9: a new login against a stored record with a later time.
    #[case::a_handed_over_token_is_saved_first(
        Known { handed_over: Some(good(1)), ..known() },
        "save A1"
    )]
    #[case::a_handed_over_token_is_used_without_a_store(
        Known { handed_over: Some(good(1)), has_store: false, ..known() },
        "use A1"
    )]
    #[case::a_later_stored_token_wins_over_a_handed_over_one(
        Known { handed_over: Some(aged(1, 3600, 100)), stored: saved(aged(2, 3600, 50), 2), ..known() },
        "adopt A2"
    )]
    #[case::of_two_tokens_of_one_time_the_stored_one_wins(
        Known { handed_over: Some(aged(1, 3600, 50)), stored: saved(aged(2, 3600, 50), 2), ..known() },
        "adopt A2"
    )]
    #[case::a_later_handed_over_token_wins_over_the_stored_one(
        Known { handed_over: Some(aged(1, 3600, 50)), stored: saved(aged(2, 3600, 100), 2), ..known() },
        "save A1"
    )]
    #[case::a_dead_stored_token_with_a_later_time_is_tried_first(
        Known { handed_over: Some(aged(1, 3600, 100)), stored: saved(aged(2, -1, 50), 2), ..known() },
        "exchange R2"
    )]
    #[case::when_the_stored_one_is_refused_for_good_the_handed_over_one_is_saved(
        Known {
            handed_over: Some(aged(1, 3600, 100)),
            stored: saved(aged(2, -1, 50), 2),
            denied: vec![Some("R2")],
            ..known()
        },
        "save A1"
    )]
    #[case::when_the_stored_one_is_refused_for_good_the_handed_over_one_is_exchanged(
        Known {
            handed_over: Some(aged(1, -1, 100)),
            stored: saved(aged(2, -1, 50), 2),
            denied: vec![Some("R2")],
            ..known()
        },
        "exchange R1"
    )]
    #[case::a_login_wins_over_a_later_record_whatever_its_time(
        Known { handed_over: Some(aged(1, 3600, 100)), is_login: true, stored: saved(aged(2, 3600, 50), 2), ..known() },
        "save A1"
    )]
    #[case::when_all_are_refused_for_good_nothing_is_sent(
        Known {
            handed_over: Some(expired(1)),
            stored: saved(expired(2), 2),
            denied: vec![Some("R2"), Some("R1")],
            ..known()
        },
        "fail: denied"
    )]
    #[case::another_refresh_token_in_the_store_is_tried_after_a_denial(
        Known { memory: saved(expired(1), 1), stored: saved(expired(2), 2), denied: vec![Some("R1")], ..known() },
        "exchange R2"
    )]
    #[case::client_credentials_that_were_refused_are_not_sent_again(
        Known { denied: vec![None], ..known() },
        "fail: denied"
    )]
    // Row 12: logout, and sessions that have ended.
    #[case::a_logout_is_respected(
        Known { memory: saved(good(1), 1), stored: logged_out(10, 2), replaced: Some("A1"), ..known() },
        "fail: the user has logged out: a person has to log in again"
    )]
    #[case::a_logout_is_respected_by_a_process_that_starts(
        Known { stored: logged_out(10, 2), ..known() },
        "fail: the user has logged out: a person has to log in again"
    )]
    #[case::a_token_from_before_the_logout_is_no_way_around_it(
        Known { handed_over: Some(aged(1, 3600, 20)), stored: logged_out(10, 2), ..known() },
        "fail: the user has logged out: a person has to log in again"
    )]
    #[case::a_token_of_the_time_of_the_logout_is_no_way_around_it(
        Known { handed_over: Some(aged(1, 3600, 10)), stored: logged_out(10, 2), ..known() },
        "fail: the user has logged out: a person has to log in again"
    )]
    #[case::a_token_from_after_the_logout_is_saved(
        Known { handed_over: Some(aged(1, 3600, 5)), stored: logged_out(10, 2), ..known() },
        "save A1"
    )]
    #[case::a_login_after_the_logout_is_saved_whatever_its_time(
        Known { handed_over: Some(aged(1, 3600, 20)), is_login: true, stored: logged_out(10, 2), ..known() },
        "save A1"
    )]
    #[case::a_logout_that_found_no_record_is_respected(
        Known { memory: saved(expired(3), 3), stored: logged_out(10, 0), ..known() },
        "fail: the user has logged out: a person has to log in again"
    )]
    #[case::a_logout_that_found_no_record_is_older_than_a_later_token(
        Known { memory: saved(aged(3, -1, 5), 3), stored: logged_out(10, 0), ..known() },
        "exchange R3"
    )]
    #[case::an_old_logout_that_comes_back_with_a_backup_is_not_news(
        Known { memory: saved(expired(3), 3), stored: logged_out(10, 2), ..known() },
        "exchange R3"
    )]
    #[case::a_backup_does_not_undo_a_logout(
        Known { memory: logged_out(10, 3), stored: saved(good(2), 2), ..known() },
        "fail: the user has logged out: a person has to log in again"
    )]
    #[case::a_store_that_lost_the_record_of_a_logout_does_not_undo_it(
        Known { memory: logged_out(10, 3), ..known() },
        "fail: the user has logged out: a person has to log in again"
    )]
    #[case::a_login_into_a_store_that_lost_the_record_of_a_logout_is_respected(
        Known { memory: logged_out(10, 3), stored: saved(aged(1, 3600, 5), 1), ..known() },
        "exchange R1"
    )]
    #[case::the_token_of_an_ended_session_is_not_sent_again(
        Known { stored: saved(expired(1), 1).map(Record::ended), ..known() },
        "fail: the token endpoint has refused the refresh token for good, as the token store says: a person has \
         to log in again (code invalid_grant)"
    )]
    #[case::the_mark_of_an_ended_session_counts_for_memory_as_well(
        Known { memory: saved(expired(1), 1), stored: saved(expired(1), 2).map(Record::ended), ..known() },
        "fail: the token endpoint has refused the refresh token for good, as the token store says: a person has \
         to log in again (code invalid_grant)"
    )]
    #[case::the_access_token_of_an_ended_session_is_used_to_its_end(
        Known { stored: saved(good(1), 1).map(Record::ended), ..known() },
        "adopt A1"
    )]
    #[case::an_ended_session_is_tried_again_if_the_user_says_so(
        Known { stored: saved(expired(1), 1).map(Record::ended), ignores_ended: true, ..known() },
        "exchange R1"
    )]
    #[case::after_an_ended_session_the_handed_over_token_is_tried(
        Known {
            handed_over: Some(aged(1, 3600, 100)),
            stored: saved(aged(2, -1, 50), 2).map(Record::ended),
            ..known()
        },
        "save A1"
    )]
    // A token that nothing can carry.
    #[case::a_stored_token_that_cannot_be_sent_is_exchanged(
        Known { stored: saved(unsendable(), 1), ..known() },
        "exchange R1"
    )]
    fn what_is_known_decides(#[case] known: Known, #[case] expected: &str) {
        assert_eq!(known.decide(), expected);
    }

    fn unsendable() -> Token {
        let refresh = Refresh::Replace {
            token: "R1".into(),
            lifetime: None,
        };
        Token::new(Issued::new("A\n1", None, refresh), at(NOW - 100), None)
    }

    // Row 10: a record that does not say whose it is, or is another account's.
    #[rstest]
    #[case::ours("jooto", "id", "adopt A1")]
    #[case::another_account("jooto", "other", "fail: the token store holds the token of account")]
    #[case::another_provider("marketo", "id", "fail: the token store holds the token of account")]
    fn a_record_is_used_by_its_owner_alone(
        #[case] provider: &'static str,
        #[case] account: &str,
        #[case] expected: &str,
    ) {
        let owner = |provider, account| Some(Owner::new(provider, AccountHash::of(account)));
        let record = Record::new(good(1)).with_owner(owner(provider, account));
        let known = Known {
            stored: Some(record),
            owner: owner("jooto", "id"),
            ..known()
        };
        let decided = known.decide();
        assert!(decided.starts_with(expected), "{decided}");
    }

    #[test]
    fn the_next_version_is_above_all_that_are_known() {
        let (memory, stored) = (saved(good(1), 3), saved(good(2), 7));
        let version = |memory: Option<&Record>, stored: Option<&Record>| {
            let known = Known { ..known() };
            Knowledge {
                memory,
                stored,
                handed_over: None,
                is_login: false,
                replaced: None,
                denied: &[],
                ignores_ended: false,
                has_store: known.has_store,
                owner: None,
                policy: &RenewalPolicy::default(),
                scheme: SCHEME,
                now: at(NOW),
            }
            .next_version()
        };
        assert_eq!(version(None, None), 1);
        assert_eq!(version(memory.as_ref(), stored.as_ref()), 8);
        assert_eq!(version(stored.as_ref(), memory.as_ref()), 8);
        let last = saved(good(1), u64::MAX);
        assert_eq!(version(None, last.as_ref()), u64::MAX, "no overflow");
    }
}
