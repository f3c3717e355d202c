//! What a server of the API does, as data for an emulator: `conformance/emulator/PROFILE.md` describes the format.
//!
//! It is made of the document itself, so operations for which there is no method are in it as well.

mod answer;
mod fits;
mod login;
mod sample;
mod server;

use std::collections::{BTreeMap, HashMap, HashSet};

use heck::ToKebabCase as _;
use serde::Serialize;
use serde_json::{Map as JsonMap, Value as Json};

use crate::Error;
use crate::lower::{self, Lowered, Placement, Scheme, resolved};
use crate::names;
use crate::node::Node;
use crate::read::Files;

/// The version of the format.
const VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Profile<'a> {
    tegata_profile: u32,
    name: String,
    title: &'a str,
    servers: Vec<String>,
    schemes: JsonMap<String, Json>,
    authorization_servers: Vec<login::Server>,
    refusal: Refusal<'a>,
    operations: Vec<Operation>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Refusal<'a> {
    statuses: &'a [u16],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    body_codes: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Operation {
    id: String,
    method: String,
    path: String,
    security: Vec<Requirement>,
    answer: answer::Answer,
}

/// Schemes of which all are needed, with their scopes.
type Requirement = BTreeMap<String, Vec<String>>;

/// The profile as JSON.
///
/// # Errors
/// If it cannot be written, which no document should cause.
pub(crate) fn json(files: &Files, lowered: &Lowered, package: &str) -> Result<String, Error> {
    let root = files.main();
    let base = server::path(root).unwrap_or_default();
    let operations = operations(files, lowered, &base);
    let mut servers = vec![base.clone()];
    for it in &operations.servers {
        if !servers.contains(it) {
            servers.push(it.clone());
        }
    }
    let profile = Profile {
        tegata_profile: VERSION,
        name: name(package),
        title: &lowered.report.title,
        servers,
        schemes: schemes(lowered),
        authorization_servers: login::servers(lowered, &base),
        refusal: Refusal {
            statuses: &lowered.refusal.statuses,
            body_codes: &lowered.refusal.body_codes,
        },
        operations: operations.all,
    };
    serde_json::to_string_pretty(&profile)
        .map(|text| text + "\n")
        .map_err(|error| {
            let what = format!("the profile cannot be written as JSON: {error}");
            Error::new(what, "report this document")
        })
}

/// The name of the package, as far as a segment of a path can hold it.
fn name(package: &str) -> String {
    let ascii = package.replace(|it: char| !it.is_ascii(), " ");
    let name = ascii.to_kebab_case();
    let short = name.strip_suffix("-client").unwrap_or(&name);
    match short {
        "" => "api".to_owned(),
        short => short.to_owned(),
    }
}

/// The schemes in the words of OpenAPI, also those that no client can use.
fn schemes(lowered: &Lowered) -> JsonMap<String, Json> {
    let mut all = JsonMap::new();
    for way in &lowered.report.schemes {
        let usable = lowered.schemes.iter().find(|it| it.name == way.name);
        let json = usable.map_or_else(
            || serde_json::json!({"type": "unsupported", "description": way.kind}),
            scheme,
        );
        all.insert(way.name.clone(), json);
    }
    all
}

fn scheme(scheme: &Scheme) -> Json {
    let mut json = place(&scheme.placement);
    if scheme.is_token() {
        json["type"] = "oauth2".into();
        if let Some(map) = json.as_object_mut() {
            map.remove("scheme");
        }
    }
    json
}

fn place(placement: &Placement) -> Json {
    use serde_json::json;
    match placement {
        Placement::Header(name) => json!({"type": "apiKey", "in": "header", "name": name}),
        Placement::Query(name) => json!({"type": "apiKey", "in": "query", "name": name}),
        Placement::Cookie(name) => json!({"type": "apiKey", "in": "cookie", "name": name}),
        Placement::Bearer => json!({"type": "http", "scheme": "bearer"}),
        Placement::Basic => json!({"type": "http", "scheme": "basic"}),
        Placement::Prefixed(prefix, inner) => {
            let mut json = place(inner);
            json["prefix"] = prefix.as_str().into();
            json
        }
    }
}

/// Every operation, and the paths of the servers that some have of their own.
struct Operations {
    all: Vec<Operation>,
    servers: Vec<String>,
}

fn operations(files: &Files, lowered: &Lowered, base: &str) -> Operations {
    let root = files.main();
    let known = |it: &lower::Operation| ((it.place, it.method.clone()), it.id.clone());
    let ids: HashMap<_, _> = lowered.operations.iter().map(known).collect();
    let (mut all, mut servers, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    let is_path = |path: &str| !path.starts_with("x-");
    for (path, item) in root.members_of("paths").filter(|(path, _)| is_path(path)) {
        let item = resolved(files, item).unwrap_or(item);
        let short = path.split(['#', '?']).next().unwrap_or_default();
        for (method, node) in methods(item) {
            let node = resolved(files, node).unwrap_or(node);
            if node.as_map().is_none() {
                continue;
            }
            let own = server::path(node).or_else(|| server::path(item));
            servers.extend(own.clone());
            let own = own.as_deref().unwrap_or(base);
            let path = format!("{own}/{}", server::sent(short.trim_start_matches('/')));
            if !seen.insert((method.clone(), path.clone())) {
                continue;
            }
            let id = ids.get(&(node.place, method.clone())).cloned();
            let id = id.unwrap_or_else(|| made_up(node, &method, short));
            all.push(Operation {
                id,
                method,
                path,
                security: security(node, root),
                answer: answer::of(files, node),
            });
        }
    }
    Operations { all, servers }
}

/// The methods of a path, those of OpenAPI 3.2 as well, as far as a request can have them.
fn methods(item: &Node) -> impl Iterator<Item = (String, &Node)> {
    let usual = lower::METHODS.iter().chain(&["query"]);
    let usual = usual.filter_map(|method| Some((method.to_uppercase(), item.get(method)?)));
    let further = item.members_of("additionalOperations");
    let further = further.filter(|(method, _)| lower::is_method(method));
    usual.chain(further.map(|(method, node)| (method.clone(), node)))
}

fn made_up(node: &Node, method: &str, path: &str) -> String {
    let given = node.text_of("operationId").map(names::snake);
    let given = given.filter(|it| !it.is_empty());
    given.unwrap_or_else(|| {
        names::snake(&format!("{method} {}", path.replace(['{', '}', '/'], " ")))
    })
}

/// What the document says of an operation: one of these, of each all.
fn security(operation: &Node, root: &Node) -> Vec<Requirement> {
    let security = operation.get("security").or(root.get("security"));
    let alternatives = security.and_then(Node::as_list).unwrap_or_default();
    let one = |it: &Node| {
        let schemes = it.as_map().into_iter().flatten();
        let schemes = schemes.map(|(name, scopes)| {
            let scopes = scopes.as_list().unwrap_or_default().iter();
            let scopes = scopes.filter_map(|it| it.as_text().map(str::to_owned));
            (name.clone(), scopes.collect())
        });
        schemes.collect()
    };
    alternatives.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::name;

    #[rstest]
    #[case("acme-client", "acme")]
    #[case("Acme & Söhne", "acme-s-hne")]
    #[case("tegata_Acme2", "tegata-acme2")]
    #[case("client", "client")]
    #[case("", "api")]
    fn a_package_has_a_name_for_paths(#[case] package: &str, #[case] expected: &str) {
        assert_eq!(name(package), expected);
    }
}
