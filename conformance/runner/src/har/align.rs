//! Where in a recording a case took place.

use std::cell::Cell;

use super::bind::Bindings;
use super::grants::{Carried, is_refused};
use super::item::Item;
use super::renewal::{Again, Renewal, is_anothers_body};
use super::sent::TokenRequest;
use super::stream::{Kind, Stream, field};
use super::time::Order;
use crate::case::Case;
use crate::fixture::query_pairs;

/// The most exchanges that are looked at for the one that follows another: a recording may repeat
/// one call without end.
pub(super) const MOST: usize = 256;

/// One time that a case took place: for each item, as far as the recording goes, what was sent
/// for it; none if something later was sent instead.
#[derive(Clone)]
pub(super) struct Instance {
    /// Whether it was followed to its end. Otherwise an answer went another way, and it shows
    /// only if something is wrong until then.
    pub(super) whole: bool,
    pub(super) found: Vec<Option<usize>>,
    pub(super) bindings: Bindings,
}

/// A case that is looked for in a stream.
pub(super) struct Search<'a> {
    pub(super) case: &'a Case,
    pub(super) items: &'a [Item<'a>],
    pub(super) stream: &'a Stream,
    /// How often the search for what follows an exchange was given up.
    pub(super) given_up: usize,
    /// Whether one of them was for the call sent again after a refusal.
    pub(super) too_far: bool,
    /// Whether the recording has no times where they would decide.
    pub(super) untimed: bool,
}

