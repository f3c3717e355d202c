//! Settings that every provider's client has.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::provider::spec::Scheme;
use crate::provider::{Reporter, TokenCacheBuilder, TokenSource};
use crate::token::observe::Label;
use crate::{Error, HttpClient, RenewalObserver, RenewalPolicy, SharedClock, TokenCache};

/// What can be set the same way for every provider: the HTTP client, the clock, and when tokens are
/// renewed. What is not set is the provider's own choice.
///
/// ```
/// use std::time::Duration;
/// use tegata::Settings;
///
/// let settings = Settings::new()
///     .http_client(tegata::HttpClient::builder().timeout(Duration::from_secs(20)))
///     .renewal_deadline(Duration::from_secs(10));
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Settings {
    http: Option<Result<HttpClient, Error>>,
    clock: Option<SharedClock>,
    stale_window: Option<Duration>,
    margin: Option<Duration>,
    deadline: Option<Duration>,
    pause: Option<Duration>,
    probe_interval: Option<Duration>,
    observer: Option<Arc<dyn RenewalObserver>>,
    #[cfg(feature = "test-util")]
    random: Option<fn() -> f64>,
    #[cfg(feature = "test-util")]
    lease_reserve: Option<Duration>,
}

impl Settings {
    /// The defaults: an [`HttpClient::new`], the system's clock, and the provider's renewal policy.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends with this client: an [`HttpClient`], which several clients can share, or a
    /// `reqwest::ClientBuilder`, best one from [`HttpClient::builder`]. What is [overruled in
    /// it](HttpClient#your-own-reqwestclient) keeps secrets from going elsewhere or twice. If it cannot be
    /// built, building the provider's client fails.
    pub fn http_client<C>(mut self, client: C) -> Self
    where
        C: TryInto<HttpClient>,
        Error: From<C::Error>,
    {
        self.http = Some(client.try_into().map_err(Error::from));
        self
    }

    /// Tells the time by this clock.
    pub fn clock(mut self, clock: impl Into<SharedClock>) -> Self {
        self.clock = Some(clock.into());
        self
    }

    /// See [`RenewalPolicy::stale_window`].
    pub fn stale_window(mut self, window: Duration) -> Self {
        self.stale_window = Some(window);
        self
    }

    /// See [`RenewalPolicy::margin`].
    pub fn expiry_margin(mut self, margin: Duration) -> Self {
        self.margin = Some(margin);
        self
    }

    /// See [`RenewalPolicy::deadline`].
    pub fn renewal_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// See [`RenewalPolicy::pause`].
    pub fn renewal_pause(mut self, pause: Duration) -> Self {
        self.pause = Some(pause);
        self
    }

    /// See [`RenewalPolicy::probe_interval`].
    pub fn probe_interval(mut self, interval: Duration) -> Self {
        self.probe_interval = Some(interval);
        self
    }

    /// Tells this observer of every renewal.
    pub fn observer(mut self, observer: impl RenewalObserver) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// See [`TokenCacheBuilder::random`].
    #[cfg(feature = "test-util")]
    pub fn random(mut self, random: fn() -> f64) -> Self {
        self.random = Some(random);
        self
    }

    /// See [`TokenCacheBuilder::lease_reserve`].
    #[cfg(feature = "test-util")]
    pub fn lease_reserve(mut self, reserve: Duration) -> Self {
        self.lease_reserve = Some(reserve);
        self
    }

    /// These settings, and those of the others for what is not set here.
    pub fn or(self, others: Self) -> Self {
        Self {
            http: self.http.or(others.http),
            clock: self.clock.or(others.clock),
            stale_window: self.stale_window.or(others.stale_window),
            margin: self.margin.or(others.margin),
            deadline: self.deadline.or(others.deadline),
            pause: self.pause.or(others.pause),
            probe_interval: self.probe_interval.or(others.probe_interval),
            observer: self.observer.or(others.observer),
            #[cfg(feature = "test-util")]
            random: self.random.or(others.random),
            #[cfg(feature = "test-util")]
            lease_reserve: self.lease_reserve.or(others.lease_reserve),
        }
    }

