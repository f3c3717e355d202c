//! A client in the middle of a case: it keeps a token, attaches it, and renews it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::spoil::spoil;
use super::token::{Grant, LEGACY, Names, OAUTH2, Token};
use super::wire::{Incoming, Outgoing, Payload, Wire};
use super::{Bug, aispf, jooto, marketo};
use crate::case::{Auth, Call, Provider};
use crate::citation::sha256;
use crate::script::{Context, ErrorKind, Failure, Outcome, Session, Success, Task};

/// Where a token is kept.
pub(super) type Slot = Arc<Mutex<Option<Token>>>;

/// How often [`Bug::NeverGivesUp`] renews before the test's patience ends.
const OVER_AND_OVER: usize = 8;

/// The naive client in the middle of a case.
pub struct NaiveSession {
    pub(super) context: Context,
    pub(super) bug: Option<Bug>,
    pub(super) wire: Wire,
    slot: Slot,
    now: u64,
    /// The key that worked last.
    key: usize,
    state: Option<String>,
    code: Option<String>,
}

impl fmt::Debug for NaiveSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("NaiveSession");
        shown.field("provider", &self.context.provider);
        if self.bug == Some(Bug::ShowsSecrets) {
            let credentials = &self.context.credentials;
            shown.field("api_keys", &credentials.api_keys);
            shown.field("client_secret", &credentials.client_secret);
        }
        shown.finish_non_exhaustive()
    }
}

impl Session for NaiveSession {
    async fn perform(&mut self, task: &Task, now: u64) -> Outcome {
        self.now = now;
        let done = match task {
            Task::Issue => self.token().await.map(|_| Success::default()),
            Task::Call(call) => self.call(call).await,
            Task::AuthorizeUrl => Ok(self.authorize()),
            Task::Callback(url) => self.callback(url),
            Task::Exchange => self.exchange().await,
        };
        let mut outcome = done.map_or_else(Outcome::Error, Outcome::Ok);
        outcome.said_mut().push(format!("{self:?}"));
        outcome
    }
}

impl NaiveSession {
    pub(super) fn new(context: &Context, wire: Wire, slot: Slot) -> Self {
        let bug = wire.bug;
        let session = Self {
            context: context.clone(),
            bug,
            wire,
            slot,
            now: context.now,
            key: 0,
            state: None,
            code: None,
        };
        if let Some(tokens) = &context.tokens {
            session.keep(Some(Token::given(tokens, bug)));
        }
        session
    }

    /// The URL of a path below a base URL.
    pub(super) fn url(&self, server: &str, path: &str) -> String {
        let given = self.context.urls.get(server).map_or("", String::as_str);
        let base = match server {
            "identity" => marketo::identity_url(given, self.bug),
            "rest" => marketo::rest_url(given, self.bug),
            _ => given.trim_end_matches('/').to_owned(),
        };
        base + path
    }

    fn kept(&self) -> Option<Token> {
        let slot = self.slot.lock();
        slot.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, token: Option<Token>) {
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }

    /// A token that will do for a call.
    async fn token(&self) -> Result<Token, Failure> {
        match self.kept() {
            Some(token) if token.is_good(self.now, self.bug) => Ok(token),
            _ => self.renew().await,
        }
    }

    /// Obtains a new token and keeps it.
    async fn renew(&self) -> Result<Token, Failure> {
        let old = self.kept();
        let grant = match (self.context.provider, self.context.auth) {
            (_, Auth::ApiKey) if self.bug != Some(Bug::KeyRunsOut) => {
                return Err(Failure::of(ErrorKind::Config));
            }
            (Provider::FujitsuAispf, Auth::Legacy) => self.renew_legacy(old.as_ref()).await?,
            (Provider::FujitsuAispf, _) => self.ask(aispf::token_request(self), &OAUTH2).await?,
            (Provider::Marketo, _) => self.ask(marketo::token_request(self), &OAUTH2).await?,
            (Provider::Jooto, _) => {
                let refresh = old.as_ref().and_then(|token| token.refresh.as_deref());
                let refresh = refresh.ok_or_else(|| Failure::of(ErrorKind::InvalidGrant))?;
                let request = jooto::refresh_request(self, refresh);
                self.ask(request, &OAUTH2).await?
            }
        };
        let token = Token::granted(grant, old.as_ref(), self.now, self.bug);
        self.keep(Some(token.clone()));
        Ok(token)
    }

