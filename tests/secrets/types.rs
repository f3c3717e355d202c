//! `Debug` and `Display` of every public type.

use std::fmt::Display;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use tegata::oauth::{self, Server, Step};
use tegata::provider::{
    Auth, Authenticator as _, BaseUrl, Credential, Issued, Refresh, Renewal, Transport,
};
use tegata::reqwest::{self, header};
use tegata::store::Lease;
use tegata::{
    AccountHash, BasicEncoding, FileStore, HttpClient, MemoryStore, Placement, Registry,
    RenewalEvent, Secret, Settings, SharedClock, Token,
};
use tegata_emulator::{Endpoint, Fault, Provider};
use tegata_fujitsu_aispf::api as aispf;
use tegata_jooto::api as jooto;
use tegata_marketo::api as marketo;

use crate::log;
use tegata_test_support::loopback::{
    AISPF_ID, AISPF_SECRET, HOUR, JOOTO_CALLBACK, JOOTO_ID, JOOTO_SECRET, Loopback, MARKETO_ID,
    MARKETO_SECRET,
};
use tegata_test_support::shown::Shown;
use tegata_test_support::{Flow, Subject};

fn canary() -> Secret {
    "CANARY".into()
}

fn token() -> Token {
    let issued = Issued::new(
        canary(),
        Some(std::time::Duration::from_secs(HOUR)),
        Refresh::Replace {
            token: canary(),
            lifetime: None,
        },
    );
    Token::new(issued, SystemTime::UNIX_EPOCH, None)
}

fn display(shown: &mut Shown, by: &str, value: &impl Display) {
    shown.text(by, value.to_string());
}

fn of_the_shared_crate(shown: &mut Shown) {
    shown.debug("Secret", &canary());
    shown.debug("Option<Secret>", &Some(canary()));
    shown.debug("Token", &token());
    let issued = Issued::new(
        canary(),
        None,
        Refresh::Replace {
            token: canary(),
            lifetime: None,
        },
    );
    shown.debug("Issued", &issued);
    let current = token();
    let renewal = Renewal {
        current: Some(&current),
        refused: true,
        now: SystemTime::UNIX_EPOCH,
    };
    shown.debug("Renewal", &renewal);
    shown.debug("MemoryStore", &MemoryStore::holding(token()));
    shown.debug("FileStore", &FileStore::new("tokens/of-a-user"));
    let accounts: Registry<String, _> = Registry::new();
    let make = |_: &str| Ok::<_, tegata::Error>(MemoryStore::holding(token()));
    let added = accounts.get_or_try_insert_with("CANARY-account", make);
    shown.debug("a value of a Registry", &added);
    shown.debug("Registry", &accounts);
    shown.debug("SharedClock", &SharedClock::default());
    shown.debug("Lease", &Lease::unneeded());
    shown.debug("AccountHash", &AccountHash::of("CANARY-account"));
    display(shown, "AccountHash", &AccountHash::of("CANARY-account"));

    #[allow(deprecated, reason = "its scheme still exists")]
    let query = marketo::security::ACCESS_TOKEN_QUERY;
    for scheme in [
        aispf::security::API_KEY,
        aispf::security::ACCESS_TOKEN,
        jooto::security::OAUTH2,
        query,
    ] {
        let credential = Credential::new(scheme, &canary()).expect("valid");
        shown.debug("Credential", &credential);
        shown.debug("Auth", &Auth::fixed(credential));
    }
    for encoding in [BasicEncoding::Raw, BasicEncoding::Form] {
        let scheme = aispf::security::CLIENT_BASIC;
        let basic = Credential::basic(scheme, "CANARY-id", &canary(), encoding);
        let basic = basic.expect("valid");
        shown.debug("Credential", &basic);
        let http = HttpClient::new().expect("a client");
        shown.debug("HttpClient", &http);
        let base = BaseUrl::parse("https://h/path").expect("a URL");
        shown.debug("BaseUrl", &base);
        display(shown, "BaseUrl", &base);
        shown.debug("Origin", &base.origin());
        let provider = &aispf::security::PROVIDER;
        let transport = Transport::new(http, base, Auth::fixed(basic), provider);
        shown.debug("Transport", &transport);
        shown.debug("AuthOperations", &aispf::AuthOperations::new(transport));
    }
    let headers = [(header::AUTHORIZATION, "CANARY".parse().expect("a value"))];
    let builder = reqwest::Client::builder()
        .user_agent("CANARY")
        .default_headers(headers.into_iter().collect());
    shown.debug("Settings", &Settings::new().http_client(builder));
    let code = tegata::ErrorCode::from("CANARY");
    shown.debug("ErrorCode", &code);
    display(shown, "ErrorCode", &code);
}

