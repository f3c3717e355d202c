//! A strict token endpoint and an API behind it, in the parent.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::diary;

/// A refresh token that came a second time.
#[derive(Clone, Debug)]
pub(crate) struct Reuse {
    pub(crate) at: Duration,
    pub(crate) session: u64,
    /// The number of the refresh token.
    pub(crate) number: u64,
    pub(crate) sender: u64,
    /// Who was given the next one.
    pub(crate) given_to: u64,
}

/// The endpoint, as the rest of the test sees it.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) port: u16,
    state: Arc<Mutex<State>>,
    /// A refresh token has been replaced; the answer is on its way.
    pub(crate) renewed: Arc<Notify>,
}

struct State {
    session: u64,
    has_ended: bool,
    /// The newest refresh token.
    number: u64,
    given_to: HashMap<u64, u64>,
    expires_at: HashMap<u64, Instant>,
    life: Duration,
    /// Between the decision and the answer.
    delay: Duration,
    /// For the next answer alone.
    stall: Option<Duration>,
    reuses: Vec<Reuse>,
    renewals: u64,
}

impl Endpoint {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a port");
        let endpoint = Self {
            port: listener.local_addr().expect("an address").port(),
            state: Arc::new(Mutex::new(State {
                session: 0,
                has_ended: true,
                number: 0,
                given_to: HashMap::new(),
                expires_at: HashMap::new(),
                life: Duration::from_secs(1),
                delay: Duration::from_millis(20),
                stall: None,
                reuses: Vec::new(),
                renewals: 0,
            })),
            renewed: Arc::default(),
        };
        let router = Router::new().fallback({
            let endpoint = endpoint.clone();
            move |request: Request<Body>| {
                let endpoint = endpoint.clone();
                async move { endpoint.answer(request).await }
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        endpoint
    }

    /// A person logs in: session, and the name of its first token.
    pub(crate) fn log_in(&self) -> (u64, String) {
        let mut state = self.state();
        state.session += 1;
        state.has_ended = false;
        state.number = 1;
        state.given_to.clear();
        state.expires_at.clear();
        // It is renewed at once.
        state.expires_at.insert(1, Instant::now());
        (state.session, format!("{}-1", state.session))
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.state().has_ended
    }

    /// The name of the newest token.
    pub(crate) fn newest(&self) -> String {
        let state = self.state();
        format!("{}-{}", state.session, state.number)
    }

    pub(crate) fn renewals(&self) -> u64 {
        self.state().renewals
    }

    pub(crate) fn set_life(&self, life: Duration) {
        self.state().life = life;
    }

    pub(crate) fn set_delay(&self, delay: Duration) {
        self.state().delay = delay;
    }

    pub(crate) fn stall(&self, stall: Duration) {
        self.state().stall = Some(stall);
    }

    pub(crate) fn take_reuses(&self) -> Vec<Reuse> {
        std::mem::take(&mut self.state().reuses)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let path = request.uri().path().to_owned();
        let who = path.split('/').nth(1).and_then(|who| who.parse().ok());
        let who: u64 = who.unwrap_or_default();
        if !path.ends_with("/oauth2/token") {
            let credential = request.headers().get("authorization");
            let credential = credential.and_then(|value| value.to_str().ok());
            return self.call(credential.unwrap_or_default());
        }
        let body = to_bytes(request.into_body(), 1 << 16)
            .await
            .unwrap_or_default();
        let sent = form_urlencoded::parse(&body).find(|(name, _)| name == "refresh_token");
        let sent = sent
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default();
        let (status, answer, delay) = self.state().renew(who, &sent);
        if status.is_success() {
            self.renewed.notify_waiters();
        }
        tokio::time::sleep(delay).await;
        json(status, answer)
    }

    fn call(&self, credential: &str) -> Response<Body> {
        let state = self.state();
        let name = credential.trim_start_matches("Bearer A-");
        let is_good = parse(name).is_some_and(|(session, number)| {
            let now = Instant::now();
            let expires_at = state.expires_at.get(&number);
            session == state.session && !state.has_ended && expires_at.is_some_and(|at| *at >= now)
        });
        if is_good {
            json(StatusCode::OK, name.to_owned())
        } else {
            json(StatusCode::UNAUTHORIZED, "{}".to_owned())
        }
    }
}

impl State {
    fn renew(&mut self, who: u64, sent: &str) -> (StatusCode, String, Duration) {
        let refused = (
            StatusCode::BAD_REQUEST,
            r#"{"error":"invalid_grant"}"#.to_owned(),
            Duration::ZERO,
        );
        let Some((session, number)) = parse(sent.trim_start_matches("R-")) else {
            return refused;
        };
        if session != self.session || self.has_ended {
            return refused;
        }
        if number != self.number {
            self.has_ended = true;
            let given_to = self
                .given_to
                .get(&(number + 1))
                .copied()
                .unwrap_or_default();
            self.reuses.push(Reuse {
                at: diary::now(),
                session,
                number,
                sender: who,
                given_to,
            });
            return refused;
        }
        self.number += 1;
        self.renewals += 1;
        self.given_to.insert(self.number, who);
        // A little longer than it says, as real ones do.
        let life = self.life + Duration::from_millis(500);
        self.expires_at.insert(self.number, Instant::now() + life);
        let name = format!("{session}-{}", self.number);
        let answer = format!(
            r#"{{"access_token":"A-{name}","refresh_token":"R-{name}","token_type":"Bearer","expires_in":{}}}"#,
            self.life.as_secs()
        );
        let delay = self.stall.take().unwrap_or(self.delay);
        (StatusCode::OK, answer, delay)
    }
}

/// Session and number.
pub(crate) fn parse(name: &str) -> Option<(u64, u64)> {
    let (session, number) = name.split_once('-')?;
    Some((session.parse().ok()?, number.parse().ok()?))
}

fn json(status: StatusCode, body: String) -> Response<Body> {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .header("connection", "close")
        .body(Body::from(body))
        .expect("a response")
}
