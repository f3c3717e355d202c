//! The controls over HTTP, for tests in any language: `/__control/…`.

mod answers;
mod fault;
mod parameters;

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::answer::Answer;
use super::refusals::Refusal;
use super::request::Seen;
use super::service::Endpoint;
use super::world::World;
use parameters::Parameters;

/// Every control with its parameters; `?` marks those that may be left out.
pub(super) const CONTROLS: [(&str, &str, &[&str]); 18] = [
    ("POST", "expire", &["provider?"]),
    ("POST", "forget", &["provider?", "refresh_tokens?"]),
    ("POST", "advance", &["seconds"]),
    (
        "POST",
        "refuse-next",
        &["provider", "code", "times?", "keep_token?"],
    ),
    (
        "POST",
        "fault",
        &[
            "provider",
            "endpoint?",
            "status?",
            "code?",
            "times?",
            "delay_ms?",
            "slow_ms?",
            "cut_after_bytes?",
            "retry_after?",
            "header?",
            "body?",
            "content_type?",
        ],
    ),
    ("GET", "answers", &["provider?"]),
    ("POST", "answers", &["provider"]),
    ("POST", "hold", &["provider?", "endpoint?"]),
    ("POST", "release", &["provider?", "endpoint?"]),
    ("GET", "wait", &["provider", "held", "endpoint?"]),
    ("POST", "revoke-key", &["provider", "key"]),
    ("POST", "add-key", &["provider", "key"]),
    ("POST", "decide", &["provider", "agrees", "user_code?"]),
    ("GET", "counts", &[]),
    ("GET", "log", &["provider?"]),
    ("POST", "log/clear", &[]),
    ("DELETE", "log", &[]),
    ("POST", "reset", &[]),
];

/// Why a control was not carried out.
enum Refused {
    /// The request is wrong, and how to fix it.
    Request(String),
    NoSuchControl,
}

impl From<String> for Refused {
    fn from(why: String) -> Self {
        Self::Request(why)
    }
}

/// Carries out one control.
pub(super) async fn answer(world: &World, name: &str, seen: &Seen) -> Answer {
    match act(world, name, seen).await {
        Ok(done) => Answer::json(StatusCode::OK, &done),
        Err(Refused::Request(why)) => {
            let body = json!({ "error": format!("{name}: {why}") });
            Answer::json(StatusCode::BAD_REQUEST, &body)
        }
        Err(Refused::NoSuchControl) => {
            let body = json!({
                "error": format!("no control is named {} {name:?}", seen.method),
                "controls": usage(),
            });
            Answer::json(StatusCode::NOT_FOUND, &body)
        }
    }
}

/// One line a control.
pub(super) fn usage() -> Vec<String> {
    let line = |(method, name, parameters): &(&str, &str, &[&str])| {
        let mut line = format!("{method} /__control/{name}");
        for parameter in *parameters {
            line.push(' ');
            line.push_str(parameter);
        }
        line
    };
    CONTROLS.iter().map(line).collect()
}

async fn act(world: &World, name: &str, seen: &Seen) -> Result<Value, Refused> {
    let method = seen.method.as_str();
    let (_, _, known) = CONTROLS
        .iter()
        .find(|(m, n, _)| *m == method && *n == name)
        .ok_or(Refused::NoSuchControl)?;
    let parameters = Parameters::read(seen, known)?;
    if !matches!(name, "fault" | "answers") && !seen.body.is_empty() {
        return Err("the parameters belong into the URL, the body stays empty"
            .to_owned()
            .into());
    }
    match (method, name) {
        (_, "expire") => Ok(json!({ "expired": world.expire(parameters.provider(world)?) })),
        (_, "forget") => {
            let refresh_tokens = parameters.flag("refresh_tokens")?;
            let forgotten = world.forget(parameters.provider(world)?, refresh_tokens);
            Ok(json!({ "forgotten": forgotten }))
        }
        (_, "advance") => {
            let seconds = parameters.needed("seconds")?;
            world.advance(Duration::from_secs(seconds));
            Ok(json!({ "advanced_seconds": seconds }))
        }
        (_, "refuse-next") => refuse_next(world, &parameters),
        (_, "fault") => {
            let fault = fault::read(&parameters, seen)?;
            world.fault(parameters.needed_provider(world)?, fault)?;
            Ok(json!({ "faults": parameters.times()? }))
        }
        ("GET", "answers") => Ok(answers::list(world, parameters.provider(world)?)),
        (_, "answers") => {
            let rule = answers::read(seen)?;
            world.add_rule(parameters.needed_provider(world)?, rule)?;
            Ok(json!({ "added": true }))
        }
        (_, "hold") => {
            world.hold(
                parameters.provider(world)?,
                parameters.endpoint()?.unwrap_or(Endpoint::Token),
            );
            Ok(json!({ "held": true }))
        }
        (_, "release") => {
            world.release(parameters.provider(world)?, parameters.endpoint()?);
            Ok(json!({ "held": false }))
        }
        (_, "wait") => {
            let provider = parameters.needed_provider(world)?;
            let endpoint = parameters.endpoint()?.unwrap_or(Endpoint::Token);
            let count = parameters.needed("held")?;
            world.until_held(provider, endpoint, count).await;
            Ok(json!({ "held": world.held(provider, endpoint) }))
        }
        (_, "revoke-key") => {
            let revoked = world.revoke_key(
                parameters.needed_provider(world)?,
                &parameters.needed::<String>("key")?,
            )?;
            Ok(json!({ "revoked": revoked }))
        }
        (_, "add-key") => {
            world.add_key(
                parameters.needed_provider(world)?,
                &parameters.needed::<String>("key")?,
            )?;
            Ok(json!({ "added": true }))
        }
        (_, "decide") => {
            let agrees = parameters.flag("agrees")?;
            let user_code = parameters.optional::<String>("user_code")?;
            world.decide(
                parameters.needed_provider(world)?,
                user_code.as_deref(),
                agrees,
            )?;
            Ok(json!({ "agrees": agrees }))
        }
        (_, "counts") => {
            let providers = world.providers();
            let counts = providers.map(|provider| (provider.name(), world.counts(provider)));
            Ok(json!(counts.collect::<BTreeMap<_, _>>()))
        }
        ("GET", "log") => Ok(json!(world.log().entries(parameters.provider(world)?))),
        (_, "log" | "log/clear") => {
            world.log().clear();
            Ok(json!({ "cleared": true }))
        }
        (_, "reset") => {
            world.reset();
            Ok(json!({ "reset": true }))
        }
        _ => Err(Refused::NoSuchControl),
    }
}

fn refuse_next(world: &World, parameters: &Parameters) -> Result<Value, Refused> {
    let code = parameters.needed("code")?;
    let times = parameters.times()?;
    let mut refusal = Refusal::new(code).times(times);
    if parameters.flag("keep_token")? {
        refusal = refusal.keep_token();
    }
    world.refuse_next(parameters.needed_provider(world)?, refusal)?;
    Ok(json!({ "refusing": times, "code": code }))
}
