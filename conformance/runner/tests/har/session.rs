//! A session with Marketo, and the secrets in it.

use serde_json::Value;
use tegata_conformance::fixture::{Answer, Recorded};

use crate::exchange::{self, request};
use crate::support::{base, entry};

pub(crate) const SECRETS: [&str; 5] = [
    "SECRET-of-the-client",
    "SECRET-token-number-one",
    "SECRET-token-number-two",
    "SECRET-in-the-body-of-a-call",
    "someone@example.com",
];

/// An answer in JSON.
pub(crate) fn answer(status: u16, body: &str) -> Answer {
    exchange::answer(status, &[("content-type", "application/json")], body)
}

pub(crate) fn exchanged(provider: &str, request: &Recorded, answer: &Answer) -> Value {
    let url = format!("{}{}", base(provider), request.target);
    entry(&url, request, Some(answer))
}

pub(crate) fn token(value: &str) -> Answer {
    answer(
        200,
        &format!(
            "{{\"access_token\":\"{value}\",\"token_type\":\"bearer\",\"expires_in\":3599,\
             \"scope\":\"someone@example.com\"}}"
        ),
    )
}

pub(crate) fn issue() -> Recorded {
    let target = "/identity/oauth/token?grant_type=client_credentials&client_id=my-own-id\
                  &client_secret=SECRET-of-the-client";
    request("GET", target, &[], "")
}

pub(crate) fn call(token: &str) -> Recorded {
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let body = "{\"email\":\"SECRET-in-the-body-of-a-call\"}";
    request("POST", "/rest/v1/leads/push.json", &headers, body)
}

pub(crate) const REFUSED: &str = "{\"requestId\":\"1\",\"success\":false,\"errors\":[{\"code\":\"602\",\"message\":\"expired\"}]}";
pub(crate) const DONE: &str = "{\"requestId\":\"2\",\"success\":true,\"result\":[]}";

/// A token, a call that is refused, a new token, the call once more with this token.
pub(crate) fn entries(again: &str) -> [Value; 6] {
    session(&call(again))
}

/// The same, with this request instead of the call once more.
pub(crate) fn session(again: &Recorded) -> [Value; 6] {
    let [_, one, two, ..] = SECRETS;
    [
        exchanged("marketo", &issue(), &token(one)),
        exchanged("marketo", &call(one), &answer(200, DONE)),
        exchanged("marketo", &call(one), &answer(200, REFUSED)),
        exchanged("marketo", &issue(), &token(two)),
        exchanged("marketo", again, &answer(200, DONE)),
        exchanged("marketo", &call(two), &answer(200, DONE)),
    ]
}
