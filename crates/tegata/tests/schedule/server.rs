//! A token endpoint that takes each refresh token once, and otherwise answers as scripted.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tegata::provider::ErrorExt as _;
use tegata::provider::{Issued, Refresh, Seconds};
use tegata::{Error, ErrorCode, ErrorKind, Token};

use crate::event::Answer;
use crate::seen;

#[derive(Clone)]
pub(crate) struct Server(Arc<Mutex<State>>);

struct State {
    answers: VecDeque<Answer>,
    issued: u64,
    last: Option<(String, SystemTime)>,
    /// When each access token expires.
    expiry: HashMap<String, SystemTime>,
    /// The one valid refresh token, if the grant has any.
    good: Option<String>,
    rotates: bool,
    /// The valid one came with an unusable access token, so its holder cannot be seen from outside.
    hidden: bool,
    ended: bool,
    /// The refresh tokens that were replaced.
    spent: HashSet<String>,
    /// The refresh tokens of grants that have ended.
    dead: HashSet<String>,
}

impl Server {
    pub(crate) fn new(rotates: bool) -> Self {
        Self(Arc::new(Mutex::new(State {
            answers: VecDeque::new(),
            issued: 0,
            last: None,
            expiry: HashMap::new(),
            good: None,
            rotates,
            hidden: false,
            ended: false,
            spent: HashSet::new(),
            dead: HashSet::new(),
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn will(&self, answer: Answer) {
        self.state().answers.push_back(answer);
    }

    pub(crate) fn will_be_good(&self) {
        self.state().answers.clear();
    }

    pub(crate) fn end_grant(&self) {
        let mut state = self.state();
        state.ended = true;
        let family: Vec<_> = state.spent.iter().chain(&state.good).cloned().collect();
        state.dead.extend(family);
    }

    pub(crate) fn is_dead(&self, refresh_token: Option<&str>) -> bool {
        refresh_token.is_some_and(|token| self.state().dead.contains(token))
    }

    /// Whether it has been replaced.
    pub(crate) fn is_spent(&self, refresh_token: Option<&str>) -> bool {
        refresh_token.is_some_and(|token| self.state().spent.contains(token))
    }

    pub(crate) fn is_hidden(&self) -> bool {
        self.state().hidden
    }

    pub(crate) fn has_ended_grant(&self) -> bool {
        self.state().ended
    }

    /// Whether it may be sent: it is the newest, or belongs to a grant whose end the sender does not know.
    pub(crate) fn may_be_sent(&self, refresh_token: Option<&str>) -> Result<(), String> {
        let state = self.state();
        let is_dead = refresh_token.is_some_and(|token| state.dead.contains(token));
        if is_dead || refresh_token == state.good.as_deref() {
            return Ok(());
        }
        Err(match refresh_token {
            Some(token) if state.spent.contains(token) => {
                format!("no refresh token is sent again once it is spent: {token}")
            }
            _ => format!("the newest refresh token is sent, but not {refresh_token:?}"),
        })
    }

    pub(crate) fn expiry(&self, access_token: &str) -> Option<SystemTime> {
        self.state().expiry.get(access_token).copied()
    }

    /// The one valid refresh token.
    pub(crate) fn good_refresh_token(&self) -> Option<String> {
        self.state().good.clone()
    }

    /// The token of a person's consent.
    pub(crate) fn consent(&self, now: SystemTime) -> Token {
        self.state().ended = false;
        Token::new(self.issue(now, HOUR, None), now, None)
    }

    /// The token that another process gets when it renews this one.
    pub(crate) fn renew(&self, known: &Token, now: SystemTime) -> Token {
        Token::new(self.issue(now, HOUR, None), now, Some(known))
    }

    fn issue(&self, now: SystemTime, lifetime: Duration, refresh: Option<Refresh>) -> Issued {
        let mut state = self.state();
        state.issued += 1;
        state.hidden = false;
        let number = state.issued;
        let access = format!("A{number}");
        state.last = Some((access.clone(), now + lifetime));
        state.expiry.insert(access.clone(), now + lifetime);
        let replaced = || {
            let token = format!("R{number}");
            let refresh = Refresh::Replace {
                token: token.as_str().into(),
                lifetime: None,
            };
            (Some(token), refresh)
        };
        let refresh = match refresh {
            Some(refresh) => refresh,
            None if state.rotates => {
                let (good, refresh) = replaced();
                let spent = std::mem::replace(&mut state.good, good);
                state.spent.extend(spent);
                refresh
            }
            None => Refresh::Forget,
        };
        Issued::new(access, Some(lifetime), refresh)
    }

    /// The next answer of the script, or a good token.
    pub(crate) fn next(&self) -> Answer {
        self.state().answers.pop_front().unwrap_or(Answer::Token {
            lifetime: 3600,
            after: 0,
        })
    }

    /// The answer to a request that was sent at this time.
    pub(crate) fn answer(
        &self,
        answer: Answer,
        refresh_token: Option<&str>,
        sent_at: SystemTime,
    ) -> Result<Issued, Error> {
        if refresh_token.is_some_and(|token| self.state().dead.contains(token)) {
            seen("a grant ended");
            return Err(denied("invalid_grant"));
        }
        match answer {
            Answer::Token { lifetime, .. } => {
                if lifetime == 0 {
                    seen("a token came dead");
                }
                let seconds = i64::try_from(lifetime).unwrap_or(i64::MAX);
                Ok(self.issue(sent_at, Seconds::new(seconds).lifetime(), None))
            }
            Answer::Same => Ok(self.same(sent_at)),
            Answer::Unusable => {
                seen("an answer could not be used");
                let refresh = self.issue(sent_at, HOUR, None).refresh;
                self.state().hidden = true;
                Ok(Issued::unusable("not of type bearer", refresh))
            }
            Answer::Unreadable => {
                seen("an answer could not be read");
                Err(Error::new(ErrorKind::InvalidResponse, "unreadable"))
            }
            Answer::NoRefreshToken => Ok(self.issue(sent_at, HOUR, Some(Refresh::Keep))),
            Answer::RetryAfter(seconds) => {
                seen("a server asked for a longer pause");
                Err(unavailable().with_retry_after(Some(Duration::from_secs(seconds))))
            }
            Answer::InvalidClient => Err(denied("invalid_client")),
            Answer::Unavailable | Answer::Hang | Answer::Panic => Err(unavailable()),
        }
    }

    fn same(&self, sent_at: SystemTime) -> Issued {
        let last = self.state().last.clone();
        let left = last.and_then(|(access, expires_at)| {
            let left = expires_at.duration_since(sent_at).ok()?;
            (!left.is_zero()).then_some((access, left))
        });
        let Some((access, left)) = left else {
            return self.issue(sent_at, HOUR, None);
        };
        seen("a token came again");
        Issued::new(access, Some(left), Refresh::Keep)
    }
}

const HOUR: Duration = Duration::from_secs(3600);

fn unavailable() -> Error {
    Error::new(ErrorKind::Connection, "unavailable")
}

fn denied(code: &str) -> Error {
    Error::new(ErrorKind::TokenDenied, "denied").with_code(Some(ErrorCode::from(code)))
}
