//! The suite's statements about one provider's messages, collected once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use tegata_conformance::case::case_values;
use tegata_conformance::case::{
    Case, Exchange, Level, Operation, Provider, Resulting, Step, Suite,
};
use tegata_conformance::fixture::{FixtureFile, Recorded, ValueError, Values};

/// What cases and fixtures say of one provider.
#[derive(Clone, Debug)]
pub struct Said {
    pub(super) provider: Provider,
    pub(super) requests: Vec<Request>,
    /// Requests that the suite itself sends to endpoints, and that no client should make.
    pub(super) endpoint_requests: Vec<Request>,
    pub(super) answers: Vec<Answer>,
    /// Statuses and codes after which a client continues with another credential.
    pub(super) refusing: Signs,
    /// Statuses and codes after which it does not.
    pub(super) keeping: Signs,
    /// The ids of operations that cases are about.
    pub(super) operations: BTreeSet<String>,
    /// What the provider's citations say, in our words.
    pub(super) words: String,
    /// The lifetimes that its documents speak of, in seconds.
    pub(super) lifetimes: BTreeSet<u64>,
    /// The codes that are described as something that passes.
    pub(super) passing: BTreeSet<String>,
    /// The values of its fixtures that a client must never show.
    pub(super) secrets: BTreeSet<String>,
}

/// A request that a client is expected to make.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) fixture: String,
    pub(super) operation: Option<String>,
    pub(super) seen: Recorded,
    /// The fields whose value is the same for all clients.
    pub(super) literal: BTreeSet<String>,
    /// How its fields are called is only assumed.
    pub(super) assumed: bool,
    /// Every case with it names a citation that speaks against it.
    pub(super) against: bool,
}

/// An answer that such a request is given.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Answer {
    pub(super) fixture: String,
    pub(super) operation: Option<String>,
    pub(super) status: u16,
    pub(super) media: Option<String>,
    pub(super) location: bool,
    pub(super) json: Option<Value>,
    /// A client has to make use of it.
    pub(super) used: bool,
    /// It is there for its strange members.
    pub(super) strange: bool,
    /// How its members are called is only assumed.
    pub(super) assumed: bool,
}

/// What marks a refusal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Signs {
    pub(super) statuses: BTreeSet<u16>,
    pub(super) codes: BTreeSet<String>,
}

/// The clause that lets an answer have members that no spec names.
const STRANGE: &str = "RFC6749-5.1-unknown";

impl Said {
    /// What the suite says of a provider. Fixtures that cannot be filled in are left out: the lint
    /// names them.
    pub fn of(suite: &Suite, provider: Provider) -> Self {
        let mut said = Self {
            provider,
            requests: Vec::new(),
            endpoint_requests: Vec::new(),
            answers: Vec::new(),
            refusing: Signs::default(),
            keeping: Signs::default(),
            operations: BTreeSet::new(),
            words: String::new(),
            lifetimes: BTreeSet::new(),
            passing: BTreeSet::new(),
            secrets: BTreeSet::new(),
        };
        said.cited(suite);
        let values = suite.fixtures.values(provider);
        said.secrets = values
            .secrets()
            .map(|(_, value)| value.to_owned())
            .collect();
        let cases = suite
            .cases
            .iter()
            .filter(|case| case.provider == provider && case.level != Level::Survive);
        // Of each file that a client is to send, whether every case speaks against it.
        let mut sent: BTreeMap<&str, bool> = BTreeMap::new();
        let mut endpoint_files: BTreeSet<&str> = BTreeSet::new();
        let mut given: Vec<(&str, bool)> = Vec::new();
        for case in cases {
            said.operations.extend(case.operation.clone());
            for step in &case.step {
                let succeeds = step.outcome.result == Resulting::Ok;
                for exchange in step.exchange.iter().chain(step.url.as_deref()) {
                    given.push((
                        &exchange.respond,
                        demanding(case) && (succeeds || right(suite, exchange)),
                    ));
                    endpoint_files.insert(file_of(&exchange.respond));
                    if case.role.judges_clients() {
                        let against = sent.entry(file_of(&exchange.respond)).or_insert(true);
                        *against &= !case.conflicts_with.is_empty();
                    }
                }
                if demanding(case) && case.role.judges_clients() {
                    said.signs(suite, case, step);
                }
            }
        }
        let own = format!("{}/", provider.name());
        let files = suite.fixtures.files.iter();
        for (name, file) in files.filter(|(name, _)| name.starts_with(&own)) {
            let endpoint_requests = endpoint_files.contains(name.as_str());
            match sent.get(name.as_str()) {
                Some(against) => said.requests.extend(request(name, file, &values, *against)),
                None if endpoint_requests => said
                    .endpoint_requests
                    .extend(request(name, file, &values, true)),
                None => {}
            }
            for (answer, template) in &file.answer {
                let id = format!("{name}.{answer}");
                let uses: Vec<bool> = given
                    .iter()
                    .filter(|(used, _)| *used == id)
                    .map(|(_, used)| *used)
                    .collect();
                let Ok(filled) = template.fill(&file.bind(&values, &BTreeMap::new())) else {
                    continue;
                };
                if uses.is_empty() || filled.raw.is_some() {
                    continue;
                }
                said.answers.push(Answer {
                    operation: file.operation.clone(),
                    status: filled.status,
                    media: filled.header("content-type").first().map(|value| {
                        let essence = value.split(';').next().unwrap_or_default();
                        essence.trim().to_ascii_lowercase()
                    }),
                    location: !filled.header("location").is_empty(),
                    json: serde_json::from_slice(&filled.body).ok(),
                    used: uses.contains(&true),
                    strange: template.cite.iter().any(|cite| cite == STRANGE),
                    assumed: template.cite.iter().any(|cite| is_assumed(cite)),
                    fixture: id,
                });
            }
        }
        said
    }

