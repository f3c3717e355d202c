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
mod tests;
