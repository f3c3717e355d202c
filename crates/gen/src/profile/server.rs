//! The paths of servers and of their endpoints.

use std::fmt::Write as _;

use crate::node::Node;

/// The path of the first server of a document, path or operation, with the defaults of its variables.
pub(super) fn path(node: &Node) -> Option<String> {
    let server = node.items_of("servers").first()?;
    let mut url = server.text_of("url")?.to_owned();
    for (name, variable) in server.members_of("variables") {
        let default = variable.get("default").and_then(Node::scalar_text);
        if let Some(default) = default {
            url = url.replace(&format!("{{{name}}}"), &default);
        }
    }
    Some(sent(path_of(&url).trim_end_matches('/')))
}

/// The path of a URL; an empty one if it has none.
fn path_of(url: &str) -> &str {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let after_host = match url.split_once("//") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => url,
    };
    if after_host.starts_with('/') || after_host.is_empty() {
        after_host
    } else {
        ""
    }
}

/// A path as clients send it: what is no part of URLs is percent-encoded, parameters stay.
pub(super) fn sent(path: &str) -> String {
    let mut sent = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_graphic() && !b"\"<>^`".contains(&byte) {
            sent.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(sent, "%{byte:02X}");
        }
    }
    sent
}

/// The path of an endpoint whose URL may be relative to that of the API (RFC 3986, section 5.2).
pub(super) fn endpoint(url: &str, base: &str) -> String {
    let url = url.trim();
    let plain = url.split(['?', '#']).next().unwrap_or_default();
    let path = if plain.contains("//") || plain.starts_with('/') {
        path_of(plain).to_owned()
    } else {
        let folder = base.rfind('/').map_or("", |at| &base[..at]);
        format!("{folder}/{plain}")
    };
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            other => kept.push(other),
        }
    }
    sent(&format!("/{}", kept.join("/")))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{endpoint, path_of, sent};

    #[test]
    fn a_path_is_encoded_but_for_its_parameters() {
        assert_eq!(sent("/café au/{id}:x%20"), "/caf%C3%A9%20au/{id}:x%20");
    }

    #[rstest]
    #[case("https://h.example/v1/token?a=b", "/v1", "/v1/token")]
    #[case("//login.example/token", "/v1", "/token")]
    #[case("/oauth/token", "/v1", "/oauth/token")]
    #[case("token", "/v1", "/token")]
    #[case("token", "/a/v1", "/a/token")]
    #[case("../token", "/a/b/v1", "/a/token")]
    #[case("https://h.example", "/v1", "/")]
    fn an_endpoint_has_a_path(#[case] url: &str, #[case] base: &str, #[case] expected: &str) {
        assert_eq!(endpoint(url, base), expected);
    }

    #[rstest]
    #[case("https://h.example/v1", "/v1")]
    #[case("https://h.example", "")]
    #[case("/v1", "/v1")]
    #[case("v1", "")]
    fn a_server_has_a_path(#[case] url: &str, #[case] expected: &str) {
        assert_eq!(path_of(url), expected);
    }
}
