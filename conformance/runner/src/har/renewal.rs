//! What a client did after a call was refused: renewed its token, and sent the call again.
//!
//! Only what began after the refusal was answered can be the repetition of the call, and only what
//! began after the renewal was answered must carry the new token: other calls may be under way.

use std::cell::Cell;
use std::collections::HashSet;

use super::align::{MOST, is_bare};
use super::grants::{Carried, is_refused};
use super::item::Item;
use super::like::Like;
use super::stream::Stream;
use super::time::Order;
use crate::case::Case;

/// What followed a refused call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// The renewal, and the call sent again.
    Sent(usize, usize),
    /// The renewal only, and the case ends with it or it failed.
    Renewed(usize),
    /// The call was sent again in place of a renewal.
    InPlace(usize),
    /// The recording does not show it.
    Nothing,
}

/// A search for what followed a refused call.
pub(super) struct Renewal<'a> {
    pub(super) case: &'a Case,
    pub(super) stream: &'a Stream,
    pub(super) renew: &'a Item<'a>,
    /// The call sent again, where the case goes on with it.
    pub(super) again: Option<&'a Item<'a>>,
    /// The refused call.
    pub(super) call: usize,
    /// Whether a call was passed over only because the times do not say when it began.
    pub(super) untimed: Cell<bool>,
}

