//! The providers and their servers: data, one file each, `providers/<name>.toml`.

mod facts;
mod known;
mod lint;
mod server;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use facts::Difference;
pub(crate) use known::Known;
pub use server::Server;

use facts::Facts;

/// A provider. Two are the same if they have the same name.
#[derive(Clone, Copy)]
pub struct Provider(&'static Facts);

/// A name that is no provider's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownProvider(String);

impl Provider {
    /// Those that were embedded when the crate was built, by name; none if their files are wrong, which
    /// [`Suite::embedded`](crate::case::Suite::embedded) reports.
    pub fn all() -> &'static [Self] {
        known::embedded()
    }

    /// The one of a name among these, such as [`Suite::providers`](crate::case::Suite::providers).
    ///
    /// # Errors
    ///
    /// If none of them has it: the error names them all.
    pub fn named(name: &str, among: &[Self]) -> Result<Self, UnknownProvider> {
        let found = among.iter().copied().find(|one| one.name() == name);
        found.ok_or_else(|| {
            let names: Vec<&str> = among.iter().map(|one| one.name()).collect();
            let names = names.join(", ");
            UnknownProvider(format!("`{name}` is no provider; it is one of {names}"))
        })
    }

    /// The name used in ids, folders and the spec's file name.
    pub fn name(self) -> &'static str {
        &self.0.name
    }

    /// The name as its vendor writes it.
    pub fn title(self) -> &'static str {
        &self.0.title
    }

    /// The title where there is little room.
    pub fn short(self) -> &'static str {
        &self.0.short
    }

    /// Its part of the names of environment variables.
    pub fn environment(self) -> &'static str {
        &self.0.environment
    }

    /// How the ids of its citations begin; those of witnesses after `W-`.
    pub fn citations(self) -> &'static str {
        &self.0.citations
    }

    /// The headers that carry an API key, in lower case.
    pub fn key_headers(self) -> &'static [String] {
        &self.0.key_headers
    }

    /// The headers that carry a token besides `authorization`, in lower case.
    pub fn token_headers(self) -> &'static [String] {
        &self.0.token_headers
    }

    /// All headers that carry a credential besides `authorization`, in lower case.
    pub fn credential_headers(self) -> impl Iterator<Item = &'static str> {
        let all = self.key_headers().iter().chain(self.token_headers());
        all.map(String::as_str)
    }

    /// Whether a client is registered with a redirect URI.
    pub fn has_redirect_uri(self) -> bool {
        self.0.redirect_uri
    }

    /// Whether a token request to this path is one of the conventional method.
    pub fn is_legacy(self, path: &str) -> bool {
        let marks = self.0.legacy_paths.as_deref();
        marks.is_some_and(|part| path.contains(part))
    }

    /// How the hosts that customers are given end.
    pub fn customer_hosts(self) -> Option<&'static str> {
        self.0.customer_hosts.as_deref()
    }

    /// Paths of fixtures that are only examples: in reality each account has its own.
    pub fn example_paths(self) -> &'static [String] {
        &self.0.example_paths
    }

    /// Secrets that its documents print as examples.
    pub fn example_values(self) -> &'static [String] {
        &self.0.example_values
    }

    /// The emulator's configuration of this provider, as TOML with the names of the fixtures' values.
    pub fn emulator(self) -> Option<&'static str> {
        self.0.emulator.as_deref()
    }

    /// The intended differences of its spec from cases and fixtures.
    pub fn differences(self) -> &'static [Difference] {
        &self.0.difference
    }

    /// Its servers, in the order of the file.
    pub fn servers(self) -> impl ExactSizeIterator<Item = Server> {
        (0..self.0.server.len()).map(move |index| Server::at(self, index))
    }
}

/// Whether a header, its name in lower case, carries a credential at any of these providers: a client may send a
/// header of another one.
pub fn is_credential_header(providers: &[Provider], name: &str) -> bool {
    let mut of_them = providers.iter().flat_map(|one| one.credential_headers());
    name == "authorization" || of_them.any(|known| known == name)
}

/// Words as alternatives in a sentence: "a, b or c".
pub fn one_of<W: AsRef<str>>(words: impl IntoIterator<Item = W>) -> String {
    let words: Vec<W> = words.into_iter().collect();
    let mut text = String::new();
    for (index, word) in words.iter().enumerate() {
        let separator = match words.len() - index {
            _ if index == 0 => "",
            1 => " or ",
            _ => ", ",
        };
        text.extend([separator, word.as_ref()]);
    }
    text
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Provider({})", self.name())
    }
}

impl PartialEq for Provider {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Provider {}

impl PartialOrd for Provider {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Provider {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name().cmp(other.name())
    }
}

impl Hash for Provider {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl FromStr for Provider {
    type Err = UnknownProvider;

    fn from_str(name: &str) -> Result<Self, UnknownProvider> {
        Self::named(name, Self::all())
    }
}

impl fmt::Display for UnknownProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UnknownProvider {}

impl Serialize for Provider {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Provider {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known = Self::all().iter().find(|one| one.name() == name);
        let unknown = || serde::de::Error::unknown_variant(&name, known::names());
        known.copied().ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_written_and_read_by_its_name() {
        let names = r#"["fujitsu-aispf","jooto","marketo"]"#;
        let three: Vec<Provider> = serde_json::from_str(names).unwrap();
        assert_eq!(serde_json::to_string(&three).unwrap(), names);
        assert!(three.iter().all(|one| Provider::all().contains(one)));
        assert!(Provider::all().is_sorted());
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_ones() {
        let known: Vec<&str> = Provider::all().iter().map(|one| one.name()).collect();
        let error = "toy".parse::<Provider>().unwrap_err().to_string();
        let expected = format!("`toy` is no provider; it is one of {}", known.join(", "));
        assert_eq!(error, expected);
        let error = serde_json::from_str::<Provider>("\"toy\"").unwrap_err();
        let known = known.join("`, `");
        let expected = format!("unknown variant `toy`, expected one of `{known}`");
        assert!(error.to_string().starts_with(&expected), "{error}");
    }

    #[test]
    fn alternatives_end_with_or() {
        assert_eq!(one_of(["a", "b", "c"]), "a, b or c");
        assert_eq!(one_of(["a", "b"]), "a or b");
        assert_eq!(one_of(["a"]), "a");
        assert_eq!(one_of([""; 0]), "");
    }

    #[test]
    fn only_aispf_has_a_conventional_method() {
        let legacy = |name: &str| name.parse::<Provider>().unwrap().is_legacy("/v1/tokens");
        assert!(legacy("fujitsu-aispf"));
        assert!(!legacy("jooto") && !legacy("marketo"));
    }
}
