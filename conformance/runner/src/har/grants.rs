//! Which exchanges belong together: told by the tokens, codes and client ids that were issued and
//! sent, not by what stands near them in the recording.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::canaries::canaries_in;
use super::stream::{Kind, Seen, Stream, field, grant};
use super::time::Order;
use crate::case::Provider;
use crate::fixture::{Recorded, query_pairs};
use tegata_suite::provider::is_credential_header;

/// The most grants that may be under way at once.
const MOST_AT_ONCE: usize = 64;

/// What a call carries as its credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Carried {
    /// No token and no key.
    #[default]
    Nothing,
    /// A token that this exchange of the recording issued.
    Issued(usize),
    /// Something that no exchange of the recording issued.
    Unknown,
}

/// One exchange, as far as it belongs to others.
#[derive(Clone, Debug, Default)]
struct Link {
    /// The grants that follow from each other: those of one login or of one client id.
    family: Option<usize>,
    /// For a call: the exchange whose token it carries, or ought to.
    grant: Option<usize>,
    carried: Carried,
    /// The values in the places of credentials.
    credential: Vec<String>,
}

/// Which exchanges of a stream belong together.
#[derive(Debug, Default)]
pub(super) struct Grants {
    links: Vec<Link>,
    /// The token requests, all and by family.
    pub(super) all: Vec<usize>,
    families: Vec<Family>,
    calls: HashMap<usize, Vec<usize>>,
    groups: HashMap<usize, Vec<usize>>,
    exchanges: HashMap<usize, Vec<usize>>,
    /// How many calls of a group carry a grant's token, and how many of these were refused.
    counts: HashMap<(usize, usize), Count>,
    /// How many different keys or tokens all calls carry.
    credentials: usize,
}

#[derive(Clone, Debug, Default)]
struct Family {
    members: Vec<usize>,
    last: usize,
}

#[derive(Clone, Debug, Default)]
struct Count {
    sent: usize,
    refused: usize,
    refused_bodies: std::collections::HashSet<u64>,
}

impl Grants {
    /// Those of a stream whose exchanges are in order.
    pub(super) fn of(providers: &[Provider], provider: Provider, stream: &Stream) -> Self {
        let mut all = Reader {
            provider,
            grants: Self {
                links: vec![Link::default(); stream.seen.len()],
                ..Self::default()
            },
            ..Reader::default_for(provider)
        };
        for (at, seen) in stream.seen.iter().enumerate() {
            match seen.kind {
                Kind::Login => all.login(at, seen),
                Kind::Token => all.token(at, seen, stream),
                Kind::Call => {}
            }
        }
        for (at, seen) in stream.seen.iter().enumerate() {
            if seen.kind == Kind::Call {
                all.call(at, seen, stream, providers);
            }
        }
        let mut grants = all.grants;
        let calls = grants.links.iter().flat_map(|link| &link.credential);
        grants.credentials = calls.collect::<std::collections::HashSet<_>>().len();
        grants
    }

    /// The exchange that issued the token that a call carries.
    pub(super) fn issuer(&self, call: usize) -> Option<usize> {
        match self.links[call].carried {
            Carried::Issued(issuer) => Some(issuer),
            Carried::Nothing | Carried::Unknown => None,
        }
    }

    /// The grant that a call belongs to.
    pub(super) fn grant(&self, call: usize) -> Option<usize> {
        self.links[call].grant
    }

    /// What a call carries.
    pub(super) fn carried(&self, call: usize) -> &Carried {
        &self.links[call].carried
    }

    /// The calls that belong to a grant, in order.
    pub(super) fn calls(&self, grant: usize) -> &[usize] {
        self.calls.get(&grant).map_or(&[], Vec::as_slice)
    }

    /// The token requests with a code of a login.
    pub(super) fn exchanges(&self, login: usize) -> &[usize] {
        self.exchanges.get(&login).map_or(&[], Vec::as_slice)
    }

    /// All requests with this method and path, in order.
    pub(super) fn group(&self, group: usize) -> &[usize] {
        self.groups.get(&group).map_or(&[], Vec::as_slice)
    }

