//! What an endpoint answers.

use serde_json::Value;

use super::fields::texts;
use super::{Judge, StepRecord};
use crate::case::{Exchange, ExpectAnswer, Fields, Step};
use crate::fixture::{Answer, query_pairs};

impl Judge<'_> {
    /// Checks the answers of a step, and takes over what later requests need.
    pub(super) fn answers(&mut self, step: &Step, record: Option<&StepRecord>) {
        for (index, exchange) in step.exchange.iter().enumerate() {
            let Some(expected) = &exchange.answer else {
                continue;
            };
            let answer = record.and_then(|record| record.answers.get(index)?.as_ref());
            self.answer(exchange, expected, answer);
            if let Some(answer) = answer {
                for (name, value) in captures(expected, answer) {
                    self.values.set(&name, &value);
                }
                self.redactor.take();
            }
        }
    }

    pub(super) fn answer(
        &mut self,
        exchange: &Exchange,
        expected: &ExpectAnswer,
        answer: Option<&Answer>,
    ) {
        let id = |part: &str| format!("{}.answer.{part}", exchange.name);
        let wanted: Vec<String> = expected.status.iter().map(u16::to_string).collect();
        let seen = answer.map_or("no answer".to_owned(), |answer| answer.status.to_string());
        let passed = wanted.contains(&seen);
        self.check(&id("status"), passed, &wanted.join(" or "), &seen);
        let headers = answer.map(|answer| {
            let lower = answer
                .headers
                .iter()
                .map(|(n, v)| (n.to_ascii_lowercase(), v.clone()));
            texts(lower.collect())
        });
        self.fields(&id("header"), &expected.headers, headers.as_deref());
        let members = answer.map(|answer| members(&expected.json, &json_of(answer)));
        self.fields(&id("json"), &expected.json, members.as_deref());
        let location = answer.map(|answer| texts(location_of(answer)));
        self.fields(&id("location"), &expected.location, location.as_deref());
    }
}

/// The values that an answer yields for later requests.
pub(crate) fn captures(expected: &ExpectAnswer, answer: &Answer) -> Vec<(String, String)> {
    let json = json_of(answer);
    expected
        .capture
        .iter()
        .filter_map(|(name, place)| {
            let value = match place.strip_prefix("location.") {
                Some(field) => {
                    location_of(answer)
                        .into_iter()
                        .find(|(known, _)| known == field)?
                        .1
                }
                None => lookup(&json, place)?.as_str()?.to_owned(),
            };
            Some((name.clone(), value))
        })
        .collect()
}

fn json_of(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

fn location_of(answer: &Answer) -> Vec<(String, String)> {
    let location = answer
        .header("location")
        .first()
        .copied()
        .unwrap_or_default();
    query_pairs(location.split_once('?').map_or("", |(_, query)| query))
}

/// The top-level members, and those inside that the expectation names by a dotted path.
fn members(expected: &Fields, json: &Value) -> Vec<(String, Value)> {
    let mut all: Vec<(String, Value)> = json
        .as_object()
        .map(|members| {
            members
                .iter()
                .map(|(n, v)| (n.clone(), v.clone()))
                .collect()
        })
        .unwrap_or_default();
    let named = expected
        .wanted()
        .map(|(name, _)| name)
        .chain(&expected.forbid);
    for path in named.filter(|name| name.contains('.')) {
        if let Some(value) = lookup(json, path) {
            all.push((path.clone(), value.clone()));
        }
    }
    all
}

fn lookup<'v>(json: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.')
        .try_fold(json, |value, part| match part.parse::<usize>() {
            Ok(index) => value.get(index),
            Err(_) => value.get(part),
        })
}
