//! The token endpoint with its two grants.

use std::time::Duration;

use serde_json::json;

use super::{Grant, Jooto, RefreshToken};
use crate::answer::Answer;
use crate::form::Form;
use crate::oauth;
use crate::request::{Authorization, Seen};

const REALM: &str = "jooto";

/// Every documented parameter of the endpoint.
const PARAMETERS: [&str; 6] = [
    "grant_type",
    "code",
    "client_id",
    "client_secret",
    "redirect_uri",
    "refresh_token",
];

impl Jooto {
    /// Documented: the parameters of both grants and the answer. RFC 6749: form encoding (4.1.3,
    /// 6) and errors (5.2). Own choice: a documented parameter left out is `invalid_request`, also
    /// where it is one of the client's credentials.
    pub(super) fn token(&mut self, seen: &Seen, now: Duration) -> Answer {
        self.try_token(seen, now).unwrap_or_else(|refused| refused)
    }

    fn try_token(&mut self, seen: &Seen, now: Duration) -> Result<Answer, Answer> {
        oauth::nothing_in_query(seen, &PARAMETERS)?;
        let form = oauth::form(seen)?;
        let grant_type = oauth::required(&form, "grant_type")?;
        let by_code = match grant_type {
            "authorization_code" => true,
            "refresh_token" => false,
            _ => {
                let expected = "authorization_code or refresh_token";
                return Err(oauth::unsupported_grant_type(expected));
            }
        };
        // The client comes before the code, so that a client that first tries HTTP Basic and then
        // the body, as Go's library does, finds its code still good.
        let client_id = self.authenticate(seen, &form)?.to_owned();
        if by_code {
            let code = oauth::required(&form, "code")?;
            let redirect_uri = oauth::required(&form, "redirect_uri")?;
            self.exchange(&client_id, code, redirect_uri, now)
        } else {
            let refresh_token = oauth::required(&form, "refresh_token")?;
            self.refresh(&client_id, refresh_token, now)
        }
    }

    /// Documented: id and secret in the body. Own choice: HTTP Basic, of which the document knows
    /// nothing, is a failed client check.
    fn authenticate<'a>(&self, seen: &Seen, form: &'a Form) -> Result<&'a str, Answer> {
        if seen.authorization() != Authorization::Absent {
            let why = "an Authorization header is sent: send client_id and client_secret in the \
                       body";
            return Err(oauth::invalid_client_of_header(REALM, why)
                .own_choice("HTTP Basic is a failed client check"));
        }
        let id = oauth::required(form, "client_id")?;
        let secret = oauth::required(form, "client_secret")?;
        match self.client(id) {
            None => Err(oauth::invalid_client("no application has this client_id")),
            Some(client) if client.secret != secret => {
                Err(oauth::invalid_client("the client_secret is wrong"))
            }
            Some(_) => Ok(id),
        }
    }

    /// RFC 6749 section 4.1.3: the code belongs to this client and this redirect URI, and serves
    /// once (4.1.2). Own choice: only a success uses it up, and a second use leaves the tokens of
    /// the first alone.
    fn exchange(
        &mut self,
        client_id: &str,
        code: &str,
        redirect_uri: &str,
        now: Duration,
    ) -> Result<Answer, Answer> {
        let refused = |why: &str| Err(oauth::invalid_grant(why));
        let Some(known) = self.codes.get_mut(code) else {
            return refused("the code was never issued");
        };
        if known.used {
            return refused("the code has been used");
        }
        if now >= known.expires_at {
            return refused("the code has expired");
        }
        if known.grant.client_id != client_id {
            return refused("the code was issued to another client");
        }
        if known.redirect_uri != redirect_uri {
            return refused("the redirect_uri is not the one that the code was issued for");
        }
        known.used = true;
        let grant = known.grant.clone();
        let refresh_token = self.issue_refresh_token(grant.clone());
        Ok(self.issue(grant, &refresh_token, now))
    }

    /// Documented: a new access token and a `refresh_token`. Whether that is a new one is not, so
    /// it can be configured.
    fn refresh(
        &mut self,
        client_id: &str,
        refresh_token: &str,
        now: Duration,
    ) -> Result<Answer, Answer> {
        let refused = |why: &str| Err(oauth::invalid_grant(why));
        let rotate = self.config.rotate;
        let Some(known) = self.refresh_tokens.get_mut(refresh_token) else {
            return refused("the refresh_token was never issued");
        };
        if known.grant.client_id != client_id {
            return refused("the refresh_token was issued to another client");
        }
        if known.replaced {
            return refused("the refresh_token has been replaced by a newer one");
        }
        known.replaced = rotate;
        let grant = known.grant.clone();
        let next = if rotate {
            self.issue_refresh_token(grant.clone())
        } else {
            refresh_token.to_owned()
        };
        Ok(self.issue(grant, &next, now))
    }

    fn issue_refresh_token(&mut self, grant: Grant) -> String {
        let token = self.mint.make("refresh");
        let issued = RefreshToken {
            grant,
            replaced: false,
        };
        self.refresh_tokens.insert(token.clone(), issued);
        token
    }

    fn issue(&mut self, grant: Grant, refresh_token: &str, now: Duration) -> Answer {
        let lifetime = Duration::from_secs(self.config.access_token_seconds.into());
        let token = self.mint.make("access");
        self.access_tokens
            .insert(token.clone(), grant, now, now.saturating_add(lifetime));
        self.issued += 1;
        Answer::token(&json!({
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self.config.access_token_seconds,
            "refresh_token": refresh_token,
        }))
    }
}
