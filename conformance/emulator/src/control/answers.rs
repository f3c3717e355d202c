//! `/__control/answers`: the rules and defaults, and further rules.

use serde::Serialize;
use serde_json::{Value, json};

use crate::Provider;
use crate::api::ApiConfig;
use crate::defaults::{self, Evidence};
use crate::request::Seen;
use crate::rules::Rule;
use crate::suggest::with_suggestion;
use crate::world::World;

/// One rule or default.
#[derive(Serialize)]
struct Entry<'a> {
    provider: &'static str,
    kind: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'a str>,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    answered: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Evidence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
}

/// The rules and defaults of one provider or of all, in the order in which they are asked.
pub(super) fn list(world: &World, provider: Option<Provider>) -> Value {
    let chosen = world
        .providers()
        .filter(|one| provider.is_none_or(|wanted| wanted == *one));
    let mut all = Vec::new();
    for provider in chosen {
        world.with_rules(provider, |rules| {
            all.extend(rules.list().map(|rule| {
                json!(Entry {
                    provider: provider.name(),
                    kind: "rule",
                    name: rule.name,
                    method: rule.method,
                    path: rule.path,
                    answered: Some(rule.answered),
                    evidence: None,
                    source: None,
                    note: None,
                })
            }));
        });
        let apis = world.config().apis.iter();
        let operations = apis.filter(|it| it.provider() == provider);
        let operations = operations.flat_map(ApiConfig::operations);
        all.extend(operations.map(|operation| {
            json!(Entry {
                provider: provider.name(),
                kind: "default",
                name: &operation.id,
                method: Some(operation.method.as_str()),
                path: &operation.path,
                answered: None,
                evidence: None,
                source: operation.answer.source.as_deref(),
                note: operation.answer.from.as_deref(),
            })
        }));
        all.extend(defaults::all(provider).map(|default| {
            json!(Entry {
                provider: provider.name(),
                kind: "default",
                name: default.name,
                method: Some(default.method),
                path: default.path,
                answered: None,
                evidence: Some(default.evidence),
                source: Some(default.source),
                note: default.note,
            })
        }));
    }
    Value::Array(all)
}

/// The rule in the body, a JSON object with the keys of the configuration, except for `body_file`: any
/// program of this machine can use the controls, also one that may not read what this one may.
pub(super) fn read(seen: &Seen) -> Result<Rule, String> {
    let rule = parse(seen)?;
    if rule.has_file() {
        return Err(
            "body_file is for the configuration and the library: give the text as body".to_owned(),
        );
    }
    Ok(rule)
}

fn parse(seen: &Seen) -> Result<Rule, String> {
    if seen.body.is_empty() {
        return Err(
            r#"the body is empty: send a rule as JSON, such as {"path": "/…", "status": 404}"#
                .to_owned(),
        );
    }
    let mut body = serde_json::Deserializer::from_slice(&seen.body);
    let rule = serde_path_to_error::deserialize(&mut body).map_err(|error| {
        let key = error.path().to_string();
        problem(&key, error.inner())
    })?;
    body.end().map_err(|error| problem("", &error))?;
    Ok(rule)
}

/// What is wrong with a body, where in it, and without its values.
fn problem(key: &str, error: &serde_json::Error) -> String {
    let said = error.to_string();
    let (reason, place) = said.split_once(" at line ").unwrap_or((&said, ""));
    let place = if place.is_empty() {
        String::new()
    } else {
        format!(" (line {place})")
    };
    // Of a body that is wrong as a whole there is no key.
    let key = match key {
        "" | "." => String::new(),
        key => format!("`{key}`: "),
    };
    format!(
        "the body is no rule: {key}{}{place}",
        with_suggestion(reason)
    )
}
