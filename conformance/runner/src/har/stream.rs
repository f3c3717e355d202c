//! The exchanges with one provider, in the order of time, each redacted and sorted by kind.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use url::Url;

use super::abroad::Abroad;
use super::accepted::maybe_refused;
use super::entry::LeftOut;
use super::grants::Grants;
use super::like::Like;
use super::lineage::grants;
use super::signature::Signature;
use super::time::{Clock, Order, Times};
use crate::case::{Auth, Provider};
use crate::fixture::{Answer, Recorded, Values};
use crate::record::{Redaction, Traffic};
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
    /// A browser asks for a page, or what a redirect to another origin leads to is asked for: no attempt at anything.
    Page,
}

/// One exchange as it was recorded, secrets and all.
#[derive(Clone)]
pub(super) struct Sent {
    pub(super) index: usize,
    pub(super) times: Times,
    pub(super) url: String,
    /// What it is part of, as far as the tool says so.
    pub(super) resource_type: Option<String>,
    pub(super) traffic: Traffic,
    pub(super) left_out: LeftOut,
    pub(super) by_sanitizer: bool,
    /// The entry whose redirect to another origin it follows.
    pub(super) follows: Option<usize>,
    /// Whether it is not the client's call.
    pub(super) is_aside: bool,
}

/// One exchange. Its values are no longer those of the recording.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) index: usize,
    pub(super) times: Times,
    pub(super) kind: Kind,
    pub(super) request: Recorded,
    pub(super) answer: Option<Answer>,
    pub(super) left_out: LeftOut,
    /// The methods of authentication that the request may belong to.
    pub(super) modes: Vec<Auth>,
    /// Whether the token is in the query, and whether there is a header for one as well.
    pub(super) in_query: bool,
    pub(super) has_authorization: bool,
    /// Which of the stream's signatures it has.
    pub(super) signature: usize,
    /// Which of the stream's answers its own is like.
    pub(super) like: Option<usize>,
    /// The same number for each request with this method and path.
    pub(super) group: usize,
    /// The same number for each request with this body.
    pub(super) body: u64,
    /// The host, where each customer has one of its own.
    pub(super) host: Option<String>,
    /// The entry whose redirect to another origin it follows.
    pub(super) follows: Option<usize>,
}

/// All exchanges with one provider, and the values of the names in them.
#[derive(Debug, Default)]
pub(super) struct Stream {
    pub(super) seen: Vec<Seen>,
    pub(super) clock: Clock,
    pub(super) signatures: Vec<Signature>,
    pub(super) likes: Vec<Like>,
    pub(super) grants: Grants,
    pub(super) abroad: Abroad,
    /// The calls that may have been refused unseen.
    pub(super) maybe_refused: HashSet<usize>,
    pub(super) values: Arc<Values>,
    /// The name of each value.
    pub(super) names: Arc<HashMap<String, String>>,
}

impl Stream {
    /// Whether an exchange began after another one was answered.
    pub(super) fn order(&self, one: usize, next: usize) -> Order {
        self.clock
            .order(self.seen[one].times, self.seen[next].times)
    }

