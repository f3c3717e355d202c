//! Decides what to do about a token that is due: a pure function, without I/O and without a clock.

use std::time::SystemTime;

use crate::provider::Credential;
use crate::provider::spec::Scheme;
use crate::store::{Owner, Record};
use crate::token::policy::{Freshness, Timing};
use crate::{Error, ErrorKind, Secret, Token};

/// The input of a decision.
pub(super) struct Knowledge<'a> {
    /// The newest record that this process was issued, adopted or saved.
    pub(super) memory: Option<&'a Record>,
    /// The record in the store; `None` if it is empty, or if there is no store to ask.
    pub(super) stored: Option<&'a Record>,
    /// The token that the cache was built with, until it is the one in memory.
    pub(super) handed_over: Option<&'a Token>,
    /// Whether that token comes from a new login, so that it is newer than any other.
    pub(super) is_login: bool,
    /// The access token that callers have, which is due or was refused: it is never chosen again.
    pub(super) replaced: Option<&'a Secret>,
    /// The permanent denials of the token endpoint, by refresh token, or `None` for a request without one.
    pub(super) denied: &'a [(Option<Secret>, Error)],
    /// Whether to ignore the mark of an ended session in the store.
    pub(super) ignores_ended: bool,
    pub(super) has_store: bool,
    pub(super) owner: Option<Owner>,
    pub(super) timing: &'a Timing,
    pub(super) scheme: Scheme,
    pub(super) now: SystemTime,
}

/// What to do.
#[derive(Clone, Debug)]
pub(super) enum Decision {
    /// This token is valid and need not be saved.
    Use(Token),
    /// The store holds a newer token, which is valid.
    Adopt(Record, Token),
    /// This token is valid, and the store does not hold it.
    SaveOurs(Token),
    /// A new token is needed; this is the newest old one.
    Exchange { with: Option<Token> },
    /// No token can be issued until something is changed.
    Fail(Error),
}

/// Decides what to do. Newer tokens come before older ones; an older one is tried once the endpoint has denied
/// the refresh token of each newer one because its session has ended.
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
            // The newer one may still be valid, and then an older one is spent.
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

/// Whether the stored record is newer than the one in memory. On equal versions it is: it was written after the
/// store went back in time.
pub(super) fn is_news(stored: &Record, memory: &Record) -> bool {
    // A logout without an earlier record has no version, and neither has a record of another program: then the
    // times decide.
    let from = |record: &Record| record.deleted_at().or(record.token().map(Token::issued_at));
    let is_later = stored.version() == 0 && from(stored) > from(memory);
    stored.version() >= memory.version() || is_later
}

/// Checks that the record belongs to this account, if both name one.
pub(super) fn check_owner(owner: Option<&Owner>, stored: Option<&Record>) -> Result<(), Error> {
    match (owner, stored.and_then(Record::owner)) {
        (Some(ours), Some(theirs)) if ours != theirs => Err(Error::new(
            ErrorKind::Store,
            format!(
                "the token store holds the token of {theirs}, and this client is {ours}: give each account, \
                 server and grant a store of its own"
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

    /// All known tokens, the newest first, the stored one with its record.
    fn candidates(&self) -> Vec<(&'a Token, Option<&'a Record>)> {
        let stored = self
            .stored
            .and_then(|stored| Some((stored.token()?, Some(stored))));
        // A token from before a logout is no candidate.
        let memory = self.memory.filter(|_| self.logged_out_at().is_none());
        let memory = memory.and_then(|memory| Some((memory.token()?, None)));
        let in_order = if self.is_outdated(self.stored) {
            [memory, stored]
        } else {
            [stored, memory]
        };
        let mut candidates: Vec<_> = in_order.into_iter().flatten().collect();
        if let Some(handed_over) = self.handed_over {
            // Before this process has saved or adopted a record, only the times show which is newer.
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
            && Freshness::at(self.now, self.timing.edges(token, 1.0)) != Freshness::Expired
            // A token that no request can carry would be adopted again and again.
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

/// Whether it says that the refresh token is no longer valid, and not that the request or the answer was
/// faulty.
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
mod tests;
