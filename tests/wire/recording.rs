//! A run of one operation or flow, whose requests are compared with a snapshot.

use insta::internals::{Content, ContentPath};
use serde_json::{Value, json};
use tegata::provider::{Auth, BaseUrl, Transport};
use tegata::{HttpClient, TokenCache};
use tegata_emulator::{LogEntry, Provider};
use tegata_fujitsu_aispf::api as aispf;
use tegata_jooto::api as jooto;
use tegata_marketo::api as marketo;
use tegata_test_support::Subject;
use tegata_test_support::loopback::{
    AISPF_ID, AISPF_PRIMARY, AISPF_SECONDARY, AISPF_SECRET, JOOTO_KEY, JOOTO_SECRET, Loopback,
    MARKETO_SECRET,
};
use tegata_test_support::redact::Names;

use crate::assert_wire;

/// A run of one operation or flow: what goes out, and the names of the secrets in it.
pub(crate) struct Recording {
    pub(crate) loopback: Loopback,
    pub(crate) names: Names,
}

impl Recording {
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut tegata_emulator::Config)) -> Self {
        let loopback = Loopback::with(change);
        let mut names = Names::default();
        let host = loopback.emulator.base_url().replace("http://", "");
        names.add("host", &host);
        names.add("client-secret", AISPF_SECRET);
        names.add("client-secret", JOOTO_SECRET);
        names.add("client-secret", MARKETO_SECRET);
        names.add("primary-key", AISPF_PRIMARY);
        names.add("secondary-key", AISPF_SECONDARY);
        names.add("api-key", JOOTO_KEY);
        names.add_basic("client-id:client-secret", AISPF_ID, AISPF_SECRET);
        Self { loopback, names }
    }

    /// The token that the client has now goes by this name.
    pub(crate) fn name_token(&mut self, name: &str, client: &Subject) {
        let token = client.token_cache().and_then(TokenCache::token);
        let token = token.expect("a token");
        self.names.add(name, token.access_token().expose());
        if let Some(refresh) = token.refresh_token() {
            self.names
                .add(&format!("refresh of {name}"), refresh.expose());
        }
    }

    /// The base URL of a provider, for operations that are called by hand.
    pub(crate) fn transport(&self, provider: Provider, path: &str, auth: Auth) -> Transport {
        let url = format!("{}{path}", self.loopback.url(provider));
        let spec = match provider {
            Provider::FujitsuAispf => &aispf::security::PROVIDER,
            Provider::Jooto => &jooto::security::PROVIDER,
            Provider::Marketo => &marketo::security::PROVIDER,
            Provider::Api(_) => unreachable!("flows are those of built-in providers"),
        };
        let http = HttpClient::new().expect("a client");
        Transport::new(http, BaseUrl::parse(&url).expect("a URL"), auth, spec)
    }

    /// Compares everything that was sent with the snapshot of this id.
    #[track_caller]
    pub(crate) fn compare(self, id: &str, says: &str) {
        let log = self.loopback.emulator.log(None);
        let requests: Vec<_> = log.iter().map(request).collect();
        assert!(!requests.is_empty(), "{id} sends nothing");
        let mut settings = insta::Settings::clone_current();
        let names = self.names.clone();
        settings.add_dynamic_redaction("[].headers[]", move |line, _| {
            text(&line, |line| names.redact_header(line))
        });
        for selector in ["[].target", "[].body", "[].form[]", "[].json.*"] {
            let names = self.names.clone();
            let redact =
                move |value: Content, _: ContentPath<'_>| text(&value, |value| names.redact(value));
            settings.add_dynamic_redaction(selector, redact);
        }
        assert_wire(settings, id, says, &requests);
    }
}

fn text(value: &Content, redact: impl FnOnce(&str) -> String) -> Content {
    match value.as_str() {
        Some(value) => Content::from(redact(value)),
        None => value.clone(),
    }
}

/// A request as it was on the wire, its headers sorted.
fn request(entry: &LogEntry) -> Value {
    let query = entry.query.as_ref().map(|query| format!("?{query}"));
    let mut headers: Vec<_> = entry
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    headers.sort();
    let mut request = json!({
        "provider": entry.provider,
        "method": entry.method,
        "target": format!("{}{}", entry.path, query.unwrap_or_default()),
        "headers": headers,
        "body": entry.body,
        "answered": entry.status,
    });
    if let Some(form) = &entry.form {
        let fields = form.iter().map(|(name, value)| format!("{name} = {value}"));
        request["form"] = fields.collect();
    }
    if let Ok(Value::Object(members)) = serde_json::from_str(&entry.body) {
        request["json"] = members.into();
    }
    request
}
