//! The services: any call under `/da/`.

use std::time::Duration;

use axum::http::StatusCode;

use super::{FujitsuAispf, error};
use crate::Provider;
use crate::answer::Answer;
use crate::call::Call;
use crate::defaults;
use crate::request::{Header, Seen};
use crate::tokens::Standing;

/// Reported: the jobs of one service. Own choice: what any other call answers.
pub(super) fn serve(seen: &Seen, call: &Call) -> Answer {
    match defaults::find(Provider::FujitsuAispf, call) {
        Some(Ok(found)) => Answer::json(found.status, &found.body).by_rule(found.name),
        Some(Err(_)) => error(StatusCode::NOT_FOUND, "Resource not found."),
        None => Answer::received(seen),
    }
}

impl FujitsuAispf {
    /// Documented: the two headers and what each holds. Reported: 400 for both and for neither, 401
    /// for a wrong one.
    pub(super) fn judge(&self, seen: &Seen, now: Duration) -> Result<(), Answer> {
        let bad_request = |why: &str| Err(error(StatusCode::BAD_REQUEST, why));
        let unauthorized = |why: &str| Err(error(StatusCode::UNAUTHORIZED, why));
        match (seen.header("x-api-key"), seen.header("x-access-token")) {
            (Header::Absent, Header::Absent) => {
                bad_request("neither X-Api-Key nor X-Access-Token is sent")
            }
            (Header::Once(key), Header::Absent) => {
                if self.api_keys.iter().any(|good| good.as_bytes() == key) {
                    Ok(())
                } else {
                    unauthorized("the API key is not good")
                }
            }
            (Header::Absent, Header::Once(token)) => {
                let token = String::from_utf8_lossy(token);
                match self.access_tokens.judge(&token, now) {
                    Standing::Good(()) => Ok(()),
                    Standing::Expired { .. } => unauthorized("the access token has expired"),
                    Standing::Unknown => unauthorized("the access token is not good"),
                }
            }
            (Header::Repeated, Header::Absent) | (Header::Absent, Header::Repeated) => Err(error(
                StatusCode::BAD_REQUEST,
                "the credential is there more than once",
            )
            .own_choice("a repeated credential is refused with 400")),
            _ => bad_request("both X-Api-Key and X-Access-Token are sent: choose one"),
        }
    }
}
