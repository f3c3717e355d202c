//! The exchanges with one provider, in order, each redacted and sorted by kind.

use std::collections::BTreeMap;

use crate::case::{Auth, Provider};
use crate::fixture::{Answer, Recorded, Values};
use crate::record::{AllowList, Redaction, Traffic};
use tegata_suite::Server;

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

/// One exchange. Its values are no longer those of the recording.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) index: usize,
    pub(super) kind: Kind,
    pub(super) request: Recorded,
    pub(super) answer: Option<Answer>,
    /// The methods of authentication that the request may belong to.
    pub(super) modes: Vec<Auth>,
}

/// All exchanges with one provider, and the values of the names in them.
#[derive(Clone, Debug, Default)]
pub(super) struct Stream {
    pub(super) seen: Vec<Seen>,
    pub(super) values: Values,
}

impl Seen {
    /// Whether the request has a header that carries a credential.
    pub(super) fn has_credential_header(&self) -> bool {
        has_key(&self.request) || has_token_header(&self.request)
    }

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

/// Sorts exchanges by provider, and redacts them.
pub(super) fn streams(list: &AllowList, all: &[(usize, Traffic)]) -> BTreeMap<Provider, Stream> {
    let mut redaction = Redaction::new(list.clone());
    for (_, traffic) in all {
        redaction.learn(traffic);
    }
    let redacted: Vec<_> = all
        .iter()
        .map(|(index, traffic)| {
            let request = redaction.request(&traffic.request);
            let answer = traffic
                .answer
                .as_ref()
                .map(|answer| redaction.answer(answer, ""));
            (*index, traffic.server, request, answer)
        })
        .collect();
    let values = Values::from(&redaction.values());
    let mut streams: BTreeMap<Provider, Stream> = BTreeMap::new();
    for (index, server, request, answer) in redacted {
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
        let modes = modes(server.provider(), &stream.seen, kind, &request);
        stream.seen.push(Seen {
            index,
            kind,
            request,
            answer,
            modes,
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
fn modes(provider: Provider, before: &[Seen], kind: Kind, request: &Recorded) -> Vec<Auth> {
    if kind != Kind::Call {
        return vec![token_mode(provider, request)];
    }
    let last = before.iter().rev().find(|seen| seen.kind == Kind::Token);
    let issued = last.map(|seen| token_mode(provider, &seen.request));
    match (has_key(request), has_token(request), issued) {
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

fn has_key(request: &Recorded) -> bool {
    has_header(request, Provider::key_headers)
}

fn has_token(request: &Recorded) -> bool {
    has_token_header(request) || field(request, "access_token").is_some()
}

fn has_token_header(request: &Recorded) -> bool {
    !request.header("authorization").is_empty() || has_header(request, Provider::token_headers)
}

/// Whether there is a header that any provider has: a client may send that of another one.
fn has_header(request: &Recorded, names: impl Fn(Provider) -> &'static [String]) -> bool {
    let mut names = Provider::all().iter().flat_map(|one| names(*one));
    names.any(|name| !request.header(name).is_empty())
}
