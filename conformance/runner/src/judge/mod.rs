//! The verdict: the recorded exchanges are compared with the case.
//!
//! Every expectation is a check with an id of its own, the same whether it passes or fails. What
//! a check reports as seen has secrets replaced by their names.

mod answer;
mod body;
mod change;
mod credential;
mod derive;
mod fields;
mod mutate;
mod named;
mod outcome;
mod prove;
mod reference;
mod request;
mod transcript;

pub use derive::derived_mutants;
pub use mutate::mutate;
pub use named::check_mutants;
pub use prove::{MutantReport, prove, prove_case};
pub use reference::reference;
pub use transcript::{StepRecord, Transcript};

pub(crate) use answer::captures;
pub(crate) use prove::prove_cases;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::case::{Case, Exchange, Step, Suite, capture_state, case_values};
use crate::fixture::{Answer, Recorded, Redactor, Values};
use crate::report::Check;

/// The text for a request that was not sent.
pub(crate) const NOTHING: &str = "nothing was sent";

/// Judges a client by a whole case.
pub fn judge_client(suite: &Suite, case: &Case, transcript: &Transcript) -> Vec<Check> {
    Judge::new(suite, case, transcript.values.clone()).client(transcript)
}

/// Judges an endpoint by a whole case.
pub fn judge_server(suite: &Suite, case: &Case, transcript: &Transcript) -> Vec<Check> {
    Judge::new(suite, case, transcript.values.clone()).server(transcript)
}

/// One exchange that was recorded elsewhere, held against one of a case's.
#[derive(Clone, Debug)]
pub struct Observed<'a> {
    /// What the case expects.
    pub exchange: &'a Exchange,
    /// What was sent; none if something else was sent in its place.
    pub request: Option<&'a Recorded>,
    /// What was answered, where it is to be judged.
    pub answer: Option<&'a Answer>,
}

/// Judges the requests, the answers or both, by the case's role, of exchanges that are a part of
/// a recording. What a client makes of an answer is in no recording and is not judged. To be
/// `brief`, checks that pass say nothing of what they saw.
pub fn judge_observed(
    suite: &Suite,
    case: &Case,
    values: Values,
    observed: &[Observed<'_>],
    brief: bool,
) -> Vec<Check> {
    let mut judge = Judge::new(suite, case, values);
    if brief {
        judge.words = Words::OfFailures;
    }
    for one in observed {
        if case.role.judges_clients() {
            judge.request(one.exchange, one.request);
        }
        if case.role.judges_servers()
            && let (Some(expected), Some(answer)) = (&one.exchange.answer, one.answer)
        {
            judge.answer(one.exchange, expected, Some(answer));
        }
    }
    judge.checks
}

/// The ids of all checks of a case, without the case's id.
pub fn check_ids(suite: &Suite, case: &Case) -> Vec<String> {
    let nothing = Transcript {
        steps: Vec::new(),
        values: case_values(suite, case),
    };
    let mut checks = Vec::new();
    if case.role.judges_clients() {
        checks.extend(judge_client(suite, case, &nothing));
    }
    if case.role.judges_servers() {
        checks.extend(judge_server(suite, case, &nothing));
    }
    let prefix = format!("{}#", case.id);
    checks
        .into_iter()
        .map(|check| {
            check
                .id
                .strip_prefix(&prefix)
                .map(str::to_owned)
                .unwrap_or(check.id)
        })
        .collect()
}

/// Judges a client, an endpoint or both by a whole case, and says only which checks failed.
/// The redactor is that of the transcript's values, which may be those of many.
pub(crate) fn failed_checks(
    suite: &Suite,
    case: &Case,
    transcript: &Transcript,
    redactor: &Rc<Redactor>,
) -> Vec<String> {
    let silent = || {
        let mut judge = Judge::new(suite, case, transcript.values.clone());
        judge.words = Words::None;
        judge.redactor = OnceCell::from(Rc::clone(redactor));
        judge
    };
    let mut checks = Vec::new();
    if case.role.judges_clients() {
        checks.extend(silent().client(transcript));
    }
    if case.role.judges_servers() {
        checks.extend(silent().server(transcript));
    }
    let failed = checks.into_iter().filter(|check| !check.passed);
    let prefix = format!("{}#", case.id);
    failed
        .map(|check| {
            check
                .id
                .strip_prefix(&prefix)
                .map(str::to_owned)
                .unwrap_or(check.id)
        })
        .collect()
}

/// What is said of checks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    All,
    /// Nothing of those that pass.
    OfFailures,
    None,
}

