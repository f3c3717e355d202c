//! The complete outgoing request of every operation, called by hand and in its flow.

use std::sync::Arc;

use insta::internals::{Content, ContentPath};
use serde_json::{Value, json};
use tegata::provider::{Auth, BaseUrl, Credential, Transport};
use tegata::{BasicEncoding, HttpClient, MemoryStore, TokenCache};
use tegata_emulator::{LogEntry, Provider, Refusal};
use tegata_fujitsu_aispf::api as aispf;
use tegata_fujitsu_aispf::{LegacyFields, LegacyOAuth};
use tegata_jooto::api as jooto;
use tegata_marketo::TokenRequest;
use tegata_marketo::api as marketo;
use tegata_suite::case::Suite;

use tegata_test_support::Subject;
use tegata_test_support::loopback::{
    AISPF_ID, AISPF_PRIMARY, AISPF_SECONDARY, AISPF_SECRET, HOUR, JOOTO_CALLBACK, JOOTO_ID,
    JOOTO_KEY, JOOTO_SECRET, Loopback, MARKETO_ID, MARKETO_SECRET,
};
use tegata_test_support::redact::Names;

/// The snapshots: the case that each is about, `@` and whether an operation is called by hand or the
/// client goes its own way; and all the cases that it shows.
const SNAPSHOTS: [(&str, &[&str]); 21] = [
    (
        "fujitsu-aispf.key.working-one-first@flow",
        &[
            "fujitsu-aispf.key.working-one-first",
            "fujitsu-aispf.key.second-after-refusal",
        ],
    ),
    (
        "fujitsu-aispf.v1.field-names@flow",
        &["fujitsu-aispf.v1.field-names"],
    ),
    (
        "fujitsu-aispf.v1.issue@operation",
        &["fujitsu-aispf.v1.issue", "fujitsu-aispf.v1.refresh"],
    ),
    (
        "fujitsu-aispf.v1.refresh-rotated@flow",
        &[
            "fujitsu-aispf.v1.refresh-rotated",
            "fujitsu-aispf.v1.after-expiry",
        ],
    ),
    ("fujitsu-aispf.v1.to-v2@flow", &["fujitsu-aispf.v1.to-v2"]),
    (
        "fujitsu-aispf.v2.basic-encoded@operation",
        &["fujitsu-aispf.v2.basic-encoded"],
    ),
    (
        "fujitsu-aispf.v2.expired@flow",
        &[
            "fujitsu-aispf.v2.expired",
            "fujitsu-aispf.v2.refused-same-body",
        ],
    ),
    (
        "fujitsu-aispf.v2.issue@operation",
        &["fujitsu-aispf.v2.issue"],
    ),
    ("jooto.authorize.url@operation", &["jooto.authorize.url"]),
    (
        "jooto.callback.exchange@operation",
        &["jooto.callback.exchange", "jooto.refresh.four-fields"],
    ),
    ("jooto.key.header@flow", &["jooto.key.header"]),
    ("jooto.key.header@operation", &["jooto.key.header"]),
    (
        "jooto.refresh.after-exchange@flow",
        &["jooto.refresh.after-exchange", "jooto.refused.same-body"],
    ),
    ("jooto.use.bearer@operation", &["jooto.use.bearer"]),
    (
        "marketo.token.get@flow",
        &[
            "marketo.token.get",
            "marketo.expiry.renewed-before-call",
            "marketo.refused.same-body",
        ],
    ),
    (
        "marketo.token.get@operation",
        &["marketo.token.get", "marketo.token.partner"],
    ),
    ("marketo.token.post-form@flow", &["marketo.token.post-form"]),
    (
        "marketo.token.post-form@operation",
        &["marketo.token.post-form"],
    ),
    ("marketo.use.header@operation", &["marketo.use.header"]),
    ("marketo.use.query@flow", &["marketo.use.query"]),
    ("marketo.use.query@operation", &["marketo.use.query"]),
];

