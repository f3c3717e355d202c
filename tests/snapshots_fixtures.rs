//! The values that our clients read from the answer of every fixture.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use rstest::rstest;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tegata::provider::{Auth, BaseUrl, Credential, Issued, Refresh, Transport};
use tegata::reqwest::{self, Method, Response};
use tegata::{
    BasicEncoding, Clock as _, Error, HttpClient, ManualClock, MemoryStore, RenewalPolicy, Reply,
    Settings, Token, TokenCache,
};
use tegata_fujitsu_aispf::api as aispf;
use tegata_jooto::App;
use tegata_jooto::api as jooto;
use tegata_marketo::TokenRequest;
use tegata_marketo::api as marketo;
use tegata_suite::case::{Provider, Suite};
use tegata_suite::fixture::{Answer, FixtureFile, Values};

use tegata_test_support::raw::RawServer;
use tegata_test_support::shown::Shown;

static SUITE: LazyLock<Suite> = LazyLock::new(|| match Suite::embedded() {
    Ok(suite) => suite,
    Err(error) => panic!("{error}"),
});

/// A fixture with its answer filled in, and a server that gives it to every client.
struct Fixture {
    provider: Provider,
    file: &'static FixtureFile,
    values: Values,
    answer: Answer,
    server: RawServer,
    clock: ManualClock,
}

fn http() -> HttpClient {
    let builder = reqwest::Client::builder().no_proxy();
    HttpClient::from_builder(builder).expect("a client")
}

/// The values that a client reads from an answer, or its error.
type Outcome = Result<Value, Error>;

fn provider_of(id: &str) -> Provider {
    let name = id.split('/').next().unwrap_or_default();
    let provider = Provider::all()
        .iter()
        .copied()
        .find(|one| one.name() == name);
    provider.unwrap_or_else(|| panic!("{id} belongs to no provider"))
}

impl Fixture {
    async fn load(id: &str) -> Self {
        let provider = provider_of(id);
        let (file, answer) = SUITE.fixtures.get(id).expect("a fixture");
        let values = SUITE.fixtures.values(provider);
        let none = std::collections::BTreeMap::new();
        let answer = file.answered(answer, &values, &none);
        let answer = answer.expect("known values");
        let server = RawServer::always(answer.to_bytes()).await;
        Self {
            provider,
            values: file.bind(&values, &none),
            file,
            answer,
            server,
            clock: ManualClock::default(),
        }
    }

    fn value(&self, name: &str) -> &str {
        self.values.get(name).unwrap_or("CANARY-unused")
    }

    fn settings(&self) -> Settings {
        Settings::new()
            .clock(self.clock.clone())
            .renewal(RenewalPolicy::new().retry_interval(Duration::ZERO))
            .http_client(http())
    }

    fn transport(&self, auth: Auth) -> Transport {
        let provider = match self.provider.name() {
            "fujitsu-aispf" => &aispf::security::PROVIDER,
            "jooto" => &jooto::security::PROVIDER,
            "marketo" => &marketo::security::PROVIDER,
            other => panic!("there is no client for {other}"),
        };
        let base = BaseUrl::parse(self.server.origin()).expect("a URL");
        Transport::new(http(), base, auth, provider)
    }

    /// A credential that is not renewed, so that one answer is all there is.
    fn fixed(&self) -> Auth {
        let scheme = match self.provider.name() {
            "fujitsu-aispf" => aispf::security::ACCESS_TOKEN,
            "jooto" => jooto::security::OAUTH2,
            "marketo" => marketo::security::OAUTH2,
            other => panic!("there is no client for {other}"),
        };
        let token = self.value("token-1").into();
        Auth::fixed(Credential::new(scheme, &token).expect("valid"))
    }

    /// The answer, read by the operation that the fixture is about.
    async fn parsed(&self) -> Outcome {
        let operation = self.file.operation.as_deref().unwrap_or_default();
        match (self.provider.name(), operation) {
            (_, "") => self.by_hand().await,
            ("fujitsu-aispf", _) => self.aispf(operation).await,
            ("jooto", "login") => self.callback(),
            ("jooto", _) => self.jooto(operation).await,
            ("marketo", _) => self.marketo(operation).await,
            (other, _) => panic!("there is no client for {other}"),
        }
    }

