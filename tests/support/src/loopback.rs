//! An emulator whose clock stands still, and clients that run on it.

use std::time::Duration;

use super::soon;
use tegata::reqwest::{self, redirect};
use tegata::{HttpClient, ManualClock, RenewalPolicy, Settings, Token};
use tegata_emulator::{
    ClockMode, Config, Counts, Emulator, Endpoint, Fault, LogEntry, Provider, Refusal,
};
use tegata_fujitsu_aispf::{ApiKey, Credentials, LegacyOAuth, OAuth2};
use tegata_jooto::{App, AppBuilder, Authorization, AuthorizationCode};

pub const AISPF_ID: &str = "aispf-client";
pub const AISPF_SECRET: &str = "CANARY-aispf-secret";
pub const AISPF_PRIMARY: &str = "CANARY-aispf-primary-key";
pub const AISPF_SECONDARY: &str = "CANARY-aispf-secondary-key";
pub const JOOTO_KEY: &str = "CANARY-jooto-key";
pub const JOOTO_ID: &str = "jooto-client";
pub const JOOTO_SECRET: &str = "CANARY-jooto-secret";
pub const JOOTO_CALLBACK: &str = "https://app.example.com/callback";
pub const MARKETO_ID: &str = "marketo-client";
pub const MARKETO_SECRET: &str = "CANARY-marketo-secret";
pub const MARKETO_ID_2: &str = "marketo-client-2";
pub const MARKETO_SECRET_2: &str = "CANARY-marketo-secret-2";

/// The documented life of every access token, in seconds.
pub const HOUR: u64 = 3600;

/// So many seconds before its expiry a token is certainly stale: the window is five minutes, which chance
/// shortens by up to a fifth.
pub const WINDOW: u64 = 240;

/// The documented life of a refresh token of the conventional method, in seconds.
pub const DAY: u64 = 86_400;

/// The emulator and the clock of the clients, which move together.
pub struct Loopback {
    pub emulator: Emulator,
    pub clock: ManualClock,
    http: HttpClient,
}

