//! An authorization server and an API that are as strict as any: a refresh token is good once, and a client
//! that sends one again has ended the session.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use tegata::SharedClock;
use tegata_jooto::{App, Settings};
use tokio::sync::watch;

use super::soon;

#[derive(Clone)]
pub(crate) struct Endpoint {
    url: String,
    world: Arc<World>,
}

struct World {
    families: Mutex<HashMap<String, Family>>,
    gate: watch::Sender<Gate>,
    /// How many requests have reached the gate.
    arrived: watch::Sender<u64>,
}

/// How a token request is treated.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Gate {
    Open,
    /// It waits, with its refresh token untouched, and fails when the gate opens.
    ClosedBefore,
    /// Its refresh token is used up; the answer waits until the gate opens.
    ClosedAfter,
}

/// The tokens that came from one login.
#[derive(Clone, Debug, Default)]
pub(crate) struct Family {
    /// The number of the valid tokens.
    number: u64,
    access_expired: bool,
    ended: bool,
    pub(crate) renewals: u64,
    /// How often a refresh token was sent that had been used.
    pub(crate) reused: u64,
    /// How often an invalid access token was sent.
    pub(crate) stale: u64,
    pub(crate) calls: u64,
}

impl Endpoint {
    pub(crate) async fn start() -> Self {
        let world = Arc::new(World {
            families: Mutex::default(),
            gate: watch::Sender::new(Gate::Open),
            arrived: watch::Sender::new(0),
        });
        let router = Router::new()
            .route("/oauth2/token", post(renew))
            .route("/organizations", get(call))
            .with_state(Arc::clone(&world));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, world }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn app(&self, clock: SharedClock) -> App {
        app(&self.url, clock)
    }

    /// A person logs in: tokens with this number are valid.
    pub(crate) fn log_in(&self, family: &str, number: u64) {
        let new = Family {
            number,
            ..Family::default()
        };
        self.world.families().insert(family.to_owned(), new);
    }

    /// The access token is no longer valid.
    pub(crate) fn expire(&self, family: &str) {
        let mut families = self.world.families();
        families.get_mut(family).expect("logged in").access_expired = true;
    }

    pub(crate) fn family(&self, family: &str) -> Family {
        self.world.families()[family].clone()
    }

    pub(crate) fn set(&self, gate: Gate) {
        self.world.gate.send_replace(gate);
    }

    /// Waits until this number of requests have reached a closed gate.
    pub(crate) async fn arrived(&self, count: u64) {
        let mut arrived = self.world.arrived.subscribe();
        let came = arrived.wait_for(|arrived| *arrived >= count);
        drop(
            soon("a token request", came)
                .await
                .expect("it is still there"),
        );
    }
}

/// An application whose tokens come from there.
pub(crate) fn app(url: &str, clock: SharedClock) -> App {
    App::builder(
        "client",
        "CANARY-client-secret",
        "https://client.example/back",
    )
    .base_url(url)
    .oauth_url(url)
    .settings(Settings::new().clock(clock))
    .build()
    .expect("an application")
}

impl World {
    fn families(&self) -> MutexGuard<'_, HashMap<String, Family>> {
        self.families.lock().expect("not poisoned")
    }

    async fn wait(&self) {
        self.arrived.send_modify(|arrived| *arrived += 1);
        let mut gate = self.gate.subscribe();
        let _ = gate.wait_for(|gate| *gate == Gate::Open).await;
    }
}

type Answer = (StatusCode, [(&'static str, &'static str); 1], String);

fn json(status: StatusCode, body: impl Into<String>) -> Answer {
    (status, [("content-type", "application/json")], body.into())
}

async fn renew(State(world): State<Arc<World>>, body: Bytes) -> Answer {
    let gate = *world.gate.borrow();
    if gate == Gate::ClosedBefore {
        world.wait().await;
        return json(StatusCode::SERVICE_UNAVAILABLE, "{}");
    }
    let fields: HashMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    let sent = fields
        .get("refresh_token")
        .map(String::as_str)
        .unwrap_or_default();
    let answer = exchange(&mut world.families(), sent);
    if gate == Gate::ClosedAfter {
        world.wait().await;
    }
    answer.unwrap_or_else(|| json(StatusCode::BAD_REQUEST, r#"{"error":"invalid_grant"}"#))
}

fn exchange(families: &mut HashMap<String, Family>, sent: &str) -> Option<Answer> {
    let (name, number) = parts(sent, "CANARY-refresh-")?;
    let family = families.get_mut(name)?;
    if number != family.number {
        family.reused += 1;
        family.ended = true;
    }
    if family.ended {
        return None;
    }
    family.number += 1;
    family.access_expired = false;
    family.renewals += 1;
    let number = family.number;
    Some(json(
        StatusCode::OK,
        format!(
            r#"{{"access_token":"CANARY-access-{name}-{number}","refresh_token":"CANARY-refresh-{name}-{number}","token_type":"Bearer","expires_in":3600}}"#
        ),
    ))
}

async fn call(State(world): State<Arc<World>>, headers: HeaderMap) -> Answer {
    let sent = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    let sent = sent.unwrap_or_default();
    let mut families = world.families();
    let good = parts(sent, "Bearer CANARY-access-").and_then(|(name, number)| {
        let family = families.get_mut(name)?;
        family.calls += 1;
        let good = number == family.number && !family.access_expired;
        family.stale += u64::from(!good);
        Some(good)
    });
    match good {
        Some(true) => json(StatusCode::OK, r#"{"organizations":[]}"#),
        _ => json(StatusCode::UNAUTHORIZED, "{}"),
    }
}

fn parts<'a>(sent: &'a str, prefix: &str) -> Option<(&'a str, u64)> {
    let (family, number) = sent.strip_prefix(prefix)?.rsplit_once('-')?;
    Some((family, number.parse().ok()?))
}