    async fn by_hand(&self) -> Outcome {
        let transport = self.transport(self.fixed());
        let request = transport.request(Method::GET, "/x");
        let response = request.send().await?;
        Ok(handed_on(response.into_reqwest()).await)
    }

    async fn aispf(&self, operation: &str) -> Outcome {
        use aispf::types::{GrantType, LegacyRefreshRequest, LegacyTokenRequest, TokenRequest};
        let scheme = aispf::security::CLIENT_BASIC;
        let (id, secret) = (self.value("client-id"), self.value("client-secret").into());
        let basic = Credential::basic(scheme, id, &secret, BasicEncoding::Raw);
        let basic = Auth::fixed(basic.expect("valid"));
        let operations = aispf::AuthOperations::new(self.transport(basic));
        match operation {
            "issue_token" => {
                let grant_type = GrantType::ClientCredentials;
                typed(operations.issue_token(&TokenRequest { grant_type }).await)
            }
            "issue_legacy_token" => {
                let request = LegacyTokenRequest {
                    client_id: id.to_owned(),
                    client_secret: secret,
                };
                typed(operations.issue_legacy_token(&request).await)
            }
            "refresh_legacy_token" => {
                let refresh_token = self.value("refresh-1").into();
                let request = LegacyRefreshRequest { refresh_token };
                typed(operations.refresh_legacy_token(&request).await)
            }
            other => panic!("{other} is no operation of AISPF"),
        }
    }

    async fn jooto(&self, operation: &str) -> Outcome {
        let calls = jooto::ApiOperations::new(self.transport(self.fixed()));
        match operation {
            "get_organizations" => typed(calls.get_organizations().await),
            "get_organization" => typed(calls.get_organization(1).await),
            "issue_token" => {
                let request = jooto::types::TokenRequest::RefreshToken {
                    client_id: self.value("client-id").to_owned(),
                    client_secret: self.value("client-secret").into(),
                    refresh_token: self.value("refresh-1").into(),
                };
                let tokens = jooto::OauthOperations::new(self.transport(Auth::none()));
                typed(tokens.issue_token(&request).await)
            }
            other => panic!("{other} is no operation of Jooto"),
        }
    }

    fn callback(&self) -> Outcome {
        let location = self.answer.header("location");
        let [location] = location.as_slice() else {
            panic!("not one location");
        };
        let authorization = self.app().resume(self.value("state"))?;
        authorization.callback(location)?;
        Ok(json!("a code"))
    }

    async fn marketo(&self, operation: &str) -> Outcome {
        use marketo::types::GrantType::ClientCredentials;
        let (id, secret) = (self.value("client-id"), self.value("client-secret").into());
        let identity = marketo::IdentityOperations::new(self.transport(Auth::none()));
        match operation {
            "issue_token" => {
                let issued = identity.issue_token(id, &secret, ClientCredentials, None);
                typed(issued.await)
            }
            "issue_token_by_form" => {
                let form = marketo::types::TokenRequest {
                    client_id: id.to_owned(),
                    client_secret: secret,
                    grant_type: ClientCredentials,
                    partner_id: None,
                };
                typed(identity.issue_token_by_form(&form).await)
            }
            "describe_lead" => {
                let calls = marketo::RestOperations::new(self.transport(self.fixed()));
                typed(calls.describe_lead().await)
            }
            other => panic!("{other} is no operation of Marketo"),
        }
    }

    fn app(&self) -> App {
        let (id, secret) = (self.value("client-id"), self.value("client-secret"));
        App::builder(id, secret, self.value("redirect-uri"))
            .base_url(self.server.origin())
            .oauth_url(self.server.origin())
            .settings(self.settings())
            .build()
            .expect("valid settings")
    }

    /// A token of the fixtures that is due, `left` seconds before its expiry.
    fn due(&self, left: u64) -> MemoryStore {
        let issued = Issued::new(
            "CANARY-former",
            Some(Duration::from_secs(3600)),
            Refresh::Replace {
                token: self.value("refresh-1").into(),
                lifetime: Some(Duration::from_secs(86_400)),
            },
        );
        let issued_at = self.clock.now() - Duration::from_secs(3600 - left);
        MemoryStore::holding(Token::new(issued, issued_at, None))
    }