    /// The HTTP client that was set, or a new one. For the authors of provider crates.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the client may follow redirects
    /// or cannot be built.
    pub fn to_http_client(&self) -> Result<HttpClient, Error> {
        self.http.clone().unwrap_or_else(HttpClient::new)
    }

    /// A token cache with these settings. For the authors of provider crates.
    pub fn token_cache(
        &self,
        scheme: Scheme,
        source: impl TokenSource,
        own: RenewalPolicy,
    ) -> TokenCacheBuilder {
        let cache = TokenCache::builder(scheme, source)
            .clock(self.to_clock())
            .policy(self.to_renewal(own));
        #[cfg(feature = "test-util")]
        let cache = match self.random {
            Some(random) => cache.random(random),
            None => cache,
        };
        #[cfg(feature = "test-util")]
        let cache = match self.lease_reserve {
            Some(reserve) => cache.lease_reserve(reserve),
            None => cache,
        };
        match &self.observer {
            Some(observer) => cache.observer(Arc::clone(observer)),
            None => cache,
        }
    }

    /// What reports on the keys of an account of this provider. For the authors of provider crates.
    pub fn reporter(&self, provider: &'static str, account: Option<&str>) -> Reporter {
        let label = Label {
            provider,
            observer: self.observer.clone(),
        };
        Reporter::new(label, account)
    }

    /// The clock. For the authors of provider crates.
    pub fn to_clock(&self) -> SharedClock {
        self.clock.clone().unwrap_or_default()
    }

    /// The provider's own policy with what was set. For the authors of provider crates.
    pub fn to_renewal(&self, own: RenewalPolicy) -> RenewalPolicy {
        RenewalPolicy {
            stale_window: self.stale_window.unwrap_or(own.stale_window),
            margin: self.margin.unwrap_or(own.margin),
            deadline: self.deadline.unwrap_or(own.deadline),
            pause: self.pause.unwrap_or(own.pause),
            probe_interval: self.probe_interval.unwrap_or(own.probe_interval),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("http", &self.http)
            .field("renewal", &self.to_renewal(RenewalPolicy::default()))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(seconds: u64) -> Settings {
        let time = Duration::from_secs(seconds);
        Settings::new()
            .http_client(HttpClient::new().expect("a client"))
            .stale_window(time)
            .expiry_margin(time)
            .renewal_deadline(time)
            .renewal_pause(time)
            .probe_interval(time)
            .clock(SharedClock::default())
            .observer(|_: &crate::RenewalEvent| {})
            .random(|| 0.5)
            .lease_reserve(time)
    }

    #[test]
    fn what_is_not_set_is_taken_from_others() {
        let policy = |settings: &Settings| settings.to_renewal(RenewalPolicy::default());
        for filled in [
            all(1).or(all(2)),
            all(1).or(Settings::new()),
            Settings::new().or(all(1)),
        ] {
            assert_eq!(policy(&filled), policy(&all(1)));
            assert!(filled.http.is_some() && filled.clock.is_some());
            assert!(filled.observer.is_some() && filled.random.is_some());
            assert_eq!(filled.lease_reserve, Some(Duration::from_secs(1)));
        }
    }

    #[test]
    fn every_setting_stays_when_the_others_are_set() {
        let seconds = Duration::from_secs;
        let settings = Settings::new()
            .stale_window(seconds(1))
            .expiry_margin(seconds(2))
            .renewal_deadline(seconds(3))
            .renewal_pause(seconds(4))
            .probe_interval(seconds(6))
            .clock(SharedClock::default())
            .observer(|_: &crate::RenewalEvent| {})
            .random(|| 0.5)
            .lease_reserve(seconds(5));
        let expected = RenewalPolicy {
            stale_window: seconds(1),
            margin: seconds(2),
            deadline: seconds(3),
            pause: seconds(4),
            probe_interval: seconds(6),
        };
        assert_eq!(settings.to_renewal(RenewalPolicy::default()), expected);
        assert!(settings.observer.is_some() && settings.random.is_some());
        assert_eq!(settings.lease_reserve, Some(seconds(5)));
    }
}
