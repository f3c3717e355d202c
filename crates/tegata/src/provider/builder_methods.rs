//! The settings that all client builders share, written once.

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

        /// Takes the time from this clock, for tests.
        pub fn clock(mut $this, clock: impl Into<::tegata::SharedClock>) -> Self {
            $settings = ::std::mem::take(&mut $settings).clock(clock);
            $this
        }

        /// Renews tokens by this policy. Values that it does not set are the provider's defaults.
        pub fn renewal(mut $this, policy: ::tegata::RenewalPolicy) -> Self {
            $settings = ::std::mem::take(&mut $settings).renewal(policy);
            $this
        }

        /// Reports every renewal to this observer.
        pub fn observer(mut $this, observer: impl ::tegata::RenewalObserver) -> Self {
            $settings = ::std::mem::take(&mut $settings).observer(observer);
            $this
        }

        /// Adds these settings to the present ones, the renewal policy included. A value that is set in both is
        /// taken from here.
        pub fn settings(mut $this, settings: ::tegata::Settings) -> Self {
            $settings = settings.or(::std::mem::take(&mut $settings));
            $this
        }
    };
}

/// The methods of builders whose clients have tokens: given the name `self` and where its
/// [`AccountSettings`](crate::provider::AccountSettings) are.
#[doc(hidden)]
#[macro_export]
macro_rules! __account_methods {
    ($this:ident => $account:expr) => {
        /// Loads the tokens from this store and saves renewed ones in it, before they are used, so that processes share
        /// them. With an API key it is not used.
        pub fn store(mut $this, store: impl ::tegata::TokenStore) -> Self {
            $account = ::std::mem::take(&mut $account).store(store);
            $this
        }

        /// Names the account in events, in logs and in the store, if several share a client id; by default they count
        /// as one. Only a hash of it is kept. A record that was saved without it is taken over.
        pub fn account(mut $this, name: impl Into<String>) -> Self {
            $account = ::std::mem::take(&mut $account).named(name);
            $this
        }
    };
}

pub use __account_methods as account_methods;
pub use __builder_methods as builder_methods;
