//! The token endpoint: RFC 6749, RFC 7636 and RFC 8628.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::client::{check_own, parameters, unauthorized_client};
use super::profile::{AuthorizationServer, Grant, Step};
use super::sessions::{Decision, Owner, RefreshToken, challenge_of};
use super::{Api, ApiClient};
use crate::answer::Answer;
use crate::form::Form;
use crate::oauth;
use crate::request::Seen;

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// By how much longer a device waits after it has asked too early (RFC 8628, section 3.5).
const SLOWER: Duration = Duration::from_secs(5);

/// A token that is asked for: of which server and client, and with what.
struct Asked<'a> {
    index: usize,
    server: &'a AuthorizationServer,
    client: ApiClient,
    form: Form,
    now: Duration,
}

impl Api {
    pub(super) fn token_endpoint(
        &mut self,
        index: usize,
        seen: &Seen,
        now: Duration,
    ) -> Result<Answer, Answer> {
        let profile = self.profile.clone();
        let server = &profile.authorization_servers[index];
        let form = parameters(server, seen)?;
        // The client comes before the grant, so that one that tries another way finds its code still good.
        let client = self.authenticate(server, seen, &form)?;
        let grant = oauth::required(&form, "grant_type")?.to_owned();
        let has = |grant: Grant| server.grants.contains(&grant);
        let refreshes = has(Grant::AuthorizationCode) || has(Grant::DeviceCode);
        let is_here = match &server.refresh {
            Some(refresh) => (*refresh == seen.path) == (grant == "refresh_token"),
            None => true,
        };
        let step = match grant.as_str() {
            "refresh_token" => Step::Refresh,
            _ => Step::Token,
        };
        check_own(server, step, &form)?;
        let asked = Asked {
            index,
            server,
            client,
            form,
            now,
        };
        match grant.as_str() {
            "client_credentials" if is_here && has(Grant::ClientCredentials) => {
                self.of_client(&asked)
            }
            "authorization_code" if is_here && has(Grant::AuthorizationCode) => {
                self.of_code(&asked)
            }
            DEVICE_CODE if is_here && has(Grant::DeviceCode) => self.of_device(&asked),
            "refresh_token" if is_here && refreshes => self.of_refresh_token(&asked),
            _ => Err(oauth::unsupported_grant_type("one that this endpoint has")),
        }
    }

    fn of_client(&mut self, asked: &Asked<'_>) -> Result<Answer, Answer> {
        if asked.client.secret.is_none() {
            return Err(unauthorized_client(
                "a public client has no grant of its own",
            ));
        }
        let owner = Owner {
            server: asked.index,
            client_id: asked.client.id.clone(),
            scopes: scopes(asked.server, &asked.form),
            login: None,
        };
        Ok(self.issue(asked, owner, None))
    }

    /// RFC 6749, section 4.1.3, and RFC 7636, section 4.6. A code that comes twice ends the login (section 4.1.2).
    fn of_code(&mut self, asked: &Asked<'_>) -> Result<Answer, Answer> {
        let refused = |why: &str| Err(oauth::invalid_grant(why));
        let code = oauth::required(&asked.form, "code")?;
        let redirect_uri = oauth::required(&asked.form, "redirect_uri")?;
        let verifier = asked.form.one("code_verifier").ok();
        let Some(known) = self.sessions.codes.get_mut(code) else {
            return refused("the code was never issued");
        };
        // Servers that share a login page share its codes.
        let servers = &self.profile.authorization_servers;
        let is_here = servers[known.owner.server].authorize == asked.server.authorize;
        if known.owner.client_id != asked.client.id || !is_here {
            return refused("the code was issued to another client");
        }
        if known.used {
            let login = known.owner.login;
            self.end(login);
            return refused("the code has been used: its login ends");
        }
        if asked.now >= known.expires_at {
            return refused("the code has expired");
        }
        if known.redirect_uri != redirect_uri {
            return refused("the redirect_uri is not the one that the code was issued for");
        }
        match (&known.challenge, verifier) {
            (None, None) => {}
            (Some(challenge), Some(verifier)) if challenge_of(verifier) == *challenge => {}
            (Some(_), Some(_)) => return refused("the code_verifier is not that of the challenge"),
            (Some(_), None) => return refused("the code_verifier is missing"),
            (None, Some(_)) => return refused("the login had no code_challenge"),
        }
        known.used = true;
        let owner = Owner {
            server: asked.index,
            ..known.owner.clone()
        };
        let refresh_token = self.new_refresh_token(owner.clone(), asked.now);
        Ok(self.issue(asked, owner, Some(refresh_token)))
    }