/// What the snapshot of this id rests on.
#[track_caller]
fn info(id: &str) -> Value {
    let suite = Suite::embedded().expect("a suite");
    let row = SNAPSHOTS.iter().find(|(known, _)| *known == id);
    let (_, ids) = row.unwrap_or_else(|| panic!("{id} is not in the table"));
    let cases = ids.iter().map(|id| {
        let case = suite.case(id);
        case.unwrap_or_else(|| panic!("{id} is no case"))
    });
    let mut cite: Vec<String> = Vec::new();
    for id in cases.flat_map(|case| case.cite.clone()) {
        if !cite.contains(&id) {
            cite.push(id);
        }
    }
    json!({"cases": ids, "cite": cite})
}

#[test]
fn no_snapshot_is_left_over_and_each_is_named_by_its_case() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    let files = std::fs::read_dir(folder).expect("the folder");
    let names = files.map(|file| {
        file.expect("a file")
            .file_name()
            .to_string_lossy()
            .into_owned()
    });
    let mut there: Vec<String> = names
        .filter_map(|name| {
            Some(
                name.strip_prefix("wire@")?
                    .strip_suffix(".snap")?
                    .to_owned(),
            )
        })
        .collect();
    there.sort();
    let known: Vec<&str> = SNAPSHOTS.iter().map(|(id, _)| *id).collect();
    assert_eq!(there, known);
    for (id, cases) in SNAPSHOTS {
        assert_eq!(id.split('@').next(), Some(cases[0]), "{id}");
    }
}

/// A run of one operation or flow: what goes out, and the names of the secrets in it.
struct Recording {
    loopback: Loopback,
    names: Names,
}

impl Recording {
    fn start() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut tegata_emulator::Config)) -> Self {
        let loopback = Loopback::with(change);
        let mut names = Names::default();
        let host = loopback.emulator.base_url().replace("http://", "");
        names.add("host", &host);
        names.add("client-secret", AISPF_SECRET);
        names.add("client-secret", JOOTO_SECRET);
        names.add("client-secret", MARKETO_SECRET);
        names.add("primary-key", AISPF_PRIMARY);
        names.add("secondary-key", AISPF_SECONDARY);
        names.add("api-key", JOOTO_KEY);
        names.add_basic("client-id:client-secret", AISPF_ID, AISPF_SECRET);
        Self { loopback, names }
    }

    /// The token that the client has now goes by this name.
    fn name_token(&mut self, name: &str, client: &Subject) {
        let token = client.token_cache().and_then(TokenCache::token);
        let token = token.expect("a token");
        self.names.add(name, token.access_token().expose());
        if let Some(refresh) = token.refresh_token() {
            self.names
                .add(&format!("refresh of {name}"), refresh.expose());
        }
    }

    /// The base URL of a provider, for operations that are called by hand.
    fn transport(&self, provider: Provider, path: &str, auth: Auth) -> Transport {
        let url = format!("{}{path}", self.loopback.url(provider));
        let spec = match provider {
            Provider::FujitsuAispf => &aispf::security::PROVIDER,
            Provider::Jooto => &jooto::security::PROVIDER,
            Provider::Marketo => &marketo::security::PROVIDER,
        };
        let http = HttpClient::new().expect("a client");
        Transport::new(http, BaseUrl::parse(&url).expect("a URL"), auth, spec)
    }

    /// Compares everything that was sent with the snapshot of this id.
    #[track_caller]
    fn compare(self, id: &str, says: &str) {
        let log = self.loopback.emulator.log(None);
        let requests: Vec<_> = log.iter().map(request).collect();
        assert!(!requests.is_empty(), "{id} sends nothing");
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_snapshot_suffix(id);
        settings.set_description(says);
        settings.set_info(&info(id));
        let names = self.names.clone();
        settings.add_dynamic_redaction("[].headers[]", move |line, _| {
            text(&line, |line| names.redact_header(line))
        });
        for selector in ["[].target", "[].body", "[].form[]", "[].json.*"] {
            let names = self.names.clone();
            let redact =
                move |value: Content, _: ContentPath<'_>| text(&value, |value| names.redact(value));
            settings.add_dynamic_redaction(selector, redact);
        }
        settings.bind(|| insta::assert_json_snapshot!("wire", requests));
    }
}

