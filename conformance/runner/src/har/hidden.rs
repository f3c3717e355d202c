//! Which checks a recording cannot decide, because the tool left out what they are about.
//!
//! A check that fails whatever was left out still fails: a token in quotation marks is wrong, whichever it is. All
//! others that need what is not there are neither passed nor failed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use super::align::Instance;
use super::bind::{Bindings, Placed};
use super::headers::Stripped;
use super::item::Item;
use super::stream::{Kind, Seen, Stream};
use crate::case::{Case, Credential, Exchange, Matcher, Suite};
use crate::fixture::{Answer, Values};
use crate::judge::{Observed, judge_observed};
use crate::report::Check;

/// What a check needs and the recording does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hidden {
    /// The body of a request.
    RequestBody,
    /// The body of an answer: its values, or whether it was a refusal.
    AnswerBody,
    /// This header, which no request has.
    Header(&'static str),
    /// Whether the same request had a credential in this header as well.
    Another(&'static str),
    /// All headers of a message.
    Headers,
    /// A value, in whose place the tool put a mask.
    Masked,
    /// Whether the client or the tool wrote a header twice.
    Doubled,
}

impl fmt::Display for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RequestBody => "the recording lacks the body of a request that it needs",
            Self::AnswerBody => "the recording lacks the body of an answer that it needs",
            Self::Header(name) => {
                return write!(
                    f,
                    "no request of the recording has the header `{name}`, which it needs: the tool may have left it out"
                );
            }
            Self::Another(name) => {
                return write!(
                    f,
                    "a credential in `{name}`, which must not be there, would not be in the recording: the tool leaves it out"
                );
            }
            Self::Headers => "the recording lacks the headers of a message that it needs",
            Self::Masked => "the recording has a mask in place of a value that it needs",
            Self::Doubled => {
                "the recording has a credential's header twice with one value, which the tool may have written"
            }
        })
    }
}

/// One time that a case took place, and what was left out of it.
pub(super) struct View<'a> {
    pub(super) suite: &'a Suite,
    pub(super) case: &'a Case,
    pub(super) items: &'a [Item<'a>],
    pub(super) stream: &'a Stream,
    pub(super) instance: &'a Instance,
    pub(super) stripped: &'a Stripped,
    /// The values by which it is judged.
    pub(super) values: &'a Values,
    pub(super) observed: &'a [Observed<'a>],
}

impl<'a> View<'a> {
    /// The names whose values stand in an answer that was left out.
    pub(super) fn lost_names(&self) -> BTreeMap<String, Hidden> {
        let mut lost = BTreeMap::new();
        for (item, seen) in self.items.iter().zip(self.seen()) {
            let Some(left_out) = seen.map(|seen| &seen.left_out) else {
                continue;
            };
            let template: Value =
                serde_json::from_str(&item.placed.answer.body).unwrap_or_default();
            let mut names = Vec::new();
            names_in(item.placed, "", &template, &mut names);
            for (member, name) in names {
                if left_out.answer_body {
                    lost.insert(name, Hidden::AnswerBody);
                } else if left_out.masked.contains(&format!("answer.{member}")) {
                    lost.insert(name, Hidden::Masked);
                }
            }
        }
        lost
    }

    /// Why a check of an exchange cannot be decided; none if it can. `part` is its id without the exchange's name.
    pub(super) fn hides(
        &self,
        lost: &BTreeMap<String, Hidden>,
        index: usize,
        part: &str,
        check: &Check,
    ) -> Option<Hidden> {
        let seen = self.seen().nth(index)??;
        let exchange = self.items[index].exchange;
        let left_out = &seen.left_out;
        let (kind, name) = part.split_once('.').unwrap_or((part, ""));
        let masked = |place: &str| left_out.masked.contains(&format!("{place}.{name}"));
        let headers = left_out.headers.then_some(Hidden::Headers);
        let body = left_out.request_body.then_some(Hidden::RequestBody);
        let value = || self.value(lost, index, part, check);
        match kind {
            "credential" => self.credential(lost, index, check),
            "one-credential" if check.passed => self.another(exchange, seen),
            "clean-url" if check.passed => body.or_else(|| self.copy_in_url(lost, exchange, seen)),
            "content-type" if !check.passed => {
                headers.or(if left_out.masked.contains("header.content-type") {
                    Some(Hidden::Masked)
                } else {
                    None
                })
            }
            "query" => masked("query").then_some(Hidden::Masked).or_else(value),
            "header" => headers
                .or_else(|| self.header(name, check))
                .or_else(|| masked("header").then_some(Hidden::Masked))
                .or_else(value),
            "form" | "json" => body
                .or_else(|| masked("body").then_some(Hidden::Masked))
                .or_else(value),
            "carries" | "carries-not" => body.or_else(|| {
                let any = left_out
                    .masked
                    .iter()
                    .any(|place| place.starts_with("body."));
                any.then_some(Hidden::Masked)
                    .or_else(|| lost.get(name).copied())
            }),
            "body" => body.or_else(|| self.earlier_body(exchange, seen, check)),
            // What is right depends on what was asked for.
            "answer" if self.items[index].is_token() && left_out.request_body => {
                Some(Hidden::RequestBody)
            }
            "answer" => self.answer(lost, exchange, seen, name, check),
            _ => None,
        }
    }

