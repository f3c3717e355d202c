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

/// A token named after its number: access token `A1`, refresh token `R1`. It expires this number of seconds
/// from now.
fn token(number: u64, expires_in: i64) -> Token {
    aged(number, expires_in, 100)
}

/// The same, issued this number of seconds ago.
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

/// The input of a decision, owned.
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
            timing: &Timing::default(),
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
// A program that writes its own records gives them no version.
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
// A token that no request can carry.
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

// Row 10: a record without an owner, or of another account.
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
            timing: &Timing::default(),
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
