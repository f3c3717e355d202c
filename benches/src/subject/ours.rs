//! The token cache, as the transport uses it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::Request;
use tegata::provider::spec::{Placement, Scheme};
use tegata::provider::{Authenticator, BoxFuture, Issued, Refresh, Renewal, TokenSource};
use tegata::{Error, Token, TokenCache};

use super::{Attach, token_text};

pub(crate) const BEARER: Scheme = Scheme {
    name: "OAuth2",
    placement: Placement::Bearer,
};

/// A source that is never asked, because the token is good.
pub(crate) struct Unasked;

impl TokenSource for Unasked {
    fn issue<'a>(&'a self, _: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        unreachable!("the token is good for an hour")
    }
}

pub(crate) fn token(text: &str) -> Token {
    let issued = Issued::new(text, Some(Duration::from_secs(3600)), Refresh::Forget);
    Token::new(issued, SystemTime::now(), None)
}

/// Behind `dyn`, as in a transport.
pub(crate) struct Cache(Arc<dyn Authenticator>);

impl Cache {
    pub(crate) fn new() -> Self {
        let cache = TokenCache::builder(BEARER, Unasked)
            .token(token(&token_text(1)))
            .build()
            .expect("a valid token");
        Self(Arc::new(cache))
    }
}

impl Attach for Cache {
    async fn attach(&self, request: &mut Request) -> Result<(), String> {
        let credential = self.0.cached().ok_or("stale")?;
        credential.attach_unchecked(request);
        Ok(())
    }
}
