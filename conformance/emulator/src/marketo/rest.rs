//! The REST calls: anything under `/rest/`.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Marketo, envelope, failure};
use crate::answer::Answer;
use crate::form;
use crate::request::{Authorization, Seen};
use crate::tokens::Standing;

/// The call whose result has a shape.
const DESCRIBE: &str = "/rest/v1/leads/describe.json";

impl Marketo {
    /// Documented: every call carries a token. Vendor: the envelope, in HTTP 200 also when the call
    /// is refused. Own choice: any path answers, with an empty result.
    pub(super) fn serve(&mut self, seen: &Seen, now: Duration) -> Answer {
        if let Err(refused) = self.authorize(seen, now) {
            return refused;
        }
        let result = if seen.path == DESCRIBE {
            lead_fields()
        } else {
            json!([])
        };
        let members = json!({ "success": true, "result": result });
        envelope(&self.request_id(), StatusCode::OK, &members)
    }

    /// Documented: the Bearer header or the `access_token` query parameter, which is going to be
    /// removed; 602 for an expired token, 601 for an invalid one. Reported: 601 from the second use
    /// of an expired token on. Vendor: 603 when no token is sent.
    fn authorize(&mut self, seen: &Seen, now: Duration) -> Result<(), Answer> {
        let token = match transported(seen) {
            Ok(token) => token,
            Err(why) => return Err(self.refused(603, why)),
        };
        match self.access_tokens.judge(&token, now) {
            Standing::Good(client_id) => {
                let client_id = client_id.clone();
                self.ordered_refusal(&client_id, &token)
            }
            Standing::Expired { first_use: true } => {
                Err(self.refused(602, "the access token has expired"))
            }
            Standing::Expired { first_use: false } => {
                Err(self.refused(601, "the access token has expired, and was used since"))
            }
            Standing::Unknown => Err(self.refused(601, "the access token is not good")),
        }
    }

    /// Own choice: a token that a test has refused with 601 or 602 goes on being accepted, but
    /// identity answers a new one, for a server that said so would; unless the test keeps it.
    fn ordered_refusal(&mut self, client_id: &str, token: &str) -> Result<(), Answer> {
        let Some(refusal) = self.refusals.take() else {
            return Ok(());
        };
        let is_current = self.current.get(client_id).is_some_and(|t| t == token);
        if matches!(refusal.code, 601 | 602) && !refusal.keep_token && is_current {
            self.current.remove(client_id);
        }
        Err(self.refused(refusal.code, "the emulator was set to refuse this call"))
    }

    fn refused(&mut self, code: u16, why: &str) -> Answer {
        let status = match code {
            600.. => StatusCode::OK,
            _ => StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST),
        };
        let members = failure(&code.to_string(), why);
        envelope(&self.request_id(), status, &members).note(format!("{code}: {why}"))
    }

    fn request_id(&mut self) -> String {
        self.answered += 1;
        format!("{:04x}#{:x}", self.answered & 0xffff, self.answered)
    }
}

/// The one token that the request carries. Own choice: two are as good as none.
fn transported(seen: &Seen) -> Result<String, &'static str> {
    let query = seen.query.as_deref().unwrap_or_default();
    let in_query = form::values_of(query, "access_token");
    let token = match (seen.authorization(), in_query.as_slice()) {
        (Authorization::Absent, []) => return Err("no access token is sent"),
        (Authorization::Absent, [token]) => token.clone(),
        (Authorization::Bearer(token), []) => token.to_owned(),
        (Authorization::Basic(_) | Authorization::Other, []) => {
            return Err("the Authorization header is not Bearer");
        }
        _ => return Err("more than one access token is sent"),
    };
    if token.is_empty() {
        return Err("the access token is empty");
    }
    Ok(token)
}

/// Own choice: two fields that every instance has.
fn lead_fields() -> Value {
    json!([
        {
            "id": 1,
            "displayName": "Email Address",
            "dataType": "email",
            "length": 255,
            "rest": { "name": "email", "readOnly": false },
            "soap": { "name": "Email", "readOnly": false },
        },
        {
            "id": 2,
            "displayName": "First Name",
            "dataType": "string",
            "length": 255,
            "rest": { "name": "firstName", "readOnly": false },
            "soap": { "name": "FirstName", "readOnly": false },
        },
    ])
}
