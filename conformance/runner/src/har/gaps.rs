//! What is missing in the exchanges with one provider.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::body::is_json;
use super::headers::Stripped;
use super::hidden::Hidden;
use super::item::Item;
use super::stream::{Kind, Seen, Stream};
use super::wanted::header_of;
use crate::case::Case;
use crate::fixture::Answer;

/// What is missing, and what is there all the same.
pub(super) struct Gaps<'a> {
    stream: &'a Stream,
    pub(super) stripped: &'a Stripped,
    /// Where the first token answer is that was left out.
    first_unread: Option<usize>,
    /// The texts in the token answers that are there.
    issued: HashSet<String>,
    /// Whether a renewal has no refusal before it that the recording shows, but an answer that may hide one.
    pub(super) hides_a_refusal: bool,
    has_unassigned: bool,
    /// For each token, the last exchange that issued it.
    last_issued: HashMap<String, usize>,
}

impl<'a> Gaps<'a> {
    pub(super) fn of(stream: &'a Stream, stripped: &'a Stripped) -> Self {
        let mut issued = HashSet::new();
        for seen in stream.seen.iter().filter(|seen| seen.kind == Kind::Token) {
            if let Some(answer) = &seen.answer {
                texts(
                    &serde_json::from_slice(&answer.body).unwrap_or_default(),
                    &mut issued,
                );
            }
        }
        Self {
            stream,
            stripped,
            first_unread: stream.seen.iter().position(is_unread),
            issued,
            hides_a_refusal: hides_a_refusal(stream),
            has_unassigned: stream.seen.iter().any(is_unassigned),
            last_issued: (0..stream.seen.len())
                .filter_map(|at| Some((issued_token(&stream.seen[at])?, at)))
                .collect(),
        }
    }

    /// Whether a request may have a value of a token answer that was left out.
    pub(super) fn may_be_unread<'v>(
        &self,
        at: usize,
        mut values: impl Iterator<Item = &'v str>,
    ) -> bool {
        self.first_unread.is_some_and(|first| first < at)
            && !values.any(|value| self.issued.contains(value))
    }

    /// Whether a case goes on with a token of an answer that is not in the recording.
    pub(super) fn hides_token(&self, items: &[Item<'_>], case: &Case) -> bool {
        let Some(first) = self.first_unread else {
            return false;
        };
        let seen = self.stream.seen.iter().enumerate().skip(first);
        let unread: Vec<usize> = seen
            .filter_map(|(at, seen)| is_unread(seen).then_some(at))
            .collect();
        let last = items.len().saturating_sub(1);
        let mut issuing = items[..last].iter().filter(|item| item.is_token());
        issuing.any(|item| unread.iter().any(|at| item.fits(case, self.stream, *at)))
    }

    /// Whether the token of a call was issued once more after it.
    pub(super) fn is_reissued(&self, call: usize) -> bool {
        let issuer = self.stream.grants.issuer(call);
        let token = issuer.and_then(|at| issued_token(&self.stream.seen[at]));
        let last = token.and_then(|token| self.last_issued.get(&token));
        last.is_some_and(|last| *last > call)
    }

    /// The header that calls lack of which nothing says by which method they are authenticated.
    pub(super) fn unassigned(&self, items: &[Item<'_>]) -> Option<Hidden> {
        let first = items.first().filter(|item| item.is_call())?;
        let header = header_of(first.exchange.credential.as_ref()?)?;
        let hidden = self.stripped.find(header).map(Hidden::Header);
        hidden.filter(|_| self.has_unassigned)
    }

    /// What such calls need, whatever they are.
    pub(super) fn needed(&self) -> Option<Hidden> {
        let hidden = self.stripped.find("authorization").map(Hidden::Header);
        hidden.filter(|_| self.has_unassigned)
    }
}

/// Whether it issues a token, or may do so, that the recording does not have.
fn is_unread(seen: &Seen) -> bool {
    seen.kind == Kind::Token && (seen.left_out.answer_body || seen.left_out.masks_the_answer())
}

/// The token that an answer issues.
pub(super) fn issued_token(seen: &Seen) -> Option<String> {
    let answer = seen.answer.as_ref().filter(|_| seen.kind == Kind::Token)?;
    let json: Value = serde_json::from_slice(&answer.body).ok()?;
    let token = json
        .get("access_token")
        .or_else(|| json.get("accessToken"))?;
    token.as_str().map(str::to_owned)
}

fn is_unassigned(seen: &Seen) -> bool {
    seen.kind == Kind::Call && seen.modes.is_empty()
}

fn hides_a_refusal(stream: &Stream) -> bool {
    let (mut is_shown, mut is_hidden, mut issued) = (false, false, false);
    for (at, seen) in stream.seen.iter().enumerate() {
        match seen.kind {
            Kind::Token => {
                if issued && is_hidden && !is_shown {
                    return true;
                }
                (is_shown, is_hidden, issued) = (false, false, true);
            }
            Kind::Call if stream.maybe_refused.contains(&at) => is_hidden = true,
            Kind::Call => is_shown |= seen.answer.as_ref().is_some_and(is_refusal),
            Kind::Login | Kind::Page => {}
        }
    }
    false
}

/// Whether an answer that was left out may have been a refusal. One that comes with a good status is JSON, which an
/// export as text or a file is not.
pub(super) fn may_hide_a_refusal(seen: &Seen) -> bool {
    let is_data = seen.answer.as_ref().is_some_and(|answer| {
        let mut named = answer.headers.iter();
        let kind = named.find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        (200..300).contains(&answer.status)
            && kind.is_some_and(|(_, kind)| kind.contains('/') && !is_json(kind))
    });
    seen.left_out.answer_body && !is_data
}

fn is_refusal(answer: &Answer) -> bool {
    let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    answer.status >= 400 || json.get("error").is_some() || json.pointer("/errors/0").is_some()
}

fn texts(value: &Value, all: &mut HashSet<String>) {
    match value {
        Value::String(text) => {
            all.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, all)),
        Value::Object(members) => members.values().for_each(|value| texts(value, all)),
        _ => {}
    }
}
