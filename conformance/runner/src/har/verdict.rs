//! The verdict on a recording.

use std::collections::{BTreeMap, BTreeSet};

use super::align::{self, Instance, Item};
use super::entry::{Entry, Headers};
use super::gaps::Gaps;
use super::headers::{Stripped, merge_doubled};
use super::hidden::Hidden;
use super::place::Places;
use super::read::HarError;
use super::result::{Judged, Unjudged, WhyNot};
use super::stream::{Sent, Stream, streams};
use super::view::View;
use super::{mask, notes};
use crate::case::{Case, Exchange, Fields, Level, Suite, case_values};
use crate::fixture::Redactor;
use crate::judge::{Observed, StepRecord, Transcript, judge_observed};
use crate::record::{AllowList, Redaction};
use crate::report::{CaseReport, Check};

/// Judges the entries of a recording by the cases that `wanted` lets through. What the tool may have left out of
/// headers is not judged, unless they are known to be `complete`.
///
/// # Errors
///
/// If no entry concerns a provider.
pub fn judge_har(
    suite: &Suite,
    places: &Places,
    entries: &[Entry],
    complete: bool,
    wanted: impl Fn(&Case) -> bool,
) -> Result<Judged, HarError> {
    let (sent, preflights) = sent(suite, places, entries, complete);
    if sent.is_empty() {
        return Err(HarError(format!(
            "none of the {} entries is a request to a provider at a known address; say where its \
             servers are by --base SERVER=URL",
            entries.len()
        )));
    }
    let stripped = Stripped::of(&suite.providers, &sent, complete);
    let redaction = Redaction::new(AllowList::new(&suite.fixtures), &suite.providers);
    let streams = streams(&suite.providers, redaction, &sent);
    let mut judged = Judged::default();
    let mut needed = BTreeSet::new();
    judged.notes.extend(notes::preflights(preflights));
    for provider in suite.providers.iter().copied() {
        let cases: Vec<&Case> = suite
            .cases
            .iter()
            .filter(|case| case.provider == provider)
            .collect();
        let Some(stream) = streams.get(&provider) else {
            let unjudged = cases
                .iter()
                .filter(|case| wanted(case))
                .map(|case| Unjudged {
                    case: case.id.clone(),
                    why: WhyNot::NoExchange,
                });
            judged.unjudged.extend(unjudged);
            continue;
        };
        judged.concerned.insert(provider.name(), stream.seen.len());
        let clients: Vec<&Case> = cases
            .iter()
            .filter(|case| case.role.judges_clients() && why_not(case).is_none())
            .copied()
            .collect();
        let known = align::signatures(suite, &clients);
        let gaps = Gaps::of(stream, &stripped);
        needed.extend(gaps.needed());
        for case in cases.iter().filter(|case| wanted(case)) {
            let mut hidden = BTreeMap::new();
            match judge(suite, case, stream, &known, &gaps, &mut hidden) {
                Ok((report, transcript, entries)) => {
                    judged.results.push((report, transcript));
                    judged.entries.push(entries);
                }
                Err(why) => judged.unjudged.push(Unjudged {
                    case: case.id.clone(),
                    why,
                }),
            }
            if !hidden.is_empty() {
                judged.hidden.insert(case.id.clone(), hidden);
            }
        }
    }
    needed.extend(judged.needed());
    judged.notes.extend(notes::hidden(&needed, &sent));
    Ok(judged)
}

