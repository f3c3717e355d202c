//! The calls that want a credential.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use axum::http::StatusCode;
use axum::http::header::WWW_AUTHENTICATE;
use serde_json::{Value, json};

use super::{Jooto, error, limits, number};
use crate::Provider;
use crate::answer::Answer;
use crate::call::Call;
use crate::defaults;
use crate::oauth;
use crate::request::{Authorization, Header, Seen};
use crate::tokens::Standing;

impl Jooto {
    /// Documented: the two organization calls. Vendor, its `OpenAPI` file: everything else stands
    /// under `/v1/`; own choice: any call there answers, with what was sent where there are no example
    /// data.
    pub(super) fn serve(
        &self,
        seen: &Seen,
        call: &Call,
        now: Duration,
        wall: SystemTime,
    ) -> Answer {
        if seen.path.starts_with("/v1/") {
            let answer = below_v1(seen, call, wall);
            return if answer.status == StatusCode::OK {
                limits::headers(answer, &call.method, wall)
            } else {
                answer
            };
        }
        let reach = self.reach(seen, now).unwrap_or_default();
        if seen.method != "GET" {
            return oauth::method_not_allowed("GET");
        }
        if let Some(id) = seen.path.strip_prefix("/organizations/") {
            return self.organization(id, &reach);
        }
        let organizations: Vec<_> = reach.iter().copied().map(organization).collect();
        Answer::json(StatusCode::OK, &json!({ "organizations": organizations }))
            .by_rule("default: jooto organizations")
    }

    /// Own choice: 403 for another's organization, 404 for none, as the vendor's page on errors
    /// words these two statuses.
    fn organization(&self, id: &str, reach: &BTreeSet<u64>) -> Answer {
        match number(id) {
            Some(id) if reach.contains(&id) => Answer::json(StatusCode::OK, &organization(id))
                .by_rule("default: jooto organizations"),
            Some(id) if self.organizations().contains(&id) => error(
                StatusCode::FORBIDDEN,
                "the access token was granted for another organization",
            ),
            _ => error(StatusCode::NOT_FOUND, "no such organization"),
        }
    }

    /// The organizations that the credential reaches.
    ///
    /// Documented: `X-Jooto-Api-Key`, or `Authorization: Bearer` without the quotation marks of the
    /// example. Vendor: 401 for a failed authentication.
    pub(super) fn reach(&self, seen: &Seen, now: Duration) -> Result<BTreeSet<u64>, Answer> {
        let refused = |why: &str| Err(unauthorized(why));
        match (seen.header("x-jooto-api-key"), seen.authorization()) {
            (Header::Absent, Authorization::Absent) => {
                refused("neither X-Jooto-Api-Key nor Authorization is sent")
            }
            (Header::Once(key), Authorization::Absent) => {
                if self.api_keys.iter().any(|good| good.as_bytes() == key) {
                    Ok(self.organizations())
                } else {
                    refused("the API key is not good")
                }
            }
            (Header::Absent, Authorization::Bearer(token)) => {
                match self.access_tokens.judge(token, now) {
                    Standing::Good(grant) => Ok(BTreeSet::from([grant.organization_id])),
                    Standing::Expired { .. } => refused("the access token has expired"),
                    Standing::Unknown if token.contains('"') => {
                        refused("the access token stands in quotation marks")
                    }
                    Standing::Unknown => refused("the access token is not good"),
                }
            }
            (Header::Absent, Authorization::Basic(_) | Authorization::Other) => {
                refused("the Authorization header is not Bearer")
            }
            (Header::Repeated, Authorization::Absent)
            | (Header::Absent, Authorization::Repeated) => Err(error(
                StatusCode::BAD_REQUEST,
                "the credential is there more than once",
            )
            .own_choice("a repeated credential is refused with 400")),
            _ => Err(error(
                StatusCode::BAD_REQUEST,
                "both X-Jooto-Api-Key and Authorization are sent",
            )
            .own_choice("two credentials are refused with 400")),
        }
    }

    /// Own choice: a key reaches every organization that is configured.
    fn organizations(&self) -> BTreeSet<u64> {
        let clients = self.config.clients.iter();
        clients
            .flat_map(|client| client.organization_ids.iter().copied())
            .collect()
    }
}

fn below_v1(seen: &Seen, call: &Call, wall: SystemTime) -> Answer {
    if call.method == "GET" && call.path == "/v1/rate_limit" {
        return Answer::json(StatusCode::OK, &limits::rate_limit(wall))
            .by_rule("default: jooto rate-limit");
    }
    match defaults::find(Provider::Jooto, call) {
        Some(Ok(found)) => Answer::json(found.status, &found.body).by_rule(found.name),
        Some(Err(_)) => error(StatusCode::NOT_FOUND, "there is none with this id"),
        None => Answer::received(seen),
    }
}

/// HTTP: a 401 names a scheme; that it is this one is the emulator's own choice.
fn unauthorized(why: &str) -> Answer {
    error(StatusCode::UNAUTHORIZED, why).header(WWW_AUTHENTICATE, "Bearer realm=\"jooto\"")
}

/// Own choice: the members, of which no document speaks.
fn organization(id: u64) -> Value {
    json!({ "id": id, "name": format!("Organization {id}") })
}