fn text(value: &Content, redact: impl FnOnce(&str) -> String) -> Content {
    match value.as_str() {
        Some(value) => Content::from(redact(value)),
        None => value.clone(),
    }
}

/// A request as it was on the wire, its headers sorted.
fn request(entry: &LogEntry) -> Value {
    let query = entry.query.as_ref().map(|query| format!("?{query}"));
    let mut headers: Vec<_> = entry
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    headers.sort();
    let mut request = json!({
        "provider": entry.provider,
        "method": entry.method,
        "target": format!("{}{}", entry.path, query.unwrap_or_default()),
        "headers": headers,
        "body": entry.body,
        "answered": entry.status,
    });
    if let Some(form) = &entry.form {
        let fields = form.iter().map(|(name, value)| format!("{name} = {value}"));
        request["form"] = fields.collect();
    }
    if let Ok(Value::Object(members)) = serde_json::from_str(&entry.body) {
        request["json"] = members.into();
    }
    request
}

fn token_of(scheme: tegata::provider::spec::Scheme, token: &str) -> Auth {
    Auth::fixed(Credential::new(scheme, &token.into()).expect("valid"))
}

mod operations {
    use super::*;

    const GRANT: aispf::types::TokenRequest = aispf::types::TokenRequest {
        grant_type: aispf::types::GrantType::ClientCredentials,
    };

    async fn issue_token(recording: &Recording, id: &str, secret: &str, encoding: BasicEncoding) {
        let scheme = aispf::security::CLIENT_BASIC;
        let basic = Credential::basic(scheme, id, &secret.into(), encoding);
        let auth = Auth::fixed(basic.expect("valid"));
        let transport = recording.transport(Provider::FujitsuAispf, "", auth);
        let operations = aispf::AuthOperations::new(transport);
        operations.issue_token(&GRANT).await.expect("a token");
    }

    #[tokio::test]
    async fn aispf_issue_token() {
        let recording = Recording::start();
        issue_token(&recording, AISPF_ID, AISPF_SECRET, BasicEncoding::Raw).await;
        recording.compare("fujitsu-aispf.v2.issue@operation", "POST /v2/tokens");
    }

    #[tokio::test]
    async fn aispf_issue_token_with_form_encoded_basic() {
        let (id, secret) = ("an:id", "CANARY s+\u{e9}");
        let mut recording = Recording::with(|config| {
            let client = &mut config.fujitsu_aispf.clients[0];
            client.id = id.to_owned();
            client.secret = secret.to_owned();
        });
        let encoded = ("an%3Aid", "CANARY+s%2B%C3%A9");
        recording
            .names
            .add_basic("form-encoded client-id:client-secret", encoded.0, encoded.1);
        issue_token(&recording, id, secret, BasicEncoding::Form).await;
        let says = "POST /v2/tokens, id and secret form-encoded first";
        recording.compare("fujitsu-aispf.v2.basic-encoded@operation", says);
    }

    #[tokio::test]
    async fn aispf_issue_and_refresh_legacy_token() {
        let mut recording = Recording::start();
        let transport = recording.transport(Provider::FujitsuAispf, "", Auth::none());
        let operations = aispf::AuthOperations::new(transport);
        let request = aispf::types::LegacyTokenRequest {
            client_id: AISPF_ID.to_owned(),
            client_secret: AISPF_SECRET.into(),
        };
        let issued = operations.issue_legacy_token(&request).await;
        let refresh_token = issued.expect("a token").refresh_token.clone();
        let refresh_token = refresh_token.expect("a refresh token");
        recording.names.add("refresh-token", refresh_token.expose());
        let request = aispf::types::LegacyRefreshRequest { refresh_token };
        let renewed = operations.refresh_legacy_token(&request).await;
        renewed.expect("a token");
        let says = "POST and PATCH /v1/tokens";
        recording.compare("fujitsu-aispf.v1.issue@operation", says);
    }

