//! The verdict on a recording.

use std::collections::BTreeSet;

use super::align::{self, Instance, Item};
use super::place::Places;
use super::read::{Entry, HarError};
use super::result::{Judged, Unjudged, WhyNot};
use super::stream::{Stream, streams};
use crate::case::{Case, Credential, Exchange, Fields, Level, Suite, case_values};
use crate::fixture::Redactor;
use crate::judge::{Observed, StepRecord, Transcript, judge_observed};
use crate::record::{AllowList, Redaction};
use crate::report::{About, CaseReport, Check};

/// Judges the entries of a recording by the cases that `wanted` lets through. One without any
/// credential in a header is not judged by them, for tools leave them out, unless it is known to
/// be `complete`.
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
    let traffic: Vec<_> = entries
        .iter()
        .filter_map(|entry| Some((entry.index, places.find(entry)?)))
        .collect();
    if traffic.is_empty() {
        return Err(HarError(format!(
            "none of the {} entries is a request to a provider at a known address; say where its \
             servers are by --base SERVER=URL",
            entries.len()
        )));
    }
    let redaction = Redaction::new(AllowList::new(&suite.fixtures), &suite.providers);
    let streams = streams(&suite.providers, redaction, &traffic);
    let mut judged = Judged::default();
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
        let bare = !complete
            && !stream
                .seen
                .iter()
                .any(|seen| seen.has_credential_header(&suite.providers));
        if bare {
            judged.notes.push(format!(
                "{}: no request has a header with a credential; a tool may leave these out \
                 unless it is set to export sensitive data",
                provider.name()
            ));
        }
        let clients: Vec<&Case> = cases
            .iter()
            .filter(|case| case.role.judges_clients() && why_not(case).is_none())
            .copied()
            .collect();
        let known = align::signatures(suite, &clients);
        for case in cases.iter().filter(|case| wanted(case)) {
            match judge(suite, case, stream, &known, bare) {
                Ok((report, transcript, entries)) => {
                    judged.results.push((report, transcript));
                    judged.entries.push(entries);
                }
                Err(why) => judged.unjudged.push(Unjudged {
                    case: case.id.clone(),
                    why,
                }),
            }
        }
    }
    Ok(judged)
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
    bare: bool,
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
    let (mut there, mut hidden) = (false, BTreeSet::new());
    for instance in align::instances(case, &items, stream, known) {
        there |= instance.whole;
        let (checks, transcript, left_out) =
            judge_instance(suite, case, &items, stream, &instance, bare);
        if instance.whole {
            hidden.extend(left_out.iter().cloned());
        }
        if checks.is_empty() && left_out.is_empty() {
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
    match worst {
        Some((_, checks, transcript)) => Ok((
            CaseReport::of(&case.id, case.level, checks)
                .hiding(&About::of(case), hidden.into_iter().collect()),
            transcript,
            entries.into_iter().collect(),
        )),
        None if there && !case.role.judges_clients() => Err(WhyNot::Sent),
        None if there => Err(WhyNot::Outcome),
        None => Err(WhyNot::NotThere),
    }
}

/// The checks of one time that a case took place; the ids of those that were left out because the
/// recording hides what they are on.
fn judge_instance(
    suite: &Suite,
    case: &Case,
    items: &[Item<'_>],
    stream: &Stream,
    instance: &Instance,
    bare: bool,
) -> (Vec<Check>, Transcript, Vec<String>) {
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
    let mut hidden = Vec::new();
    let kept = checks
        .into_iter()
        .filter(|check| {
            let id = check.id.strip_prefix(&prefix).unwrap_or(&check.id);
            let Some((item, rest)) = items.iter().find_map(|item| {
                let rest = id.strip_prefix(item.exchange.name.as_str())?;
                Some((item, rest.strip_prefix('.')?))
            }) else {
                return false;
            };
            let judged = is_demanded(item.exchange, rest)
                && (!item.is_call() || is_the_clients(item.exchange, rest));
            if judged && bare && is_about_headers(item.exchange, rest, check.passed) {
                hidden.push(check.id.clone());
                return false;
            }
            judged
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

/// Whether a check asks for a credential in a header, or that there is no second one. That there is a second one is
/// seen even where others are hidden.
fn is_about_headers(exchange: &Exchange, check: &str, passed: bool) -> bool {
    let elsewhere = matches!(
        exchange.credential,
        None | Some(Credential::Absent | Credential::Query(..))
    );
    !elsewhere && (check == "credential" || check == "one-credential" && passed)
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
