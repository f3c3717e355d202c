//! The servers of the providers.

use crate::case::Provider;

/// One of a provider's servers, by the name that it has in the cases' `given.urls`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Server {
    /// AISPF: where tokens are issued.
    Auth,
    /// AISPF: the services.
    Services,
    /// Jooto: login and tokens.
    Oauth,
    /// Jooto: the API.
    Api,
    /// Marketo: identity.
    Identity,
    /// Marketo: the REST API.
    Rest,
}

impl Server {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Auth,
        Self::Services,
        Self::Oauth,
        Self::Api,
        Self::Identity,
        Self::Rest,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Services => "services",
            Self::Oauth => "oauth",
            Self::Api => "api",
            Self::Identity => "identity",
            Self::Rest => "rest",
        }
    }

    /// Whose server it is.
    pub fn provider(self) -> Provider {
        match self {
            Self::Auth | Self::Services => Provider::FujitsuAispf,
            Self::Oauth | Self::Api => Provider::Jooto,
            Self::Identity | Self::Rest => Provider::Marketo,
        }
    }

    /// The server at which a path of the provider's fixtures lies.
    pub fn of(provider: Provider, path: &str) -> Self {
        match provider {
            Provider::FujitsuAispf if path.ends_with("/tokens") => Self::Auth,
            Provider::FujitsuAispf => Self::Services,
            Provider::Jooto if path.starts_with("/oauth2/") => Self::Oauth,
            Provider::Jooto => Self::Api,
            Provider::Marketo if path.starts_with("/identity/") => Self::Identity,
            Provider::Marketo => Self::Rest,
        }
    }

    /// Whether tokens are issued there.
    pub fn issues_tokens(self) -> bool {
        matches!(self, Self::Auth | Self::Oauth | Self::Identity)
    }

    /// What a vendor prints at the end of this base URL although its documents' paths begin with
    /// it.
    pub fn printed(self) -> &'static str {
        match self {
            Self::Identity => "/identity",
            Self::Rest => "/rest",
            _ => "",
        }
    }
}
