//! The credential of a request: the right one, in the right place, and no other anywhere.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Judge, NOTHING};
use crate::case::{Credential, Exchange, Provider};
use crate::fixture::{Recorded, Redactor, form_decode};
use tegata_suite::provider::is_credential_header;

/// The field that carries one in a query, form or JSON body.
const FIELD: &str = "access_token";

impl Judge<'_> {
    /// Checks the credential of one request.
    pub(super) fn credential(&mut self, expected: &Exchange, seen: Option<&Recorded>) {
        let Some(credential) = &expected.credential else {
            return;
        };
        let found = seen
            .map(|seen| places(seen, &self.suite.providers, self.redactor()))
            .unwrap_or_default();
        let names: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
        let listed = match (seen, names.as_slice()) {
            (None, _) => NOTHING.to_owned(),
            (Some(_), []) => "none".to_owned(),
            (Some(_), names) => names.join(", "),
        };
        let id = format!("{}.credential", expected.name);
        if *credential == Credential::Absent {
            self.check(&id, seen.is_some() && found.is_empty(), "none", &listed);
            return;
        }
        let passed = self.holds(credential, &found);
        let shown = match found.as_slice() {
            [] => listed.clone(),
            many => many
                .iter()
                .map(|(place, value)| {
                    let (scheme, rest) = value.split_once(' ').unwrap_or(("", value));
                    let shown = self.show(rest, true);
                    format!("{place}: {scheme} {shown}").replace(":  ", ": ")
                })
                .collect::<Vec<_>>()
                .join("; "),
        };
        self.check(&id, passed, &describe(credential), &shown);
        let one = format!("{}.one-credential", expected.name);
        self.check(
            &one,
            seen.is_some() && found.len() <= 1,
            "at most one",
            &listed,
        );
    }

    fn holds(&self, credential: &Credential, found: &[(String, String)]) -> bool {
        let value = |name: &str| self.values.get(name).unwrap_or_default();
        let at = |place: &str, test: &dyn Fn(&str) -> bool| {
            found
                .iter()
                .any(|(known, value)| known == place && test(value))
        };
        let basic = |id: &str, secret: &str, form_only: bool| {
            at("authorization", &|text| {
                decode_basic(text).is_some_and(|pair| {
                    let wanted = (value(id), value(secret));
                    let raw = !form_only && pair == format!("{}:{}", wanted.0, wanted.1);
                    let form = pair.split_once(':').is_some_and(|(id, secret)| {
                        encoded(id)
                            && encoded(secret)
                            && (form_decode(id).as_str(), form_decode(secret).as_str()) == wanted
                    });
                    raw || form
                })
            })
        };
        match credential {
            Credential::Absent => found.is_empty(),
            Credential::Bearer(name) => at("authorization", &|text| {
                // The name of a scheme is the same in upper and lower case, and one blank or more
                // follow it: RFC 9110 sections 11.1 and 11.4.
                text.split_once(' ').is_some_and(|(scheme, token)| {
                    scheme.eq_ignore_ascii_case("bearer")
                        && token.trim_start_matches(' ') == value(name)
                })
            }),
            Credential::Basic(id, secret) => basic(id, secret, false),
            Credential::BasicForm(id, secret) => basic(id, secret, true),
            Credential::Header(header, name) => at(header, &|text| text == value(name)),
            Credential::Query(field, name) => {
                at(&format!("query {field}"), &|text| text == value(name))
            }
        }
    }
}

/// Every credential of a request, with its place and its value. A header of any other name that
/// holds a secret counts as well.
fn places(seen: &Recorded, providers: &[Provider], redactor: &Redactor) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, value) in &seen.headers {
        let name = name.to_ascii_lowercase();
        if is_credential_header(providers, &name) || !redactor.find(value).is_empty() {
            found.push((name, value.clone()));
        }
    }
    let named = |place: &str, fields: Vec<(String, String)>| {
        fields
            .into_iter()
            .filter(|(name, _)| name == FIELD)
            .map(|(name, value)| (format!("{place} {name}"), value))
            .collect::<Vec<_>>()
    };
    found.extend(named("query", seen.query()));
    if seen.media_type().as_deref() == Some("application/x-www-form-urlencoded") {
        found.extend(named("form", seen.form()));
    }
    if let Ok(Value::Object(members)) = serde_json::from_slice(&seen.body) {
        let texts = members.into_iter().filter_map(|(name, value)| match value {
            Value::String(text) => Some((name, text)),
            _ => None,
        });
        found.extend(named("json", texts.collect()));
    }
    found
}

fn decode_basic(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    String::from_utf8(STANDARD.decode(rest.trim_start_matches(' ')).ok()?).ok()
}

/// Whether a text can be the result of form encoding.
fn encoded(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._~*+%".contains(&byte))
}

fn describe(credential: &Credential) -> String {
    match credential {
        Credential::Absent => "none".to_owned(),
        Credential::Bearer(name) => format!("authorization: Bearer `[{name}]`"),
        Credential::Basic(id, secret) => {
            format!("authorization: Basic of [{id}] and [{secret}]")
        }
        Credential::BasicForm(id, secret) => {
            format!("authorization: Basic of [{id}] and [{secret}], form-encoded first")
        }
        Credential::Header(header, name) => format!("{header}: `[{name}]`"),
        Credential::Query(field, name) => format!("query {field}: `[{name}]`"),
    }
}
