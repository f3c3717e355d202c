//! Tokens that went to another origin than the one that issued them: behind a redirect, or with a call of its own.

use std::collections::{HashMap, HashSet};

use super::align::Instance;
use super::gaps::issued_token;
use super::hidden::Hidden;
use super::item::Item;
use super::stream::{Kind, Seen, Stream};
use crate::case::{Case, Operation, Step};
use crate::report::Check;

/// Where calls went besides the origin that they were for.
#[derive(Debug, Default)]
pub(super) struct Abroad {
    /// For a call that was redirected to another origin, what was sent there.
    followers: HashMap<usize, usize>,
    /// The calls to one customer's host with the token of another's.
    pub(super) strays: Vec<usize>,
}

impl Abroad {
    pub(super) fn of(stream: &Stream) -> Self {
        let all = || stream.seen.iter().enumerate();
        let by_entry: HashMap<usize, usize> = all().map(|(at, seen)| (seen.index, at)).collect();
        let followers = all().filter_map(|(at, seen)| Some((*by_entry.get(&seen.follows?)?, at)));
        let issued =
            all().filter_map(|(_, seen)| Some((seen.host.as_deref()?, issued_token(seen)?)));
        let issued: HashSet<(&str, String)> = issued.collect();
        let known: HashSet<&String> = issued.iter().map(|(_, token)| token).collect();
        let strays = all().filter(|(at, seen)| {
            let mut credential = stream.grants.links[*at].credential.iter();
            let is_call = seen.kind == Kind::Call && seen.follows.is_none();
            is_call
                && seen.host.as_deref().is_some_and(|host| {
                    credential.any(|token| {
                        known.contains(token) && !issued.contains(&(host, token.clone()))
                    })
                })
        });
        Self {
            followers: followers.collect(),
            strays: strays.map(|(at, _)| at).collect(),
        }
    }

    /// What was sent behind the redirect that a case ends with.
    pub(super) fn follower(&self, items: &[Item<'_>], instance: &Instance) -> Option<usize> {
        let last = items
            .last()
            .filter(|item| item.is_call() && item.is_redirect());
        let at = (*instance.found.get(items.len() - 1)?).filter(|_| last.is_some())?;
        self.followers.get(&at).copied()
    }
}

/// The check that a token was not taken along behind the redirect that a case ends with.
pub(super) fn taken_along(
    case: &Case,
    items: &[Item<'_>],
    stream: &Stream,
    instance: &Instance,
) -> Option<(Check, Option<Hidden>)> {
    let follower = stream.abroad.follower(items, instance)?;
    let seen = &stream.seen[follower];
    let call = (*instance.found.last()?)?;
    let (step, text) = (&case.step[items.last()?.step], seen.request.text());
    let mut tokens = stream.grants.links[call].credential.iter();
    let passed = !tokens.any(|token| text.contains(token.as_str()));
    let is_masked = [&stream.seen[call], seen]
        .iter()
        .any(|seen| is_masked(seen));
    Some((
        leak(case, step, passed),
        is_masked.then_some(Hidden::Masked),
    ))
}

fn is_masked(seen: &Seen) -> bool {
    let mut masked = seen.left_out.masked.iter();
    masked.any(|place| place.starts_with("header.") || place == "query.access_token")
}

/// The step of a case in which a call to another origin must not be made.
pub(super) fn elsewhere(case: &Case) -> Option<&Step> {
    let is_abroad = |step: &&Step| matches!(&step.operation, Operation::Call(call) if call.path.starts_with("${other-origin}"));
    case.step.iter().find(is_abroad)
}

/// The check that a step sends no token to another origin.
pub(super) fn leak(case: &Case, step: &Step, passed: bool) -> Check {
    Check {
        id: format!("{}#{}.leak", case.id, step.name),
        passed,
        expected: "no token sent to another origin".to_owned(),
        seen: if passed {
            "none"
        } else {
            "the token of this one"
        }
        .to_owned(),
    }
}
