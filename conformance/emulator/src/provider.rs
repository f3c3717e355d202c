//! The providers by name: the three that are built in, and the APIs of profiles.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

/// One of the emulated providers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Provider {
    /// Fujitsu AISPF, under `/fujitsu-aispf`.
    FujitsuAispf,
    /// Jooto, under `/jooto`.
    Jooto,
    /// Adobe Marketo Engage, under `/marketo`.
    Marketo,
    /// An API that is served of a [profile](crate::Profile), under its name: [`ApiConfig::provider`](crate::ApiConfig::provider)
    /// gives it.
    Api(ApiName),
}

/// The name of an API that is served of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ApiName(&'static str);

impl ApiName {
    /// Each name is kept once, for as long as the process lives, so that it can be copied.
    pub(crate) fn of(name: &str) -> Self {
        static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
        let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = names.get(name) {
            return Self(known);
        }
        let kept: &'static str = Box::leak(name.to_owned().into_boxed_str());
        names.insert(kept);
        Self(kept)
    }

    /// The name as text.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl Provider {
    /// Every provider that is built in, in the order in which they are listed everywhere.
    pub const ALL: [Self; 3] = [Self::FujitsuAispf, Self::Jooto, Self::Marketo];

    /// The name, which is also the first segment of every path of the provider.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FujitsuAispf => "fujitsu-aispf",
            Self::Jooto => "jooto",
            Self::Marketo => "marketo",
            Self::Api(name) => name.as_str(),
        }
    }
}

impl Provider {
    /// The paths that issue tokens or are opened by a browser; those of an API stand in its profile.
    pub(super) const fn paths_without_credential(self) -> &'static [&'static str] {
        match self {
            Self::FujitsuAispf => &["/v1/tokens", "/v2/tokens"],
            Self::Jooto => &["/oauth2/login", "/oauth2/token"],
            Self::Marketo => &["/identity/oauth/token"],
            Self::Api(_) => &[],
        }
    }
}

impl AsRef<str> for Provider {
    fn as_ref(&self) -> &str {
        self.name()
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that belongs to no provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownProvider(String);

impl fmt::Display for UnknownProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no provider is named {:?}: use fujitsu-aispf, jooto or marketo",
            self.0
        )
    }
}

impl std::error::Error for UnknownProvider {}

impl FromStr for Provider {
    type Err = UnknownProvider;

    fn from_str(name: &str) -> Result<Self, UnknownProvider> {
        Self::ALL
            .into_iter()
            .find(|provider| provider.name() == name)
            .ok_or_else(|| UnknownProvider(name.to_owned()))
    }
}