    #[tokio::test]
    async fn jooto_login_and_both_grants() {
        let mut recording = Recording::start();
        let app = recording.loopback.app();
        let authorization = app.authorize(1).expect("random numbers");
        recording.names.add("state", authorization.state().expose());
        let back = recording.loopback.consent(&authorization).await;
        let code = back.split(['=', '&']).nth(1).expect("a code").to_owned();
        recording.names.add("code", &code);
        // The browser is not ours to describe, only where it is sent.
        let login = recording.loopback.emulator.log(Provider::Jooto).remove(0);
        let query = login.query.unwrap_or_default();
        let target = recording.names.redact(&format!("{}?{query}", login.path));
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_snapshot_suffix("jooto.authorize.url@operation");
        settings.set_description("GET /oauth2/login, opened by a browser");
        settings.set_info(&info("jooto.authorize.url@operation"));
        let login = json!({"method": login.method, "target": target});
        settings.bind(|| insta::assert_json_snapshot!("wire", login));
        recording.loopback.emulator.clear_log();

        let transport = recording.transport(Provider::Jooto, "", Auth::none());
        let operations = jooto::OauthOperations::new(transport);
        let request = jooto::types::TokenRequest::AuthorizationCode {
            client_id: JOOTO_ID.to_owned(),
            client_secret: JOOTO_SECRET.into(),
            code: code.into(),
            redirect_uri: JOOTO_CALLBACK.to_owned(),
        };
        let issued = operations.issue_token(&request).await.expect("a token");
        let refresh_token = issued.refresh_token.clone().expect("a refresh token");
        recording.names.add("refresh-token", refresh_token.expose());
        let request = jooto::types::TokenRequest::RefreshToken {
            client_id: JOOTO_ID.to_owned(),
            client_secret: JOOTO_SECRET.into(),
            refresh_token,
        };
        operations.issue_token(&request).await.expect("a token");
        let says = "POST /oauth2/token, with a code and with a refresh token";
        recording.compare("jooto.callback.exchange@operation", says);
    }

    #[tokio::test]
    async fn jooto_organizations_by_key() {
        let recording = Recording::start();
        let auth = token_of(jooto::security::JOOTO_API_KEY, JOOTO_KEY);
        let operations = jooto::ApiOperations::new(recording.transport(Provider::Jooto, "", auth));
        operations.get_organizations().await.expect("accepted");
        operations.get_organization(1).await.expect("accepted");
        let says = "GET /organizations and /organizations/{id} with an API key";
        recording.compare("jooto.key.header@operation", says);
    }

    #[tokio::test]
    async fn jooto_organizations_by_token() {
        let mut recording = Recording::start();
        let token = recording.loopback.token(&recording.loopback.app()).await;
        recording.loopback.emulator.clear_log();
        let token = token.access_token().expose();
        recording.names.add("access-token", token);
        let auth = token_of(jooto::security::OAUTH2, token);
        let operations = jooto::ApiOperations::new(recording.transport(Provider::Jooto, "", auth));
        operations.get_organizations().await.expect("accepted");
        operations.get_organization(1).await.expect("accepted");
        let says = "GET /organizations and /organizations/{id} with an access token";
        recording.compare("jooto.use.bearer@operation", says);
    }

    fn identity(recording: &Recording) -> marketo::IdentityOperations {
        let transport = recording.transport(Provider::Marketo, "/identity", Auth::none());
        marketo::IdentityOperations::new(transport)
    }

    #[tokio::test]
    async fn marketo_issue_token() {
        let mut recording = Recording::start();
        recording.names.add("partner-id", "CANARY partner");
        let identity = identity(&recording);
        let grant = marketo::types::GrantType::ClientCredentials;
        let secret = MARKETO_SECRET.into();
        let issued = identity.issue_token(MARKETO_ID, &secret, grant, None).await;
        issued.expect("a token");
        let partner = "CANARY partner".into();
        let issued = identity.issue_token(MARKETO_ID, &secret, grant, Some(&partner));
        issued.await.expect("a token");
        let says = "GET /identity/oauth/token, without and with a partner id";
        recording.compare("marketo.token.get@operation", says);
    }