/// The requests to providers as the client sent them, and how many others a browser sent by itself.
fn sent(suite: &Suite, places: &Places, entries: &[Entry], complete: bool) -> (Vec<Sent>, usize) {
    let concerned = entries
        .iter()
        .filter_map(|entry| Some((entry, places.find(entry)?)));
    let (preflights, concerned): (Vec<_>, Vec<_>) =
        concerned.partition(|(entry, _)| entry.is_preflight());
    // A tool that records headers does so for every request.
    let no_headers = concerned
        .iter()
        .all(|(entry, _)| entry.left_out.headers == Headers::LeftOut);
    let mut sent: Vec<Sent> = concerned
        .into_iter()
        .map(|(entry, mut traffic)| {
            let mut left_out = entry.left_out.clone();
            if left_out.headers == Headers::LeftOut && (complete || !no_headers) {
                left_out.headers = Headers::Kept;
            }
            mask::replace(
                entry.index,
                &mut traffic.request,
                traffic.answer.as_mut(),
                &mut left_out,
            );
            Sent {
                index: entry.index,
                traffic,
                left_out,
                by_sanitizer: entry.by_sanitizer,
            }
        })
        .collect();
    if !complete {
        merge_doubled(&suite.providers, &mut sent);
    }
    (sent, preflights.len())
}

/// Why no recording can decide the case, from the case alone.
fn why_not(case: &Case) -> Option<WhyNot> {
    let given = &case.given;
    if case.level == Level::Survive {
        return Some(WhyNot::Outcome);
    }
    if case
        .step
        .iter()
        .any(|step| step.advance > 0 || step.reopen.is_some())
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
    None
}

fn judge(
    suite: &Suite,
    case: &Case,
    stream: &Stream,
    known: &[align::Signature],
    gaps: &Gaps<'_>,
    hidden: &mut BTreeMap<String, Hidden>,
) -> Result<(CaseReport, Transcript, Vec<usize>), WhyNot> {
    if let Some(why) = why_not(case) {
        return Err(why);
    }
    let items = align::items(suite, case).ok_or(WhyNot::Outcome)?;
    if items.is_empty() {
        return Err(WhyNot::Outcome);
    }
    let mut worst: Option<(usize, Vec<Check>, Transcript)> = None;
    let mut entries = BTreeSet::new();
    let mut there = false;
    for instance in align::instances(case, &items, stream, known) {
        there |= instance.whole;
        let (checks, transcript, left_out) =
            judge_instance(suite, case, &items, stream, &instance, gaps);
        if instance.whole {
            hidden.extend(left_out);
        }
        if checks.is_empty() {
            continue;
        }
        let failed = checks.iter().filter(|check| !check.passed).count();
        if failed == 0 && !instance.whole {
            continue;
        }
        let at = instance.found.iter().flatten();
        entries.extend(at.map(|at| stream.seen[*at].index));
        if worst.as_ref().is_none_or(|(most, _, _)| failed > *most) {
            worst = Some((failed, checks, transcript));
        }
    }
    let may_be_there = items.iter().any(|item| {
        let may_be = |seen| item.may_be_hidden(case, seen, known);
        stream.seen.iter().any(may_be)
    });
    match worst {
        // The refusals that it shows are not all that there may be.
        Some((0, ..)) if may_be_there && gaps.hides_a_refusal => {
            Err(WhyNot::Hidden(Hidden::AnswerBody))
        }
        Some((_, checks, transcript)) => Ok((
            CaseReport::of(&case.id, case.level, checks),
            transcript,
            entries.into_iter().collect(),
        )),
        None if may_be_there => Err(WhyNot::Hidden(Hidden::AnswerBody)),
        None if !hidden.is_empty() => {
            let why = hidden.values().next().copied();
            Err(WhyNot::Hidden(why.unwrap_or(Hidden::AnswerBody)))
        }
        None if there && !case.role.judges_clients() => Err(WhyNot::Sent),
        None if there => Err(WhyNot::Outcome),
        None => Err(gaps
            .unassigned(&items)
            .map_or(WhyNot::NotThere, WhyNot::Hidden)),
    }
}

