//! Logins on a device without a browser.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use tokio::time::{Instant, sleep_until};

use crate::oauth::App;
use crate::oauth::server::Step;
use crate::provider::Seconds;
use crate::request::typed;
use crate::{Error, ErrorKind, Secret, Token};

/// How long to wait between two requests if the server does not say (RFC 8628, section 3.2), and by how much longer
/// after a `slow_down` (section 3.5).
const INTERVAL: Duration = Duration::from_secs(5);

/// The shortest one, whatever the server says.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);

/// The longest wait after failures, unless the server asks for a longer one.
const LONGEST_INTERVAL: Duration = Duration::from_secs(60);

/// How long a code is good if the server does not say, as it must.
const LIFETIME: Duration = Duration::from_secs(600);

/// A login that a user confirms on another device (RFC 8628): show [`user_code`](Self::user_code) and
/// [`verification_uri`](Self::verification_uri), and [wait](Self::token).
///
/// ```no_run
/// # async fn example(app: tegata::oauth::App) -> Result<(), tegata::Error> {
/// let login = app.authorize_device().await?;
/// eprintln!("Open {} and enter {}", login.verification_uri(), login.user_code());
/// let token = login.token().await?;
/// # Ok(()) }
/// ```
pub struct DeviceAuthorization {
    app: App,
    answer: Answer,
    verification_uri: String,
    expires_at: Instant,
}

#[derive(Deserialize)]
struct Answer {
    device_code: Secret,
    user_code: String,
    verification_uri: Option<String>,
    /// The same in servers that are older than the RFC; some send both.
    verification_url: Option<String>,
    verification_uri_complete: Option<String>,
    expires_in: Option<Seconds>,
    interval: Option<Seconds>,
}

impl App {
    /// Starts a login on a device without a browser (RFC 8628, section 3.1).
    ///
    /// # Errors
    /// * [`ErrorKind::Configuration`] if [`Server::device_url`](crate::oauth::Server::device_url) is not set.
    /// * [`ErrorKind::Status`] or [`ErrorKind::TokenDenied`] if the server refuses, and
    ///   [`ErrorKind::InvalidResponse`] if its answer cannot be read.
    /// * Connection errors and timeouts.
    ///
    /// # Cancellation
    /// If the future is dropped, codes that the server has issued expire unused.
    pub async fn authorize_device(&self) -> Result<DeviceAuthorization, Error> {
        let url = self.urls().device.as_ref();
        let url = url.ok_or_else(|| {
            Error::configuration("`device_url` is not set, which a device authorization needs")
        })?;
        let began = Instant::now();
        let scope = self.server().scope();
        let mut parameters: Vec<_> = scope.map(|scope| ("scope", scope)).into_iter().collect();
        // Also beside HTTP Basic, since some servers look for it there.
        if matches!(self.server().auth_method(), super::ClientAuth::Basic(_)) {
            parameters.push(("client_id", self.client_id().into()));
        }
        let answer = async {
            let response = self.ask(url, Step::Device, parameters).await?;
            typed::read::<Answer>(response).await
        };
        let refusal = &self.server().refusal;
        let mut answer = answer
            .await
            .map_err(|error| error.at_token_endpoint_of(refusal, Some("device_url")))?
            .into_inner();
        let uri = answer.verification_uri.take();
        let uri = uri.or(answer.verification_url.take()).ok_or_else(|| {
            let why = "the answer to the device authorization lacks `verification_uri`";
            Error::new(ErrorKind::InvalidResponse, why)
        })?;
        let lifetime = answer.expires_in.map_or(LIFETIME, Seconds::lifetime);
        Ok(DeviceAuthorization {
            app: self.clone(),
            answer,
            verification_uri: uri,
            expires_at: began + lifetime,
        })
    }
}

impl DeviceAuthorization {
    /// The code that the user enters.
    pub fn user_code(&self) -> &str {
        &self.answer.user_code
    }

    /// Where the user enters it.
    pub fn verification_uri(&self) -> &str {
        &self.verification_uri
    }

    /// The same with the code in it, such as for a QR code, if the server offers one.
    pub fn verification_uri_complete(&self) -> Option<&str> {
        self.answer.verification_uri_complete.as_deref()
    }

    /// How long the code is still good.
    pub fn expires_in(&self) -> Duration {
        self.expires_at.saturating_duration_since(Instant::now())
    }

    /// Waits until the user has decided, and asks the server from time to time: in its own interval, later after each
    /// `slow_down`, and less and less often while it cannot be reached (RFC 8628, section 3.5).
    ///
    /// # Errors
    /// * [`ErrorKind::Authorization`], with the [`code`](Error::code) `access_denied` if the user has refused, or
    ///   `expired_token` if the code has expired before.
    /// * The error of the token endpoint, if it lasts; see the crate's documentation.
    ///
    /// # Cancellation
    /// Dropping the future ends the login: nothing more is asked for. A token that was on its way is lost.
    pub async fn token(self) -> Result<Token, Error> {
        let interval = self.answer.interval.map_or(INTERVAL, Seconds::lifetime);
        let mut interval = interval.max(SHORTEST_INTERVAL);
        let mut next = Instant::now() + interval;
        while next < self.expires_at {
            sleep_until(next).await;
            let grant = vec![
                (
                    "grant_type",
                    "urn:ietf:params:oauth:grant-type:device_code".into(),
                ),
                ("device_code", self.answer.device_code.clone()),
            ];
            let error = match self.app.first_token(grant).await {
                Ok(token) => return Ok(token),
                Err(error) => error,
            };
            match error.code() {
                Some("authorization_pending") => {}
                Some("slow_down") => interval += INTERVAL,
                Some("access_denied") => {
                    return Err(ended("the user did not allow the access", &error));
                }
                Some("expired_token") => return Err(ended(EXPIRED, &error)),
                _ if error.is_transient() => {
                    interval = (interval * 2).min(LONGEST_INTERVAL.max(interval));
                }
                _ => return Err(error),
            }
            // Nothing is asked for after the code has expired, so a longer wait means no more.
            let asked = error
                .retry_after()
                .unwrap_or_default()
                .min(self.expires_in());
            next = Instant::now() + interval.max(asked);
        }
        sleep_until(self.expires_at).await;
        let error = Error::new(ErrorKind::Authorization, EXPIRED);
        Err(error.with_code(Some("expired_token".into())))
    }
}

const EXPIRED: &str = "the code expired before the user had entered it: start the login again";

fn ended(why: &'static str, error: &Error) -> Error {
    Error::new(ErrorKind::Authorization, why)
        .with_code(error.code().map(Into::into))
        .with_description(error.description().map(str::to_owned))
}

impl fmt::Debug for DeviceAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceAuthorization")
            .finish_non_exhaustive()
    }
}
