//! What calls answer where no rule does: example data of our own in the vendors' forms, from data files.

mod data;
mod pages;
mod tokens;

use std::sync::LazyLock;

use axum::http::StatusCode;
use serde_json::Value;

use crate::Provider;
use crate::call::Call;
use crate::rules::path_fits;

pub(crate) use data::Evidence;
use data::{Collection, File};
pub(crate) use tokens::beginning;

static FUJITSU_AISPF: LazyLock<File> =
    LazyLock::new(|| File::read(include_str!("fujitsu-aispf.toml")).unwrap_or_default());
static JOOTO: LazyLock<File> =
    LazyLock::new(|| File::read(include_str!("jooto.toml")).unwrap_or_default());
static MARKETO: LazyLock<File> =
    LazyLock::new(|| File::read(include_str!("marketo.toml")).unwrap_or_default());
/// The answers of an API stand in its profile.
static NONE: LazyLock<File> = LazyLock::new(File::default);

/// A default answer: what goes into the provider's envelope.
#[derive(Debug, PartialEq)]
pub(crate) struct Found {
    /// The name of the default, for the log.
    pub(crate) name: String,
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

/// A default as the list of all shows it.
pub(crate) struct Listed {
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) evidence: Evidence,
    pub(crate) source: &'static str,
    pub(crate) note: Option<&'static str>,
}

/// Why a call of a known kind cannot be answered, for the provider's own envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The paging token is none of ours, or of another call.
    PagingToken,
    /// The item is not there.
    NoSuchItem,
}

fn file(provider: Provider) -> &'static File {
    match provider {
        Provider::FujitsuAispf => &FUJITSU_AISPF,
        Provider::Jooto => &JOOTO,
        Provider::Marketo => &MARKETO,
        Provider::Api(_) => &NONE,
    }
}

/// The default answer to a call, if there is one.
pub(crate) fn find(provider: Provider, call: &Call) -> Option<Result<Found, Refused>> {
    let file = file(provider);
    if call.method == "GET" {
        for collection in &file.collections {
            if path_fits(&collection.path, &call.path) {
                return Some(list(provider, collection, call));
            }
            if let Some(id) = collection.id_in(&call.path) {
                return Some(item(provider, collection, id, call));
            }
        }
    }
    let mut entries = file.answers.iter();
    let fits = |method: &str, path: &str| method == call.method && path_fits(path, &call.path);
    let entry = entries.find(|entry| fits(&entry.method, &entry.path))?;
    Some(Ok(Found {
        name: name(provider, &entry.name),
        status: entry.status,
        body: entry.body.clone(),
    }))
}

/// The items of a collection, for answers that are not pages.
pub(crate) fn items(provider: Provider, name: &str) -> &'static [Value] {
    let collections = file(provider).collections.iter();
    let mut named = collections.filter(|collection| collection.name == name);
    named.next().map_or(&[], |collection| &collection.items)
}

/// Every default of a provider, in the order of its file.
pub(crate) fn all(provider: Provider) -> impl Iterator<Item = Listed> {
    let file = file(provider);
    let answers = file.answers.iter().map(|entry| Listed {
        name: &entry.name,
        method: &entry.method,
        path: &entry.path,
        evidence: entry.evidence,
        source: &entry.source,
        note: entry.note.as_deref(),
    });
    let collections = file.collections.iter().flat_map(|collection| {
        let paths = std::iter::once(&collection.path).chain(&collection.item);
        paths.map(|path| Listed {
            name: &collection.name,
            method: "GET",
            path,
            evidence: collection.evidence,
            source: &collection.source,
            note: collection.note.as_deref(),
        })
    });
    let computed = file.computed.iter().map(|one| Listed {
        name: &one.name,
        method: &one.method,
        path: &one.path,
        evidence: one.evidence,
        source: &one.source,
        note: one.note.as_deref(),
    });
    computed.chain(answers).chain(collections)
}

fn name(provider: Provider, name: &str) -> String {
    format!("default: {provider} {name}")
}

fn list(provider: Provider, collection: &Collection, call: &Call) -> Result<Found, Refused> {
    let body = match provider {
        Provider::Marketo => tokens::page(collection, call)?,
        _ => pages::page(collection, call),
    };
    Ok(Found {
        name: name(provider, &collection.name),
        status: StatusCode::OK,
        body,
    })
}

fn item(
    provider: Provider,
    collection: &Collection,
    id: &str,
    call: &Call,
) -> Result<Found, Refused> {
    let found = collection
        .items
        .iter()
        .find(|item| data::as_text(&item["id"]) == id);
    let body = match provider {
        Provider::Marketo => tokens::item(collection, found, call),
        _ => found.cloned().ok_or(Refused::NoSuchItem)?,
    };
    Ok(Found {
        name: name(provider, &collection.name),
        status: StatusCode::OK,
        body,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const TEXTS: [(Provider, &str); 3] = [
        (Provider::FujitsuAispf, include_str!("fujitsu-aispf.toml")),
        (Provider::Jooto, include_str!("jooto.toml")),
        (Provider::Marketo, include_str!("marketo.toml")),
    ];

    #[test]
    fn every_file_can_be_read_and_names_its_sources() {
        for (provider, text) in TEXTS {
            let file = File::read(text).unwrap_or_else(|error| panic!("{provider}: {error}"));
            assert!(!file.answers.is_empty(), "{provider}");
            for one in all(provider) {
                assert!(!one.source.trim().is_empty(), "{provider} {}", one.name);
            }
        }
    }

    #[test]
    fn every_default_is_answered_at_its_own_path() {
        for provider in Provider::ALL {
            let is_computed = |one: &Listed| {
                file(provider)
                    .computed
                    .iter()
                    .any(|computed| computed.name == one.name)
            };
            for one in all(provider).filter(|one| !is_computed(one)) {
                let call = Call {
                    method: one.method.to_owned(),
                    path: one.path.replace("**", "x").replace('*', "2"),
                    parameters: Vec::new(),
                };
                assert!(find(provider, &call).is_some(), "{provider} {}", one.path);
            }
        }
    }

    #[rstest]
    #[case("GET", "/v1/boards/101", Some(101))]
    #[case("GET", "/v1/boards/101/tasks/10002", Some(10002))]
    #[case("POST", "/v1/boards/101", None)]
    #[case("GET", "/v1/nowhere", None)]
    fn an_item_is_found_by_its_id(
        #[case] method: &str,
        #[case] path: &str,
        #[case] id: Option<u64>,
    ) {
        let call = Call {
            method: method.to_owned(),
            path: path.to_owned(),
            parameters: Vec::new(),
        };
        let found = find(Provider::Jooto, &call).map(|found| found.unwrap().body["id"].clone());
        assert_eq!(found, id.map(Value::from));
    }

    #[test]
    fn an_item_that_is_not_there_is_refused() {
        let call = Call {
            method: "GET".to_owned(),
            path: "/v1/boards/999".to_owned(),
            parameters: Vec::new(),
        };
        let found = find(Provider::Jooto, &call);
        assert_eq!(found, Some(Err(Refused::NoSuchItem)));
    }
}
