//! Judges whether an answer means that the credential is no longer valid.

use std::sync::LazyLock;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use memchr::memchr;
use memchr::memmem::Finder;
use reqwest::header::HeaderMap;
use reqwest::{Body, Response, StatusCode};
use serde_json::Value;

use crate::provider::spec::Refusal;
use crate::request::body::json;
use crate::request::coding::{self, Coding};
use crate::request::media::is_json;
use crate::request::members::Members;
use crate::request::peek::{Peeked, peek};
use crate::request::vendor::{REQUEST_IDS, code_of, request_id};
use crate::{Error, ErrorCode, ErrorKind};

/// How much of a JSON answer is read to look for a code. Error envelopes are a few hundred bytes; a longer
/// answer is a result.
const PREFIX: usize = 16_384;

/// The meaning of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted,
    /// The credential is no longer valid.
    Refused(Option<ErrorCode>),
    /// The call failed for another reason, though the HTTP status says success.
    Failed(Failed),
}

/// The failure that the body reports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Failed {
    pub(crate) code: Option<ErrorCode>,
    pub(crate) message: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) transient: bool,
}

impl Failed {
    pub(crate) fn error(self, status: StatusCode, headers: &HeaderMap) -> Error {
        let error = Error::new(ErrorKind::Status, "the call failed")
            .with_status(status.as_u16())
            .with_code(self.code)
            .with_description(self.message)
            .with_request_id(request_id(self.request_id.as_deref(), headers));
        if self.transient {
            error.transient()
        } else {
            error
        }
    }
}

/// Judges an answer and returns it complete: at most [`PREFIX`] bytes of it are read ahead, and only of JSON
/// from a provider that puts codes into successful answers.
///
/// # Errors
/// [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) if it may hold such a code, but is
/// compressed in a way that cannot be read here.
pub(crate) async fn judge(
    response: Response,
    refusal: &Refusal,
) -> Result<(Verdict, Response), Error> {
    match judge_head(&response, refusal) {
        Some(verdict) => Ok((verdict, response)),
        None => judge_body(response, refusal).await,
    }
}

/// The verdict of the body; the answer is returned complete.
///
/// # Errors
/// As [`judge`].
pub(crate) async fn judge_body(
    response: Response,
    refusal: &Refusal,
) -> Result<(Verdict, Response), Error> {
    let coding = coding::of(response.headers());
    if let Some(Coding::Unreadable(name)) = coding {
        return Err(coding::unreadable(name));
    }
    let Peeked { whole, response } = peek(response, PREFIX).await?;
    let whole = match (whole, coding) {
        (Some(body), Some(coding)) => without(coding, body).await?,
        (body, _) => body,
    };
    let verdict = whole.map_or(Verdict::Accepted, |body| judge_json(&body, refusal));
    Ok((verdict, response))
}

/// The verdict of status and headers, or `None` if the body decides.
pub(crate) fn judge_head(response: &Response, refusal: &Refusal) -> Option<Verdict> {
    let status = response.status();
    if refusal.statuses.contains(&status.as_u16()) {
        return Some(Verdict::Refused(None));
    }
    let looks = !refusal.body_codes.is_empty() && status.is_success();
    let looks = looks && !is_long(response) && is_json(response.headers());
    (!looks).then_some(Verdict::Accepted)
}

/// Whether its announced length is over the limit. The body's size hint has the parsed `Content-Length`.
fn is_long(response: &Response) -> bool {
    response
        .content_length()
        .is_some_and(|length| length > PREFIX as u64)
}

/// An answer in a coding that the caller asked for: a copy is decoded for the judgement, and the answer stays
/// as it was sent. `None` if it is long.
async fn without(coding: Coding, body: Bytes) -> Result<Option<Bytes>, Error> {
    let body = coding::decode(Body::from(body), coding);
    match Limited::new(body, PREFIX).collect().await {
        Ok(body) => Ok(Some(body.to_bytes())),
        Err(error) => coding::undecodable(&*error).map_or(Ok(None), Err),
    }
}

/// Whether it can hold a code at all, found without parsing it. It takes an `errors`, which may be written with
/// escapes, or a `false`, which may not.
fn may_hold_code(json: &[u8]) -> bool {
    static WORDS: LazyLock<[Finder<'_>; 2]> =
        LazyLock::new(|| ["errors", "false"].map(Finder::new));
    memchr(b'\\', json).is_some() || WORDS.iter().any(|word| word.find(json).is_some())
}

/// Only the top level counts: a record deep in a result may well say `"success": false`.
pub(crate) fn judge_json(body: &[u8], refusal: &Refusal) -> Verdict {
    // For a provider without codes in successful answers, `success` may mean anything.
    if refusal.body_codes.is_empty() {
        return Verdict::Accepted;
    }
    let json = json(body);
    if !may_hold_code(&json) {
        return Verdict::Accepted;
    }
    let text = String::from_utf8_lossy(&json);
    let Some(members) = Members::read(&text) else {
        return Verdict::Accepted;
    };
    let errors: Vec<Value> = members.last("errors", |_| true).unwrap_or_default();
    let codes = || {
        errors
            .iter()
            .filter_map(|error| code_of(error.get("code")?))
    };
    if let Some(code) = codes().find(|code| refusal.body_codes.contains(&code.as_str())) {
        return Verdict::Refused(Some(code));
    }
    // Successful answers of some resources carry an empty `errors`, so its presence says nothing.
    if members.last("success", |_| true) != Some(false) {
        return Verdict::Accepted;
    }
    let transient = codes().any(|code| refusal.transient_codes.contains(&code.as_str()));
    let message = errors
        .first()
        .and_then(|error| error.get("message")?.as_str());
    Verdict::Failed(Failed {
        code: codes().next(),
        message: message.map(str::to_owned),
        request_id: REQUEST_IDS
            .into_iter()
            .find_map(|name| members.last(name, |_| true)),
        transient,
    })
}

#[cfg(test)]
mod tests;
