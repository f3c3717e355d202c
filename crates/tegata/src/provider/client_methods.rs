//! The methods that all clients share, written once.

/// The methods that every provider's client has, for its `impl` block: given the name `self` and the path from
/// there to the [`Transport`](crate::provider::Transport).
///
/// They are methods of the client, and not of a trait, so that users need no import to call them.
#[doc(hidden)]
#[macro_export]
macro_rules! __client_methods {
    ($this:ident => $transport:expr) => {
        /// Starts a `GET` of this path below the base URL; see [`request`](Self::request).
        pub fn get(&$this, path: impl ::tegata::IntoPath) -> ::tegata::RequestBuilder {
            $this.request(::tegata::reqwest::Method::GET, path)
        }

        /// Starts a `POST` to this path below the base URL; see [`request`](Self::request).
        pub fn post(&$this, path: impl ::tegata::IntoPath) -> ::tegata::RequestBuilder {
            $this.request(::tegata::reqwest::Method::POST, path)
        }

        /// Starts a `PUT` to this path below the base URL; see [`request`](Self::request).
        pub fn put(&$this, path: impl ::tegata::IntoPath) -> ::tegata::RequestBuilder {
            $this.request(::tegata::reqwest::Method::PUT, path)
        }

        /// Starts a `PATCH` of this path below the base URL; see [`request`](Self::request).
        pub fn patch(&$this, path: impl ::tegata::IntoPath) -> ::tegata::RequestBuilder {
            $this.request(::tegata::reqwest::Method::PATCH, path)
        }

        /// Starts a `DELETE` of this path below the base URL; see [`request`](Self::request).
        pub fn delete(&$this, path: impl ::tegata::IntoPath) -> ::tegata::RequestBuilder {
            $this.request(::tegata::reqwest::Method::DELETE, path)
        }

        /// Starts a request for a path below the base URL, for calls that are in no spec. The path is a text, such as
        /// `"/v1/jobs?limit=10"`, or its segments, such as `["v1", "jobs", id]`, which are encoded. The request is
        /// sent by [`send`](::tegata::RequestBuilder::send) or
        /// [`send_json`](::tegata::RequestBuilder::send_json), always with the credential.
        pub fn request(
            &$this,
            method: ::tegata::reqwest::Method,
            path: impl ::tegata::IntoPath,
        ) -> ::tegata::RequestBuilder {
            $transport.request(method, path)
        }

        /// Sends a ready `reqwest::Request` with the credential; see
        /// [`Transport::execute`](::tegata::provider::Transport::execute).
        ///
        /// # Errors
        /// As [`Transport::execute`](::tegata::provider::Transport::execute).
        ///
        /// # Cancellation
        /// Dropping the future drops the request. A renewal that it started goes on.
        pub fn execute(
            &$this,
            request: ::tegata::reqwest::Request,
        ) -> impl Future<Output = Result<::tegata::Response, ::tegata::Error>> + Send {
            // Returns the transport's own future: an `async` block around it would move request and answer once
            // more.
            $transport.execute(request)
        }

        /// Makes sure that there is a valid credential, without calling the service; see
        /// [`Transport::warm_up`](::tegata::provider::Transport::warm_up).
        ///
        /// # Errors
        /// The error of issuing the token.
        ///
        /// # Cancellation
        /// Dropping the future stops nothing: the next caller gets the token.
        pub async fn warm_up(&$this) -> Result<(), ::tegata::Error> {
            $transport.warm_up().await
        }

        /// The token's state, renewals and shutdown; `None` with an API key.
        pub fn token_cache(&$this) -> Option<&::tegata::TokenCache> {
            $transport.token_cache()
        }

        /// Shuts down in order: starts no more renewals, and waits until the newest token is saved; see
        /// [`TokenCache::shutdown`](::tegata::TokenCache::shutdown). With an API key there is nothing to do.
        ///
        /// # Errors
        /// [`ErrorKind::Store`](::tegata::ErrorKind::Store) if the newest token could not be saved.
        ///
        /// # Cancellation
        /// Dropping the future stops nothing but the waiting.
        pub async fn shutdown(&$this) -> Result<(), ::tegata::Error> {
            match $this.token_cache() {
                Some(cache) => cache.shutdown().await,
                None => Ok(()),
            }
        }
    };
}

pub use __client_methods as client_methods;
