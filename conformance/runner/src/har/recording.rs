//! The verdict on a recording.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::thread::{self, ScopedJoinHandle};

use super::align::MOST;
use super::entry::{Entry, LeftOut};
use super::gaps::Gaps;
use super::gather::sent;
use super::headers::Stripped;
use super::hidden::Hidden;
use super::mistake::{Finding, mistakes};
use super::place::Places;
use super::point::why_not;
use super::read::HarError;
use super::result::{Judged, Unjudged, WhyNot};
use super::signature::signatures;
use super::stream::{Sent, Stream, streams};
use super::verdict::JudgedCase;
use super::{notes, others};
use crate::case::{Case, Provider, Suite};
use crate::record::{AllowList, Redaction};

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
    wanted: impl Fn(&Case) -> bool + Sync,
) -> Result<Judged, HarError> {
    let (mut sent, preflights) = sent(suite, places, entries, complete);
    if sent.is_empty() {
        let none = "no entry is a request to a provider at a known address";
        let fix = "say where its servers are by --base SERVER=URL";
        return Err(HarError(format!("{none}; {fix}")));
    }
    let order = notes::order(&sent);
    let redaction = Redaction::new(AllowList::new(&suite.fixtures), &suite.providers);
    let stripped = Stripped::of(&suite.providers, &sent, complete);
    let others = others::set_aside(suite, &stripped, complete, &mut sent);
    let streams = streams(&suite.providers, redaction, &mut sent);
    let leaves_out = |sent: &Sent| sent.left_out != LeftOut::default();
    let is_whole = stripped.is_none() && !sent.iter().any(leaves_out);
    let mut judged = Judged::default();
    let mut needed = BTreeSet::new();
    judged.notes.extend(notes::preflights(preflights));
    judged.notes.extend(order);
    judged.notes.extend(others.notes());
    let mut findings = Vec::new();
    // Each is judged by itself, and by a thread of its own: a long recording takes seconds.
    let verdicts: Vec<OfProvider> = thread::scope(|scope| {
        let threads: Vec<_> = suite
            .providers
            .iter()
            .copied()
            .map(|provider| {
                let (streams, stripped, wanted) = (&streams, &stripped, &wanted);
                scope.spawn(move || {
                    let stream = streams.get(&provider);
                    OfProvider::judge(suite, provider, stream, stripped, is_whole, wanted)
                })
            })
            .collect();
        let end = |thread: ScopedJoinHandle<'_, OfProvider>| {
            thread.join().unwrap_or_else(|panic| resume_unwind(panic))
        };
        threads.into_iter().map(end).collect()
    });
    for verdict in verdicts {
        needed.extend(verdict.needed);
        findings.extend(verdict.findings);
        judged.concerned.extend(verdict.judged.concerned);
        judged.results.extend(verdict.judged.results);
        judged.entries.extend(verdict.judged.entries);
        judged.unjudged.extend(verdict.judged.unjudged);
        judged.hidden.extend(verdict.judged.hidden);
        judged.notes.extend(verdict.judged.notes);
    }
    judged.mistakes = mistakes(suite, findings);
    needed.extend(judged.needed());
    judged.notes.extend(notes::hidden(&needed, &sent));
    Ok(judged)
}

/// The verdict on what concerns one provider.
#[derive(Default)]
struct OfProvider {
    judged: Judged,
    needed: BTreeSet<Hidden>,
    findings: Vec<Finding>,
}

impl OfProvider {
    fn judge(
        suite: &Suite,
        provider: Provider,
        stream: Option<&Stream>,
        stripped: &Stripped,
        is_whole: bool,
        wanted: impl Fn(&Case) -> bool,
    ) -> Self {
        let mut own = Self::default();
        let judged = &mut own.judged;
        let cases: Vec<&Case> = suite
            .cases
            .iter()
            .filter(|case| case.provider == provider)
            .collect();
        let Some(stream) = stream else {
            let unjudged = cases
                .iter()
                .filter(|case| wanted(case))
                .map(|case| Unjudged {
                    case: case.id.clone(),
                    why: WhyNot::NoExchange,
                });
            judged.unjudged.extend(unjudged);
            return own;
        };
        judged.concerned.insert(provider.name(), stream.seen.len());
        let clients: Vec<&Case> = cases
            .iter()
            .filter(|case| case.role.judges_clients() && why_not(case).is_none())
            .copied()
            .collect();
        let known = signatures(suite, &clients);
        let gaps = Gaps::of(stream, stripped);
        own.needed.extend(gaps.needed());
        let mut given_up = 0;
        for case in cases.iter().filter(|case| wanted(case)) {
            let mut hidden = BTreeMap::new();
            let mut judge = JudgedCase {
                suite,
                case,
                stream,
                gaps: &gaps,
                is_whole,
                hidden: &mut hidden,
                findings: &mut own.findings,
                given_up: &mut given_up,
            };
            match judge.verdict(&known) {
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
        if given_up > 0 {
            judged.notes.push(format!(
                "{}: {given_up} times, what followed a call was looked for among the next {MOST} \
                 calls only; a mistake behind them is not seen",
                provider.name()
            ));
        }
        own
    }
}
