//! Credentials: where they go, and the signs that one is no longer accepted.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Differences;
use super::said::{Request, Said};
use super::tree::{View, items, members};

/// A place for a credential.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Placement {
    Bearer,
    Basic,
    Header(String),
    Query(String),
}

pub(super) fn check(said: &Said, view: &View<'_>, all: &mut Differences) {
    let mut used = BTreeSet::new();
    for request in &said.requests {
        let operation = request
            .operation
            .as_deref()
            .and_then(|id| view.operation(id));
        let own = operation.map(|operation| &operation.node["security"]);
        let (place, security) = match (operation, own.filter(|own| own.is_array())) {
            (Some(operation), Some(own)) => (format!("{}.security", operation.id), own),
            _ => ("security".to_owned(), &view.spec["security"]),
        };
        all.add_if(
            !security.is_array(),
            &place,
            "nothing says which credential it takes",
        );
        let carried = carried(view, request);
        let allowed: Vec<(&str, Option<Placement>)> = alternatives(security)
            .map(|name| (name, placement(view, name)))
            .collect();
        if allowed.is_empty() {
            all.add_if(
                !carried.is_empty(),
                &place,
                format!("{}: it carries a credential", request.fixture),
            );
            continue;
        }
        let found = allowed.iter().find(|(_, placement)| {
            placement
                .as_ref()
                .is_some_and(|one| carried == [one.clone()])
        });
        match found {
            Some((name, _)) => {
                let scheme = &view.spec["components"]["securitySchemes"][*name];
                all.add_if(
                    (scheme["x-tegata-deprecated"] == true) != request.against,
                    &format!("securitySchemes.{name}"),
                    format!("{}: whether to go on with it", request.fixture),
                );
                used.insert((place, (*name).to_owned()));
            }
            None => all.add(&place, format!("{}: another credential", request.fixture)),
        }
    }
    unused(view, &used, all);
    flows(said, view, all);
    refusal(said, view, all);
}

/// Every alternative is sent in at least one fixture.
fn unused(view: &View<'_>, used: &BTreeSet<(String, String)>, all: &mut Differences) {
    let own = view.operations.iter().map(|operation| {
        (
            format!("{}.security", operation.id),
            &operation.node["security"],
        )
    });
    let root = [("security".to_owned(), &view.spec["security"])];
    for (place, security) in own.chain(root) {
        for name in alternatives(security) {
            let seen = used.contains(&(place.clone(), name.to_owned()));
            all.add_if(!seen, &place, format!("no fixture is sent with {name}"));
        }
    }
    for name in members(&view.spec["components"]["securitySchemes"]).keys() {
        let seen = used.iter().any(|(_, known)| known == name);
        all.add_if(
            !seen,
            &format!("securitySchemes.{name}"),
            "no fixture is sent with it",
        );
    }
}

/// The names of the schemes, each an alternative by itself.
fn alternatives(security: &Value) -> impl Iterator<Item = &str> {
    items(security).iter().map(|alternative| {
        let names = members(alternative);
        match names.keys().next() {
            Some(name) if names.len() == 1 => name.as_str(),
            _ => "two at once, or none",
        }
    })
}

fn placement(view: &View<'_>, name: &str) -> Option<Placement> {
    let scheme = view.spec["components"]["securitySchemes"].get(name)?;
    let text = |key: &str| scheme[key].as_str().unwrap_or_default();
    let word = text("scheme").to_ascii_lowercase();
    Some(match (text("type"), word.as_str(), text("in")) {
        ("oauth2", _, _) | ("http", "bearer", _) => Placement::Bearer,
        ("http", "basic", _) => Placement::Basic,
        ("apiKey", _, "header") => Placement::Header(text("name").to_ascii_lowercase()),
        ("apiKey", _, "query") => Placement::Query(text("name").to_owned()),
        _ => return None,
    })
}

/// The query parameters that carry credentials.
pub(super) fn query_names<'s>(view: &View<'s>) -> BTreeSet<&'s str> {
    let schemes: &'s Value = &view.spec["components"]["securitySchemes"];
    let all = schemes.as_object().into_iter().flatten();
    let keys = all.filter(|(_, scheme)| scheme["in"] == "query");
    keys.filter_map(|(_, scheme)| scheme["name"].as_str())
        .collect()
}

/// The credentials of a request: known headers, headers that begin with `X-`, and the query
/// parameters of schemes.
fn carried(view: &View<'_>, request: &Request) -> Vec<Placement> {
    let headers = request.seen.headers.iter().filter_map(|(name, value)| {
        let name = name.to_ascii_lowercase();
        match value.split(' ').next() {
            Some("Bearer") if name == "authorization" => Some(Placement::Bearer),
            Some("Basic") if name == "authorization" => Some(Placement::Basic),
            _ if name == "authorization" || name.starts_with("x-") => Some(Placement::Header(name)),
            _ => None,
        }
    });
    let names = query_names(view);
    let query = request.seen.query();
    let query = query
        .into_iter()
        .filter(|(name, _)| names.contains(name.as_str()));
    headers
        .chain(query.map(|(name, _)| Placement::Query(name)))
        .collect()
}

