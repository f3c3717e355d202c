//! The form of a provider's file, `providers/<name>.toml`. `conformance/docs/authoring-cases.md` describes the keys.

use serde::Deserialize;

/// The facts about a provider that the suite and its runner need.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Facts {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) short: String,
    /// It counts only where it is asked for.
    #[serde(default)]
    pub(super) draft: bool,
    pub(super) environment: String,
    pub(super) citations: String,
    #[serde(default)]
    pub(super) key_headers: Vec<String>,
    #[serde(default)]
    pub(super) token_headers: Vec<String>,
    #[serde(default)]
    pub(super) redirect_uri: bool,
    pub(super) legacy_paths: Option<String>,
    pub(super) customer_hosts: Option<String>,
    #[serde(default)]
    pub(super) example_paths: Vec<String>,
    #[serde(default)]
    pub(super) example_values: Vec<String>,
    pub(super) emulator: Option<String>,
    pub(super) server: Vec<ServerFacts>,
    #[serde(default)]
    pub(super) difference: Vec<Difference>,
}

/// One of its servers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServerFacts {
    pub(super) name: String,
    #[serde(default)]
    pub(super) issues_tokens: bool,
    pub(super) login: Option<String>,
    pub(super) paths: Option<Paths>,
    #[serde(default)]
    pub(super) printed: String,
    #[serde(default = "origin")]
    pub(super) given: String,
    #[serde(default)]
    pub(super) usual: Vec<String>,
}

/// Which paths belong to a server.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Paths {
    /// Those that begin with this.
    Begin(String),
    /// Those that end with this.
    End(String),
}

/// Something in which the spec is meant to differ from cases and fixtures.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// The place in the spec.
    pub place: String,
    /// How the problem that is found there begins.
    pub problem: String,
    /// Why it is meant.
    pub reason: String,
}

impl Paths {
    pub(super) fn hold(&self, path: &str) -> bool {
        match self {
            Self::Begin(text) => path.starts_with(text),
            Self::End(text) => path.ends_with(text),
        }
    }
}

fn origin() -> String {
    "${origin}".to_owned()
}
