//! From messages on the wire to a fixture in which every value that is not known to be harmless
//! stands by name.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::allow::{AllowList, is_dull, is_plain_name};
use super::inflate::{codings, inflate};
use super::names::Names;
use super::{BODY_LIMIT, Traffic};
use crate::case::Provider;
use crate::citation::sha256;
use crate::fixture::{
    Answer, AnswerTemplate, Header, Pair, Recorded, RequestTemplate, ValuesFile, form_decode,
    percent_decode, query_pairs,
};
use tegata_suite::provider::is_credential_header;

/// Bodies that are longer than this, once redacted, are replaced by a name as a whole.
const LONGEST_BODY: usize = 64 * 1024;
const FORM: &str = "application/x-www-form-urlencoded";
/// The headers that carry a credential and nothing else, besides those of the providers.
const CREDENTIALS: [&str; 2] = ["cookie", "set-cookie"];

/// Redacts exchanges of one recording: the same value gets the same name in all of them.
#[derive(Clone)]
pub struct Redaction {
    list: AllowList,
    providers: Vec<Provider>,
    names: Names,
}

impl std::fmt::Debug for Redaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redaction").finish_non_exhaustive()
    }
}

impl Redaction {
    /// A redaction by an allow-list, which knows the headers in which these providers are sent credentials.
    pub fn new(list: AllowList, providers: &[Provider]) -> Self {
        Self {
            list,
            providers: providers.to_vec(),
            names: Names::new(providers),
        }
    }

    /// Takes note of the values of an exchange that stand where credentials and parameters do, so
    /// that they are found again inside others. To be called for an exchange before it is
    /// redacted, and best for all of a recording before the first one is.
    pub fn learn(&mut self, traffic: &Traffic) {
        let request = &traffic.request;
        self.credential_headers(&request.headers);
        self.fields(request.query(), false);
        match Body::of(&request.headers, &request.body) {
            Body::Form(fields) => drop(self.fields(fields, false)),
            Body::Json(json) => drop(self.json("body", &json, false)),
            Body::Nothing | Body::Text(_) | Body::Other(_) => {}
        }
        if let Some(answer) = &traffic.answer {
            self.credential_headers(&answer.headers);
            if let Body::Json(json) = Body::of(&answer.headers, &answer.body) {
                self.json("body", &json, true);
            }
        }
    }

    /// A request, redacted.
    pub fn request(&mut self, seen: &Recorded) -> RequestTemplate {
        let mut template = RequestTemplate {
            method: method(&seen.method),
            path: self.path(seen.path()),
            query: self.fields(seen.query(), false),
            headers: self.headers(&seen.headers),
            form: None,
            json: None,
            body: None,
        };
        let media = seen.media_type().unwrap_or_default();
        match Body::of(&seen.headers, &seen.body) {
            Body::Nothing => {}
            Body::Form(fields) if media == FORM => {
                template.form = Some(self.fields(fields, false));
            }
            Body::Form(fields) => {
                let fields = self.fields(fields, false).into_iter().map(String::from);
                template.body = Some(fields.collect::<Vec<_>>().join("&"));
            }
            Body::Json(json) => {
                let json = self.json("body", &json, false);
                if media == "application/json" && json.to_string().len() <= LONGEST_BODY {
                    template.json = Some(json);
                } else {
                    template.body = Some(self.short(json.to_string()));
                }
            }
            Body::Text(text) => template.body = Some(self.mask("body", &text)),
            Body::Other(bytes) => template.body = Some(self.opaque(&bytes)),
        }
        template
    }

    /// An answer, redacted, with `cite` as its citation.
    pub fn answer(&mut self, seen: &Answer, cite: &str) -> AnswerTemplate {
        let body = match Body::of(&seen.headers, &seen.body) {
            Body::Nothing => String::new(),
            Body::Json(json) => {
                let json = self.json("body", &json, true);
                self.short(json.to_string())
            }
            Body::Form(_) | Body::Text(_) | Body::Other(_) => self.opaque(&seen.body),
        };
        AnswerTemplate {
            cite: vec![cite.to_owned()],
            title: None,
            status: seen.status,
            reason: None,
            headers: self.headers(&seen.headers),
            body,
            times: None,
            cut_after: None,
            raw: None,
        }
    }

    /// The name of a value, as if it had been in the field of that name.
    pub fn name_of(&mut self, field: &str, value: &str) -> String {
        self.names.of(field, value)
    }

