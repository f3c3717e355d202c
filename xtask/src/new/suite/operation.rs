//! An operation of the document as a request that a client can be asked to make.

use std::fmt::Write as _;

use serde_json::Value as Json;
use tegata_gen::OutlinedOperation;

use super::toml::quoted;
use crate::new::document::Spot;
use crate::new::examples::{self, Answer, Example};

/// What an operation's request carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Credential {
    /// No credential.
    Absent,
    /// An access token.
    Bearer,
    /// A key in this header.
    Header(String),
    /// A key in this query parameter.
    Query(String),
    /// Something that cases have no word for, or that is up to the client.
    Open,
}

/// An operation as the document has it.
pub(super) struct Operation<'a> {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) spot: Spot<'a>,
    pub(super) credential: Credential,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Option<Example<'a, Json>>,
    pub(super) answer: Answer<'a>,
    /// The names of what had to be made up.
    pub(super) made_up: Vec<String>,
}

impl<'a> Operation<'a> {
    /// Reads an operation; an error says why a case cannot have it.
    pub(super) fn read(
        outlined: &OutlinedOperation,
        path: &str,
        spot: &Spot<'a>,
        item: &Spot<'a>,
        credential: Credential,
    ) -> Result<Self, &'static str> {
        let body = examples::body(spot, item)?;
        let mut operation = Self {
            id: outlined.method_name.clone(),
            method: outlined.method.clone(),
            path: path.to_owned(),
            answer: examples::answer(spot),
            credential,
            query: Vec::new(),
            body,
            made_up: Vec::new(),
            spot: spot.clone(),
        };
        operation.parameters(item)?;
        // These answers have no body, whatever the document says.
        if operation.method == "HEAD" || [204, 205].contains(&operation.answer.status) {
            operation.answer.body = None;
        }
        // A `${` would be the beginning of a name.
        let holds_name = |body: &Example<'_, Json>| body.value.to_string().contains("${");
        if operation.body.as_ref().is_some_and(holds_name) {
            return Err("its body holds `${`");
        }
        if operation.answer.body.as_ref().is_some_and(holds_name) {
            operation.answer.body = None;
        }
        if operation.body.as_ref().is_some_and(|it| it.spot.is_none()) {
            operation.made_up.push("the body".to_owned());
        }
        Ok(operation)
    }

    fn parameters(&mut self, item: &Spot<'a>) -> Result<(), &'static str> {
        let mut all: Vec<Spot<'a>> = Vec::new();
        for of in [&self.spot, item] {
            let own = of.get("parameters");
            for it in own.iter().flat_map(|it| it.items().collect::<Vec<_>>()) {
                let same = |other: &Spot<'_>| {
                    ["name", "in"]
                        .iter()
                        .all(|key| other.text_of(key) == it.text_of(key))
                };
                // Those of the operation come first, and count.
                if !all.iter().any(same) {
                    all.push(it);
                }
            }
        }
        let is_required = |it: &Spot<'_>| it.node().is_true("required");
        let is_open = |it: &Spot<'_>| {
            let name = it.text_of("name").unwrap_or_default().to_lowercase();
            let is_own = matches!(&self.credential, Credential::Header(own) if *own == name);
            // OpenAPI says that these are no parameters.
            let is_none = ["accept", "authorization", "content-type"].contains(&name.as_str());
            it.text_of("in") == Some("header") && is_required(it) && !is_own && !is_none
        };
        if all.iter().any(is_open) {
            return Err("it needs a header, and cases cannot ask for one");
        }
        let of_kind =
            |kind: &'static str| all.iter().filter(move |it| it.text_of("in") == Some(kind));
        for it in of_kind("query").filter(|it| is_required(it)) {
            let name = it.text_of("name").unwrap_or_default();
            let is_credential = matches!(&self.credential, Credential::Query(own) if own == name);
            if !name.is_empty() && !is_credential {
                let value = self.value(name, Some(it));
                self.query.push((name.to_owned(), value));
            }
        }
        let mut filled = String::new();
        let path = self.path.clone();
        let mut rest = path.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after
                .split_once('}')
                .ok_or("its path has a brace too many")?;
            let parameter = of_kind("path").find(|it| it.text_of("name") == Some(name));
            filled.push_str(before);
            filled.push_str(&encoded(&self.value(name, parameter)));
            rest = after;
        }
        filled.push_str(rest);
        if !can_be_sent(&filled) {
            return Err("its path is none that is sent as it stands");
        }
        self.path = filled;
        Ok(())
    }

    fn value(&mut self, name: &str, parameter: Option<&Spot<'a>>) -> String {
        let example = parameter.map(examples::parameter);
        match example {
            Some(Example {
                value,
                spot: Some(_),
            }) => value,
            other => {
                self.made_up.push(format!("`{name}`"));
                other.map_or_else(|| "1".to_owned(), |it| it.value)
            }
        }
    }

    /// The members of the body that a case can name: texts and whole numbers.
    pub(super) fn members(&self) -> Vec<(String, String)> {
        let body = self.body.as_ref().and_then(|it| it.value.as_object());
        let members = body.into_iter().flatten().filter_map(|(name, value)| {
            let value = match value {
                Json::String(text) => quoted(text),
                Json::Number(number) => number.as_i64()?.to_string(),
                _ => return None,
            };
            // A dot would lead into a member.
            (!name.contains('.')).then(|| (name.clone(), value))
        });
        members.collect()
    }

    /// The path and query that a client is asked to call.
    pub(super) fn target(&self) -> String {
        let query: Vec<String> = self
            .query
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        if query.is_empty() {
            return self.path.clone();
        }
        format!("{}?{}", self.path, query.join("&"))
    }
}

/// Whether a client sends the path as it is: others encode it, or refuse it.
fn can_be_sent(path: &str) -> bool {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "/-._~%!&'()*+,;=:@".contains(it);
    let leads_on = |segment: &str| segment == "." || segment == "..";
    path.starts_with('/') && path.chars().all(is_plain) && !path.split('/').any(leads_on)
}

/// As RFC 3986 has it for what is none of a URL's own signs.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => {
                // Writing to a text does not fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}
