//! The subjects: ways to put a valid credential into a request.

pub(crate) mod floors;
pub(crate) mod ours;
#[cfg(feature = "peers")]
pub(crate) mod peers;

use std::future::Future;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::{Method, Request};
use tokio::runtime::Runtime;

/// Operations between two looks at the clock.
const CHUNK: usize = 16;

/// A way to put a valid credential into a request.
pub(crate) trait Attach: Send + Sync + 'static {
    fn attach(&self, request: &mut Request) -> impl Future<Output = Result<(), String>> + Send;
}

/// The same as an object, without paying for it at each operation.
pub(crate) trait Subject: Send + Sync {
    fn name(&self) -> &'static str;

    fn operations(&self, runtime: &Runtime, request: &mut Request, count: usize);

    /// Operations for this long: when they began, how long they took, and how many they were.
    fn batch(
        &self,
        runtime: &Runtime,
        request: &mut Request,
        length: Duration,
    ) -> (Instant, Duration, usize);
}

struct Named<A>(&'static str, A);

pub(crate) fn named(name: &'static str, attach: impl Attach) -> Arc<dyn Subject> {
    Arc::new(Named(name, attach))
}

impl<A: Attach> Named<A> {
    async fn chunk(&self, request: &mut Request, count: usize) {
        for _ in 0..count {
            if let Err(error) = self.1.attach(black_box(&mut *request)).await {
                panic!("{}: {error}", self.0);
            }
        }
    }
}

impl<A: Attach> Subject for Named<A> {
    fn name(&self) -> &'static str {
        self.0
    }

    fn operations(&self, runtime: &Runtime, request: &mut Request, count: usize) {
        runtime.block_on(self.chunk(request, count));
    }

    fn batch(
        &self,
        runtime: &Runtime,
        request: &mut Request,
        length: Duration,
    ) -> (Instant, Duration, usize) {
        runtime.block_on(async {
            let start = Instant::now();
            let mut count = 0;
            loop {
                self.chunk(request, CHUNK).await;
                count += CHUNK;
                let took = start.elapsed();
                if took >= length {
                    return (start, took, count);
                }
            }
        })
    }
}

/// A request before it carries a credential.
pub(crate) fn request() -> Request {
    let mut request = Request::new(
        Method::GET,
        "https://localhost/v1/things".parse().expect("a URL"),
    );
    let headers = request.headers_mut();
    headers.reserve(8);
    for (name, value) in [("accept", "application/json"), ("user-agent", "bench/0")] {
        headers.insert(name, value.parse().expect("a value"));
    }
    request
}

/// A token as short as those that Marketo documents: 40 characters.
pub(crate) fn short_token_text(number: usize) -> String {
    format!("{number:0>36x}:int")
}

/// The text of a typical opaque access token: 180 characters.
pub(crate) fn token_text(number: usize) -> String {
    format!("tok-{number:0>176}")
}