impl Loopback {
    pub fn start() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::default();
        config.emulator.clock = ClockMode::Frozen;
        config.jooto.api_keys = vec![JOOTO_KEY.to_owned()];
        change(&mut config);
        Self {
            emulator: Emulator::start(config).expect("a configuration and a free port"),
            clock: ManualClock::default(),
            http: HttpClient::from_builder(reqwest::Client::builder().no_proxy())
                .expect("a client"),
        }
    }

    /// Lets time pass, for server and clients alike.
    pub fn advance(&self, seconds: u64) {
        let by = Duration::from_secs(seconds);
        self.emulator.advance(by);
        self.clock.advance(by);
    }

    /// The clients' settings: this clock, and no pause after a failed renewal, since that is real time.
    pub fn settings(&self) -> Settings {
        Settings::new()
            .clock(self.clock.clone())
            .renewal(RenewalPolicy::new().retry_interval(Duration::ZERO))
            .http_client(self.http.clone())
    }

    /// The same settings with another HTTP client.
    pub fn settings_with(&self, http: reqwest::ClientBuilder) -> Settings {
        self.settings().http_client(http.no_proxy())
    }

    pub fn url(&self, provider: Provider) -> String {
        self.emulator.provider_url(provider)
    }

    pub fn counts(&self, provider: Provider) -> Counts {
        self.emulator.counts(provider)
    }

    /// The requests to the token endpoint, oldest first.
    pub fn token_requests(&self, provider: Provider) -> Vec<LogEntry> {
        self.requests(provider, is_token_path)
    }

    /// The calls that want a credential, oldest first.
    pub fn calls(&self, provider: Provider) -> Vec<LogEntry> {
        self.requests(provider, |path| {
            !is_token_path(path) && !path.ends_with("/login")
        })
    }

    fn requests(&self, provider: Provider, wanted: impl Fn(&str) -> bool) -> Vec<LogEntry> {
        let mut entries = self.emulator.log(provider);
        entries.retain(|entry| wanted(&entry.path));
        entries
    }

    /// Returns when that many requests wait at the gate.
    pub async fn until_held(&self, provider: Provider, endpoint: Endpoint, count: usize) {
        let held = self.emulator.until_held(provider, endpoint, count);
        soon("requests at the gate", held).await;
    }

    pub fn refuse_next(&self, provider: Provider, refusal: Refusal) {
        let ordered = self.emulator.refuse_next(provider, refusal);
        ordered.expect("a refusal that the provider knows");
    }

    pub fn fault(&self, provider: Provider, fault: Fault) {
        let ordered = self.emulator.fault(provider, fault);
        ordered.expect("a fault that can be answered");
    }

    /// The next token request is answered with this JSON.
    pub fn next_token(&self, provider: Provider, json: impl Into<String>) {
        let fault = Fault::on(Endpoint::Token).body("application/json", json.into());
        self.fault(provider, fault);
    }

    pub fn aispf(
        &self,
        credentials: impl Into<Credentials>,
    ) -> tegata_fujitsu_aispf::ClientBuilder {
        let url = self.url(Provider::FujitsuAispf);
        tegata_fujitsu_aispf::Client::builder(credentials)
            .auth_url(url.clone())
            .base_url(url)
            .settings(self.settings())
    }

    pub fn aispf_key(&self, key: &str) -> tegata_fujitsu_aispf::ClientBuilder {
        self.aispf(ApiKey::new(key))
    }

    pub fn aispf_keys(
        &self,
        primary: &str,
        secondary: &str,
    ) -> tegata_fujitsu_aispf::ClientBuilder {
        self.aispf(ApiKey::new(primary).secondary(secondary))
    }

    pub fn aispf_oauth2(&self, id: &str, secret: &str) -> tegata_fujitsu_aispf::ClientBuilder {
        self.aispf(OAuth2::new(id, secret))
    }

    pub fn aispf_legacy(&self, id: &str, secret: &str) -> tegata_fujitsu_aispf::ClientBuilder {
        self.aispf(LegacyOAuth::new(id, secret))
    }

    pub fn jooto_key(&self, key: &str) -> tegata_jooto::ClientBuilder {
        tegata_jooto::Client::builder(key)
            .base_url(self.url(Provider::Jooto))
            .settings(self.settings())
    }

    pub fn jooto_app(&self, id: &str, secret: &str) -> AppBuilder {
        let url = self.url(Provider::Jooto);
        App::builder(id, secret, JOOTO_CALLBACK)
            .oauth_url(url.clone())
            .base_url(url)
            .settings(self.settings())
    }

    pub fn marketo(&self, id: &str, secret: &str) -> tegata_marketo::ClientBuilder {
        tegata_marketo::Client::builder(id, secret)
            .base_url(self.url(Provider::Marketo))
            .settings(self.settings())
    }

    /// The registered application of Jooto.
    pub fn app(&self) -> App {
        let app = self.jooto_app(JOOTO_ID, JOOTO_SECRET).build();
        app.expect("valid settings")
    }

    /// What the browser is sent back to when the user opens the authorization page and consents.
    pub async fn consent(&self, authorization: &Authorization) -> String {
        let browser = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("a client");
        let answer = browser.get(authorization.url().as_str()).send().await;
        let answer = answer.expect("the login page answers");
        assert_eq!(answer.status(), 302, "the login page redirects");
        let location = answer.headers().get("location").expect("a location");
        location.to_str().expect("ASCII").to_owned()
    }

    /// A code, as after the user's consent for organization 1.
    pub async fn code(&self, app: &App) -> AuthorizationCode {
        let authorization = app.authorize(1).expect("random numbers");
        let back = self.consent(&authorization).await;
        authorization.callback(&back).expect("a code")
    }

    /// A token, as after the user's consent for organization 1.
    pub async fn token(&self, app: &App) -> Token {
        let code = self.code(app).await;
        app.exchange(&code).await.expect("a token")
    }
}

fn is_token_path(path: &str) -> bool {
    path.ends_with("/tokens") || path.ends_with("/token")
}
