//! The calls: anything under `/rest/` and `/bulk/`.

use std::time::{Duration, SystemTime};

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Marketo, envelope, failure, limits};
use crate::Provider;
use crate::answer::Answer;
use crate::call::Call;
use crate::defaults::{self, Found, Refused};
use crate::form;
use crate::refusals::Refusal;
use crate::request::{Authorization, Seen};
use crate::tokens::Standing;

/// Vendor, its page on paging tokens: the one answer that has no result.
const PAGING_TOKEN: &str = "/rest/v1/activities/pagingtoken.json";

/// Why a credential is not accepted.
pub(super) struct Denied {
    code: u16,
    why: &'static str,
    /// The expired token that was used.
    expired: Option<String>,
}

impl Marketo {
    /// Vendor: the envelope, in HTTP 200 also when the call fails. Own choice: any path answers, with an
    /// empty result where there are no example data.
    pub(super) fn serve(&mut self, seen: &Seen, call: &Call, wall: SystemTime) -> Answer {
        if call.method == "GET" && call.path == PAGING_TOKEN {
            return self.paging_token(call);
        }
        if let Some(answer) = self.export(seen, call, wall) {
            return answer;
        }
        match defaults::find(Provider::Marketo, call) {
            Some(Ok(found)) => self.found(found),
            Some(Err(Refused::PagingToken)) => self
                .refused(1001, "the nextPageToken is none of this call")
                .own_choice("a wrong paging token is refused with 1001"),
            Some(Err(Refused::NoSuchItem)) | None => self.success(&json!([])),
        }
    }

    fn found(&mut self, found: Found) -> Answer {
        let mut members = json!({ "success": true });
        if let (Some(members), Some(body)) = (members.as_object_mut(), found.body.as_object()) {
            members.extend(body.clone());
        }
        envelope(&self.request_id(), found.status, &members).by_rule(found.name)
    }

    pub(super) fn success(&mut self, result: &Value) -> Answer {
        let members = json!({ "success": true, "result": result });
        envelope(&self.request_id(), StatusCode::OK, &members)
    }

    /// Vendor: `sinceDatetime` is required. Assumed: the code, which the vendor words as "Missing value
    /// for the required parameter".
    fn paging_token(&mut self, call: &Call) -> Answer {
        if call.value("sinceDatetime").is_none_or(str::is_empty) {
            return self
                .refused(1002, "sinceDatetime is missing")
                .own_choice("a missing parameter is refused with 1002");
        }
        let members = json!({ "success": true, "nextPageToken": defaults::beginning() });
        envelope(&self.request_id(), StatusCode::OK, &members)
            .by_rule("default: marketo paging-token")
    }

    /// Documented: the Bearer header or the `access_token` query parameter, which is going to be
    /// removed; 602 for an expired token, 601 for an invalid one. Reported: 601 from the second use
    /// of an expired token on. Vendor: 603 when no token is sent.
    ///
    /// Answers the client id and the token.
    pub(super) fn judge(&self, seen: &Seen, now: Duration) -> Result<(String, String), Denied> {
        let denied = |code, why| Denied {
            code,
            why,
            expired: None,
        };
        let token = transported(seen).map_err(|why| denied(603, why))?;
        match self.access_tokens.judge(&token, now) {
            Standing::Good(client_id) => Ok((client_id.clone(), token)),
            Standing::Expired { first_use } => Err(Denied {
                expired: Some(token),
                ..if first_use {
                    denied(602, "the access token has expired")
                } else {
                    denied(601, "the access token has expired, and was used since")
                }
            }),
            Standing::Unknown => Err(denied(601, "the access token is not good")),
        }
    }

    pub(super) fn use_credential(&mut self, seen: &Seen, now: Duration) -> Result<(), Answer> {
        let Err(denied) = self.judge(seen, now) else {
            return Ok(());
        };
        if let Some(token) = &denied.expired {
            self.access_tokens.used_dead(token);
        }
        Err(self.refused(denied.code, denied.why))
    }

    /// Own choice: a token that a test has refused with 601 or 602 goes on being accepted, but
    /// identity answers a new one, for a server that said so would; unless the test keeps it.
    pub(super) fn refuse_as_ordered(
        &mut self,
        seen: &Seen,
        refusal: Refusal,
        now: Duration,
    ) -> Answer {
        if let Ok((client_id, token)) = self.judge(seen, now) {
            let is_current = self.current.get(&client_id) == Some(&token);
            if matches!(refusal.code, 601 | 602) && !refusal.keep_token && is_current {
                self.current.remove(&client_id);
            }
        }
        self.refused(refusal.code, "the emulator was set to refuse this call")
    }

    pub(super) fn refused(&mut self, code: u16, why: &str) -> Answer {
        let status = match code {
            600.. => StatusCode::OK,
            _ => StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST),
        };
        let members = failure(&code.to_string(), limits::message(code).unwrap_or(why));
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
