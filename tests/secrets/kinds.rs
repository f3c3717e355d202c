//! Every kind of error, reached as a user reaches it.

use std::sync::Arc;
use std::time::Duration;

use tegata::provider::BoxFuture;
use tegata::provider::ErrorExt as _;
use tegata::reqwest::{self, Method};
use tegata::store::Record;
use tegata::{Error, ErrorKind, MemoryStore, RenewalPolicy, TokenStore};
use tegata_emulator::{Endpoint, Fault, Provider, Refusal};
use tegata_jooto::App;

use crate::log;
use tegata_test_support::loopback::{
    AISPF_ID, AISPF_SECRET, HOUR, JOOTO_CALLBACK, JOOTO_ID, JOOTO_SECRET, Loopback, MARKETO_ID,
    MARKETO_SECRET,
};
use tegata_test_support::raw::{Part, RawServer};
use tegata_test_support::shown::Shown;
use tegata_test_support::{Flow, Subject, streamed};

/// The id of an unknown client.
const CANARY_ID: &str = "CANARY-id";

/// Gathers errors and the kinds they are of.
#[derive(Default)]
struct Errors {
    shown: Shown,
    kinds: Vec<ErrorKind>,
}

impl Errors {
    #[track_caller]
    fn add(&mut self, by: &str, expected: ErrorKind, error: &Error) {
        assert_eq!(error.kind(), expected, "{by}: {error:?}");
        self.shown.error(by, error);
        self.kinds.push(expected);
    }

    #[track_caller]
    fn of<T>(&mut self, by: &str, expected: ErrorKind, outcome: Result<T, Error>) {
        match outcome {
            Ok(_) => panic!("{by} succeeded"),
            Err(error) => self.add(by, expected, &error),
        }
    }

    fn clean(self) -> Vec<ErrorKind> {
        self.shown.assert_clean(&[]);
        log::assert_clean(&[]);
        self.kinds
    }
}

fn configuration(errors: &mut Errors) {
    use tegata_fujitsu_aispf::Client as Aispf;
    use tegata_marketo::Client as Marketo;
    let kind = ErrorKind::Configuration;
    for key in ["", "CANARY\n", "CANARY\0", "CAN\rARY"] {
        errors.of(
            "a key",
            kind,
            Aispf::builder(tegata_fujitsu_aispf::ApiKey::new(key)).build(),
        );
        let pair = Aispf::builder(tegata_fujitsu_aispf::ApiKey::new("a").secondary(key)).build();
        errors.of("a second key", kind, pair);
        errors.of("a key", kind, tegata_jooto::Client::builder(key).build());
    }
    let twice =
        Aispf::builder(tegata_fujitsu_aispf::ApiKey::new("CANARY").secondary("CANARY")).build();
    errors.of("the same key twice", kind, twice);
    let colon = Aispf::builder(tegata_fujitsu_aispf::OAuth2::new("CANARY:id", "CANARY")).build();
    errors.of("a colon in the id", kind, colon);
    let empty = Aispf::builder(tegata_fujitsu_aispf::LegacyOAuth::new("CANARY", "")).build();
    errors.of("no secret", kind, empty);
    for url in [
        "CANARY",
        "http://CANARY.example",
        "https://CANARY:CANARY@h",
        "https://h/?token=CANARY",
        "https://h/#CANARY",
        "ftp://CANARY",
    ] {
        errors.of(
            "a URL",
            kind,
            Aispf::builder(tegata_fujitsu_aispf::ApiKey::new("k"))
                .base_url(url)
                .build(),
        );
        let marketo = Marketo::builder("i", "s");
        errors.of("a URL", kind, marketo.base_url(url).build());
        let app = App::builder("i", "s", JOOTO_CALLBACK)
            .oauth_url(url)
            .build();
        errors.of("a URL", kind, app);
    }
    let marketo = || Marketo::builder("CANARY", "CANARY");
    errors.of("no instance", kind, marketo().build());
    errors.of(
        "no Munchkin id",
        kind,
        marketo().munchkin_id("CANARY").build(),
    );
    for uri in ["/CANARY", "https://h/#CANARY"] {
        errors.of("a redirect URI", kind, App::builder("i", "s", uri).build());
    }
    for text in ["CANARY", "https://h/?organization_id=CANARY"] {
        let parsed = text.parse::<tegata_jooto::OrganizationId>();
        errors.of("an organization id", kind, parsed);
    }
    let unbuildable = reqwest::Client::builder().user_agent("CANARY\n");
    let settings = tegata::Settings::new().http_client(unbuildable);
    let built = Aispf::builder(tegata_fujitsu_aispf::ApiKey::new("CANARY"))
        .settings(settings)
        .build();
    errors.of("an HTTP client that cannot be built", kind, built);
}

