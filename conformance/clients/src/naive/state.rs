//! The state of the naive client in the middle of a case.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::Bug;
use super::spoil::spoil;
use super::token::{Grant, Names, Token};
use super::wire::{Outgoing, Wire};
use tegata_conformance::script::{Context, Failure};

/// Where a token is kept.
pub(super) type Slot = Arc<Mutex<Option<Token>>>;

/// The naive client in the middle of a case.
pub struct NaiveSession {
    pub(super) context: Context,
    pub(super) bug: Option<Bug>,
    pub(super) wire: Wire,
    pub(super) slot: Slot,
    pub(super) now: u64,
    /// The key that worked last.
    pub(super) key: usize,
    pub(super) state: Option<String>,
    pub(super) code: Option<String>,
}

impl fmt::Debug for NaiveSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("NaiveSession");
        shown.field("provider", &self.context.provider);
        if self.bug == Some(Bug::ShowsSecrets) {
            let credentials = &self.context.credentials;
            shown.field("api_keys", &credentials.api_keys);
            shown.field("client_secret", &credentials.client_secret);
        }
        shown.finish_non_exhaustive()
    }
}

impl NaiveSession {
    pub(super) fn new(context: &Context, wire: Wire, slot: Slot) -> Self {
        let bug = wire.bug;
        let session = Self {
            context: context.clone(),
            bug,
            wire,
            slot,
            now: context.now,
            key: 0,
            state: None,
            code: None,
        };
        if let Some(tokens) = &context.tokens {
            session.keep(Some(Token::given(tokens, bug)));
        }
        session
    }

    /// The URL of a path below a base URL.
    pub(super) fn url(&self, server: &str, path: &str) -> String {
        let urls = &self.context.urls;
        let given = urls.get(server).or_else(|| urls.get("api"));
        let given = given.map_or("", String::as_str);
        let base = match server {
            "identity" => identity_url(given, self.bug),
            "rest" => rest_url(given, self.bug),
            _ => given.trim_end_matches('/').to_owned(),
        };
        base + path
    }

    pub(super) fn kept(&self) -> Option<Token> {
        let slot = self.slot.lock();
        slot.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn keep(&self, token: Option<Token>) {
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }

    /// Sends a token request and reads the answer.
    pub(super) async fn ask(&self, mut request: Outgoing, names: &Names) -> Result<Grant, Failure> {
        spoil(self.bug, &self.context.credentials, &mut request);
        request
            .headers
            .push(("accept", "application/json".to_owned()));
        let mut read = Grant::read(&self.wire.send(&request).await?, names, self.bug);
        if self.bug == Some(Bug::RefusalTriedAgain) && read.is_err() {
            read = Grant::read(&self.wire.send(&request).await?, names, self.bug);
        }
        read.map_err(|mut failure| {
            if self.bug == Some(Bug::ShowsUrl) {
                let query = self.wire.encode(&request.query);
                failure.said.push(format!("{}?{query}", request.url));
            }
            failure
        })
    }
}

/// The URL of the identity service, with or without its last part as it was given.
fn identity_url(given: &str, bug: Option<Bug>) -> String {
    let given = given.trim_end_matches('/');
    if given.ends_with("/identity") || bug == Some(Bug::UrlsAsTheyAre) {
        given.to_owned()
    } else {
        format!("{given}/identity")
    }
}

/// The URL that the paths of calls, which begin with `/rest` or `/bulk`, go behind.
fn rest_url(given: &str, bug: Option<Bug>) -> String {
    let given = given.trim_end_matches('/');
    match given.strip_suffix("/rest") {
        Some(root) if bug != Some(Bug::UrlsAsTheyAre) => root.to_owned(),
        _ => given.to_owned(),
    }
}
