//! What is served: each provider with its base URL, its credentials and its counts.

use maud::{Markup, html};

use super::credentials::{self, Credential};
use super::redact::Redaction;
use crate::Provider;
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
                @for provider in Provider::ALL { (card(world, provider, &credentials, &redaction)) }
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
            h3 id={ "provider-" (provider) } { (title(provider)) }
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
                @if provider == Provider::Jooto {
                    @for client in &world.config().jooto.clients {
                        dt.whole { "redirect URIs of " code { (client.id) } }
                        dd.whole { @for uri in &client.redirect_uris { code { (redaction.address(uri)) } " " } }
                    }
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

fn title(provider: Provider) -> &'static str {
    match provider {
        Provider::FujitsuAispf => "Fujitsu AISPF",
        Provider::Jooto => "Jooto",
        Provider::Marketo => "Adobe Marketo Engage",
    }
}
