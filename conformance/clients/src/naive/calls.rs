//! Calls: a credential is attached, and a refused one is replaced once.

use super::state::NaiveSession;
use super::wire::{Incoming, Outgoing, Payload};
use super::{Bug, aispf, jooto, marketo};
use crate::providers::{FUJITSU_AISPF, JOOTO, MARKETO, no_client};
use tegata_conformance::case::{Auth, Call};
use tegata_conformance::citation::sha256;
use tegata_conformance::script::{ErrorKind, Failure, Success};

/// How often [`Bug::NeverGivesUp`] renews before the test's patience ends.
const OVER_AND_OVER: usize = 8;

impl NaiveSession {
    pub(super) async fn call(&mut self, call: &Call) -> Result<Success, Failure> {
        let answer = if self.context.auth == Auth::ApiKey {
            self.call_with_keys(call).await?
        } else {
            self.call_with_token(call).await?
        };
        let code = marketo::codes(&answer.body, None).into_iter().next();
        let failed = self.context.provider.name() == MARKETO && code.is_some();
        if failed || answer.status >= 400 {
            return Err(Failure {
                kind: ErrorKind::Answer,
                status: Some(answer.status),
                code,
                said: vec![format!("the service answered {}", answer.status)],
            });
        }
        Ok(Success {
            status: Some(answer.status),
            body_sha256: Some(sha256(&answer.body)),
            ..Success::default()
        })
    }

    async fn call_with_token(&self, call: &Call) -> Result<Incoming, Failure> {
        let mut token = match self.token().await {
            Err(failure) if self.bug == Some(Bug::CallsAnyway) => {
                // The result does not matter to this bug.
                let _ = self.send(call, "", false).await;
                return Err(failure);
            }
            token => token?,
        };
        let answer = self.send(call, &token.access, false).await?;
        if !self.refused(&answer) {
            return Ok(answer);
        }
        if call.streaming && self.bug != Some(Bug::SpentBodyAgain) {
            self.forget();
            return Err(Failure::of(ErrorKind::NotReplayable));
        }
        let times = match self.bug {
            Some(Bug::NeverTriesAgain) => 0,
            Some(Bug::NeverGivesUp) => OVER_AND_OVER,
            _ => 1,
        };
        for _ in 0..times {
            let renewed = self.renew().await?;
            if renewed.access == token.access && self.bug != Some(Bug::NeverGivesUp) {
                break;
            }
            if self.bug != Some(Bug::OldTokenAgain) {
                token = renewed;
            }
            let answer = self.send(call, &token.access, true).await?;
            if !self.refused(&answer) {
                return Ok(answer);
            }
        }
        self.forget();
        Err(Failure::of(ErrorKind::Rejected))
    }

    /// Sees to it that the token is not used again. Its refresh token still may be.
    fn forget(&self) {
        let mut token = self.kept();
        if let Some(token) = &mut token {
            token.refuse();
        }
        self.keep(token);
    }

    /// Tries each key once, beginning with the one that worked last.
    async fn call_with_keys(&mut self, call: &Call) -> Result<Incoming, Failure> {
        if self.bug == Some(Bug::KeyRunsOut) && self.now >= self.context.now + 3600 {
            self.token().await?;
        }
        let keys = self.context.credentials.api_keys.clone();
        let tried = match self.bug {
            Some(Bug::NoSecondKey | Bug::NeverTriesAgain) => 1,
            Some(Bug::NeverGivesUp) => OVER_AND_OVER,
            _ => keys.len(),
        };
        if self.bug == Some(Bug::SecondKeyForgotten) {
            self.key = 0;
        }
        for again in 0..tried {
            let key = &keys[self.key];
            let answer = self.send(call, key, again > 0).await?;
            if !self.refused(&answer) {
                return Ok(answer);
            }
            if call.streaming {
                return Err(Failure::of(ErrorKind::NotReplayable));
            }
            self.key = (self.key + 1) % keys.len();
        }
        Err(Failure::of(ErrorKind::Rejected))
    }

    /// Sends a call with a credential. `again` if it is not for the first time.
    async fn send(&self, call: &Call, credential: &str, again: bool) -> Result<Incoming, Failure> {
        let server = match self.context.provider.name() {
            FUJITSU_AISPF => "services",
            JOOTO => "api",
            MARKETO => "rest",
            _ => return Err(no_client(self.context.provider)),
        };
        let url = if call.path.starts_with('/') {
            self.url(server, &call.path)
        } else {
            // A whole URL: outside the base URL the credential is not sent.
            let base = self.url(server, "/");
            if !call.path.starts_with(&base) && self.bug != Some(Bug::AnyOrigin) {
                return Err(Failure::of(ErrorKind::Scope));
            }
            call.path.clone()
        };
        let mut request = Outgoing::new(&call.method, url);
        request.payload = match &call.json {
            None => Payload::Empty,
            Some(_) if again && (call.streaming || self.bug == Some(Bug::BodyLost)) => {
                Payload::Empty
            }
            Some(json) if call.streaming => Payload::Stream(json.clone()),
            Some(json) => Payload::Text(json.clone()),
        };
        self.place(credential, &mut request)?;
        self.wire.send(&request).await
    }

    /// Attaches a credential to a call.
    fn place(&self, credential: &str, request: &mut Outgoing) -> Result<(), Failure> {
        let bug = self.bug;
        match (self.context.provider.name(), self.context.auth) {
            (JOOTO, Auth::ApiKey) => jooto::place_key(bug, credential, request),
            (FUJITSU_AISPF, Auth::ApiKey) => aispf::place_key(bug, credential, request),
            (FUJITSU_AISPF, _) => aispf::place_token(bug, credential, request),
            (JOOTO, _) => {
                let value = format!("Bearer {credential}");
                request.headers.push(("authorization", value));
            }
            (MARKETO, _) => marketo::place_token(self, credential, request),
            _ => return Err(no_client(self.context.provider)),
        }
        let in_query = || ("access_token", credential.to_owned());
        match bug {
            Some(Bug::QuotedBearer) => {
                for (_, value) in &mut request.headers {
                    if let Some(token) = value.strip_prefix("Bearer ") {
                        *value = format!("Bearer \"{token}\"");
                    }
                }
            }
            Some(Bug::TokenInQuery) => {
                request.headers.clear();
                request.query = vec![in_query()];
            }
            Some(Bug::CopyInOtherHeader) => {
                request
                    .headers
                    .push(("x-auth-token", credential.to_owned()));
            }
            Some(Bug::TokenInQueryToo) if request.query.is_empty() => {
                request.query.push(in_query());
            }
            Some(Bug::TokenInQueryToo) => {
                let value = format!("Bearer {credential}");
                request.headers.push(("authorization", value));
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether an answer refuses the credential.
    fn refused(&self, answer: &Incoming) -> bool {
        match answer.status {
            401 => true,
            403 => match self.bug {
                Some(Bug::RenewsOn403) => self.context.auth != Auth::ApiKey,
                Some(Bug::SecondKeyOn403) => self.context.auth == Auth::ApiKey,
                _ => false,
            },
            429 => self.bug == Some(Bug::RenewsOn429),
            _ => {
                self.context.provider.name() == MARKETO && marketo::refuses(&answer.body, self.bug)
            }
        }
    }
}
