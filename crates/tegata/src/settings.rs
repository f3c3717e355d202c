//! Settings that every provider's client has.

use std::fmt;
use std::sync::Arc;
#[cfg(any(test, feature = "test-util"))]
use std::time::Duration;

use crate::provider::spec::Scheme;
use crate::provider::{Reporter, TokenCacheBuilder, TokenSource};
use crate::token::observe::Label;
use crate::{Error, HttpClient, RenewalObserver, RenewalPolicy, SharedClock, TokenCache};

/// The settings that all providers share: the HTTP client, the clock, and when tokens are renewed. A value that
/// is not set is the provider's default.
///
/// ```
/// use std::time::Duration;
/// use tegata::{RenewalPolicy, Settings};
///
/// let settings = Settings::new()
///     .http_client(tegata::HttpClient::builder().timeout(Duration::from_secs(20)))
///     .renewal(RenewalPolicy::new().deadline(Duration::from_secs(10)));
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Settings {
    http: Option<Result<HttpClient, Error>>,
    clock: Option<SharedClock>,
    renewal: RenewalPolicy,
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
    /// `reqwest::ClientBuilder`, preferably one from [`HttpClient::builder`]. The settings that are [overruled
    /// in it](HttpClient#your-own-reqwestclient) would send secrets elsewhere or twice. If it cannot be built,
    /// building the provider's client fails.
    pub fn http_client<C>(mut self, client: C) -> Self
    where
        C: TryInto<HttpClient>,
        Error: From<C::Error>,
    {
        self.http = Some(client.try_into().map_err(Error::from));
        self
    }

    /// Takes the time from this clock.
    pub fn clock(mut self, clock: impl Into<SharedClock>) -> Self {
        self.clock = Some(clock.into());
        self
    }

    /// Renews tokens by this policy. A value that it does not set stays as set before, or the provider's
    /// default.
    pub fn renewal(mut self, policy: RenewalPolicy) -> Self {
        self.renewal = policy.or(self.renewal);
        self
    }

    /// Reports every renewal to this observer.
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

    /// These settings, completed by the others.
    pub fn or(self, others: Self) -> Self {
        Self {
            http: self.http.or(others.http),
            clock: self.clock.or(others.clock),
            renewal: self.renewal.or(others.renewal),
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
            .renewal(self.to_renewal(own));
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

    /// The reporter for the API keys of an account of this provider. For the authors of provider crates.
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

    /// The provider's policy, overridden by the one that was set. For the authors of provider crates.
    pub fn to_renewal(&self, own: RenewalPolicy) -> RenewalPolicy {
        self.renewal.or(own)
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("http", &self.http)
            .field("renewal", &self.renewal)
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
            .renewal(RenewalPolicy::new().deadline(time))
            .clock(SharedClock::default())
            .observer(|_: &crate::RenewalEvent| {})
            .random(|| 0.5)
            .lease_reserve(time)
    }

    #[test]
    fn unset_values_are_taken_from_other_settings() {
        let policy = |settings: &Settings| settings.to_renewal(RenewalPolicy::new());
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
        let (first, second) = (seconds(1), seconds(2));
        let settings = Settings::new()
            .renewal(RenewalPolicy::new().deadline(first).expiry_leeway(first))
            .renewal(RenewalPolicy::new().deadline(second))
            .clock(SharedClock::default())
            .observer(|_: &crate::RenewalEvent| {})
            .random(|| 0.5)
            .lease_reserve(seconds(5));
        let expected = RenewalPolicy::new().deadline(second).expiry_leeway(first);
        assert_eq!(settings.to_renewal(RenewalPolicy::new()), expected);
        assert!(settings.observer.is_some() && settings.random.is_some());
        assert_eq!(settings.lease_reserve, Some(seconds(5)));
    }
}