    /// What each name stands for from now on: a canary, no shorter than sixteen characters if the
    /// value was not, and none the beginning of another, in which it would be found.
    pub fn values(&self) -> ValuesFile {
        let canary = |(index, (name, length)): (usize, (&str, usize))| {
            let value = if length >= 16 {
                format!("CANARY-recorded-{name}-end")
            } else {
                format!("CANARY-{index:06}")
            };
            (name.to_owned(), value)
        };
        ValuesFile {
            plain: std::collections::BTreeMap::new(),
            secret: self.names.all().enumerate().map(canary).collect(),
        }
    }

    /// The credentials that were found by their place.
    pub(super) fn credentials(&self) -> impl Iterator<Item = &str> {
        self.names.credentials().map(|(_, value)| value)
    }

    fn credential_headers(&mut self, headers: &[(String, String)]) {
        for (name, value) in headers {
            let name = name.to_ascii_lowercase();
            if name == "authorization" {
                self.authorization(value);
            } else if self.is_credential(&name) {
                self.mask(&name, value);
            }
        }
    }

    fn is_credential(&self, name: &str) -> bool {
        CREDENTIALS.contains(&name) || is_credential_header(&self.providers, name)
    }

    fn headers(&mut self, headers: &[(String, String)]) -> Vec<Header> {
        let mut kept = Vec::new();
        for (name, value) in headers.iter().filter(|(name, _)| !is_dull(name)) {
            let lower = name.to_ascii_lowercase();
            let value = if self.list.header(&lower, value) {
                value.clone()
            } else {
                match lower.as_str() {
                    "authorization" => self.authorization(value),
                    "location" => self.location(value),
                    "content-type" => self.media_type(value),
                    _ => self.mask(&lower, value),
                }
            };
            let name = self.plain_name(name, "x-header");
            kept.push(Header { name, value });
        }
        kept
    }

    /// `Authorization`: the scheme stays, and of Basic that it holds an id and a secret.
    fn authorization(&mut self, value: &str) -> String {
        let Some((scheme, rest)) = value.split_once(' ') else {
            return self.mask("access_token", value);
        };
        let known = ["basic", "bearer", "digest", "token", "apikey"];
        if !known.contains(&scheme.to_ascii_lowercase().as_str()) {
            return self.mask("access_token", value);
        }
        if scheme.eq_ignore_ascii_case("basic")
            && let Some((id, secret, encoded)) = basic(rest)
        {
            let id = self.names.of("client_id", &id);
            let secret = self.names.of("client_secret", &secret);
            let kind = if encoded { "basic-form" } else { "basic" };
            return format!("{scheme} ${{{kind}:{id}:{secret}}}");
        }
        // Quotation marks round a token are no part of it.
        let bare = rest
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        match bare.filter(|bare| !bare.is_empty()) {
            Some(bare) => format!("{scheme} \"{}\"", self.mask("access_token", bare)),
            None => format!("{scheme} {}", self.mask("access_token", rest)),
        }
    }

    /// `Location`: the URL by name, the fields of its query each by its own.
    fn location(&mut self, value: &str) -> String {
        let (url, query) = value.split_once('?').unwrap_or((value, ""));
        let url = self.mask("location", url);
        let query: Vec<String> = self
            .fields(query_pairs(query), false)
            .into_iter()
            .map(String::from)
            .collect();
        if query.is_empty() {
            url
        } else {
            format!("{url}?{}", query.join("&"))
        }
    }

    /// `Content-Type` with parameters that are not known: the media type alone, if it has the
    /// form of one.
    fn media_type(&mut self, value: &str) -> String {
        let kind = value.split(';').next().unwrap_or_default().trim();
        let lower = kind.to_ascii_lowercase();
        if self.list.header("content-type", &lower) {
            lower
        } else {
            self.mask("content-type", value)
        }
    }

    fn path(&mut self, path: &str) -> String {
        let segments: Vec<String> = path
            .split('/')
            .map(|segment| {
                let plain = percent_decode(segment);
                if segment.is_empty() || self.list.segment(segment) {
                    segment.to_owned()
                } else {
                    self.mask("path", &plain)
                }
            })
            .collect();
        segments.join("/")
    }

    fn fields(&mut self, fields: Vec<(String, String)>, answered: bool) -> Vec<Pair> {
        fields
            .into_iter()
            .map(|(name, value)| Pair {
                value: if self.list.field(&name, &value, answered) {
                    value
                } else {
                    self.mask(&name, &value)
                },
                name: self.plain_name(&name, "field"),
            })
            .collect()
    }

