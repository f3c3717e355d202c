//! Many callers, and an endpoint that is slow, down or gone: the whole client of a provider against a
//! token endpoint on loopback.

mod cold;
mod down;
mod dropped;
mod due;
mod hanging;
#[cfg(feature = "peers")]
mod peers;
mod short;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tegata_marketo::{Client, ClientBuilder, Settings};

use super::Effort;
use crate::endpoint::{Knobs, serve};
use crate::report::Row;
use crate::runtime;

/// Of the token endpoint, unless a row says otherwise.
const LATENCY: Duration = Duration::from_millis(20);

/// When a provider's early renewal gives a new token. (Marketo's does not, so its own default is none.)
const WINDOW: Duration = Duration::from_secs(300);
const MARGIN: Duration = Duration::from_secs(10);

/// Lines of ours, and below them what others do in the same place.
macro_rules! topics {
    ($($name:ident),*) => {$(
        pub(crate) fn $name(effort: Effort) -> Vec<Row> {
            runtime::of_two_workers().block_on(async {
                #[allow(unused_mut)] // Only with peers is anything added.
                let mut rows = $name::rows(effort).await;
                #[cfg(feature = "peers")]
                rows.extend(peers::$name(effort).await);
                rows
            })
        }
    )*};
}

topics!(cold, down, due, short, dropped, hanging);

/// A token endpoint with its knobs, and the client of an account there.
struct Scene {
    knobs: Arc<Knobs>,
    client: Client,
}

impl Scene {
    async fn new(knobs: Arc<Knobs>, settings: Settings) -> Self {
        let address = serve(Arc::clone(&knobs)).await;
        let client = builder(address, settings).build().expect("a valid client");
        Self { knobs, client }
    }
}

fn builder(address: SocketAddr, settings: Settings) -> ClientBuilder {
    let http = reqwest::Client::builder().no_proxy();
    Client::builder("id", "secret")
        .base_url(format!("http://{address}"))
        .settings(settings.http_client(http))
}

/// What became of callers who asked all at once.
struct Herd {
    failed: usize,
    first: Duration,
    last: Duration,
}

async fn herd(client: &Client, callers: usize) -> Herd {
    herd_of(callers, || {
        let client = client.clone();
        async move { client.warm_up().await.is_ok() }
    })
    .await
}

/// Of calls that say whether they were served.
async fn herd_of<C>(callers: usize, call: impl Fn() -> C) -> Herd
where
    C: Future<Output = bool> + Send + 'static,
{
    let start = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let call = call();
            tokio::spawn(async move { (!call.await, start.elapsed()) })
        })
        .collect();
    let mut herd = Herd {
        failed: 0,
        first: Duration::MAX,
        last: Duration::ZERO,
    };
    for task in tasks {
        let (failed, at) = task.await.expect("a caller panicked");
        herd.failed += usize::from(failed);
        herd.first = herd.first.min(at);
        herd.last = herd.last.max(at);
    }
    herd
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
