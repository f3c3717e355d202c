//! Where the metadata of an authorization server lies, and whose it has to be.

use url::Url;

use crate::Error;

const FOLDER: &str = "/.well-known/";

/// The metadata that is asked for.
pub(super) struct Asked {
    /// Where it may be, the likeliest first.
    pub(super) urls: Vec<Url>,
    /// Whose it is, if that follows from the URL.
    pub(super) issuer: Option<Issuers>,
}

/// The issuers whose metadata may lie at a URL.
pub(super) enum Issuers {
    /// The one that was named.
    Exactly(String),
    /// The one that the URL of the metadata was made of, with or without a slash at its end: RFC 8414, section 3, and
    /// `OpenID` Connect Discovery, section 4.1, take it off.
    WithOrWithoutSlash(String),
}

impl Issuers {
    pub(super) fn have(&self, issuer: &str) -> bool {
        match self {
            Self::Exactly(expected) => issuer == expected,
            Self::WithOrWithoutSlash(expected) => {
                issuer.strip_suffix('/').unwrap_or(issuer) == expected
            }
        }
    }
}

impl Asked {
    /// Of an issuer identifier, or the URL of the metadata. Both as it was written, which an issuer is compared by.
    pub(super) fn of(text: &str, url: &Url) -> Result<Self, Error> {
        let end = text.find('?').unwrap_or(text.len());
        let Some((before, after)) = text[..end].split_once(FOLDER) else {
            if url.query().is_some() {
                return Err(Error::configuration(
                    "bad issuer: it must not hold a query (RFC 8414, section 2): give it without, or the metadata's URL",
                ));
            }
            return Ok(Self {
                urls: of_issuer(url),
                issuer: Some(Issuers::Exactly(text.to_owned())),
            });
        };
        let behind = after.split_once('/').map_or("", |(_, behind)| behind);
        let behind = behind.trim_end_matches('/');
        let is_at_root = before.matches('/').count() <= 2;
        // OpenID Connect appends to the path of the issuer, RFC 8414 stands before it.
        let issuer = match (is_at_root, behind) {
            (_, "") => Some(before.to_owned()),
            (true, path) => Some(format!("{before}/{path}")),
            (false, _) => None,
        };
        let mut urls = vec![url.clone()];
        if url.query().is_none()
            && let Some(issuer) = issuer.as_deref().and_then(|it| Url::parse(it).ok())
        {
            urls.extend(of_issuer(&issuer).into_iter().filter(|it| it != url));
        }
        Ok(Self {
            urls,
            issuer: issuer.map(Issuers::WithOrWithoutSlash),
        })
    }
}

/// All places that have come into use for one issuer.
fn of_issuer(issuer: &Url) -> Vec<Url> {
    let path = issuer.path().trim_end_matches('/');
    let inserted = |name: &str| format!("{FOLDER}{name}{path}");
    let mut paths = vec![
        // RFC 8414, section 3.
        inserted("oauth-authorization-server"),
        // The same for what OpenID Connect has (RFC 8414, section 5).
        inserted("openid-configuration"),
    ];
    if !path.is_empty() {
        // OpenID Connect Discovery, section 4.
        paths.push(format!("{path}{FOLDER}openid-configuration"));
    }
    let at = |path: &String| {
        let mut url = issuer.clone();
        url.set_path(path);
        url
    };
    paths.iter().map(at).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn asked(text: &str) -> Asked {
        Asked::of(text, &Url::parse(text).expect(text)).expect(text)
    }

    const OAUTH: &str = "https://h/.well-known/oauth-authorization-server";
    const OPENID: &str = "https://h/.well-known/openid-configuration";

    #[rstest]
    #[case::issuer("https://h", &[OAUTH, OPENID])]
    #[case::slash("https://h/", &[OAUTH, OPENID])]
    #[case::path("https://h/a/b", &[
        "https://h/.well-known/oauth-authorization-server/a/b",
        "https://h/.well-known/openid-configuration/a/b",
        "https://h/a/b/.well-known/openid-configuration",
    ])]
    #[case::openid(OPENID, &[OPENID, OAUTH])]
    #[case::appended("https://h/a/.well-known/openid-configuration", &[
        "https://h/a/.well-known/openid-configuration",
        "https://h/.well-known/oauth-authorization-server/a",
        "https://h/.well-known/openid-configuration/a",
    ])]
    #[case::inserted("https://h/.well-known/oauth-authorization-server/a", &[
        "https://h/.well-known/oauth-authorization-server/a",
        "https://h/.well-known/openid-configuration/a",
        "https://h/a/.well-known/openid-configuration",
    ])]
    #[case::query("https://h/a/.well-known/openid-configuration?p=x", &[
        "https://h/a/.well-known/openid-configuration?p=x",
    ])]
    #[case::both_sides("https://h/a/.well-known/openid-configuration/b", &[
        "https://h/a/.well-known/openid-configuration/b",
    ])]
    fn metadata_is_looked_for_where_standards_put_it(#[case] text: &str, #[case] urls: &[&str]) {
        let found: Vec<_> = asked(text).urls.into_iter().map(String::from).collect();
        assert_eq!(found, urls);
    }

    #[rstest]
    #[case::exact("https://h/a", "https://h/a", true)]
    #[case::slash("https://h/a", "https://h/a/", false)]
    #[case::no_slash("https://h/", "https://h", false)]
    #[case::letters("https://h/a", "https://h/A", false)]
    #[case::port("https://h", "https://h:443", false)]
    #[case::of_url(OPENID, "https://h", true)]
    #[case::of_url_with_slash(OPENID, "https://h/", true)]
    #[case::of_url_with_two(OPENID, "https://h//", false)]
    #[case::another(OPENID, "https://h.evil.example", false)]
    #[case::below(OPENID, "https://h/a", false)]
    #[case::appended("https://h/a/.well-known/openid-configuration", "https://h/a", true)]
    #[case::appended_root("https://h/a/.well-known/openid-configuration", "https://h", false)]
    #[case::inserted(
        "https://h/.well-known/oauth-authorization-server/a",
        "https://h/a/",
        true
    )]
    #[case::inserted_root(
        "https://h/.well-known/oauth-authorization-server/a",
        "https://h",
        false
    )]
    #[case::query(
        "https://h/a/.well-known/openid-configuration?p=/x",
        "https://h/a",
        true
    )]
    fn an_issuer_is_compared_letter_by_letter(
        #[case] asked_for: &str,
        #[case] issuer: &str,
        #[case] expected: bool,
    ) {
        let issuers = asked(asked_for).issuer.expect("it follows from the URL");
        assert_eq!(issuers.have(issuer), expected);
    }

    #[test]
    fn an_issuer_cannot_follow_from_paths_on_both_sides() {
        let asked = asked("https://h/a/.well-known/openid-configuration/b");
        assert!(asked.issuer.is_none());
    }

    #[test]
    fn an_issuer_has_no_query() {
        let text = "https://h/a?CANARY";
        let asked = Asked::of(text, &Url::parse(text).expect(text));
        let error = asked.err().expect("a query");
        assert!(!format!("{error} {error:?}").contains("CANARY"), "{error}");
    }
}
