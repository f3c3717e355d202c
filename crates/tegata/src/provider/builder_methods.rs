//! What every builder of a client can be given, written once.

/// The methods that every provider's builder has, for its `impl` block: given the name `self` and where its
/// [`Settings`](crate::Settings) are.
#[doc(hidden)]
#[macro_export]
macro_rules! __builder_methods {
    ($this:ident => $settings:expr) => {
        /// Sends with this client: an [`HttpClient`](::tegata::HttpClient), which several clients can share, or a
        /// `reqwest::ClientBuilder`; see [`Settings::http_client`](::tegata::Settings::http_client).
        pub fn http_client<C>(mut $this, client: C) -> Self
        where
            C: TryInto<::tegata::HttpClient>,
            ::tegata::Error: From<C::Error>,
        {
            $settings = ::std::mem::take(&mut $settings).http_client(client);
            $this
        }

        /// Tells the time by this clock, for tests.
        pub fn clock(mut $this, clock: impl Into<::tegata::SharedClock>) -> Self {
            $settings = ::std::mem::take(&mut $settings).clock(clock);
            $this
        }

        /// Renews tokens by this policy. What it leaves open is as the provider has it.
        pub fn renewal(mut $this, policy: ::tegata::RenewalPolicy) -> Self {
            $settings = ::std::mem::take(&mut $settings).renewal(policy);
            $this
        }

        /// Tells this observer of every renewal.
        pub fn observer(mut $this, observer: impl ::tegata::RenewalObserver) -> Self {
            $settings = ::std::mem::take(&mut $settings).observer(observer);
            $this
        }

        /// Adds these settings, when tokens are renewed among them, to those there are: what is set here counts, and
        /// what is not stays as it was.
        pub fn settings(mut $this, settings: ::tegata::Settings) -> Self {
            $settings = settings.or(::std::mem::take(&mut $settings));
            $this
        }
    };
}

pub use __builder_methods as builder_methods;