    /// The token requests that follow from each other, one of which a call or token request
    /// belongs to; all if it belongs to none.
    pub(super) fn family(&self, at: usize) -> &[usize] {
        match self.links[at].family {
            Some(family) => &self.families[family].members,
            None => &self.all,
        }
    }

    /// Whether a token request may follow from a call's: it is of the same family, or of one that
    /// begins after the last exchange of that family.
    pub(super) fn may_follow(&self, call: usize, token: usize) -> bool {
        let (Some(own), Some(other)) = (self.links[call].family, self.links[token].family) else {
            return true;
        };
        own == other || self.families[own].last <= call && self.families[other].members[0] > call
    }

    /// Whether two calls carry the same credential.
    pub(super) fn same_credential(&self, one: usize, other: usize) -> bool {
        let other = &self.links[other].credential;
        let mut own = self.links[one].credential.iter();
        own.any(|value| other.contains(value))
    }

    /// Whether the calls carry more than one credential.
    pub(super) fn has_other_credentials(&self) -> bool {
        self.credentials > 1
    }

    /// Whether each of the calls that were refused like this one was sent again with the token
    /// of that grant.
    pub(super) fn each_is_repeated(&self, group: usize, grant: usize, renewal: usize) -> bool {
        let count = |grant| self.counts.get(&(group, grant));
        let refused = count(grant).map_or(0, |count| count.refused);
        refused <= count(renewal).map_or(0, |count| count.sent)
    }

    /// Whether a body is that of a call with this grant's token that was refused.
    pub(super) fn is_body_of_refused(&self, group: usize, grant: usize, body: u64) -> bool {
        let count = self.counts.get(&(group, grant));
        count.is_some_and(|count| count.refused_bodies.contains(&body))
    }
}

/// What is known of the exchanges that were read so far.
struct Reader {
    provider: Provider,
    grants: Grants,
    /// The exchanges that issued a token.
    tokens: HashMap<String, Vec<usize>>,
    granted: Vec<usize>,
    refresh_tokens: HashMap<String, usize>,
    codes: HashMap<String, usize>,
    code_families: HashMap<String, usize>,
    clients: HashMap<(String, bool), usize>,
    latest_family: Option<usize>,
    latest_login: Option<usize>,
}

impl Reader {
    fn default_for(provider: Provider) -> Self {
        Self {
            provider,
            grants: Grants::default(),
            tokens: HashMap::new(),
            granted: Vec::new(),
            refresh_tokens: HashMap::new(),
            codes: HashMap::new(),
            code_families: HashMap::new(),
            clients: HashMap::new(),
            latest_family: None,
            latest_login: None,
        }
    }

    fn login(&mut self, at: usize, seen: &Seen) {
        self.latest_login = Some(at);
        let location = seen.answer.as_ref().map(|answer| answer.header("location"));
        let location = location.as_deref().and_then(<[_]>::first).copied();
        let query = location.and_then(|url| url.split_once('?'));
        for (name, value) in query_pairs(query.map_or("", |(_, query)| query)) {
            if name == "code" {
                self.codes.insert(value, at);
            }
        }
    }