    /// The token that the client goes on with, for answers that should hold one.
    async fn used(&self) -> Option<Outcome> {
        let (id, secret) = (self.value("client-id"), self.value("client-secret"));
        let origin = self.server.origin();
        let aispf = |store: MemoryStore| {
            let client = tegata_fujitsu_aispf::Client::builder(
                tegata_fujitsu_aispf::LegacyOAuth::new(id, secret),
            );
            let client = client
                .base_url(origin)
                .auth_url(origin)
                .store(Arc::new(store));
            client
                .settings(self.settings())
                .build()
                .expect("valid settings")
        };
        let marketo = |request| {
            let client = tegata_marketo::Client::builder(id, secret);
            let client = client.base_url(origin).token_request(request);
            client
                .settings(self.settings())
                .build()
                .expect("valid settings")
        };
        let of = |token: Option<Token>| Ok(described(&token.expect("a token")));
        Some(
            match (self.provider.name(), self.file.operation.as_deref()?) {
                ("fujitsu-aispf", "issue_token") => {
                    let client = tegata_fujitsu_aispf::Client::builder(
                        tegata_fujitsu_aispf::OAuth2::new(id, secret),
                    );
                    let client = client.base_url(origin).auth_url(origin);
                    let client = client.settings(self.settings()).build();
                    let client = client.expect("valid settings");
                    match client.warm_up().await {
                        Ok(()) => of(client.token_cache().and_then(TokenCache::token)),
                        Err(error) => Err(error),
                    }
                }
                ("fujitsu-aispf", operation) => {
                    let store = match operation {
                        "issue_legacy_token" => MemoryStore::default(),
                        _ => self.due(5),
                    };
                    let client = aispf(store);
                    match client.warm_up().await {
                        Ok(()) => of(client.token_cache().and_then(TokenCache::token)),
                        Err(error) => Err(error),
                    }
                }
                ("jooto", "issue_token") if self.is_by_code() => {
                    let state = self.value("state");
                    let authorization = self.app().resume(state).expect("a state");
                    let back = format!("?state={state}&code={}", self.value("code"));
                    let code = authorization.callback(&back).expect("a code");
                    self.app()
                        .exchange(&code)
                        .await
                        .map(|token| described(&token))
                }
                ("jooto", "issue_token") => {
                    let client = self.app().client_from(Arc::new(self.due(0))).build();
                    let client = client.expect("valid settings");
                    match client.warm_up().await {
                        Ok(()) => of(client.token_cache().and_then(TokenCache::token)),
                        Err(error) => Err(error),
                    }
                }
                ("marketo", operation @ ("issue_token" | "issue_token_by_form")) => {
                    let client = marketo(match operation {
                        "issue_token" => TokenRequest::Get,
                        _ => TokenRequest::PostForm,
                    });
                    match client.warm_up().await {
                        Ok(()) => of(client.token_cache().and_then(TokenCache::token)),
                        Err(error) => Err(error),
                    }
                }
                _ => return None,
            },
        )
    }

    fn is_by_code(&self) -> bool {
        let form = self.file.request.form.as_deref().unwrap_or_default();
        form.iter().any(|field| field.value == "authorization_code")
    }

    /// The outcome as the snapshot shows it, secrets by name only.
    fn shown(&self, outcome: Outcome) -> Value {
        let value = match outcome {
            Ok(value) => json!({"ok": value}),
            Err(error) => {
                let mut shown = Shown::default();
                shown.error("the error", &error);
                shown.assert_clean(&[]);
                json!({"error": {
                    "kind": format!("{:?}", error.kind()),
                    "says": without_port(&error.to_string()),
                    "status": error.status().map(u16::from),
                    "code": error.code(),
                    "transient": error.is_transient(),
                    "rejected": error.is_credential_rejected(),
                    "retry_after": error.retry_after().map(|wait| wait.as_secs()),
                    "described": error.description().is_some(),
                }})
            }
        };
        let redacted = self.values.redactor().redact(&value.to_string());
        assert!(
            !redacted.contains("CANARY"),
            "a secret that no name is known for"
        );
        serde_json::from_str(&redacted).expect("still JSON")
    }
}

/// The text with the port of the server on loopback, which each run has another of, left out.
fn without_port(text: &str) -> String {
    let host = "http://127.0.0.1:";
    let Some((before, rest)) = text.split_once(host) else {
        return text.to_owned();
    };
    let rest = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
    format!("{before}{host}PORT{rest}")
}

