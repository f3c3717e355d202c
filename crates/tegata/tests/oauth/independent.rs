//! Against a server that is not ours, if there is one: `conformance/examples/independent-grants/run`.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use rstest::rstest;
use tegata::BasicEncoding::{Form, Raw};
use tegata::oauth::{App, ClientAuth, Server, Step};
use tegata::reqwest::{Response, header, redirect};
use tegata::{Client, ErrorKind, ManualClock, MemoryStore, RenewalPolicy, Settings, reqwest};

use crate::error_is_secretless;

const SECRET: &str = "CANARY:s+%2B c&=";
const BACK: &str = "https://app.example/back";

struct Independent {
    url: String,
    clock: ManualClock,
}

impl Independent {
    fn find() -> Option<Self> {
        let url = std::env::var("TEGATA_OAUTH_SERVER").ok();
        if url.is_none() {
            eprintln!("skipped: `TEGATA_OAUTH_SERVER` names no server");
        }
        let clock = ManualClock::at(SystemTime::now());
        url.map(|url| Self { url, clock })
    }

    fn settings(&self) -> Settings {
        let policy = RenewalPolicy::new().retry_interval(Duration::ZERO);
        Settings::new().clock(self.clock.clone()).renewal(policy)
    }

    fn server(&self, method: ClientAuth) -> Server {
        Server::new("/token")
            .base_url(&self.url)
            .authorization_url("/auth")
            .device_url("/device/auth")
            .issuer(&self.url)
            .client_auth(method)
    }

    fn app(&self, method: ClientAuth, change: impl FnOnce(Server) -> Server) -> App {
        let server = change(self.server(method));
        let app = match method {
            ClientAuth::Public => App::public(server, "public id"),
            ClientAuth::Post => App::builder(server, "post id", SECRET),
            _ => App::builder(server, "basic id", SECRET),
        };
        let app = app.redirect_uri(BACK).settings(self.settings());
        app.build().expect("valid")
    }

    fn client(&self) -> tegata::ClientBuilder {
        Client::builder("independent", format!("{}/api", self.url))
    }

    /// From now on the API refuses the client's token.
    async fn destroy_token(&self, client: &Client) {
        let token = client.token_cache().and_then(tegata::TokenCache::token);
        let token = token.expect("a token");
        let destroy = reqwest::Client::new().post(format!("{}/destroy", self.url));
        let done = destroy
            .bearer_auth(token.access_token().expose())
            .send()
            .await;
        assert_eq!(done.expect("an answer").status(), 200);
    }

    /// The user's browser: follows the redirects, with cookies, until it is sent back.
    async fn browse(&self, start: &str) -> String {
        let builder = reqwest::Client::builder().redirect(redirect::Policy::none());
        let browser = builder.build().expect("a browser");
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
            let next = response
                .headers()
                .get(header::LOCATION)
                .expect("a redirect");
            let next = next.to_str().expect("ASCII");
            url = if next.starts_with('/') {
                format!("{}{next}", self.url)
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
        let pair = cookie
            .split(';')
            .next()
            .and_then(|pair| pair.split_once('='));
        let (name, value) = pair.expect("a pair");
        (name.to_owned(), value.to_owned())
    });
    pairs.collect()
}

async fn status(client: &Client) -> u16 {
    let response = client.get("/things").send().await.expect("an answer");
    response.status().as_u16()
}

#[rstest]
#[tokio::test]
async fn client_credentials(
    #[values(ClientAuth::Basic(Form), ClientAuth::Post)] method: ClientAuth,
) {
    let Some(server) = Independent::find() else {
        return;
    };
    let app = server.app(method, |server| server);
    let client = server
        .client()
        .oauth(app.client_credentials())
        .build()
        .expect("valid");
    assert_eq!(status(&client).await, 200);
    server.destroy_token(&client).await;
    assert_eq!(status(&client).await, 200, "renewed once it was refused");
    server.clock.advance(Duration::from_secs(3600));
    assert_eq!(status(&client).await, 200, "renewed once it had expired");
    app.replace_client_secret("CANARY-wrong")
        .expect("may be one");
    server.clock.advance(Duration::from_secs(3600));
    let error = client
        .get("/things")
        .send()
        .await
        .expect_err("a wrong secret");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::TokenDenied, Some("invalid_client"))
    );
    error_is_secretless(&error);
}

#[tokio::test]
async fn the_server_does_decode_what_basic_carries() {
    let Some(server) = Independent::find() else {
        return;
    };
    let app = server.app(ClientAuth::Basic(Raw), |server| server);
    let client = server
        .client()
        .oauth(app.client_credentials())
        .build()
        .expect("valid");
    let error = client.warm_up().await.expect_err("not form-encoded");
    assert_eq!(error.kind(), ErrorKind::TokenDenied, "{error:?}");
    error_is_secretless(&error);
}

