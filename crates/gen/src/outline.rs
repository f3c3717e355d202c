//! What the code of a crate is called, for programs that write a test, an example or a guide around it.

/// The names in the code of one crate, and what they stand for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// The URL of the document's server; none if `Client::builder` takes it as its argument.
    pub base_url: Option<String>,
    /// The schemes whose credentials can be attached.
    pub schemes: Vec<OutlinedScheme>,
    /// What a request carries that no operation makes, as [`OutlinedOperation::security`].
    pub default_security: Vec<Vec<usize>>,
    /// The operations with a method.
    pub operations: Vec<OutlinedOperation>,
}

/// A security scheme, and the methods of the builder for it.
#[derive(Clone, Debug, PartialEq)]
pub struct OutlinedScheme {
    /// Its name in the document.
    pub name: String,
    /// Where its credential travels.
    pub place: CredentialPlace,
    /// The text before the credential, where an overlay says so.
    pub prefix: Option<String>,
    /// The method that takes its key, its user and password, or its renewed tokens.
    pub method: String,
    /// The method that takes a token which is not renewed, if its credential is an access token.
    pub access_token: Option<String>,
    /// Its authorization servers.
    pub servers: Vec<OutlinedServer>,
}

/// Where a credential travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialPlace {
    /// In the header of this name, in small letters.
    Header(String),
    /// In `Authorization`, by the scheme `Bearer`.
    Bearer,
    /// In `Authorization`, by the scheme `Basic`.
    Basic,
    /// In the query parameter of this name.
    Query(String),
    /// In the cookie of this name.
    Cookie(String),
}

/// A function that describes an authorization server.
#[derive(Clone, Debug, PartialEq)]
pub struct OutlinedServer {
    /// Its name in `api::security`.
    pub function: String,
    /// Its flows, as OpenAPI calls them.
    pub flows: Vec<&'static str>,
    /// The token endpoint, as the document has it.
    pub token_url: String,
    /// Where users log in, or a device authorization starts, as the document has it.
    pub start_url: Option<String>,
    /// Whether the function takes a base URL, because those of the document are relative.
    pub takes_base_url: bool,
    /// Whether the function takes how the client authenticates, because nothing says it.
    pub takes_client_auth: bool,
    /// Whether its clients have no secret.
    pub is_public: bool,
}

/// An operation, and its method.
#[derive(Clone, Debug, PartialEq)]
pub struct OutlinedOperation {
    /// The name of the method.
    pub method_name: String,
    /// The HTTP method, upper case.
    pub method: String,
    /// The path of its requests, with parameters in braces.
    pub path: String,
    /// Whether it is on the document's own server, and so among those of `Client::api`.
    pub is_of_api: bool,
    /// What it takes: all schemes of one of these lists, by their place in [`Outline::schemes`].
    pub security: Vec<Vec<usize>>,
    /// For each argument of the method whether it can be left out, as `None`.
    pub arguments: Vec<bool>,
}
