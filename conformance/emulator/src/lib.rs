#![doc = include_str!("../README.md")]

mod aispf;
mod answer;
mod api;
mod basic;
mod call;
mod clock;
mod config;
mod control;
mod defaults;
mod delivery;
mod error;
mod fault;
mod form;
mod gate;
mod guard;
mod header;
mod jooto;
mod json;
mod log;
mod marketo;
mod mint;
mod oauth;
#[cfg(feature = "process")]
mod page;
#[cfg(feature = "process")]
pub mod process;
mod provider;
mod queue;
mod refusals;
mod request;
mod rules;
mod secure;
mod serve;
mod service;
mod suggest;
pub mod tls;
mod tokens;
mod world;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use api::{ApiClient, ApiConfig, ApiUser, Profile};
pub use config::{
    ClockMode, Config, EmulatorConfig, FujitsuAispfClient, FujitsuAispfConfig, JootoClient,
    JootoConfig, MarketoClient, MarketoConfig, V1Fields,
};
pub use error::Error;
pub use fault::Fault;
pub use log::LogEntry;
pub use provider::{ApiName, Provider, UnknownProvider};
pub use refusals::Refusal;
pub use rules::{Reply, Rule};
pub use service::Endpoint;
pub use world::Counts;

use secure::Secure;
use world::World;

use crate::tls::Tls;

/// A running emulator; dropping it shuts it down.
pub struct Emulator {
    world: Arc<World>,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

impl Emulator {
    /// Listens on any free port of loopback, within the current tokio runtime.
    ///
    /// # Errors
    ///
    /// When the configuration cannot be used, there is no runtime, or no port is free.
    pub fn start(config: Config) -> Result<Self, Error> {
        Self::start_on(config, 0)
    }

    /// Listens on that port of loopback, within the current tokio runtime.
    ///
    /// # Errors
    ///
    /// As [`Emulator::start`], and when the port is taken.
    pub fn start_on(config: Config, port: u16) -> Result<Self, Error> {
        Self::start_with(config, port, None)
    }

    /// The same over TLS, if a certificate is given.
    ///
    /// # Errors
    ///
    /// As [`Emulator::start_on`].
    pub fn start_with(config: Config, port: u16, tls: Option<&Tls>) -> Result<Self, Error> {
        config
            .check()
            .map_err(|problem| Error::new(format!("configuration: {problem}")))?;
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| {
            Error::new("there is no tokio runtime here: start the emulator within one")
        })?;
        let (listener, address) = serve::bind(port)?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let world = World::new(config, format!("{scheme}://{address}"))
            .map_err(|problem| Error::new(format!("configuration: {problem}")))?;
        let world = Arc::new(world);
        let router = serve::router(Arc::clone(&world));
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async {
            // A dropped sender means the same as a sent signal.
            let _ = stopped.await;
        };
        // Accepting is retried for ever, so this ends only when it is stopped.
        let server = match tls {
            None => runtime.spawn(async move {
                let server = axum::serve(listener, router);
                let _ = server.with_graceful_shutdown(stopped).await;
            }),
            Some(tls) => {
                let listener = Secure::new(listener, address, tls);
                runtime.spawn(async move {
                    let server = axum::serve(listener, router);
                    let _ = server.with_graceful_shutdown(stopped).await;
                })
            }
        };
        Ok(Self {
            world,
            stop: Some(stop),
            server,
        })
    }

    /// Where the emulator listens, without a slash at the end.
    pub fn base_url(&self) -> &str {
        self.world.base_url()
    }

    /// The base URL of one provider, below which the paths of its document lie.
    pub fn provider_url(&self, provider: impl AsRef<str>) -> String {
        format!("{}/{}", self.base_url(), provider.as_ref())
    }

    /// The base URL of an API for its clients: that of the provider and the path of the document's server.
    pub fn api_url(&self, provider: Provider) -> String {
        let mut apis = self.world.config().apis.iter();
        let api = apis.find(|it| it.provider() == provider);
        self.provider_url(provider) + api.map_or("", ApiConfig::server_path)
    }

    /// The line that `serve` prints when it is ready.
    pub fn ready_line(&self) -> String {
        serve::ready(&self.world)
    }

    /// Lets every live access token of one provider or of all expire; returns how many.
    pub fn expire(&self, provider: impl Into<Option<Provider>>) -> usize {
        self.world.expire(provider.into())
    }

    /// Forgets every access token of one provider or of all; returns how many were live. Refresh
    /// tokens stay valid.
    pub fn forget(&self, provider: impl Into<Option<Provider>>) -> usize {
        self.world.forget(provider.into(), false)
    }

    /// Forgets every access token and every refresh token of one provider or of all; returns
    /// how many access tokens were live.
    pub fn forget_refresh_tokens(&self, provider: impl Into<Option<Provider>>) -> usize {
        self.world.forget(provider.into(), true)
    }

