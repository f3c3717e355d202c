//! What a tool does to the headers that carry credentials: it leaves them out, or writes them twice.

use std::collections::{BTreeMap, BTreeSet};

use tegata_suite::Server;
use tegata_suite::provider::is_credential_header;

use super::entry::Headers;
use super::stream::{Sent, field};
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
            sent.by_sanitizer
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

    /// Whether no header was left out of every request.
    pub(super) fn keeps_headers(&self) -> bool {
        self.names.is_empty()
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
    let mut fields = request.query().into_iter().chain(request.form());
    let in_field = fields.any(|(name, _)| FIELDS.contains(&name.as_str()));
    let in_json = || {
        let json = request.json().unwrap_or_default();
        FIELDS.iter().any(|name| json.get(name).is_some())
    };
    !has_credential_header(providers, request) && !in_field && !in_json()
}

/// Whether a call has a token or key, in whatever header or in its query.
pub(super) fn has_credential(providers: &[Provider], request: &Recorded) -> bool {
    has_credential_header(providers, request) || field(request, "access_token").is_some()
}

fn has_credential_header(providers: &[Provider], request: &Recorded) -> bool {
    let mut headers = request.headers.iter();
    headers.any(|(name, _)| is_credential_header(providers, &name.to_ascii_lowercase()))
}

/// Makes one of headers that the tool wrote twice: those of a request in which all, or others, which no client repeats,
/// are there twice as well. Where only a credential is, with one value, and never once, the tool or the client may
/// have done it, which is noted. Two different values are the client's, and so is a credential's header that other
/// requests have once: a client, or a proxy on its way, may repeat `Accept` and the like too.
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
        let lines = counts(request);
        let all_doubled = lines.len() > 2 && lines.values().all(|count| *count > 1);
        let doubled: Vec<(String, String)> = lines
            .into_iter()
            .filter_map(|(line, count)| (count > 1).then_some(line))
            .collect();
        let is_credential = |name: &str| is_credential_header(providers, name);
        let by_tool = doubled.iter().any(|(name, _)| !is_credential(name));
        let mut merged = Vec::new();
        for line in doubled {
            let is_the_clients = is_credential(&line.0) && once.contains(&line.0);
            if by_tool && (all_doubled || !is_the_clients) {
                merged.push(line);
            } else if !is_the_clients {
                sent.left_out.headers = Headers::Doubled;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::MAIN;
    use crate::har::{LeftOut, Times};
    use crate::record::Traffic;

    fn sent(server: &str, target: &str, headers: &[(&str, &str)]) -> Sent {
        let servers = Server::of_all(Provider::all());
        let headers = headers.iter();
        Sent {
            index: 0,
            times: Times::default(),
            url: String::new(),
            resource_type: None,
            follows: None,
            is_aside: false,
            traffic: Traffic {
                server: servers
                    .into_iter()
                    .find(|one| one.name() == server)
                    .unwrap(),
                request: Recorded {
                    origin: MAIN.to_owned(),
                    method: "GET".to_owned(),
                    target: target.to_owned(),
                    headers: headers
                        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                        .collect(),
                    body: Vec::new(),
                },
                answer: None,
            },
            left_out: LeftOut::default(),
            by_sanitizer: false,
        }
    }

    #[test]
    fn a_header_is_missing_by_its_name() {
        let of = |all: &[Sent]| Stripped::of(Provider::all(), all, false);
        let token = sent("services", "/da/v3/x", &[("X-Access-Token", "t")]);
        let bare = sent("api", "/organizations", &[("accept", "*/*")]);
        let basic = sent("auth", "/v2/tokens", &[("authorization", "Basic eA==")]);
        let found = of(&[token.clone(), bare.clone()]);
        assert_eq!(found.find("authorization"), Some("authorization"));
        assert_eq!(found.find("x-api-key"), Some("x-api-key"));
        assert_eq!(found.find("x-access-token"), None);
        assert_eq!(found.other(), Some("authorization"));
        // A tool that keeps this one keeps all.
        let found = of(&[token.clone(), bare.clone(), basic]);
        assert_eq!(
            (found.find("authorization"), found.find("x-api-key")),
            (None, None)
        );
        let complete = Stripped::of(Provider::all(), &[bare], true);
        assert_eq!(
            (complete.find("authorization"), complete.other()),
            (None, None)
        );
        // Every request has a credential: nothing says that one was left out besides.
        let by_query = sent("rest", "/rest/v1/x?access_token=t", &[]);
        let issue = sent("identity", "/identity/oauth/token?client_secret=s", &[]);
        let mut all = [token, by_query, issue];
        assert_eq!(of(&all).other(), None);
        all[0].by_sanitizer = true;
        assert_eq!(of(&all).other(), Some("authorization"));
    }

    #[test]
    fn a_header_that_the_tool_doubled_is_one() {
        let merged = |headers: &[&[(&str, &str)]]| {
            let all = headers
                .iter()
                .map(|headers| sent("rest", "/rest/v1/x", headers));
            let mut all: Vec<Sent> = all.collect();
            merge_doubled(Provider::all(), &mut all);
            let of = |one: &Sent| {
                (
                    one.traffic.request.headers.len(),
                    one.left_out.headers == Headers::Doubled,
                )
            };
            all.iter().map(of).collect::<Vec<_>>()
        };
        let (one, other) = (("Authorization", "Bearer a"), ("authorization", "Bearer b"));
        let same = ("authorization", "Bearer a");
        let accept = ("accept", "*/*");
        // The tool doubled all of them.
        assert_eq!(merged(&[&[one, same, accept, accept]]), [(2, false)]);
        // It or the client.
        assert_eq!(merged(&[&[one, same, accept]]), [(2, true)]);
        // The client: other requests have it once.
        assert_eq!(merged(&[&[one, same], &[one]]), [(2, false), (1, false)]);
        assert_eq!(merged(&[&[one, other, accept, accept]]), [(3, false)]);
    }
}