#[rstest]
#[tokio::test]
async fn a_code_with_pkce_and_rotating_refresh_tokens(
    #[values(ClientAuth::Basic(Form), ClientAuth::Post, ClientAuth::Public)] method: ClientAuth,
) {
    let Some(server) = Independent::find() else {
        return;
    };
    let app = server.app(method, |server| {
        let server = server.scopes(["openid", "offline_access"]);
        server.parameter(Step::Authorization, "prompt", "consent")
    });
    let login = app.authorize().expect("starts");
    let back = server.browse(login.url().as_str()).await;
    assert!(back.contains("iss="), "it names its issuer");
    let code = login.callback(&back).expect("a code");
    let store = MemoryStore::default();
    let client = server
        .client()
        .oauth(app.refresh_tokens())
        .store(store.clone());
    let client = client.build().expect("valid");
    client.log_in(app.exchange(&code)).await.expect("logged in");
    let refresh_token = || {
        let token = client.token_cache().and_then(tegata::TokenCache::token);
        token
            .and_then(|token| token.refresh_token().cloned())
            .expect("one")
    };
    let mut former = Vec::new();
    for _ in 0..3 {
        assert_eq!(status(&client).await, 200);
        assert!(!former.contains(&refresh_token()), "it rotates");
        former.push(refresh_token());
        server.clock.advance(Duration::from_secs(3600));
    }
    server.destroy_token(&client).await;
    assert_eq!(status(&client).await, 200);

    let error = app.exchange(&code).await.expect_err("the code was used");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::TokenDenied, Some("invalid_grant"))
    );
    // To send a code twice ends the session at this server.
    server.clock.advance(Duration::from_secs(3600));
    let error = client
        .get("/things")
        .send()
        .await
        .expect_err("the session has ended");
    assert!(error.needs_authorization(), "{error:?}");
    error_is_secretless(&error);
}

/// It names the issuer in each answer, and takes all three ways to authenticate.
#[tokio::test]
async fn a_server_is_described_by_its_metadata() {
    let Some(server) = Independent::find() else {
        return;
    };
    let openid = format!("{}/.well-known/openid-configuration", server.url);
    for found_by in [&server.url, &openid] {
        let found = Server::discover(found_by).await.expect("metadata");
        let offered = found.offered_scopes();
        assert!(offered.iter().any(|scope| scope == "offline_access"));
        let found = found.scopes(["openid", "offline_access"]).parameter(
            Step::Authorization,
            "prompt",
            "consent",
        );
        let app = App::builder(found, "basic id", SECRET).redirect_uri(BACK);
        let app = app.settings(server.settings()).build().expect("valid");
        let client = server.client().oauth(app.client_credentials());
        let client = client.build().expect("valid");
        assert_eq!(status(&client).await, 200);

        let login = app.authorize().expect("starts");
        let back = server.browse(login.url().as_str()).await;
        let unnamed = back.split('&').filter(|part| !part.starts_with("iss="));
        let unnamed = unnamed.collect::<Vec<_>>().join("&");
        let error = login.callback(&unnamed).expect_err("it always names it");
        assert_eq!(error.kind(), ErrorKind::StateMismatch);
        let token = app.exchange(&login.callback(&back).expect("a code")).await;
        let client = server.client().oauth(app.refresh_tokens());
        let client = client.token(token.expect("a token")).build();
        assert_eq!(status(&client.expect("valid")).await, 200);

        let device = app.authorize_device().await.expect("started");
        assert!(device.verification_uri().starts_with(&server.url));
    }
    let other = format!("{}/other", server.url);
    let error = Server::discover(other).await.expect_err("no such issuer");
    assert_eq!(error.status().map(|status| status.as_u16()), Some(404));
}

#[tokio::test]
async fn another_verifier_is_refused() {
    let Some(server) = Independent::find() else {
        return;
    };
    let app = server.app(ClientAuth::Post, |server| server.scopes(["openid"]));
    let (login, other) = (
        app.authorize().expect("starts"),
        app.authorize().expect("starts"),
    );
    let back = server.browse(login.url().as_str()).await;
    let (kept, stolen) = (login.to_keep(), other.to_keep());
    let part = |text: &tegata::Secret, nth| text.expose().split('.').nth(nth).map(str::to_owned);
    let mixed = [part(&kept, 0), part(&stolen, 1)]
        .map(Option::unwrap_or_default)
        .join(".");
    let resumed = app.resume(&mixed.into()).expect("well formed");
    let code = resumed.callback(&back).expect("a code");
    let error = app.exchange(&code).await.expect_err("another verifier");
    assert_eq!(error.code(), Some("invalid_grant"), "{error:?}");
}

#[rstest]
#[tokio::test]
async fn a_device_code(
    #[values(ClientAuth::Basic(Form), ClientAuth::Post, ClientAuth::Public)] method: ClientAuth,
    #[values(true, false)] agrees: bool,
) {
    let Some(server) = Independent::find() else {
        return;
    };
    let app = server.app(method, |server| server.scopes(["openid", "offline_access"]));
    let login = app.authorize_device().await.expect("started");
    assert!(login.verification_uri().starts_with(&server.url));
    let decision = if agrees { "agree" } else { "refuse" };
    let decide = format!("{}/decide/{}/{decision}", server.url, login.user_code());
    let decided = reqwest::Client::new().post(decide).send().await;
    assert_eq!(decided.expect("an answer").status(), 200);
    let token = login.token().await;
    if !agrees {
        let error = token.expect_err("refused");
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::Authorization, Some("access_denied"))
        );
        return;
    }
    let client = server
        .client()
        .oauth(app.refresh_tokens())
        .token(token.expect("a token"));
    let client = client.build().expect("valid");
    for _ in 0..2 {
        assert_eq!(status(&client).await, 200);
        server.clock.advance(Duration::from_secs(3600));
    }
}
