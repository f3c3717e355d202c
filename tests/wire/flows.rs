//! The clients' own requests, from the first token to a refused one.

use std::sync::Arc;

use tegata::MemoryStore;
use tegata_emulator::{Provider, Refusal};
use tegata_fujitsu_aispf::{LegacyFields, LegacyOAuth};
use tegata_marketo::TokenRequest;
use tegata_test_support::Subject;
use tegata_test_support::loopback::{
    AISPF_ID, AISPF_PRIMARY, AISPF_SECONDARY, AISPF_SECRET, HOUR, JOOTO_ID, JOOTO_KEY,
    JOOTO_SECRET, MARKETO_ID, MARKETO_SECRET,
};

use crate::recording::Recording;

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
    let says = "A code for a token, call; expired: refresh, call; refused: refresh, the same call";
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
