//! The three providers by name.

use std::fmt;
use std::str::FromStr;

/// One of the emulated providers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Provider {
    /// Fujitsu AISPF, under `/fujitsu-aispf`.
    FujitsuAispf,
    /// Jooto, under `/jooto`.
    Jooto,
    /// Adobe Marketo Engage, under `/marketo`.
    Marketo,
}

impl Provider {
    /// Every provider, in the order in which they are listed everywhere.
    pub const ALL: [Self; 3] = [Self::FujitsuAispf, Self::Jooto, Self::Marketo];

    /// The name, which is also the first segment of every path of the provider.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FujitsuAispf => "fujitsu-aispf",
            Self::Jooto => "jooto",
            Self::Marketo => "marketo",
        }
    }
}

impl Provider {
    /// The paths that issue tokens or are opened by a browser.
    pub(super) const fn paths_without_credential(self) -> &'static [&'static str] {
        match self {
            Self::FujitsuAispf => &["/v1/tokens", "/v2/tokens"],
            Self::Jooto => &["/oauth2/login", "/oauth2/token"],
            Self::Marketo => &["/identity/oauth/token"],
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