    #[tokio::test]
    async fn marketo_issue_token_by_form() {
        let mut recording = Recording::start();
        recording.names.add("partner-id", "CANARY partner");
        let identity = identity(&recording);
        for partner_id in [None, Some("CANARY partner".into())] {
            let form = marketo::types::TokenRequest {
                client_id: MARKETO_ID.to_owned(),
                client_secret: MARKETO_SECRET.into(),
                grant_type: marketo::types::GrantType::ClientCredentials,
                partner_id,
            };
            let issued = identity.issue_token_by_form(&form).await;
            issued.expect("a token");
        }
        let says = "POST /identity/oauth/token, without and with a partner id";
        recording.compare("marketo.token.post-form@operation", says);
    }

    async fn describe_lead(in_query: bool) -> Recording {
        let mut recording = Recording::start();
        let grant = marketo::types::GrantType::ClientCredentials;
        let issued = identity(&recording)
            .issue_token(MARKETO_ID, &MARKETO_SECRET.into(), grant, None)
            .await;
        let token = issued.expect("a token").access_token.clone();
        recording.names.add("access-token", token.expose());
        recording.loopback.emulator.clear_log();
        #[allow(deprecated, reason = "what is deprecated has to work until it is gone")]
        let scheme = if in_query {
            marketo::security::ACCESS_TOKEN_QUERY
        } else {
            marketo::security::OAUTH2
        };
        let auth = token_of(scheme, token.expose());
        let transport = recording.transport(Provider::Marketo, "", auth);
        let operations = marketo::RestOperations::new(transport);
        operations.describe_lead().await.expect("accepted");
        recording
    }

    #[tokio::test]
    async fn marketo_describe_lead() {
        let says = "GET /rest/v1/leads/describe.json";
        describe_lead(false)
            .await
            .compare("marketo.use.header@operation", says);
    }

    #[tokio::test]
    async fn marketo_describe_lead_with_the_token_in_the_query() {
        let says = "GET /rest/v1/leads/describe.json, the token in the query (deprecated)";
        describe_lead(true)
            .await
            .compare("marketo.use.query@operation", says);
    }
}

mod flows {
    use super::*;

    const JOBS: &str = "/da/v2/async/jobs";
    const LEADS: &str = "/rest/v1/leads.json";

    /// Only the clock is ours, everything else as a user has it.
    fn settings(recording: &Recording) -> tegata::Settings {
        tegata::Settings::new()
            .clock(recording.loopback.clock.clone())
            .http_client(tegata::HttpClient::new().expect("a client"))
    }

    async fn call(client: &Subject, path: &str) {
        assert_eq!(client.get(path).await.expect("accepted"), 200);
    }