    /// What the answer to an exchange is like.
    pub(super) fn like(&self, at: usize) -> Option<&Like> {
        self.likes.get(self.seen[at].like?)
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

/// Sorts exchanges with these providers by provider and time, and redacts them.
pub(super) fn streams(
    providers: &[Provider],
    mut redaction: Redaction,
    all: &mut Vec<Sent>,
) -> BTreeMap<Provider, Stream> {
    for sent in all.iter() {
        redaction.learn(&sent.traffic);
    }
    let clock = Clock::of(all.iter().map(|sent| sent.times));
    clock.sort(all, |sent| sent.times);
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
    let values = Arc::new(Values::from(&redaction.values()));
    let names: HashMap<String, String> = values
        .secrets()
        .map(|(name, value)| (value.to_owned(), name.to_owned()))
        .collect();
    let names = Arc::new(names);
    let mut builders: BTreeMap<Provider, Builder> = BTreeMap::new();
    for (sent, request, answer) in redacted {
        let server = sent.traffic.server;
        // Every name in it is of this redaction.
        let Ok(request) = request.fill(&values) else {
            continue;
        };
        let answer = answer.and_then(|answer| answer.fill(&values).ok());
        let builder = builders.entry(server.provider()).or_default();
        let kind = if sent.is_aside {
            Kind::Page
        } else {
            kind(server, &request)
        };
        builder.push(sent, kind, request, answer);
    }
    builders
        .into_iter()
        .map(|(provider, builder)| {
            let mut stream = Stream {
                seen: builder.seen,
                clock,
                signatures: builder.signatures.all,
                likes: builder.likes.all,
                grants: Grants::default(),
                abroad: Abroad::default(),
                maybe_refused: HashSet::new(),
                values: Arc::clone(&values),
                names: Arc::clone(&names),
            };
            stream.grants = grants(providers, provider, &stream);
            set_modes(providers, provider, &mut stream);
            stream.abroad = Abroad::of(&stream);
            stream.maybe_refused = maybe_refused(&stream);
            (provider, stream)
        })
        .collect()
}

/// Numbers for values: the same value has the same number.
struct Numbers<T> {
    all: Vec<T>,
    known: HashMap<T, usize>,
}

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            known: HashMap::new(),
        }
    }
}

impl<T: Clone + Eq + Hash> Numbers<T> {
    fn of(&mut self, value: T) -> usize {
        let Self { all, known } = self;
        *known.entry(value).or_insert_with_key(|value| {
            all.push(value.clone());
            all.len() - 1
        })
    }
}

#[derive(Default)]
struct Builder {
    seen: Vec<Seen>,
    signatures: Numbers<Signature>,
    likes: Numbers<Like>,
    groups: Numbers<(String, String)>,
}

impl Builder {
    fn push(&mut self, sent: &Sent, kind: Kind, request: Recorded, answer: Option<Answer>) {
        let like = answer
            .as_ref()
            .map(|answer| self.likes.of(Like::of(answer.status, &answer.body)));
        let signature = match kind {
            Kind::Token => self.signatures.of(Signature::of(&request)),
            Kind::Login | Kind::Call | Kind::Page => 0,
        };
        let group = (request.method.clone(), request.path().to_owned());
        let mut body = DefaultHasher::new();
        request.body.hash(&mut body);
        self.seen.push(Seen {
            index: sent.index,
            times: sent.times,
            kind,
            like,
            signature,
            group: self.groups.of(group),
            body: body.finish(),
            host: customer_host(sent),
            follows: sent.follows,
            modes: Vec::new(),
            in_query: request
                .query()
                .iter()
                .any(|(name, _)| name == "access_token"),
            has_authorization: !request.header("authorization").is_empty(),
            request,
            answer,
            left_out: sent.left_out.clone(),
        });
    }
}

fn customer_host(sent: &Sent) -> Option<String> {
    let ends = sent.traffic.server.provider().customer_hosts()?;
    let url = Url::parse(&sent.url).ok()?;
    let host = url.host_str().filter(|host| host.ends_with(ends))?;
    Some(host.to_owned())
}

/// What a request is for.
pub(super) fn kind(server: Server, request: &Recorded) -> Kind {
    match server {
        server if server.is_login(request.path()) => Kind::Login,
        server if server.issues_tokens() => Kind::Token,
        // Sent to the wrong path.
        _ if field(request, "response_type").is_some() => Kind::Login,
        _ if grant(request).is_some() => Kind::Token,
        _ => Kind::Call,
    }
}

/// The methods of authentication that each exchange may belong to: known by what it carries, or
/// else by what was done before.
fn set_modes(providers: &[Provider], provider: Provider, stream: &mut Stream) {
    let mut last = None;
    for at in 0..stream.seen.len() {
        let seen = &stream.seen[at];
        let modes = if seen.kind == Kind::Call {
            let issued = stream.grants.issuer(at).or(last);
            let issued = issued.map(|issuer| token_mode(provider, &stream.seen[issuer].request));
            modes(providers, &seen.request, issued)
        } else {
            if seen.kind == Kind::Token {
                last = Some(at);
            }
            vec![token_mode(provider, &seen.request)]
        };
        stream.seen[at].modes = modes;
    }
}

fn modes(providers: &[Provider], request: &Recorded, issued: Option<Auth>) -> Vec<Auth> {
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
