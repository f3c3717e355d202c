//! A provider on loopback: a token endpoint that checks the client's secret, and an API that takes the newest token.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Response, Uri};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tegata::oauth::{App, AppBuilder, Server};
use tegata::{Client, ClientBuilder, ManualClock, RenewalPolicy, Settings};

pub(crate) const ID: &str = "my id";
/// With the characters that encodings treat differently.
pub(crate) const SECRET: &str = "CANARY:s+%c&=é";

#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) seen: Vec<Seen>,
    issued: usize,
    /// The access token that the API takes.
    pub(crate) live: String,
    /// The refresh token that the token endpoint takes.
    pub(crate) refresh: Option<String>,
    pub(crate) keeps_refresh_tokens: bool,
    /// Answers of the authorization server in place of its own.
    pub(crate) scripted: VecDeque<Response<Body>>,
}

#[derive(Clone)]
pub(crate) struct Provider {
    pub(crate) url: String,
    pub(crate) clock: ManualClock,
    state: Arc<Mutex<State>>,
}

pub(crate) fn answer(status: u16, body: &Value) -> Response<Body> {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .expect("an answer")
}

impl Provider {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let handle = move |method, uri: Uri, headers, body: Bytes| async move {
            let body = String::from_utf8_lossy(&body).into_owned();
            let seen = Seen {
                method,
                uri,
                headers,
                body,
            };
            shared.lock().expect("not poisoned").answer(&seen)
        };
        let router = axum::Router::new().fallback(handle);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url,
            clock: ManualClock::default(),
            state,
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("not poisoned")
    }

    /// The requests to this path.
    pub(crate) fn seen(&self, path: &str) -> Vec<Seen> {
        let seen = &self.state().seen;
        seen.iter()
            .filter(|seen| seen.uri.path() == path)
            .cloned()
            .collect()
    }

    pub(crate) fn server(&self) -> Server {
        Server::new("/token")
            .base_url(&self.url)
            .device_url("/device")
    }

    pub(crate) fn app(&self, server: Server) -> AppBuilder {
        App::builder(server, ID, SECRET).settings(self.settings())
    }

    pub(crate) fn client(&self) -> ClientBuilder {
        Client::builder("test", format!("{}/api", self.url)).settings(self.settings())
    }

    /// No pause after a failed renewal, since that is real time.
    pub(crate) fn settings(&self) -> Settings {
        let policy = RenewalPolicy::new().retry_interval(Duration::ZERO);
        Settings::new().clock(self.clock.clone()).renewal(policy)
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

impl State {
    fn answer(&mut self, seen: &Seen) -> Response<Body> {
        self.seen.push(seen.clone());
        if seen.uri.path().starts_with("/api") {
            let token = format!("Bearer {}", self.live);
            let is_live = seen
                .headers
                .get("authorization")
                .is_some_and(|sent| sent == &token);
            return answer(if is_live { 200 } else { 401 }, &json!({"ok": is_live}));
        }
        match self.scripted.pop_front() {
            Some(answer) => answer,
            None => self.token(seen),
        }
    }

    fn token(&mut self, seen: &Seen) -> Response<Body> {
        let sent = parameters(seen);
        let refused = |status, code| {
            answer(
                status,
                &json!({"error": code, "error_description": "CANARY"}),
            )
        };
        let is_public = !sent.contains_key("client_secret");
        if !is_public && (sent["client_secret"] != SECRET || sent["client_id"] != ID) {
            return refused(401, "invalid_client");
        }
        if sent["grant_type"] == "refresh_token"
            && sent.get("refresh_token") != self.refresh.as_ref()
        {
            return refused(400, "invalid_grant");
        }
        self.issued += 1;
        self.live = format!("CANARY-access-{}", self.issued);
        let mut token =
            json!({"access_token": self.live, "token_type": "Bearer", "expires_in": 3600});
        if sent["grant_type"] != "client_credentials" && !self.keeps_refresh_tokens {
            let refresh = format!("CANARY-refresh-{}", self.issued);
            token["refresh_token"] = refresh.clone().into();
            self.refresh = Some(refresh);
        }
        answer(200, &token)
    }
}

/// All parameters, wherever they were sent. By Basic the secret may be raw or form-encoded.
pub(crate) fn parameters(seen: &Seen) -> HashMap<String, String> {
    let query = seen.uri.query().unwrap_or_default();
    let mut all: HashMap<_, _> = form(query).chain(form(&seen.body)).collect();
    if let Ok(Value::Object(body)) = serde_json::from_str(&seen.body) {
        all = body
            .into_iter()
            .map(|(name, value)| (name, value.as_str().expect("a text").to_owned()))
            .collect();
    }
    if let Some(basic) = seen.headers.get("authorization") {
        let basic = basic
            .to_str()
            .expect("ASCII")
            .strip_prefix("Basic ")
            .expect("Basic");
        let pair = BASE64_STANDARD.decode(basic).expect("base64");
        let pair = String::from_utf8(pair).expect("UTF-8");
        let (id, secret) = pair.split_once(':').expect("a pair");
        let is_raw = id.contains(' ');
        let read = |text: &str| -> String {
            if is_raw {
                return text.to_owned();
            }
            form(text).map(|(name, value)| name + &value).collect()
        };
        all.insert("client_id".into(), read(id));
        all.insert("client_secret".into(), read(secret));
    }
    all
}

fn form(text: &str) -> impl Iterator<Item = (String, String)> {
    url::form_urlencoded::parse(text.as_bytes()).into_owned()
}
