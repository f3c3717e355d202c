//! What of a request may stand on a page that others may look at: nothing that could be a credential.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::api::ApiConfig;
use crate::form::decode;
use crate::log::LogEntry;
use crate::world::World;

/// Stands for what is not shown.
const HIDDEN: &str = "…";

/// The headers that carry a credential, in this emulator or elsewhere.
const HEADERS: [&str; 6] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-access-token",
    "x-api-key",
    "x-jooto-api-key",
];

/// The fields of queries and bodies that do.
const FIELDS: [&str; 6] = [
    "access_token",
    "client_secret",
    "clientSecret",
    "code",
    "refresh_token",
    "refreshToken",
];

/// Parameters with a few documented values, which are shown.
const OPEN: [&str; 2] = ["grant_type", "response_type"];
const OPEN_VALUES: [&str; 4] = [
    "authorization_code",
    "client_credentials",
    "code",
    "refresh_token",
];

/// A larger body is none that asks for a token.
const TOKEN_BODY: usize = 4096;

/// Decides what is shown, knowing the credentials of the configuration and those that a test has added.
pub(super) struct Redaction {
    known: Vec<String>,
    /// Where the APIs of profiles want credentials: headers and parameters, in lower case.
    places: BTreeSet<String>,
}

impl Redaction {
    pub(super) fn new(world: &World) -> Self {
        let configured = super::credentials::secrets(world.config()).map(str::to_owned);
        let apis = world.config().apis.iter();
        Self {
            places: apis.flat_map(ApiConfig::places).collect(),
            ..Self::knowing(configured.chain(world.added_keys()))
        }
    }

    fn knowing(secrets: impl Iterator<Item = String>) -> Self {
        let secrets = secrets.filter(|secret| !secret.is_empty());
        Self {
            known: secrets.map(|secret| secret.to_ascii_lowercase()).collect(),
            places: BTreeSet::new(),
        }
    }

    /// The method, the path and the names of the query's parameters.
    pub(super) fn method_and_target(&self, entry: &LogEntry) -> (String, String) {
        let method = &entry.method;
        let plain = method.len() <= 7 && method.bytes().all(|byte| byte.is_ascii_uppercase());
        let method = if plain { method } else { HIDDEN };
        (
            method.to_owned(),
            self.target(&entry.path, entry.query.as_deref()),
        )
    }

    /// An address of the configuration, where credentials may stand before the host and after it.
    pub(super) fn address(&self, uri: &str) -> String {
        let (place, query) = uri
            .split_once('?')
            .map_or((uri, None), |(place, query)| (place, Some(query)));
        let host = place.find("://").map_or(0, |at| at + 3);
        let path = place[host..].find('/').map_or(place.len(), |at| host + at);
        let (scheme, host, path) = (&place[..host], &place[host..path], &place[path..]);
        let host = match host.rsplit_once('@') {
            Some((_, host)) => format!("{HIDDEN}@{host}"),
            None => host.to_owned(),
        };
        format!("{scheme}{host}{}", self.target(path, query))
    }

    /// A sentence of the emulator, which may quote what it was sent.
    pub(super) fn sentence(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for known in self.known.iter().filter(|known| is_spread(known)) {
            text = without(&text, known);
            // As a sentence quotes it.
            text = without(&text, &known.escape_debug().to_string());
        }
        let words = text.split(' ').map(|word| {
            let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
            let parts = bare.split(['/', ':', '=', '"', '\'', '(', ')', ',', '#', '*', '[', ']']);
            let fine = parts.into_iter().all(|part| self.is_harmless(part));
            if fine { word } else { HIDDEN }
        });
        words.collect::<Vec<_>>().join(" ")
    }

    fn target(&self, path: &str, query: Option<&str>) -> String {
        let whole = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
        // Parts of a credential are as good as the whole, and which parts are its own is not worth the search.
        if self.is_across(&whole, '?') {
            return HIDDEN.to_owned();
        }
        let mut target = if self.is_across(path, '/') {
            format!("/{HIDDEN}")
        } else {
            let segments: Vec<_> = path.split('/').map(|segment| self.word(segment)).collect();
            segments.join("/")
        };
        if let Some(query) = query {
            target.push('?');
            if self.is_across(query, '&') || self.is_across(query, '=') {
                target.push_str(HIDDEN);
            } else {
                let pairs: Vec<_> = query.split('&').map(|pair| self.pair(pair)).collect();
                target.push_str(&pairs.join("&"));
            }
        }
        target
    }

