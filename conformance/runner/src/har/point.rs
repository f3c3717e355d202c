//! Whether a recording can show the point of a case.

use super::align::Instance;
use super::item::Item;
use super::result::WhyNot;
use super::stream::Stream;
use crate::case::{Case, Level, Operation, Resulting, Step};
use crate::fixture::query_pairs;

/// Why no recording can decide the case, from the case alone.
pub(super) fn why_not(case: &Case) -> Option<WhyNot> {
    let given = &case.given;
    if case.level == Level::Survive {
        return Some(WhyNot::Outcome);
    }
    if case
        .step
        .iter()
        .any(|step| step.advance > 0 && !is_of_renewals(case) || step.reopen.is_some())
    {
        return Some(WhyNot::Clock);
    }
    let own = !given.values.is_empty()
        || !given.accounts.is_empty()
        || !given.urls.is_empty()
        || given.tokens.as_ref().is_some_and(|tokens| tokens.age > 0)
        || given.keys.iter().any(|key| key.contains("${"));
    if own {
        return Some(WhyNot::Given);
    }
    let odd = ["wrong-", "old-", "other-"];
    let names = case.exchanges().flat_map(|exchange| exchange.with.values());
    if names
        .into_iter()
        .any(|name| odd.iter().any(|odd| name.starts_with(odd)))
    {
        return Some(WhyNot::Sent);
    }
    let refuses = |step: &&Step| sends_nothing(step) && step.outcome.result == Resulting::Error;
    match case.step.iter().find(refuses).map(|step| &step.operation) {
        // A call that must not be made.
        Some(Operation::Call(_)) => Some(WhyNot::NotThere),
        // What a client makes of a callback that is wrong.
        Some(_) => Some(WhyNot::Outcome),
        None => None,
    }
}

/// Whether the point of the case took place this time, as far as it is in no exchange of the case:
/// a callback with members that are not usual is in the answer that sends the browser there.
pub(super) fn is_shown(
    case: &Case,
    items: &[Item<'_>],
    stream: &Stream,
    instance: &Instance,
) -> bool {
    let unusual = case.step.iter().filter_map(|step| match &step.operation {
        Operation::Callback(callback) => Some(query_pairs(&callback.query)),
        _ => None,
    });
    let mut unusual = unusual
        .flatten()
        .map(|(name, _)| name)
        .filter(|name| name != "code" && name != "state")
        .peekable();
    if unusual.peek().is_none() {
        return true;
    }
    let login = items.iter().zip(&instance.found);
    let login = login
        .filter(|(item, _)| item.is_login())
        .find_map(|(_, at)| *at);
    let answer = login.and_then(|at| stream.seen[at].answer.as_ref());
    let location = answer.map(|answer| answer.header("location"));
    let location = location.as_deref().and_then(<[_]>::first);
    let query = location.and_then(|url| url.split_once('?'));
    let sent = query_pairs(query.map_or("", |(_, query)| query));
    unusual.all(|name| sent.iter().any(|(known, _)| *known == name))
}

/// Whether a case is about what renewals send, whenever they are made.
pub(super) fn is_of_renewals(case: &Case) -> bool {
    let mut killers = case.mutants.iter().map(|mutant| &mutant.killed_by);
    !case.mutants.is_empty() && killers.all(|check| check.contains(".form.refresh_token"))
}

/// Whether nothing of a step goes to the provider.
fn sends_nothing(step: &Step) -> bool {
    step.url.is_none() && step.exchange.is_empty()
}
