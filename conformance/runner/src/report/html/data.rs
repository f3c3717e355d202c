//! The details of the cells, as JSON: small, because every text is written once.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::matrix::parts;
use crate::report::said::seen_in;
use crate::report::{AnswerEntry, CaseEntry, ExchangeEntry, Part, Run, StepEntry};

/// The texts, each once, in the order of their first use.
#[derive(Default)]
struct Texts {
    known: BTreeMap<String, usize>,
    list: Vec<String>,
}

impl Texts {
    fn add(&mut self, text: &str) -> usize {
        if let Some(index) = self.known.get(text) {
            return *index;
        }
        self.list.push(text.to_owned());
        self.known.insert(text.to_owned(), self.list.len() - 1);
        self.list.len() - 1
    }

    fn add_some(&mut self, text: Option<&str>) -> Value {
        text.map_or(Value::Null, |text| self.add(text).into())
    }
}

/// The data, fit to stand in a `script` element.
pub(super) fn json(run: &Run) -> String {
    let mut texts = Texts::default();
    let parts = parts(run);
    let cases = run.cases.iter().map(|case| one(&mut texts, &parts, case));
    let cases: Vec<Value> = cases.collect();
    let citations: BTreeMap<&String, Value> = run
        .citations
        .iter()
        .map(|(id, entry)| {
            let place = entry.lines.as_deref().map_or(String::new(), |lines| {
                let word = match (entry.source.starts_with("RFC"), lines) {
                    (true, _) => "section",
                    (false, many) if many.contains([',', '-']) => "lines",
                    _ => "line",
                };
                format!("{word} {lines}")
            });
            let row = json!([
                entry.keyword.word(),
                entry.evidence.word(),
                entry.says,
                entry.source,
                place
            ]);
            (id, row)
        })
        .collect();
    let parts: Vec<[&str; 2]> = parts
        .iter()
        .map(|part| [part.word(), part.asks()])
        .collect();
    json!({ "parts": parts, "texts": texts.list, "cases": cases, "citations": citations })
        .to_string()
        // No text can end the element, or begin a comment in it.
        .replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

fn one(texts: &mut Texts, parts: &[Part], case: &CaseEntry) -> Value {
    let part = |part: Part| parts.iter().position(|known| *known == part);
    let checks: Vec<Value> = case
        .checks
        .iter()
        .map(|check| {
            json!([
                texts.add(case.short(check)),
                part(check.part),
                u8::from(check.passed),
                texts.add(&check.expected),
                texts.add(&check.seen),
                u8::from(case.follows(check))
            ])
        })
        .collect();
    let mutants: Vec<Value> = case
        .mutants
        .iter()
        .map(|mutant| {
            json!([
                texts.add(&mutant.killed_by),
                texts.add(&mutant.on),
                texts.add(&mutant.change),
                u8::from(mutant.killed)
            ])
        })
        .collect();
    let hidden: Vec<Value> = case
        .hidden
        .iter()
        .map(|check| json!([texts.add(case.short_id(&check.id)), part(check.part)]))
        .collect();
    let steps: Vec<Value> = case.steps.iter().map(|one| step(texts, one)).collect();
    json!({
        "id": case.id,
        "level": case.level.word(),
        "evidence": case.evidence.word(),
        "needs": case.needs,
        "cite": case.cite,
        "against": case.conflicts_with,
        "reason": case.reason,
        "notes": case.notes,
        "seen": seen_in(&case.entries),
        "checks": checks,
        "mutants": mutants,
        "steps": steps,
        "hidden": hidden,
    })
}

fn step(texts: &mut Texts, step: &StepEntry) -> Value {
    let exchanges: Vec<Value> = step
        .exchanges
        .iter()
        .map(|one| exchange(texts, one))
        .collect();
    json!({
        "name": step.name,
        "task": texts.add(&step.task),
        "after": step.after,
        "url": texts.add_some(step.url.as_deref()),
        "outcome": texts.add_some(step.outcome.as_deref()),
        "leaks": step.leaks.iter().map(|leak| texts.add(leak)).collect::<Vec<_>>(),
        "exchanges": exchanges,
    })
}

fn exchange(texts: &mut Texts, exchange: &ExchangeEntry) -> Value {
    json!([
        texts.add_some(exchange.name.as_deref()),
        texts.add(&exchange.origin),
        texts.add(&exchange.method),
        texts.add(&exchange.target),
        headers(texts, &exchange.headers),
        texts.add_some(exchange.body.as_deref()),
        exchange.answer.as_ref().map(|one| answer(texts, one)),
    ])
}

fn answer(texts: &mut Texts, answer: &AnswerEntry) -> Value {
    json!([
        answer.status,
        headers(texts, &answer.headers),
        texts.add_some(answer.body.as_deref()),
        texts.add_some(answer.fixture.as_deref()),
        texts.add_some(answer.note.as_deref()),
    ])
}

fn headers(texts: &mut Texts, headers: &[(String, String)]) -> Vec<usize> {
    headers
        .iter()
        .map(|(name, value)| texts.add(&format!("{name}: {value}")))
        .collect()
}
