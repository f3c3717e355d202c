//! A client with a bounded number of connections.
//!
//! reqwest opens one for every request in flight. With both ends in one process, ten thousand callers would
//! need twenty thousand open files, and many machines allow a thousand.

use std::sync::Arc;
use std::task::{Context, Poll};

use tegata::reqwest;
use tokio::sync::Semaphore;
use tower_layer::Layer;
use tower_service::Service;

/// Lets a client open so many connections; further requests wait until one of them is free.
pub fn bounded(connections: usize) -> reqwest::ClientBuilder {
    let places = Places(Arc::new(Semaphore::new(connections)));
    reqwest::Client::builder().connector_layer(places)
}

#[derive(Clone)]
struct Places(Arc<Semaphore>);

#[derive(Clone)]
struct Bounded<S> {
    connector: S,
    places: Arc<Semaphore>,
}

impl<S> Layer<S> for Places {
    type Service = Bounded<S>;

    fn layer(&self, connector: S) -> Bounded<S> {
        Bounded {
            connector,
            places: Arc::clone(&self.0),
        }
    }
}

impl<S, R> Service<R> for Bounded<S>
where
    S: Service<R> + Clone + Send + 'static,
    S::Future: Send,
    R: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = tegata::provider::BoxFuture<'static, Result<S::Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let ready = self.connector.clone();
        let mut connector = std::mem::replace(&mut self.connector, ready);
        let places = Arc::clone(&self.places);
        Box::pin(async move {
            // Nothing closes the semaphore, and a connection keeps its place for its lifetime: the emulator keeps
            // connections open.
            if let Ok(place) = places.acquire().await {
                place.forget();
            }
            connector.call(request).await
        })
    }
}
