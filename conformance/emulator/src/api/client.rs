//! A request to an authorization server: its parameters, and its client.

use axum::http::StatusCode;
use serde_json::Value;

use super::profile::{AuthorizationServer, ClientAuth, RequestFormat, Step};
use super::{Api, ApiClient};
use crate::answer::Answer;
use crate::basic::{self, Reading};
use crate::form::Form;
use crate::json::Object;
use crate::oauth;
use crate::request::{Authorization, MediaType, Seen};

/// What never stands in the URL of a request whose parameters are in the body.
const PARAMETERS: [&str; 9] = [
    "client_id",
    "client_secret",
    "code",
    "code_verifier",
    "device_code",
    "grant_type",
    "redirect_uri",
    "refresh_token",
    "scope",
];

/// The parameters, in the way in which the server wants them.
pub(super) fn parameters(server: &AuthorizationServer, seen: &Seen) -> Result<Form, Answer> {
    let method = match server.request {
        RequestFormat::GetQuery => "GET",
        _ => "POST",
    };
    if seen.method.as_str() != method {
        return Err(oauth::method_not_allowed(method));
    }
    match server.request {
        RequestFormat::Form => {
            oauth::nothing_in_query(seen, &PARAMETERS)?;
            oauth::form(seen)
        }
        RequestFormat::PostQuery | RequestFormat::GetQuery => oauth::fields(seen.query_bytes()),
        RequestFormat::Json => {
            oauth::nothing_in_query(seen, &PARAMETERS)?;
            json(seen)
        }
    }
}

fn json(seen: &Seen) -> Result<Form, Answer> {
    if seen.media_type() != MediaType::Json {
        return Err(oauth::invalid_request(
            "the Content-Type is not application/json",
        ));
    }
    let object = Object::parse(&seen.body)
        .map_err(|_| oauth::invalid_request("the body is no JSON object"))?;
    let text = |(name, value): &(String, Value)| match value {
        Value::String(text) => Ok((name.clone(), text.clone())),
        _ => Err(oauth::invalid_request("a parameter is no text")),
    };
    let pairs: Result<Vec<_>, _> = object.members().iter().map(text).collect();
    let form = Form::of(pairs?);
    oauth::unrepeated(&form)?;
    Ok(form)
}

/// Parameters of the API's own that every request of this step has.
pub(super) fn check_own(
    server: &AuthorizationServer,
    step: Step,
    form: &Form,
) -> Result<(), Answer> {
    for (name, value) in server.parameters.get(&step).into_iter().flatten() {
        if oauth::required(form, name)? != value {
            let why = format!("the parameter {name} has another value than the profile says");
            return Err(oauth::invalid_request(&why));
        }
    }
    Ok(())
}

impl Api {
    /// RFC 6749, section 2.3: by one way only, and one of those that the server has. Own choice: 401 for every failure
    /// of it, which section 5.2 allows.
    pub(super) fn authenticate(
        &self,
        server: &AuthorizationServer,
        seen: &Seen,
        form: &Form,
    ) -> Result<ApiClient, Answer> {
        let takes = |method| server.client_auth.is_empty() || server.client_auth.contains(&method);
        match seen.authorization() {
            Authorization::Absent => self.by_parameters(form, takes),
            Authorization::Basic(encoded) => {
                let refused = |why: &str| oauth::invalid_client_of_header(self.name, why);
                if form.contains("client_secret") {
                    let why = "the client authenticates in two ways";
                    return Err(oauth::invalid_request(why));
                }
                if !takes(ClientAuth::Basic) && !takes(ClientAuth::BasicRaw) {
                    return Err(refused(
                        "this server takes no HTTP Basic: send the secret as a parameter",
                    ));
                }
                let readings = basic::readings(encoded).map_err(|why| refused(&why.to_string()))?;
                let readings = match (takes(ClientAuth::Basic), takes(ClientAuth::BasicRaw)) {
                    // The form-encoded reading is the last, if it is another one.
                    (true, false) => &readings[readings.len() - 1..],
                    (false, true) => &readings[..1],
                    _ => &readings[..],
                };
                let is = |client: &&ApiClient| {
                    let fits = |it: &Reading| {
                        it.id == client.id && Some(&it.secret) == client.secret.as_ref()
                    };
                    readings.iter().any(fits)
                };
                let Some(client) = self.config.clients.iter().find(is) else {
                    return Err(refused("the client id or the secret is wrong"));
                };
                if form.one("client_id").is_ok_and(|id| id != client.id) {
                    return Err(oauth::invalid_request(
                        "client_id is that of another client",
                    ));
                }
                Ok(client.clone())
            }
            Authorization::Bearer(_) | Authorization::Other => Err(
                oauth::invalid_client_of_header(self.name, "the Authorization header is not Basic"),
            ),
            Authorization::Repeated => Err(oauth::invalid_request(
                "the Authorization header is there more than once",
            )),
        }
    }

    fn by_parameters(
        &self,
        form: &Form,
        takes: impl Fn(ClientAuth) -> bool,
    ) -> Result<ApiClient, Answer> {
        let Ok(id) = form.one("client_id") else {
            return Err(oauth::invalid_client("the client does not authenticate"));
        };
        let client = self.client(id);
        let client = client.ok_or_else(|| oauth::invalid_client("no client has this client_id"))?;
        match (form.one("client_secret").ok(), &client.secret) {
            (Some(sent), Some(secret)) if takes(ClientAuth::Post) => {
                if sent == secret {
                    Ok(client.clone())
                } else {
                    Err(oauth::invalid_client("the client_secret is wrong"))
                }
            }
            (Some(_), Some(_)) => Err(oauth::invalid_client(
                "this server takes no client_secret as a parameter: use HTTP Basic",
            )),
            (None, Some(_)) => Err(oauth::invalid_client("the client_secret is missing")),
            (Some(_), None) => Err(oauth::invalid_client("a public client sends no secret")),
            (None, None) if takes(ClientAuth::None) => Ok(client.clone()),
            (None, None) => Err(oauth::invalid_client("this server takes no public clients")),
        }
    }

    pub(super) fn client(&self, id: &str) -> Option<&ApiClient> {
        self.config.clients.iter().find(|it| it.id == id)
    }
}

/// RFC 6749, section 5.2.
pub(super) fn unauthorized_client(why: &str) -> Answer {
    oauth::error(StatusCode::BAD_REQUEST, "unauthorized_client", why)
}
