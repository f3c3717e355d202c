//! Where each document's API and authorization servers are. Joined documents have one base URL, so what is relative to the
//! server of one has to be said in full: a client must send no secret to the server of another.

use url::Url;

use super::servers::split;
use crate::Error;
use crate::node::{Node, Value};
use crate::read::Files;

/// The URLs of a scheme and of its flows.
const URLS: [&str; 6] = [
    "authorizationUrl",
    "deviceAuthorizationUrl",
    "oauth2MetadataUrl",
    "openIdConnectUrl",
    "refreshUrl",
    "tokenUrl",
];

/// Makes the URLs of all schemes absolute, each by the server of its document.
///
/// # Errors
/// If a document has no server and another has one, or a URL is relative to a server that is known only to the program.
pub(super) fn complete(files: &Files, trees: &mut [(u32, Node)]) -> Result<(), Error> {
    let urls: Vec<Option<String>> = trees.iter().map(|(_, it)| server(it)).collect();
    if let Some((index, _)) = (urls.iter().enumerate()).find(|(_, url)| url.is_none())
        && urls.iter().any(Option::is_some)
    {
        let what = "this document names no server, and others that it is joined with do";
        let fix = "add `servers` by an overlay that `extends` it";
        return Err(Error::new(what, fix).placed(files.show(trees[index].1.place)));
    }
    let host = |url: &Option<String>| split(url.as_deref().unwrap_or_default()).0.to_owned();
    let is_one_host = urls.iter().all(|it| host(it) == host(&urls[0]));
    for ((_, tree), url) in trees.iter_mut().zip(&urls) {
        let Some(schemes) = tree
            .as_map_mut()
            .and_then(|it| it.get_mut("components")?.as_map_mut())
            .and_then(|it| it.get_mut("securitySchemes"))
        else {
            continue;
        };
        let mut wrong = None;
        each_url(schemes, &mut |node| {
            let Value::Text(text) = &mut node.value else {
                return;
            };
            match absolute(text, url.as_deref().unwrap_or_default(), is_one_host) {
                Some(url) => *text = url,
                None => drop(wrong.get_or_insert(node.place)),
            }
        });
        if let Some(place) = wrong {
            let what = "this URL is relative to a server with variables, and other documents are on other servers";
            let fix = "make it absolute by an overlay that `extends` the document";
            return Err(Error::new(what, fix).placed(files.show(place)));
        }
    }
    Ok(())
}

/// The servers of a document, if there are any.
pub(super) fn servers(tree: &Node) -> Option<&Node> {
    let servers = tree.get("servers");
    servers.filter(|it| !it.as_list().is_none_or(<[_]>::is_empty))
}

fn server(tree: &Node) -> Option<String> {
    let first = servers(tree)?.as_list()?.first()?;
    first.text_of("url").map(str::to_owned)
}

fn each_url(node: &mut Node, change: &mut impl FnMut(&mut Node)) {
    for (key, it) in node.as_map_mut().into_iter().flatten() {
        if URLS.contains(&key.as_str()) {
            change(it);
        } else {
            each_url(it, change);
        }
    }
}

/// The URL as seen from the server of its document: in full, or from the root of the one host that all documents have.
fn absolute(text: &str, server: &str, is_one_host: bool) -> Option<String> {
    if Url::parse(text).is_ok() || text.contains("://") {
        return Some(text.to_owned());
    }
    let (host, path) = split(server);
    let base = if host.is_empty() || host.contains('{') {
        is_one_host.then_some("https://host.invalid")?
    } else {
        host
    };
    let url = Url::parse(&format!("{base}{path}")).ok()?;
    let url = url.join(text).ok()?.to_string();
    let from_root = url.strip_prefix("https://host.invalid");
    Some(from_root.map_or(url.clone(), str::to_owned))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("/token", "https://b/v1", false, Some("https://b/token"))]
    #[case("token", "https://b/v1/", false, Some("https://b/v1/token"))]
    #[case("https://id/token", "https://b/v1", false, Some("https://id/token"))]
    #[case("token", "/identity/", true, Some("/identity/token"))]
    #[case("/token", "https://{h}/v1", true, Some("/token"))]
    #[case("/token", "https://{h}/v1", false, None)]
    #[case("/token", "", false, None)]
    fn a_url_is_seen_from_its_own_server(
        #[case] text: &str,
        #[case] server: &str,
        #[case] is_one_host: bool,
        #[case] expected: Option<&str>,
    ) {
        assert_eq!(absolute(text, server, is_one_host).as_deref(), expected);
    }
}
