//! `POST /__control/fault`: reads a [`Fault`] from the URL and the body.

use std::time::Duration;

use super::parameters::Parameters;
use crate::delivery::LONGEST;
use crate::fault::Fault;
use crate::request::Seen;
use crate::service::Endpoint;

/// The fault that a request describes.
pub(super) fn read(parameters: &Parameters, seen: &Seen) -> Result<Fault, String> {
    let endpoint = parameters.endpoint()?.unwrap_or(Endpoint::Token);
    let mut fault = Fault::on(endpoint).times(parameters.times()?);
    if let Some(status) = parameters.optional("status")? {
        fault = fault.status(status);
    }
    if let Some(code) = parameters.optional("code")? {
        if parameters.optional::<u16>("status")?.is_some() {
            return Err("give either a status or a code, not both".to_owned());
        }
        if code < 600 {
            return Err(format!(
                "code {code} is none of Marketo's envelope: use 600 to 1999, or status={code}"
            ));
        }
        fault = fault.code(code);
    }
    if let Some(delay) = time(parameters, "delay_ms")? {
        fault = fault.delay(delay);
    }
    if let Some(over) = time(parameters, "slow_ms")? {
        fault = fault.slow(over);
    }
    if let Some(bytes) = parameters.optional("cut_after_bytes")? {
        fault = fault.cut_after(bytes);
    }
    if let Some(seconds) = parameters.optional("retry_after")? {
        fault = fault.retry_after(seconds);
    }
    for header in parameters.all("header") {
        let (name, value) = header
            .split_once(':')
            .ok_or_else(|| format!("header {header:?} holds no colon: write Name:Value"))?;
        fault = fault.header(name.trim(), value.trim());
    }
    with_body(fault, parameters, seen)
}

fn time(parameters: &Parameters, name: &str) -> Result<Option<Duration>, String> {
    let Some(millis) = parameters.optional(name)? else {
        return Ok(None);
    };
    let time = Duration::from_millis(millis);
    if time > LONGEST {
        return Err(format!(
            "{name} is {millis}: at most {}",
            LONGEST.as_millis()
        ));
    }
    Ok(Some(time))
}

/// The body of the control's own request, if there is one, is the body to answer.
fn with_body(fault: Fault, parameters: &Parameters, seen: &Seen) -> Result<Fault, String> {
    let content_type: Option<String> = parameters.optional("content_type")?;
    let body: Option<String> = parameters.optional("body")?;
    if !seen.body.is_empty() {
        if body.is_some() {
            return Err("give either the body parameter or a body, not both".to_owned());
        }
        let content_type = content_type.as_deref().unwrap_or("application/json");
        return Ok(fault.body(content_type, seen.body.to_vec()));
    }
    if content_type.is_some() {
        return Err("content_type is for the body of this request, which is empty".to_owned());
    }
    match body.as_deref() {
        None | Some("json") => Ok(fault),
        Some("html") => Ok(fault.html()),
        Some("empty") => Ok(fault.empty()),
        Some(other) => Err(format!("body is {other:?}: use json, html or empty")),
    }
}
