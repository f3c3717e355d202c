//! A registered application.

use tegata::oauth::{self, Server};
use tegata::provider::{BaseUrl, ErrorExt as _, builder_methods};
use tegata::{Error, Secret, Settings, Token};

use crate::generated::security;
use crate::{Authorization, AuthorizationCode, OrganizationId};

/// An application that is registered with Jooto: it sends users to the authorization page, exchanges the codes
/// they bring back for tokens, and makes clients of these.
#[derive(Clone, Debug)]
pub struct App {
    pub(crate) app: oauth::App,
    pub(crate) base: BaseUrl,
    /// What was set, if it does not follow the base URL.
    oauth_url: Option<BaseUrl>,
    /// Kept out of `Debug`.
    pub(crate) account: Option<Secret>,
}

/// Builds an [`App`].
#[derive(Clone, Debug)]
#[must_use]
pub struct AppBuilder {
    client_id: String,
    client_secret: Secret,
    redirect_uri: String,
    /// Like the other one, kept out of `Debug`: it may hold a password.
    base_url: Option<Secret>,
    oauth_url: Option<Secret>,
    settings: Settings,
}

impl App {
    /// An application with the client id, client secret and redirect URI with which it was registered.
    pub fn builder(
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
        redirect_uri: impl Into<String>,
    ) -> AppBuilder {
        AppBuilder {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            redirect_uri: redirect_uri.into(),
            base_url: None,
            oauth_url: None,
            settings: Settings::new(),
        }
    }

    /// Starts an authorization for the resources of this organization.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the system has no random numbers.
    pub fn authorize(
        &self,
        organization: impl Into<OrganizationId>,
    ) -> Result<Authorization, Error> {
        let redirect_uri = self.app.redirect_uri().unwrap_or_default();
        let (client_id, organization) = (self.app.client_id(), organization.into());
        Authorization::new(&self.oauth()?, client_id, redirect_uri, organization)
    }

    /// Resumes an authorization that was started in another request or process, by its
    /// [`state`](Authorization::state).
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the state is empty.
    pub fn resume(&self, state: impl Into<Secret>) -> Result<Authorization, Error> {
        let state = state.into();
        if state.is_empty() {
            return Err(Error::configuration("the state to go on with is empty"));
        }
        Authorization::resumed(&self.oauth()?, state)
    }

    /// Exchanges a code for a token. A code is good for one exchange.
    ///
    /// If the server answers with a refresh token, but with no usable access token, the login is not lost: the
    /// token's [`access_token`](Token::access_token) is then empty and has expired ([`Token::is_expired`]), and
    /// the first call of a client made of it refreshes.
    ///
    /// # Errors
    /// * [`ErrorKind::TokenDenied`](crate::ErrorKind::TokenDenied) if the server refuses the code or the
    ///   client ([`code`](Error::code) says which).
    /// * [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) if it answers with neither an
    ///   access token that can be used nor a refresh token.
    /// * Connection errors and timeouts.
    ///
    /// # Cancellation
    /// If the future is dropped while the request is under way, the code may have been used up.
    pub async fn exchange(&self, code: &AuthorizationCode) -> Result<Token, Error> {
        self.app.exchange(code).await
    }

    /// The application for one of the accounts that share it, such as an organization: its
    /// [`log_in`](Self::log_in), [`client`](Self::client) and [`client_from`](Self::client_from) are for that
    /// account, as by [`ClientBuilder::account`](crate::ClientBuilder::account).
    #[must_use]
    pub fn for_account(&self, name: impl Into<String>) -> Self {
        Self {
            account: Some(Secret::from(name.into())),
            ..self.clone()
        }
    }

    /// Replaces the client secret while the application is in use, for it, its clones and all clients that were
    /// made by it. The next token is asked for with it; tokens that are still good stay in use. A refusal of the
    /// former secret does not stand any more.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it cannot be one, such as with a line
    /// break at its end. The former one then stays in use.
    pub fn replace_client_secret(&self, client_secret: impl Into<Secret>) -> Result<(), Error> {
        self.app.replace_client_secret(client_secret)
    }

    fn oauth(&self) -> Result<BaseUrl, Error> {
        server(self.oauth_url.as_ref(), &self.base).map(|(url, _)| url)
    }

    /// What a client of the API at this URL renews its tokens with.
    pub(crate) fn refreshed_tokens(&self, base: &BaseUrl) -> Result<oauth::Tokens, Error> {
        let (_, server) = server(self.oauth_url.as_ref(), base)?;
        Ok(self.app.at(server)?.refresh_tokens())
    }
}

/// The authorization server at this URL, and the URL; by default it follows the API's, so that a program with another
/// server's URL sends no secret to the vendor. For the vendor's own hosts it is the documented one.
fn server(oauth_url: Option<&BaseUrl>, base: &BaseUrl) -> Result<(BaseUrl, Server), Error> {
    let vendors = [security::SERVER_API, security::SERVER_API_V1].map(BaseUrl::parse);
    let is_own = |vendors: &Result<BaseUrl, Error>| {
        let vendors = vendors.as_ref().map(BaseUrl::origin);
        vendors.is_ok_and(|origin| origin == base.origin())
    };
    let (url, setting) = match oauth_url {
        Some(url) => (url.clone(), "oauth_url"),
        None if vendors.iter().any(is_own) => (BaseUrl::parse(security::SERVER_OAUTH)?, "base_url"),
        None => (base.clone(), "base_url"),
    };
    let server = security::issue_token_server(&url).setting(setting);
    Ok((url, server))
}

impl AppBuilder {
    /// The URL below which the API lies; `https://app.jooto.com` by default, as documented. The vendor's
    /// own OpenAPI document has `https://api.jooto.com/v1`.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into().into());
        self
    }

    /// The URL below which `/oauth2/login` and `/oauth2/token` lie: the base URL by default, and
    /// `https://app.jooto.com` if that is one of the vendor's.
    pub fn oauth_url(mut self, url: impl Into<String>) -> Self {
        self.oauth_url = Some(url.into().into());
        self
    }

    builder_methods!(self => self.settings);

    /// Builds the application. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): which setting is wrong and why.
    pub fn build(self) -> Result<App, Error> {
        let base = self.base_url.as_ref().map(Secret::expose);
        let base = BaseUrl::parse(base.unwrap_or(security::SERVER_API))?;
        let oauth_url = self.oauth_url.as_ref().map(Secret::expose);
        let oauth_url = oauth_url.map(BaseUrl::parse).transpose()?;
        let (_, server) = server(oauth_url.as_ref(), &base)?;
        let app = oauth::App::builder(server, self.client_id, self.client_secret)
            .redirect_uri(self.redirect_uri)
            .settings(self.settings)
            .build()?;
        Ok(App {
            app,
            base,
            oauth_url,
            account: None,
        })
    }
}

#[cfg(test)]
mod tests;
