//! The URLs of an instance.

use tegata::Error;
use tegata::provider::BaseUrl;
use tegata::provider::ErrorExt as _;

use crate::generated::security;

/// The URLs of an instance: its root, and its identity endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Instance {
    pub(crate) root: BaseUrl,
    pub(crate) identity: BaseUrl,
}

/// The path segments with which Marketo's administration shows the two URLs.
const REST: &str = "rest";
const IDENTITY: &str = "identity";

impl Instance {
    /// Of a Munchkin id such as `284-RPR-133`.
    pub(crate) fn of_munchkin_id(id: &str) -> Result<Self, Error> {
        let id = id.trim();
        let groups: Vec<_> = id.split('-').collect();
        let three =
            |group: &&str| group.len() == 3 && group.bytes().all(|b| b.is_ascii_alphanumeric());
        // The id becomes part of a host name, so anything else could lead the secret astray.
        if groups.len() != 3 || !groups.iter().all(three) {
            return Err(Error::configuration(
                "a Munchkin id has three groups of three letters or digits, such as 284-RPR-133",
            ));
        }
        let url = |template: &str| BaseUrl::parse(&template.replace("{munchkinId}", id));
        Ok(Self::new(
            url(security::SERVER_REST)?,
            url(security::SERVER_IDENTITY)?,
        ))
    }

    /// By default the identity URL is below the root; then the text is kept once.
    fn new(root: BaseUrl, identity: BaseUrl) -> Self {
        let above = identity.without_suffix(IDENTITY);
        Self {
            root: if above == root { above } else { root },
            identity,
        }
    }

    /// Of URLs as they are shown in the administration, with or without `/rest` and `/identity`.
    pub(crate) fn of_urls(base: Option<&str>, identity: Option<&str>) -> Result<Self, Error> {
        let root_of = |url: &str| {
            let url = BaseUrl::parse(url)?;
            Ok::<_, Error>(url.without_suffix(REST).without_suffix(IDENTITY))
        };
        let identity_of = |root: &BaseUrl| BaseUrl::parse(&format!("{root}/{IDENTITY}"));
        match (base, identity) {
            (Some(base), None) | (None, Some(base)) => {
                let root = root_of(base)?;
                let identity = identity_of(&root)?;
                Ok(Self::new(root, identity))
            }
            (Some(base), Some(identity)) => {
                let identity = identity_of(&root_of(identity)?)?;
                Ok(Self::new(root_of(base)?, identity))
            }
            (None, None) => Err(Error::configuration(
                "no Marketo instance is named: give munchkin_id, base_url or identity_url",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(instance: Result<Instance, Error>) -> (String, String) {
        let instance = instance.expect("a valid instance");
        (instance.root.to_string(), instance.identity.to_string())
    }

    #[test]
    fn a_munchkin_id_gives_both_urls() {
        let expected = (
            "https://284-rpr-133.mktorest.com",
            "https://284-rpr-133.mktorest.com/identity",
        );
        let (root, identity) = strings(Instance::of_munchkin_id(" 284-RPR-133 "));
        assert_eq!((root.as_str(), identity.as_str()), expected);
    }

    #[test]
    fn an_invalid_munchkin_id_is_refused() {
        for id in [
            "",
            "284-RPR",
            "284-RPR-13",
            "evil.com/-aa-bbb",
            "284-RPR-133-444",
            "28é-RPR-133",
        ] {
            Instance::of_munchkin_id(id).expect_err(id);
        }
    }

    #[test]
    fn urls_are_taken_with_and_without_their_last_segment() {
        for url in [
            "https://h",
            "https://h/",
            "https://h/rest",
            "https://h/identity/",
        ] {
            for (base, identity) in [(Some(url), None), (None, Some(url)), (Some(url), Some(url))] {
                let urls = strings(Instance::of_urls(base, identity));
                assert_eq!(
                    urls,
                    ("https://h".to_owned(), "https://h/identity".to_owned()),
                    "{url}"
                );
            }
        }
    }

    #[test]
    fn identity_may_live_elsewhere() {
        let urls = strings(Instance::of_urls(
            Some("https://a/rest"),
            Some("https://b/identity"),
        ));
        assert_eq!(
            urls,
            ("https://a".to_owned(), "https://b/identity".to_owned())
        );
    }

    #[test]
    fn the_segments_are_those_of_the_spec() {
        assert!(security::SERVER_IDENTITY.ends_with(&format!("/{IDENTITY}")));
        assert!(
            security::DESCRIBE_LEAD
                .path
                .starts_with(&format!("/{REST}/"))
        );
    }
}
