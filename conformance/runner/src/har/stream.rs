//! The exchanges with one provider, in order, each redacted and sorted by kind.

use std::collections::BTreeMap;

use crate::case::{Auth, Provider};
use crate::fixture::{Answer, Recorded, Values};
use crate::record::{Redaction, Traffic};
use tegata_suite::Server;

use super::entry::LeftOut;

/// What an exchange is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A token is asked for.
    Token,
    /// A browser is sent to the login page.
    Login,
    /// The API is called.
    Call,
}

/// One exchange as it was recorded, secrets and all.
#[derive(Clone)]
pub(super) struct Sent {
    pub(super) index: usize,
    pub(super) traffic: Traffic,
    pub(super) left_out: LeftOut,
    pub(super) by_sanitizer: bool,
}

/// One exchange. Its values are no longer those of the recording.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) index: usize,
    pub(super) kind: Kind,
    pub(super) request: Recorded,
    pub(super) answer: Option<Answer>,
    /// The methods of authentication that the request may belong to.
    pub(super) modes: Vec<Auth>,
    pub(super) left_out: LeftOut,
}

/// All exchanges with one provider, and the values of the names in them.
#[derive(Clone, Debug, Default)]
pub(super) struct Stream {
    pub(super) seen: Vec<Seen>,
    pub(super) values: Values,
}

impl Seen {
    /// Whether the token is in the query and in no header.
    pub(super) fn in_query(&self) -> bool {
        let query = self.request.query();
        query.iter().any(|(name, _)| name == "access_token")
    }
}

/// The value of `grant_type`, in query, form or JSON.
pub(super) fn grant(request: &Recorded) -> Option<String> {
    field(request, "grant_type")
}

/// A field of the query or the form.
pub(super) fn field(request: &Recorded, name: &str) -> Option<String> {
    let fields = request.query().into_iter().chain(request.form());
    let mut named = fields.filter(|(known, _)| known == name);
    named.next().map(|(_, value)| value)
}

/// Sorts exchanges with these providers by provider, and redacts them.
pub(super) fn streams(
    providers: &[Provider],
    mut redaction: Redaction,
    all: &[Sent],
) -> BTreeMap<Provider, Stream> {
    for sent in all {
        redaction.learn(&sent.traffic);
    }
    let redacted: Vec<_> = all
        .iter()
        .map(|sent| {
            let traffic = &sent.traffic;
            let request = redaction.request(&traffic.request);
            let answer = traffic
                .answer
                .as_ref()
                .map(|answer| redaction.answer(answer, ""));
            (sent, request, answer)
        })
        .collect();
    let values = Values::from(&redaction.values());
    let mut streams: BTreeMap<Provider, Stream> = BTreeMap::new();
    for (sent, request, answer) in redacted {
        let server = sent.traffic.server;
        // Every name in it is of this redaction.
        let Ok(request) = request.fill(&values) else {
            continue;
        };
        let answer = answer.and_then(|answer| answer.fill(&values).ok());
        let stream = streams.entry(server.provider()).or_insert_with(|| Stream {
            seen: Vec::new(),
            values: values.clone(),
        });
        let kind = kind(server, &request);
        let modes = modes(providers, server.provider(), &stream.seen, kind, &request);
        stream.seen.push(Seen {
            index: sent.index,
            kind,
            request,
            answer,
            modes,
            left_out: sent.left_out.clone(),
        });
    }
    streams
}

fn kind(server: Server, request: &Recorded) -> Kind {
    match server {
        server if server.is_login(request.path()) => Kind::Login,
        server if server.issues_tokens() => Kind::Token,
        // Sent to the wrong path.
        _ if field(request, "response_type").is_some() => Kind::Login,
        _ if grant(request).is_some() => Kind::Token,
        _ => Kind::Call,
    }
}

/// The methods of authentication that a call may belong to: known by what it carries, or else by
/// what was done before.
fn modes(
    providers: &[Provider],
    provider: Provider,
    before: &[Seen],
    kind: Kind,
    request: &Recorded,
) -> Vec<Auth> {
    if kind != Kind::Call {
        return vec![token_mode(provider, request)];
    }
    let last = before.iter().rev().find(|seen| seen.kind == Kind::Token);
    let issued = last.map(|seen| token_mode(provider, &seen.request));
    match (
        has_key(providers, request),
        has_token(providers, request),
        issued,
    ) {
        (true, false, _) => vec![Auth::ApiKey],
        (false, true, issued) => vec![issued.unwrap_or(Auth::Oauth2)],
        (true, true, issued) => vec![Auth::ApiKey, issued.unwrap_or(Auth::Oauth2)],
        (false, false, Some(issued)) => vec![issued],
        // It is unknown what it ought to have carried.
        (false, false, None) => Vec::new(),
    }
}

fn token_mode(provider: Provider, request: &Recorded) -> Auth {
    if provider.is_legacy(request.path()) {
        Auth::Legacy
    } else {
        Auth::Oauth2
    }
}

/// Whether there is a header for a key of any provider: a client may send that of another one.
fn has_key(providers: &[Provider], request: &Recorded) -> bool {
    let mut names = providers.iter().flat_map(|one| one.key_headers());
    names.any(|name| !request.header(name).is_empty())
}

fn has_token(providers: &[Provider], request: &Recorded) -> bool {
    let mut names = providers.iter().flat_map(|one| one.token_headers());
    !request.header("authorization").is_empty()
        || names.any(|name| !request.header(name).is_empty())
        || field(request, "access_token").is_some()
}
