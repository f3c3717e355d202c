//! The least that a valid credential can cost.

use std::cell::RefCell;
use std::sync::RwLock;
use std::sync::atomic::{AtomicU64, Ordering::Acquire};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use reqwest::Request;
use reqwest::header::{AUTHORIZATION, HeaderValue};

use super::{Attach, token_text};

/// `Bearer <token>`, marked sensitive.
pub(crate) fn bearer(token: &str) -> HeaderValue {
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).expect("visible ASCII");
    value.set_sensitive(true);
    value
}

fn in_an_hour() -> SystemTime {
    SystemTime::now() + Duration::from_secs(3600)
}

/// Floor (a) with a check of the clock: a shared value behind `ArcSwap`, cloned and inserted.
pub(crate) struct Shared(ArcSwap<(HeaderValue, SystemTime)>);

impl Shared {
    pub(crate) fn new() -> Self {
        Self(ArcSwap::from_pointee((
            bearer(&token_text(1)),
            in_an_hour(),
        )))
    }
}

impl Attach for Shared {
    async fn attach(&self, request: &mut Request) -> Result<(), String> {
        let snapshot = self.0.load();
        if SystemTime::now() >= snapshot.1 {
            return Err("stale".into());
        }
        request
            .headers_mut()
            .insert(AUTHORIZATION, snapshot.0.clone());
        Ok(())
    }
}

/// Floor (c): a copy for each thread, checked by a generation, with a check of the clock.
pub(crate) struct PerThread {
    shared: RwLock<(String, SystemTime)>,
    generation: AtomicU64,
}

thread_local! {
    static COPY: RefCell<Option<(u64, HeaderValue, SystemTime)>> = const { RefCell::new(None) };
}

impl PerThread {
    pub(crate) fn new() -> Self {
        Self {
            shared: RwLock::new((token_text(1), in_an_hour())),
            generation: AtomicU64::new(1),
        }
    }
}

impl Attach for PerThread {
    async fn attach(&self, request: &mut Request) -> Result<(), String> {
        COPY.with_borrow_mut(|copy| {
            let generation = self.generation.load(Acquire);
            let (value, until) = match copy {
                Some((of, value, until)) if *of == generation => (value, until),
                stale => {
                    let shared = self.shared.read().map_err(|error| error.to_string())?;
                    let fresh = stale.insert((generation, bearer(&shared.0), shared.1));
                    (&mut fresh.1, &mut fresh.2)
                }
            };
            if SystemTime::now() >= *until {
                return Err("stale".into());
            }
            request.headers_mut().insert(AUTHORIZATION, value.clone());
            Ok(())
        })
    }
}
