//! The server that a client is tested with: the emulator of the document's profile, or one that is not ours.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tegata::oauth::{App, Server as Described};
use tegata::reqwest::{self, Response, header, redirect};
use tegata::{
    Client, Error, ManualClock, RenewalPolicy, Secret, Settings, SharedClock, Token, TokenCache,
};
use tegata_emulator::{ApiClient, ApiConfig, ClockMode, Config, Emulator, Profile, Provider};
use tegata_gen::{Encoder, Options, generate};

/// With characters that form encoding changes.
pub(crate) const SECRET: &str = "CANARY:s+%2B c&=";
pub(crate) const BACK: &str = "https://app.example/back";

pub(crate) struct Server {
    /// Below which the operations are.
    pub(crate) api: String,
    root: String,
    clock: ManualClock,
    emulator: Option<(Emulator, Provider)>,
}

/// The profile of a document.
pub(crate) fn profile(document: &str) -> Profile {
    let json = json(document);
    Profile::from_json(document, &json).unwrap_or_else(|error| panic!("{error}"))
}

/// The same as the command writes it.
pub(crate) fn json(document: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents");
    let path = folder.join(document);
    let overlay = path.with_extension("overlay.yaml");
    let options = Options {
        overlays: overlay.exists().then_some(overlay).into_iter().collect(),
        encoder: Encoder::Process(env!("CARGO_BIN_EXE_tegata-gen").into()),
        profile: true,
        ..Options::default()
    };
    let package = generate(&path, &options).unwrap_or_else(|error| panic!("{error}"));
    package.profile.expect("a profile")
}

impl Server {
    /// The emulator, with the clients that the independent server has.
    pub(crate) fn emulated(document: &str, change: impl FnOnce(&mut ApiConfig)) -> Self {
        let mut api = ApiConfig::new(profile(document));
        api.clients = vec![
            ApiClient::new("basic id", SECRET).redirect_uri(BACK),
            ApiClient::new("post id", SECRET).redirect_uri(BACK),
            ApiClient::public("public id").redirect_uri(BACK),
        ];
        change(&mut api);
        let mut config = Config::default();
        let provider = api.provider();
        config.apis.push(api);
        let emulator = Emulator::start(config).expect("started");
        Self {
            api: emulator.api_url(provider),
            root: emulator.base_url().to_owned(),
            clock: ManualClock::default(),
            emulator: Some((emulator, provider)),
        }
    }

    /// The server whose URL this variable has, below which the API is at that path.
    pub(crate) fn independent(variable: &str, path: &str) -> Option<Self> {
        let Ok(root) = std::env::var(variable) else {
            eprintln!("skipped: `{variable}` names no server");
            return None;
        };
        Some(Self {
            api: format!("{root}{path}"),
            root,
            clock: ManualClock::at(SystemTime::now()),
            emulator: None,
        })
    }

    /// The emulator with its provider, if it is one.
    pub(crate) fn emulator(&self) -> Option<(&Emulator, Provider)> {
        self.emulator.as_ref().map(|(emulator, it)| (emulator, *it))
    }

    pub(crate) fn clock(&self) -> SharedClock {
        match self.emulator() {
            Some((emulator, _)) => emulator.clock().into(),
            None => SharedClock::new(self.clock.clone()),
        }
    }

    /// Without a pause after a failure.
    pub(crate) fn renewal() -> RenewalPolicy {
        RenewalPolicy::new().retry_interval(Duration::ZERO)
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings::new().clock(self.clock()).renewal(Self::renewal())
    }

    /// Lets tokens expire, on both sides where the server's clock can be moved.
    pub(crate) fn pass_an_hour(&self) {
        let hour = Duration::from_secs(3600);
        match self.emulator() {
            Some((emulator, _)) => emulator.advance(hour),
            None => self.clock.advance(hour),
        }
    }

    /// From now on the API refuses the client's token, before its time is over.
    pub(crate) async fn refuse_token(&self, client: &Client) {
        if let Some((emulator, provider)) = self.emulator() {
            assert!(emulator.forget(provider) > 0);
            return;
        }
        let token = token(client);
        let request = reqwest::Client::new().post(format!("{}/destroy", self.root));
        let request = request.bearer_auth(token.access_token().expose());
        let done = request.send().await.expect("an answer");
        assert_eq!(done.status(), 200);
    }

    /// The user of the device with this code decides.
    pub(crate) async fn decide(&self, user_code: &str, agrees: bool) {
        if let Some((emulator, provider)) = self.emulator() {
            let decided = emulator.decide_device(provider, user_code, agrees);
            return decided.expect("a device that waits");
        }
        let decision = if agrees { "agree" } else { "refuse" };
        let url = format!("{}/decide/{user_code}/{decision}", self.root);
        let decided = reqwest::Client::new().post(url).send().await;
        assert_eq!(decided.expect("an answer").status(), 200);
    }

    /// The user's browser: follows the redirects, with cookies, until it is sent back.
    pub(crate) async fn browse(&self, start: &str) -> String {
        let builder = reqwest::Client::builder().redirect(redirect::Policy::none());
        let browser = builder.no_proxy().build().expect("a browser");
        let mut cookies = HashMap::new();
        let mut url = start.to_owned();
        while !url.starts_with(BACK) {
            let all: Vec<_> = cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let request = browser.get(&url).header(header::COOKIE, all.join("; "));
            let response = request.send().await.expect("an answer");
            cookies.extend(set_cookies(&response));
            let next = response.headers().get(header::LOCATION);
            let next = next.expect("a redirect").to_str().expect("ASCII");
            url = if next.starts_with('/') {
                format!("{}{next}", self.root)
            } else {
                next.to_owned()
            };
        }
        url
    }
}

fn set_cookies(response: &Response) -> Vec<(String, String)> {
    let all = response.headers().get_all(header::SET_COOKIE).iter();
    let pairs = all.map(|cookie| {
        let cookie = cookie.to_str().expect("ASCII");
        let pair = cookie.split(';').next().and_then(|it| it.split_once('='));
        let (name, value) = pair.expect("a pair");
        (name.to_owned(), value.to_owned())
    });
    pairs.collect()
}

pub(crate) fn token(client: &Client) -> Token {
    let token = client.token_cache().and_then(TokenCache::token);
    token.expect("a token")
}

pub(crate) fn access_token(client: &Client) -> String {
    token(client).access_token().expose().to_owned()
}

pub(crate) fn refresh_token(client: &Client) -> String {
    let token = token(client).refresh_token().cloned();
    token.expect("one").expose().to_owned()
}

#[track_caller]
pub(crate) fn shows_no_secret(error: &Error) {
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("CANARY"), "{shown}");
}