    async fn push(client: &Subject, path: &str) {
        let request = client.post(path, r#"{"n":1}"#);
        let response = client.send(request).await.expect("accepted");
        assert_eq!(response.status(), 200);
    }

    #[tokio::test]
    async fn aispf_keys() {
        let recording = Recording::start();
        let keys = recording
            .loopback
            .aispf_keys(AISPF_PRIMARY, AISPF_SECONDARY);
        let keys = keys.settings(settings(&recording));
        let client = Subject::Aispf(keys.build().expect("valid"));
        call(&client, JOBS).await;
        let emulator = &recording.loopback.emulator;
        let revoked = emulator.revoke_key(Provider::FujitsuAispf, AISPF_PRIMARY);
        assert_eq!(revoked.ok(), Some(true));
        push(&client, JOBS).await;
        call(&client, JOBS).await;
        let says = "The primary key; refused, the secondary one; then that one alone";
        recording.compare("fujitsu-aispf.key.working-one-first@flow", says);
    }

    #[tokio::test]
    async fn aispf_oauth2() {
        let mut recording = Recording::start();
        let builder = recording.loopback.aispf_oauth2(AISPF_ID, AISPF_SECRET);
        let client = builder.settings(settings(&recording)).build();
        let client = Subject::Aispf(client.expect("valid"));
        call(&client, JOBS).await;
        recording.name_token("token-1", &client);
        recording.loopback.advance(HOUR);
        call(&client, JOBS).await;
        recording.name_token("token-2", &client);
        recording.loopback.emulator.forget(Provider::FujitsuAispf);
        push(&client, JOBS).await;
        recording.name_token("token-3", &client);
        let says = "Issue, call; expired: issue, call; refused: issue, the same call again";
        recording.compare("fujitsu-aispf.v2.expired@flow", says);
    }

    #[tokio::test]
    async fn aispf_legacy() {
        let mut recording = Recording::with(|config| config.fujitsu_aispf.rotate = true);
        let builder = recording.loopback.aispf_legacy(AISPF_ID, AISPF_SECRET);
        let client = builder.settings(settings(&recording)).build();
        let client = Subject::Aispf(client.expect("valid"));
        call(&client, JOBS).await;
        recording.name_token("token-1", &client);
        recording.loopback.advance(HOUR - 5);
        call(&client, JOBS).await;
        recording.name_token("token-2", &client);
        recording.loopback.advance(HOUR);
        call(&client, JOBS).await;
        recording.name_token("token-3", &client);
        let says = "POST, call; about to expire: PATCH, call; expired: POST, call";
        recording.compare("fujitsu-aispf.v1.refresh-rotated@flow", says);
    }

    #[tokio::test]
    async fn aispf_legacy_with_other_names() {
        let mut recording = Recording::with(|config| {
            let fields = &mut config.fujitsu_aispf.v1_fields;
            fields.client_id = "ID".to_owned();
            fields.client_secret = "PASS".to_owned();
            fields.refresh_token = "REFRESH".to_owned();
            fields.expires_in = "TTL".to_owned();
        });
        let fields = LegacyFields {
            client_id: "ID".to_owned(),
            client_secret: "PASS".to_owned(),
            sent_refresh_token: "REFRESH".to_owned(),
            refresh_token: "REFRESH".to_owned(),
            expires_in: "TTL".to_owned(),
            ..LegacyFields::default()
        };
        let credentials = LegacyOAuth::new(AISPF_ID, AISPF_SECRET).fields(fields);
        let builder = recording.loopback.aispf(credentials);
        let client = builder.settings(settings(&recording)).build();
        let client = Subject::Aispf(client.expect("valid"));
        client.warm_up().await.expect("a token");
        recording.name_token("token-1", &client);
        recording.loopback.advance(HOUR - 5);
        client.warm_up().await.expect("a token");
        let says = "POST and PATCH with field names that were set at run time";
        recording.compare("fujitsu-aispf.v1.field-names@flow", says);
    }

    #[tokio::test]
    async fn aispf_from_v1_to_v2() {
        let mut recording = Recording::start();
        let v1 = recording.loopback.aispf_legacy(AISPF_ID, AISPF_SECRET);
        let v1 = v1.settings(settings(&recording)).build();
        let v1 = Subject::Aispf(v1.expect("valid"));
        call(&v1, JOBS).await;
        recording.name_token("token of v1", &v1);
        let v2 = recording.loopback.aispf_oauth2(AISPF_ID, AISPF_SECRET);
        let v2 = v2.settings(settings(&recording)).build();
        let v2 = Subject::Aispf(v2.expect("valid"));
        call(&v2, JOBS).await;
        recording.name_token("token of v2", &v2);
        let says = "The same client id and secret, by the conventional method and by OAuth 2.0";
        recording.compare("fujitsu-aispf.v1.to-v2@flow", says);
    }

    #[tokio::test]
    async fn jooto_key() {
        let recording = Recording::start();
        let builder = recording.loopback.jooto_key(JOOTO_KEY);
        let client = builder.settings(settings(&recording)).build();
        let client = client.expect("valid");
        client.api().get_organizations().await.expect("accepted");
        push(&Subject::Jooto(client), "/v1/boards").await;
        recording.compare("jooto.key.header@flow", "Calls with an API key");
    }

    #[tokio::test]
    async fn jooto_code() {
        let mut recording = Recording::start();
        let app = recording.loopback.jooto_app(JOOTO_ID, JOOTO_SECRET);
        let app = app.settings(settings(&recording)).build().expect("valid");
        let authorization = app.authorize(1).expect("random numbers");
        let back = recording.loopback.consent(&authorization).await;
        recording.loopback.emulator.clear_log();
        let code = back.split(['=', '&']).nth(1).expect("a code");
        recording.names.add("code", code);
        let code = authorization.callback(&back).expect("a code");
        let store = Arc::new(MemoryStore::default());
        let token = app.exchange(&code).await.expect("a token");
        let client = app.client(token).store(store).build().expect("valid");
        client.api().get_organization(1).await.expect("accepted");
        let client = Subject::Jooto(client);
        recording.name_token("token-1", &client);
        recording.loopback.advance(HOUR);
        call(&client, "/organizations/1").await;
        recording.name_token("token-2", &client);
        recording.loopback.emulator.forget(Provider::Jooto);
        push(&client, "/v1/boards").await;
        recording.name_token("token-3", &client);
        let says =
            "A code for a token, call; expired: refresh, call; refused: refresh, the same call";
        recording.compare("jooto.refresh.after-exchange@flow", says);
    }

    async fn marketo(id: &str, says: &str, request: TokenRequest, partner: bool, in_query: bool) {
        let mut recording = Recording::start();
        recording.names.add("partner-id", "CANARY partner");
        let mut builder = recording.loopback.marketo(MARKETO_ID, MARKETO_SECRET);
        builder = builder
            .token_request(request)
            .settings(settings(&recording));
        if partner {
            builder = builder.partner_id("CANARY partner");
        }
        if in_query {
            #[allow(deprecated, reason = "what is deprecated has to work until it is gone")]
            let in_query = builder.token_in_query();
            builder = in_query;
        }
        let client = builder.build().expect("valid");
        client.api().describe_lead().await.expect("accepted");
        let client = Subject::Marketo(client);
        recording.name_token("token-1", &client);
        recording.loopback.advance(HOUR);
        call(&client, LEADS).await;
        recording.name_token("token-2", &client);
        recording
            .loopback
            .refuse_next(Provider::Marketo, Refusal::new(602));
        push(&client, &format!("{LEADS}?_method=GET")).await;
        recording.name_token("token-3", &client);
        recording.compare(id, says);
    }

    #[tokio::test]
    async fn marketo_get() {
        let says = "Issue by GET, call; expired: issue, call; 602: issue, the same call again";
        marketo(
            "marketo.token.get@flow",
            says,
            TokenRequest::Get,
            false,
            false,
        )
        .await;
    }

    #[tokio::test]
    async fn marketo_form() {
        let says = "Issue by POST form with a partner id, call; expired and 602 alike";
        marketo(
            "marketo.token.post-form@flow",
            says,
            TokenRequest::PostForm,
            true,
            false,
        )
        .await;
    }

    #[tokio::test]
    async fn marketo_query() {
        let says = "The token in the query (deprecated)";
        marketo(
            "marketo.use.query@flow",
            says,
            TokenRequest::Get,
            false,
            true,
        )
        .await;
    }
}

/// Method and path of every request in a snapshot.
fn recorded() -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    let files = std::fs::read_dir(folder).expect("the snapshots");
    let files = files.map(|file| file.expect("a file").path());
    let of_requests = |path: &std::path::PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with("wire@"))
    };
    let requests = files.filter(of_requests).flat_map(|path| {
        let text = std::fs::read_to_string(&path).expect("a snapshot");
        let json = text.splitn(3, "---\n").nth(2).expect("a header and a body");
        match serde_json::from_str(json).expect("JSON") {
            Value::Array(requests) => requests,
            request => vec![request],
        }
    });
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    requests
        .map(|request| {
            let target = text(&request["target"]);
            let path = target.split('?').next().unwrap_or_default();
            (text(&request["method"]), path.to_owned())
        })
        .collect()
}

#[test]
fn no_operation_of_the_specs_is_left_out() {
    let recorded = recorded();
    let providers = [
        (&aispf::security::PROVIDER, ""),
        (&jooto::security::PROVIDER, ""),
        // Its token endpoint lies on a server of its own.
        (&marketo::security::PROVIDER, "/identity"),
    ];
    for (provider, server) in providers {
        for operation in provider.operations {
            let path = operation.path.replace("{id}", "1");
            let found = recorded.iter().any(|(method, target)| {
                method == operation.method
                    && (*target == path || *target == format!("{server}{path}"))
            });
            assert!(found, "{} of {}", operation.id, provider.name);
        }
    }
}
