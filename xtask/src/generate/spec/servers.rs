//! Base URLs, each under a name.

use super::super::document::Document;
use super::super::findings::Findings;
use super::super::names::{constant, fits, snake};
use super::super::node::Node;
use super::api::Server;
use super::cited::Cited;
use super::evidence;
use super::walk::{Site, sites};

const NAME: &str = "x-tegata-name";

/// All servers of a document, each once.
pub(super) fn all(document: &Document, cited: &Cited, findings: &mut Findings<'_>) -> Vec<Server> {
    let root = document.root();
    let mut levels = vec![root.clone()];
    levels.extend(root.members_of("paths").into_iter().map(|(_, item)| item));
    levels.extend(sites(document).into_iter().map(|site| site.node));
    let mut servers: Vec<Server> = Vec::new();
    for (index, level) in levels.iter().enumerate() {
        let here = level.items_of("servers");
        if index > 0 && here.len() > 1 {
            findings.at(
                level,
                "more than one server below the top of the document",
                "keep one here; a further one may stand under the top `servers`",
            );
        }
        for node in here {
            let Some(server) = read(&node, cited, findings) else {
                continue;
            };
            match servers.iter().find(|other| other.name == server.name) {
                None => servers.push(server),
                Some(other) if other.url == server.url && index > 0 => {}
                Some(other) => findings.at(
                    &node,
                    format!("the server `{}` is already {}", server.name, other.url),
                    "give each server a name of its own, and the same server the same URL",
                ),
            }
        }
    }
    servers
}

/// The name of the server that an operation is called on.
pub(super) fn of_operation(
    document: &Document,
    site: &Site<'_>,
    findings: &mut Findings<'_>,
) -> Option<String> {
    let root = document.root();
    let server = [&site.node, &site.item, &root]
        .into_iter()
        .find_map(|level| level.items_of("servers").into_iter().next());
    let Some(server) = server else {
        findings.at(
            &site.node,
            "no server to call this operation on",
            "name one under the top `servers`, or under those of the path",
        );
        return None;
    };
    server.text_of(NAME).map(str::to_owned)
}

fn read(node: &Node<'_>, cited: &Cited, findings: &mut Findings<'_>) -> Option<Server> {
    let url = node.text_of("url")?.to_owned();
    check_url(node, &url, findings);
    let evidence = evidence::own(node, cited, findings);
    let Some(name) = node.text_of(NAME) else {
        findings.at(
            node,
            format!("the server has no name: `{NAME}` is missing"),
            "name it by what it serves, such as services, auth, api, oauth, identity or rest",
        );
        return None;
    };
    if snake(name) != name || !fits(name) {
        findings.at(
            node,
            format!("`{name}` is no name of a server"),
            "use small letters, digits and `_`",
        );
        return None;
    }
    Some(Server {
        name: name.to_owned(),
        constant: format!("SERVER_{}", constant(name)),
        url,
        evidence,
    })
}

fn check_url(node: &Node<'_>, url: &str, findings: &mut Findings<'_>) {
    let mut refuse = |what: String, fix: &str| findings.at(node, what, fix);
    if !url.starts_with("https://") {
        refuse(
            format!("`{url}` is no https URL"),
            "write the URL in full: credentials are sent to it",
        );
    }
    if url.ends_with('/') {
        refuse(
            format!("`{url}` ends with a slash"),
            "remove it: every path starts with one",
        );
    }
    for variable in url
        .split('{')
        .skip(1)
        .filter_map(|part| part.split('}').next())
    {
        if node.at(&["variables", variable]).is_none() {
            refuse(
                format!("the variable `{variable}` of the URL is not described"),
                "describe it under `variables`",
            );
        }
    }
    for (variable, _) in node.members_of("variables") {
        if !url.contains(&format!("{{{variable}}}")) {
            refuse(
                format!("the URL has no variable `{variable}`"),
                "put it into the URL between braces, or remove it",
            );
        }
    }
}