/// Descriptions, clients and logins of an API without generated code.
fn of_any_provider(shown: &mut Shown) {
    let server = Server::new("https://h/token?key=CANARY")
        .authorization_url("https://h/authorize?key=CANARY")
        .parameter(Step::Token, "audience", canary());
    shown.debug("oauth::Server", &server);
    let builder = oauth::App::builder(server, "id", canary()).redirect_uri("https://h/back");
    shown.debug("oauth::AppBuilder", &builder);
    let app = builder.build().expect("valid");
    shown.debug("oauth::App", &app);
    shown.debug("oauth::Tokens", &app.client_credentials());
    shown.debug("oauth::Tokens", &app.refresh_tokens());
    let login = app.authorize().expect("starts");
    shown.debug("oauth::Authorization", &login);
    shown.debug("what to keep", &login.to_keep());
    let (_, state) = login
        .url()
        .query_pairs()
        .find(|(name, _)| name == "state")
        .expect("one");
    let code = login.callback(&format!("?state={state}&code=CANARY"));
    shown.debug("oauth::AuthorizationCode", &code.expect("a code"));
    let new = || tegata::Client::builder("test", "https://h");
    for builder in [
        new().bearer(canary()),
        new().basic("CANARY", canary()),
        new().key(Placement::Cookie("session"), canary()),
        new().key_pair(Placement::Query("key"), canary(), canary()),
    ] {
        let builder = builder.key(Placement::Header("x-key"), canary());
        shown.debug("ClientBuilder", &builder);
        shown.debug("Client", &builder.build().expect("valid"));
    }
    let builder = new().oauth(app.refresh_tokens());
    let builder = builder.token(token()).account("CANARY");
    shown.debug("ClientBuilder", &builder);
    shown.debug("Client", &builder.build().expect("valid"));
}

fn of_the_builders(shown: &mut Shown, loopback: &Loopback) {
    let store = || Arc::new(MemoryStore::holding(token()));
    shown.debug("aispf", &loopback.aispf_keys("CANARY", "CANARY2"));
    shown.debug(
        "aispf",
        &loopback.aispf_oauth2("CANARY", "CANARY").store(store()),
    );
    shown.debug(
        "aispf",
        &loopback.aispf_legacy("CANARY", "CANARY").store(store()),
    );
    shown.debug("jooto", &loopback.jooto_key("CANARY"));
    let partner = loopback.marketo("CANARY", "CANARY").partner_id("CANARY");
    shown.debug("marketo", &partner.store(store()));
    // The client id of a registered application is no secret (RFC 6749, section 2.2), and shown.
    let app = loopback.jooto_app("id", "CANARY");
    shown.debug("jooto", &app);
    let app = app.build().expect("valid settings");
    shown.debug("jooto", &app);
    shown.debug("jooto", &app.client(token()).store(store()));
    shown.debug("jooto", &app.client_from(store()));
}

fn of_the_generated_requests(shown: &mut Shown) {
    let id = || "id".to_owned();
    shown.debug(
        "LegacyTokenRequest",
        &aispf::types::LegacyTokenRequest {
            client_id: id(),
            client_secret: canary(),
        },
    );
    let refresh_token = canary();
    let refresh = aispf::types::LegacyRefreshRequest { refresh_token };
    shown.debug("LegacyRefreshRequest", &refresh);
    let code = jooto::types::TokenRequest::AuthorizationCode {
        client_id: id(),
        client_secret: canary(),
        code: canary(),
        redirect_uri: JOOTO_CALLBACK.to_owned(),
    };
    shown.debug("TokenRequest of Jooto", &code);
    let refresh = jooto::types::TokenRequest::RefreshToken {
        client_id: id(),
        client_secret: canary(),
        refresh_token: canary(),
    };
    shown.debug("TokenRequest of Jooto", &refresh);
    let form = marketo::types::TokenRequest {
        client_id: id(),
        client_secret: canary(),
        grant_type: marketo::types::GrantType::ClientCredentials,
        partner_id: Some(canary()),
    };
    shown.debug("TokenRequest of Marketo", &form);
}

fn of_the_generated_answers(shown: &mut Shown) {
    fn read<T: serde::de::DeserializeOwned>(json: &str) -> T {
        serde_json::from_str(json).expect(json)
    }
    let v2 = r#"{"access_token":"CANARY","token_type":"Bearer","expires_in":1}"#;
    shown.debug("Token", &read::<aispf::types::Token>(v2));
    let v1 = r#"{"accessToken":"CANARY","refreshToken":"CANARY","expiresIn":1}"#;
    shown.debug("LegacyToken", &read::<aispf::types::LegacyToken>(v1));
    let code = r#"{"access_token":"CANARY","token_type":"B","refresh_token":"CANARY"}"#;
    shown.debug("Token", &read::<jooto::types::Token>(code));
    shown.debug("Token", &read::<marketo::types::Token>(v2));
}

