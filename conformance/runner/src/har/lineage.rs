//! Reads which exchanges of a stream belong together.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::canaries::canaries_in;
use super::grants::{Carried, Family, Grants, Link, MOST_AT_ONCE, is_refused};
use super::like::Like;
use super::logins::Logins;
use super::sent::{TokenRequest, credential};
use super::stream::{Kind, Seen, Stream, field};
use super::time::Order;
use crate::case::Provider;

/// The grants of a stream whose exchanges are in order.
pub(super) fn grants(providers: &[Provider], provider: Provider, stream: &Stream) -> Grants {
    let mut all = Reader::new(provider, stream.seen.len());
    for (at, seen) in stream.seen.iter().enumerate() {
        match seen.kind {
            Kind::Login => all.logins.begins(at, seen),
            Kind::Token => all.token(at, seen, stream),
            Kind::Call | Kind::Page => {}
        }
        all.logins
            .answer(seen, (seen.kind == Kind::Login).then_some(at));
    }
    let seen = stream.seen.iter().enumerate();
    for (at, seen) in seen.filter(|(_, seen)| seen.kind == Kind::Call) {
        let placed = credential(providers, &seen.request);
        let by = |name: &String| Some(issuer(all.tokens.get(name)?, at, stream));
        let placed: Vec<usize> = placed.iter().filter_map(by).collect();
        all.used.extend(placed);
    }
    for (at, seen) in stream.seen.iter().enumerate() {
        if seen.kind == Kind::Call {
            all.call(at, seen, stream, providers);
        }
    }
    let mut grants = all.grants;
    let calls = grants.links.iter().flat_map(|link| &link.credential);
    grants.credentials = calls.collect::<HashSet<_>>().len();
    grants
}

/// What is known of the exchanges that were read so far.
struct Reader {
    provider: Provider,
    grants: Grants,
    /// The exchanges that issued a token.
    tokens: HashMap<String, Vec<usize>>,
    granted: Vec<usize>,
    /// Those whose token a call carries.
    used: HashSet<usize>,
    refresh_tokens: HashMap<String, usize>,
    code_families: HashMap<String, usize>,
    clients: HashMap<(String, bool), usize>,
    latest_family: Option<usize>,
    logins: Logins,
    /// Whether a token may have been issued that is not in the recording.
    hides_token: bool,
}

impl Reader {
    fn new(provider: Provider, count: usize) -> Self {
        Self {
            provider,
            grants: Grants {
                links: vec![Link::default(); count],
                ..Grants::default()
            },
            tokens: HashMap::new(),
            granted: Vec::new(),
            used: HashSet::new(),
            refresh_tokens: HashMap::new(),
            code_families: HashMap::new(),
            clients: HashMap::new(),
            latest_family: None,
            logins: Logins::default(),
            hides_token: false,
        }
    }

    fn token(&mut self, at: usize, seen: &Seen, stream: &Stream) {
        let sent = TokenRequest::of(&seen.request);
        let legacy = self.provider.is_legacy(seen.request.path());
        let client = sent.client.clone().map(|client| (client, legacy));
        let refresh = sent.refresh.as_ref();
        let known = refresh.and_then(|token| self.refresh_tokens.get(token));
        let family = if let Some(family) = known {
            *family
        } else if sent.is_exchange {
            let code = sent.code.as_ref();
            let redirect_uri = field(&seen.request, "redirect_uri");
            if let Some(login) = self.logins.of(code, redirect_uri.as_deref()) {
                self.grants.exchanges.entry(login).or_default().push(at);
            }
            match code.and_then(|code| self.code_families.get(code)) {
                Some(family) => *family,
                None => self.new_family(),
            }
        } else if let Some(client) = client.as_ref().filter(|_| refresh.is_none()) {
            match self.clients.get(client) {
                Some(family) => *family,
                None => self.new_family(),
            }
        } else {
            match self.latest_family {
                Some(family) => family,
                None => self.new_family(),
            }
        };
        if let Some(client) = client
            && !sent.is_exchange
        {
            self.clients.entry(client).or_insert(family);
        }
        if let Some(code) = sent.code {
            self.code_families.entry(code).or_insert(family);
        }
        self.latest_family = Some(family);
        self.grants.links[at].family = Some(family);
        self.grants.all.push(at);
        self.grants.families[family].members.push(at);
        self.grants.families[family].last = at;
        let good = |status: u16| (200..300).contains(&status);
        let status = seen.answer.as_ref().map(|answer| answer.status);
        // A token that is not in the recording was issued, too.
        let is_hidden = seen.left_out.answer_body && status.is_some_and(good);
        self.hides_token |= is_hidden || status.is_none() || seen.left_out.masks_the_answer();
        if !is_hidden && stream.like(at).is_none_or(|like| !like.issues_token()) {
            return;
        }
        self.granted.push(at);
        let body = seen.answer.as_ref().map(|answer| answer.body.as_slice());
        let json: Value = serde_json::from_slice(body.unwrap_or_default()).unwrap_or_default();
        let text = |names: [&str; 2]| {
            let mut found = names.iter().filter_map(|name| json.get(name)?.as_str());
            found.next().filter(|text| !text.is_empty())
        };
        if let Some(token) = text(["access_token", "accessToken"]) {
            self.tokens.entry(token.to_owned()).or_default().push(at);
        }
        let issued = text(["refresh_token", "refreshToken"]).map(str::to_owned);
        if let Some(token) = issued.clone() {
            self.refresh_tokens.insert(token, family);
        }
        // Without a new one, the old one stays good.
        let kept = sent.refresh.filter(|kept| !kept.is_empty() && !is_hidden);
        self.grants.refresh_tokens.insert(at, issued.or(kept));
    }

