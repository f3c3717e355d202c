//! M3 for fixtures: every wrong fixture must be noticed. A wrong
//! request is noticed by the cases that it is the reference of, or by what an endpoint makes of it; a
//! wrong answer by what our clients make of it, by the cases that judge endpoints, or by a broken client
//! that passes in spite of its bug. Either is noticed where the spec or a cited statement differs.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::self_test::Emulated;
use crate::spec::{Said, Spec};
use tegata_clients::naive::{Bug, Naive, Row, matches, rows};
use tegata_clients::ours::OurClients;
use tegata_conformance::case::{Case, Level, Provider, Resulting, Step, Suite};
use tegata_conformance::fixture::{AnswerTemplate, FixtureFile, RequestTemplate, other_forms};
use tegata_conformance::judge::{judge_client, judge_server, reference};
use tegata_conformance::report::proof::Family;
use tegata_conformance::report::{CaseReport, Verdict};
use tegata_conformance::script::{Driver as _, RunError, Runner, cores, run_endpoint_case};

const WRONG: &str = "mutant";

/// The members of answers that a document or an RFC gives a meaning to. Every other member of an
/// answer, such as messages for people, may be anything.
const MEANT: [&str; 12] = [
    "accessToken",
    "access_token",
    "code",
    "error",
    "errors",
    "expiresIn",
    "expires_in",
    "refreshToken",
    "refresh_token",
    "success",
    "token_type",
    "scope",
];

pub(super) fn family(suite: &Suite) -> Result<Family, RunError> {
    let mut trial = Trial::of(suite)?;
    let mut family = Family::default();
    for (name, file) in &suite.fixtures.files {
        let of_file = users(suite, |step| {
            ids(step).any(|id| id.split('.').next() == Some(name))
        });
        for (what, request) in requests(&file.request) {
            if of_file.is_empty() {
                break;
            }
            let wrong = FixtureFile {
                request,
                ..file.clone()
            };
            trial.put(name, wrong);
            let noticed = trial.request_noticed(name, &of_file)?;
            family.add(Family::of([(format!("fixture {name}: {what}"), noticed)]));
        }
        for (answer, template) in &file.answer {
            let id = format!("{name}.{answer}");
            let given = users(suite, |step| ids(step).any(|used| used == id));
            // In a step that comes to success, every member that means something counts; in one
            // that does not, only that it does not.
            let succeeding = users(suite, |step| {
                step.outcome.result == Resulting::Ok && ids(step).any(|used| used == id)
            });
            for (what, wrong) in answers(template, !succeeding.is_empty()) {
                if given.is_empty() {
                    break;
                }
                let mut file = file.clone();
                file.answer.insert(answer.clone(), wrong);
                trial.put(name, file);
                let noticed = trial.answer_noticed(name, template, &given)?;
                family.add(Family::of([(format!("fixture {id}: {what}"), noticed)]));
            }
        }
        trial.put(name, file.clone());
    }
    Ok(family)
}

/// The suite, and a copy in which one thing at a time is wrong.
struct Trial<'s> {
    suite: &'s Suite,
    changed: Suite,
    specs: BTreeMap<Provider, Value>,
    /// How many differences there are between a spec and the suite as it is.
    differences: BTreeMap<Provider, usize>,
}

impl<'s> Trial<'s> {
    fn of(suite: &'s Suite) -> Result<Self, RunError> {
        let (mut specs, mut differences) = (BTreeMap::new(), BTreeMap::new());
        for provider in suite.providers.iter().copied() {
            let spec =
                Spec::embedded(provider).map_err(|error| RunError::Data(error.to_string()))?;
            differences.insert(
                provider,
                Said::of(suite, provider).differences(&spec.tree).len(),
            );
            specs.insert(provider, spec.tree);
        }
        Ok(Self {
            suite,
            changed: suite.clone(),
            specs,
            differences,
        })
    }

    fn put(&mut self, name: &str, file: FixtureFile) {
        self.changed.fixtures.files.insert(name.to_owned(), file);
    }

    fn request_noticed(&self, name: &str, of_file: &[&Case]) -> Result<bool, RunError> {
        let fails = |case: &&Case| !reference_passes(self.suite, &self.changed, case);
        Ok(of_file.iter().any(fails)
            || self.says_otherwise(name)
            || self.emulator_fails(of_file)?)
    }

