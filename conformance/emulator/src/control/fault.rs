//! `POST /__control/fault`: reads a [`Fault`] from the URL and the body.

use std::time::Duration;

use super::parameters::Parameters;
use crate::fault::Fault;
use crate::request::Seen;
use crate::service::Endpoint;

/// A longer delay is no test any more but a mistake.
const LONGEST_DELAY_MS: u64 = 600_000;

/// The fault that a request describes.
pub(super) fn read(parameters: &Parameters, seen: &Seen) -> Result<Fault, String> {
    let endpoint = parameters.endpoint()?.unwrap_or(Endpoint::Token);
    let mut fault = Fault::on(endpoint).times(parameters.times()?);
    if let Some(status) = parameters.optional("status")? {
        fault = fault.status(status);
    }
    if let Some(millis) = parameters.optional("delay_ms")? {
        if millis > LONGEST_DELAY_MS {
            return Err(format!("delay_ms is {millis}: at most {LONGEST_DELAY_MS}"));
        }
        fault = fault.delay(Duration::from_millis(millis));
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