    fn seen(&self) -> impl Iterator<Item = Option<&'a Seen>> + use<'_, 'a> {
        let found = self.instance.found.iter();
        found.map(|at| at.map(|at| &self.stream.seen[at]))
    }

    /// Why a header that must be there, or must not, may have been left out.
    fn header(&self, name: &str, check: &Check) -> Option<Hidden> {
        let name = self.stripped.find(name)?;
        if check.passed {
            return self.stripped.other().map(|_| Hidden::Another(name));
        }
        Some(Hidden::Header(name))
    }

    fn credential(
        &self,
        lost: &BTreeMap<String, Hidden>,
        index: usize,
        check: &Check,
    ) -> Option<Hidden> {
        let seen = self.seen().nth(index)??;
        let exchange = self.items[index].exchange;
        let credential = exchange.credential.as_ref()?;
        let header = match credential {
            Credential::Absent => {
                return check.passed.then(|| self.another(exchange, seen)).flatten();
            }
            Credential::Query(field, _) => {
                let masked = seen.left_out.masked.contains(&format!("query.{field}"));
                let masked = masked.then_some(Hidden::Masked);
                return masked.or_else(|| self.value(lost, index, "credential", check));
            }
            other => header_of(other)?,
        };
        if seen.left_out.headers {
            return Some(Hidden::Headers);
        }
        if let Some(name) = self.stripped.find(header) {
            return Some(Hidden::Header(name));
        }
        if seen.left_out.masked.contains(&format!("header.{header}")) {
            // The scheme in front of a mask is the client's.
            let has_scheme = seen
                .request
                .header(header)
                .iter()
                .any(|value| value.contains(' '));
            let is_bearer = matches!(credential, Credential::Bearer(_));
            let is_wrong =
                has_scheme && is_bearer && !check.passed && !self.passes_by_form(index, &check.id);
            return (!is_wrong).then_some(Hidden::Masked);
        }
        self.value(lost, index, "credential", check)
    }

    /// Why a secret in the URL would not be known to be one.
    fn copy_in_url(
        &self,
        lost: &BTreeMap<String, Hidden>,
        exchange: &Exchange,
        seen: &Seen,
    ) -> Option<Hidden> {
        let in_query = seen
            .left_out
            .masked
            .iter()
            .any(|place| place.starts_with("query."));
        if in_query || self.stripped.masks() {
            return Some(Hidden::Masked);
        }
        let names = exchange
            .credential
            .as_ref()
            .map(names_of)
            .unwrap_or_default();
        let is_unknown = |name: &&&String| self.instance.bindings.get(name).is_none();
        lost.get(*names.iter().find(is_unknown)?).copied()
    }

    /// Why a request may have had another credential than those that are there.
    fn another(&self, exchange: &Exchange, seen: &Seen) -> Option<Hidden> {
        let left_out = &seen.left_out;
        let own = exchange.credential.as_ref().and_then(header_of);
        let own = own.and_then(|name| self.stripped.find(name));
        if left_out.headers {
            Some(Hidden::Headers)
        } else if let Some(name) = own {
            Some(Hidden::Header(name))
        } else if let Some(name) = self.stripped.other() {
            Some(Hidden::Another(name))
        } else if left_out.doubled {
            Some(Hidden::Doubled)
        } else if self.stripped.masks() {
            Some(Hidden::Masked)
        } else {
            left_out.request_body.then_some(Hidden::RequestBody)
        }
    }

    /// Why the value that a check compares with is not known.
    fn value(
        &self,
        lost: &BTreeMap<String, Hidden>,
        index: usize,
        part: &str,
        check: &Check,
    ) -> Option<Hidden> {
        let (names, is_exact) = wanted(self.items[index].exchange, part);
        let why = names.iter().find_map(|name| lost.get(name).copied());
        match why {
            Some(why) if check.passed || !is_exact => Some(why),
            Some(why) => self.passes_by_form(index, &check.id).then_some(why),
            None if check.passed || part != "credential" => None,
            // It may be the token of another answer that was left out.
            None => {
                let may_be =
                    self.may_be_unread(index, &names) && self.passes_by_form(index, &check.id);
                may_be.then_some(Hidden::AnswerBody)
            }
        }
    }

    /// Whether the check passes with whatever value the request itself has in that place.
    fn passes_by_form(&self, index: usize, check: &str) -> bool {
        let Some(Some(seen)) = self.seen().nth(index) else {
            return false;
        };
        let item = &self.items[index];
        let mut own = Bindings::default();
        own.request(item.placed, &seen.request);
        let mut values = self.values.clone();
        own.apply(&mut values);
        let observed = &self.observed[index..=index];
        let checks = judge_observed(self.suite, self.case, values, observed, true);
        checks.iter().any(|one| one.id == check && one.passed)
    }

    /// Whether a request sends a token that no answer shows, behind a token answer that was left out.
    fn may_be_unread(&self, index: usize, names: &[String]) -> bool {
        let Some(Some(at)) = self.instance.found.get(index).copied() else {
            return false;
        };
        let issues = |seen: &Seen| {
            let left_out = &seen.left_out;
            seen.kind == Kind::Token && (left_out.answer_body || left_out.masks_the_answer())
        };
        if !self.stream.seen[..at].iter().any(issues) {
            return false;
        }
        let mut own = Bindings::default();
        own.request(self.items[index].placed, &self.stream.seen[at].request);
        let mut sent = names.iter().filter_map(|name| own.get(name));
        let answers = || {
            self.stream
                .seen
                .iter()
                .filter_map(|seen| seen.answer.as_ref())
        };
        let is_shown = |value: &str| {
            let holds = |answer: &Answer| String::from_utf8_lossy(&answer.body).contains(value);
            answers().any(holds)
        };
        !sent.any(is_shown)
    }

    fn earlier_body(&self, exchange: &Exchange, seen: &Seen, check: &Check) -> Option<Hidden> {
        let same = exchange.body.as_ref()?;
        let index = self
            .items
            .iter()
            .position(|item| item.exchange.name == same.same_as)?;
        let earlier = self.seen().nth(index)??;
        if earlier.left_out.request_body {
            return Some(Hidden::RequestBody);
        }
        let masked = |seen: &Seen| {
            seen.left_out
                .masked
                .iter()
                .any(|place| place.starts_with("body."))
        };
        (!check.passed && (masked(seen) || masked(earlier))).then_some(Hidden::Masked)
    }

    fn answer(
        &self,
        lost: &BTreeMap<String, Hidden>,
        exchange: &Exchange,
        seen: &Seen,
        part: &str,
        check: &Check,
    ) -> Option<Hidden> {
        let (kind, name) = part.split_once('.').unwrap_or((part, ""));
        match kind {
            "json" if seen.left_out.answer_body => Some(Hidden::AnswerBody),
            "json" => {
                let member = name.rsplit('.').next().unwrap_or(name);
                let masked = seen.left_out.masked.contains(&format!("answer.{member}"));
                let expected = exchange
                    .answer
                    .as_ref()?
                    .json
                    .wanted()
                    .find(|(known, _)| *known == name);
                let mut names = expected
                    .map(|(_, matcher)| placeholders(&matcher.template()))
                    .unwrap_or_default();
                names.retain(|name| lost.contains_key(name));
                let differs = names.first().and_then(|name| lost.get(name).copied());
                masked.then_some(Hidden::Masked).or(differs)
            }
            "header" | "location" => {
                let none = seen
                    .answer
                    .as_ref()
                    .is_some_and(|answer| answer.headers.is_empty());
                (none && !check.passed && seen.left_out.headers).then_some(Hidden::Headers)
            }
            _ => None,
        }
    }
}