/// Clients, operations, replies and what an operator sees, in use.
async fn of_clients_in_use(shown: &mut Shown, loopback: &Loopback) {
    for flow in Flow::ALL {
        let client = flow.cold(loopback).await;
        shown.debug(format!("{flow:?}, cold"), &client);
        client.warm_up().await.expect("a token");
        client.get(flow.path()).await.expect("accepted");
        let by = format!("{flow:?}, warm");
        shown.debug(&*by, &client);
        let cache = match &client {
            Subject::Aispf(client) => {
                shown.debug(&*by, client.tokens());
                client.token_cache()
            }
            Subject::Jooto(client) => {
                shown.debug(&*by, client.api());
                let reply = client.api().get_organization(1).await;
                shown.debug(&*by, &reply.expect("accepted"));
                client.token_cache()
            }
            Subject::Marketo(client) => {
                shown.debug(&*by, client.api());
                shown.debug(&*by, client.tokens());
                let reply = client.api().describe_lead().await;
                shown.debug(&*by, &reply.expect("accepted"));
                client.token_cache()
            }
        };
        let has_tokens = !matches!(flow, Flow::AispfKeys | Flow::JootoKey);
        assert_eq!(cache.is_some(), has_tokens, "{flow:?}");
        if let Some(cache) = cache {
            shown.debug(&*by, cache);
            shown.debug(&*by, &cache.token());
            shown.debug(&*by, &cache.snapshot());
            shown.debug(&*by, &cache.credential().await.expect("a credential"));
        }
    }
    let identity = loopback.marketo("id", "CANARY").build().expect("valid");
    let grant = marketo::types::GrantType::ClientCredentials;
    let secret = MARKETO_SECRET.into();
    let reply = identity.tokens();
    let reply = reply.issue_token(MARKETO_ID, &secret, grant, None).await;
    let reply = reply.expect("a token");
    shown.debug("Reply<Token>", &reply);
    shown.debug("Token of a reply", &reply.into_inner());
}

async fn of_an_authorization(shown: &mut Shown, loopback: &Loopback) -> String {
    let app = loopback.jooto_app(JOOTO_ID, JOOTO_SECRET).build();
    let app = app.expect("valid settings");
    let started = app.authorize(1).expect("random numbers");
    shown.debug("Authorization", &started);
    let back = loopback.consent(&started).await;
    let code = started.callback(&back).expect("a code");
    shown.debug("AuthorizationCode", &code);
    shown.debug("Token", &app.exchange(&code).await.expect("a token"));
    let state = started.state().expose().to_owned();
    shown.debug("Authorization", &app.resume(&*state).expect("a state"));
    state
}

/// What an observer sees of renewals that succeed and that fail.
async fn of_renewals(shown: &mut Shown, loopback: &Loopback) {
    let events = Arc::new(Mutex::new(Vec::new()));
    for flow in Flow::TOKENS {
        let log = Arc::clone(&events);
        let observer = move |event: &RenewalEvent| {
            log.lock().expect("not poisoned").push(event.clone());
        };
        let settings = loopback.settings().observer(observer);
        let client = flow.cold_with(loopback, settings).await;
        let fault = Fault::on(Endpoint::Token).status(500);
        loopback.fault(flow.provider(), fault);
        client.warm_up().await.expect_err("no token");
        client.warm_up().await.expect("a token");
    }
    let events = events.lock().expect("not poisoned");
    assert_eq!(events.len(), 2 * Flow::TOKENS.len(), "{events:?}");
    shown.debug("RenewalEvent", &*events);
}

#[tokio::test]
async fn no_public_type_shows_a_secret() {
    log::begin();
    let mut shown = Shown::default();
    let loopback = Loopback::start();
    of_the_shared_crate(&mut shown);
    of_any_provider(&mut shown);
    of_the_builders(&mut shown, &loopback);
    of_the_generated_requests(&mut shown);
    of_the_generated_answers(&mut shown);
    of_clients_in_use(&mut shown, &loopback).await;
    let state = of_an_authorization(&mut shown, &loopback).await;
    of_renewals(&mut shown, &loopback).await;
    assert!(shown.count() > 80, "{}", shown.count());
    shown.assert_clean(&[&state]);
    log::assert_clean(&[&state]);
}

#[tokio::test]
async fn no_client_shows_its_client_id() {
    let mut shown = Shown::default();
    let register = |config: &mut tegata_emulator::Config| {
        config.fujitsu_aispf.clients[0].id = "CANARY-id".to_owned();
        config.marketo.clients[0].id = "CANARY-id".to_owned();
    };
    let loopback = Loopback::with(register);
    for client in [
        loopback
            .aispf_oauth2("CANARY-id", AISPF_SECRET)
            .build()
            .map(Subject::Aispf),
        loopback
            .aispf_legacy("CANARY-id", AISPF_SECRET)
            .build()
            .map(Subject::Aispf),
        loopback
            .marketo("CANARY-id", MARKETO_SECRET)
            .build()
            .map(Subject::Marketo),
    ] {
        let client = client.expect("valid settings");
        client.warm_up().await.expect("a token");
        shown.debug("a client", &client);
    }
    assert_eq!(loopback.counts(Provider::FujitsuAispf).tokens_issued, 2);
    assert_ne!(AISPF_ID, "CANARY-id");
    shown.assert_clean(&[]);
}
