//! The values of a case's names in a recording: found by the places at which the fixtures
//! have them.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::fixture::{Answer, AnswerTemplate, FixtureFile, Pair, Recorded, Values};

/// The names that are bound, and the values that are taken.
#[derive(Clone, Debug, Default)]
pub(super) struct Bindings {
    values: BTreeMap<String, String>,
    taken: BTreeSet<String>,
}

/// A fixture in the place that a case gives it.
#[derive(Clone, Copy)]
pub(super) struct Placed<'a> {
    pub(super) file: &'a FixtureFile,
    pub(super) answer: &'a AnswerTemplate,
    pub(super) with: &'a BTreeMap<String, String>,
}

impl Bindings {
    /// Puts the bound values into the values of a case.
    pub(super) fn apply(&self, values: &mut Values) {
        for (name, value) in &self.values {
            values.set(name, value);
        }
    }

    /// The value of a name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Whether a name has a value.
    pub(super) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Gives a name this value, whatever the exchange has in its place.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.taken.insert(value.to_owned());
        self.values.insert(name.to_owned(), value.to_owned());
    }

    /// Binds the names in a fixture's answer. Returns whether it issues a token that the case
    /// has by another name, or another one than the case has by that name.
    pub(super) fn answer(&mut self, placed: Placed<'_>, seen: &Answer) -> bool {
        let template: Value = serde_json::from_str(&placed.answer.body).unwrap_or_default();
        let body: Value = serde_json::from_slice(&seen.body).unwrap_or_default();
        self.json(placed, &template, &body);
        ["access_token", "accessToken"].iter().any(|member| {
            let texts = (template.get(member), body.get(member));
            let (Some(Value::String(template)), Some(Value::String(seen))) = texts else {
                return false;
            };
            let name = template
                .strip_prefix("${")
                .and_then(|rest| rest.strip_suffix('}'));
            match name.and_then(|name| self.values.get(named(placed, name))) {
                Some(bound) => bound != seen,
                None => self.taken.contains(seen),
            }
        })
    }

    /// Binds the names in a fixture's request that no earlier answer has bound.
    pub(super) fn request(&mut self, placed: Placed<'_>, seen: &Recorded) {
        let template = &placed.file.request;
        for line in &template.headers {
            if let [value] = seen.header(&line.name).as_slice() {
                self.text(placed, &line.value, value);
            }
        }
        self.pairs(placed, &template.query, &seen.query());
        if let Some(form) = &template.form {
            self.pairs(placed, form, &seen.form());
        }
        if let (Some(template), Some(json)) = (&template.json, seen.json()) {
            self.json(placed, template, &json);
        }
    }

    fn pairs(&mut self, placed: Placed<'_>, template: &[Pair], seen: &[(String, String)]) {
        for pair in template {
            if let Some((_, value)) = seen.iter().find(|(name, _)| *name == pair.name) {
                self.text(placed, &pair.value, value);
            }
        }
    }

    fn json(&mut self, placed: Placed<'_>, template: &Value, seen: &Value) {
        match (template, seen) {
            (Value::String(template), Value::String(seen)) => self.text(placed, template, seen),
            (Value::Object(template), Value::Object(seen)) => {
                for (name, inner) in template {
                    if let Some(seen) = seen.get(name) {
                        self.json(placed, inner, seen);
                    }
                }
            }
            _ => {}
        }
    }

    /// One text: the value in the place of the template's only placeholder.
    fn text(&mut self, placed: Placed<'_>, template: &str, seen: &str) {
        let Some((before, rest)) = template.split_once("${") else {
            return;
        };
        let Some((name, after)) = rest.split_once('}') else {
            return;
        };
        // The name of a scheme may be written in any case, and more than one blank may follow it.
        let found = seen
            .get(..before.len())
            .filter(|begin| begin.eq_ignore_ascii_case(before))
            .map(|_| match &seen[before.len()..] {
                rest if before.ends_with(' ') => rest.trim_start_matches(' '),
                rest => rest,
            })
            .and_then(|rest| rest.strip_suffix(after));
        let Some(found) = found else {
            return;
        };
        match name.split(':').collect::<Vec<_>>().as_slice() {
            [name] => self.bind(placed, name, found),
            [_, id, secret] => {
                let pair = STANDARD.decode(found).unwrap_or_default();
                let pair = String::from_utf8(pair).unwrap_or_default();
                if let Some((first, second)) = pair.split_once(':') {
                    self.bind(placed, id, first);
                    self.bind(placed, secret, second);
                }
            }
            _ => {}
        }
    }

    /// A value that has another name already is not bound: a token that was sent again is not the
    /// new one.
    fn bind(&mut self, placed: Placed<'_>, name: &str, value: &str) {
        let name = named(placed, name);
        let one = value.starts_with("CANARY-") && !value.contains(['"', ' ', ';', ',']);
        if one && !self.values.contains_key(name) && self.taken.insert(value.to_owned()) {
            self.values.insert(name.to_owned(), value.to_owned());
        }
    }
}

impl Placed<'_> {
    /// What the case calls the refresh token that the fixture's request sends.
    pub(super) fn refresh_token(&self) -> Option<&str> {
        let request = &self.file.request;
        let form = request.form.iter().flatten();
        let mut form = form.filter(|pair| pair.name == "refresh_token");
        let member = |name: &str| request.json.as_ref()?.get(name)?.as_str();
        let template = form.next().map(|pair| pair.value.as_str());
        let template = template.or_else(|| member("refreshToken"))?;
        let name = template.strip_prefix("${")?.strip_suffix('}')?;
        let own = self
            .with
            .get(name)
            .or_else(|| self.file.variables.get(name));
        Some(own.map_or(name, String::as_str))
    }
}

/// What a case calls a name of a fixture.
fn named<'a>(placed: Placed<'a>, name: &'a str) -> &'a str {
    placed
        .with
        .get(name)
        .or_else(|| placed.file.variables.get(name))
        .map_or(name, String::as_str)
}