/// A typed answer, as the spec's own types write it.
fn typed<T: Serialize>(answer: Result<Reply<T>, Error>) -> Outcome {
    let reply = answer?;
    let status = reply.status().as_u16();
    let value = serde_json::to_value(reply.into_inner()).expect("serializes");
    Ok(json!({"status": status, "value": value}))
}

/// An answer of a call outside the spec.
async fn handed_on(response: Response) -> Value {
    let status = response.status().as_u16();
    let content_type = response.headers().get("content-type").map(|value| {
        let value = value.to_str().expect("ASCII");
        value.to_owned()
    });
    let body = response.bytes().await;
    let body = body.map_or_else(
        |_| json!("broken off"),
        |body| {
            let digest = Sha256::digest(&body);
            let hex: Vec<_> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            json!({"bytes": body.len(), "sha256": hex.concat()})
        },
    );
    json!({"status": status, "content-type": content_type, "body": body})
}

fn described(token: &Token) -> Value {
    let life = token.expires_at().map(|at| {
        let life = at.duration_since(token.issued_at());
        life.expect("it lives after its issue").as_secs()
    });
    json!({
        "access_token": token.access_token(),
        "refresh_token": token.refresh_token(),
        "lives_for_seconds": life,
    })
}

fn snapshot_name(id: &str) -> String {
    id.replace('/', ".")
}

async fn compare(id: &str) {
    let fixture = Fixture::load(id).await;
    let parsed = fixture.parsed().await;
    let mut result = json!({"parsed": fixture.shown(parsed)});
    if let Some(used) = fixture.used().await {
        result["used"] = fixture.shown(used);
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_suffix(snapshot_name(id));
    settings.set_description(&*fixture.file.title);
    let answer = SUITE.fixtures.get(id).expect("a fixture").1;
    let cite: BTreeSet<&String> = fixture.file.cite.iter().chain(&answer.cite).collect();
    settings.set_info(&json!({ "cite": cite }));
    settings.bind(|| insta::assert_json_snapshot!("parsed", result));
}

#[rstest]
#[case("fujitsu-aispf")]
#[case("jooto")]
#[case("marketo")]
fn every_fixture_is_read_as_recorded(#[case] provider: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().expect("a runtime");
    let ids = SUITE.fixtures.ids();
    let ids: Vec<_> = ids
        .iter()
        .filter(|id| provider_of(id).name() == provider)
        .collect();
    assert!(!ids.is_empty(), "{provider} has no fixture");
    // All of them, so that one run shows everything.
    let failed: Vec<_> = ids
        .into_iter()
        .filter(|id| catch_unwind(AssertUnwindSafe(|| runtime.block_on(compare(id)))).is_err())
        .collect();
    assert!(failed.is_empty(), "not as recorded: {failed:?}");
}

/// The ids of the fixtures that lie on the disk, read without the loader.
fn on_disk() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/suite/fixtures");
    let mut ids = BTreeSet::new();
    for provider in Provider::all().iter().copied() {
        let folder = root.join(provider.name());
        for entry in std::fs::read_dir(folder).expect("a folder of fixtures") {
            let path = entry.expect("a file").path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            let stem = stem.expect("a name");
            if stem == "values" {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a text file");
            let file: toml::Table = text.parse().expect("TOML");
            let answers = file["answer"].as_table().expect("answers");
            let name = provider.name();
            ids.extend(
                answers
                    .keys()
                    .map(|answer| format!("{name}/{stem}.{answer}")),
            );
        }
    }
    ids
}

#[test]
fn every_fixture_is_read_and_every_snapshot_is_used() {
    let on_disk = on_disk();
    let read: BTreeSet<_> = SUITE.fixtures.ids().into_iter().collect();
    assert_eq!(on_disk, read);
    let expected: BTreeSet<_> = on_disk.iter().map(|id| snapshot_name(id)).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    let snapshots: BTreeSet<_> = std::fs::read_dir(folder)
        .expect("the snapshots")
        .filter_map(|entry| {
            let name = entry.expect("a file").file_name();
            let name = name
                .to_str()?
                .strip_prefix("parsed@")?
                .strip_suffix(".snap")?;
            Some(name.to_owned())
        })
        .collect();
    assert_eq!(snapshots, expected);
}
