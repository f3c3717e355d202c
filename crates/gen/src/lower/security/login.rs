//! How an OAuth 2.0 scheme gets its tokens.

use crate::Error;
use crate::keys;
use crate::lower::text;
use crate::node::Node;
use crate::read::Files;

use super::extensions::{self, Answer};

/// An authorization server, as the document and its overlay describe it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Login {
    /// The flows that this library has. There is one at least, or there is metadata.
    pub(crate) flows: Vec<Flow>,
    /// Where the server's own description of itself is.
    pub(crate) metadata: Option<Metadata>,
    /// The names of flows that it does not have.
    pub(crate) refused: Vec<String>,
    /// What no document says: how the client authenticates at the token endpoint.
    pub(crate) client_auth: Option<ClientAuth>,
    /// `JSON`, or a query, in place of a form: the name of a `RequestFormat`.
    pub(crate) format: Option<&'static str>,
    pub(crate) pkce: bool,
    pub(crate) scope_separator: Option<String>,
    /// Further parameters: the name of a `Step`, name and value.
    pub(crate) parameters: Vec<(&'static str, String, String)>,
    pub(crate) answer: Option<Answer>,
    /// Seconds for which a token is good whose answer does not say it.
    pub(crate) lifetime: Option<u64>,
}

/// A flow with its URLs, which may be relative.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Flow {
    pub(crate) grant: Grant,
    pub(crate) token_url: String,
    pub(crate) refresh_url: Option<String>,
    /// Where users log in, or a device authorization starts.
    pub(crate) start_url: Option<String>,
    pub(crate) scopes: Vec<(String, String)>,
}

/// Where a server describes itself (RFC 8414, `OpenID` Connect Discovery).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Metadata {
    /// Absolute or relative, as the document has it.
    pub(crate) url: String,
    /// The flows that the document names.
    pub(crate) grants: Vec<Grant>,
    pub(crate) scopes: Vec<(String, String)>,
}

/// The grants of RFC 6749 and RFC 8628 that this library has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    AuthorizationCode,
    ClientCredentials,
    DeviceCode,
}

/// A way to authenticate at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientAuth {
    BasicForm,
    BasicRaw,
    Post,
    Public,
}

impl Flow {
    /// Its URLs.
    pub(crate) fn urls(&self) -> impl Iterator<Item = &str> {
        let others = [&self.refresh_url, &self.start_url];
        let others = others.into_iter().flatten().map(String::as_str);
        std::iter::once(self.token_url.as_str()).chain(others)
    }
}

/// The login of a scheme; none if it is not OAuth 2.0, or has no flow with what is needed.
pub(super) fn login(files: &Files, scheme: &Node) -> Result<Option<Login>, Error> {
    let url = match scheme.text_of("type") {
        Some("oauth2") => "oauth2MetadataUrl",
        Some("openIdConnect") => "openIdConnectUrl",
        _ => return Ok(None),
    };
    let (mut flows, mut refused) = (Vec::new(), Vec::new());
    for (name, node) in scheme.members_of("flows") {
        match flow(name, node) {
            Some(flow) => flows.push(flow),
            None => refused.push(name.clone()),
        }
    }
    let metadata = text(scheme, url).map(|url| metadata(url, scheme));
    if metadata.is_some() {
        refused.retain(|name| grant(name).is_none());
    } else if flows.is_empty() {
        return Ok(None);
    }
    Ok(Some(Login {
        flows,
        metadata,
        refused,
        client_auth: extensions::client_auth(files, scheme)?,
        format: extensions::format(files, scheme)?,
        pkce: extensions::pkce(files, scheme)?,
        scope_separator: extensions::text(files, scheme, &keys::SCOPE_SEPARATOR)?,
        parameters: extensions::parameters(files, scheme)?,
        answer: extensions::answer(files, scheme)?,
        lifetime: extensions::seconds(files, scheme, &keys::LIFETIME)?,
    }))
}

fn metadata(url: String, scheme: &Node) -> Metadata {
    let named = || scheme.members_of("flows");
    let known = named().filter_map(|(name, _)| grant(name));
    let of_all = named().filter(|(name, _)| grant(name).is_some());
    Metadata {
        url,
        grants: known.map(|(grant, _)| grant).collect(),
        scopes: of_all.flat_map(|(_, flow)| scopes(flow)).collect(),
    }
}

/// A flow of this name, and the member with the URL at which it starts.
fn grant(name: &str) -> Option<(Grant, Option<&'static str>)> {
    match name {
        "authorizationCode" => Some((Grant::AuthorizationCode, Some("authorizationUrl"))),
        "clientCredentials" => Some((Grant::ClientCredentials, None)),
        "deviceAuthorization" => Some((Grant::DeviceCode, Some("deviceAuthorizationUrl"))),
        _ => None,
    }
}

fn flow(name: &str, node: &Node) -> Option<Flow> {
    let (grant, start) = grant(name)?;
    let start_url = match start {
        Some(key) => Some(text(node, key)?),
        None => None,
    };
    Some(Flow {
        grant,
        token_url: text(node, "tokenUrl")?,
        refresh_url: text(node, "refreshUrl"),
        start_url,
        scopes: scopes(node).collect(),
    })
}

fn scopes(flow: &Node) -> impl Iterator<Item = (String, String)> {
    let scopes = flow.members_of("scopes");
    scopes.map(|(name, it)| (name.clone(), it.scalar_text().unwrap_or_default()))
}
