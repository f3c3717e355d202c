//! How an OAuth 2.0 scheme gets its tokens.

use crate::Error;
use crate::lower::text;
use crate::node::Node;
use crate::read::Files;

use super::extensions::{self, Answer};

/// An authorization server, as the document and its overlay describe it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Login {
    /// The flows that this library has, of which there is at least one.
    pub(crate) flows: Vec<Flow>,
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
    if scheme.text_of("type") != Some("oauth2") {
        return Ok(None);
    }
    let (mut flows, mut refused) = (Vec::new(), Vec::new());
    for (name, node) in scheme.members_of("flows") {
        match flow(name, node) {
            Some(flow) => flows.push(flow),
            None => refused.push(name.clone()),
        }
    }
    if flows.is_empty() {
        return Ok(None);
    }
    Ok(Some(Login {
        flows,
        refused,
        client_auth: extensions::client_auth(files, scheme)?,
        format: extensions::format(files, scheme)?,
        pkce: extensions::pkce(files, scheme)?,
        scope_separator: extensions::text(files, scheme, "x-tegata-scope-separator")?,
        parameters: extensions::parameters(files, scheme)?,
        answer: extensions::answer(files, scheme)?,
        lifetime: extensions::seconds(files, scheme, "x-tegata-lifetime")?,
    }))
}

fn flow(name: &str, node: &Node) -> Option<Flow> {
    let (grant, start) = match name {
        "authorizationCode" => (Grant::AuthorizationCode, Some("authorizationUrl")),
        "clientCredentials" => (Grant::ClientCredentials, None),
        "deviceAuthorization" => (Grant::DeviceCode, Some("deviceAuthorizationUrl")),
        _ => return None,
    };
    let start_url = match start {
        Some(key) => Some(text(node, key)?),
        None => None,
    };
    let scopes = node.members_of("scopes");
    let scopes = scopes.map(|(name, it)| (name.clone(), it.scalar_text().unwrap_or_default()));
    Some(Flow {
        grant,
        token_url: text(node, "tokenUrl")?,
        refresh_url: text(node, "refreshUrl"),
        start_url,
        scopes: scopes.collect(),
    })
}
