//! Checks of a profile beyond its syntax: each names the key and how to fix it.

use axum::http::{HeaderName, HeaderValue, StatusCode};

use super::{AuthorizationServer, Grant, Operation, Profile, Scheme, SchemeType, VERSION};
use crate::Provider;
use crate::answer::is_without_body;

/// A key, and what is wrong with it.
type Problem = (String, String);

impl Profile {
    pub(super) fn check(&self) -> Result<(), Problem> {
        if self.tegata_profile != VERSION {
            let reason = format!(
                "version {} is not known: this program reads version {VERSION}",
                self.tegata_profile
            );
            return problem("tegata-profile", reason);
        }
        self.check_name()?;
        for (index, server) in self.servers.iter().enumerate() {
            let key = format!("servers[{index}]");
            if !server.is_empty() {
                path(&key, server)?;
            }
            if server.ends_with('/') {
                return problem(&key, "leave out the slash at the end");
            }
        }
        for (name, scheme) in &self.schemes {
            scheme.check(&format!("schemes.{name}"))?;
        }
        for (index, server) in self.authorization_servers.iter().enumerate() {
            let key = format!("authorization-servers[{index}]");
            self.check_server(&key, index, server)?;
        }
        let statuses = self.refusal.statuses.iter();
        if let Some(status) = statuses.copied().find(|it| !(400..=599).contains(it)) {
            let reason = format!("{status} is no status of an error: use 400 to 599");
            return problem("refusal.statuses", reason);
        }
        for (index, operation) in self.operations.iter().enumerate() {
            self.check_operation(&format!("operations[{index}]"), operation)?;
        }
        Ok(())
    }

    fn check_name(&self) -> Result<(), Problem> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if self.name.is_empty() || self.name.len() > 64 || !self.name.bytes().all(plain) {
            let reason =
                "it is the first segment of paths: use lower-case letters, digits and hyphens";
            return problem("name", reason);
        }
        if self.name.parse::<Provider>().is_ok() {
            return problem(
                "name",
                "a built-in provider has this name: choose another one",
            );
        }
        Ok(())
    }

    fn check_server(
        &self,
        key: &str,
        index: usize,
        server: &AuthorizationServer,
    ) -> Result<(), Problem> {
        for scheme in &server.schemes {
            match self.schemes.get(scheme).map(|it| it.kind) {
                Some(SchemeType::Token) => {}
                Some(_) => {
                    let reason = format!("`{scheme}` is not of the type oauth2");
                    return problem(&format!("{key}.schemes"), reason);
                }
                None => return unknown(&format!("{key}.schemes"), scheme),
            }
        }
        let optional = [
            ("refresh", &server.refresh),
            ("authorize", &server.authorize),
            ("device", &server.device),
        ];
        path(&format!("{key}.token"), &server.token)?;
        for (name, it) in optional {
            if let Some(it) = it {
                path(&format!("{key}.{name}"), it)?;
            }
        }
        let tokens = |it: &AuthorizationServer| {
            let paths = std::iter::once(it.token.clone()).chain(it.refresh.clone());
            paths.collect::<Vec<_>>()
        };
        let own = tokens(server);
        let mut earlier = self.authorization_servers.iter().take(index);
        if let Some(other) =
            earlier.find_map(|it| tokens(it).into_iter().find(|it| own.contains(it)))
        {
            let reason = format!("{other} is a path of an earlier one: write one server for both");
            return problem(key, reason);
        }
        for (grant, name, path) in [
            (Grant::AuthorizationCode, "authorize", &server.authorize),
            (Grant::DeviceCode, "device", &server.device),
        ] {
            if server.grants.contains(&grant) && path.is_none() {
                return problem(
                    key,
                    format!("a grant needs the path `{name}`, which is missing"),
                );
            }
        }
        Ok(())
    }

    fn check_operation(&self, key: &str, operation: &Operation) -> Result<(), Problem> {
        path(&format!("{key}.path"), &operation.path)?;
        let mut names = operation.security.iter().flat_map(|it| it.keys());
        if let Some(name) = names.find(|it| !self.schemes.contains_key(*it)) {
            return unknown(&format!("{key}.security"), name);
        }
        let answer = &operation.answer;
        let key = format!("{key}.answer");
        let status = StatusCode::from_u16(answer.status).ok();
        let Some(status) = status.filter(|_| (200..=599).contains(&answer.status)) else {
            return problem(&key, format!("status {}: use 200 to 599", answer.status));
        };
        let bodies = [answer.json.is_some(), answer.text.is_some()];
        if bodies == [true, true] {
            return problem(&key, "it has both `json` and `text`: leave one of them out");
        }
        if is_without_body(status) && bodies.contains(&true) {
            return problem(&key, format!("status {status} has no body: leave it out"));
        }
        let kind = answer.content_type.as_deref();
        if kind.is_some_and(|it| HeaderValue::from_str(it).is_err()) {
            return problem(&key, "`content-type` cannot be sent: remove odd characters");
        }
        Ok(())
    }
}

impl Scheme {
    fn check(&self, key: &str) -> Result<(), Problem> {
        let is_key = self.kind == SchemeType::Key;
        if is_key && (self.place.is_none() || self.name.is_none()) {
            return problem(key, "say where the key goes, by `in` and `name`");
        }
        if self.place.is_some() != self.name.is_some() {
            return problem(key, "`in` and `name` go together: write both, or neither");
        }
        if self.kind == SchemeType::Http && self.scheme.is_none() {
            return problem(key, "write `scheme`: basic or bearer");
        }
        if self.place == Some(super::Place::Header) {
            let name = self.name.as_deref().unwrap_or_default();
            if HeaderName::try_from(name).is_err() {
                return problem(key, "`name` is no name of a header");
            }
        }
        Ok(())
    }
}

fn path(key: &str, path: &str) -> Result<(), Problem> {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"?#".contains(&byte);
    if path.starts_with('/') && path.bytes().all(plain) {
        return Ok(());
    }
    let reason = "write a path from the root as it is sent, without a query: /v1/items";
    problem(key, reason)
}

fn unknown(key: &str, scheme: &str) -> Result<(), Problem> {
    problem(
        key,
        format!("`{scheme}` is not in `schemes`: add it there, or correct the name"),
    )
}

fn problem(key: &str, reason: impl Into<String>) -> Result<(), Problem> {
    Err((key.to_owned(), reason.into()))
}
