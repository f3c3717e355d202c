//! Every operation of the specs, called by hand.

use serde_json::json;
use tegata::BasicEncoding;
use tegata::provider::{Auth, Credential};
use tegata_emulator::Provider;
use tegata_fujitsu_aispf::api as aispf;
use tegata_jooto::api as jooto;
use tegata_marketo::api as marketo;
use tegata_test_support::loopback::{
    AISPF_ID, AISPF_SECRET, JOOTO_CALLBACK, JOOTO_ID, JOOTO_KEY, JOOTO_SECRET, MARKETO_ID,
    MARKETO_SECRET,
};

use crate::assert_wire;
use crate::recording::Recording;

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
    let login = json!({"method": login.method, "target": target});
    let says = "GET /oauth2/login, opened by a browser";
    let settings = insta::Settings::clone_current();
    assert_wire(settings, "jooto.authorize.url@operation", says, &login);
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

/// Authentication by one token that is never renewed.
fn token_of(scheme: tegata::provider::spec::Scheme, token: &str) -> Auth {
    Auth::fixed(Credential::new(scheme, &token.into()).expect("valid"))
}
