//! What an API is served with: its profile, credentials and lifetimes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::profile::{HttpScheme, Operation, Profile, SchemeType};
use crate::provider::ApiName;
use crate::rules::Rule;
use crate::{Error, Provider};

/// An API that is served of a [`Profile`], with its credentials and lifetimes.
///
/// What a file leaves out, and what [`ApiConfig::new`] gives, are canaries made of the names of the API and its schemes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ApiConfig {
    /// The file of the profile, if it came from one.
    #[serde(rename = "profile")]
    pub(crate) file: Option<PathBuf>,
    #[serde(skip)]
    pub(crate) profile: Option<Profile>,
    /// The clients of the authorization servers.
    #[serde(default)]
    pub clients: Vec<ApiClient>,
    /// The keys that are good, by the scheme: of the types `apiKey` and `http` with `bearer`, and tokens of `oauth2` that do not
    /// expire, for schemes without an authorization server.
    #[serde(default)]
    pub keys: BTreeMap<String, Vec<String>>,
    /// The users who may call, by the scheme: of the type `http` with `basic`.
    #[serde(default)]
    pub users: BTreeMap<String, Vec<ApiUser>>,
    /// For how long access tokens are good, in place of what the profile says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_seconds: Option<u32>,
    /// For how long refresh tokens are good; for ever, if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token_seconds: Option<u32>,
    /// For how long a code is good, and a device's.
    #[serde(default = "ten_minutes")]
    pub code_seconds: u32,
    /// How long a device waits between two requests; 0 lets it ask at any time.
    #[serde(default = "five")]
    pub device_interval_seconds: u32,
    /// Whether a refresh answers a new refresh token, which ends the old one; its further use ends the login.
    #[serde(default = "yes")]
    pub rotate: bool,
    /// What calls answer, the first that fits; the profile answers the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Rule>,
}

/// A client of an API's authorization servers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ApiClient {
    /// The client id; any characters.
    pub id: String,
    /// The client secret; any characters. None for a public client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The redirect URIs that were registered; compared as text.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
}

/// A user of an operation with HTTP Basic.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ApiUser {
    /// The name; any characters but a colon.
    pub name: String,
    /// The password; any characters.
    pub password: String,
}

impl ApiConfig {
    /// An API with credentials that are made of its names: the client `NAME-client` with the secret
    /// `CANARY-NAME-secret`, a public client `NAME-app`, the key `CANARY-NAME-SCHEME-key` of each scheme that takes
    /// one, and the user `NAME-user` with the password `CANARY-NAME-password`.
    pub fn new(profile: Profile) -> Self {
        let mut api = Self {
            file: None,
            profile: None,
            clients: Vec::new(),
            keys: BTreeMap::new(),
            users: BTreeMap::new(),
            access_token_seconds: None,
            refresh_token_seconds: None,
            code_seconds: ten_minutes(),
            device_interval_seconds: five(),
            rotate: true,
            answers: Vec::new(),
        };
        api.complete(profile);
        api
    }

    /// The same with the profile of a file.
    ///
    /// # Errors
    ///
    /// As [`Profile::read`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        let mut api = Self::new(Profile::read(path)?);
        api.file = Some(absolute(path));
        Ok(api)
    }

    /// The API's name among the providers, for controls and the log.
    pub fn provider(&self) -> Provider {
        let name = self.profile.as_ref().map_or("", Profile::name);
        Provider::Api(ApiName::of(name))
    }

    /// The title of the profile.
    #[cfg(feature = "process")]
    pub(crate) fn title(&self) -> &str {
        self.profile.as_ref().map_or("", |it| &it.title)
    }

    /// Whether its users log in by a browser.
    #[cfg(feature = "process")]
    pub(crate) fn logs_in(&self) -> bool {
        let mut servers = self.profile.iter().flat_map(|it| &it.authorization_servers);
        servers.any(|it| it.authorize.is_some())
    }

    /// The headers, parameters and cookies that carry its credentials, in lower case.
    #[cfg(feature = "process")]
    pub(crate) fn places(&self) -> impl Iterator<Item = String> {
        let schemes = self.profile.iter().flat_map(|it| it.schemes.values());
        schemes.filter_map(|it| it.name.as_deref().map(str::to_ascii_lowercase))
    }

    /// The operations of the profile.
    pub(crate) fn operations(&self) -> &[Operation] {
        self.profile.as_ref().map_or(&[], |it| &it.operations)
    }

    /// The path of the document's own server.
    pub(crate) fn server_path(&self) -> &str {
        let servers = self.profile.as_ref().map(|it| &it.servers);
        servers.and_then(|it| it.first()).map_or("", String::as_str)
    }

    /// Reads the profile that a configuration in this folder names.
    pub(crate) fn load(&mut self, folder: &Path) -> Result<(), Error> {
        let Some(file) = &self.file else {
            return Err(Error::new("apis: write `profile`, the file of the API"));
        };
        let path = absolute(&folder.join(file));
        let profile = Profile::read(&path)?;
        self.file = Some(path);
        self.complete(profile);
        Ok(())
    }

    /// Fills what was left out.
    fn complete(&mut self, profile: Profile) {
        let name = profile.name.clone();
        if self.clients.is_empty() {
            let secret = format!("CANARY-{name}-secret");
            let uris = [
                "https://app.example.com/callback",
                "http://127.0.0.1:8400/callback",
            ];
            let all = [
                ApiClient::new(format!("{name}-client"), secret),
                ApiClient::public(format!("{name}-app")),
            ];
            self.clients = uris
                .iter()
                .fold(all, |all, uri| all.map(|it| it.redirect_uri(*uri)))
                .into();
        }
        for (scheme, it) in &profile.schemes {
            let mut servers = profile.authorization_servers.iter();
            let is_issued = servers.any(|it| it.schemes.contains(scheme));
            match (it.kind, it.scheme) {
                (SchemeType::Http, Some(HttpScheme::Basic)) => {
                    let user =
                        ApiUser::new(format!("{name}-user"), format!("CANARY-{name}-password"));
                    self.users
                        .entry(scheme.clone())
                        .or_insert_with(|| vec![user]);
                }
                (SchemeType::Token, _) if is_issued => {}
                (SchemeType::Unsupported, _) => {}
                _ => {
                    let key = format!("CANARY-{name}-{}-key", plain(scheme));
                    self.keys.entry(scheme.clone()).or_insert_with(|| vec![key]);
                }
            }
        }
        self.profile = Some(profile);
    }
}

impl ApiClient {
    /// A client with a secret.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            secret: Some(secret.into()),
            ..Self::public(id)
        }
    }

    /// A client without a secret.
    pub fn public(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            secret: None,
            redirect_uris: Vec::new(),
        }
    }

    /// Registers a redirect URI.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }
}

impl ApiUser {
    /// A user with a password.
    pub fn new(name: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            password: password.into(),
        }
    }
}

/// A scheme's name as far as it can stand in a key.
fn plain(scheme: &str) -> String {
    let plain = |it: char| if it.is_ascii_alphanumeric() { it } else { '-' };
    scheme
        .chars()
        .map(plain)
        .collect::<String>()
        .to_ascii_lowercase()
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn ten_minutes() -> u32 {
    600
}

fn five() -> u32 {
    5
}

fn yes() -> bool {
    true
}
