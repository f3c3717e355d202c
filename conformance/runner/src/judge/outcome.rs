//! The outcome that the client reports.

use super::{Judge, StepRecord};
use crate::case::{Resulting, Step};
use crate::fixture::{MAIN, Recorded};
use crate::script::{ErrorKind, Outcome};

const NO_END: &str = "it came to no end";

impl Judge<'_> {
    /// Checks how many requests were made.
    pub(super) fn count(&mut self, step: &Step, requests: Option<&[Recorded]>) {
        let least = step.exchange.len();
        let (text, passed) = match step.at_most {
            None => (
                least.to_string(),
                requests.is_some_and(|all| all.len() == least),
            ),
            Some(most) => (
                format!("{least} to {most}"),
                requests.is_some_and(|all| {
                    let known = all
                        .iter()
                        .skip(least)
                        .all(|request| self.is_foreseen(step, request));
                    known && (least..=most).contains(&all.len())
                }),
            ),
        };
        let seen = requests.map_or("the step was not reached".to_owned(), |all| {
            let list: Vec<String> = all
                .iter()
                .map(|request| format!("{} {}", request.method, request.path()))
                .collect();
            format!("{} ({})", all.len(), list.join(", ")).replace(" ()", "")
        });
        self.check(&format!("{}.requests", step.name), passed, &text, &seen);
    }

    /// Whether a request beyond the exchanges is one that the step has an answer for. Those to the other
    /// origin are judged by what they carry.
    fn is_foreseen(&self, step: &Step, request: &Recorded) -> bool {
        request.origin != MAIN
            || step.otherwise.iter().any(|further| {
                let known = self.suite.fixtures.get(&further.respond);
                let known =
                    known.and_then(|(file, _)| file.recorded(&self.values, &further.with).ok());
                known.is_some_and(|known| {
                    (&known.method, known.path()) == (&request.method, request.path())
                })
            })
    }

    /// Checks the outcome of a step.
    pub(super) fn outcome(&mut self, step: &Step, record: Option<&StepRecord>) {
        let id = |part: &str| format!("{}.{part}", step.name);
        let expected = &step.outcome;
        let outcome = record.and_then(|record| record.outcome.as_ref());
        let shown = outcome.map_or(NO_END.to_owned(), describe);
        let kinds: Vec<String> = expected.kind.iter().map(|kind| word(*kind)).collect();
        let (text, passed) = match expected.result {
            Resulting::Ok => (
                "success".to_owned(),
                matches!(outcome, Some(Outcome::Ok(_))),
            ),
            Resulting::Error => {
                let text = if kinds.is_empty() {
                    "any".to_owned()
                } else {
                    kinds.join(" or ")
                };
                let passed = matches!(outcome, Some(Outcome::Error(failure))
                    if expected.kind.is_empty() || expected.kind.contains(&failure.kind));
                (format!("an error: {text}"), passed)
            }
            Resulting::Answered => {
                let status = expected.status.unwrap_or_default();
                let passed = outcome.and_then(Outcome::status) == Some(status);
                (format!("the answer {status} reaches the caller"), passed)
            }
            Resulting::Any => ("an end".to_owned(), outcome.is_some()),
        };
        self.check(&id("outcome"), passed, &text, &shown);
        if let (Some(status), true) = (expected.status, expected.result != Resulting::Answered) {
            let passed = outcome.and_then(Outcome::status) == Some(status);
            self.check(&id("status"), passed, &status.to_string(), &shown);
        }
        if let Some(code) = &expected.code {
            let found = match outcome {
                Some(Outcome::Error(failure)) => failure.code.as_deref(),
                _ => None,
            };
            self.check(
                &id("code"),
                found == Some(code),
                code,
                found.unwrap_or("none"),
            );
        }
        if expected.body {
            self.whole_body(step, outcome);
        }
        self.leak(step, record);
    }

    /// The last answer's body must have reached the caller byte by byte. A client that passes on
    /// no bytes cannot be judged by this and fails: the case then needs a feature.
    fn whole_body(&mut self, step: &Step, outcome: Option<&Outcome>) {
        let wanted = step.exchange.last().and_then(|exchange| {
            let (file, answer) = self.suite.fixtures.get(&exchange.respond)?;
            let answer = file.answered(answer, &self.values, &exchange.with).ok()?;
            Some(crate::citation::sha256(&answer.body))
        });
        let found = match outcome {
            Some(Outcome::Ok(success)) => success.body_sha256.clone(),
            _ => None,
        };
        let passed = wanted.is_some() && wanted == found;
        let text = format!("a body with sha256 {}", wanted.unwrap_or_default());
        let seen = found.map_or("no body".to_owned(), |hash| format!("sha256 {hash}"));
        self.check(&format!("{}.body", step.name), passed, &text, &seen);
    }

    /// No secret in what the client says, and none in what it sends to the other origin.
    fn leak(&mut self, step: &Step, record: Option<&StepRecord>) {
        let outcome = record.and_then(|record| record.outcome.as_ref());
        let said = outcome.map(|outcome| outcome.said().join("\n"));
        let abroad = record.into_iter().flat_map(|record| &record.requests);
        let sent: Vec<String> = abroad
            .filter(|request| request.origin != MAIN)
            .map(Recorded::text)
            .collect();
        let names: Vec<String> = said
            .iter()
            .chain(&sent)
            .flat_map(|text| self.redactor().find(text))
            .map(str::to_owned)
            .collect();
        let seen = match &said {
            None => NO_END.to_owned(),
            Some(_) if names.is_empty() => "none".to_owned(),
            Some(_) => names.join(", "),
        };
        let passed = said.is_some() && names.is_empty();
        let text = "no secret in what it says, and none sent to another origin";
        self.check(&format!("{}.leak", step.name), passed, text, &seen);
    }
}

fn describe(outcome: &Outcome) -> String {
    let status = outcome
        .status()
        .map_or(String::new(), |status| format!(", status {status}"));
    match outcome {
        Outcome::Ok(_) => format!("success{status}"),
        Outcome::Error(failure) => format!("error {}{status}", word(failure.kind)),
    }
}

/// The kind as it is written in data files and outcomes.
fn word(kind: ErrorKind) -> String {
    serde_json::to_value(kind)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
