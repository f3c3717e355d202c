//! The types of a provider's generated tables.
//!
//! `cargo xtask gen` reads `securitySchemes`, `security` and the `x-tegata-*` extensions of a spec and
//! emits values of these types, so that no header name stands in hand-written code.

/// Where a credential travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Placement {
    /// As the value of the header of this name (lower case).
    Header(&'static str),
    /// `Authorization: Bearer …` (RFC 6750, section 2.1).
    Bearer,
    /// `Authorization: Basic …` (RFC 7617).
    Basic,
    /// As the query parameter of this name (RFC 6750, section 2.3: not recommended).
    Query(&'static str),
}

impl Placement {
    /// The header that this placement fills, if it fills one.
    pub const fn header(self) -> Option<&'static str> {
        match self {
            Self::Header(name) => Some(name),
            Self::Bearer | Self::Basic => Some("authorization"),
            Self::Query(_) => None,
        }
    }
}

/// A security scheme of a spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scheme {
    /// Its key under `components.securitySchemes`.
    pub name: &'static str,
    /// Where its credential travels.
    pub placement: Placement,
}

/// An operation of a spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its `operationId`.
    pub id: &'static str,
    /// Its HTTP method, upper case.
    pub method: &'static str,
    /// Its path below the server's URL, with `{parameters}`.
    pub path: &'static str,
    /// The schemes of which exactly one authenticates it; none if it carries no credential.
    pub security: &'static [Scheme],
    /// The members of its answer, if that is a token.
    pub token: Option<TokenAnswer<'static>>,
}

/// Which members of an answer that issues a token hold what.
///
/// Such an answer is read leniently, since the refresh token in it may be the only good one there is: see
/// [`generated::execute`](crate::provider::generated::execute).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenAnswer<'a> {
    /// The status of success that the spec names. Any other 2xx counts as this one.
    pub status: u16,
    /// The member with the access token.
    pub access_token: &'a str,
    /// The member with the type of the access token, where that decides how the token is used. A missing one
    /// means `Bearer`.
    pub token_type: Option<&'a str>,
    /// The member with the lifetime of the access token, in seconds.
    pub expires_in: Option<&'a str>,
    /// The member with the refresh token.
    pub refresh_token: Option<&'a str>,
    /// Further members that are read as text.
    pub texts: &'a [&'a str],
}

/// How a provider says that a credential is no longer good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// These HTTP statuses.
    pub statuses: &'static [u16],
    /// These codes in the top-level `errors` of a successful JSON answer.
    pub body_codes: &'static [&'static str],
    /// Codes in the same place after which the same request may be sent again later.
    pub transient_codes: &'static [&'static str],
    /// Codes, besides those of RFC 6749, by which the token endpoint refuses the client.
    pub denied_codes: &'static [&'static str],
}

/// All facts about a provider that this crate needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its name, as the file in `specs/` is called.
    pub name: &'static str,
    /// All its security schemes.
    pub schemes: &'static [Scheme],
    /// The schemes for requests that are in no spec.
    pub default_security: &'static [Scheme],
    /// All its operations.
    pub operations: &'static [Operation],
    /// How it refuses a credential.
    pub refusal: Refusal,
}

impl Provider {
    /// The operation of this id.
    pub fn operation(&self, id: &str) -> Option<&'static Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placement_names_the_header_that_it_fills() {
        assert_eq!(Placement::Header("x-key").header(), Some("x-key"));
        assert_eq!(Placement::Bearer.header(), Some("authorization"));
        assert_eq!(Placement::Basic.header(), Some("authorization"));
        assert_eq!(Placement::Query("key").header(), None);
    }
}
