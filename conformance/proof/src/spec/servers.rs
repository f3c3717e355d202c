//! Servers: the hosts that citations speak of, and the prefixes that fixtures have.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Differences;
use super::said::Said;
use super::tree::{View, items, members};
use tegata_suite::Server;

pub(super) fn check(said: &Said, view: &View<'_>, all: &mut Differences) {
    let tokens = Server::of_tokens(said.provider).name();
    let calls = Server::of_calls(said.provider).name();
    let root = items(&view.spec["servers"]);
    let of_paths = members(&view.spec["paths"]).values();
    let of_paths = of_paths.flat_map(|item| items(&item["servers"]));
    let mut defaults: BTreeMap<&str, &Value> = BTreeMap::new();
    for server in root.iter().chain(of_paths) {
        let place = format!(
            "servers.{}",
            server["x-tegata-name"].as_str().unwrap_or("?")
        );
        let host = host(server);
        all.add_if(
            host.is_empty() || !said.words.contains(host),
            &place,
            format!("no citation speaks of the host `{host}`"),
        );
        all.add_if(
            url(server).contains('{'),
            &place,
            "a part of the URL is left open",
        );
        for (name, variable) in members(&server["variables"]) {
            let known = *defaults.entry(name).or_insert(&variable["default"]);
            all.add_if(
                known != &variable["default"],
                &place,
                format!("`{name}` is another one"),
            );
        }
    }
    let default = root.first().map(|server| &server["x-tegata-name"]);
    all.add_if(
        default.is_none_or(|name| name != calls),
        "servers",
        format!("calls go to `{calls}`"),
    );
    for server in root {
        // A further one is another address for the same calls.
        let name = server["x-tegata-name"].as_str();
        let alike = name.is_some_and(|name| name.starts_with(calls));
        all.add_if(
            !alike,
            "servers",
            "a further server is called something else",
        );
    }
    for operation in &view.operations {
        // What takes no token is there to get one.
        let own = &operation.node["security"];
        let wanted = if own.is_array() { tokens } else { calls };
        all.add_if(
            operation.server["x-tegata-name"] != wanted,
            &format!("paths.{}.servers", operation.path),
            format!("`{}` goes to `{wanted}`", operation.id),
        );
    }
    prefixes(said, view, root, all);
}

fn prefixes(said: &Said, view: &View<'_>, root: &[Value], all: &mut Differences) {
    // Every address that a citation speaks of is one of a server.
    for word in said.words.split([' ', ',', ';', '\n']) {
        let known = view
            .operations
            .iter()
            .map(|operation| operation.server)
            .chain(root);
        let mut known = known.filter_map(|server| server["url"].as_str());
        let wrong = word.starts_with("https://")
            && !known.any(|url| word.starts_with(url.trim_end_matches("/v1")));
        all.add_if(wrong, "servers", format!("a citation speaks of {word}"));
    }
    for server in root {
        let prefix = prefix(server);
        let below = said
            .requests
            .iter()
            .filter(|request| request.operation.is_none());
        let mut below = below.map(|request| request.seen.path());
        let used = prefix.is_empty() || below.any(|path| path.starts_with(prefix));
        all.add_if(
            !used,
            "servers",
            format!("no fixture has the prefix `{prefix}`"),
        );
    }
    for operation in &view.operations {
        let prefix = prefix(operation.server);
        if prefix.is_empty() {
            continue;
        }
        // Below one prefix are the operations of one server.
        let named = &operation.server["x-tegata-name"];
        let siblings = view
            .operations
            .iter()
            .filter(|one| &one.server["x-tegata-name"] == named);
        let whole = siblings.flat_map(|sibling| {
            let path = format!("{prefix}{}", sibling.path);
            said.requests
                .iter()
                .filter(move |request| request.seen.path() == path)
        });
        all.add_if(
            whole.count() == 0,
            &format!("paths.{}.servers", operation.path),
            format!("no fixture has the prefix `{prefix}`"),
        );
    }
}

/// The prefix between the host and the path of an operation.
pub(super) fn prefix(server: &Value) -> &str {
    let rest = server["url"].as_str().and_then(|url| url.split_once("://"));
    let rest = rest.map_or("", |(_, rest)| rest);
    rest.find('/').map_or("", |at| &rest[at..])
}

/// The host, without a part that depends on the account.
fn host(server: &Value) -> &str {
    let rest = server["url"]
        .as_str()
        .and_then(|url| url.strip_prefix("https://"));
    let rest = rest.map_or("", |rest| rest.split('/').next().unwrap_or(rest));
    match rest.split_once("}.") {
        Some((account, host)) if account.starts_with('{') => host,
        _ => rest,
    }
}

/// The URL with its variables filled in.
pub(super) fn url(server: &Value) -> String {
    let mut url = server["url"].as_str().unwrap_or_default().to_owned();
    for (name, variable) in members(&server["variables"]) {
        let value = variable["default"].as_str().unwrap_or_default();
        url = url.replace(&format!("{{{name}}}"), value);
    }
    url
}
