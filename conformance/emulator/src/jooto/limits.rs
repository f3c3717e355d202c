//! Jooto's limits on calls. Vendor, its page on restrictions and its `OpenAPI` file: the numbers of the
//! business plan, and the headers of every answer of status 200.

use std::time::{Duration, SystemTime};

use axum::http::HeaderName;
use serde_json::{Value, json};

use crate::answer::Answer;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

const GET: u64 = 600;
const UPDATE: u64 = 150;

/// Documented: the limit is one for each minute, and `Reset` is a UNIX time.
fn reset(wall: SystemTime) -> u64 {
    let since = wall.duration_since(SystemTime::UNIX_EPOCH);
    let seconds = since.unwrap_or(Duration::ZERO).as_secs();
    (seconds / 60).saturating_add(1).saturating_mul(60)
}

fn limit(method: &str) -> u64 {
    if method == "GET" { GET } else { UPDATE }
}

/// Own choice: calls are not counted, so that one is always left but the last.
pub(super) fn headers(answer: Answer, method: &str, wall: SystemTime) -> Answer {
    let limit = limit(method);
    with(answer, limit, limit - 1, wall)
}

/// Own choice: an answer of status 429 has the headers as well, with nothing left; that it has them, and
/// a `Retry-After`, is stated nowhere.
pub(super) fn exceeded(answer: Answer, method: &str, wall: SystemTime) -> Answer {
    with(answer, limit(method), 0, wall)
        .own_choice("the rate limit headers on a 429 are stated nowhere")
}

/// Vendor: the answer to `GET /v1/rate_limit`.
pub(super) fn rate_limit(wall: SystemTime) -> Value {
    let reset = reset(wall);
    json!({
        "get": { "limit": GET, "remaining": GET - 1, "reset": reset },
        "update": { "limit": UPDATE, "remaining": UPDATE - 1, "reset": reset },
    })
}

fn with(answer: Answer, limit: u64, remaining: u64, wall: SystemTime) -> Answer {
    answer
        .header(LIMIT, &limit.to_string())
        .header(REMAINING, &remaining.to_string())
        .header(RESET, &reset(wall).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_reset_at_the_next_full_minute() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(reset(at(0)), 60);
        assert_eq!(reset(at(119)), 120);
        assert_eq!(reset(at(120)), 180);
    }
}
