//! Adobe Marketo: client credentials, 601 and 602.

use tegata_marketo::{Client, ClientBuilder, TokenRequest};

use super::outcome::Error;
use super::walk::{Walk, failed, succeeded};
use tegata_emulator::{Provider, Refusal};

const ISSUE: &str = "GET /identity/oauth/token  ?grant_type=client_credentials  \
                     ?client_id=marketo-client  ?client_secret=[secret 1]  -> 200";

fn describe(token: usize) -> String {
    format!("GET /rest/v1/leads/describe.json  authorization: Bearer [token {token}]  -> 200")
}

pub(super) async fn walk(walk: &mut Walk<'_>) -> Result<(), Error> {
    walk.provider(Provider::Marketo, "Adobe Marketo")?;
    expiry(walk).await?;
    refusal(walk).await?;
    variants(walk).await
}

fn builder(walk: &Walk<'_>) -> ClientBuilder {
    let service = &walk.config.marketo.clients[0];
    Client::builder(&service.id, service.secret.as_str())
        .base_url(walk.url())
        .settings(walk.settings())
}

async fn expiry(walk: &mut Walk<'_>) -> Result<(), Error> {
    walk.part("Client credentials and expiry")?;
    let client = builder(walk).build()?;
    let outcome = succeeded(client.api().describe_lead().await);
    walk.step(
        "the first call asks identity for a token",
        outcome,
        &[ISSUE, &describe(1)],
    )?;

    walk.advance(3000);
    let other = builder(walk).build()?;
    let outcome = succeeded(other.api().describe_lead().await);
    walk.step(
        "another process asks early: the same token, with the time that remains",
        outcome,
        &[ISSUE, &describe(1)],
    )?;

    walk.advance(600);
    let outcome = succeeded(client.api().describe_lead().await);
    walk.step(
        "an hour after the first it has expired: a new one",
        outcome,
        &[ISSUE, &describe(2)],
    )?;
    let outcome = succeeded(other.api().describe_lead().await);
    walk.step("for the other process too", outcome, &[ISSUE, &describe(2)])
}

async fn refusal(walk: &mut Walk<'_>) -> Result<(), Error> {
    walk.part("Refusals, which come with status 200")?;
    let client = builder(walk).build()?;
    succeeded(client.api().describe_lead().await).ok();
    walk.emulator.clear_log();
    for (number, code) in [(3, 601), (4, 602)] {
        walk.emulator
            .refuse_next(Provider::Marketo, Refusal::new(code))?;
        let outcome = succeeded(client.api().describe_lead().await);
        let title =
            format!("code {code}: renewed once, the call sent once more with the new token");
        walk.step(
            &title,
            outcome,
            &[&describe(number - 1), ISSUE, &describe(number)],
        )?;
    }
    walk.emulator
        .refuse_next(Provider::Marketo, Refusal::new(603))?;
    let outcome = failed(client.api().describe_lead().await, |error| {
        error.code() == Some("603")
    });
    walk.step(
        "code 603 says that access is denied: no reason to renew",
        outcome,
        &[&describe(4)],
    )
}

async fn variants(walk: &mut Walk<'_>) -> Result<(), Error> {
    walk.part("Other ways")?;
    let client = builder(walk)
        .token_request(TokenRequest::PostForm)
        .build()?;
    let outcome = succeeded(client.api().describe_lead().await);
    walk.step(
        "the token by POST, with the credentials in a form",
        outcome,
        &[
            "POST /identity/oauth/token  grant_type=client_credentials  client_id=marketo-client  \
         client_secret=[secret 1]  -> 200",
            &describe(4),
        ],
    )?;

    // That it is deprecated is what the step is about.
    #[allow(deprecated)]
    let client = builder(walk).token_in_query().build()?;
    let outcome = succeeded(client.api().describe_lead().await);
    walk.step(
        "the token as query parameter, which is deprecated",
        outcome,
        &[
            ISSUE,
            "GET /rest/v1/leads/describe.json  ?access_token=[token 4]  -> 200",
        ],
    )?;

    let service = &walk.config.marketo.clients[0];
    let wrong = Client::builder(&service.id, "CANARY-wrong-secret")
        .base_url(walk.url())
        .settings(walk.settings())
        .build()?;
    let outcome = failed(
        wrong.api().describe_lead().await,
        tegata::Error::is_credential_rejected,
    );
    walk.step(
        "a wrong client secret is a clear error",
        outcome,
        &[
            "GET /identity/oauth/token  ?grant_type=client_credentials  ?client_id=marketo-client  \
         ?client_secret=[secret 2]  -> 401",
        ],
    )
}
