//! Documents on one host: what their URLs have in common is the server, and the rest is in front of each path.

use std::collections::HashMap;

use super::operations::Document;
use crate::node::{Node, Value};

/// Gives documents of one host one server.
pub(super) fn fold(documents: &mut [Document]) {
    let urls: Vec<Option<String>> = documents.iter().map(url).collect();
    let mut common: HashMap<&str, Vec<&str>> = HashMap::new();
    for url in urls.iter().flatten() {
        let (host, path) = split(url);
        let path: Vec<&str> = path.split('/').skip(1).collect();
        match common.get_mut(host) {
            None => drop(common.insert(host, path)),
            Some(there) => {
                let same = there
                    .iter()
                    .zip(&path)
                    .take_while(|(one, other)| one == other);
                let length = same.count();
                there.truncate(length);
            }
        }
    }
    for (document, url) in documents.iter_mut().zip(&urls) {
        let Some(url) = url else { continue };
        let (host, path) = split(url);
        let start = common[host]
            .iter()
            .fold(String::new(), |it, part| it + "/" + part);
        path[start.len()..].clone_into(&mut document.prefix);
        set_url(document, format!("{host}{start}"));
    }
}

fn url(document: &Document) -> Option<String> {
    let server = document.servers.as_ref()?.as_list()?.first()?;
    Some(server.text_of("url")?.trim_end_matches('/').to_owned())
}

/// Everything before the path, and the path.
pub(super) fn split(url: &str) -> (&str, &str) {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find('/').map_or(url.len(), |at| start + at);
    url.split_at(end)
}

/// One server only: the first is the one that counts.
fn set_url(document: &mut Document, url: String) {
    let Some(servers) = &mut document.servers else {
        return;
    };
    if let Value::List(list) = &mut servers.value {
        list.truncate(1);
        if let Some(server) = list.first_mut().and_then(Node::as_map_mut)
            && let Some(there) = server.get_mut("url")
        {
            there.value = Value::Text(url);
            server.retain(|key, _| matches!(key.as_str(), "url" | "variables"));
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(&["https://a.b/x/v1", "https://a.b/x/v2"], "https://a.b/x", &["/v1", "/v2"])]
    #[case(&["https://a.b", "https://a.b/v2/"], "https://a.b", &["", "/v2"])]
    #[case(&["/identity", "/rest"], "", &["/identity", "/rest"])]
    #[case(&["https://a.b/ab", "https://a.b/a"], "https://a.b", &["/ab", "/a"])]
    #[case(&["https://{h}/x", "https://{h}/x"], "https://{h}/x", &["", ""])]
    fn the_common_part_of_urls_is_the_server(
        #[case] urls: &[&str],
        #[case] server: &str,
        #[case] prefixes: &[&str],
    ) {
        let document = |url: &&str| {
            let text = format!("[{{url: '{url}', description: one}}, {{url: other}}]");
            let servers = crate::read::read(&text, 0, &mut Vec::new()).expect("YAML");
            Document {
                servers: Some(servers),
                ..Document::default()
            }
        };
        let mut documents: Vec<Document> = urls.iter().map(document).collect();
        fold(&mut documents);
        for (it, prefix) in documents.iter().zip(prefixes) {
            assert_eq!(
                (url(it).as_deref(), it.prefix.as_str()),
                (Some(server), *prefix)
            );
        }
    }
}
