//! What is served: each provider with its base URL, its credentials and its counts.

use maud::{Markup, html};

use super::credentials::{self, Credential};
use super::redact::Redaction;
use crate::Provider;
use crate::api::ApiConfig;
use crate::service::Endpoint;
use crate::world::World;

pub(super) fn served(world: &World) -> Markup {
    let credentials = credentials::all(world.config());
    let redaction = Redaction::new(world);
    html! {
        section aria-labelledby="served" {
            div.row {
                h2 #served { "What is served" }
                button.scripted type="button" #reveal aria-pressed="false" { "Show credentials" }
            }
            p.hint {
                "Give clients of yours these base URLs in place of the vendor's, and one of these credentials. "
                "Keys, clients and lifetimes are set by a file: " code { "--print-config" } " prints one to start from."
            }
            div.cards {
                @for provider in world.providers() { (card(world, provider, &credentials, &redaction)) }
            }
        }
    }
}

fn card(
    world: &World,
    provider: Provider,
    credentials: &[Credential<'_>],
    redaction: &Redaction,
) -> Markup {
    let mine = || {
        let all = credentials.iter().enumerate();
        all.filter(|(_, credential)| credential.provider == provider)
    };
    html! {
        article.card aria-labelledby={ "provider-" (provider) } {
            h3 id={ "provider-" (provider) } { (title(world, provider)) }
            p { code { (world.base_url()) "/" (provider) } }
            dl {
                @for (place, credential) in mine() {
                    dt {
                        @match credential.client_id {
                            Some(id) => { "client " code { (id) } }
                            None => "API key",
                        }
                    }
                    dd { code data-secret=(place) { "••••••••" } }
                }
                @for (id, uris) in registered(world, provider) {
                    dt.whole { "redirect URIs of " code { (id) } }
                    dd.whole { @for uri in uris { code { (redaction.address(uri)) } " " } }
                }
            }
            p.counts data-live={ "counts-" (provider) } { (counts(world, provider)) }
        }
    }
}

fn counts(world: &World, provider: Provider) -> Markup {
    let counts = world.counts(provider);
    let held = world.held(provider, Endpoint::Token) + world.held(provider, Endpoint::Resource);
    html! {
        b { (counts.token_requests) } " token requests, "
        b { (counts.resource_requests) } " calls, "
        b { (counts.login_requests) } " logins, "
        b { (counts.tokens_issued) } " tokens issued"
        @if held > 0 { ", " b { (held) } " held" }
    }
}

/// The clients for which users log in, with their redirect URIs.
fn registered(world: &World, provider: Provider) -> Vec<(&str, &[String])> {
    let config = world.config();
    let mut found = Vec::new();
    if provider == Provider::Jooto {
        let clients = config.jooto.clients.iter();
        found.extend(clients.map(|it| (it.id.as_str(), it.redirect_uris.as_slice())));
    }
    let apis = config.apis.iter().filter(|it| it.provider() == provider);
    let clients = apis.filter(|it| it.logs_in()).flat_map(|it| &it.clients);
    found.extend(clients.map(|it| (it.id.as_str(), it.redirect_uris.as_slice())));
    found
}

fn title(world: &World, provider: Provider) -> &str {
    match provider {
        Provider::Api(name) => {
            let mut apis = world.config().apis.iter();
            let api = apis.find(|it| it.provider() == provider);
            let title = api.map(ApiConfig::title).filter(|it| !it.is_empty());
            title.unwrap_or(name.as_str())
        }
        Provider::FujitsuAispf => "Fujitsu AISPF",
        Provider::Jooto => "Jooto",
        Provider::Marketo => "Adobe Marketo Engage",
    }
}
