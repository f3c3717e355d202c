//! Which checks a recording cannot decide, because the tool left out what they are about.
//!
//! A check that fails whatever was left out still fails: a token in quotation marks is wrong, whichever it is. All
//! others that need what is not there are neither passed nor failed.

use std::collections::BTreeMap;

use serde_json::Value;

use super::align::Instance;
use super::bind::Bindings;
use super::entry::{Headers, LeftOut};
use super::gaps::Gaps;
use super::hidden::Hidden;
use super::item::Item;
use super::stream::{Seen, Stream};
use super::wanted::{header_of, names_in, names_of, placeholders, wanted};
use crate::case::{Case, Credential, Exchange, Suite};
use crate::fixture::Values;
use crate::judge::{Observed, judge_observed};
use crate::report::Check;

/// One time that a case took place, and what was left out of it.
pub(super) struct View<'a> {
    pub(super) suite: &'a Suite,
    pub(super) case: &'a Case,
    pub(super) items: &'a [Item<'a>],
    pub(super) stream: &'a Stream,
    pub(super) instance: &'a Instance,
    pub(super) gaps: &'a Gaps<'a>,
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
        let headers = missing(left_out).filter(|why| *why == Hidden::Headers);
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
                .or_else(|| self.header(seen, name, check))
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
            "answer" => Self::answer(lost, exchange, seen, name, check),
            _ => None,
        }
    }

    fn seen(&self) -> impl Iterator<Item = Option<&'a Seen>> + use<'_, 'a> {
        let found = self.instance.found.iter();
        found.map(|at| at.map(|at| &self.stream.seen[at]))
    }

    /// Why a header that must be there, or must not, may have been left out.
    fn header(&self, seen: &Seen, name: &str, check: &Check) -> Option<Hidden> {
        // Whichever header has the credential.
        if !check.passed && name == "authorization" && missing(&seen.left_out).is_some() {
            return missing(&seen.left_out);
        }
        let name = self.gaps.stripped.find(name)?;
        if check.passed {
            return self.gaps.stripped.other().map(|_| Hidden::Another(name));
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
        if let Some(why) = missing(&seen.left_out) {
            return Some(why);
        }
        if let Some(name) = self.gaps.stripped.find(header) {
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
        if in_query || self.gaps.stripped.masks() {
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
        let own = own.and_then(|name| self.gaps.stripped.find(name));
        if let Some(why) = missing(left_out) {
            Some(why)
        } else if let Some(name) = own {
            Some(Hidden::Header(name))
        } else if let Some(name) = self.gaps.stripped.other() {
            Some(Hidden::Another(name))
        } else if left_out.headers == Headers::Doubled {
            Some(Hidden::Doubled)
        } else if self.gaps.stripped.masks() {
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
                let masks = self.gaps.stripped.masks();
                let why = if masks {
                    Hidden::Masked
                } else {
                    Hidden::AnswerBody
                };
                may_be.then_some(why)
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

    /// Whether a request may have a token of an answer that was left out.
    fn may_be_unread(&self, index: usize, names: &[String]) -> bool {
        let Some(Some(at)) = self.instance.found.get(index).copied() else {
            return false;
        };
        let mut own = Bindings::default();
        own.request(self.items[index].placed, &self.stream.seen[at].request);
        let sent = names.iter().filter_map(|name| own.get(name));
        self.gaps.may_be_unread(at, sent)
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
                (none && !check.passed && seen.left_out.headers == Headers::LeftOut)
                    .then_some(Hidden::Headers)
            }
            _ => None,
        }
    }
}

/// What is missing of the headers of a request.
fn missing(left_out: &LeftOut) -> Option<Hidden> {
    match left_out.headers {
        Headers::LeftOut => Some(Hidden::Headers),
        Headers::Stripped => Some(Hidden::Part),
        Headers::Kept | Headers::Doubled => None,
    }
}
