//! The run that conforms, put together from the fixtures: each case must pass it, and each
//! mutant is a change to it.

use super::answer::captures;
use super::{StepRecord, Transcript};
use crate::case::{Case, Operation, Resulting, Step, Suite, capture_state, case_values};
use crate::citation::sha256;
use crate::fixture::{Answer, ValueError, Values};
use crate::script::{ErrorKind, Failure, Outcome, Success};

/// The reference run of a case, with the origins of `values` if any are given.
///
/// # Errors
///
/// If the case names a fixture or value that does not exist.
pub fn reference(
    suite: &Suite,
    case: &Case,
    values: Option<Values>,
) -> Result<Transcript, ValueError> {
    let begin = values.unwrap_or_else(|| case_values(suite, case));
    let mut values = begin.clone();
    let mut steps = Vec::new();
    for step in &case.step {
        let record = step_record(suite, step, &values)?;
        if let Some(url) = record.url() {
            capture_state(&mut values, &url);
        }
        for (exchange, answer) in step.exchange.iter().zip(&record.answers) {
            if let (Some(expected), Some(answer)) = (&exchange.answer, answer) {
                for (name, value) in captures(expected, answer) {
                    values.set(&name, &value);
                }
            }
        }
        steps.push(record);
    }
    Ok(Transcript {
        steps,
        values: begin,
    })
}

fn step_record(suite: &Suite, step: &Step, values: &Values) -> Result<StepRecord, ValueError> {
    let unknown = |id: &str| ValueError::new(format!("`{id}` is no fixture"));
    let mut requests = Vec::new();
    let mut answers = Vec::new();
    for exchange in &step.exchange {
        let (file, answer) = suite
            .fixtures
            .get(&exchange.respond)
            .ok_or_else(|| unknown(&exchange.respond))?;
        requests.push(file.recorded(values, &exchange.with)?);
        answers.push(Some(file.answered(answer, values, &exchange.with)?));
    }
    let url = match &step.url {
        None => None,
        Some(url) => {
            let (file, _) = suite
                .fixtures
                .get(&url.respond)
                .ok_or_else(|| unknown(&url.respond))?;
            let request = file.recorded(values, &url.with)?;
            Some(format!(
                "{}{}",
                values.get("origin").unwrap_or_default(),
                request.target
            ))
        }
    };
    let last = answers.last().and_then(Option::as_ref);
    let outcome = Some(outcome(step, last, url));
    Ok(StepRecord {
        requests,
        outcome,
        answers,
        names: Vec::new(),
    })
}

fn outcome(step: &Step, last: Option<&Answer>, url: Option<String>) -> Outcome {
    let expected = &step.outcome;
    let called = matches!(step.operation, Operation::Call(_));
    match expected.result {
        Resulting::Ok | Resulting::Answered => Outcome::Ok(Success {
            status: last.filter(|_| called).map(|answer| answer.status),
            body_sha256: last.filter(|_| called).map(|answer| sha256(&answer.body)),
            url,
            said: Vec::new(),
        }),
        Resulting::Error | Resulting::Any => Outcome::Error(Failure {
            kind: expected.kind.first().copied().unwrap_or(ErrorKind::Other),
            status: expected.status,
            code: expected.code.clone(),
            said: Vec::new(),
        }),
    }
}
