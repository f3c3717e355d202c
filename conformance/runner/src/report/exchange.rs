//! The record of a case: steps, requests, answers, outcomes.

use std::collections::VecDeque;

use serde::Serialize;

use super::show::Shown;
use crate::case::{Case, Operation, Step, Suite, capture_state};
use crate::fixture::{Answer, Recorded, ValueError, Values};
use crate::judge::{StepRecord, Transcript};
use crate::script::{Outcome, unexpected};

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepEntry {
    /// Its name.
    pub name: String,
    /// What was to be done.
    pub task: String,
    /// How many seconds passed before it.
    #[serde(skip_serializing_if = "is_zero")]
    pub after: u64,
    /// The URL that the client made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The exchanges, in order.
    pub exchanges: Vec<ExchangeEntry>,
    /// The outcome; none if the step did not end, or if an endpoint was judged.
    pub outcome: Option<String>,
    /// What the client said that shows a secret, with the secret by its name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub leaks: Vec<String>,
}

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExchangeEntry {
    /// The exchange of the case; none for a request that it does not name.
    pub name: Option<String>,
    /// Where it was sent: `main`, or `other`.
    pub origin: String,
    /// The method.
    pub method: String,
    /// The request target.
    pub target: String,
    /// The headers, as they were sent.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
    /// What it was answered.
    pub answer: Option<AnswerEntry>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AnswerEntry {
    /// The fixture, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixture: Option<String>,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
    /// Its oddities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The steps of a run.
pub(super) fn steps(
    suite: &Suite,
    case: &Case,
    transcript: &Transcript,
    shown: &Shown,
) -> Result<Vec<StepEntry>, ValueError> {
    let mut values = transcript.values.clone();
    let mut entries = Vec::new();
    for (step, record) in case.step.iter().zip(&transcript.steps) {
        let answers = answers(suite, step, record, &values)?;
        let names: Vec<Option<&String>> = if record.names.is_empty() {
            let exchanges = step.exchange.iter();
            exchanges.map(|exchange| Some(&exchange.name)).collect()
        } else {
            record.names.iter().map(Some).collect()
        };
        let exchanges = record
            .requests
            .iter()
            .zip(names.into_iter().chain(std::iter::repeat(None)))
            .zip(answers)
            .map(|((request, name), answer)| ExchangeEntry {
                name: name.cloned(),
                ..exchange(shown, request, answer)
            });
        entries.push(StepEntry {
            name: step.name.clone(),
            task: shown.task(&task(&step.operation)),
            after: step.advance,
            url: record.url().map(|url| shown.target(&url)),
            exchanges: exchanges.collect(),
            outcome: record.outcome.as_ref().map(outcome),
            leaks: record
                .outcome
                .iter()
                .flat_map(|outcome| leaks(outcome, &values, shown))
                .collect(),
        });
        if let Some(url) = record.url() {
            capture_state(&mut values, &url);
        }
    }
    Ok(entries)
}

/// An answer, and the fixture that it is, if it is one.
type Answered = (Option<String>, Answer);

/// What was answered: recorded, or else what the script had for each request.
fn answers(
    suite: &Suite,
    step: &Step,
    record: &StepRecord,
    values: &Values,
) -> Result<Vec<Option<Answered>>, ValueError> {
    if !record.answers.is_empty() {
        return Ok(record
            .answers
            .iter()
            .map(|answer| answer.clone().map(|answer| (None, answer)))
            .collect());
    }
    let mut scripted = VecDeque::new();
    for exchange in &step.exchange {
        if let Some((file, answer)) = suite.fixtures.get(&exchange.respond) {
            let answer = file.answered(answer, values, &exchange.with)?;
            scripted.push_back((Some(exchange.respond.clone()), answer));
        }
    }
    let mut otherwise = Vec::new();
    for further in &step.otherwise {
        if let Some((file, answer)) = suite.fixtures.get(&further.respond) {
            let request = file.recorded(values, &further.with)?;
            let answer = file.answered(answer, values, &further.with)?;
            otherwise.push((request, (Some(further.respond.clone()), answer)));
        }
    }
    let answered = record.requests.iter().map(|request| {
        let further = || {
            let fits = |known: &Recorded| {
                (&known.method, known.path()) == (&request.method, request.path())
            };
            let found = otherwise.iter().find(|(known, _)| fits(known));
            found.map(|(_, answer)| answer.clone())
        };
        scripted
            .pop_front()
            .or_else(further)
            .or_else(|| Some((None, unexpected())))
    });
    Ok(answered.collect())
}

fn exchange(shown: &Shown, request: &Recorded, answer: Option<Answered>) -> ExchangeEntry {
    ExchangeEntry {
        name: None,
        origin: request.origin.clone(),
        method: shown.text(&request.method),
        target: shown.target(&request.target),
        headers: shown.request_headers(&request.headers),
        body: shown.request_body(request.media_type().as_deref(), &request.body),
        answer: answer.map(|(fixture, answer)| {
            let raw = answer.raw.as_deref();
            let media_type = answer
                .header("content-type")
                .first()
                .map(|value| value.split(';').next().unwrap_or_default().to_owned());
            AnswerEntry {
                fixture,
                status: answer.status,
                headers: shown.answer_headers(&answer.headers),
                body: shown.answer_body(media_type.as_deref(), raw.unwrap_or(&answer.body)),
                note: match (raw, answer.cut_after) {
                    (Some(_), _) => Some("sent as these bytes, then closed".to_owned()),
                    (None, Some(bytes)) => Some(format!("cut after {bytes} bytes of the body")),
                    (None, None) => answer
                        .reason
                        .as_deref()
                        .map(|reason| format!("reason phrase `{}`", shown.text(reason))),
                },
            }
        }),
    }
}

fn task(operation: &Operation) -> String {
    match operation {
        Operation::Call(call) => format!("call {} {}", call.method, call.path),
        Operation::Callback(callback) => format!("callback with {}", callback.query),
        other => other.word().to_owned(),
    }
}

fn outcome(outcome: &Outcome) -> String {
    let status = outcome.status();
    let status = status.map_or(String::new(), |status| format!(", status {status}"));
    match outcome {
        Outcome::Ok(_) => format!("success{status}"),
        Outcome::Error(failure) => {
            let kind = serde_json::to_value(failure.kind).unwrap_or_default();
            format!("error {}{status}", kind.as_str().unwrap_or_default())
        }
    }
}

/// What the client said that shows a secret.
fn leaks(outcome: &Outcome, values: &Values, shown: &Shown) -> Vec<String> {
    const LIMIT: usize = 400;
    let redactor = values.redactor();
    outcome
        .said()
        .iter()
        .filter(|text| !redactor.find(text).is_empty())
        .map(|text| {
            let text = shown.text(text);
            match text.char_indices().nth(LIMIT) {
                None => text,
                Some((end, _)) => format!("{}…", &text[..end]),
            }
        })
        .collect()
}
