//! The authorization servers: those of several schemes that ask for tokens at one path are one.

use std::collections::BTreeMap;

use serde::Serialize;

use super::server::endpoint;
use crate::lower::{ClientAuth, Flow, Grant, Login, Lowered};

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Server {
    /// Whose tokens it issues.
    schemes: Vec<String>,
    grants: Vec<&'static str>,
    token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorize: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    /// Any, if the document does not say it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    client_auth: Vec<&'static str>,
    request: &'static str,
    pkce: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope_separator: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes: Vec<String>,
    /// Further parameters by their step.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    parameters: BTreeMap<String, BTreeMap<String, String>>,
    /// What members of answers are called; null for one that is left out.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    answer: BTreeMap<&'static str, Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lifetime: Option<u64>,
}

pub(super) fn servers(lowered: &Lowered, base: &str) -> Vec<Server> {
    let mut servers: Vec<Server> = Vec::new();
    for scheme in &lowered.schemes {
        let Some(login) = &scheme.login else { continue };
        for flow in &login.flows {
            let token = endpoint(&flow.token_url, base);
            let at = servers.iter().position(|it| it.token == token);
            let at = at.unwrap_or_else(|| {
                servers.push(described(token, login));
                servers.len() - 1
            });
            let server = &mut servers[at];
            add(&mut server.schemes, scheme.name.clone());
            if let Some(method) = login.client_auth {
                add(&mut server.client_auth, client_auth(method));
            }
            server.add(flow, base);
        }
    }
    // Requests to a path are for one server: for that whose token endpoint it is.
    let tokens: Vec<String> = servers.iter().map(|it| it.token.clone()).collect();
    for server in &mut servers {
        server.refresh = server.refresh.take().filter(|it| !tokens.contains(it));
    }
    servers
}

fn add<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

impl Server {
    fn add(&mut self, flow: &Flow, base: &str) {
        let path = |url: &Option<String>| url.as_deref().map(|url| endpoint(url, base));
        let refresh = path(&flow.refresh_url).filter(|it| *it != self.token);
        self.refresh = self.refresh.take().or(refresh);
        let start = path(&flow.start_url);
        let grant = match flow.grant {
            Grant::AuthorizationCode => {
                self.authorize = self.authorize.take().or(start);
                "authorization_code"
            }
            Grant::DeviceCode => {
                self.device = self.device.take().or(start);
                "device_code"
            }
            Grant::ClientCredentials => "client_credentials",
        };
        add(&mut self.grants, grant);
        for (scope, _) in &flow.scopes {
            add(&mut self.scopes, scope.clone());
        }
    }
}

fn described(token: String, login: &Login) -> Server {
    let mut parameters: BTreeMap<String, BTreeMap<_, _>> = BTreeMap::new();
    for (step, name, value) in &login.parameters {
        let of_step = parameters.entry(step.to_lowercase()).or_default();
        of_step.insert(name.clone(), value.clone());
    }
    let mut answer = BTreeMap::new();
    if let Some(it) = &login.answer {
        answer.insert("access-token", Some(it.access_token.clone()));
        answer.insert("token-type", Some(it.token_type.clone()));
        answer.insert("expires-in", Some(it.expires_in.clone()));
        answer.insert("refresh-token", Some(it.refresh_token.clone()));
    }
    let says_lifetime = login
        .answer
        .as_ref()
        .is_some_and(|it| it.expires_in != "expires_in");
    if login.lifetime.is_some() && !says_lifetime {
        answer.insert("expires-in", None);
    }
    Server {
        schemes: Vec::new(),
        grants: Vec::new(),
        token,
        refresh: None,
        authorize: None,
        device: None,
        client_auth: Vec::new(),
        request: match login.format {
            Some("Json") => "json",
            Some("PostQuery") => "post-query",
            Some("GetQuery") => "get-query",
            _ => "form",
        },
        pkce: if login.pkce { "optional" } else { "refused" },
        scope_separator: login.scope_separator.clone(),
        scopes: Vec::new(),
        parameters,
        answer,
        lifetime: login.lifetime,
    }
}

fn client_auth(method: ClientAuth) -> &'static str {
    match method {
        ClientAuth::BasicForm => "basic",
        ClientAuth::BasicRaw => "basic-raw",
        ClientAuth::Post => "post",
        ClientAuth::Public => "none",
    }
}
