//! A token endpoint, and the requests that it must never get.

use std::time::Duration;

use shuttle::future::yield_now;
use shuttle::rand::{Rng as _, thread_rng};
use tegata_model::provider::ErrorExt as _;
use tegata_model::provider::{BoxFuture, Issued, Refresh, Renewal, TokenSource};
use tegata_model::sync::panic_now;
use tegata_model::{Clock as _, Error, ErrorKind, Secret, Token};

use crate::world::{LIFETIME, World};

/// The answers of the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Fresh,
    /// A fresh one, which takes longer than a caller waits.
    Late,
    /// The last token again, with its remaining lifetime.
    Same,
    Dead,
    /// A new refresh token, and an access token that must not be used.
    Unusable,
    Busy,
    Denied,
    /// The session has ended, and this refresh token is denied from now on.
    Ended,
    Panic,
    Hang,
}

pub(crate) struct Endpoint(pub(crate) World);

/// Counts a request as long as it is under way, however it ends.
struct UnderWay {
    world: World,
    answered: bool,
}

impl UnderWay {
    fn begin(world: &World) -> Self {
        let mut facts = world.facts();
        facts.requests += 1;
        facts.under_way += 1;
        assert_eq!(facts.under_way, 1, "two renewals at a time");
        assert!(
            !facts.denied || facts.invalidating > 0,
            "asked again after a denial"
        );
        Self {
            world: world.clone(),
            answered: false,
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut facts = self.world.facts();
        facts.under_way -= 1;
        facts.cut_off += usize::from(!self.answered);
    }
}

impl TokenSource for Endpoint {
    fn issue<'a>(&'a self, renewal: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        Box::pin(async move {
            let world = &self.0;
            let mut under_way = UnderWay::begin(world);
            let current = renewal.current.map(Token::access_token);
            let current = current.map(|token| format!("Bearer {}", token.expose()));
            {
                let facts = world.facts();
                let is_doubted =
                    facts.invalidating > 0 || facts.doubted.contains(&current.unwrap_or_default());
                assert!(
                    !renewal.refused || is_doubted,
                    "renewed as refused, but only another one was"
                );
            }
            let known = renewal.current.and_then(Token::refresh_token);
            let known = known.map(Secret::expose);
            assert_eq!(
                known,
                world.refresh_token().as_deref(),
                "not the newest refresh token"
            );
            assert!(
                known.is_none() || known != world.facts().ended.as_deref(),
                "the refresh token of an ended session was sent again"
            );
            yield_now().await;
            let answer = world.next_answer();
            match answer {
                Answer::Panic => panic_now().await,
                Answer::Hang => std::future::pending().await,
                Answer::Late => {
                    let issued = world.facts().issue(renewal.now, LIFETIME);
                    for _ in 0..thread_rng().gen_range(20..80) {
                        yield_now().await;
                    }
                    under_way.answered = true;
                    return Ok(issued);
                }
                _ => {}
            }
            under_way.answered = true;
            let now = world.clock().now();
            let mut facts = world.facts();
            match (answer, facts.last.clone()) {
                (Answer::Busy, _) => Err(Error::new(ErrorKind::Connection, "busy")),
                (Answer::Denied, _) => {
                    facts.denied = true;
                    Err(Error::new(ErrorKind::TokenDenied, "denied"))
                }
                (Answer::Ended, _) => {
                    facts.ended = known.map(str::to_owned);
                    let code = Some("invalid_grant".into());
                    Err(Error::new(ErrorKind::TokenDenied, "ended").with_code(code))
                }
                (Answer::Dead, _) => Ok(facts.issue(renewal.now, Duration::ZERO)),
                (Answer::Unusable, _) => {
                    let refresh = facts.issue(renewal.now, LIFETIME).refresh;
                    Ok(Issued::unusable("not of type bearer", refresh))
                }
                (Answer::Same, Some((token, expiry))) if expiry > now => {
                    facts.issued_again(&token);
                    Ok(Issued::new(
                        token,
                        expiry.duration_since(renewal.now).ok(),
                        Refresh::Keep,
                    ))
                }
                // From when the request was sent, as the cache counts.
                _ => Ok(facts.issue(renewal.now, LIFETIME)),
            }
        })
    }
}
