//! The servers of the providers and their base URLs.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use url::{Host, Url};

use crate::case::Provider;
use tegata_suite::Server;

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// The server.
    pub server: Server,
    url: Url,
    /// The prefix before the documents' paths.
    path: String,
}

/// Why a base URL cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseError(String);

impl fmt::Display for BaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BaseError {}

impl Base {
    /// The base URL of a server.
    ///
    /// # Errors
    ///
    /// If it is no absolute `http` or `https` URL, holds more than origin and path, or speaks
    /// plain `http` to another machine.
    pub fn new(server: Server, text: &str) -> Result<Self, BaseError> {
        let name = server.name();
        let wrong = |what: &str| {
            let fix = format!("write {name}=https://host/path");
            BaseError(format!("{name}: the base URL {what}; {fix}"))
        };
        let url = Url::parse(text).map_err(|error| wrong(&format!("is none ({error})")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("is neither http nor https"));
        }
        // Neither is shown: both may be secret.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("holds a user name or password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("has a query or fragment"));
        }
        let path = url.path().trim_end_matches('/');
        let path = path.strip_suffix(server.printed()).unwrap_or(path);
        let base = Self {
            server,
            path: path.to_owned(),
            url: url.clone(),
        };
        if url.scheme() == "http" && !base.is_loopback() {
            return Err(wrong(
                "would send credentials over plain http to another machine",
            ));
        }
        Ok(base)
    }

    /// A base URL that is written `SERVER=URL`, of a server of these providers.
    ///
    /// # Errors
    ///
    /// If it is written otherwise, none of them has such a server, or the URL cannot be used.
    pub fn read(text: &str, providers: &[Provider]) -> Result<Self, BaseError> {
        let (name, url) = text.split_once('=').ok_or_else(|| {
            let known: Vec<&str> = Server::of_all(providers).map(Server::name).collect();
            let known = known.join(", ");
            BaseError(format!(
                "a base URL is written SERVER=URL; SERVER is one of {known}"
            ))
        })?;
        let server = Server::named(name, providers);
        Self::new(server.map_err(|error| BaseError(error.to_string()))?, url)
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            // DNS may be asked for names below it.
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
            None => false,
        }
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The URL of a target of the documents.
    pub fn url_of(&self, target: &str) -> String {
        format!("{}{}{target}", self.origin(), self.path)
    }

    /// The documents' target of a URL at this server.
    pub fn target_of(&self, url: &Url) -> Option<String> {
        if url.origin() != self.url.origin() {
            return None;
        }
        let path = url.path().strip_prefix(self.path.as_str())?;
        if !path.starts_with('/') {
            return None;
        }
        // The documents' paths of this server begin with what is printed in its base URL.
        if self.server.is_below_printed() && !path.starts_with(self.server.printed()) {
            return None;
        }
        let query = url.query().map(|query| format!("?{query}"));
        Some(format!("{path}{}", query.unwrap_or_default()))
    }
}

/// Of the providers that were embedded when the crate was built.
impl FromStr for Base {
    type Err = BaseError;

    fn from_str(text: &str) -> Result<Self, BaseError> {
        Self::read(text, Provider::all())
    }
}

/// The base URLs of which no server has two.
///
/// # Errors
///
/// If a server has two.
pub fn bases(all: &[Base]) -> Result<Vec<Base>, BaseError> {
    for (index, base) in all.iter().enumerate() {
        if all[..index].iter().any(|other| other.server == base.server) {
            let name = base.server.name();
            return Err(BaseError(format!("{name} has two base URLs; give one")));
        }
    }
    let mut all = all.to_vec();
    // Servers may share an origin, and paths below what is printed are the more special ones.
    all.sort_by_key(|base| (!base.server.is_below_printed(), base.server));
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(base: &str, url: &str) -> Option<String> {
        let base: Base = base.parse().unwrap_or_else(|error| panic!("{error}"));
        base.target_of(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_url_and_its_target_go_both_ways() {
        let base: Base = "identity=https://x.example/identity/".parse().unwrap();
        assert_eq!(
            base.url_of("/identity/oauth/token"),
            "https://x.example/identity/oauth/token"
        );
        for (base, url, expected) in [
            (
                "auth=http://127.0.0.1:1/auth",
                "http://127.0.0.1:1/auth/v2/tokens",
                "/v2/tokens",
            ),
            (
                "rest=https://x.example/rest",
                "https://x.example/rest/v1/a?b=1",
                "/rest/v1/a?b=1",
            ),
            (
                "rest=https://x.example",
                "https://x.example/rest/v1/a",
                "/rest/v1/a",
            ),
            (
                "identity=https://x.example",
                "https://x.example/identity/o",
                "/identity/o",
            ),
        ] {
            assert_eq!(target(base, url).as_deref(), Some(expected), "{base}");
        }
    }

    #[test]
    fn a_url_elsewhere_has_no_target() {
        assert_eq!(
            target("auth=https://x.example/auth", "https://x.example/other/v2"),
            None
        );
        assert_eq!(
            target("auth=https://x.example/auth", "https://x.example/authority"),
            None
        );
        assert_eq!(
            target("auth=https://x.example", "https://y.example/v2/tokens"),
            None
        );
        assert_eq!(
            target("identity=https://x.example", "https://x.example/rest/v1"),
            None
        );
    }

    #[test]
    fn a_base_url_that_cannot_be_used_says_why_and_shows_no_secret() {
        for (text, part) in [
            ("auth", "written SERVER=URL"),
            ("nothing=https://x", "is one of auth, services"),
            ("auth=x", "is none"),
            ("auth=ftp://x", "neither http nor https"),
            ("auth=https://CANARY:CANARY@x/", "user name or password"),
            ("auth=https://x/?CANARY", "query or fragment"),
            ("auth=http://example.com", "over plain http"),
        ] {
            let error = text.parse::<Base>().unwrap_err().to_string();
            assert!(error.contains(part) && !error.contains("CANARY"), "{error}");
        }
    }

    #[test]
    fn identity_is_asked_first_and_no_server_twice() {
        let one = |text: &str| text.parse::<Base>().unwrap();
        let sorted = bases(&[one("rest=https://x"), one("identity=https://x")]).unwrap();
        assert_eq!(sorted[0].server.name(), "identity");
        let error = bases(&[one("rest=https://x"), one("rest=https://y")]).unwrap_err();
        assert_eq!(error.to_string(), "rest has two base URLs; give one");
    }
}