    fn token(&mut self, at: usize, seen: &Seen, stream: &Stream) {
        let sent = Sent::of(&seen.request);
        let legacy = self.provider.is_legacy(seen.request.path());
        let client = sent.client.clone().map(|client| (client, legacy));
        let refresh = sent.refresh.as_ref();
        let known = refresh.and_then(|token| self.refresh_tokens.get(token));
        let family = if let Some(family) = known {
            *family
        } else if sent.is_exchange {
            let code = sent.code.as_ref();
            let login = code.and_then(|code| self.codes.get(code)).copied();
            if let Some(login) = login.or(self.latest_login) {
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
        if let Some(token) = text(["refresh_token", "refreshToken"]) {
            self.refresh_tokens.insert(token.to_owned(), family);
        }
    }

    fn new_family(&mut self) -> usize {
        self.grants.families.push(Family::default());
        self.grants.families.len() - 1
    }

    fn call(&mut self, at: usize, seen: &Seen, stream: &Stream, providers: &[Provider]) {
        let credential = credential(providers, &seen.request);
        let issued = {
            let by = |name: &str| Some(self.issuer(self.tokens.get(name)?, at, stream));
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
        let grant = issued.or_else(|| {
            let mut latest = self.granted[..self.granted.partition_point(|known| *known < at)]
                .iter()
                .rev()
                .take(MOST_AT_ONCE);
            latest
                .find(|known| stream.order(**known, at) != Order::Before)
                .copied()
        });
        let grants = &mut self.grants;
        grants.groups.entry(seen.group).or_default().push(at);
        let mut family = None;
        if let Some(grant) = grant {
            family = grants.links[grant].family;
            grants.calls.entry(grant).or_default().push(at);
            if issued.is_some() {
                let count = grants.counts.entry((seen.group, grant)).or_default();
                count.sent += 1;
                if is_refused(stream, at) {
                    count.refused += 1;
                    count.refused_bodies.insert(seen.body);
                }
            }
        }
        if let Some(family) = family {
            let last = &mut grants.families[family].last;
            *last = at.max(*last);
        }
        grants.links[at] = Link {
            family,
            grant,
            carried,
            credential,
        };
    }

    /// Of several exchanges that issued the same token the last one before a call.
    fn issuer(&self, issuers: &[usize], call: usize, stream: &Stream) -> usize {
        let before = issuers.partition_point(|known| *known < call);
        let mut answered = issuers[..before]
            .iter()
            .rev()
            .take(MOST_AT_ONCE)
            .filter(|known| stream.order(**known, call) != Order::Before);
        answered.next().or(issuers.first()).copied().unwrap_or(call)
    }
}

/// Whether a call was answered, and not as the client wished.
pub(super) fn is_refused(stream: &Stream, call: usize) -> bool {
    let redirect = |status: u16| (300..400).contains(&status);
    let status = stream.seen[call]
        .answer
        .as_ref()
        .map(|answer| answer.status);
    status.is_some_and(|status| !redirect(status))
        && stream.like(call).is_some_and(|like| !like.is_done())
}

/// What tells one token request from another.
struct Sent {
    client: Option<String>,
    /// Whether it exchanges a code, though it may lack that.
    is_exchange: bool,
    code: Option<String>,
    refresh: Option<String>,
}

impl Sent {
    fn of(request: &Recorded) -> Self {
        let json = request.json().unwrap_or_default();
        let named = |names: [&str; 2]| {
            let member = |name: &&str| json.get(name)?.as_str().map(str::to_owned);
            let mut found = names
                .iter()
                .filter_map(|name| field(request, name).or_else(|| member(name)));
            found.next()
        };
        let basic = || {
            let value = *request.header("authorization").first()?;
            let (scheme, pair) = value.split_once(' ')?;
            let pair = STANDARD.decode(pair.trim()).ok()?;
            let pair = String::from_utf8(pair).ok()?;
            let (id, _) = pair.split_once(':')?;
            scheme.eq_ignore_ascii_case("basic").then(|| id.to_owned())
        };
        let refresh = named(["refresh_token", "refreshToken"]);
        let grant = grant(request);
        let is = |wanted: &str| grant.as_deref() == Some(wanted);
        let is_refresh = is("refresh_token");
        let code = named(["code", "code"]);
        Self {
            client: named(["client_id", "clientId"]).or_else(basic),
            is_exchange: code.is_some() || is("authorization_code"),
            code,
            refresh: refresh.or_else(|| is_refresh.then(String::new)),
        }
    }
}

/// The values of the names in the places of credentials.
fn credential(providers: &[Provider], request: &Recorded) -> Vec<String> {
    let headers = request
        .headers
        .iter()
        .filter(|(name, _)| is_credential_header(providers, &name.to_ascii_lowercase()))
        .map(|(_, value)| value.clone());
    let field = field(request, "access_token");
    let mut all: Vec<String> = Vec::new();
    for value in headers.chain(field) {
        let before = all.len();
        all.extend(canaries_in(&value).map(str::to_owned));
        if all.len() == before && !value.is_empty() {
            all.push(value);
        }
    }
    all
}
