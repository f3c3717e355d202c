//! Fujitsu AISPF: API keys, OAuth 2.0, the conventional method, and the move from one to the other.

use tegata::{ErrorKind, Response};
use tegata_fujitsu_aispf::{ApiKey, Client, ClientBuilder, LegacyOAuth, OAuth2};

use super::outcome::Error;
use super::walk::{Walk, answered, failed};
use tegata_emulator::{Provider, Refusal};

const KEY_1: &str = "GET /da/v1/jobs  x-api-key: [key 1]  -> 200";
const KEY_1_REFUSED: &str = "GET /da/v1/jobs  x-api-key: [key 1]  -> 401";
const KEY_2: &str = "GET /da/v1/jobs  x-api-key: [key 2]  -> 200";
const KEY_2_REFUSED: &str = "GET /da/v1/jobs  x-api-key: [key 2]  -> 401";
const ISSUE: &str =
    "POST /v2/tokens  authorization: Basic [client 1]  grant_type=client_credentials  -> 200";
const ISSUE_V1: &str = "POST /v1/tokens  clientId=aispf-client  clientSecret=[secret 1]  -> 200";

async fn call(client: &Client) -> Result<Response, tegata::Error> {
    client.get("/da/v1/jobs").send().await
}

fn built(walk: &Walk<'_>, client: ClientBuilder) -> Result<Client, tegata::Error> {
    client
        .base_url(walk.url())
        .auth_url(walk.url())
        .settings(walk.settings())
        .build()
}

fn with_token(number: usize, status: u16) -> String {
    format!("GET /da/v1/jobs  x-access-token: [token {number}]  -> {status}")
}

fn refresh(number: usize, status: u16) -> String {
    format!("PATCH /v1/tokens  refreshToken=[refresh {number}]  -> {status}")
}

pub(super) async fn walk(walk: &mut Walk<'_>) -> Result<(), Error> {
    walk.provider(Provider::FujitsuAispf, "Fujitsu AISPF")?;
    keys(walk).await?;
    oauth2(walk).await?;
    legacy(walk).await?;
    migration(walk).await
}

async fn keys(walk: &mut Walk<'_>) -> Result<(), Error> {
    walk.part("API key, with a second one to fall back on")?;
    let [primary, secondary] = [0, 1].map(|n| walk.config.fujitsu_aispf.api_keys[n].clone());
    let keys = Client::builder(ApiKey::new(primary.clone()).secondary(secondary.clone()));
    let client = built(walk, keys)?;
    walk.step(
        "a call carries the key",
        answered(call(&client).await, 200),
        &[KEY_1],
    )?;

    walk.emulator.revoke_key(Provider::FujitsuAispf, &primary)?;
    let outcome = answered(call(&client).await, 200);
    walk.step(
        "the primary key is regenerated: the other one is tried",
        outcome,
        &[KEY_1_REFUSED, KEY_2],
    )?;
    let outcome = answered(call(&client).await, 200);
    walk.step("the one that works is remembered", outcome, &[KEY_2])?;

    walk.emulator
        .revoke_key(Provider::FujitsuAispf, &secondary)?;
    let outcome = failed(call(&client).await, tegata::Error::is_credential_rejected);
    walk.step(
        "both are refused: one clear error",
        outcome,
        &[KEY_2_REFUSED, KEY_1_REFUSED],
    )?;

    let request = client
        .get("/da/v1/jobs")
        .header("X-Access-Token", "a token");
    let outcome = failed(request.send().await, tegata::Error::is_configuration);
    walk.step("a key and a token in one request: not sent", outcome, &[])?;
    walk.emulator.add_key(Provider::FujitsuAispf, &primary)?;
    Ok(walk.emulator.add_key(Provider::FujitsuAispf, &secondary)?)
}

async fn oauth2(walk: &mut Walk<'_>) -> Result<(), Error> {
    walk.part("OAuth 2.0, POST /v2/tokens")?;
    let app = &walk.config.fujitsu_aispf.clients[0];
    let client = built(
        walk,
        Client::builder(OAuth2::new(&app.id, app.secret.as_str())),
    )?;
    let outcome = answered(call(&client).await, 200);
    walk.step(
        "the first call issues a token",
        outcome,
        &[ISSUE, &with_token(1, 200)],
    )?;
    let outcome = answered(call(&client).await, 200);
    walk.step("the next one uses it", outcome, &[&with_token(1, 200)])?;

    walk.advance(3600);
    let outcome = answered(call(&client).await, 200);
    walk.step(
        "an hour later it has expired: issued again",
        outcome,
        &[ISSUE, &with_token(2, 200)],
    )?;

    walk.emulator.forget(Provider::FujitsuAispf);
    let outcome = answered(call(&client).await, 200);
    walk.step(
        "the token is refused: renewed once, the call sent once more",
        outcome,
        &[&with_token(2, 401), ISSUE, &with_token(3, 200)],
    )?;

    walk.emulator
        .refuse_next(Provider::FujitsuAispf, Refusal::new(401).times(2))?;
    let outcome = failed(call(&client).await, |error| {
        error.kind() == ErrorKind::CredentialRejected
    });
    walk.step(
        "the renewed token is refused as well: an error, no loop",
        outcome,
        &[&with_token(3, 401), ISSUE, &with_token(4, 401)],
    )
}

async fn legacy(walk: &mut Walk<'_>) -> Result<(), Error> {
    walk.part("The conventional method, POST and PATCH /v1/tokens")?;
    let app = &walk.config.fujitsu_aispf.clients[0];
    let client = built(
        walk,
        Client::builder(LegacyOAuth::new(&app.id, app.secret.as_str())),
    )?;
    let outcome = answered(call(&client).await, 200);
    walk.step(
        "the first call issues a token",
        outcome,
        &[ISSUE_V1, &with_token(5, 200)],
    )?;

    walk.advance(3595);
    let outcome = answered(call(&client).await, 200);
    walk.step(
        "just before it expires it is renewed by the refresh token",
        outcome,
        &[&refresh(1, 200), &with_token(6, 200)],
    )?;

    walk.advance(3600);
    let outcome = answered(call(&client).await, 200);
    walk.step(
        "after it has expired that is too late: issued again",
        outcome,
        &[ISSUE_V1, &with_token(7, 200)],
    )?;

    walk.advance(3595);
    walk.emulator.forget_refresh_tokens(Provider::FujitsuAispf);
    let outcome = answered(call(&client).await, 200);
    walk.step(
        "the refresh token is refused: issued again",
        outcome,
        &[&refresh(2, 401), ISSUE_V1, &with_token(8, 200)],
    )?;

    let mut renewed = Ok(());
    for _ in 0..24 {
        walk.advance(3595);
        renewed = renewed.and(answered(call(&client).await, 200));
    }
    walk.emulator.clear_log();
    walk.advance(3595);
    let outcome = renewed.and(answered(call(&client).await, 200));
    walk.step(
        "24 renewals later the refresh token is older than a day: issued again",
        outcome,
        &[ISSUE_V1, &with_token(9, 200)],
    )
}

async fn migration(walk: &mut Walk<'_>) -> Result<(), Error> {
    walk.part("From the conventional method to OAuth 2.0")?;
    let app = &walk.config.fujitsu_aispf.clients[0];
    let client = built(
        walk,
        Client::builder(OAuth2::new(&app.id, app.secret.as_str())),
    )?;
    let outcome = answered(call(&client).await, 200);
    walk.step(
        "the same program with `OAuth2` for `LegacyOAuth`",
        outcome,
        &[ISSUE, &with_token(10, 200)],
    )
}
