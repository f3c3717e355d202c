//! M3, the part of the fixtures: a fixture that says something else must not go unnoticed. A wrong
//! request is noticed by the cases that it is the reference of, a wrong answer by what our clients
//! make of it, and a wrong redirect by the client that follows it and gets away with it.

use serde_json::Value;

use super::Family;
use crate::case::{Case, Level, Resulting, Step, Suite};
use crate::clients::OurClients;
use crate::fixture::{AnswerTemplate, FixtureFile, RequestTemplate};
use crate::judge::{judge_client, judge_server, reference};
use crate::naive::{Bug, Naive};
use crate::report::{CaseReport, Verdict};
use crate::script::{Driver as _, RunError, Runner, cores};

const WRONG: &str = "mutant";

/// The members of answers that a document or an RFC gives a meaning to. What else stands in an
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
    let mut family = Family::default();
    // One copy, in which one thing at a time is wrong.
    let mut changed = suite.clone();
    let follows = Naive::with(Bug::FollowsRedirects);
    for (name, file) in &suite.fixtures.files {
        let of_file = users(suite, |step| {
            ids(step).any(|id| id.split('.').next() == Some(name))
        });
        for (what, request) in requests(&file.request) {
            // Those that only the suite itself sends are judged by what an endpoint makes of them.
            if of_file.is_empty() {
                break;
            }
            let wrong = FixtureFile {
                request,
                ..file.clone()
            };
            put(&mut changed, name, wrong);
            let noticed = of_file
                .iter()
                .any(|case| !reference_passes(suite, &changed, case));
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
                put(&mut changed, name, file);
                let ours = Runner::new(&changed).run_all(&given, &OurClients, cores())?;
                let mut noticed = ours.iter().any(fails);
                if !noticed && leads_on(template) {
                    // It is there for a client that follows it, which must go on to be noticed.
                    let before = Runner::new(suite).run_all(&given, &follows, cores())?;
                    let after = Runner::new(&changed).run_all(&given, &follows, cores())?;
                    noticed = before.iter().any(fails) && !after.iter().any(fails);
                }
                family.add(Family::of([(format!("fixture {id}: {what}"), noticed)]));
            }
        }
        put(&mut changed, name, file.clone());
    }
    Ok(family)
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

/// Puts a file into the copy.
fn put(changed: &mut Suite, name: &str, file: FixtureFile) {
    changed.fixtures.files.insert(name.to_owned(), file);
}

/// The cases that demand something of clients, and in which some step suits.
fn users(suite: &Suite, suits: impl Fn(&Step) -> bool) -> Vec<&Case> {
    let able = OurClients.features();
    let demands = |case: &&Case| {
        matches!(case.level, Level::Must | Level::Should)
            && case.role.judges_clients()
            && case.needs.iter().all(|need| able.contains(need))
    };
    let cases = suite.cases.iter().filter(demands);
    cases.filter(|case| case.step.iter().any(&suits)).collect()
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
            let at = |wrong: &mut RequestTemplate,
                      change: &dyn Fn(&mut Vec<crate::fixture::Pair>)| {
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