    /// What the provider's citations say.
    fn cited(&mut self, suite: &Suite) {
        let initials = self.provider.citations();
        for row in suite.registry.rows() {
            let id = row.id.strip_prefix("W-").unwrap_or(row.id);
            if id.starts_with(initials) {
                self.words.push_str(row.says);
                self.words.push('\n');
                if id.ends_with("lifetime") {
                    self.lifetimes.extend(period(row.says));
                }
                if id.ends_with("passing-codes") {
                    let words = row.says.split([' ', ',']);
                    let codes = words.filter(|word| word.parse::<u16>().is_ok());
                    self.passing.extend(codes.map(str::to_owned));
                }
            }
        }
    }

    /// The outcomes that a client must report for the answers to its calls.
    fn signs(&mut self, suite: &Suite, case: &Case, step: &Step) {
        if !matches!(step.operation, Operation::Call(_)) {
            return;
        }
        let calls = |exchange: &Exchange| {
            let file = suite.fixtures.get(&exchange.respond);
            file.is_some_and(|(file, _)| !asks_for_token(file))
        };
        for (index, exchange) in step.exchange.iter().enumerate() {
            let Some(signs) = suite
                .fixtures
                .get(&exchange.respond)
                .and_then(|(file, answer)| {
                    let values = case_values(suite, case);
                    let answer = file.answered(answer, &values, &exchange.with).ok()?;
                    let body = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
                    Some((answer.status, codes(&body)))
                })
            else {
                continue;
            };
            let (status, codes) = signs;
            let leads_on = step.exchange.len() > index + 1;
            let into = match step.outcome.result {
                _ if !calls(exchange) => continue,
                _ if leads_on => &mut self.refusing,
                Resulting::Answered | Resulting::Ok => &mut self.keeping,
                _ => continue,
            };
            if status >= 400 {
                into.statuses.insert(status);
            }
            into.codes.extend(codes);
        }
    }
}

/// Whether it is the assumption that fields have certain names.
fn is_assumed(cite: &str) -> bool {
    cite.starts_with("A-") && (cite.ends_with("-names") || cite.ends_with("-answer"))
}

/// Whether a client can be wrong about it.
fn demanding(case: &Case) -> bool {
    matches!(case.level, Level::Must | Level::Should)
}

fn file_of(id: &str) -> &str {
    id.split('.').next().unwrap_or(id)
}

/// Whether the request is one for a token: it carries no token itself.
fn asks_for_token(file: &FixtureFile) -> bool {
    file.operation
        .as_deref()
        .is_some_and(|operation| operation.contains("token"))
}

fn codes(body: &Value) -> Vec<String> {
    let errors = body["errors"].as_array().into_iter().flatten();
    errors
        .filter_map(|error| match &error["code"] {
            Value::String(code) => Some(code.clone()),
            Value::Number(code) => Some(code.to_string()),
            _ => None,
        })
        .collect()
}

fn request(
    name: &str,
    file: &FixtureFile,
    values: &Values,
    against: bool,
) -> Result<Request, ValueError> {
    let template = &file.request;
    let fields = template.query.iter().chain(template.form.iter().flatten());
    let literal = fields.filter(|field| !field.value.contains("${"));
    Ok(Request {
        fixture: name.to_owned(),
        operation: file.operation.clone(),
        seen: file.recorded(values, &BTreeMap::new())?,
        literal: literal.map(|field| field.name.clone()).collect(),
        assumed: file.cite.iter().any(|cite| is_assumed(cite)),
        against,
    })
}

/// Whether an endpoint that gives the fixture's answer is right.
fn right(suite: &Suite, exchange: &Exchange) -> bool {
    let status = suite
        .fixtures
        .get(&exchange.respond)
        .map(|(_, answer)| answer.status);
    let wanted = exchange.answer.as_ref().map(|answer| &answer.status);
    wanted.is_some_and(|wanted| status.is_some_and(|status| wanted.contains(&status)))
}

/// The time that a sentence speaks of, in seconds.
fn period(says: &str) -> Option<u64> {
    let words: Vec<&str> = says.split([' ', ',']).collect();
    words.windows(2).find_map(|pair| match pair {
        ["one", "hour"] => Some(3600),
        ["one", "day"] => Some(86400),
        [number, "seconds"] => number.parse().ok(),
        _ => None,
    })
}