    fn json(&mut self, place: &str, json: &Value, answered: bool) -> Value {
        match json {
            Value::Null | Value::Bool(_) => json.clone(),
            Value::Number(number) => {
                if self.list.field(place, &number.to_string(), answered) {
                    json.clone()
                } else {
                    Value::from(0)
                }
            }
            Value::String(text) if self.list.field(place, text, answered) => json.clone(),
            Value::String(text) => Value::String(self.mask(place, text)),
            Value::Array(items) => items
                .iter()
                .map(|item| self.json(place, item, answered))
                .collect(),
            Value::Object(members) => {
                let mut kept = serde_json::Map::new();
                for (name, value) in members {
                    let value = self.json(name, value, answered);
                    let plain = self.plain_name(name, "member");
                    let mut unique = plain.clone();
                    while kept.contains_key(&unique) {
                        unique = format!("{plain}-{}", kept.len());
                    }
                    kept.insert(unique, value);
                }
                Value::Object(kept)
            }
        }
    }

    /// A name of a header, field or member, or what stands for it if it may be a value.
    fn plain_name(&self, name: &str, otherwise: &str) -> String {
        let value = self.names.known(name).is_some() || self.names.inside(name).is_some();
        if is_plain_name(name) && !value {
            name.to_owned()
        } else {
            otherwise.to_owned()
        }
    }

    /// A value by name. Values known before are found inside it as well.
    fn mask(&mut self, place: &str, value: &str) -> String {
        if value.is_empty() {
            return String::new();
        }
        if self.names.known(value).is_some() || self.names.inside(value).is_none() {
            return format!("${{{}}}", self.names.of(place, value));
        }
        let mut template = String::new();
        let mut rest = value;
        while let Some((from, to, name)) = self.names.inside(rest) {
            let name = name.to_owned();
            template.push_str(&self.between(place, &rest[..from]));
            template.extend(["${", &name, "}"]);
            rest = &rest[to..];
        }
        template.push_str(&self.between(place, rest));
        template
    }

    /// The text between known values: a few marks stay, so that it shows that a token was
    /// sent in quotation marks.
    fn between(&mut self, place: &str, text: &str) -> String {
        let marks = text.len() <= 3
            && !text.contains('$')
            && text
                .bytes()
                .all(|byte| byte.is_ascii_punctuation() || byte == b' ');
        if marks {
            text.to_owned()
        } else {
            format!("${{{}}}", self.names.of(place, text))
        }
    }

    /// A body of which nothing is known.
    fn opaque(&mut self, bytes: &[u8]) -> String {
        format!(
            "${{{}}}",
            self.names.of("body", &format!("sha256 {}", sha256(bytes)))
        )
    }

    fn short(&mut self, text: String) -> String {
        if text.len() <= LONGEST_BODY {
            text
        } else {
            self.opaque(text.as_bytes())
        }
    }
}

/// The kind of a body, found from its content: a media type may be wrong or missing.
enum Body {
    Nothing,
    Form(Vec<(String, String)>),
    Json(Value),
    Text(String),
    Other(Vec<u8>),
}

impl Body {
    fn of(headers: &[(String, String)], bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return Self::Nothing;
        }
        let Some(plain) =
            inflate(&codings(headers), bytes).filter(|plain| plain.len() <= BODY_LIMIT)
        else {
            return Self::Other(bytes.to_vec());
        };
        if let Ok(json @ (Value::Object(_) | Value::Array(_))) = serde_json::from_slice(&plain) {
            return Self::Json(json);
        }
        let Ok(text) = String::from_utf8(plain) else {
            return Self::Other(bytes.to_vec());
        };
        let fields = query_pairs(&text);
        let form = text.contains('=')
            && !text.contains(['\n', '<', '{'])
            && fields.iter().all(|(name, _)| is_plain_name(name));
        if form {
            Self::Form(fields)
        } else {
            Self::Text(text)
        }
    }
}

/// Id and secret of HTTP Basic, and whether they were form-encoded.
fn basic(text: &str) -> Option<(String, String, bool)> {
    let pair = String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    let encoded = |part: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~*+%".contains(&byte);
        part.bytes().all(plain)
    };
    let (plain_id, plain_secret) = (form_decode(id), form_decode(secret));
    let differs = plain_id != id || plain_secret != secret;
    if differs && encoded(id) && encoded(secret) {
        return Some((plain_id, plain_secret, true));
    }
    (!id.is_empty() && !secret.is_empty()).then(|| (id.to_owned(), secret.to_owned(), false))
}

/// A method of HTTP stays; any other word may be anything.
fn method(method: &str) -> String {
    let known = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY",
    ];
    let upper = method.to_ascii_uppercase();
    if known.contains(&upper.as_str()) {
        upper
    } else {
        "UNKNOWN".to_owned()
    }
}

#[cfg(test)]
mod tests;