    /// RFC 9700, section 4.14.2: a refresh token that was replaced ends the login when it comes back.
    fn of_refresh_token(&mut self, asked: &Asked<'_>) -> Result<Answer, Answer> {
        let refused = |why: &str| Err(oauth::invalid_grant(why));
        let token = oauth::required(&asked.form, "refresh_token")?;
        let Some(known) = self.sessions.refresh_tokens.get(token) else {
            return refused("the refresh_token was never issued");
        };
        let (owner, expires_at) = (known.owner.clone(), known.expires_at);
        if owner.client_id != asked.client.id || owner.server != asked.index {
            return refused("the refresh_token was issued to another client");
        }
        if known.replaced {
            self.end(owner.login);
            return refused("the refresh_token has been replaced by a newer one: its login ends");
        }
        if expires_at.is_some_and(|end| asked.now >= end) {
            return refused("the refresh_token has expired");
        }
        if self.sessions.has_ended(&owner) {
            return refused("the login has ended");
        }
        let wanted = scopes(asked.server, &asked.form);
        let is_more = |wanted: &Vec<String>| {
            let granted = owner.scopes.as_ref();
            granted.is_some_and(|it| wanted.iter().any(|scope| !it.contains(scope)))
        };
        if wanted.as_ref().is_some_and(is_more) {
            let why = "the scope is more than what was granted";
            return Err(oauth::error(StatusCode::BAD_REQUEST, "invalid_scope", why));
        }
        let rotate = self.config.rotate;
        if let Some(known) = self.sessions.refresh_tokens.get_mut(token) {
            known.replaced = rotate;
        }
        let next = rotate.then(|| self.new_refresh_token(owner.clone(), asked.now));
        let owner = Owner {
            scopes: wanted.or(owner.scopes.clone()),
            ..owner
        };
        Ok(self.issue(asked, owner, next))
    }

    /// RFC 8628, sections 3.4 and 3.5.
    fn of_device(&mut self, asked: &Asked<'_>) -> Result<Answer, Answer> {
        let error = |code: &str, why: &str| Err(oauth::error(StatusCode::BAD_REQUEST, code, why));
        let code = oauth::required(&asked.form, "device_code")?;
        let known = self.sessions.devices.get_mut(code);
        let servers = &self.profile.authorization_servers;
        let known = known.filter(|it| {
            let is_here = servers[it.owner.server].device == asked.server.device;
            it.owner.client_id == asked.client.id && is_here
        });
        let Some(known) = known else {
            return error(
                "invalid_grant",
                "the device_code was not issued to this client",
            );
        };
        if asked.now >= known.expires_at {
            return error("expired_token", "the device_code has expired");
        }
        match known.decision {
            Decision::Done => error("invalid_grant", "the device_code has been used"),
            Decision::Refused => error("access_denied", "the user has refused"),
            Decision::Pending => {
                let is_early = asked.now < known.asks_from;
                if is_early {
                    known.interval += SLOWER;
                }
                known.asks_from = asked.now.saturating_add(known.interval);
                if is_early {
                    return error("slow_down", "the device asks more often than it may");
                }
                error("authorization_pending", "the user has not decided yet")
            }
            Decision::Agreed => {
                known.decision = Decision::Done;
                let owner = Owner {
                    server: asked.index,
                    ..known.owner.clone()
                };
                let refresh_token = self.new_refresh_token(owner.clone(), asked.now);
                Ok(self.issue(asked, owner, Some(refresh_token)))
            }
        }
    }

    fn new_refresh_token(&mut self, owner: Owner, now: Duration) -> String {
        let token = self.mint.make("refresh");
        let seconds = self.config.refresh_token_seconds;
        let lifetime = seconds.map(|it| Duration::from_secs(it.into()));
        let issued = RefreshToken {
            owner,
            expires_at: lifetime.map(|it| now.saturating_add(it)),
            replaced: false,
        };
        self.sessions.refresh_tokens.insert(token.clone(), issued);
        token
    }

    fn issue(&mut self, asked: &Asked<'_>, owner: Owner, refresh_token: Option<String>) -> Answer {
        let server = asked.server;
        let seconds = self.config.access_token_seconds.or(server.lifetime);
        let seconds = seconds.unwrap_or(3600);
        let expires_at = asked
            .now
            .saturating_add(Duration::from_secs(seconds.into()));
        let token = self.mint.make("access");
        let mut body = Map::new();
        let mut say = |name: &Option<String>, value: Value| {
            if let Some(name) = name {
                body.insert(name.clone(), value);
            }
        };
        let members = &server.answer;
        say(&Some(members.access_token.clone()), token.clone().into());
        say(&members.token_type, "Bearer".into());
        say(&members.expires_in, seconds.into());
        if let Some(refresh_token) = refresh_token {
            say(&members.refresh_token, refresh_token.into());
        }
        if let Some(scopes) = &owner.scopes {
            let scope = scopes.join(server.scope_separator.as_deref().unwrap_or(" "));
            say(&Some("scope".to_owned()), scope.into());
        }
        self.access_tokens
            .insert(token, owner, asked.now, expires_at);
        self.issued += 1;
        Answer::token(&Value::Object(body))
    }

    /// No token of that login is good any more.
    fn end(&mut self, login: Option<u64>) {
        self.sessions.end(login);
        self.access_tokens
            .retain(|owner| owner.login.is_none() || owner.login != login);
    }
}

/// The scopes that are asked for; none means all (RFC 6749, section 3.3).
pub(super) fn scopes(server: &AuthorizationServer, form: &Form) -> Option<Vec<String>> {
    let scope = form.one("scope").ok()?;
    let separator = server.scope_separator.as_deref().unwrap_or(" ");
    let scopes = scope.split(separator).filter(|it| !it.is_empty());
    Some(scopes.map(str::to_owned).collect())
}