async fn requests(errors: &mut Errors, loopback: &Loopback) {
    for flow in Flow::ALL {
        let client = flow.warm(loopback).await;
        let by = format!("{flow:?}");
        let absolute = client.request(Method::GET, "https://h/CANARY");
        errors.of(&by, ErrorKind::Configuration, absolute.send().await);
        for header in ["x-api-key", "x-jooto-api-key", "authorization"] {
            let request = client.request(Method::GET, flow.path());
            let outcome = client.send(request.header(header, "CANARY")).await;
            if let Err(error) = outcome {
                errors.add(&by, ErrorKind::Configuration, &error);
            }
        }
        let http = reqwest::Client::new();
        let elsewhere = http.get("https://CANARY.example/?access_token=CANARY");
        errors.of(&by, ErrorKind::OutOfScope, client.send(elsewhere).await);
        let url = format!("{}{}", loopback.url(flow.provider()), flow.path());
        let named = url.replace("://", "://CANARY:CANARY@");
        let outcome = client.send(http.get(named)).await;
        if let Err(error) = outcome {
            errors.shown.error(by.clone(), &error);
        }
        let broken = client.request(Method::GET, flow.path());
        let broken = broken.header("CANARY\n", "CANARY");
        errors.of(&by, ErrorKind::Configuration, broken.send().await);
    }
}

async fn refused(errors: &mut Errors, loopback: &Loopback) {
    for flow in Flow::ALL {
        let by = format!("{flow:?}");
        let provider = flow.provider();
        let code = if provider == Provider::Marketo {
            601
        } else {
            401
        };
        let client = flow.warm(loopback).await;
        loopback.refuse_next(provider, Refusal::new(code).times(2));
        let outcome = client.get(flow.path()).await;
        errors.of(&by, ErrorKind::CredentialRejected, outcome);
        // A lone key is refused once.
        drop(client.get(flow.path()).await);

        if flow == Flow::JootoKey {
            continue;
        }
        let client = flow.warm(loopback).await;
        loopback.refuse_next(provider, Refusal::new(code));
        let body = streamed("CANARY body");
        let request = client.request(Method::POST, flow.path()).body(body);
        let outcome = client.send(request).await;
        errors.of(&by, ErrorKind::NotReplayable, outcome);
    }
    let client = Flow::MarketoGet.warm(loopback).await;
    let keep = Refusal::new(602).keep_token();
    loopback.refuse_next(Provider::Marketo, keep);
    let outcome = client.get("/rest/v1/x.json").await;
    errors.of(
        "the same token again",
        ErrorKind::CredentialRejected,
        outcome,
    );
}

async fn denied(errors: &mut Errors, loopback: &Loopback) {
    let kind = ErrorKind::TokenDenied;
    let clients = [
        loopback
            .aispf_oauth2(CANARY_ID, "CANARY")
            .build()
            .map(Subject::Aispf),
        loopback
            .aispf_oauth2(AISPF_ID, "CANARY")
            .build()
            .map(Subject::Aispf),
        loopback
            .aispf_legacy(CANARY_ID, "CANARY")
            .build()
            .map(Subject::Aispf),
        loopback
            .marketo(CANARY_ID, "CANARY")
            .build()
            .map(Subject::Marketo),
        loopback
            .marketo(MARKETO_ID, "CANARY")
            .build()
            .map(Subject::Marketo),
        loopback
            .marketo(MARKETO_ID, "CANARY")
            .partner_id("CANARY")
            .token_request(tegata_marketo::TokenRequest::PostForm)
            .build()
            .map(Subject::Marketo),
    ];
    for client in clients {
        let client = client.expect("valid settings");
        errors.of("wrong client credentials", kind, client.warm_up().await);
        errors.shown.debug("its client", &client);
    }
    let code = loopback.code(&loopback.app()).await;
    let app = loopback.jooto_app(JOOTO_ID, "CANARY").build();
    let outcome = app.expect("valid").exchange(&code).await;
    errors.of("a wrong secret", kind, outcome);
    let app = loopback.app();
    app.exchange(&code).await.expect("a token");
    errors.of("a used code", kind, app.exchange(&code).await);

    let client = app.client(loopback.token(&app).await).build();
    let client = client.expect("valid");
    loopback.emulator.forget_refresh_tokens(Provider::Jooto);
    loopback.advance(HOUR);
    errors.of("a dead refresh token", kind, client.warm_up().await);
    let empty = app.client_from(Arc::new(MemoryStore::default())).build();
    errors.of("no token", kind, empty.expect("valid").warm_up().await);
}

