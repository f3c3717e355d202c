//! The id of an organization.

use std::fmt;
use std::str::FromStr;

use tegata::Error;
use tegata::provider::ErrorExt as _;
use url::Url;

/// The number of an organization.
///
/// It is read from the number itself, or from the URL that the browser shows on the project list, which
/// holds it as `organization_id`:
///
/// ```
/// use tegata_jooto::OrganizationId;
///
/// let id: OrganizationId = "https://app.jooto.com/boards?organization_id=123".parse()?;
/// assert_eq!(id, OrganizationId::from(123));
/// # Ok::<_, tegata_jooto::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganizationId(i64);

impl OrganizationId {
    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl From<i64> for OrganizationId {
    fn from(id: i64) -> Self {
        Self(id)
    }
}

impl fmt::Display for OrganizationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for OrganizationId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let number = match Url::parse(text) {
            Err(_) => text.to_owned(),
            Ok(url) => {
                let mut ids = url
                    .query_pairs()
                    .filter(|(key, _)| key == "organization_id");
                match (ids.next(), ids.next()) {
                    (Some((_, id)), None) => id.into_owned(),
                    _ => String::new(),
                }
            }
        };
        match number.parse() {
            Ok(id) if id > 0 && number.bytes().all(|b| b.is_ascii_digit()) => Ok(Self(id)),
            _ => Err(Error::configuration(
                "no organization id: give its number, or the URL of the project list, which ends in \
                 organization_id= and the number",
            )),
        }
    }
}

#[cfg(test)]
mod tests;
