//! Jooto: API key, code flow, refresh.

use tegata::ErrorKind;
use tegata::reqwest::redirect::Policy;
use tegata_jooto::{App, Client, OrganizationId};

use super::outcome::Error;
use super::walk::{Walk, answered, failed, succeeded};
use tegata_emulator::Provider;

fn organization(token: usize, status: u16) -> String {
    format!("GET /organizations/1  authorization: Bearer [token {token}]  -> {status}")
}

fn refresh(number: usize, status: u16) -> String {
    format!(
        "POST /oauth2/token  grant_type=refresh_token  client_id=jooto-client  \
         client_secret=[secret 1]  refresh_token=[refresh {number}]  -> {status}"
    )
}

pub(super) async fn walk(walk: &mut Walk<'_>) -> Result<(), Error> {
    walk.provider(Provider::Jooto, "Jooto")?;
    key(walk).await?;
    let client = code_flow(walk).await?;
    renewal(walk, &client).await
}

async fn key(walk: &mut Walk<'_>) -> Result<(), Error> {
    walk.part("API key")?;
    let client = |key: &str| {
        Client::builder(key)
            .base_url(walk.url())
            .settings(walk.settings())
            .build()
    };
    let good = client(&walk.config.jooto.api_keys[0])?;
    let bad = client("CANARY-wrong-key")?;
    let outcome = succeeded(good.api().get_organizations().await);
    walk.step(
        "a call carries the key",
        outcome,
        &["GET /organizations  x-jooto-api-key: [key 1]  -> 200"],
    )?;
    let outcome = failed(
        bad.api().get_organizations().await,
        tegata::Error::is_credential_rejected,
    );
    walk.step(
        "a wrong key is an error, not a loop",
        outcome,
        &["GET /organizations  x-jooto-api-key: [key 2]  -> 401"],
    )
}

async fn code_flow(walk: &mut Walk<'_>) -> Result<Client, Error> {
    walk.part("OAuth 2.0, authorization code and refresh")?;
    let registered = &walk.config.jooto.clients[0];
    let redirect_uri = registered.redirect_uris[0].as_str();
    let app = App::builder(&registered.id, registered.secret.as_str(), redirect_uri)
        .base_url(walk.url())
        .oauth_url(walk.url())
        .settings(walk.settings())
        .build()?;
    let number = registered.organization_ids[0];
    let id: OrganizationId =
        format!("https://app.jooto.com/boards?organization_id={number}").parse()?;
    let login = |organization: u64, state: usize| {
        format!(
            "GET /oauth2/login  ?client_id=jooto-client  ?redirect_uri={redirect_uri}  \
             ?response_type=code  ?state=[state {state}]  ?organization_id={organization}  -> 302"
        )
    };

    let authorization = app.authorize(id)?;
    let came_back = browse(authorization.url().as_str()).await;
    let outcome = came_back.clone().map(drop);
    walk.step(
        "the user consents and is sent back with a code",
        outcome,
        &[&login(number, 1)],
    )?;
    let came_back = came_back.unwrap_or_default();

    let outcome = failed(app.authorize(id)?.callback(&came_back), |error| {
        error.kind() == ErrorKind::StateMismatch
    });
    walk.step(
        "an answer with another user's state is not used",
        outcome,
        &[],
    )?;

    let foreign = app.authorize(999_999)?;
    let denied = browse(foreign.url().as_str()).await.unwrap_or_default();
    let outcome = failed(foreign.callback(&denied), |error| {
        error.code() == Some("access_denied")
    });
    walk.step(
        "a refused consent is an error with its code",
        outcome,
        &[&login(999_999, 2)],
    )?;

    let code = authorization.callback(&came_back)?;
    let token = app.exchange(&code).await;
    let exchange = |status: u16| {
        format!(
            "POST /oauth2/token  grant_type=authorization_code  client_id=jooto-client  \
             client_secret=[secret 1]  code=[code 1]  redirect_uri={redirect_uri}  -> {status}"
        )
    };
    let outcome = succeeded(token.as_ref().map_err(Clone::clone));
    walk.step(
        "the code is exchanged for a token",
        outcome,
        &[&exchange(200)],
    )?;
    let outcome = failed(app.exchange(&code).await, |error| {
        error.code() == Some("invalid_grant")
    });
    walk.step(
        "a code is good for one exchange",
        outcome,
        &[&exchange(400)],
    )?;

    Ok(app.client(token?).build()?)
}

async fn renewal(walk: &mut Walk<'_>, client: &Client) -> Result<(), Error> {
    let outcome = succeeded(client.api().get_organization(1).await);
    walk.step(
        "a call carries the token, without quotation marks",
        outcome,
        &[&organization(1, 200)],
    )?;

    walk.advance(3600);
    let outcome = succeeded(client.api().get_organization(1).await);
    walk.step(
        "an hour later it has expired: renewed by the refresh token",
        outcome,
        &[&refresh(1, 200), &organization(2, 200)],
    )?;

    walk.emulator.forget(Provider::Jooto);
    let outcome = answered(client.get("/organizations/1").send().await, 200);
    walk.step(
        "the token is refused: renewed by the new refresh token, sent once more",
        outcome,
        &[
            &organization(2, 401),
            &refresh(2, 200),
            &organization(3, 200),
        ],
    )?;

    walk.emulator.forget_refresh_tokens(Provider::Jooto);
    let outcome = failed(client.api().get_organization(1).await, |error| {
        error.kind() == ErrorKind::TokenDenied && error.code() == Some("invalid_grant")
    });
    walk.step(
        "the refresh token is refused: the user has to consent again",
        outcome,
        &[&organization(3, 401), &refresh(3, 400)],
    )
}

/// A browser whose user consents at once: gives the URL to which it is sent back.
async fn browse(url: &str) -> Result<String, String> {
    let browser = tegata::reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .build();
    let browser = browser.map_err(|_| "the browser cannot be started")?;
    let answer = browser
        .get(url)
        .send()
        .await
        .map_err(|_| "the login page cannot be reached")?;
    let location = answer
        .headers()
        .get("location")
        .and_then(|value| value.to_str().ok());
    location
        .map(str::to_owned)
        .ok_or_else(|| format!("answered {}, no redirect", answer.status()))
}
