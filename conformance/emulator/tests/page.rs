//! The page at `/`, and who may ask for it and for the controls, over real HTTP.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use reqwest::header::{ACCEPT, HOST, ORIGIN};
use reqwest::{RequestBuilder, Response};
use rstest::rstest;
use tegata_emulator::{ApiConfig, Config, Emulator, Fault, Profile, Provider};

struct Page {
    emulator: Emulator,
    http: reqwest::Client,
}

impl Page {
    fn start() -> Self {
        Self::with(Config::default())
    }

    fn with(config: Config) -> Self {
        Self {
            emulator: Emulator::start(config).unwrap(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.emulator.base_url())
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(self.url(path))
    }

    fn browse(&self, path: &str) -> RequestBuilder {
        let accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        self.get(path).header(ACCEPT, accept)
    }

    async fn html(&self) -> String {
        sent(self.browse("/")).await.text().await.unwrap()
    }
}

async fn sent(request: RequestBuilder) -> Response {
    request.send().await.unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_browser_gets_the_page_and_a_program_the_line() {
    let page = Page::start();
    let answer = sent(page.browse("/")).await;
    assert_eq!(header(&answer, "content-type"), "text/html; charset=utf-8");
    assert_eq!(header(&answer, "vary"), "accept");
    let text = answer.text().await.unwrap();
    for provider in Provider::ALL {
        assert!(text.contains(&page.emulator.provider_url(provider)));
    }
    assert!(text.contains("marketo-client-2"), "{text}");
    let line = sent(page.get("/")).await.text().await.unwrap();
    assert_eq!(line, page.emulator.ready_line());
}

#[tokio::test]
async fn an_api_of_a_profile_is_on_the_page_without_its_credentials() {
    let profile =
        Profile::from_json("acme.json", include_str!("emulator/api/profile.json")).unwrap();
    let mut config = Config::default();
    config.apis.push(ApiConfig::new(profile));
    let acme = config.apis[0].provider();
    let page = Page::with(config);
    let key = "Key CANARY-acme-key-key";
    sent(
        page.get("/acme/v1/perhaps?signature=CANARY-x")
            .header("X-Key", key),
    )
    .await;
    sent(page.get("/acme/v1/items/CANARY-acme-signature-key")).await;
    let text = page.html().await;
    for part in [
        "Acme &lt;Shop&gt;",
        &page.emulator.provider_url(acme),
        "x-key, signature",
        "acme-client",
    ] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
    assert!(!text.contains("CANARY"), "{text}");
    let credentials = sent(page.get("/__page/credentials"))
        .await
        .text()
        .await
        .unwrap();
    assert!(credentials.contains("CANARY-acme-key-key"), "{credentials}");
}

#[rstest]
#[case("text/html", true)]
#[case("application/json, Text/HTML ; Q=0.1", true)]
#[case("text/html;q=0", false)]
#[case("*/*, text/html; q=0.000", false)]
#[case("text/html-like", false)]
#[tokio::test]
async fn html_is_for_those_who_take_it(#[case] accept: &str, #[case] html: bool) {
    let page = Page::start();
    let answer = sent(page.get("/").header(ACCEPT, accept)).await;
    let content_type = header(&answer, "content-type");
    assert_eq!(
        content_type.starts_with("text/html"),
        html,
        "{content_type}"
    );
}

#[tokio::test]
async fn an_added_key_is_not_shown_after_it_is_revoked() {
    let page = Page::start();
    let key = "Added/key";
    page.emulator.add_key(Provider::Jooto, key).unwrap();
    sent(page.get("/jooto/Added/key")).await;
    page.emulator.revoke_key(Provider::Jooto, key).unwrap();
    page.emulator.add_key(Provider::Jooto, "plainword").unwrap();
    sent(page.get("/jooto/xPlainWord")).await;
    let text = page.html().await;
    assert!(text.contains("/…"), "{text}");
    for part in ["Added/", "/key", "PlainWord"] {
        assert!(!text.contains(part), "{part:?} is in {text}");
    }
}

#[tokio::test]
async fn a_redirect_uri_is_shown_without_its_query() {
    let mut config = Config::default();
    config.jooto.clients[0].redirect_uris = vec!["https://app.test/cb?key=private".to_owned()];
    let text = Page::with(config).html().await;
    assert!(text.contains("https://app.test/cb?key=…"), "{text}");
    assert!(!text.contains("private"), "{text}");
}

#[tokio::test]
async fn everything_the_page_asks_for_is_its_own() {
    let page = Page::start();
    let text = page.html().await;
    let parts = text
        .split(['"'])
        .filter(|part| part.starts_with("/__page/"));
    let parts: Vec<_> = parts.map(str::to_owned).collect();
    assert_eq!(parts.len(), 3, "{parts:?}");
    for part in parts.iter().map(String::as_str).chain(["/"]) {
        let answer = sent(page.browse(part)).await;
        assert_eq!(answer.status(), 200, "{part}");
        let policy = header(&answer, "content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert_eq!(header(&answer, "cache-control"), "no-store");
    }
    assert!(
        !text.contains("<style") && !text.contains(" style="),
        "no styles in the markup"
    );
    assert!(
        !text.contains("http://www") && !text.contains("https://www"),
        "{text}"
    );
}

#[tokio::test]
async fn a_request_is_on_the_page_without_its_credentials() {
    let page = Page::start();
    let token = format!(
        "{}/identity/oauth/token?grant_type=client_credentials&client_id=marketo-client\
         &client_secret=CANARY-marketo-secret",
        page.emulator.provider_url(Provider::Marketo)
    );
    let answer: serde_json::Value = sent(page.http.get(token)).await.json().await.unwrap();
    let token = answer["access_token"].as_str().unwrap();
    let call = page.get("/marketo/rest/v1/leads.json").bearer_auth(token);
    assert_eq!(sent(call).await.status(), 200);
    let wrong = page
        .get("/jooto/organizations")
        .header("x-jooto-api-key", "CANARY-wrong");
    assert_eq!(sent(wrong).await.status(), 401);
    sent(page.get(&format!("/nowhere/{token}?x={token}"))).await;
    let text = page.html().await;
    let seen = [
        "/identity/oauth/token?grant_type=client_credentials&amp;client_id=…&amp;client_secret=…",
        "/rest/v1/leads.json",
        "Bearer",
        "x-jooto-api-key",
        "/nowhere/…?x=…",
        "no provider lives at this path",
    ];
    for part in seen {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
    assert!(!text.contains("CANARY"), "{text}");
    assert!(!text.contains(token), "{text}");
}

#[tokio::test]
async fn a_fault_is_named_at_the_request_that_it_met() {
    let page = Page::start();
    let fault = Fault::on(tegata_emulator::Endpoint::Resource)
        .status(503)
        .empty();
    page.emulator.fault(Provider::Jooto, fault).unwrap();
    assert_eq!(sent(page.get("/jooto/organizations")).await.status(), 503);
    let text = page.html().await;
    assert!(text.contains(">503<"), "{text}");
    assert!(text.contains("the emulator was set to answer so"), "{text}");
}

#[tokio::test]
async fn the_credentials_are_answered_to_the_page_alone() {
    let page = Page::start();
    let credentials = page.get("/__page/credentials");
    let values: Vec<String> = sent(credentials).await.json().await.unwrap();
    assert!(
        values.contains(&"CANARY-jooto-secret".to_owned()),
        "{values:?}"
    );
    assert!(values.contains(&"hogehoge".to_owned()), "{values:?}");
    let foreign = page
        .get("/__page/credentials")
        .header("sec-fetch-site", "cross-site");
    let answer = sent(foreign).await;
    assert_eq!(answer.status(), 403);
    assert!(!answer.text().await.unwrap().contains("CANARY"));
}

#[rstest]
#[case(ORIGIN.as_str(), "https://attacker.example")]
#[case(ORIGIN.as_str(), "null")]
#[case("sec-fetch-site", "cross-site")]
#[case(HOST.as_str(), "attacker.example")]
#[tokio::test]
async fn another_site_cannot_use_the_controls(#[case] name: &str, #[case] value: &str) {
    let page = Page::start();
    sent(page.get("/jooto/organizations")).await;
    let before = page.emulator.clock()();
    for control in ["advance?seconds=86400", "reset", "log/clear"] {
        let control = page.http.post(page.url(&format!("/__control/{control}")));
        let answer = sent(control.header(name, value)).await;
        assert_eq!(answer.status(), 403);
        let why: serde_json::Value = answer.json().await.unwrap();
        assert!(why["error"].is_string(), "{why}");
    }
    let log = sent(page.get("/__control/log").header(name, value)).await;
    assert_eq!(log.status(), 403);
    assert_eq!(
        page.emulator.log(None).len(),
        1,
        "what was refused did nothing"
    );
    let since = page.emulator.clock()().duration_since(before).unwrap();
    assert!(since.as_secs() < 3600, "{since:?}");
}

#[tokio::test]
async fn a_page_under_a_name_of_another_site_is_refused() {
    let page = Page::start();
    let answer = sent(page.browse("/").header(HOST, "attacker.example")).await;
    assert_eq!(answer.status(), 403);
    assert!(answer.text().await.unwrap().contains("--name"));
    // A vendor's name may stand for this machine, and its API is then answered.
    let call = page
        .get("/jooto/organizations")
        .header(HOST, "api.jooto.example");
    assert_eq!(
        sent(call.header("x-jooto-api-key", "hogehoge"))
            .await
            .status(),
        200
    );
}

#[tokio::test]
async fn further_names_are_those_of_the_configuration() {
    let mut config = Config::default();
    config.emulator.names = vec!["emulator.test".to_owned()];
    let page = Page::with(config);
    let own = page.browse("/").header(HOST, "emulator.test:8080");
    assert_eq!(sent(own).await.status(), 200);
    let control = page.http.post(page.url("/__control/reset"));
    let control = control
        .header(HOST, "emulator.test")
        .header(ORIGIN, "https://emulator.test");
    assert_eq!(sent(control).await.status(), 200);
}
