//! The OAuth 2.0 method: `POST /v2/tokens`.

use std::time::Duration;

use serde_json::json;

use super::FujitsuAispf;
use crate::answer::Answer;
use crate::request::{Authorization, MediaType, Seen};
use crate::{basic, oauth};

const REALM: &str = "fujitsu-aispf";

impl FujitsuAispf {
    /// Documented: client id and secret as user name and password, an `access_token` in the
    /// answer. RFC 6749: HTTP Basic (2.3.1), the grant (4.4.2), the members beside the token (5.1)
    /// and the errors (5.2).
    pub(super) fn issue_token(&mut self, seen: &Seen, now: Duration) -> Answer {
        if let Err(refused) = self
            .grant(seen)
            .and_then(|()| self.authenticate_by_basic(seen))
        {
            return refused;
        }
        let (token, _) = self.issue(now);
        Answer::token(&json!({
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self.config.access_token_seconds,
        }))
    }

    fn grant(&self, seen: &Seen) -> Result<(), Answer> {
        oauth::nothing_in_query(seen, &["grant_type", "client_id", "client_secret"])?;
        if self.may_be_empty(seen) {
            return Ok(());
        }
        let form = oauth::form(seen)?;
        if oauth::required(&form, "grant_type")? != "client_credentials" {
            return Err(oauth::unsupported_grant_type("client_credentials"));
        }
        if form.contains("client_secret") {
            // RFC 6749 section 2.3: one way of authentication a request. The document knows Basic.
            return Err(oauth::invalid_request(
                "client_secret stands in the body: send id and secret by HTTP Basic",
            ));
        }
        Ok(())
    }

    /// Documented: the page that its readers click through sends no body at all. A form's content
    /// type beside it says no more, any other one is a mistake.
    fn may_be_empty(&self, seen: &Seen) -> bool {
        !self.config.require_grant_type
            && seen.body.is_empty()
            && matches!(seen.media_type(), MediaType::Absent | MediaType::Form)
    }

    fn authenticate_by_basic(&self, seen: &Seen) -> Result<(), Answer> {
        let refused = |why: &str| Err(oauth::invalid_client_of_header(REALM, why));
        let encoded = match seen.authorization() {
            Authorization::Basic(encoded) => encoded,
            Authorization::Absent => return refused("the Authorization header is missing"),
            Authorization::Repeated => {
                return Err(oauth::invalid_request(
                    "the Authorization header is there more than once",
                ));
            }
            Authorization::Bearer(_) | Authorization::Other => {
                return refused("the Authorization header is not HTTP Basic");
            }
        };
        match basic::readings(encoded) {
            Err(problem) => refused(&problem.to_string()),
            Ok(readings) => {
                let known = |reading: &basic::Reading| self.is_client(&reading.id, &reading.secret);
                if readings.iter().any(known) {
                    Ok(())
                } else {
                    refused("no client has this id and secret")
                }
            }
        }
    }
}