impl Search<'_> {
    /// Passes on every time that the case took place.
    pub(super) fn instances(&mut self, each: &mut dyn FnMut(&Instance)) {
        let Some(first) = self.items.first() else {
            return;
        };
        for at in 0..self.stream.seen.len() {
            if first.fits(self.case, self.stream, at) {
                let instance = Instance {
                    whole: true,
                    found: vec![Some(at)],
                    bindings: Bindings::default(),
                };
                self.follow(instance, each);
            }
        }
    }

    /// Follows a case from what was found of it so far.
    fn follow(&mut self, mut instance: Instance, each: &mut dyn FnMut(&Instance)) {
        let (items, stream) = (self.items, self.stream);
        let index = instance.found.len();
        let last = index == items.len();
        let judges_servers = self.case.role.judges_servers();
        if let (Some(before), Some(Some(at))) = (items.get(index - 1), instance.found.last()) {
            let at = *at;
            let seen = &stream.seen[at];
            let clash = seen
                .answer
                .as_ref()
                .is_some_and(|answer| instance.bindings.answer(before.placed, answer));
            self.bind_refresh_token(&mut instance, before, at);
            instance.bindings.request(before.placed, &seen.request);
            // The case continues only after an answer of this kind.
            let as_scripted = if last {
                before.answered_to_the_point(stream, at)
            } else {
                before.answered_alike(stream, at)
            };
            if !as_scripted {
                // An endpoint is judged by the very answer that is not the expected one, and a
                // client by the request that was refused.
                instance.whole = judges_servers;
                if instance.whole || before.is_plain() {
                    each(&instance);
                }
                return;
            }
            // The same token once more, where the case is about another one, or the other way
            // round.
            if clash && !judges_servers {
                return;
            }
        }
        if last {
            each(&instance);
            return;
        }
        for found in self.next(index, &instance) {
            let mut longer = instance.clone();
            longer.found.extend(found);
            // What was sent in place of a renewal ends the case.
            if let [.., None, Some(at)] = longer.found.as_slice() {
                let item = &items[longer.found.len() - 1];
                let seen = &stream.seen[*at];
                longer.bindings.request(item.placed, &seen.request);
                each(&longer);
                continue;
            }
            self.follow_each(longer, index, each);
        }
    }

    /// Follows a case from several exchanges that were found at once.
    fn follow_each(&mut self, found: Instance, from: usize, each: &mut dyn FnMut(&Instance)) {
        let mut instance = Instance {
            found: found.found[..=from].to_vec(),
            ..found.clone()
        };
        if found.found.len() == from + 1 {
            self.follow(instance, each);
            return;
        }
        // The renewal, and the call that was sent again with its token.
        if let (Some(item), Some(Some(at))) = (self.items.get(from), found.found.get(from)) {
            let seen = &self.stream.seen[*at];
            let answer = seen.answer.as_ref();
            let clash = answer.is_some_and(|a| instance.bindings.answer(item.placed, a));
            self.bind_refresh_token(&mut instance, item, *at);
            instance.bindings.request(item.placed, &seen.request);
            let alike = item.answered_alike(self.stream, *at);
            if alike && (!clash || self.case.role.judges_servers()) {
                instance.found = found.found;
                self.follow(instance, each);
            }
        }
    }

    /// Binds the refresh token that a request ought to send: the one that came with the token of the call before it, or
    /// the latest one, which another renewal may have brought meanwhile.
    fn bind_refresh_token(&self, instance: &mut Instance, item: &Item<'_>, at: usize) {
        let (stream, grants) = (self.stream, &self.stream.grants);
        let name = item.placed.refresh_token().filter(|_| item.is_token());
        let Some(name) = name else {
            return;
        };
        let Some(sent) = TokenRequest::of(&stream.seen[at].request).refresh else {
            return;
        };
        if grants.sends_latest(stream, at, &sent) {
            if instance.bindings.has(name) {
                instance.bindings.set(name, &sent);
            }
            return;
        }
        let mut calls = instance.found.iter().rev().flatten();
        let call = calls.find(|at| stream.seen[**at].kind == Kind::Call);
        let issuer = call.and_then(|call| grants.issuer(*call));
        let expected = issuer.and_then(|issuer| grants.refresh_token(issuer));
        if let Some(expected) = expected.filter(|_| !instance.bindings.has(name)) {
            instance.bindings.set(name, expected);
        }
    }

    /// What was sent for the item of this index, and for the following one if both are found
    /// together: each possible continuation.
    fn next(&mut self, index: usize, instance: &Instance) -> Vec<Vec<Option<usize>>> {
        let (items, stream) = (self.items, self.stream);
        let item = &items[index];
        let Some(Some(before)) = instance.found.last().copied() else {
            return Vec::new();
        };
        let one = |found: Option<usize>| found.map(|at| vec![Some(at)]).into_iter().collect();
        if item.is_login() {
            let later = before + 1..stream.seen.len();
            let mut later = later
                .take(MOST)
                .filter(|at| stream.seen[*at].kind == Kind::Login);
            return one(later.find(|at| self.is_same_login(before, *at)));
        }
        let previous = &items[index - 1];
        if item.is_token() {
            if previous.is_call() && previous.step == item.step {
                let again = items.get(index + 1);
                let again = again.filter(|again| again.is_call() && again.step == item.step);
                let renewal = Renewal {
                    case: self.case,
                    stream,
                    renew: item,
                    again,
                    call: before,
                    untimed: Cell::default(),
                };
                let (found, given_up) = renewal.find();
                self.untimed |= renewal.untimed.get();
                self.given_up += usize::from(given_up);
                self.too_far |= given_up;
                return match found {
                    Again::Sent(renewed, at) => vec![vec![Some(renewed), Some(at)]],
                    Again::Renewed(at) => vec![vec![Some(at)]],
                    Again::InPlace(at) => vec![vec![None, Some(at)]],
                    Again::Nothing => Vec::new(),
                };
            }
            return one(self.later_token(index, before));
        }
        let same_step = items[..index]
            .iter()
            .zip(&instance.found)
            .find(|(earlier, _)| earlier.is_call() && earlier.step == item.step);
        if let Some((_, Some(call))) = same_step {
            return one(self.next_key(*call, stream.grants.group(stream.seen[*call].group), item));
        }
        let granted = items[..index]
            .iter()
            .zip(&instance.found)
            .rev()
            .find_map(|(earlier, found)| earlier.is_token().then_some(*found)?);
        let is_last = index + 1 == items.len();
        let as_scripted = |at: usize| {
            let is_known = item.is_plain() || !stream.seen[at].left_out.answer_body;
            is_last && is_known && item.answered_to_the_point(stream, at)
                || item.answered_alike(stream, at)
        };
        if let Some(grant) = granted {
            let calls = stream.grants.calls(grant).iter().copied();
            let mut later = items[index + 1..].iter();
            // What is renewed behind the call is the same whichever call it is.
            let most = if item.is_plain() && later.any(Item::is_token) {
                1
            } else {
                usize::MAX
            };
            return calls
                .filter(|at| item.fits(self.case, stream, *at) && as_scripted(*at))
                .take(most)
                .map(|at| vec![Some(at)])
                .collect();
        }
        one(self.later_call(instance, item, before, &as_scripted))
    }

    /// Whether a page sent the browser back to the address of the login, before a code was exchanged.
    fn is_returned_to(&self, one: usize, other: usize) -> bool {
        let (stream, all) = (self.stream, &self.stream.grants.all);
        let between = all.partition_point(|at| *at <= one)..all.partition_point(|at| *at < other);
        let answer = stream.seen[one].answer.as_ref();
        let location = answer.map(|answer| answer.header("location"));
        let mut location = location.as_deref().unwrap_or_default().iter();
        let has_code = location.any(|url| {
            let query = url.split_once('?').map_or("", |(_, query)| query);
            query_pairs(query).iter().any(|(name, _)| name == "code")
        });
        let target = |at: usize| &stream.seen[at].request.target;
        let is_page = answer.is_some_and(|answer| (200..400).contains(&answer.status));
        is_page && target(one) == target(other) && !has_code && between.is_empty()
    }

    /// Whether two logins may be of the same user and app: what both say is the same.
    fn is_same_login(&self, one: usize, other: usize) -> bool {
        if self.is_returned_to(one, other) {
            return false;
        }
        let said = |at: usize, name: &str| field(&self.stream.seen[at].request, name);
        ["client_id", "redirect_uri", "organization_id"]
            .iter()
            .all(|name| match (said(one, name), said(other, name)) {
                (Some(one), Some(other)) => one == other,
                _ => true,
            })
    }

    /// The token request that follows from an earlier exchange: from a login by its code, from
    /// another token request by what that issued. A later grant of the same kind ends the search.
    fn later_token(&self, index: usize, before: usize) -> Option<usize> {
        let (item, first) = (&self.items[index], &self.items[0]);
        let (case, stream) = (self.case, self.stream);
        if self.items[index - 1].is_login() {
            let mut exchanges = stream.grants.exchanges(before).iter().copied();
            return exchanges.find(|at| *at > before && item.fits(case, stream, *at));
        }
        let family = stream.grants.family(before);
        let later = family[family.partition_point(|at| *at <= before)..].iter();
        let mut later = later
            .copied()
            .filter(|at| stream.order(before, *at) != Order::Before)
            .take(MOST)
            .take_while(|at| item.fits(case, stream, *at) || !first.fits(case, stream, *at));
        later.find(|at| item.fits(case, stream, *at))
    }

    /// The call that is sent again with another key. Whether a client has one shows only if it
    /// uses it.
    fn next_key(&mut self, call: usize, group: &[usize], item: &Item<'_>) -> Option<usize> {
        let (case, stream) = (self.case, self.stream);
        let later = &group[group.partition_point(|at| *at <= call)..];
        for at in later.iter().copied().take(MOST) {
            if !item.fits(case, stream, at) {
                continue;
            }
            let same = stream.grants.same_credential(call, at);
            let proves = match stream.order(call, at) {
                Order::Before => false,
                Order::Unknown => !same || !is_refused(stream, at),
                Order::Likely | Order::After => true,
            };
            let anothers = !same && is_anothers_body(stream, call, at);
            if proves && !anothers && (!same || stream.grants.has_other_credentials()) {
                return Some(at);
            }
        }
        self.given_up += usize::from(later.len() > MOST);
        None
    }

    /// The next call, where no token connects it with what came before.
    fn later_call(
        &mut self,
        instance: &Instance,
        item: &Item<'_>,
        before: usize,
        as_scripted: &dyn Fn(usize) -> bool,
    ) -> Option<usize> {
        let (case, stream) = (self.case, self.stream);
        let old = |at: usize| {
            let mut found = instance.found.iter().flatten();
            found.any(|earlier| {
                stream.seen[*earlier].kind == Kind::Call
                    && is_refused(stream, *earlier)
                    && stream.grants.same_credential(*earlier, at)
            })
        };
        let later = before + 1..stream.seen.len();
        for at in later.take(MOST) {
            if !item.fits(case, stream, at) || !as_scripted(at) {
                continue;
            }
            match stream.order(before, at) {
                Order::Before => {}
                Order::Unknown if is_refused(stream, at) && old(at) => {}
                Order::Unknown | Order::Likely | Order::After => return Some(at),
            }
        }
        self.given_up += usize::from(stream.seen.len() - before - 1 > MOST);
        None
    }
}

/// Whether a call carries no credential at all.
pub(super) fn is_bare(stream: &Stream, call: usize) -> bool {
    *stream.grants.carried(call) == Carried::Nothing
}
