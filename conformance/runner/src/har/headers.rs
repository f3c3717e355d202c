//! What a tool does to the headers that carry credentials: it leaves them out, or writes them twice.

use std::collections::{BTreeMap, BTreeSet};

use tegata_suite::Server;
use tegata_suite::provider::is_credential_header;

use super::stream::Sent;
use crate::case::Provider;
use crate::fixture::Recorded;

const AUTHORIZATION: &str = "authorization";
/// Fields that authenticate a request by themselves.
const FIELDS: [&str; 8] = [
    "access_token",
    "client_secret",
    "clientSecret",
    "code",
    "id_token",
    "password",
    "refresh_token",
    "refreshToken",
];

/// What the tool did to the credentials of all requests: the headers that it may have left out.
#[derive(Clone, Debug, Default)]
pub(super) struct Stripped {
    names: BTreeSet<&'static str>,
    /// Whether more speaks for it than that no request has them.
    is_likely: bool,
    /// Whether it put masks in the place of credentials, so that a copy of one elsewhere is not known to be one.
    masks: bool,
}

impl Stripped {
    /// A tool that keeps `Authorization` keeps all headers: this is the first one to go. Without it, each other header
    /// is judged if some request has it.
    pub(super) fn of(providers: &[Provider], all: &[Sent], complete: bool) -> Self {
        let masked = |place: &String| {
            let (part, name) = place.split_once('.').unwrap_or_default();
            FIELDS.contains(&name) || part == "header" && is_credential_header(providers, name)
        };
        let masks = all
            .iter()
            .any(|sent| sent.left_out.masked.iter().any(masked));
        let none = Self {
            masks,
            ..Self::default()
        };
        if complete {
            return none;
        }
        let mut there = BTreeSet::new();
        for sent in all {
            let names = sent.traffic.request.headers.iter();
            there.extend(names.map(|(name, _)| name.to_ascii_lowercase()));
        }
        if there.contains(AUTHORIZATION) {
            return none;
        }
        let of_providers = providers.iter().flat_map(|one| one.credential_headers());
        let names = of_providers.filter(|name| !there.contains(*name));
        let is_likely = all.iter().any(|sent| {
            sent.left_out.by_sanitizer
                || !sent.left_out.request_body
                    && is_bare(providers, sent.traffic.server, &sent.traffic.request)
        });
        Self {
            names: names.chain([AUTHORIZATION]).collect(),
            is_likely,
            masks,
        }
    }

    /// Whether nothing speaks for it.
    pub(super) fn is_none(&self) -> bool {
        self.names.is_empty() && !self.masks
    }

    /// Whether the tool put masks in the place of credentials.
    pub(super) fn masks(&self) -> bool {
        self.masks
    }

    /// The name of a header that may have been left out.
    pub(super) fn find(&self, name: &str) -> Option<&'static str> {
        self.names.get(name).copied()
    }

    /// The header that a request may have had besides those that are there.
    pub(super) fn other(&self) -> Option<&'static str> {
        self.find(AUTHORIZATION).filter(|_| self.is_likely)
    }
}

/// Whether a request has no credential, although each request to a provider needs one.
fn is_bare(providers: &[Provider], server: Server, request: &Recorded) -> bool {
    if server.is_login(request.path()) {
        return false;
    }
    let mut headers = request.headers.iter();
    let in_header =
        headers.any(|(name, _)| is_credential_header(providers, &name.to_ascii_lowercase()));
    let mut fields = request.query().into_iter().chain(request.form());
    let in_field = fields.any(|(name, _)| FIELDS.contains(&name.as_str()));
    let in_json = || {
        let json = request.json().unwrap_or_default();
        FIELDS.iter().any(|name| json.get(name).is_some())
    };
    !in_header && !in_field && !in_json()
}

/// Makes one of headers that the tool wrote twice: those of a request in which others, which no client repeats, are
/// there twice as well. Where only a credential is, with one value, and never once, the tool and the client may both
/// have done it, which is noted. Two different values are the client's, and so is a header that other requests have
/// once.
pub(super) fn merge_doubled(providers: &[Provider], all: &mut [Sent]) {
    let mut once = BTreeSet::new();
    for sent in all.iter() {
        let mut lines: BTreeMap<String, usize> = BTreeMap::new();
        for (name, _) in &sent.traffic.request.headers {
            *lines.entry(name.to_ascii_lowercase()).or_default() += 1;
        }
        once.extend(
            lines
                .into_iter()
                .filter_map(|(name, count)| (count == 1).then_some(name)),
        );
    }
    for sent in all {
        let request = &mut sent.traffic.request;
        let doubled: Vec<(String, String)> = counts(request)
            .into_iter()
            .filter_map(|(line, count)| (count > 1).then_some(line))
            .collect();
        let is_credential = |name: &str| is_credential_header(providers, name);
        let by_tool = doubled.iter().any(|(name, _)| !is_credential(name));
        let mut merged = Vec::new();
        for line in doubled {
            if by_tool {
                merged.push(line);
            } else if !once.contains(&line.0) {
                sent.left_out.doubled = true;
                merged.push(line);
            }
        }
        let mut seen = BTreeSet::new();
        request.headers.retain(|(name, value)| {
            let line = (name.to_ascii_lowercase(), value.clone());
            !merged.contains(&line) || seen.insert(line)
        });
    }
}

fn counts(request: &Recorded) -> BTreeMap<(String, String), usize> {
    let mut counts = BTreeMap::new();
    for (name, value) in &request.headers {
        *counts
            .entry((name.to_ascii_lowercase(), value.clone()))
            .or_default() += 1;
    }
    counts
}
