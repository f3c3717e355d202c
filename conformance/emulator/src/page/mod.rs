//! The page at `/`, for a person who develops against the emulator: what is served, the requests as
//! they come, and the controls as buttons.
//!
//! All of it is written here, for browsers without scripts too; the script asks for the page again
//! each second and takes over what has changed, so there is one way only in which anything is shown.
//! No credential of a request is in it, and those of the configuration only after a click.

mod controls;
mod credentials;
mod redact;
mod requests;
mod served;
mod view;

use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY};
use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, Method, Request, StatusCode};

use super::answer::Answer;
use super::guard;
use super::world::World;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
const ICON: &str = include_str!("icon.svg");

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The answer, if the request is for the page or a part of it. A program that does not ask for HTML
/// gets the line that is printed at the start, as ever.
pub(super) fn answer(world: &World, request: &Request<Body>) -> Option<Answer> {
    let reads = request.method() == Method::GET || request.method() == Method::HEAD;
    let path = request.uri().path();
    let names = &world.config().emulator.names;
    if path == "/" && reads && wants_html(request) {
        // A link on another site may lead here.
        let allowed = guard::addressed(request, names);
        return Some(allowed.map_or_else(
            |refusal| refusal,
            |()| part("text/html", view::page(world).into_string()).header(VARY, "accept"),
        ));
    }
    // Browsers ask for it unbidden wherever they are, and in the log it would hide what matters.
    if path == "/favicon.ico" && reads {
        return Some(part("image/svg+xml", ICON));
    }
    let name = path.strip_prefix("/__page/")?;
    if let Err(refusal) = guard::own(request, names) {
        return Some(refusal);
    }
    Some(match name {
        _ if !reads => Answer::empty(StatusCode::METHOD_NOT_ALLOWED),
        "style.css" => part("text/css", STYLE),
        "script.js" => part("text/javascript", SCRIPT),
        "icon.svg" => part("image/svg+xml", ICON),
        "credentials" => part("application/json", credentials::json(world.config())),
        _ => Answer::empty(StatusCode::NOT_FOUND),
    })
}

fn wants_html(request: &Request<Body>) -> bool {
    let accepted = request.headers().get_all(ACCEPT);
    accepted.iter().any(|types| {
        let types = types.to_str().unwrap_or_default();
        types.split(',').any(is_html)
    })
}

/// Whether that is HTML with a weight that does not refuse it (RFC 9110 section 12.4.2).
fn is_html(accepted: &str) -> bool {
    let mut parts = accepted.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    let refuses = |part: &str| {
        let weight = part
            .split_once('=')
            .map(|(name, value)| (name.trim(), value.trim()));
        weight.is_some_and(|(name, weight)| {
            let is_zero = weight.bytes().all(|byte| matches!(byte, b'0' | b'.'));
            name.eq_ignore_ascii_case("q") && is_zero
        })
    };
    media_type.eq_ignore_ascii_case("text/html") && !parts.any(refuses)
}

fn part(media_type: &str, text: impl Into<String>) -> Answer {
    let mut answer = Answer::empty(StatusCode::OK);
    answer.body = text.into().into_bytes();
    answer
        .header(CONTENT_TYPE, &format!("{media_type}; charset=utf-8"))
        .header(CONTENT_SECURITY_POLICY, POLICY)
        .header(CACHE_CONTROL, "no-store")
        .header(REFERRER_POLICY, "same-origin")
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        )
}
