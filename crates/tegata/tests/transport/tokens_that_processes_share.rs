//! Tokens that another process has stored.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use tegata::provider::{Issued, Refresh, Renewal, TokenSource};
use tegata::store::Record;
use tegata::{MemoryStore, Token, TokenCache, TokenStore as _};

use super::*;

/// Issues CANARY-issued, and counts how often it is asked.
struct Endpoint(Arc<AtomicUsize>);

impl TokenSource for Endpoint {
    fn issue<'a>(&'a self, _: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Ok(token("CANARY-issued").1) })
    }
}

fn token(text: &str) -> (Token, Issued) {
    let refresh = Refresh::Replace {
        token: format!("{text}-refresh").into(),
        lifetime: None,
    };
    let issued = Issued::new(text, Some(Duration::from_secs(3600)), refresh);
    (Token::new(issued.clone(), SystemTime::now(), None), issued)
}

struct Setup {
    server: Server,
    transport: Transport,
    asked: Arc<AtomicUsize>,
}

/// A client that started with CANARY-first; another process may have saved CANARY-adopted since.
async fn setup(
    answers: impl IntoIterator<Item = Response<Body>>,
    is_saved_by_another: bool,
) -> Setup {
    let server = server(answers).await;
    let (store, asked) = (
        MemoryStore::holding(token("CANARY-first").0),
        Arc::default(),
    );
    let tokens = TokenCache::builder(TOKEN, Endpoint(Arc::clone(&asked)));
    let tokens = tokens.store(Arc::new(store.clone())).build();
    let transport = server.transport(Auth::cached(tokens.expect("valid")));
    transport.warm_up().await.expect("it is in the store");
    if is_saved_by_another {
        let record = Record::new(token("CANARY-adopted").0).with_version(1);
        store.save(&record).await.expect("saved");
    }
    Setup {
        server,
        transport,
        asked,
    }
}

impl Setup {
    async fn post(&self, body: impl Into<reqwest::Body>) -> Result<String, Error> {
        let request = self.transport.request(reqwest::Method::POST, "/things");
        let response = request.body(body).send().await?;
        Ok(response.text().await.expect("whole"))
    }

    /// The tokens that were sent, and the number of token requests.
    fn seen(&self) -> (Vec<String>, usize) {
        let seen = self.server.seen();
        assert!(seen.iter().all(|seen| &seen.body[..] == b"body"));
        let token = |seen: &Seen| {
            let header = seen.headers["authorization"].to_str().expect("ASCII");
            header.trim_start_matches("Bearer CANARY-").to_owned()
        };
        (
            seen.iter().map(token).collect(),
            self.asked.load(Ordering::SeqCst),
        )
    }
}

fn refusals(count: usize) -> Vec<Response<Body>> {
    std::iter::repeat_with(|| answer(401, "{}"))
        .take(count)
        .collect()
}

fn sent(tokens: &[&str], asked: usize) -> (Vec<String>, usize) {
    (
        tokens.iter().map(|token| (*token).to_owned()).collect(),
        asked,
    )
}

#[tokio::test]
async fn a_refused_adopted_token_is_followed_by_one_real_renewal() {
    let mut answers = refusals(2);
    answers.push(answer(200, "done"));
    let setup = setup(answers, true).await;
    assert_eq!(setup.post("body").await.expect("an answer"), "done");
    assert_eq!(setup.seen(), sent(&["first", "adopted", "issued"], 1));
}

#[tokio::test]
async fn a_refusal_of_the_really_renewed_token_ends_the_call() {
    let setup = setup(refusals(3), true).await;
    let error = setup.post("body").await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::CredentialRejected, "{error:?}");
    assert_eq!(error.status().map(u16::from), Some(401));
    assert_eq!(setup.seen(), sent(&["first", "adopted", "issued"], 1));
    secretless(&error);
}

#[tokio::test]
async fn an_issued_token_that_is_refused_is_not_renewed_again() {
    let setup = setup(refusals(2), false).await;
    let error = setup.post("body").await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::CredentialRejected, "{error:?}");
    assert_eq!(setup.seen(), sent(&["first", "issued"], 1));
}

#[tokio::test]
async fn an_adopted_token_that_is_accepted_asks_for_no_other() {
    let mut answers = refusals(1);
    answers.push(answer(200, "done"));
    let setup = setup(answers, true).await;
    assert_eq!(setup.post("body").await.expect("an answer"), "done");
    assert_eq!(setup.seen(), sent(&["first", "adopted"], 0));
}

/// Finds another credential each time, as a store may, without asking a token endpoint for it.
struct Finder(Two);

impl Authenticator for Finder {
    fn scheme(&self) -> Scheme {
        self.0.scheme()
    }
    fn cached(&self) -> Option<Credential> {
        self.0.cached()
    }
    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
        self.0.credential()
    }
    fn replace<'a>(&'a self, refused: &'a Credential) -> BoxFuture<'a, Result<Credential, Error>> {
        self.0.replace(refused)
    }
    fn may_replace_again(&self, _: &Credential) -> bool {
        true
    }
}

#[tokio::test]
async fn three_requests_are_the_most_whatever_is_found() {
    let server = server(refusals(3)).await;
    let transport = server.transport(Auth::custom(Finder(Two(KEY))));
    let request = transport.request(reqwest::Method::GET, "/things");
    let error = request.send().await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::CredentialRejected, "{error:?}");
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_stream_is_sent_once_even_if_a_token_is_adopted() {
    let setup = setup(refusals(1), true).await;
    let stream = reqwest::Body::wrap(http_body_util::Full::new(bytes::Bytes::from("body")));
    let error = setup.post(stream).await.expect_err("cannot be replayed");
    assert_eq!(error.kind(), ErrorKind::NotReplayable, "{error:?}");
    assert_eq!(setup.seen(), sent(&["first"], 0));
}