/// The codes by which any token endpoint refuses (5.2).
const OF_RFC_6749: [&str; 6] = [
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_grant_type",
];

/// The flows of OAuth 2.0, and the request field by which each is recognized.
const FLOWS: [(&str, &str, &str, &str); 4] = [
    (
        "clientCredentials",
        "tokenUrl",
        "grant_type",
        "client_credentials",
    ),
    (
        "authorizationCode",
        "tokenUrl",
        "grant_type",
        "authorization_code",
    ),
    (
        "authorizationCode",
        "refreshUrl",
        "grant_type",
        "refresh_token",
    ),
    (
        "authorizationCode",
        "authorizationUrl",
        "response_type",
        "code",
    ),
];

/// Each URL of a flow is where the fixtures of that flow go.
fn flows(said: &Said, view: &View<'_>, all: &mut Differences) {
    for (name, scheme) in members(&view.spec["components"]["securitySchemes"]) {
        if scheme["type"] != "oauth2" {
            continue;
        }
        let place = format!("securitySchemes.{name}.flows");
        for (flow, key, field, value) in FLOWS {
            let asked = said.requests.iter().find(|request| {
                let mut fields = request.seen.query();
                fields.extend(request.seen.form());
                fields
                    .iter()
                    .any(|(name, has)| name == field && has == value)
            });
            let operation = asked
                .and_then(|request| request.operation.as_deref())
                .and_then(|id| view.operation(id));
            let wanted = operation.map(|operation| {
                format!(
                    "{}{}",
                    super::servers::url(operation.server),
                    operation.path
                )
            });
            let has = scheme["flows"][flow][key].as_str();
            all.add_if(
                has != wanted.as_deref(),
                &place,
                format!(
                    "{flow}.{key}: fixtures go to {}",
                    wanted.as_deref().unwrap_or("no such place")
                ),
            );
        }
        let known = |flow: &String| FLOWS.iter().any(|(known, ..)| known == flow);
        let all_known = members(&scheme["flows"]).keys().all(known);
        all.add_if(!all_known, &place, "a flow of which there is no fixture");
    }
}

/// The statuses and codes after which a client must go on with another credential.
fn refusal(said: &Said, view: &View<'_>, all: &mut Differences) {
    let refusal = &view.spec["x-tegata-refusal"];
    let statuses = items(&refusal["statuses"]).iter();
    let statuses: BTreeSet<u64> = statuses.filter_map(Value::as_u64).collect();
    let wanted: BTreeSet<u64> = said
        .refusing
        .statuses
        .iter()
        .copied()
        .map(u64::from)
        .collect();
    for status in wanted.difference(&statuses) {
        all.add(
            "x-tegata-refusal.statuses",
            format!("cases renew after {status}"),
        );
    }
    for status in statuses.difference(&wanted) {
        all.add(
            "x-tegata-refusal.statuses",
            format!("no case renews after {status}"),
        );
    }
    all.add_if(
        statuses.is_empty(),
        "x-tegata-refusal.statuses",
        "no status is one",
    );
    let texts = |node: &Value| -> BTreeSet<String> {
        items(node)
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let codes = texts(&refusal["body"]["codes"]);
    all.add_if(
        codes != said.refusing.codes,
        "x-tegata-refusal.body.codes",
        format!("cases renew after {:?}", said.refusing.codes),
    );
    all.add_if(
        texts(&refusal["transient-codes"]) != said.passing,
        "x-tegata-refusal.transient-codes",
        format!("citations describe {:?} as what passes", said.passing),
    );
    let answered: BTreeSet<String> = said
        .answers
        .iter()
        .filter(|answer| answer.status >= 400)
        .filter_map(|answer| answer.json.as_ref()?["error"].as_str())
        .filter(|code| !OF_RFC_6749.contains(code))
        .map(str::to_owned)
        .collect();
    all.add_if(
        texts(&refusal["denied-codes"]) != answered,
        "x-tegata-refusal.denied-codes",
        format!("token endpoints refuse with {answered:?}"),
    );
    lifetimes(said, view, all);
}

/// The lifetimes are those that the documents state.
fn lifetimes(said: &Said, view: &View<'_>, all: &mut Differences) {
    let place = "x-tegata-lifetimes";
    let lifetimes = members(&view.spec[place]);
    let has: BTreeSet<u64> = lifetimes
        .values()
        .filter_map(|one| one["seconds"].as_u64())
        .collect();
    all.add_if(
        has != said.lifetimes,
        place,
        format!("documents speak of {:?} seconds", said.lifetimes),
    );
    // Refresh tokens live a day, access tokens an hour, and never the other way round.
    let access = lifetimes
        .get("access-token")
        .and_then(|one| one["seconds"].as_u64());
    all.add_if(
        access != said.lifetimes.first().copied(),
        place,
        "access tokens have not the shortest",
    );
}
