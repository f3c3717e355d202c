//! The allow-list: names whose values are known to be harmless, each with the form that a
//! harmless value has.

use std::collections::BTreeSet;

use crate::fixture::Fixtures;

/// The form of a harmless value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Lower-case words, as the codes of RFC 6749 are.
    Word,
    /// A few letters.
    Letters,
    /// A number of up to ten digits.
    Digits,
    /// A code of up to five digits.
    Code,
    /// A media type, with a charset at most.
    MediaType,
    /// A list of words with `=` and `,`, such as `no-store, max-age=0`.
    List,
}

/// Fields of queries and forms, and members of JSON.
const FIELDS: [(&str, Form); 9] = [
    ("grant_type", Form::Word),
    ("response_type", Form::Word),
    ("error", Form::Word),
    ("token_type", Form::Letters),
    ("tokenType", Form::Letters),
    ("expires_in", Form::Digits),
    ("expiresIn", Form::Digits),
    ("success", Form::Letters),
    ("dataType", Form::Letters),
];
/// Members of answers only: in a request `code` is an authorization code.
const ANSWERED: [(&str, Form); 2] = [("code", Form::Code), ("status", Form::Letters)];
const HEADERS: [(&str, Form); 6] = [
    ("accept", Form::List),
    ("cache-control", Form::List),
    ("content-type", Form::MediaType),
    ("pragma", Form::List),
    ("retry-after", Form::Code),
    ("x-content-type-options", Form::Word),
];
/// Headers that say nothing about an API: they are left out.
const DULL: [&str; 20] = [
    "accept-encoding",
    "accept-language",
    "alt-svc",
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "expect",
    "host",
    "keep-alive",
    "priority",
    "proxy-connection",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "vary",
    "via",
];

/// The names that may keep their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList {
    /// Path segments that stand in a document or in a fixture.
    segments: BTreeSet<String>,
    /// Names that the user declares to be harmless.
    kept: BTreeSet<String>,
}

impl AllowList {
    /// The list that goes with the suite's own fixtures: the segments of their paths are known.
    pub fn new(fixtures: &Fixtures) -> Self {
        let paths = fixtures.files.values().map(|file| &file.request.path);
        let segments = paths
            .flat_map(|path| path.split('/'))
            .filter(|segment| !segment.is_empty() && !segment.contains('$'))
            .map(str::to_owned);
        Self {
            segments: segments.collect(),
            kept: BTreeSet::new(),
        }
    }

    /// The same, and headers, fields and members of this name keep their values, whatever they
    /// are.
    #[must_use]
    pub fn keep(mut self, name: &str) -> Self {
        self.kept.insert(name.to_ascii_lowercase());
        self
    }

    /// Whether a path segment may stay.
    pub(super) fn segment(&self, segment: &str) -> bool {
        self.segments.contains(segment) || is_version(segment)
    }

    /// Whether a header may keep its value.
    pub(super) fn header(&self, name: &str, value: &str) -> bool {
        self.has(&HEADERS, &name.to_ascii_lowercase(), value)
    }

    /// Whether a field of a query or form, or a member of JSON, may keep its value.
    pub(super) fn field(&self, name: &str, value: &str, answered: bool) -> bool {
        self.has(&FIELDS, name, value) || answered && self.has(&ANSWERED, name, value)
    }

    fn has(&self, list: &[(&str, Form)], name: &str, value: &str) -> bool {
        // `${` would be read as a placeholder.
        if self.kept.contains(&name.to_ascii_lowercase()) && !value.contains("${") {
            return true;
        }
        list.iter()
            .any(|(known, form)| *known == name && form.fits(value))
    }
}

/// Whether a header is left out altogether.
pub(super) fn is_dull(name: &str) -> bool {
    name.starts_with(':') || DULL.contains(&name.to_ascii_lowercase().as_str())
}

/// Whether a name of a header, field or member may stay: one that a person gave to a kind of
/// thing, not one that is itself a value.
pub(super) fn is_plain_name(name: &str) -> bool {
    let first = name.starts_with(|first: char| first.is_ascii_alphabetic());
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    first && name.len() <= 40 && digits <= 3 && name.bytes().all(known)
}

fn is_version(segment: &str) -> bool {
    segment
        .strip_prefix('v')
        .is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9']))
}

impl Form {
    fn fits(self, value: &str) -> bool {
        let all = |most: usize, known: &dyn Fn(u8) -> bool| {
            !value.is_empty() && value.len() <= most && value.bytes().all(known)
        };
        match self {
            Self::Word => all(40, &|byte| {
                byte.is_ascii_lowercase() || byte == b'_' || byte == b'-'
            }),
            Self::Letters => all(20, &|byte| byte.is_ascii_alphabetic()),
            Self::Digits => all(10, &|byte| byte.is_ascii_digit()),
            Self::Code => all(5, &|byte| byte.is_ascii_digit()),
            Self::MediaType => media_type(value),
            Self::List => all(120, &|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"*/+.;=, -".contains(&byte)
            }),
        }
    }
}

fn media_type(value: &str) -> bool {
    let (kind, rest) = value.split_once(';').unwrap_or((value, ""));
    let name = |part: &str| {
        let known =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.+".contains(&byte);
        !part.is_empty() && part.len() <= 60 && part.bytes().all(known)
    };
    let charset = rest.trim();
    let plain = charset.is_empty()
        || charset
            .to_ascii_lowercase()
            .strip_prefix("charset=")
            .is_some_and(name);
    plain
        && kind
            .trim()
            .split_once('/')
            .is_some_and(|(kind, sub)| name(kind) && name(sub))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_name_keeps_a_value_of_its_form_only() {
        let list = AllowList::default();
        assert!(list.field("grant_type", "client_credentials", false));
        assert!(!list.field("grant_type", "CANARY-1", false));
        assert!(list.field("expires_in", "3599", true) && !list.field("expires_in", "3e5", true));
        assert!(list.header("Content-Type", "application/json;charset=UTF-8"));
        assert!(!list.header("content-type", "application/json; token=abc"));
        assert!(!list.header("x-request-id", "1"));
    }

    #[test]
    fn a_code_is_harmless_in_answers_only() {
        let list = AllowList::default();
        assert!(list.field("code", "601", true));
        assert!(!list.field("code", "601", false));
    }

    #[test]
    fn a_name_kept_by_the_user_stays_but_never_as_a_placeholder() {
        let list = AllowList::default().keep("X-Request-Id");
        assert!(list.header("x-request-id", "any thing"));
        assert!(!list.header("x-request-id", "${token-1}"));
    }

    #[test]
    fn names_that_may_be_values_do_not_stay() {
        assert!(is_plain_name("access_token") && is_plain_name("x-api-key"));
        for name in ["", "a b", "e42b914272d07d78", "someone@example.com"] {
            assert!(!is_plain_name(name), "{name}");
        }
    }
}