    /// The emulator's clock, for a client that runs on it: a token that has expired here has expired
    /// there. It begins at the wall time of the start, and outlives the emulator.
    pub fn clock(&self) -> impl Fn() -> SystemTime + Clone + Send + Sync + use<> + 'static {
        let world = Arc::clone(&self.world);
        move || world.wall()
    }

    /// Moves the emulator's clock forward.
    pub fn advance(&self, by: Duration) {
        self.world.advance(by);
    }

    /// Refuses the next calls of a provider although their credential is right, once the
    /// [faults](Self::fault) and refusals set before have been met.
    ///
    /// # Errors
    ///
    /// When the provider knows no such code.
    pub fn refuse_next(&self, provider: Provider, refusal: Refusal) -> Result<(), Error> {
        self.world
            .refuse_next(provider, refusal)
            .map_err(Error::new)
    }

    /// Answers the next requests as the test prescribes, once the faults and
    /// [refusals](Self::refuse_next) set before have been met.
    ///
    /// Both share one queue for each provider. A request meets the first that is meant for it and no
    /// other: a fault is meant for any request to its kind of endpoint, a refusal for a call whose
    /// credential is right.
    ///
    /// # Errors
    ///
    /// When the fault cannot be answered or changes nothing.
    pub fn fault(&self, provider: Provider, fault: Fault) -> Result<(), Error> {
        self.world.fault(provider, fault).map_err(Error::new)
    }

    /// Answers calls whose credential is right, before the rules of the configuration and those added
    /// earlier, until the emulator is reset.
    ///
    /// # Errors
    ///
    /// When the rule cannot be used, or its file cannot be read.
    pub fn answer(&self, provider: Provider, rule: Rule) -> Result<(), Error> {
        self.world.add_rule(provider, rule).map_err(Error::new)
    }

    /// Makes the token requests of one provider or of all wait until they are released.
    pub fn hold(&self, provider: impl Into<Option<Provider>>) {
        self.world.hold(provider.into(), Endpoint::Token);
    }

    /// Makes the calls that need a credential wait until they are released.
    pub fn hold_resources(&self, provider: impl Into<Option<Provider>>) {
        self.world.hold(provider.into(), Endpoint::Resource);
    }

    /// Releases all held requests, and holds no further ones.
    pub fn release(&self, provider: impl Into<Option<Provider>>) {
        self.world.release(provider.into(), None);
    }

    /// How many requests are held at that kind of endpoint.
    pub fn held(&self, provider: Provider, endpoint: Endpoint) -> usize {
        self.world.held(provider, endpoint)
    }

    /// Returns when at least that many requests are held.
    pub async fn until_held(&self, provider: Provider, endpoint: Endpoint, count: usize) {
        self.world.until_held(provider, endpoint, count).await;
    }

    /// Counts of the requests that a provider has received so far.
    pub fn counts(&self, provider: Provider) -> Counts {
        self.world.counts(provider)
    }

    /// The requests seen, oldest first, with their credentials.
    pub fn log(&self, provider: impl Into<Option<Provider>>) -> Vec<LogEntry> {
        self.world.log().entries(provider.into())
    }

    /// Empties the log.
    pub fn clear_log(&self) {
        self.world.log().clear();
    }

    /// Revokes an API key; returns whether it was valid until now.
    ///
    /// # Errors
    ///
    /// When the provider knows no API keys.
    pub fn revoke_key(&self, provider: Provider, key: &str) -> Result<bool, Error> {
        self.world.revoke_key(provider, key).map_err(Error::new)
    }

    /// Makes an API key valid.
    ///
    /// # Errors
    ///
    /// When the provider knows no API keys, or the key is empty or cannot be sent in a header.
    pub fn add_key(&self, provider: Provider, key: &str) -> Result<(), Error> {
        self.world.add_key(provider, key).map_err(Error::new)
    }

    /// Decides for the user of a device that waits, who entered this code.
    ///
    /// # Errors
    ///
    /// When no device waits with this code, or the provider is none of a profile.
    pub fn decide_device(
        &self,
        provider: Provider,
        user_code: &str,
        agrees: bool,
    ) -> Result<(), Error> {
        let decided = self.world.decide(provider, Some(user_code), agrees);
        decided.map_err(Error::new)
    }

    /// Lets the users who log in by a browser from now on agree, as they do at the start, or refuse.
    ///
    /// # Errors
    ///
    /// When the provider is none of a profile.
    pub fn decide_logins(&self, provider: Provider, agrees: bool) -> Result<(), Error> {
        let decided = self.world.decide(provider, None, agrees);
        decided.map_err(Error::new)
    }

    /// Puts everything back to the start: tokens, keys, clock, counts, log; held requests are released.
    pub fn reset(&self) {
        self.world.reset();
    }

    /// Shuts down and returns when nothing listens any more and every request is answered.
    pub async fn stop(mut self) {
        self.shut_down();
        // It fails only if the server panicked, and then there is nothing left to shut down.
        let _ = (&mut self.server).await;
    }

    fn shut_down(&mut self) {
        self.world.release(None, None);
        if let Some(stop) = self.stop.take() {
            // Sending fails only if the server has ended already.
            let _ = stop.send(());
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.shut_down();
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator")
            .field("base_url", &self.base_url())
            .finish_non_exhaustive()
    }
}