    /// Whether a known credential stands there that has this character in it, encoded or not.
    fn is_across(&self, text: &str, separator: char) -> bool {
        let sent = text.to_ascii_lowercase();
        // What stands for a space in a query is itself in a path.
        let decoded = decode(text.replace('+', "%2B").as_bytes()).unwrap_or_default();
        let decoded = decoded.to_ascii_lowercase();
        let mut known = self.known.iter().filter(|known| known.contains(separator));
        known.any(|known| sent.contains(known) || decoded.contains(known))
    }

    fn pair(&self, pair: &str) -> String {
        let Some((name, value)) = pair.split_once('=') else {
            return HIDDEN.to_owned();
        };
        let decoded = decode(value.as_bytes()).unwrap_or_default();
        let open = OPEN.contains(&name) && OPEN_VALUES.contains(&decoded.as_str());
        let value = if open { &decoded } else { HIDDEN };
        format!("{}={value}", self.word(name))
    }

    fn word<'a>(&self, word: &'a str) -> &'a str {
        if self.is_harmless(word) { word } else { HIDDEN }
    }

    /// Whether it looks like a word or a number of an API, rather than like anything that is made by
    /// chance. The emulator's own tokens all hold `canary`.
    fn is_harmless(&self, word: &str) -> bool {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
        let has = |is: fn(&u8) -> bool| word.as_bytes().iter().any(is);
        let mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
        let lower = word.to_ascii_lowercase();
        word.bytes().all(plain)
            && word.len() <= 40
            && !(mixed && word.len() >= 16)
            && !lower.contains("canary")
            && !self.known.iter().any(|known| is_in(known, &lower))
    }
}

