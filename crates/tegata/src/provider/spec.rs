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
    /// As the cookie of this name (RFC 6265, section 4.2).
    Cookie(&'static str),
    /// There, with this text before it: `Prefixed(&("SSWS ", Placement::Header("authorization")))`.
    Prefixed(&'static (&'static str, Self)),
    /// The credentials of all these schemes in one request. Without any, the request needs none.
    All(&'static [Scheme]),
}

impl Placement {
    /// The header that this placement fills, if it fills one.
    pub const fn header(self) -> Option<&'static str> {
        match self {
            Self::Header(name) => Some(name),
            Self::Bearer | Self::Basic => Some("authorization"),
            Self::Prefixed((_, place)) => place.header(),
            Self::Query(_) | Self::Cookie(_) | Self::All(_) => None,
        }
    }

    /// What is filled, and its name: two credentials of one place exclude each other.
    pub(crate) fn place(self) -> (&'static str, &'static str) {
        match self {
            Self::Query(name) => ("query", name),
            Self::Cookie(name) => ("cookie", name),
            Self::Prefixed((_, place)) => place.place(),
            Self::Header(_) | Self::Bearer | Self::Basic | Self::All(_) => {
                ("header", self.header().unwrap_or_default())
            }
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

/// A scheme that is named after its place, for an API without generated tables.
impl From<Placement> for Scheme {
    fn from(placement: Placement) -> Self {
        let (_, name) = placement.place();
        Self { name, placement }
    }
}

impl Scheme {
    /// The schemes whose credentials are sent: itself, unless it is several.
    pub(crate) fn parts(&self) -> &[Self] {
        match self.placement {
            Placement::All(parts) => parts,
            _ => std::slice::from_ref(self),
        }
    }
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

impl TokenAnswer<'static> {
    /// The members of RFC 6749, section 5.1.
    pub const RFC6749: Self = Self {
        status: 200,
        access_token: "access_token",
        token_type: Some("token_type"),
        expires_in: Some("expires_in"),
        refresh_token: Some("refresh_token"),
        texts: &[],
    };
}

/// How a provider says that a credential is no longer good. By default: with the status 401.
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

impl Refusal {
    /// With these HTTP statuses, and with no codes but those of RFC 6749.
    pub const fn statuses(statuses: &'static [u16]) -> Self {
        Self {
            statuses,
            body_codes: &[],
            transient_codes: &[],
            denied_codes: &[],
        }
    }
}

impl Default for Refusal {
    fn default() -> Self {
        Self::statuses(&[401])
    }
}

/// All facts about a provider that this crate needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its name, as the file in `specs/` is called.
    pub name: &'static str,
    /// All its security schemes.
    pub schemes: &'static [Scheme],
    /// The schemes of which one authenticates a request that is in no spec. Without any, no credential is sent.
    pub default_security: &'static [Scheme],
    /// All its operations.
    pub operations: &'static [Operation],
    /// How it refuses a credential.
    pub refusal: Refusal,
}

impl Provider {
    /// One of which nothing else is known.
    pub(crate) const fn by_hand(name: &'static str, refusal: Refusal) -> Self {
        Self {
            name,
            schemes: &[],
            default_security: &[],
            operations: &[],
            refusal,
        }
    }

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
        let prefixed = Placement::Prefixed(&("Token ", Placement::Header("authorization")));
        assert_eq!(prefixed.header(), Some("authorization"));
        for none in [Placement::Cookie("key"), Placement::All(&[])] {
            assert_eq!(none.header(), None);
        }
    }
}
