//! The credentials of the configuration, which a person who develops against the emulator needs. The
//! page says which there are, and asks for the values when a button is pressed.

use serde_json::json;

use crate::Provider;
use crate::config::Config;

/// One credential that the emulator takes.
pub(super) struct Credential<'a> {
    pub(super) provider: Provider,
    /// Or that of a user. Absent where it is an API key.
    pub(super) client_id: Option<&'a str>,
    secret: &'a str,
}

/// Every credential, in the order of the configuration. By its place in this list the page's script
/// finds the value of each.
pub(super) fn all(config: &Config) -> Vec<Credential<'_>> {
    let aispf = config.fujitsu_aispf.clients.iter();
    let jooto = config.jooto.clients.iter();
    let marketo = config.marketo.clients.iter();
    let apis = config.apis.iter().flat_map(|api| {
        let provider = api.provider();
        let own = api.keys.values().flat_map(move |it| keys(provider, it));
        let users = api.users.values().flatten();
        let users = users.map(move |it| client(provider, &it.name, &it.password));
        let clients = api.clients.iter().filter_map(move |it| {
            let secret = it.secret.as_deref()?;
            Some(client(provider, &it.id, secret))
        });
        own.chain(users).chain(clients)
    });
    keys(Provider::FujitsuAispf, &config.fujitsu_aispf.api_keys)
        .chain(aispf.map(|it| client(Provider::FujitsuAispf, &it.id, &it.secret)))
        .chain(keys(Provider::Jooto, &config.jooto.api_keys))
        .chain(jooto.map(|it| client(Provider::Jooto, &it.id, &it.secret)))
        .chain(marketo.map(|it| client(Provider::Marketo, &it.id, &it.secret)))
        .chain(apis)
        .collect()
}

/// The values alone.
pub(super) fn secrets(config: &Config) -> impl Iterator<Item = &str> {
    all(config).into_iter().map(|credential| credential.secret)
}

/// The values for the page's script.
pub(super) fn json(config: &Config) -> String {
    json!(secrets(config).collect::<Vec<_>>()).to_string()
}

fn keys(provider: Provider, keys: &[String]) -> impl Iterator<Item = Credential<'_>> {
    keys.iter().map(move |secret| Credential {
        provider,
        client_id: None,
        secret,
    })
}

fn client<'a>(provider: Provider, id: &'a str, secret: &'a str) -> Credential<'a> {
    Credential {
        provider,
        client_id: Some(id),
        secret,
    }
}
