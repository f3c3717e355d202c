//! Where users log in: in a browser, or for a device.

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use serde_json::json;

use super::Api;
use super::client::{check_own, parameters};
use super::profile::{AuthorizationServer, Pkce, Step};
use super::sessions::{Code, Decision, Device, Owner};
use super::token::scopes;
use crate::answer::Answer;
use crate::form::Form;
use crate::oauth;
use crate::request::Seen;

/// Where the user of a device enters its code; no path of a document.
pub(super) const VERIFICATION: &str = "/__device";

/// Letters of user codes: none that is taken for another one, and no words (RFC 8628, section 6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

impl Api {
    /// RFC 6749, section 4.1.1, and RFC 7636, section 4.3. The emulated user decides at once.
    pub(super) fn authorize_endpoint(
        &mut self,
        index: usize,
        seen: &Seen,
        now: Duration,
    ) -> Answer {
        if seen.method != "GET" {
            return oauth::method_not_allowed("GET");
        }
        let Ok(query) = Form::parse(seen.query_bytes()) else {
            return oauth::invalid_request("the query is not form-encoded UTF-8");
        };
        // What concerns client or redirect URI is shown to the person, and never redirected (section 4.1.2.1).
        let (client_id, redirect_uri) = match self.registration(&query) {
            Ok(registration) => registration,
            Err(refused) => return refused,
        };
        let profile = self.profile.clone();
        let server = &profile.authorization_servers[index];
        match self.consent(server, &query) {
            Ok(challenge) => {
                let owner = Owner {
                    server: index,
                    client_id,
                    scopes: scopes(server, &query),
                    login: Some(self.sessions.new_login()),
                };
                let code = self.mint.make("code");
                let lifetime = Duration::from_secs(self.config.code_seconds.into());
                let issued = Code {
                    owner,
                    redirect_uri: redirect_uri.clone(),
                    challenge,
                    expires_at: now.saturating_add(lifetime),
                    used: false,
                };
                self.sessions.add_code(code.clone(), issued, now);
                oauth::redirect(&redirect_uri, &query, &[("code", &code)])
            }
            Err((code, why)) => {
                let members = [("error", code), ("error_description", why.as_str())];
                oauth::redirect(&redirect_uri, &query, &members).note(why)
            }
        }
    }

    fn registration(&self, query: &Form) -> Result<(String, String), Answer> {
        let client_id = oauth::required(query, "client_id")?;
        let client = self.client(client_id);
        let client =
            client.ok_or_else(|| oauth::invalid_request("no client has this client_id"))?;
        let redirect_uri = oauth::required(query, "redirect_uri")?;
        if client.redirect_uris.iter().any(|uri| uri == redirect_uri) {
            return Ok((client_id.to_owned(), redirect_uri.to_owned()));
        }
        let why = "the redirect_uri is not registered for this client_id";
        Err(oauth::invalid_request(why))
    }

    /// The challenge, or the error code and the reason.
    fn consent(
        &self,
        server: &AuthorizationServer,
        query: &Form,
    ) -> Result<Option<String>, (&'static str, String)> {
        let invalid = |why: &str| Err(("invalid_request", why.to_owned()));
        if let Some(name) = query.repeated() {
            let why = format!(
                "the parameter {} is there more than once",
                name.escape_default()
            );
            return invalid(&why);
        }
        if query.one("response_type") != Ok("code") {
            let why = "the response_type is not code".to_owned();
            return Err(("unsupported_response_type", why));
        }
        if check_own(server, Step::Authorization, query).is_err() {
            return invalid("a parameter of the API's own is missing or wrong");
        }
        let challenge = query.one("code_challenge").ok();
        let is_s256 = query.one("code_challenge_method") == Ok("S256");
        match (server.pkce, challenge) {
            (Pkce::Refused, Some(_)) => return invalid("this server does not know PKCE"),
            (Pkce::Required, None) => return invalid("the code_challenge is missing"),
            (_, Some(_)) if !is_s256 => return invalid("the code_challenge_method is not S256"),
            _ => {}
        }
        if !self.users_agree {
            return Err(("access_denied", "the user has refused".to_owned()));
        }
        Ok(challenge.map(str::to_owned))
    }

    /// RFC 8628, sections 3.1 and 3.2.
    pub(super) fn device_endpoint(
        &mut self,
        index: usize,
        seen: &Seen,
        now: Duration,
    ) -> Result<Answer, Answer> {
        let profile = self.profile.clone();
        let server = &profile.authorization_servers[index];
        let form = parameters(server, seen)?;
        let client = self.authenticate(server, seen, &form)?;
        check_own(server, Step::Device, &form)?;
        let (device_code, user_code) = (self.mint.make("device"), self.user_code());
        let lifetime = self.config.code_seconds;
        let interval = self.config.device_interval_seconds;
        let owner = Owner {
            server: index,
            client_id: client.id,
            scopes: scopes(server, &form),
            login: Some(self.sessions.new_login()),
        };
        let device = Device {
            owner,
            user_code: user_code.clone(),
            decision: Decision::Pending,
            expires_at: now.saturating_add(Duration::from_secs(lifetime.into())),
            asks_from: now,
            interval: Duration::from_secs(interval.into()),
        };
        self.sessions.add_device(device_code.clone(), device, now);
        let uri = format!("{}/{}{VERIFICATION}", self.base_url, self.name);
        Ok(Answer::token(&json!({
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": uri,
            "verification_uri_complete": format!("{uri}?user_code={user_code}"),
            "expires_in": lifetime,
            "interval": interval,
        })))
    }

    fn user_code(&mut self) -> String {
        let mut number = self.mint.number("user");
        let mut letter = || {
            let at = usize::try_from(number % 20).unwrap_or_default();
            number /= 20;
            char::from(LETTERS[at])
        };
        let code: Vec<char> = (0..8).map(|_| letter()).collect();
        let half = |part: &[char]| part.iter().collect::<String>();
        format!("{}-{}", half(&code[..4]), half(&code[4..]))
    }

    /// Own choice: opening the page with a code agrees for its device, or refuses with `agrees=false`.
    pub(super) fn verification_page(&mut self, seen: &Seen, now: Duration) -> Answer {
        let query = Form::parse(seen.query_bytes()).unwrap_or_default();
        let agrees = query.one("agrees") != Ok("false");
        let (status, text) = match query.one("user_code") {
            Err(_) => {
                let text =
                    "Add ?user_code=… with the code that the device shows; &agrees=false refuses.";
                (StatusCode::OK, text)
            }
            Ok(code) => match self.decide_device(code, agrees, now) {
                Ok(()) if agrees => (StatusCode::OK, "The device may act for you now."),
                Ok(()) => (StatusCode::OK, "The device has been refused."),
                Err(why) => (StatusCode::NOT_FOUND, why),
            },
        };
        let mut answer = Answer::empty(status).uncached();
        answer.body = format!("{text}\n").into_bytes();
        answer.header(CONTENT_TYPE, "text/plain;charset=UTF-8")
    }

    pub(super) fn decide_device(
        &mut self,
        user_code: &str,
        agrees: bool,
        now: Duration,
    ) -> Result<(), &'static str> {
        let device = self.sessions.device_of_user(user_code);
        let device = device.filter(|it| now < it.expires_at && it.decision != Decision::Done);
        let device = device.ok_or("no device waits with this code")?;
        device.decision = if agrees {
            Decision::Agreed
        } else {
            Decision::Refused
        };
        Ok(())
    }
}
