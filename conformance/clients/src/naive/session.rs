//! A client in the middle of a case: it obtains tokens, keeps them and renews them.

use super::state::NaiveSession;
use super::token::{Grant, LEGACY, OAUTH2, Token};
use super::{Bug, aispf, jooto, marketo};
use crate::providers::{FUJITSU_AISPF, JOOTO, MARKETO, no_client};
use tegata_conformance::case::Auth;
use tegata_conformance::script::{ErrorKind, Failure, Outcome, Session, Success, Task};

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
    /// A token that will do for a call.
    pub(super) async fn token(&self) -> Result<Token, Failure> {
        match self.kept() {
            Some(token) if token.is_good(self.now, self.bug) => Ok(token),
            _ => self.renew().await,
        }
    }

    /// Obtains a new token and keeps it.
    pub(super) async fn renew(&self) -> Result<Token, Failure> {
        let old = self.kept();
        let grant = match (self.context.provider.name(), self.context.auth) {
            (_, Auth::ApiKey) if self.bug != Some(Bug::KeyRunsOut) => {
                return Err(Failure::of(ErrorKind::Config));
            }
            (FUJITSU_AISPF, Auth::Legacy) => self.renew_legacy(old.as_ref()).await?,
            (FUJITSU_AISPF, _) => self.ask(aispf::token_request(self), &OAUTH2).await?,
            (JOOTO, _) => {
                let refresh = old.as_ref().and_then(|token| token.refresh.as_deref());
                let refresh = refresh.ok_or_else(|| Failure::of(ErrorKind::InvalidGrant))?;
                let request = jooto::refresh_request(self, refresh);
                self.ask(request, &OAUTH2).await?
            }
            (MARKETO, _) => self.ask(marketo::token_request(self), &OAUTH2).await?,
            _ => return Err(no_client(self.context.provider)),
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