    fn answer_noticed(
        &self,
        name: &str,
        template: &AnswerTemplate,
        given: &[&Case],
    ) -> Result<bool, RunError> {
        // The quick ways first.
        if self.says_otherwise(name) {
            return Ok(true);
        }
        let judges = given.iter().filter(|case| case.role.judges_servers());
        let mut judged = judges.map(|case| !reference_passes(self.suite, &self.changed, case));
        if judged.any(|fails| fails) {
            return Ok(true);
        }
        let for_clients: Vec<&Case> = given.iter().copied().filter(|case| for_us(case)).collect();
        let ours = Runner::new(&self.changed).run_all(&for_clients, &OurClients, cores())?;
        if ours.iter().any(fails) {
            return Ok(true);
        }
        if leads_on(template) && self.escapes(Bug::FollowsRedirects, &for_clients)? {
            return Ok(true);
        }
        for row in rows().filter(|row| for_clients.iter().any(|case| is_about(row, case))) {
            if self.escapes(row.bug, &for_clients)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a spec, or what the file cites, says otherwise.
    fn says_otherwise(&self, name: &str) -> bool {
        let file = self.changed.fixtures.files.get(name);
        if file.is_some_and(|file| !other_forms(file).is_empty()) {
            return true;
        }
        let own = |provider: &&Provider| name.split('/').next() == Some(provider.name());
        self.suite
            .providers
            .iter()
            .find(own)
            .is_some_and(|provider| {
                let found = Said::of(&self.changed, *provider).differences(&self.specs[provider]);
                found.len() > self.differences[provider]
            })
    }

    /// Whether an endpoint that is right makes something else of the requests.
    fn emulator_fails(&self, cases: &[&Case]) -> Result<bool, RunError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(RunError::Server)?;
        runtime.block_on(async {
            for case in cases.iter().filter(|case| case.role.judges_servers()) {
                let endpoint = Emulated::knowing(self.suite, case.provider)
                    .map_err(|error| RunError::Data(error.to_string()))?;
                if fails(&run_endpoint_case(&self.changed, case, &endpoint).await?) {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// Whether a client with a bug fails with the right fixture, and no longer with the wrong one.
    fn escapes(&self, bug: Bug, cases: &[&Case]) -> Result<bool, RunError> {
        let broken = Naive::with(bug);
        let after = Runner::new(&self.changed).run_all(cases, &broken, cores())?;
        if after.iter().all(fails) {
            return Ok(false);
        }
        let before = Runner::new(self.suite).run_all(cases, &broken, cores())?;
        let mut pairs = before.iter().zip(&after);
        Ok(pairs.any(|(before, after)| fails(before) && !fails(after)))
    }
}

/// Whether the bug is one that the case is there for: of those that any case may notice, none is.
fn is_about(row: &Row, case: &Case) -> bool {
    let patterns = row.fails.iter().chain(row.allows);
    patterns
        .map(|pattern| pattern.split('#').next().unwrap_or(pattern))
        .any(|pattern| {
            let particular = pattern.contains('@') || !pattern.contains('*');
            particular && matches(pattern, &case.id)
        })
}

fn fails(report: &CaseReport) -> bool {
    matches!(report.verdict, Verdict::Fail | Verdict::Warn)
}

/// Whether the answer is a redirect.
fn leads_on(template: &AnswerTemplate) -> bool {
    template
        .headers
        .iter()
        .any(|header| header.name.eq_ignore_ascii_case("location"))
}

/// The cases that demand something, and in which some step suits.
fn users(suite: &Suite, suits: impl Fn(&Step) -> bool) -> Vec<&Case> {
    let demands = |case: &&Case| matches!(case.level, Level::Must | Level::Should);
    let cases = suite.cases.iter().filter(demands);
    cases.filter(|case| case.step.iter().any(&suits)).collect()
}

/// Whether the case judges clients such as ours.
fn for_us(case: &Case) -> bool {
    let able = OurClients.features();
    case.role.judges_clients() && case.needs.iter().all(|need| able.contains(need))
}

/// The fixtures of a step.
fn ids(step: &Step) -> impl Iterator<Item = &str> {
    let exchanges = step.exchange.iter().chain(step.url.as_deref());
    exchanges.map(|exchange| exchange.respond.as_str())
}

/// Whether the case still passes when the fixtures of `changed` are what is sent and answered.
fn reference_passes(suite: &Suite, changed: &Suite, case: &Case) -> bool {
    let Ok(run) = reference(changed, case, None) else {
        return false;
    };
    let mut checks = Vec::new();
    if case.role.judges_clients() {
        checks.extend(judge_client(suite, case, &run));
    }
    if case.role.judges_servers() {
        checks.extend(judge_server(suite, case, &run));
    }
    checks.iter().all(|check| check.passed)
}

/// A request, wrong in one way after the other.
fn requests(right: &RequestTemplate) -> Vec<(String, RequestTemplate)> {
    let mut all = Vec::new();
    let mut add = |what: String, change: &dyn Fn(&mut RequestTemplate)| {
        let mut wrong = right.clone();
        change(&mut wrong);
        all.push((what, wrong));
    };
    add("another method".to_owned(), &|wrong| {
        let other = if right.method == "PUT" {
            "DELETE"
        } else {
            "PUT"
        };
        other.clone_into(&mut wrong.method);
    });
    add("another path".to_owned(), &|wrong| {
        wrong.path.push_str("/mutant");
    });
    for (index, header) in right.headers.iter().enumerate() {
        let name = &header.name;
        add(format!("no header {name}"), &|wrong| {
            wrong.headers.remove(index);
        });
        add(format!("another value of header {name}"), &|wrong| {
            WRONG.clone_into(&mut wrong.headers[index].value);
        });
    }
    for (place, pairs) in [("query", Some(&right.query)), ("form", right.form.as_ref())] {
        for (index, pair) in pairs.into_iter().flatten().enumerate() {
            let at =
                |wrong: &mut RequestTemplate,
                 change: &dyn Fn(&mut Vec<tegata_conformance::fixture::Pair>)| {
                    match (place, &mut wrong.form) {
                        ("form", Some(form)) => change(form),
                        _ => change(&mut wrong.query),
                    }
                };
            let name = &pair.name;
            add(format!("no {place} {name}"), &|wrong| {
                at(wrong, &|pairs| drop(pairs.remove(index)));
            });
            add(format!("another name of {place} {name}"), &|wrong| {
                at(wrong, &|pairs| WRONG.clone_into(&mut pairs[index].name));
            });
            add(format!("another value of {place} {name}"), &|wrong| {
                at(wrong, &|pairs| WRONG.clone_into(&mut pairs[index].value));
            });
        }
    }
    if let Some(json) = &right.json {
        for (what, changed) in values(json, &[]) {
            add(format!("json {what}"), &|wrong| {
                wrong.json = Some(changed.clone());
            });
        }
    }
    all
}

/// An answer, wrong in one way after the other.
fn answers(right: &AnswerTemplate, members: bool) -> Vec<(String, AnswerTemplate)> {
    let mut all = Vec::new();
    if right.raw.is_none() {
        // A status of another class.
        let status = if right.status < 300 { 404 } else { 200 };
        all.push((
            format!("status {status}"),
            AnswerTemplate {
                status,
                ..right.clone()
            },
        ));
    }
    // Names of values are texts of the body; filled in later, they stay what they are.
    if let (true, Ok(json)) = (members, serde_json::from_str::<Value>(&right.body)) {
        for (what, changed) in values(&json, &MEANT) {
            let body = changed.to_string();
            all.push((
                what,
                AnswerTemplate {
                    body,
                    ..right.clone()
                },
            ));
        }
    }
    all
}

/// A JSON value with one member renamed or of another type; of those names only, if any are given.
fn values(right: &Value, only: &[&str]) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for pointer in pointers(right, "") {
        let (parent, name) = pointer.rsplit_once('/').unwrap_or(("", &pointer));
        if !only.is_empty() && !only.contains(&name) {
            continue;
        }
        let shown = pointer.trim_start_matches('/').replace('/', ".");
        let mut renamed = right.clone();
        if let Some(Value::Object(members)) = renamed.pointer_mut(parent)
            && let Some(value) = members.remove(name)
        {
            members.insert(WRONG.to_owned(), value);
            all.push((format!("another name of {shown}"), renamed));
        }
        let mut retyped = right.clone();
        if let Some(value) = retyped.pointer_mut(&pointer) {
            *value = match value {
                Value::String(_) => 7.into(),
                Value::Array(_) | Value::Object(_) | Value::Null => WRONG.into(),
                Value::Number(_) | Value::Bool(_) => Value::Array(Vec::new()),
            };
            all.push((format!("another type of {shown}"), retyped));
        }
    }
    all
}

/// Every value inside of a value.
fn pointers(value: &Value, at: &str) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (format!("{at}/{name}"), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, value)| (format!("{at}/{index}"), value))
            .collect(),
        _ => Vec::new(),
    };
    inner
        .into_iter()
        .flat_map(|(pointer, value)| {
            let mut all = vec![pointer.clone()];
            all.extend(pointers(value, &pointer));
            all
        })
        .collect()
}
