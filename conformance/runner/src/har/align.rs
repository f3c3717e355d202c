//! Where in a recording a case took place.

use std::collections::{BTreeMap, BTreeSet};

use super::bind::{Bindings, Placed};
use super::stream::{Kind, Seen, Stream, field, grant};
use crate::case::{Case, Exchange, Placement, Step, Suite};
use crate::fixture::{Answer, Recorded};
use tegata_suite::Server;

/// The most times that one case is looked for; a recording may repeat one call without end.
const MOST: usize = 200;

/// One exchange of a case, with its fixture.
pub(super) struct Item<'a> {
    pub(super) step: usize,
    pub(super) exchange: &'a Exchange,
    pub(super) placed: Placed<'a>,
    /// The fixture's request with the case's own values.
    reference: Recorded,
    kind: Kind,
}

/// One time that a case took place: for each item, as far as the recording goes, what was sent
/// for it; none if something later was sent instead.
pub(super) struct Instance {
    /// Whether it was followed to its end. Otherwise an answer went another way, and it shows
    /// only if something is wrong until then.
    pub(super) whole: bool,
    pub(super) found: Vec<Option<usize>>,
    pub(super) bindings: Bindings,
}

/// The exchanges of a case in order.
pub(super) fn items<'a>(suite: &'a Suite, case: &'a Case) -> Option<Vec<Item<'a>>> {
    let mut items = Vec::new();
    let values = crate::case::case_values(suite, case);
    for (index, step) in case.step.iter().enumerate() {
        for (exchange, is_url) in exchanges(step) {
            let (file, answer) = suite.fixtures.get(&exchange.respond)?;
            let reference = file.recorded(&values, &exchange.with).ok()?;
            let path = reference.path();
            let server = Server::of(case.provider, path);
            let kind = match server {
                server if server.has_login() && is_url || server.is_login(path) => Kind::Login,
                server if server.issues_tokens() => Kind::Token,
                _ => Kind::Call,
            };
            items.push(Item {
                step: index,
                exchange,
                placed: Placed {
                    file,
                    answer,
                    with: &exchange.with,
                },
                reference,
                kind,
            });
        }
    }
    Some(items)
}

fn exchanges(step: &Step) -> impl Iterator<Item = (&Exchange, bool)> {
    let url = step.url.iter().map(|url| (url.as_ref(), true));
    url.chain(step.exchange.iter().map(|exchange| (exchange, false)))
}

impl Item<'_> {
    pub(super) fn is_call(&self) -> bool {
        self.kind == Kind::Call
    }

    pub(super) fn is_token(&self) -> bool {
        self.kind == Kind::Token
    }

    /// Whether a sent request is an attempt at this one: it may be wrong in everything that a case checks.
    fn fits(&self, case: &Case, seen: &Seen, known: &[Signature]) -> bool {
        if self.kind != seen.kind {
            return false;
        }
        match self.kind {
            Kind::Login => true,
            Kind::Call => {
                let query = case.given.placement == Placement::Query;
                seen.modes.contains(&case.given.auth)
                    && (seen.in_query() == query
                        || seen.in_query() && !seen.request.header("authorization").is_empty())
            }
            Kind::Token => {
                let own = Signature::of(&self.reference);
                let sent = Signature::of(&seen.request);
                // A request of which no case speaks is a wrong one of the kind it is most like.
                let most = known.iter().map(|other| sent.likeness(other)).max();
                sent == own
                    || !known.contains(&sent)
                        && sent.likeness(&own) >= 3
                        && most.is_some_and(|most| sent.likeness(&own) >= most)
            }
        }
    }
}

/// What distinguishes one kind of token request from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signature {
    path: String,
    method: String,
    grant: Option<String>,
    in_query: bool,
    partner: bool,
}

impl Signature {
    pub(super) fn of(request: &Recorded) -> Self {
        Self {
            path: request.path().to_owned(),
            method: request.method.clone(),
            grant: grant(request),
            in_query: request
                .query()
                .iter()
                .any(|(name, _)| name == "grant_type" || name == "client_id"),
            partner: field(request, "partner_id").is_some(),
        }
    }

    /// In how much it is like another one.
    fn likeness(&self, other: &Self) -> u8 {
        2 * u8::from(self.path == other.path)
            + 2 * u8::from(self.method == other.method)
            + 2 * u8::from(self.grant.is_some() && self.grant == other.grant)
            + u8::from(self.in_query == other.in_query)
            + u8::from(self.partner == other.partner)
    }
}

/// The signatures of all token requests that the cases know.
pub(super) fn signatures(suite: &Suite, cases: &[&Case]) -> Vec<Signature> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    for case in cases {
        for exchange in case.exchanges() {
            let name = exchange.respond.split('.').next().unwrap_or_default();
            if !seen.insert(name) {
                continue;
            }
            let values = suite.fixtures.values(case.provider);
            let request = suite
                .fixtures
                .get(&exchange.respond)
                .and_then(|(file, _)| file.recorded(&values, &BTreeMap::new()).ok());
            if let Some(request) = request
                && Server::of(case.provider, request.path()).issues_tokens()
            {
                all.push(Signature::of(&request));
            }
        }
    }
    all
}

