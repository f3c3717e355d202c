//! Where a provider lives, and where its credentials may go.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use crate::{Error, ErrorKind};

/// The URL below which a provider's paths lie, with or without a slash at its end.
///
/// It is `https`, or `http` to this very machine (`localhost`, 127.0.0.0/8, `::1`), since a credential
/// would otherwise travel in the clear. It holds neither user name, query nor fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    origin: Origin,
}

/// Scheme, host and port of a URL.
#[derive(Clone, PartialEq, Eq)]
pub struct Origin(url::Origin);

impl BaseUrl {
    /// Reads a base URL.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] if it is no absolute URL, is neither `https` nor loopback, or holds
    /// a user name, query or fragment.
    pub fn parse(text: &str) -> Result<Self, Error> {
        // The text itself is not repeated: a password may stand in it.
        let bad = |why: &'static str| Err(Error::configuration(format!("bad base URL: {why}")));
        let Ok(url) = Url::parse(text.trim()) else {
            return bad("it must be absolute, such as https://api.example.com");
        };
        if !url.username().is_empty() || url.password().is_some() {
            return bad("it must not hold a user name or password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return bad("it must not hold a query or fragment");
        }
        if !may_carry_credentials(&url) {
            return bad("it must be https, or http to localhost, since credentials travel to it");
        }
        let origin = Origin::of(&url);
        let path: Vec<_> = url
            .path()
            .split('/')
            .filter(|segment| !segment.is_empty())
            .collect();
        let text = if path.is_empty() {
            origin.0.ascii_serialization()
        } else {
            format!("{}/{}", origin.0.ascii_serialization(), path.join("/"))
        };
        Ok(Self { text, origin })
    }

    /// The URL, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its origin.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The same URL without this last path segment, if that is how it ends.
    #[must_use]
    pub fn without_suffix(&self, segment: &str) -> Self {
        let (root, path) = self
            .text
            .split_at(self.origin.0.ascii_serialization().len());
        let path = path.strip_suffix(&format!("/{segment}")).unwrap_or(path);
        Self {
            text: format!("{root}{path}"),
            origin: self.origin.clone(),
        }
    }

    /// The URL of a path below it; a query may follow the path. Slashes between the two are neither
    /// doubled nor lost.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] if it is a URL of its own, and [`ErrorKind::OutOfScope`] if it
    /// would leave the base URL's origin.
    pub fn join(&self, path: &str) -> Result<Url, Error> {
        if Url::parse(path).is_ok() {
            return Err(Error::configuration(
                "a path below the base URL is wanted, not an absolute URL: build the request with \
                 reqwest and hand it to `send`",
            ));
        }
        let joined = format!("{}/{}", self.text, path.trim_start_matches('/'));
        match Url::parse(&joined) {
            Ok(url) if Origin::of(&url) == self.origin => Ok(url),
            Ok(_) => Err(Error::new(
                ErrorKind::OutOfScope,
                "the path leaves the base URL",
            )),
            Err(_) => Err(Error::configuration(
                "the path makes no valid URL with the base URL",
            )),
        }
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::str::FromStr for BaseUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl Origin {
    pub(crate) fn of(url: &Url) -> Self {
        Self(url.origin())
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.ascii_serialization())
    }
}

/// Whether a credential may travel to this URL: over TLS, or without leaving the machine.
pub(crate) fn may_carry_credentials(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Domain(name))) => {
            let name = name.trim_end_matches('.');
            // RFC 6761, section 6.3: these names never leave the machine.
            name == "localhost" || name.ends_with(".localhost")
        }
        ("http", Some(Host::Ipv4(ip))) => IpAddr::V4(ip).is_loopback(),
        ("http", Some(Host::Ipv6(ip))) => IpAddr::V6(ip).is_loopback(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("https://api.example.com", "https://api.example.com")]
    #[case("https://api.example.com/", "https://api.example.com")]
    #[case("https://api.example.com//v1//", "https://api.example.com/v1")]
    #[case(" https://api.example.com:8443/a ", "https://api.example.com:8443/a")]
    #[case("http://127.0.0.1:9/x", "http://127.0.0.1:9/x")]
    #[case("http://[::1]:9", "http://[::1]:9")]
    #[case("http://localhost:9", "http://localhost:9")]
    fn good_base_urls_are_read_and_normalised(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(BaseUrl::parse(text).expect(text).as_str(), expected);
    }

    #[rstest]
    #[case("api.example.com")]
    #[case("")]
    #[case("/v1")]
    #[case("http://api.example.com")]
    #[case("http://localhost.example.com")]
    #[case("http://10.0.0.1")]
    #[case("ftp://localhost")]
    #[case("https://user:CANARY@api.example.com")]
    #[case("https://api.example.com?key=CANARY")]
    #[case("https://api.example.com#CANARY")]
    fn bad_base_urls_are_refused_without_being_repeated(#[case] text: &str) {
        let error = BaseUrl::parse(text).expect_err(text);
        assert!(error.is_configuration(), "{error:?}");
        assert!(
            !format!("{error} {error:?}").contains("CANARY"),
            "{error:?}"
        );
    }

    #[rstest]
    #[case("https://h/base", "/a/b", "https://h/base/a/b")]
    #[case("https://h/base/", "a/b", "https://h/base/a/b")]
    #[case("https://h", "//evil.example/x", "https://h/evil.example/x")]
    #[case("https://h", "/a?x=1", "https://h/a?x=1")]
    #[case("https://h", "", "https://h/")]
    fn a_path_is_joined_with_one_slash(
        #[case] base: &str,
        #[case] path: &str,
        #[case] expected: &str,
    ) {
        let base = BaseUrl::parse(base).expect(base);
        assert_eq!(base.join(path).expect(path).as_str(), expected);
    }

    #[test]
    fn an_absolute_url_is_no_path() {
        let base = BaseUrl::parse("https://h").expect("valid");
        let error = base.join("https://evil.example/x").expect_err("absolute");
        assert!(error.is_configuration(), "{error:?}");
    }

    #[rstest]
    #[case("https://h/rest", "https://h")]
    #[case("https://h/a/rest/", "https://h/a")]
    #[case("https://h/interest", "https://h/interest")]
    #[case("https://rest", "https://rest")]
    fn a_suffix_is_removed_as_a_whole_segment(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(
            BaseUrl::parse(text)
                .expect(text)
                .without_suffix("rest")
                .as_str(),
            expected
        );
    }
}
