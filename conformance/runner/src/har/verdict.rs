//! The verdict on a case, by what a recording shows of it.

use std::collections::{BTreeMap, BTreeSet};

use super::abroad::{elsewhere, leak, taken_along};
use super::align::{Instance, Search};
use super::bind::Bindings;
use super::canaries::Canaries;
use super::gaps::Gaps;
use super::hidden::Hidden;
use super::item::{Item, items};
use super::mistake::Finding;
use super::point::{is_shown, why_not};
use super::result::WhyNot;
use super::signature::Signature;
use super::stream::Stream;
use super::view::View;
use crate::case::{Case, Exchange, Fields, Suite, case_values};
use crate::fixture::Values;
use crate::judge::{Observed, StepRecord, Transcript, judge_observed};
use crate::report::{About, CaseReport, Check};

/// A case that is judged each time that it took place.
pub(super) struct JudgedCase<'a> {
    pub(super) suite: &'a Suite,
    pub(super) case: &'a Case,
    pub(super) stream: &'a Stream,
    pub(super) gaps: &'a Gaps<'a>,
    /// Whether the recording leaves nothing out.
    pub(super) is_whole: bool,
    /// The checks that cannot be made, by id.
    pub(super) hidden: &'a mut BTreeMap<String, Hidden>,
    pub(super) findings: &'a mut Vec<Finding>,
    pub(super) given_up: &'a mut usize,
}

/// The time a case took place that says most: the one with the most failed checks.
struct Worst {
    failed: usize,
    instance: Instance,
}