/// Every time that a case took place.
pub(super) fn instances(
    case: &Case,
    items: &[Item<'_>],
    stream: &Stream,
    known: &[Signature],
) -> Vec<Instance> {
    let mut all = Vec::new();
    let Some(first) = items.first() else {
        return all;
    };
    for (at, seen) in stream.seen.iter().enumerate() {
        if all.len() == MOST {
            break;
        }
        if first.fits(case, seen, known) {
            follow(case, items, stream, known, at, &mut all);
        }
    }
    all
}

/// Follows a case from its first exchange on.
fn follow(
    case: &Case,
    items: &[Item<'_>],
    stream: &Stream,
    known: &[Signature],
    first: usize,
    all: &mut Vec<Instance>,
) {
    let mut instance = Instance {
        whole: true,
        found: vec![Some(first)],
        bindings: Bindings::default(),
    };
    let mut at = first;
    for (index, item) in items.iter().enumerate().skip(1) {
        // The case continues only after an answer of this kind.
        let before = instance.found[index - 1].map(|at| &stream.seen[at]);
        if let Some(before) = before {
            let as_scripted = items[index - 1].answered_alike(before);
            bind(&mut instance.bindings, items[index - 1].placed, before);
            if !as_scripted {
                // An endpoint is judged by the very answer that is not the expected one, and a
                // client by the request that was refused.
                instance.whole = case.role.judges_servers();
                if instance.whole || items[index - 1].is_plain() {
                    all.push(instance);
                }
                return;
            }
        }
        let call = earlier_call(items, index, &instance, stream);
        let later = items.get(index + 1);
        let mut found = None;
        for (next, seen) in stream.seen.iter().enumerate().skip(at + 1) {
            let is = |item: &Item<'_>| {
                item.fits(case, seen, known)
                    && (!item.is_call() || call.is_none_or(|call| same_call(call, &seen.request)))
            };
            // A call that went another way is not the one that the case is about.
            let as_scripted = !item.is_call()
                || call.is_some()
                || later.is_none() && item.is_plain()
                || item.answered_alike(seen);
            if is(item) && as_scripted && !stale(item, items, seen, &instance.bindings, stream) {
                found = Some(Some(next));
                break;
            }
            // The request after it was sent in its place.
            if later.is_some_and(|later| later.is_call() && call.is_some() && is(later)) {
                found = Some(None);
                break;
            }
        }
        match found {
            Some(next) => {
                at = next.unwrap_or(at);
                instance.found.push(next);
            }
            // The recording ends before the point of the case.
            None => return,
        }
    }
    let last = instance.found.len() - 1;
    if let Some(Some(at)) = instance.found.last() {
        bind(
            &mut instance.bindings,
            items[last].placed,
            &stream.seen[*at],
        );
    }
    all.push(instance);
    repeat(case, items, stream, known, all);
}

/// A call at the end of a case that is its only call represents all following calls until
/// another token is asked for.
fn repeat(
    case: &Case,
    items: &[Item<'_>],
    stream: &Stream,
    known: &[Signature],
    all: &mut Vec<Instance>,
) {
    let calls = items.iter().filter(|item| item.is_call()).count();
    let (Some(item), Some(instance)) = (items.last(), all.last()) else {
        return;
    };
    let Some(Some(at)) = instance.found.last().copied() else {
        return;
    };
    if items.len() < 2 || calls != 1 || !item.is_call() {
        return;
    }
    let (found, bindings) = (instance.found.clone(), instance.bindings.clone());
    for (next, seen) in stream.seen.iter().enumerate().skip(at + 1) {
        if seen.kind == Kind::Token || all.len() >= MOST {
            break;
        }
        let as_scripted = item.is_plain() || item.answered_alike(seen);
        let fits = item.fits(case, seen, known) && as_scripted;
        if fits && !stale(item, items, seen, &bindings, stream) {
            let mut found = found.clone();
            found.pop();
            found.push(Some(next));
            all.push(Instance {
                whole: true,
                found,
                bindings: bindings.clone(),
            });
        }
    }
}

/// Whether a call belongs to another account: its token was issued, but not by what this case
/// follows. After a refusal an old token is just the mistake that is looked for.
fn stale(
    item: &Item<'_>,
    items: &[Item<'_>],
    seen: &Seen,
    bindings: &Bindings,
    stream: &Stream,
) -> bool {
    let calls = items.iter().filter(|item| item.is_call()).count();
    if !item.is_call() || calls > 1 || bindings.get("token-1").is_none() {
        return false;
    }
    let own = bindings.get("token-1").unwrap_or_default();
    let sent = seen.request.text();
    let issued =
        |answer: &Answer, token: &str| String::from_utf8_lossy(&answer.body).contains(token);
    !sent.contains(own)
        && stream.values.secrets().any(|(name, token)| {
            name.starts_with("token-")
                && sent.contains(&format!("{token}\n"))
                && stream
                    .seen
                    .iter()
                    .filter_map(|seen| seen.answer.as_ref())
                    .any(|answer| issued(answer, token))
        })
}

/// The call that the same step made before, of which the next one is a repetition.
fn earlier_call<'a>(
    items: &[Item<'_>],
    index: usize,
    instance: &Instance,
    stream: &'a Stream,
) -> Option<&'a Recorded> {
    let step = items[index].step;
    items[..index]
        .iter()
        .zip(&instance.found)
        .filter(|(item, _)| item.step == step && item.is_call())
        .find_map(|(_, found)| Some(&stream.seen[(*found)?].request))
}

fn same_call(one: &Recorded, other: &Recorded) -> bool {
    one.method == other.method && one.path() == other.path()
}

fn bind(bindings: &mut Bindings, placed: Placed<'_>, seen: &Seen) {
    if let Some(answer) = &seen.answer {
        bindings.answer(placed, answer);
    }
    bindings.request(placed, &seen.request);
}

/// The kind of an answer, as far as it matters to what a client does next.
#[derive(PartialEq, Eq)]
struct AnswerKind {
    status: u16,
    error: Option<String>,
    token: bool,
}

/// 200 and 201 mean the same.
fn same_class(one: u16, other: u16) -> bool {
    one == other || (200..300).contains(&one) && (200..300).contains(&other)
}

/// The structure of an answer; compared where the answer is the point of the case.
#[derive(PartialEq, Eq)]
enum Shape {
    Empty,
    Json(Vec<(String, &'static str)>),
    Other,
}

impl Item<'_> {
    /// Whether the fixture's answer is the one that goes as documented.
    fn is_plain(&self) -> bool {
        self.exchange.respond.split('.').nth(1) == Some("ok")
    }

    /// Whether the answer that is the point of the case may have been given here: the recording does not hold it.
    pub(super) fn may_be_hidden(&self, case: &Case, seen: &Seen, known: &[Signature]) -> bool {
        let status = self.placed.answer.status;
        let same_status = |answer: &Answer| same_class(status, answer.status);
        seen.left_out.answer_body
            && !self.is_plain()
            && seen.answer.as_ref().is_some_and(same_status)
            && self.fits(case, seen, known)
    }

    /// Whether the answer is like the fixture's. One that goes as documented may hold more or
    /// less than the fixture; one that is the point of a case must be just like it.
    fn answered_alike(&self, seen: &Seen) -> bool {
        let Some(answer) = &seen.answer else {
            return self.kind == Kind::Login;
        };
        // What is not in the recording went as documented, as far as its status says.
        if seen.left_out.answer_body && self.kind != Kind::Login {
            return self.is_plain() && same_class(self.placed.answer.status, answer.status);
        }
        let (fixture, body) = (self.placed.answer, self.placed.answer.body.as_bytes());
        let plain = self.is_plain();
        let same_kind =
            AnswerKind::of(fixture.status, body) == AnswerKind::of(answer.status, &answer.body);
        let plain_call = plain && self.kind == Kind::Call && (200..300).contains(&answer.status);
        self.kind == Kind::Login
            || same_kind && (plain || Shape::of(body) == Shape::of(&answer.body))
            || plain_call && AnswerKind::of(answer.status, &answer.body).error.is_none()
    }
}

impl Shape {
    fn of(body: &[u8]) -> Self {
        match serde_json::from_slice(body) {
            _ if body.is_empty() => Self::Empty,
            Ok(serde_json::Value::Object(members)) => Self::Json(
                members
                    .iter()
                    .map(|(name, value)| (name.clone(), kind_of(value)))
                    .collect(),
            ),
            _ => Self::Other,
        }
    }
}

/// The kind of a member, and for texts and lists whether there is anything in them.
fn kind_of(value: &serde_json::Value) -> &'static str {
    match value {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(true) => "true",
        serde_json::Value::Bool(false) => "false",
        serde_json::Value::Number(number) if number.is_u64() => "number",
        serde_json::Value::Number(_) => "odd number",
        serde_json::Value::String(text) if text.is_empty() => "no text",
        serde_json::Value::String(_) => "text",
        serde_json::Value::Array(items) if items.is_empty() => "empty list",
        serde_json::Value::Array(_) => "list",
        serde_json::Value::Object(_) => "object",
    }
}

impl AnswerKind {
    fn of(status: u16, body: &[u8]) -> Self {
        let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let envelope = json
            .get("errors")
            .and_then(|errors| text(errors.get(0)?.get("code")?));
        Self {
            // 200 and 201 mean the same.
            status: if (200..300).contains(&status) {
                200
            } else {
                status
            },
            error: json.get("error").and_then(text).or(envelope),
            token: json.get("access_token").is_some() || json.get("accessToken").is_some(),
        }
    }
}
