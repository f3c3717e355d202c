//! What a browser asks a vendor's site for besides the API: pages, their parts, and what scripts of the vendor's own
//! pages send. None of it is the client's, and none of it has a credential of the API.
//!
//! A client that forgets its credential must not be taken for a browser. So no path counts as a page's that is the API's
//! own: one that the documents have, or that is called with a credential somewhere. What is left needs evidence that a
//! browser asked for it: that of the browser itself, the kind of the answer, or a login that is under way.

use std::collections::HashMap;

use url::Url;

use super::headers::has_credential;
use super::site::{Login, Paths, Stage};
use super::stream::{Kind, Sent, field, kind};
use crate::case::{Provider, Suite};
use crate::fixture::{Answer, Recorded};
use tegata_suite::Server;

/// Marks the requests of a browser in a recording that is in the order of time: those that would be calls only if it
/// `keeps_headers`, so that what has no credential was sent without one. Returns their entries.
pub(super) fn set_pages_aside(suite: &Suite, keeps_headers: bool, all: &mut [Sent]) -> Vec<usize> {
    let paths = Paths::of(suite, all);
    let mut logins = HashMap::new();
    let mut aside = Vec::new();
    for sent in all.iter_mut().filter(|sent| !sent.is_aside) {
        let request = &sent.traffic.request;
        let login = logins.entry(sent.traffic.server.provider());
        let login: &mut Login = login.or_default();
        let asked = Asked::of(sent, login, &paths);
        let is_page = match kind(sent.traffic.server, request) {
            Kind::Call => {
                let is_bare = keeps_headers && !has_credential(&suite.providers, request);
                is_bare && asked.is_some_and(|asked| asked.is_by_a_browser())
            }
            Kind::Token => {
                let is_grant = sent.left_out.request_body || grants(request);
                !is_grant && asked.is_some_and(|asked| asked.is_of_a_login())
            }
            Kind::Login | Kind::Page => false,
        };
        login.goes_on(sent);
        if is_page {
            aside.push(sent.index);
            sent.is_aside = true;
        }
    }
    aside
}

/// Whether a request has anything of one for a token.
fn grants(request: &Recorded) -> bool {
    let names = ["grant_type", "client_secret", "refresh_token"];
    names.iter().any(|name| field(request, name).is_some()) || request.json().is_some()
}

/// A request without a credential, and what says who sent it.
struct Asked<'a> {
    request: &'a Recorded,
    answer: &'a Answer,
    resource_type: Option<&'a str>,
    /// Whether the path is one of the API, or for a token request one of the documents.
    is_of_api: bool,
    /// Whether it is asked of the vendor, by a script of a page at the same origin.
    is_of_vendors_page: bool,
    login: Stage,
}

impl<'a> Asked<'a> {
    fn of(sent: &'a Sent, login: &Login, paths: &Paths) -> Option<Self> {
        let request = &sent.traffic.request;
        let provider = sent.traffic.server.provider();
        let is_token = kind(sent.traffic.server, request) == Kind::Token;
        Some(Self {
            request,
            answer: sent.traffic.answer.as_ref()?,
            resource_type: sent.resource_type.as_deref(),
            is_of_api: if is_token {
                paths.is_documented(provider, request.path())
            } else {
                paths.is_of_api(provider, request.path())
            },
            is_of_vendors_page: is_vendors(provider, &sent.url)
                && header(request, "sec-fetch-site").as_deref() == Some("same-origin"),
            login: login.at(&sent.url),
        })
    }

    fn is_by_a_browser(&self) -> bool {
        // No client is at home at the vendor's own host.
        if self.is_of_vendors_page {
            return true;
        }
        let asked_for = self.asked_for();
        if self.is_of_api {
            // A page that a person opened: its address may begin as the API's do.
            return asked_for == Some(Part::Page) && self.is_answered_by_a_page();
        }
        match asked_for {
            Some(Part::Page | Part::OfPage) => return true,
            // A script asked, which may be the client.
            Some(Part::Data) => return false,
            None => {}
        }
        let opens_page = header(self.request, "accept")
            .is_some_and(|accept| accept.contains("application/xhtml+xml"));
        self.login != Stage::None && self.is_answered_by_part_of_a_page()
            || (self.is_answered_by_a_page() || self.is_redirected())
                && (self.login == Stage::UnderWay || opens_page)
    }

    /// Whether the login server was asked for something else than a token, as by a person who agrees.
    fn is_of_a_login(&self) -> bool {
        let is_answered = self.is_answered_by_a_page()
            || self.is_answered_by_part_of_a_page()
            || self.is_redirected();
        self.login != Stage::None && !self.is_of_api && is_answered
    }

    fn is_redirected(&self) -> bool {
        (300..400).contains(&self.answer.status)
    }

    fn is_answered_by_a_page(&self) -> bool {
        ["text/html", "application/xhtml+xml"].contains(&self.kind_of_answer().as_str())
    }

    fn is_answered_by_part_of_a_page(&self) -> bool {
        is_part_of_page(&self.kind_of_answer())
    }

    /// The media type of an answer with what was asked for; of others none.
    fn kind_of_answer(&self) -> String {
        let is_done = (200..300).contains(&self.answer.status);
        let kind = self.answer.header("content-type");
        let kind = kind
            .first()
            .filter(|_| is_done)
            .copied()
            .unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default();
        kind.trim().to_ascii_lowercase()
    }

    /// What the browser says that it asks for. No script can write these headers.
    fn asked_for(&self) -> Option<Part> {
        let said = header(self.request, "sec-fetch-dest");
        let said = said.or_else(|| self.resource_type.map(str::to_ascii_lowercase));
        match said?.as_str() {
            "document" | "iframe" | "frame" | "fencedframe" => Some(Part::Page),
            "audio" | "audioworklet" | "embed" | "font" | "image" | "manifest" | "media"
            | "object" | "script" | "style" | "stylesheet" | "texttrack" | "track" | "video"
            | "worker" | "serviceworker" | "sharedworker" => Some(Part::OfPage),
            "empty" | "fetch" | "xhr" | "xmlhttprequest" => Some(Part::Data),
            _ => None,
        }
    }
}

/// What a browser asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Page,
    OfPage,
    Data,
}

/// Whether pages consist of data of this kind, and no answer of an API does.
fn is_part_of_page(kind: &str) -> bool {
    let begins = ["image/", "font/", "audio/", "video/", "application/font-"];
    begins.iter().any(|begin| kind.starts_with(begin))
        || [
            "text/css",
            "text/javascript",
            "application/javascript",
            "application/x-javascript",
            "application/manifest+json",
            "application/wasm",
            "application/vnd.ms-fontobject",
        ]
        .contains(&kind)
}

/// Whether a host is the vendor's, and not one of a test.
fn is_vendors(provider: Provider, url: &str) -> bool {
    let Ok(url) = Url::parse(url) else {
        return false;
    };
    let usual = provider.servers().flat_map(Server::usual);
    let mut usual = usual.filter_map(|usual| Url::parse(usual).ok());
    let ends = provider.customer_hosts();
    usual.any(|usual| usual.origin() == url.origin())
        || ends.is_some_and(|ends| url.host_str().is_some_and(|host| host.ends_with(ends)))
}

fn header(request: &Recorded, name: &str) -> Option<String> {
    let value = *request.header(name).first()?;
    Some(value.trim().to_ascii_lowercase())
}