    fn new_family(&mut self) -> usize {
        self.grants.families.push(Family::default());
        self.grants.families.len() - 1
    }

    fn call(&mut self, at: usize, seen: &Seen, stream: &Stream, providers: &[Provider]) {
        let credential = credential(providers, &seen.request);
        let issued = {
            let by = |name: &str| Some(issuer(self.tokens.get(name)?, at, stream));
            let placed = credential.iter().filter_map(|name| by(name)).max();
            placed.or_else(|| {
                let text = seen.request.text();
                canaries_in(&text).filter_map(by).max()
            })
        };
        let carried = match issued {
            Some(issuer) => Carried::Issued(issuer),
            None if credential.is_empty() => Carried::Nothing,
            None => Carried::Unknown,
        };
        let latest = || {
            let mut latest = self.granted[..self.granted.partition_point(|known| *known < at)]
                .iter()
                .rev()
                .take(MOST_AT_ONCE);
            latest
                .find(|known| stream.order(**known, at) != Order::Before)
                .copied()
        };
        let grant = issued.or_else(latest);
        // A client that uses the token of the grant elsewhere does not forget it for one call.
        let stored = carried == Carried::Unknown
            && grant.is_none_or(|grant| self.used.contains(&grant))
            && self.is_stored(seen, &credential, at, stream);
        let grant = grant.filter(|_| !stored);
        let grants = &mut self.grants;
        grants.groups.entry(seen.group).or_default().push(at);
        let mut family = None;
        if let Some(grant) = grant {
            family = grants.links[grant].family;
            grants.calls.entry(grant).or_default().push(at);
            if issued.is_some() {
                *grants.sent.entry((seen.group, grant)).or_default() += 1;
            }
        }
        if let Some(credential) = credential.first() {
            let key = (seen.group, credential.clone());
            if is_refused(stream, at) {
                let refused = grants.refused.entry(key.clone()).or_default();
                refused.count += 1;
                refused.bodies.insert(seen.body);
            }
            grants.carrying.entry(key).or_default().push(at);
        }
        if let Some(family) = family {
            let last = &mut grants.families[family].last;
            *last = at.max(*last);
        }
        grants.links[at] = Link {
            family,
            grant,
            carried,
            stored,
            credential,
        };
    }

    /// Whether a call carries a token or key from before the recording, of another account or user:
    /// it is good, and there is nothing in it that the recording knows.
    fn is_stored(&self, seen: &Seen, credential: &[String], at: usize, stream: &Stream) -> bool {
        let is_done = stream.like(at).is_some_and(Like::is_done);
        let is_shown = !self.hides_token && !seen.left_out.answer_body;
        let is_masked = !seen.left_out.masked.is_empty();
        let is_known = |value: &String| {
            self.refresh_tokens.contains_key(value) || self.code_families.contains_key(value)
        };
        is_done && is_shown && !is_masked && !credential.iter().any(is_known)
    }
}

/// Of several exchanges that issued the same token the last one before a call.
fn issuer(issuers: &[usize], call: usize, stream: &Stream) -> usize {
    let before = issuers.partition_point(|known| *known < call);
    let mut answered = issuers[..before]
        .iter()
        .rev()
        .take(MOST_AT_ONCE)
        .filter(|known| stream.order(**known, call) != Order::Before);
    answered.next().or(issuers.first()).copied().unwrap_or(call)
}