/// The judge in the middle of a case.
struct Judge<'a> {
    suite: &'a Suite,
    case: &'a Case,
    values: Values,
    /// Of these values; made where it is needed.
    redactor: OnceCell<Rc<Redactor>>,
    words: Words,
    /// What a field held earlier in the case, by `<part>.<name>`.
    earlier: BTreeMap<String, Vec<String>>,
    /// Media type and body by exchange.
    bodies: BTreeMap<String, (Option<String>, Vec<u8>)>,
    checks: Vec<Check>,
}

impl<'a> Judge<'a> {
    fn new(suite: &'a Suite, case: &'a Case, values: Values) -> Self {
        Self {
            suite,
            case,
            redactor: OnceCell::new(),
            words: Words::All,
            values,
            earlier: BTreeMap::new(),
            bodies: BTreeMap::new(),
            checks: Vec::new(),
        }
    }

    fn client(mut self, transcript: &Transcript) -> Vec<Check> {
        for (index, step) in self.case.step.iter().enumerate() {
            self.step(step, transcript.steps.get(index));
        }
        self.checks
    }

    fn server(mut self, transcript: &Transcript) -> Vec<Check> {
        for (index, step) in self.case.step.iter().enumerate() {
            self.answers(step, transcript.steps.get(index));
        }
        self.checks
    }

    fn step(&mut self, step: &Step, record: Option<&StepRecord>) {
        if let Some(expected) = &step.url {
            let url = record.and_then(StepRecord::url);
            let origin = self.values.get("origin").unwrap_or_default();
            let request = url.as_deref().map(|url| request::from_url(url, origin));
            if let Some(url) = &url {
                capture_state(&mut self.values, url);
                // From here on it is a secret like any other, to be found where it is shown.
                self.redactor.take();
            }
            self.request(expected, request.as_ref());
        }
        let requests = record.map_or(&[][..], |record| &record.requests);
        for (index, exchange) in step.exchange.iter().enumerate() {
            self.request(exchange, requests.get(index));
        }
        self.count(step, record.map(|record| record.requests.as_slice()));
        self.outcome(step, record);
    }

    fn redactor(&self) -> &Redactor {
        self.redactor
            .get_or_init(|| Rc::new(self.values.redactor()))
    }

    /// Whether a check with this outcome says what it saw.
    fn says(&self, passed: bool) -> bool {
        match self.words {
            Words::All => true,
            Words::OfFailures => !passed,
            Words::None => false,
        }
    }

    fn check(&mut self, id: &str, passed: bool, expected: &str, seen: &str) {
        let says = self.says(passed);
        let shown = |text: &str| {
            if says {
                self.redactor().redact(text)
            } else {
                String::new()
            }
        };
        let check = Check {
            id: format!("{}#{id}", self.case.id),
            passed,
            expected: shown(expected),
            seen: shown(seen),
        };
        self.checks.push(check);
    }

    /// A value as it may be shown. One that stands where a secret belongs and is none that we
    /// know may be a user's secret.
    fn show(&self, value: &str, secret: bool) -> String {
        if self.words == Words::None {
            return String::new();
        }
        // It is another one in each run, and a report is the same in each.
        if !value.is_empty() && self.values.get("state") == Some(value) {
            return format!("`[state]` of {} characters", value.chars().count());
        }
        let redacted = self.redactor().redact(value);
        if secret && redacted == value && !value.is_empty() {
            return format!("an unknown value of {} characters", value.chars().count());
        }
        format!("`{redacted}`")
    }

    /// Whether a template names a secret.
    fn names_secret(&self, template: &str) -> bool {
        template
            .split("${")
            .skip(1)
            .filter_map(|part| part.split('}').next())
            .any(|name| self.values.is_secret(name))
    }
}
