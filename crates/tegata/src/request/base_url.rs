//! The base URL of a provider, and the origin to which its credentials may go.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use crate::request::written;
use crate::{Error, ErrorKind};

/// The URL below which a provider's paths lie, with or without a slash at its end.
///
/// It is `https`, or `http` to this machine (`localhost`, 127.0.0.0/8, `::1`), since a credential would
/// otherwise travel in the clear. `http` to names below `localhost` is refused, since they may be resolved by
/// DNS. It holds neither user name, query nor fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    /// The length of the origin in it.
    origin: usize,
}

/// Scheme, host and port of a URL.
#[derive(Clone, PartialEq, Eq)]
pub struct Origin(String);

impl BaseUrl {
    /// Reads a base URL.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] if it is no absolute URL, is neither `https` nor loopback, or holds
    /// a user name, query or fragment, or `.` or `..` as a segment.
    pub fn parse(text: &str) -> Result<Self, Error> {
        // The text is not repeated, since it may hold a password.
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
        if written::has_dot_segment(text) {
            return bad("it must not hold `.` or `..` as a segment");
        }
        if !may_carry_credentials(&url) {
            return bad(
                "it must be https, or http to localhost, 127.0.0.1 or [::1], since credentials travel to it",
            );
        }
        let origin = Origin::of(&url);
        let path = url.path().split('/').filter(|segment| !segment.is_empty());
        let mut text = origin.0.clone();
        for segment in path {
            text.extend(["/", segment]);
        }
        Ok(Self {
            text,
            origin: origin.0.len(),
        })
    }

    /// The URL, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its origin.
    pub fn origin(&self) -> Origin {
        Origin(self.origin_str().to_owned())
    }

    fn origin_str(&self) -> &str {
        &self.text[..self.origin]
    }

    pub(crate) fn is_origin_of(&self, url: &Url) -> bool {
        Origin::of(url).0 == self.origin_str()
    }

    /// Fast path: compares text only. `false` means "unknown", not "another origin".
    ///
    /// A URL keeps its text normalised, and in that its authority ends at the first slash after it. So what
    /// comes before that slash here is the base URL's own, in which there is no user name; and the slash
    /// cannot be part of a longer host, port or user name.
    pub(crate) fn certainly_contains(&self, url: &Url) -> bool {
        let rest = url.as_str().strip_prefix(self.as_str());
        rest.is_some_and(|rest| rest.starts_with('/'))
    }

    /// The same URL without this last path segment, if that is how it ends.
    #[must_use]
    pub fn without_suffix(&self, segment: &str) -> Self {
        let (origin, path) = self.text.split_at(self.origin);
        let rest = path
            .strip_suffix(segment)
            .and_then(|path| path.strip_suffix('/'));
        Self {
            text: [origin, rest.unwrap_or(path)].concat(),
            origin: self.origin,
        }
    }