impl JudgedCase<'_> {
    pub(super) fn verdict(
        &mut self,
        known: &[Signature],
    ) -> Result<(CaseReport, Transcript, Vec<usize>), WhyNot> {
        let (suite, case, stream) = (self.suite, self.case, self.stream);
        if let Some(failed) = self.strayed(known) {
            return Ok(failed);
        }
        if let Some(why) = why_not(case) {
            return Err(why);
        }
        let items = items(suite, case, stream, known).ok_or(WhyNot::Outcome)?;
        if items.is_empty() {
            return Err(WhyNot::Outcome);
        }
        let occurs = |item: &Item<'_>| (0..stream.seen.len()).any(|at| item.fits(case, stream, at));
        if stream.clock.is_unknown() && items.len() > 1 && items.iter().all(occurs) {
            return Err(WhyNot::Hidden(Hidden::Times));
        }
        let begin = case_values(suite, case);
        let mut worst: Option<Worst> = None;
        let mut entries = BTreeSet::new();
        let mut there = false;
        let mut search = Search {
            case,
            items: &items,
            stream,
            given_up: 0,
            too_far: false,
            untimed: false,
        };
        search.instances(&mut |instance| {
            if !is_shown(case, &items, stream, instance) {
                return;
            }
            there |= instance.whole;
            let (checks, left_out) = self.checks(&items, &begin, instance, true);
            let failed = checks.iter().filter(|check| !check.passed).count();
            let has_none = checks.is_empty() && left_out.is_empty();
            if instance.whole {
                self.hidden.extend(left_out);
            }
            if has_none || failed == 0 && !instance.whole {
                return;
            }
            let at = instance.found.iter().flatten().copied();
            let at = at.chain(stream.abroad.follower(&items, instance));
            entries.extend(at.map(|at| stream.seen[at].index));
            if failed > 0 {
                self.note(&items, &begin, instance, checks);
            }
            if worst.as_ref().is_none_or(|worst| failed > worst.failed) {
                let instance = instance.clone();
                worst = Some(Worst { failed, instance });
            }
        });
        *self.given_up += search.given_up;
        let mut all = 0..stream.seen.len();
        let may_be_there = !self.is_whole
            && all.any(|at| {
                items
                    .iter()
                    .any(|item| item.may_be_hidden(case, stream, at))
            });
        let (untimed, too_far) = (search.untimed, search.too_far);
        match worst {
            // What may be wrong is not right.
            None | Some(Worst { failed: 0, .. }) if untimed => Err(WhyNot::Hidden(Hidden::Times)),
            None | Some(Worst { failed: 0, .. }) if too_far => Err(WhyNot::Hidden(Hidden::TooFar)),
            // The refusals that it shows are not all that there may be.
            Some(Worst { failed: 0, .. }) if may_be_there && self.gaps.hides_a_refusal => {
                Err(WhyNot::Hidden(Hidden::AnswerBody))
            }
            Some(Worst { instance, .. }) => {
                let (checks, _) = self.checks(&items, &begin, &instance, false);
                let transcript = self.transcript(&items, &begin, &instance);
                let redactor = transcript.values.redactor();
                let shown = checks.into_iter().map(|check| shown(&redactor, check));
                Ok((
                    CaseReport::of(&case.id, case.level, shown.collect())
                        .hiding(&About::of(case), self.hidden.keys().cloned().collect()),
                    transcript,
                    entries.into_iter().collect(),
                ))
            }
            None if self.is_reissued(&items) => Err(WhyNot::Hidden(Hidden::Reissued)),
            None if may_be_there => Err(WhyNot::Hidden(Hidden::AnswerBody)),
            None if there && !case.role.judges_clients() => Err(WhyNot::Sent),
            None if there => Err(WhyNot::Outcome),
            None if self.is_whole => Err(WhyNot::NotThere),
            // Whatever would follow a token that is not there cannot be found.
            None if self.gaps.hides_token(&items, case) => Err(WhyNot::Hidden(Hidden::AnswerBody)),
            None => Err(self
                .gaps
                .unassigned(&items)
                .map_or(WhyNot::NotThere, WhyNot::Hidden)),
        }
    }

    /// What is wrong if the case is about calls to another origin, and one to another customer's host has a token that
    /// was issued at this one's. That none has says nothing: nothing tells whether a client was asked for one.
    fn strayed(&mut self, known: &[Signature]) -> Option<(CaseReport, Transcript, Vec<usize>)> {
        let (case, stream) = (self.case, self.stream);
        let step = elsewhere(case)?;
        let first = *stream.abroad.strays.first()?;
        let items = items(self.suite, case, stream, known)?;
        let last = items.last()?;
        let mut instance = Instance {
            whole: true,
            found: vec![None; items.len() - 1],
            bindings: Bindings::default(),
        };
        instance.found.push(Some(first));
        let (request, begin) = (&stream.seen[first].request, case_values(self.suite, case));
        instance.bindings.request(last.placed, request);
        let transcript = self.transcript(&items, &begin, &instance);
        for at in &stream.abroad.strays {
            self.findings.push(Finding {
                case: case.id.clone(),
                entry: Some(stream.seen[*at].index),
                part: "leak".to_owned(),
                check: leak(case, step, false),
            });
        }
        let entries = stream.abroad.strays.iter().map(|at| stream.seen[*at].index);
        let report = CaseReport::of(&case.id, case.level, vec![leak(case, step, false)]);
        Some((report, transcript, entries.collect()))
    }

    /// Whether a call was refused as the case is about, and then the same token was issued again. A server has no
    /// reason to do so, but a tool that writes one text in place of every token makes it look so.
    fn is_reissued(&self, items: &[Item<'_>]) -> bool {
        let (case, stream) = (self.case, self.stream);
        let mut refused = items
            .iter()
            .filter(|item| item.is_call() && !item.is_plain());
        refused.any(|item| {
            (0..stream.seen.len()).any(|at| {
                item.fits(case, stream, at)
                    && item.answered_alike(stream, at)
                    && self.gaps.is_reissued(at)
            })
        })
    }

    /// The checks of one time that a case took place, and those that cannot be made, each with the reason.
    fn checks(
        &self,
        items: &[Item<'_>],
        begin: &Values,
        instance: &Instance,
        brief: bool,
    ) -> (Vec<Check>, BTreeMap<String, Hidden>) {
        let (case, stream) = (self.case, self.stream);
        let granted = |answer: &&crate::fixture::Answer| (200..300).contains(&answer.status);
        let observed: Vec<Observed<'_>> = items
            .iter()
            .zip(&instance.found)
            .map(|(item, found)| {
                let seen = found.map(|at| &stream.seen[at]);
                Observed {
                    exchange: item.exchange,
                    request: seen.map(|seen| &seen.request),
                    answer: seen
                        .filter(|_| item.is_token())
                        .and_then(|seen| seen.answer.as_ref())
                        // Whether the credential was good is not known: a refusal may be right.
                        .filter(granted),
                }
            })
            .collect();
        let values = self.values(begin, instance);
        let checks = judge_observed(self.suite, case, values.clone(), &observed, brief);
        let view = (!self.is_whole).then(|| View {
            suite: self.suite,
            case,
            items,
            stream,
            instance,
            gaps: self.gaps,
            values: &values,
            observed: &observed,
        });
        let lost = view.as_ref().map(View::lost_names).unwrap_or_default();
        let mut hidden = BTreeMap::new();
        let mut kept: Vec<Check> = checks
            .into_iter()
            .filter(|check| {
                let Some((index, rest)) = item_of(case, items, check) else {
                    return false;
                };
                let item = &items[index];
                let judged = is_demanded(item.exchange, rest)
                    && (!item.is_call() || is_the_clients(item.exchange, rest));
                let view = view.as_ref().filter(|_| judged);
                let why = view.and_then(|view| view.hides(&lost, index, rest, check));
                if let Some(why) = why {
                    hidden.insert(check.id.clone(), why);
                }
                judged && why.is_none()
            })
            .collect();
        match taken_along(case, items, stream, instance) {
            Some((check, Some(why))) => {
                hidden.insert(check.id, why);
            }
            Some((check, None)) => kept.push(check),
            None => {}
        }
        (kept, hidden)
    }

    /// The values of the case, as they are in the recording.
    fn values(&self, begin: &Values, instance: &Instance) -> Values {
        let mut values = begin.clone();
        // Known secrets are found in a URL whether the case names them or not.
        for name in ["client-secret", "api-key"] {
            if let Some(value) = self.stream.values.get(name) {
                values.set(name, value);
            }
        }
        instance.bindings.apply(&mut values);
        values
    }

    fn transcript(&self, items: &[Item<'_>], begin: &Values, instance: &Instance) -> Transcript {
        let (case, names) = (self.case, &self.stream.names);
        let mut steps: Vec<StepRecord> = case.step.iter().map(|_| StepRecord::default()).collect();
        let mut canaries = Canaries::default();
        for (item, found) in items.iter().zip(&instance.found) {
            let Some(seen) = found.map(|at| &self.stream.seen[at]) else {
                continue;
            };
            canaries.request(names, &seen.request);
            if let Some(answer) = &seen.answer {
                canaries.answer(names, answer);
            }
            let step = &mut steps[item.step];
            step.requests.push(seen.request.clone());
            step.answers.push(seen.answer.clone());
            step.names.push(item.exchange.name.clone());
        }
        let mut values = self.values(begin, instance);
        // Every other value in these exchanges has a name of its own.
        values.adopt_secrets(&canaries.values());
        Transcript { steps, values }
    }

    /// Takes note of the checks that failed, and of the entries that they are about.
    fn note(
        &mut self,
        items: &[Item<'_>],
        begin: &Values,
        instance: &Instance,
        checks: Vec<Check>,
    ) {
        let redactor = self.transcript(items, begin, instance).values.redactor();
        for check in checks.into_iter().filter(|check| !check.passed) {
            let (part, entry) = match item_of(self.case, items, &check) {
                Some((index, part)) => {
                    // What was not sent is missing before what was sent in its place.
                    let later = instance.found.get(index..).unwrap_or_default();
                    (part.to_owned(), later.iter().flatten().next().copied())
                }
                // What was sent to another origin belongs to no exchange of the case.
                None => (
                    "leak".to_owned(),
                    self.stream.abroad.follower(items, instance),
                ),
            };
            self.findings.push(Finding {
                case: self.case.id.clone(),
                entry: entry.map(|at| self.stream.seen[at].index),
                part,
                check: shown(&redactor, check),
            });
        }
    }
}

/// Which item a check is about, and what of it.
fn item_of<'c>(case: &Case, items: &[Item<'_>], check: &'c Check) -> Option<(usize, &'c str)> {
    let id = check.id.strip_prefix(case.id.as_str())?.strip_prefix('#')?;
    items.iter().enumerate().find_map(|(index, item)| {
        let rest = id.strip_prefix(item.exchange.name.as_str())?;
        Some((index, rest.strip_prefix('.')?))
    })
}

/// A check in which each value is replaced by its name.
fn shown(redactor: &crate::fixture::Redactor, check: Check) -> Check {
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