impl Renewal<'_> {
    /// What followed, and whether the search was given up.
    pub(super) fn find(&self) -> (Again, bool) {
        let renewal = self.first_renewal();
        let Some(again) = self.again else {
            return (renewal.map_or(Again::Nothing, Again::Renewed), false);
        };
        let stream = self.stream;
        let granted = |at: usize| stream.like(at).is_some_and(Like::issues_token);
        let group = stream.grants.group(stream.seen[self.call].group);
        let later = &group[group.partition_point(|at| *at <= self.call)..];
        // With the new token, but sent before the refusal was answered: for want of another.
        let mut early = None;
        // Many calls of another account may be between.
        let own = later.iter().copied().take(16 * MOST);
        let mut own = own.filter(|at| !self.is_of_another(*at));
        for at in own.by_ref().take(MOST) {
            // One of another account or user is no repetition.
            let others =
                stream.grants.is_stored(at) && !stream.grants.same_credential(self.call, at);
            if others || !again.fits(self.case, stream, at) {
                continue;
            }
            if stream.order(self.call, at) == Order::Before {
                early = early.or_else(|| self.early(at));
                continue;
            }
            let found = match stream.grants.carried(at) {
                Carried::Issued(issuer) if self.grant() != Some(*issuer) => {
                    match self.with_token_of(*issuer) {
                        Some(true) => self.left_over(*issuer).unwrap_or(Again::Sent(*issuer, at)),
                        Some(false) => continue,
                        None => return (Again::Nothing, false),
                    }
                }
                _ => match renewal.filter(|at| granted(*at)) {
                    Some(renewal) => match self.without_new_token(renewal, at) {
                        Some(found) => found,
                        None => continue,
                    },
                    None if renewal.is_some() => break,
                    None if !self.is_old(at) => return (Again::Nothing, false),
                    None if self.proves_no_renewal(at) => Again::InPlace(at),
                    None => {
                        self.untimed.set(true);
                        continue;
                    }
                },
            };
            // Of two calls that were refused at once, each is sent again with its own body.
            if !self.is_anothers_body(at) {
                return (found, false);
            }
        }
        match (early, renewal) {
            (Some(early), _) => (early, false),
            // It shows what is wrong with the renewal.
            (None, Some(at)) if !granted(at) => (Again::Renewed(at), false),
            _ => (
                Again::Nothing,
                own.next().is_some() || later.len() > 16 * MOST,
            ),
        }
    }

    /// A call with the old token that began after the renewal was answered: one good repetition
    /// does not serve every refused call, and no later call needs the old token.
    fn left_over(&self, issuer: usize) -> Option<Again> {
        let (stream, grants) = (self.stream, &self.stream.grants);
        let group = stream.seen[self.call].group;
        let all = grants.with_credential(group, self.call);
        let (before, later) = all.split_at(all.partition_point(|at| *at <= issuer));
        let body = |at: usize| stream.seen[at].body;
        let is_late = |at: &usize| match stream.order(issuer, *at) {
            Order::After => true,
            Order::Likely => !grants.each_is_repeated(group, self.call, issuer),
            Order::Before | Order::Unknown => false,
        };
        let late: Vec<usize> = later
            .iter()
            .copied()
            .take(MOST)
            .filter(|at| grants.issuer(*at) == grants.issuer(self.call))
            .filter(is_late)
            .collect();
        let own = late.iter().find(|at| body(**at) == body(self.call));
        // That of another refused call is found with that one.
        let known: HashSet<u64> = before.iter().rev().take(MOST).map(|at| body(*at)).collect();
        let other = || late.iter().find(|at| !known.contains(&body(**at)));
        own.or_else(other).map(|at| Again::Sent(issuer, *at))
    }

    /// The call sent again with the token of a renewal, whatever the times say.
    fn early(&self, at: usize) -> Option<Again> {
        let issuer = self.stream.grants.issuer(at)?;
        let other = self.grant() != Some(issuer) && !self.is_anothers_body(at);
        (other && self.with_token_of(issuer) == Some(true)).then_some(Again::Sent(issuer, at))
    }

    /// Whether a call carries a token that was issued to another account or user.
    fn is_of_another(&self, at: usize) -> bool {
        let grants = &self.stream.grants;
        let issuer = grants.issuer(at);
        issuer.is_some_and(|issuer| !grants.may_follow(self.call, issuer))
    }

    fn grant(&self) -> Option<usize> {
        self.stream.grants.grant(self.call)
    }

    /// The first renewal that was not answered before the refused call began. A later grant of
    /// another kind ends the search.
    fn first_renewal(&self) -> Option<usize> {
        let (stream, grants) = (self.stream, &self.stream.grants);
        let family = grants.family(self.call);
        let after = family.partition_point(|at| *at <= self.call);
        let under_way = family[..after]
            .iter()
            .rev()
            .take_while(|at| stream.order(**at, self.call) == Order::Before)
            .take(MOST)
            .count();
        let own = family[after - under_way..].iter();
        // Of another family only if this one ends with the call.
        let others = &grants.all[grants.all.partition_point(|at| *at <= self.call)..];
        let others = others
            .iter()
            .take(MOST)
            .filter(|at| grants.may_follow(self.call, **at));
        let mut last_failed = None;
        for at in own.chain(others).copied().take(MOST) {
            let granted = stream.like(at).is_some_and(Like::issues_token);
            match (self.renew.fits(self.case, stream, at), granted) {
                (true, true) => return Some(at),
                (true, false) => {
                    last_failed.get_or_insert(at);
                }
                (false, true) => break,
                (false, false) => {}
            }
        }
        last_failed
    }

    /// Whether a call with the token of that exchange is the refused one with a renewed token;
    /// none if it was renewed in a way that the case is not about.
    fn with_token_of(&self, issuer: usize) -> Option<bool> {
        let stream = self.stream;
        let later = issuer > self.call || stream.order(issuer, self.call) == Order::Before;
        if !later || !stream.grants.may_follow(self.call, issuer) {
            return Some(false);
        }
        self.renew.fits(self.case, stream, issuer).then_some(true)
    }

    /// What a call is that does not carry the token of this renewal; none if that proves nothing.
    fn without_new_token(&self, renewal: usize, at: usize) -> Option<Again> {
        let stream = self.stream;
        let sent = Some(Again::Sent(renewal, at));
        let repeated = || {
            let group = stream.seen[at].group;
            stream.grants.each_is_repeated(group, self.call, renewal)
        };
        match stream.order(renewal, at) {
            Order::Likely if repeated() => None,
            Order::Likely | Order::After => sent,
            Order::Unknown if renewal < at => {
                let old = stream.grants.same_credential(self.call, at);
                let proves = !old || !is_refused(stream, at);
                self.untimed
                    .set(self.untimed.get() || !proves && !repeated());
                proves.then_some(Again::Sent(renewal, at))
            }
            // It began while the renewal was under way.
            Order::Before if renewal < at => None,
            Order::Before | Order::Unknown => {
                let refused_before = stream.order(at, renewal) != Order::Before;
                let proves = self.is_old(at)
                    && (!is_refused(stream, at) || refused_before)
                    && self.proves_no_renewal(at)
                    && (stream.order(self.call, at) != Order::Likely || !repeated());
                let unknown = stream.order(self.call, at) == Order::Unknown;
                let doubt = unknown && self.is_old(at) && is_refused(stream, at) && !repeated();
                self.untimed.set(self.untimed.get() || doubt);
                proves.then_some(Again::InPlace(at))
            }
        }
    }

    /// Whether a call carries what the refused one did, or nothing.
    fn is_old(&self, at: usize) -> bool {
        self.stream.grants.same_credential(self.call, at) || is_bare(self.stream, at)
    }

    /// Whether a call with the old token was sent in the knowledge of the refusal.
    fn proves_no_renewal(&self, at: usize) -> bool {
        match self.stream.order(self.call, at) {
            Order::Before => false,
            Order::Unknown => !is_refused(self.stream, at),
            Order::Likely | Order::After => true,
        }
    }

    /// Whether the body is that of another call that was refused, and not this one's.
    fn is_anothers_body(&self, at: usize) -> bool {
        is_anothers_body(self.stream, self.call, at)
    }
}

/// Whether the body of a later call is that of another call that was refused like this one.
pub(super) fn is_anothers_body(stream: &Stream, call: usize, at: usize) -> bool {
    let (group, body) = (stream.seen[at].group, stream.seen[at].body);
    stream.seen[call].body != body && stream.grants.is_body_of_refused(group, call, body)
}