/// Whether a credential would be taken for several words, each of them harmless.
fn is_spread(known: &str) -> bool {
    !known.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The text with the credential hidden, whatever its case.
fn without(text: &str, known: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut shown = String::new();
    let mut from = 0;
    for (at, found) in lower.match_indices(known) {
        shown.push_str(&text[from..at]);
        shown.push_str(HIDDEN);
        from = at + found.len();
    }
    shown + &text[from..]
}

/// A credential of a few letters is not looked for inside of words, which would hide most of them.
fn is_in(known: &str, word: &str) -> bool {
    if known.len() < 4 {
        word == known
    } else {
        word.contains(known)
    }
}

/// Which credentials a request carried, by their kinds.
pub(super) fn carried(redaction: &Redaction, entry: &LogEntry) -> Vec<String> {
    let places = |name: &str| redaction.places.contains(&name.to_ascii_lowercase());
    let mut kinds = Vec::new();
    for (name, value) in &entry.headers {
        if !HEADERS.contains(&name.as_str()) && !places(name) {
            continue;
        }
        let scheme = value.split(' ').next().unwrap_or_default();
        let known = ["Basic", "Bearer"];
        let known = known.into_iter().find(|it| it.eq_ignore_ascii_case(scheme));
        kinds.push(match known {
            Some(scheme) if name == "authorization" => scheme.to_owned(),
            _ => name.clone(),
        });
    }
    let query = entry.query.as_deref().unwrap_or_default();
    let query = query.split('&').filter_map(|pair| pair.split_once('='));
    let form = entry.form.iter().flatten();
    let names = query.map(|(name, _)| name.to_owned());
    let mut names: BTreeSet<_> = names.chain(form.map(|(name, _)| name.clone())).collect();
    if entry.form.is_none() && entry.body.len() <= TOKEN_BODY {
        let object = serde_json::from_str::<Map<String, Value>>(&entry.body);
        names.extend(object.unwrap_or_default().into_iter().map(|(name, _)| name));
    }
    kinds.extend(
        names
            .into_iter()
            .filter(|name| FIELDS.contains(&name.as_str()) || places(name)),
    );
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn target(path: &str) -> String {
        let (path, query) = path
            .split_once('?')
            .map_or((path, None), |(path, query)| (path, Some(query.to_owned())));
        let entry = entry(path, query, &[], "");
        redaction(&[]).method_and_target(&entry).1
    }

    /// Knows the configuration's credentials and these.
    fn redaction(more: &[&str]) -> Redaction {
        let config = crate::Config::default();
        let configured = super::super::credentials::secrets(&config).map(str::to_owned);
        Redaction::knowing(configured.chain(more.iter().map(|&secret| secret.to_owned())))
    }

    fn entry(path: &str, query: Option<String>, headers: &[(&str, &str)], body: &str) -> LogEntry {
        let mut request = axum::http::Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .body(axum::body::Body::from(body.to_owned()))
            .unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let mut seen = runtime
            .block_on(crate::request::Seen::read(request, path))
            .unwrap();
        seen.query = query;
        let log = crate::log::Log::new(1);
        log.record(None, &seen);
        log.entries(None).remove(0)
    }

    #[rstest]
    #[case("/identity/oauth/token", "/identity/oauth/token")]
    #[case("/rest/v1/lead/318581.json", "/rest/v1/lead/318581.json")]
    #[case(
        "/rest/asset/v1/smartCampaigns.json",
        "/rest/asset/v1/smartCampaigns.json"
    )]
    #[case(
        "/t?grant_type=client_credentials&client_secret=x",
        "/t?grant_type=client_credentials&client_secret=…"
    )]
    #[case(
        "/t?filterType=email&filterValues=a%40b.test",
        "/t?filterType=…&filterValues=…"
    )]
    fn what_the_documents_name_is_shown(#[case] sent: &str, #[case] shown: &str) {
        assert_eq!(target(sent), shown);
    }

    #[rstest]
    #[case("/rest/v1/CANARY-marketo-access-1-00", "/rest/v1/…")]
    #[case("/rest/v1/%43ANARY-marketo", "/rest/v1/…")]
    #[case("/rest/v1/a;token=b", "/rest/v1/…")]
    #[case("/organizations/hogehoge", "/organizations/…")]
    #[case("/x/0a1b2c3d4e5f6071", "/x/…")]
    #[case("/x/aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29ybGQ", "/x/…")]
    #[case("/t?CANARY-key", "/t?…")]
    #[case("/t?CANARY-key=1", "/t?…=…")]
    #[case("/t?grant_type=CANARY-secret", "/t?grant_type=…")]
    fn what_may_be_a_credential_is_not(#[case] sent: &str, #[case] shown: &str) {
        assert_eq!(target(sent), shown);
    }

    #[test]
    fn credentials_are_named_by_their_kind() {
        let headers = [
            ("authorization", "bearer CANARY-a"),
            ("x-api-key", "CANARY-b"),
        ];
        let sent = entry(
            "/t",
            Some("access_token=CANARY-c&x=y".to_owned()),
            &headers,
            "",
        );
        assert_eq!(
            carried(&redaction(&[]), &sent),
            ["Bearer", "x-api-key", "access_token"]
        );
        let odd = entry("/t", None, &[("authorization", "CANARY-d")], "");
        assert_eq!(carried(&redaction(&[]), &odd), ["authorization"]);
        let json = entry(
            "/t",
            None,
            &[],
            r#"{"clientId":"i","clientSecret":"CANARY-e"}"#,
        );
        assert_eq!(carried(&redaction(&[]), &json), ["clientSecret"]);
    }

    #[test]
    fn a_reason_keeps_its_words_and_loses_what_it_quotes() {
        let redaction = redaction(&["pri/vate key"]);
        let plain = "601: the access token isn't valid (client_id, grant_type)";
        assert_eq!(redaction.sentence(plain), plain);
        let quoting = redaction.sentence("no parameter is named \"CANARY-x\": use seconds");
        assert_eq!(quoting, "no parameter is named … use seconds");
        let spread = redaction.sentence("no parameter is named \"Pri/vate key\": use seconds");
        assert_eq!(spread, "no parameter is named \"…\": use seconds");
    }

    #[rstest]
    #[case("pri/vate", "/rest/pri/vate/x", "/…")]
    #[case("pri/vate", "/rest/PRI/vate?a=b", "/…?a=…")]
    #[case("p+ri/vate", "/rest/p%2Bri/vate", "/…")]
    #[case("p+ri/vate", "/rest/p+ri/v%61te", "/…")]
    #[case("pri&vate", "/rest/x?a=pri&vate=1", "/rest/x?…")]
    #[case("pri=vate", "/rest/x?pri=vate", "/rest/x?…")]
    #[case("pri?vate", "/rest/pri?vate=1", "…")]
    #[case("pri/vate", "/rest/pri/x", "/rest/pri/x")]
    fn no_part_of_a_known_credential_is_shown(
        #[case] secret: &str,
        #[case] sent: &str,
        #[case] shown: &str,
    ) {
        let (path, query) = sent
            .split_once('?')
            .map_or((sent, None), |(path, query)| (path, Some(query)));
        assert_eq!(redaction(&[secret]).target(path, query), shown);
    }

    #[rstest]
    #[case("http://127.0.0.1:8400/callback", "http://127.0.0.1:8400/callback")]
    #[case("https://app.example.com", "https://app.example.com")]
    #[case("com.example.app:/cb", "com.example.app:/cb")]
    #[case(
        "https://app.example.com/cb?key=CANARY-a&b",
        "https://app.example.com/cb?key=…&…"
    )]
    #[case(
        "https://u:CANARY-b@app.example.com/cb",
        "https://…@app.example.com/cb"
    )]
    fn an_address_is_shown_without_credentials(#[case] uri: &str, #[case] shown: &str) {
        assert_eq!(redaction(&[]).address(uri), shown);
    }
}