async fn connection(errors: &mut Errors, loopback: &Loopback) {
    let kind = ErrorKind::Connection;
    let server = RawServer::silent().await;
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let closed = closed.expect("a port").local_addr().expect("bound");
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 99\r\nconnection: close\r\n\r\n{\"CANARY\":";
    let cut = RawServer::start((0..9).map(|_| vec![Part::Send(head.into())])).await;
    let garbage = "CANARY CANARY CANARY\r\n\r\n";
    let garbage = RawServer::start((0..9).map(|_| vec![Part::Send(garbage.into())])).await;
    let origins = [
        server.origin().to_owned(),
        format!("http://{closed}"),
        cut.origin().to_owned(),
        garbage.origin().to_owned(),
    ];
    for url in &origins {
        let clients = [
            loopback
                .aispf_oauth2(AISPF_ID, AISPF_SECRET)
                .auth_url(url)
                .build()
                .map(Subject::Aispf),
            loopback
                .aispf_legacy(AISPF_ID, AISPF_SECRET)
                .auth_url(url)
                .build()
                .map(Subject::Aispf),
            loopback
                .marketo(MARKETO_ID, MARKETO_SECRET)
                .identity_url(url)
                .build()
                .map(Subject::Marketo),
        ];
        for client in clients {
            let client = client.expect("valid settings");
            errors.of(url, kind, client.warm_up().await);
        }
        let key = tegata_jooto::Client::builder("CANARY").base_url(url);
        let key = key.build().expect("valid settings");
        errors.of(url, kind, key.api().get_organization(1).await);
    }
}

async fn timeouts(errors: &mut Errors) {
    let loopback = Loopback::start();
    loopback.emulator.hold(None);
    loopback.emulator.hold_resources(None);
    // Nothing waits: the deadline is over as soon as the answer is not there at once.
    let settings = || {
        loopback
            .settings()
            .renewal(RenewalPolicy::new().deadline(Duration::ZERO))
    };
    let clients = [
        loopback
            .aispf_oauth2(AISPF_ID, AISPF_SECRET)
            .settings(settings())
            .build()
            .map(Subject::Aispf),
        loopback
            .aispf_legacy(AISPF_ID, AISPF_SECRET)
            .settings(settings())
            .build()
            .map(Subject::Aispf),
        loopback
            .marketo(MARKETO_ID, MARKETO_SECRET)
            .settings(settings())
            .build()
            .map(Subject::Marketo),
    ];
    for client in clients {
        let client = client.expect("valid settings");
        errors.of("a renewal", ErrorKind::Timeout, client.warm_up().await);
    }
    let short = reqwest::Client::builder().timeout(Duration::from_millis(1));
    let settings = loopback.settings_with(short);
    let marketo = loopback
        .marketo(MARKETO_ID, MARKETO_SECRET)
        .settings(settings.clone());
    let marketo = marketo.build().expect("valid settings");
    errors.of(
        "a token request",
        ErrorKind::Timeout,
        marketo.warm_up().await,
    );
    let key = loopback.jooto_key("CANARY").settings(settings).build();
    let key = key.expect("valid settings");
    let outcome = key.api().get_organization(1).await;
    errors.of("a call", ErrorKind::Timeout, outcome);
}

async fn answers(errors: &mut Errors, loopback: &Loopback) {
    let client = Flow::MarketoGet.warm(loopback).await;
    let Subject::Marketo(typed) = &client else {
        panic!("another provider's client");
    };
    let body = |body: &'static str| Fault::on(Endpoint::Resource).body("application/json", body);
    let failed = r#"{"success":false,"errors":[{"code":"CANARY","message":"CANARY"}]}"#;
    loopback.fault(Provider::Marketo, body(failed));
    errors.of(
        "a failure",
        ErrorKind::Status,
        typed.api().describe_lead().await,
    );
    loopback.fault(Provider::Marketo, body(r#"{"CANARY":"CANARY"}"#));
    let outcome = typed.api().describe_lead().await;
    errors.of("an unreadable answer", ErrorKind::InvalidResponse, outcome);

    let dead = r#"{"access_token":"CANARY","expires_in":0,"token_type":"Bearer"}"#;
    let client = Flow::AispfOAuth2.cold(loopback).await;
    loopback.next_token(Provider::FujitsuAispf, dead);
    errors.of(
        "a dead token",
        ErrorKind::ExpiredToken,
        client.warm_up().await,
    );
    let spoilt = r#"{"access_token":"CANARY\nCANARY","expires_in":9,"token_type":"Bearer"}"#;
    loopback.next_token(Provider::FujitsuAispf, spoilt);
    let outcome = client.warm_up().await;
    errors.of(
        "a token with a line break",
        ErrorKind::InvalidResponse,
        outcome,
    );
}

fn redirects(errors: &mut Errors, loopback: &Loopback) {
    let app = loopback.app();
    let started = app.authorize(1).expect("random numbers");
    let state = started.state().expose();
    let with = |rest: &str| format!("{JOOTO_CALLBACK}?state={state}&{rest}");
    for url in [
        format!("{JOOTO_CALLBACK}?state=CANARY&code=CANARY"),
        format!("{JOOTO_CALLBACK}?code=CANARY"),
        "CANARY".to_owned(),
    ] {
        let outcome = started.callback(&url);
        errors.of("another state", ErrorKind::StateMismatch, outcome);
    }
    for rest in [
        "error=access_denied&error_description=CANARY&error_uri=CANARY",
        "error=CANARY&code=CANARY",
        "code=CANARY&code=CANARY",
        "codes=CANARY",
    ] {
        let outcome = started.callback(&with(rest));
        errors.of("an error redirect", ErrorKind::Authorization, outcome);
    }
    errors.shown.assert_clean(&[state]);
    log::assert_clean(&[state]);
}

/// A store that does what stores should not do.
struct Broken {
    panics: bool,
}

impl TokenStore for Broken {
    fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>> {
        assert!(!self.panics, "a store that panics");
        let error = Error::store("the store cannot be read", "no such device");
        Box::pin(std::future::ready(Err(error)))
    }

    fn save<'a>(&'a self, _: &'a Record) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn is_required(&self) -> bool {
        true
    }
}

async fn stores(errors: &mut Errors, loopback: &Loopback) {
    for (panics, kind) in [(false, ErrorKind::Store), (true, ErrorKind::Interrupted)] {
        let store = Arc::new(Broken { panics });
        let aispf = loopback.aispf_oauth2(AISPF_ID, AISPF_SECRET);
        let aispf = aispf.store(store.clone()).build().expect("valid");
        errors.of("a broken store", kind, aispf.warm_up().await);
        let app = loopback.jooto_app(JOOTO_ID, JOOTO_SECRET).build();
        let jooto = app.expect("valid").client_from(store).build();
        errors.of(
            "a broken store",
            kind,
            jooto.expect("valid").warm_up().await,
        );
    }
}

async fn closed(errors: &mut Errors, loopback: &Loopback) {
    for flow in Flow::TOKENS {
        let client = flow.cold(loopback).await;
        let tokens = client.token_cache().expect("tokens");
        tokens.shutdown().await.expect("nothing is unsaved");
        let outcome = client.get(flow.path()).await;
        errors.of(&format!("{flow:?}"), ErrorKind::Closed, outcome);
    }
}

/// All there are. A new kind belongs here, and into a test.
const ALL: [ErrorKind; 15] = [
    ErrorKind::Configuration,
    ErrorKind::OutOfScope,
    ErrorKind::Connection,
    ErrorKind::Timeout,
    ErrorKind::Status,
    ErrorKind::CredentialRejected,
    ErrorKind::TokenDenied,
    ErrorKind::ExpiredToken,
    ErrorKind::InvalidResponse,
    ErrorKind::NotReplayable,
    ErrorKind::Authorization,
    ErrorKind::StateMismatch,
    ErrorKind::Store,
    ErrorKind::Interrupted,
    ErrorKind::Closed,
];

#[tokio::test]
async fn no_kind_of_error_shows_a_secret() {
    log::begin();
    let mut errors = Errors::default();
    let loopback = Loopback::start();
    configuration(&mut errors);
    requests(&mut errors, &loopback).await;
    refused(&mut errors, &loopback).await;
    denied(&mut errors, &loopback).await;
    connection(&mut errors, &loopback).await;
    timeouts(&mut errors).await;
    answers(&mut errors, &loopback).await;
    redirects(&mut errors, &loopback);
    stores(&mut errors, &loopback).await;
    closed(&mut errors, &loopback).await;
    assert!(errors.shown.count() > 300, "{}", errors.shown.count());
    let reached = errors.clean();
    let missing: Vec<_> = ALL.iter().filter(|kind| !reached.contains(kind)).collect();
    assert!(missing.is_empty(), "not reached: {missing:?}");
}
