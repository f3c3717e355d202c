//! What we generate from, besides what progenitor reads itself.

use super::evidence::Evidence;
use super::facts::Fact;

/// One provider's API.
pub(crate) struct Api {
    pub(crate) servers: Vec<Server>,
    pub(crate) schemes: Vec<Scheme>,
    /// Constants of the schemes that hold where an operation names none.
    pub(crate) default_security: Vec<String>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) refusal: Refusal,
    pub(crate) lifetimes: Vec<Lifetime>,
    pub(crate) token_servers: Vec<TokenServer>,
    pub(crate) names: Vec<NamedSchema>,
    pub(crate) facts: Vec<Fact>,
}

impl Api {
    /// The scheme with that constant.
    pub(crate) fn scheme(&self, constant: &str) -> Option<&Scheme> {
        self.schemes
            .iter()
            .find(|scheme| scheme.constant == constant)
    }
}

/// A base URL.
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) constant: String,
    pub(crate) url: String,
    pub(crate) evidence: Vec<Evidence>,
}

/// A way to attach a credential.
pub(crate) struct Scheme {
    pub(crate) name: String,
    pub(crate) constant: String,
    pub(crate) placement: Placement,
    /// Why not to use it.
    pub(crate) deprecated: Option<String>,
    pub(crate) evidence: Vec<Evidence>,
}

/// Where a credential goes.
#[derive(PartialEq)]
pub(crate) enum Placement {
    /// A header of that lower-case name.
    Header(String),
    Bearer,
    Basic,
    /// A query parameter of that name.
    Query(String),
}

/// An operation.
pub(crate) struct Operation {
    /// As progenitor's hooks name it.
    pub(crate) id: String,
    pub(crate) constant: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) summary: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) server: String,
    /// Constants of the schemes, any one of which will do.
    pub(crate) security: Vec<String>,
    /// The query of an operation that only a browser calls.
    pub(crate) browser_query: Option<Vec<Argument>>,
    /// Its token answer, if it has one.
    pub(crate) token: Option<TokenAnswer>,
    pub(crate) evidence: Vec<Evidence>,
}

/// Which properties of an answer that issues a token hold what.
pub(crate) struct TokenAnswer {
    /// The status of success that the spec names.
    pub(crate) status: u16,
    pub(crate) access_token: String,
    pub(crate) token_type: Option<String>,
    pub(crate) expires_in: Option<String>,
    pub(crate) refresh_token: Option<String>,
    /// Further properties that are texts.
    pub(crate) texts: Vec<String>,
}

/// A query parameter of a browser-only operation.
pub(crate) struct Argument {
    pub(crate) name: String,
    pub(crate) field: String,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    pub(crate) description: Option<String>,
}

/// The kind of value that a caller gives for an argument.
pub(crate) enum Kind {
    /// No argument: the only possible value.
    Constant(String),
    Text,
    Integer,
    Flag,
}

/// Which answers mean that a credential is no longer good.
#[derive(Default)]
pub(crate) struct Refusal {
    pub(crate) statuses: Vec<u16>,
    pub(crate) body_codes: Vec<String>,
    pub(crate) transient_codes: Vec<String>,
    pub(crate) denied_codes: Vec<String>,
    pub(crate) evidence: Vec<Evidence>,
}

/// How long something stays good.
pub(crate) struct Lifetime {
    pub(crate) name: String,
    pub(crate) constant: String,
    pub(crate) seconds: u64,
    pub(crate) evidence: Vec<Evidence>,
}

/// A token endpoint of RFC 6749, with all that a client of it needs.
pub(crate) struct TokenServer {
    /// The function that describes it.
    pub(crate) function: String,
    /// The id and the constant of its operation.
    pub(crate) operation: String,
    pub(crate) constant: String,
    /// Where users log in, and where refresh tokens go if that is elsewhere.
    pub(crate) authorization: Option<Url>,
    pub(crate) refresh: Option<Url>,
    pub(crate) client_auth: ClientAuth,
    /// The name of a `RequestFormat`.
    pub(crate) format: &'static str,
    pub(crate) pkce: bool,
    /// Whether it takes refresh tokens too.
    pub(crate) refreshes: bool,
    pub(crate) extras: Vec<Extra>,
    /// The constant of the lifetime of a token that comes without one.
    pub(crate) lifetime: Option<String>,
    /// The constant of the scheme that takes its tokens.
    pub(crate) scheme: String,
    pub(crate) evidence: Vec<Evidence>,
}

/// Another URL of a token endpoint's server.
#[derive(PartialEq)]
pub(crate) enum Url {
    /// That of the operation with this constant, below the same base URL.
    Below(String),
    Whole(String),
}

/// How a client authenticates at a token endpoint.
pub(crate) enum ClientAuth {
    /// By HTTP Basic; no document says in which encoding.
    Basic,
    /// Among the parameters.
    Post,
    Public,
}

/// A parameter of a token request that is none of OAuth 2.0.
pub(crate) struct Extra {
    pub(crate) name: String,
    pub(crate) argument: String,
    /// The only value that it can have.
    pub(crate) only: Option<String>,
    pub(crate) is_required: bool,
}

/// A schema whose property names callers need at run time.
pub(crate) struct NamedSchema {
    pub(crate) schema: String,
    pub(crate) module: String,
    /// Constants and the names that they hold.
    pub(crate) properties: Vec<(String, String)>,
}
