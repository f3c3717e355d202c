//! What is known of a vendor's site: which paths are the API's, and whether a login is under way.

use std::collections::HashSet;

use url::Url;

use super::headers::has_credential;
use super::sent::TokenRequest;
use super::stream::{Kind, Sent, kind};
use crate::case::{Provider, Suite};
use crate::fixture::query_pairs;

/// The paths that are no page's.
#[derive(Default)]
pub(super) struct Paths {
    /// Those of the documents.
    documented: HashSet<(Provider, String)>,
    /// How those of the API begin.
    api: HashSet<(Provider, String)>,
}

impl Paths {
    pub(super) fn of(suite: &Suite, all: &[Sent]) -> Self {
        let mut paths = Self::default();
        for (name, file) in &suite.fixtures.files {
            let name = name.split('/').next().unwrap_or_default();
            let Ok(provider) = Provider::named(name, &suite.providers) else {
                continue;
            };
            let path = file.request.path.clone();
            paths.api.insert((provider, beginning(&path)));
            paths.documented.insert((provider, path));
        }
        for sent in all {
            let (request, provider) = (&sent.traffic.request, sent.traffic.server.provider());
            if has_credential(&suite.providers, request) {
                paths.api.insert((provider, beginning(request.path())));
            }
        }
        paths
    }

    /// Whether the documents have this path.
    pub(super) fn is_documented(&self, provider: Provider, path: &str) -> bool {
        self.documented.contains(&(provider, path.to_owned()))
    }

    /// Whether paths of the API begin as this one does.
    pub(super) fn is_of_api(&self, provider: Provider, path: &str) -> bool {
        self.api.contains(&(provider, beginning(path)))
    }
}

fn beginning(path: &str) -> String {
    path.split('/').nth(1).unwrap_or_default().to_owned()
}

/// The logins at one provider.
#[derive(Default)]
pub(super) struct Login {
    origins: HashSet<String>,
    /// Whether a browser was sent to one, and not yet back with a code.
    is_under_way: bool,
}

/// How far a login is at one origin.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// None was begun.
    None,
    Over,
    UnderWay,
}

impl Login {
    /// Whether there is one at the origin of a URL.
    pub(super) fn at(&self, url: &str) -> Stage {
        match origin(url) {
            Some(origin) if !self.origins.contains(&origin) => Stage::None,
            None => Stage::None,
            Some(_) if self.is_under_way => Stage::UnderWay,
            Some(_) => Stage::Over,
        }
    }

    /// Takes note of the next request.
    pub(super) fn goes_on(&mut self, sent: &Sent) {
        let request = &sent.traffic.request;
        match kind(sent.traffic.server, request) {
            Kind::Login => {
                self.origins.extend(origin(&sent.url));
                self.is_under_way = true;
            }
            Kind::Token if TokenRequest::of(request).is_exchange => self.is_under_way = false,
            Kind::Token | Kind::Call | Kind::Page => {}
        }
        let answer = sent.traffic.answer.as_ref();
        let location = answer.and_then(|answer| answer.header("location").first().copied());
        let query = location
            .and_then(|url| url.split_once('?'))
            .map_or("", |(_, query)| query);
        if query_pairs(query).iter().any(|(name, _)| name == "code") {
            self.is_under_way = false;
        }
    }
}

fn origin(url: &str) -> Option<String> {
    Some(Url::parse(url).ok()?.origin().ascii_serialization())
}
