//! What followed a redirect to another origin: a client that goes there without its token is right, and one that takes
//! it along is not.

use std::collections::HashMap;

use url::Url;

use super::headers::has_credential;
use super::stream::{Kind, Sent, kind};
use crate::case::Provider;

/// Marks the requests without a credential in a recording that follow a redirect to another origin, where none belongs,
/// and takes note of what each one follows. Returns the entries that were marked.
pub(super) fn set_followers_aside(providers: &[Provider], all: &mut [Sent]) -> Vec<usize> {
    let mut awaited: HashMap<Url, Vec<usize>> = HashMap::new();
    let mut aside = Vec::new();
    for sent in all {
        let Some(url) = address(&sent.url) else {
            continue;
        };
        let from = awaited.get_mut(&url).and_then(Vec::pop);
        let is_bare = kind(sent.traffic.server, &sent.traffic.request) == Kind::Call
            && !has_credential(providers, &sent.traffic.request);
        sent.is_aside = from.is_some() && is_bare;
        sent.follows = from;
        if sent.is_aside {
            aside.push(sent.index);
        }
        // Behind it no redirect, even to the same origin, gets the credential back.
        if let Some(target) = redirected(sent, &url)
            && (sent.is_aside || target.origin() != url.origin())
        {
            awaited.entry(target).or_default().push(sent.index);
        }
    }
    aside
}

/// Where a call is redirected to.
fn redirected(sent: &Sent, url: &Url) -> Option<Url> {
    let answer = sent.traffic.answer.as_ref()?;
    let is_redirect = matches!(answer.status, 301 | 302 | 303 | 307 | 308);
    let location = *answer.header("location").first().filter(|_| is_redirect)?;
    let mut target = url.join(location).ok()?;
    target.set_fragment(None);
    (kind(sent.traffic.server, &sent.traffic.request) == Kind::Call).then_some(target)
}

fn address(url: &str) -> Option<Url> {
    let mut url = Url::parse(url).ok()?;
    url.set_fragment(None);
    Some(url)
}