/// The checks of one time that a case took place, and those that cannot be made, each with the reason.
fn judge_instance(
    suite: &Suite,
    case: &Case,
    items: &[Item<'_>],
    stream: &Stream,
    instance: &Instance,
    gaps: &Gaps<'_>,
) -> (Vec<Check>, Transcript, BTreeMap<String, Hidden>) {
    let mut values = case_values(suite, case);
    // Known secrets are found in a URL whether the case names them or not.
    for name in ["client-secret", "api-key"] {
        if let Some(value) = stream.values.get(name) {
            values.set(name, value);
        }
    }
    instance.bindings.apply(&mut values);
    let mut steps: Vec<StepRecord> = case.step.iter().map(|_| StepRecord::default()).collect();
    let mut observed = Vec::new();
    for (item, found) in items.iter().zip(&instance.found) {
        let seen = found.map(|at| &stream.seen[at]);
        if let Some(seen) = seen {
            let step = &mut steps[item.step];
            step.requests.push(seen.request.clone());
            step.answers.push(seen.answer.clone());
            step.names.push(item.exchange.name.clone());
        }
        let granted = |answer: &crate::fixture::Answer| (200..300).contains(&answer.status);
        observed.push(Observed {
            exchange: item.exchange,
            request: seen.map(|seen| seen.request.clone()),
            answer: seen
                .filter(|_| item.is_token())
                .and_then(|seen| seen.answer.clone())
                // Whether the credential was good is not known: a refusal may be right.
                .filter(granted),
        });
    }
    let checks = judge_observed(suite, case, values.clone(), &observed);
    let redactor = stream.values.redactor();
    let prefix = format!("{}#", case.id);
    let view = View {
        suite,
        case,
        items,
        stream,
        instance,
        gaps,
        values: &values,
        observed: &observed,
    };
    let lost = view.lost_names();
    let mut hidden = BTreeMap::new();
    let kept: Vec<Check> = checks
        .into_iter()
        .filter(|check| {
            let id = check.id.strip_prefix(&prefix).unwrap_or(&check.id);
            let Some((index, item, rest)) = items.iter().enumerate().find_map(|(index, item)| {
                let rest = id.strip_prefix(item.exchange.name.as_str())?;
                Some((index, item, rest.strip_prefix('.')?))
            }) else {
                return false;
            };
            let is_judged = is_demanded(item.exchange, rest)
                && (!item.is_call() || is_the_clients(item.exchange, rest));
            let why = view.hides(&lost, index, rest, check);
            if let Some(why) = why.filter(|_| is_judged) {
                hidden.insert(check.id.clone(), why);
                return false;
            }
            is_judged
        })
        .map(|check| shown(&redactor, check))
        .collect();
    // Every other value in the recording has a name of its own.
    values.adopt_secrets(&stream.values);
    (kept, Transcript { steps, values }, hidden)
}

/// A check in which each value is replaced by its name.
fn shown(redactor: &Redactor, check: Check) -> Check {
    Check {
        expected: redactor.redact(&check.expected),
        seen: redactor.redact(&check.seen),
        ..check
    }
}

/// Whether the exchange demands anything: that something was sent at all is no demand by itself.
fn is_demanded(exchange: &Exchange, check: &str) -> bool {
    let any = exchange.method.is_some()
        || exchange.path.is_some()
        || exchange.credential.is_some()
        || exchange.body.is_some()
        || exchange.clean_url
        || !exchange.carries.is_empty()
        || !exchange.carries_not.is_empty();
    let fields = [
        &exchange.query,
        &exchange.headers,
        &exchange.form,
        &exchange.json,
    ];
    any || fields.iter().any(|fields| !fields.is_empty()) || check.starts_with("answer.")
}

/// Whether a check of a call is about how the client authenticates it. What it calls, it was given
/// by its user, who is not in the recording.
fn is_the_clients(exchange: &Exchange, check: &str) -> bool {
    let forbidden = |fields: &Fields, name: &str| fields.forbid.iter().any(|known| known == name);
    match check.split_once('.') {
        None => matches!(
            check,
            "sent" | "origin" | "credential" | "one-credential" | "clean-url" | "body"
        ),
        Some(("header", _)) => true,
        Some(("query", name)) => name == "access_token" || forbidden(&exchange.query, name),
        Some(_) => false,
    }
}
