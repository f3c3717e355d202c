//! The bugs of token requests: each turns a right request into a wrong one.

use std::mem;

use super::Bug;
use super::wire::{Fields, Outgoing, Payload, basic};
use tegata_conformance::script::Credentials;

/// Makes the bug's mistake in a token request.
pub(super) fn spoil(bug: Option<Bug>, credentials: &Credentials, request: &mut Outgoing) {
    match bug {
        Some(Bug::NoGrantType) => without(request.fields(), "grant_type"),
        Some(Bug::WrongGrantType) => {
            for (name, value) in request.fields() {
                if *name == "grant_type" {
                    "password".clone_into(value);
                }
            }
        }
        Some(Bug::GrantTypeTwice) => {
            let fields = request.fields();
            let again = fields
                .iter()
                .find(|(name, _)| *name == "grant_type")
                .cloned();
            fields.extend(again);
        }
        Some(Bug::BodyInQuery) => {
            if let Payload::Form(fields) | Payload::Json(fields) =
                mem::replace(&mut request.payload, Payload::Empty)
            {
                request.query.extend(fields);
            }
        }
        Some(Bug::QueryInBody) if !request.query.is_empty() => {
            request.payload = Payload::Form(mem::take(&mut request.query));
        }
        Some(Bug::JsonForForm) => {
            if let Payload::Form(fields) = &mut request.payload {
                request.payload = Payload::Json(mem::take(fields));
            }
        }
        Some(Bug::FormForJson) => {
            if let Payload::Json(fields) = &mut request.payload {
                request.payload = Payload::Form(mem::take(fields));
            }
        }
        Some(Bug::NoSecret) => {
            without(request.fields(), "client_secret");
            without(request.fields(), "clientSecret");
            for (_, value) in &mut request.headers {
                *value = basic(&credentials.client_id, "");
            }
        }
        Some(Bug::BasicAndForm) => both_ways(credentials, request),
        Some(Bug::NoBase64) => {
            for (_, value) in &mut request.headers {
                *value = format!(
                    "Basic {}:{}",
                    credentials.client_id, credentials.client_secret
                );
            }
        }
        Some(Bug::WrongMethod) => {
            let other = match request.method.as_str() {
                "GET" | "PATCH" => "POST",
                _ => "GET",
            };
            other.clone_into(&mut request.method);
        }
        Some(Bug::PatchWithSecret) if request.method == "PATCH" => {
            request.fields().extend([
                ("clientId", credentials.client_id.clone()),
                ("clientSecret", credentials.client_secret.clone()),
            ]);
        }
        _ => {}
    }
}

fn without(fields: &mut Fields, name: &str) {
    fields.retain(|(known, _)| *known != name);
}

/// Adds whichever of the two places for id and secret is not used yet.
fn both_ways(credentials: &Credentials, request: &mut Outgoing) {
    let (id, secret) = (&credentials.client_id, &credentials.client_secret);
    if request.headers.is_empty() {
        request.headers.push(("authorization", basic(id, secret)));
    } else {
        request
            .fields()
            .extend([("client_id", id.clone()), ("client_secret", secret.clone())]);
    }
}