    async fn renew_legacy(&self, old: Option<&Token>) -> Result<Grant, Failure> {
        let refresh = old.and_then(|token| token.for_patch(self.now, self.bug));
        if let Some(refresh) = refresh {
            let request = aispf::refresh_request(self, refresh);
            match self.ask(request, &LEGACY).await {
                Err(failure)
                    if self.bug != Some(Bug::NoWayBackToPost)
                        && matches!(
                            failure.kind,
                            ErrorKind::Rejected | ErrorKind::InvalidGrant
                        ) => {}
                done => return done,
            }
        }
        self.ask(aispf::legacy_request(self), &LEGACY).await
    }

    /// Sends a token request and reads the answer.
    async fn ask(&self, mut request: Outgoing, names: &Names) -> Result<Grant, Failure> {
        spoil(self.bug, &self.context.credentials, &mut request);
        request
            .headers
            .push(("accept", "application/json".to_owned()));
        let mut read = Grant::read(&self.wire.send(&request).await?, names, self.bug);
        if self.bug == Some(Bug::RefusalTriedAgain) && read.is_err() {
            read = Grant::read(&self.wire.send(&request).await?, names, self.bug);
        }
        read.map_err(|mut failure| {
            if self.bug == Some(Bug::ShowsUrl) {
                let query = self.wire.encode(&request.query);
                failure.said.push(format!("{}?{query}", request.url));
            }
            failure
        })
    }

    async fn call(&mut self, call: &Call) -> Result<Success, Failure> {
        let answer = if self.context.auth == Auth::ApiKey {
            self.call_with_keys(call).await?
        } else {
            self.call_with_token(call).await?
        };
        let code = marketo::codes(&answer.body, None).into_iter().next();
        let failed = self.context.provider == Provider::Marketo && code.is_some();
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
                // What comes of it does not matter to this bug.
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
        let server = match self.context.provider {
            Provider::FujitsuAispf => "services",
            Provider::Jooto => "api",
            Provider::Marketo => "rest",
        };
        let url = if call.path.starts_with('/') {
            self.url(server, &call.path)
        } else {
            // A whole URL: what is not below the base URL is none of this credential's business.
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
        self.place(credential, &mut request);
        self.wire.send(&request).await
    }

    /// Attaches a credential to a call.
    fn place(&self, credential: &str, request: &mut Outgoing) {
        let bug = self.bug;
        match (self.context.provider, self.context.auth) {
            (Provider::Jooto, Auth::ApiKey) => jooto::place_key(bug, credential, request),
            (_, Auth::ApiKey) => aispf::place_key(bug, credential, request),
            (Provider::FujitsuAispf, _) => aispf::place_token(bug, credential, request),
            (Provider::Jooto, _) => {
                let value = format!("Bearer {credential}");
                request.headers.push(("authorization", value));
            }
            (Provider::Marketo, _) => marketo::place_token(self, credential, request),
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
                self.context.provider == Provider::Marketo
                    && marketo::refuses(&answer.body, self.bug)
            }
        }
    }

    fn authorize(&mut self) -> Success {
        let state = jooto::new_state(self.bug);
        let url = jooto::authorization_url(self, &state);
        self.state = Some(state);
        Success {
            url: Some(url),
            ..Success::default()
        }
    }

    fn callback(&mut self, url: &str) -> Result<Success, Failure> {
        let made = self.state.as_deref();
        let made = made.ok_or_else(|| Failure::of(ErrorKind::Config))?;
        self.code = Some(jooto::callback(self.bug, url, made)?);
        Ok(Success::default())
    }

    async fn exchange(&mut self) -> Result<Success, Failure> {
        let code = self.code.take();
        let code = code.ok_or_else(|| Failure::of(ErrorKind::Config))?;
        let request = jooto::exchange_request(self, &code);
        let grant = self.ask(request, &OAUTH2).await?;
        self.keep(Some(Token::granted(grant, None, self.now, self.bug)));
        Ok(Success::default())
    }
}
