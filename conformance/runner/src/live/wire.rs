//! Sending, within limits.

use std::time::Duration;

use tokio::time::Instant;

use crate::fixture::{Answer, Recorded};
use crate::record::{BODY_LIMIT, Base};
use crate::trust::{Trust, distrusts};
use crate::upstream::Upstream;

/// How long one call may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The limits of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most calls, repeated ones included.
    pub budget: usize,
    /// The pause between two calls.
    pub pause: Duration,
    /// How long the run may take.
    pub deadline: Duration,
}

/// Why no call is made any more, or why the last one failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    Budget,
    Deadline,
    NoAnswer,
    Untrusted,
}

/// Sends calls until a limit is reached.
pub(super) struct Wire {
    client: Upstream,
    limits: Limits,
    ends: Instant,
    made: usize,
}

impl Wire {
    pub(super) fn new(trust: &Trust, limits: Limits) -> Result<Self, reqwest::Error> {
        Ok(Self {
            client: Upstream::new(trust, |builder| builder.timeout(PATIENCE))?,
            limits,
            ends: Instant::now() + limits.deadline,
            made: 0,
        })
    }

    /// How many calls were made.
    pub(super) fn made(&self) -> usize {
        self.made
    }

    /// How many calls are left.
    pub(super) fn left(&self) -> usize {
        self.limits.budget.saturating_sub(self.made)
    }

    /// Makes a call, and once more if the vendor was not reached or is busy.
    pub(super) async fn send(&mut self, base: &Base, request: &Recorded) -> Result<Answer, Stop> {
        let first = self.once(base, request).await;
        match &first {
            Ok(answer) if !matches!(answer.status, 429 | 502 | 503 | 504) => return first,
            Err(Stop::Budget | Stop::Deadline | Stop::Untrusted) => return first,
            Ok(_) | Err(Stop::NoAnswer) => {}
        }
        match self.once(base, request).await {
            // Only the first call has an answer.
            Err(Stop::Budget | Stop::Deadline) if first.is_ok() => first,
            second => second,
        }
    }

    async fn once(&mut self, base: &Base, request: &Recorded) -> Result<Answer, Stop> {
        if self.left() == 0 {
            return Err(Stop::Budget);
        }
        if self.made > 0 {
            let next = Instant::now() + self.limits.pause;
            tokio::time::sleep_until(next.min(self.ends)).await;
        }
        if Instant::now() >= self.ends {
            return Err(Stop::Deadline);
        }
        self.made += 1;
        tokio::time::timeout_at(
            self.ends,
            exchange(self.client.client_for(base), base, request),
        )
        .await
        .map_err(|_| Stop::Deadline)?
    }
}

/// An error is not shown: its URL may hold a secret.
async fn exchange(
    client: &reqwest::Client,
    base: &Base,
    request: &Recorded,
) -> Result<Answer, Stop> {
    let method =
        reqwest::Method::from_bytes(request.method.as_bytes()).map_err(|_| Stop::NoAnswer)?;
    let mut builder = client.request(method, base.url_of(&request.target));
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    if !request.body.is_empty() || request.method != "GET" {
        builder = builder.body(request.body.clone());
    }
    let mut answer = builder.send().await.map_err(|error| {
        if distrusts(&error) {
            Stop::Untrusted
        } else {
            Stop::NoAnswer
        }
    })?;
    let status = answer.status().as_u16();
    let headers = answer
        .headers()
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(|_| Stop::NoAnswer)? {
        body.extend_from_slice(&part);
        if body.len() > BODY_LIMIT {
            return Err(Stop::NoAnswer);
        }
    }
    Ok(Answer {
        status,
        reason: None,
        headers,
        body,
        cut_after: None,
        raw: None,
    })
}