/// Why it is not known whether a call of the recording belongs to a case that begins with a call: none of its
/// credentials is there.
pub(super) fn unassigned(
    items: &[Item<'_>],
    stream: &Stream,
    stripped: &Stripped,
) -> Option<Hidden> {
    let first = items.first().filter(|item| item.is_call())?;
    let header = header_of(first.exchange.credential.as_ref()?)?;
    let hidden = stripped.find(header).map(Hidden::Header);
    hidden.filter(|_| has_unassigned(stream))
}

/// Whether a case goes on with a token of an answer that is not in the recording.
pub(super) fn hides_tokens(items: &[Item<'_>], case: &Case, stream: &Stream) -> bool {
    let last = items.len().saturating_sub(1);
    let mut issuing = items[..last].iter().filter(|item| item.is_token());
    let hides = |at: &usize| {
        let left_out = &stream.seen[*at].left_out;
        left_out.answer_body || left_out.masks_the_answer()
    };
    let hidden: Vec<usize> = (0..stream.seen.len()).filter(hides).collect();
    issuing.any(|item| hidden.iter().any(|at| item.fits(case, stream, *at)))
}

/// Whether there is a call of which nothing says by which method it is authenticated.
pub(super) fn has_unassigned(stream: &Stream) -> bool {
    let mut all = stream.seen.iter();
    all.any(|seen| seen.kind == Kind::Call && seen.modes.is_empty())
}

/// Whether a renewal has no refusal before it that the recording shows, but an answer that may hide one.
pub(super) fn may_hide_a_refusal(stream: &Stream) -> bool {
    let (mut is_shown, mut is_hidden, mut issued) = (false, false, false);
    for seen in &stream.seen {
        match seen.kind {
            Kind::Token => {
                if issued && is_hidden && !is_shown {
                    return true;
                }
                (is_shown, is_hidden, issued) = (false, false, true);
            }
            Kind::Call if seen.left_out.answer_body => is_hidden = true,
            Kind::Call => is_shown |= seen.answer.as_ref().is_some_and(is_refusal),
            Kind::Login => {}
        }
    }
    false
}

fn is_refusal(answer: &Answer) -> bool {
    let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    answer.status >= 400 || json.get("error").is_some() || json.pointer("/errors/0").is_some()
}

/// The names in a fixture's answer, each with the member that holds it, as the case calls them.
fn names_in(placed: Placed<'_>, member: &str, template: &Value, names: &mut Vec<(String, String)>) {
    match template {
        Value::String(text) => {
            for name in placeholders(text) {
                let bound = placed
                    .with
                    .get(&name)
                    .or_else(|| placed.file.variables.get(&name));
                let name = bound.cloned().unwrap_or(name);
                names.push((member.to_owned(), name));
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| names_in(placed, member, item, names)),
        Value::Object(members) => {
            for (member, value) in members {
                names_in(placed, member, value, names);
            }
        }
        _ => {}
    }
}

/// The names that a template has in it.
fn placeholders(template: &str) -> Vec<String> {
    let parts = template.split("${").skip(1);
    let names: BTreeSet<&str> = parts.filter_map(|part| part.split('}').next()).collect();
    names.into_iter().map(str::to_owned).collect()
}

/// The header in which a credential stands.
fn header_of(credential: &Credential) -> Option<&str> {
    match credential {
        Credential::Absent | Credential::Query(..) => None,
        Credential::Header(name, _) => Some(name),
        Credential::Bearer(_) | Credential::Basic(..) | Credential::BasicForm(..) => {
            Some("authorization")
        }
    }
}

fn names_of(credential: &Credential) -> Vec<&String> {
    match credential {
        Credential::Absent => Vec::new(),
        Credential::Bearer(name) | Credential::Header(_, name) | Credential::Query(_, name) => {
            vec![name]
        }
        Credential::Basic(id, secret) | Credential::BasicForm(id, secret) => vec![id, secret],
    }
}

/// The names whose values a check compares with, and whether it asks for exactly these.
fn wanted(exchange: &Exchange, part: &str) -> (Vec<String>, bool) {
    if part == "credential" {
        let names = exchange
            .credential
            .as_ref()
            .map(names_of)
            .unwrap_or_default();
        return (names.into_iter().cloned().collect(), true);
    }
    let (kind, name) = part.split_once('.').unwrap_or((part, ""));
    let fields = match kind {
        "query" => &exchange.query,
        "header" => &exchange.headers,
        "form" => &exchange.form,
        "json" => &exchange.json,
        _ => return (Vec::new(), true),
    };
    let matcher = fields
        .wanted()
        .find(|(known, _)| *known == name)
        .map(|(_, matcher)| matcher);
    let template = matcher.map(Matcher::template).unwrap_or_default();
    (
        placeholders(&template),
        matches!(matcher, Some(Matcher::Text(_))),
    )
}
