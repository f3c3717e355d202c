//! Filling in what a driver is given.

use std::collections::BTreeMap;

use super::{Context, Credentials, RunError, Task, Tokens};
use crate::case::{Account, Auth, Case, Operation};
use crate::fixture::{ValueError, Values, percent_encode};
use tegata_suite::Server;

/// The client's configuration, as the case gives it.
pub(super) fn context(
    case: &Case,
    values: &Values,
    account: &str,
    auth: Auth,
    now: u64,
) -> Result<Context, RunError> {
    let given = &case.given;
    let value = |name: &str| {
        let known = values.get(name).map(str::to_owned);
        known.ok_or_else(|| RunError::Data(format!("`{name}` is no known value")))
    };
    let names = given
        .accounts
        .get(account)
        .cloned()
        .unwrap_or_else(Account::default);
    let credentials = Credentials {
        api_keys: if auth == Auth::ApiKey {
            given
                .keys
                .iter()
                .map(|name| value(name))
                .collect::<Result<_, _>>()?
        } else {
            Vec::new()
        },
        client_id: value(&names.client_id)?,
        client_secret: value(&names.client_secret)?,
        redirect_uri: case
            .provider
            .has_redirect_uri()
            .then(|| value("redirect-uri"))
            .transpose()?,
        organization: given
            .organization
            .as_deref()
            .map(|text| values.expand(text))
            .transpose()?,
        partner_id: given.partner.then(|| value("partner-id")).transpose()?,
    };
    let tokens = match &given.tokens {
        None => None,
        Some(tokens) => Some(Tokens {
            access: value(&tokens.access)?,
            refresh: tokens.refresh.as_deref().map(value).transpose()?,
            obtained_at: given.clock.saturating_sub(tokens.age),
            expires_in: tokens.expires_in,
        }),
    };
    Ok(Context {
        case: case.id.clone(),
        provider: case.provider,
        account: account.to_owned(),
        auth,
        now,
        urls: urls(case, values)?,
        credentials,
        tokens,
        token_request: given.token_request,
        placement: given.placement,
    })
}

/// The base URLs: those of the case, or else those of the provider's file. An empty one is left out.
fn urls(case: &Case, values: &Values) -> Result<BTreeMap<String, String>, ValueError> {
    let given = |server: Server| {
        let of_case = case.given.urls.get(server.name()).map(String::as_str);
        (server, of_case.unwrap_or(server.given()))
    };
    let servers = case.provider.servers().map(given);
    servers
        .filter(|(_, url)| !url.is_empty())
        .map(|(server, url)| Ok((server.name().to_owned(), values.expand(url)?)))
        .collect()
}

/// One task.
pub(super) fn task(operation: &Operation, values: &Values) -> Result<Task, RunError> {
    Ok(match operation {
        Operation::Issue => Task::Issue,
        Operation::AuthorizeUrl => Task::AuthorizeUrl,
        Operation::Exchange => Task::Exchange,
        Operation::Call(call) => {
            let mut call = call.clone();
            call.path = values.expand(&call.path)?;
            call.json = call.json.map(|json| values.expand(&json)).transpose()?;
            Task::Call(call)
        }
        Operation::Callback(callback) => {
            let uri = values.get("redirect-uri").unwrap_or_default();
            let mut encoded = values.clone();
            for name in ["code", "state"] {
                let value = percent_encode(values.get(name).unwrap_or_default());
                encoded.set(name, &value);
            }
            let separator = if uri.contains('?') { '&' } else { '?' };
            Task::Callback(format!(
                "{uri}{separator}{}",
                encoded.expand(&callback.query)?
            ))
        }
        Operation::Send => {
            return Err(RunError::Data(
                "`send` is for cases that judge an endpoint".to_owned(),
            ));
        }
    })
}