    /// The URL of a path below it, with or without a slash at its beginning; a query may follow the path.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] if it is an absolute URL, and [`ErrorKind::OutOfScope`] if it could lead to
    /// another resource than the one that is written: a segment that is empty, `.` or `..`, encoded or not, a
    /// backslash, a `#`, a control character, a blank at the end.
    pub fn join(&self, path: &str) -> Result<Url, Error> {
        if Url::parse(path).is_ok() {
            return Err(Error::configuration(
                "a path below the base URL is wanted, not an absolute URL: build the request with \
                 reqwest and hand it to `execute`",
            ));
        }
        written::check_written(path)?;
        let joined = format!("{self}/{}", path.trim_start_matches('/'));
        match Url::parse(&joined) {
            Ok(url) if self.is_origin_of(&url) => Ok(url),
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
        f.write_str(self.as_str())
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for BaseUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl Origin {
    /// In this form two origins are equal if their texts are. An opaque origin is "null", which no base URL
    /// has.
    fn of(url: &Url) -> Self {
        Self(url.origin().ascii_serialization())
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a credential may travel to this URL: over TLS, or without leaving the machine.
pub(crate) fn may_carry_credentials(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Domain(name))) => {
            // Our HTTP clients resolve these without a resolver. glibc asks DNS for names below localhost,
            // against RFC 6761, section 6.3.
            matches!(name, "localhost" | "localhost.")
        }
        ("http", Some(Host::Ipv4(ip))) => IpAddr::V4(ip).is_loopback(),
        ("http", Some(Host::Ipv6(ip))) => IpAddr::V6(ip).is_loopback(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("https://api.example.com", "https://api.example.com")]
    #[case("https://api.example.com/", "https://api.example.com")]
    #[case("https://api.example.com//v1//", "https://api.example.com/v1")]
    #[case(" https://api.example.com:8443/a ", "https://api.example.com:8443/a")]
    #[case("http://127.0.0.1:9/x", "http://127.0.0.1:9/x")]
    #[case("http://[::1]:9", "http://[::1]:9")]
    #[case("http://localhost:9", "http://localhost:9")]
    #[case("http://localhost.:9", "http://localhost.:9")]
    #[case("https://a.localhost", "https://a.localhost")]
    fn good_base_urls_are_read_and_normalised(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(BaseUrl::parse(text).expect(text).as_str(), expected);
    }

    #[rstest]
    #[case("api.example.com")]
    #[case("")]
    #[case("/v1")]
    #[case("http://api.example.com")]
    #[case("http://localhost.example.com")]
    #[case("http://a.localhost")]
    #[case("http://a.localhost.")]
    #[case("http://localhost..")]
    #[case("http://10.0.0.1")]
    #[case("ftp://localhost")]
    #[case("https://user:CANARY@api.example.com")]
    #[case("https://CANARY@api.example.com")]
    #[case("https://:CANARY@api.example.com")]
    #[case("https://api.example.com?key=CANARY")]
    #[case("https://api.example.com#CANARY")]
    #[case("https://api.example.com/CANARY/../v1")]
    #[case("https://api.example.com/CANARY/%2E%2e")]
    #[case("https://api.example.com\\CANARY\\..")]
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

    #[test]
    fn a_url_without_its_suffix_is_equal_to_one_that_was_read() {
        let longer = BaseUrl::parse("https://h/a/rest").expect("valid");
        let shorter = longer.without_suffix("rest");
        assert_eq!(shorter, BaseUrl::parse("https://h/a").expect("valid"));
        assert_ne!(shorter, longer);
        assert_eq!(format!("{shorter} {shorter:?}"), "https://h/a https://h/a");
        assert_eq!(shorter.join("x").expect("a path").as_str(), "https://h/a/x");
        let outside = Url::parse("https://h/ab").expect("a URL");
        assert!(!shorter.certainly_contains(&outside), "{outside}");
    }

    const BASES: [&str; 6] = [
        "https://h",
        "https://h/base",
        "https://h:8443/a/b",
        "http://127.0.0.1:9",
        "http://[::1]/x",
        "https://xn--bcher-kva.example",
    ];

    /// The conditions that the slow path checks.
    fn may_get_the_credential(base: &BaseUrl, url: &Url) -> bool {
        base.is_origin_of(url)
            && may_carry_credentials(url)
            && url.username().is_empty()
            && url.password().is_none()
    }

    #[rstest]
    #[case("https://h", "https://h/", true)]
    #[case("https://h", "https://h", true)]
    #[case("https://h", "HTTPS://H:443/x?y#z", true)]
    #[case("https://h", r"https:\\h\x", true)]
    #[case("https://h/base", "https://h/base/./x", true)]
    #[case("https://h/base", "https://h/base/../x", false)]
    #[case("https://h/base", "https://h/base/%2e%2e/x", false)]
    #[case("https://h/base", "https://h/baseless", false)]
    #[case("https://h", "https://h:8443/", false)]
    #[case("https://h", "https://h.evil.example/", false)]
    #[case("https://h", "https://h@evil.example/", false)]
    #[case("https://h", "https://h:443@evil.example/", false)]
    #[case("https://h", "https://u:p@h/", false)]
    // A backslash is a slash, so the host is h.
    #[case("https://h", r"https://h\@evil.example/", true)]
    #[case("https://h", "https://evil.example/https://h/", false)]
    #[case("https://h", "http://h/", false)]
    #[case("https://h", "blob:https://h/x", false)]
    #[case("http://127.0.0.1:9", "http://127.0.0.1:90/", false)]
    #[case("http://127.0.0.1:9", "http://2130706433:9/", true)]
    #[case("http://[::1]/x", "http://[0:0::1]/x/", true)]
    #[case("https://xn--bcher-kva.example", "https://b\u{fc}cher.example/", true)]
    fn a_prefix_is_distinguished_from_lookalikes(
        #[case] base: &str,
        #[case] url: &str,
        #[case] expected: bool,
    ) {
        let base = BaseUrl::parse(base).expect(base);
        let url = Url::parse(url).expect(url);
        assert_eq!(base.certainly_contains(&url), expected, "{url}");
        assert!(!expected || may_get_the_credential(&base, &url), "{url}");
    }

    /// Parts of URLs that have misled text comparisons before.
    #[rustfmt::skip]
    const BITS: &[&str] = &[
        "https://", "http://", "HTTPS:", "https:", "blob:", "h", "H", "127.0.0.1", "[::1]", "base", "/", "//",
        "\\", "@", ":", ":9", ":443", ":80", ":8443", "a", "b", "x", ".", "..", "%2e%2e", "%2F", "%40", "%5c",
        "?", "#", "\t", "\n", " ", "evil.example", "b\u{fc}cher.example", "xn--bcher-kva.example", "\u{ff0f}",
        "\u{3002}", "\u{ad}",
    ];

    fn bits() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(BITS), 0..8).prop_map(|bits| bits.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn nothing_has_the_prefix_that_must_not_get_the_credential(
            base in prop::sample::select(&BASES[..]),
            is_below in any::<bool>(),
            tail in bits(),
            changes in prop::collection::vec((0..6_u8, bits()), 0..3),
        ) {
            let base = BaseUrl::parse(base).expect(base);
            let text = if is_below { format!("{base}{tail}") } else { tail };
            let Ok(mut url) = Url::parse(&text) else { return Ok(()) };
            for (what, text) in changes {
                // A part that cannot be set leaves the URL unchanged.
                let _ = match what {
                    0 => url.set_username(&text),
                    1 => url.set_password(Some(&text)),
                    2 => url.set_host(Some(&text)).map_err(drop),
                    3 => url.set_scheme(&text),
                    4 => url.set_port(u16::try_from(text.len()).ok()),
                    _ => {
                        url.set_path(&text);
                        Ok(())
                    }
                };
            }
            prop_assert!(!base.certainly_contains(&url) || may_get_the_credential(&base, &url), "{url}");
        }
    }
}
