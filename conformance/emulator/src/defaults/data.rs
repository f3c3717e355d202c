//! The data files.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::Value;

/// One provider's file.
#[derive(Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    pub(super) answers: Vec<Entry>,
    pub(super) collections: Vec<Collection>,
    pub(super) computed: Vec<Computed>,
}

/// An answer that is made in code, listed with the others for its evidence.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Computed {
    pub(super) name: String,
    #[serde(default = "get")]
    pub(super) method: String,
    pub(super) path: String,
    pub(super) evidence: Evidence,
    pub(super) source: String,
    pub(super) note: Option<String>,
}

/// One fixed answer.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) name: String,
    #[serde(default = "get")]
    pub(super) method: String,
    pub(super) path: String,
    pub(super) evidence: Evidence,
    pub(super) source: String,
    pub(super) note: Option<String>,
    #[serde(default, deserialize_with = "status")]
    pub(super) status: StatusCode,
    #[serde(deserialize_with = "json")]
    pub(super) body: Value,
}

/// Items that are read page by page, and perhaps one by one.
#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Collection {
    pub(super) name: String,
    pub(super) path: String,
    /// The path of one item, with `*` in the place of its id.
    pub(super) item: Option<String>,
    /// Jooto: the member of the answer that holds the items.
    #[serde(default)]
    pub(super) member: String,
    pub(super) evidence: Evidence,
    pub(super) source: String,
    pub(super) note: Option<String>,
    /// How many items a page has at most, where the call does not say.
    #[serde(default)]
    pub(super) page_size: usize,
    /// Marketo: whether a call says by `filterType` and `filterValues` which items it wants.
    #[serde(default)]
    pub(super) needs_filter: bool,
    /// Marketo: whether there is always a next page, perhaps later, and `moreResult` says whether now.
    #[serde(default)]
    pub(super) is_stream: bool,
    /// Marketo: the members that are answered unless the call names others by `fields`.
    #[serde(default)]
    pub(super) fields: Vec<String>,
    /// Parameters that pick items, with the member that each is compared with.
    #[serde(default)]
    pub(super) select: BTreeMap<String, String>,
    /// The items are those of this collection.
    pub(super) items_of: Option<String>,
    #[serde(default, deserialize_with = "json")]
    pub(super) items: Vec<Value>,
}

/// How the form of an answer is known; the classes are those of the specs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Evidence {
    /// Stated in one of the four documents.
    Documented,
    /// Stated in another page or file of the vendor.
    Vendor,
    /// Seen by others.
    Reported,
    #[default]
    Assumed,
}

impl File {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut file: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        let items: BTreeMap<_, _> = file
            .collections
            .iter()
            .map(|collection| (collection.name.clone(), collection.items.clone()))
            .collect();
        for collection in &mut file.collections {
            if let Some(other) = &collection.items_of {
                let others = items
                    .get(other)
                    .ok_or_else(|| format!("no collection is named {other}"))?;
                collection.items.clone_from(others);
            }
        }
        Ok(file)
    }
}

impl Collection {
    /// The id in the path of one item.
    pub(super) fn id_in<'a>(&self, path: &'a str) -> Option<&'a str> {
        let (before, after) = self.item.as_deref()?.split_once('*')?;
        let id = path.strip_prefix(before)?.strip_suffix(after)?;
        (!id.is_empty() && !id.contains('/')).then_some(id)
    }
}

/// An item's member as it stands in a query.
pub(super) fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn get() -> String {
    "GET".to_owned()
}

fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<StatusCode, D::Error> {
    StatusCode::from_u16(u16::deserialize(deserializer)?).map_err(D::Error::custom)
}

fn json<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    let text = String::deserialize(deserializer)?;
    serde_json::from_str(&text).map_err(D::Error::custom)
}
