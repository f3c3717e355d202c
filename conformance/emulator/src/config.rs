//! The emulator's configuration: keys, clients, lifetimes.
//!
//! Types that hold keys or secrets derive no `Debug`: the values may be real ones.

pub(crate) mod check;
mod file;

use serde::{Deserialize, Serialize};

use crate::Provider;
use crate::api::ApiConfig;
use crate::rules::Rule;

/// The whole configuration; a key that a file leaves out keeps its default.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Config {
    /// The emulator itself.
    pub emulator: EmulatorConfig,
    /// Fujitsu AISPF.
    pub fujitsu_aispf: FujitsuAispfConfig,
    /// Jooto.
    pub jooto: JootoConfig,
    /// Adobe Marketo Engage.
    pub marketo: MarketoConfig,
    /// Further APIs, each of its profile.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub apis: Vec<ApiConfig>,
}

/// The emulator itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct EmulatorConfig {
    /// Whether time passes by itself.
    pub clock: ClockMode,
    /// How many requests the log keeps; older ones are dropped.
    pub log_limit: usize,
    /// Host names and addresses other than loopback's under which the page and the controls may be
    /// asked for, and which the certificate is for; a name may begin with `*.`.
    pub names: Vec<String>,
}

/// Whether time passes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClockMode {
    /// Time passes.
    Running,
    /// Time stands still until a test advances it, so that every lifetime in an answer is exact.
    Frozen,
}

/// Fujitsu AISPF.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct FujitsuAispfConfig {
    /// The API keys that are good: a primary and a secondary one, say.
    pub api_keys: Vec<String>,
    /// Documented: one hour from issue.
    pub access_token_seconds: u32,
    /// Documented: one day from issue.
    pub refresh_token_seconds: u32,
    /// Own choice: whether the conventional PATCH answers a new refresh token, which ends the old
    /// one. Without it the answer holds none and the day of the first one runs on.
    pub rotate: bool,
    /// Own choice: whether `POST /v2/tokens` insists on `grant_type`. Without it an empty body
    /// passes too, for that is what the page sends that the document has its readers click through.
    pub require_grant_type: bool,
    /// Assumed: the field names of the conventional calls that no document prints.
    pub v1_fields: V1Fields,
    /// The clients that may ask for tokens.
    pub clients: Vec<FujitsuAispfClient>,
    /// What calls answer, the first that fits; the default answers the others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Rule>,
}

/// The field names of the conventional token calls that no document prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct V1Fields {
    /// In the body of POST.
    pub client_id: String,
    /// In the body of POST.
    pub client_secret: String,
    /// In the body of PATCH and in the answers.
    pub refresh_token: String,
    /// In the answers.
    pub expires_in: String,
}

/// A client of Fujitsu AISPF.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FujitsuAispfClient {
    /// The client id; any characters.
    pub id: String,
    /// The client secret; any characters.
    pub secret: String,
}

/// Jooto.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct JootoConfig {
    /// The API keys that are good.
    pub api_keys: Vec<String>,
    /// Documented: 3600 seconds from issue.
    pub access_token_seconds: u32,
    /// RFC 6749 section 4.1.2 recommends at most ten minutes.
    pub code_seconds: u32,
    /// Own choice: whether a refresh answers a new refresh token, which ends the old one. Without
    /// it the same one comes back.
    pub rotate: bool,
    /// The applications that are registered.
    pub clients: Vec<JootoClient>,
    /// What calls answer, the first that fits; the default answers the others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Rule>,
}

/// An application registered with Jooto.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct JootoClient {
    /// The client id; any characters.
    pub id: String,
    /// The client secret; any characters.
    pub secret: String,
    /// The redirect URIs that were registered; compared as text.
    pub redirect_uris: Vec<String>,
    /// The organizations whose access the emulated user grants.
    pub organization_ids: Vec<u64>,
}

/// Adobe Marketo Engage.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MarketoConfig {
    /// Documented: 3600 seconds from the creation of the token.
    pub access_token_seconds: u32,
    /// The custom services.
    pub clients: Vec<MarketoClient>,
    /// What calls answer, the first that fits; the default answers the others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Rule>,
}

/// A custom service of Marketo.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct MarketoClient {
    /// The client id; any characters.
    pub id: String,
    /// The client secret; any characters.
    pub secret: String,
    /// The owning user, answered as `scope`.
    #[serde(default = "documented_user")]
    pub user: String,
}

impl FujitsuAispfClient {
    /// A client that may ask for tokens.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            secret: secret.into(),
        }
    }
}

impl JootoClient {
    /// An application that is registered with this redirect URI, and whose user grants access to
    /// organization 1. Further ones are added to the fields.
    pub fn new(
        id: impl Into<String>,
        secret: impl Into<String>,
        redirect_uri: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            secret: secret.into(),
            redirect_uris: vec![redirect_uri.into()],
            organization_ids: vec![1],
        }
    }
}

impl MarketoClient {
    /// A custom service of the user that the document names.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            secret: secret.into(),
            user: documented_user(),
        }
    }
}

impl Config {
    /// What calls of that provider answer.
    pub(crate) fn answers(&self, provider: Provider) -> &[Rule] {
        match provider {
            Provider::FujitsuAispf => &self.fujitsu_aispf.answers,
            Provider::Jooto => &self.jooto.answers,
            Provider::Marketo => &self.marketo.answers,
            Provider::Api(_) => {
                let mut apis = self.apis.iter();
                let api = apis.find(|it| it.provider() == provider);
                api.map_or(&[], |it| &it.answers)
            }
        }
    }

    /// Every provider that is served: those that are built in, and those of profiles.
    pub(crate) fn providers(&self) -> impl Iterator<Item = Provider> {
        let apis = self.apis.iter().map(ApiConfig::provider);
        Provider::ALL.into_iter().chain(apis)
    }

    fn answers_mut(&mut self) -> impl Iterator<Item = &mut Rule> {
        let aispf = self.fujitsu_aispf.answers.iter_mut();
        let jooto = self.jooto.answers.iter_mut();
        let apis = self.apis.iter_mut().flat_map(|it| &mut it.answers);
        aispf
            .chain(jooto)
            .chain(&mut self.marketo.answers)
            .chain(apis)
    }

    /// Gives every access token of every provider the same lifetime.
    pub fn set_access_token_seconds(&mut self, seconds: u32) {
        self.fujitsu_aispf.access_token_seconds = seconds;
        self.jooto.access_token_seconds = seconds;
        self.marketo.access_token_seconds = seconds;
        for api in &mut self.apis {
            api.access_token_seconds = Some(seconds);
        }
    }
}

impl Default for EmulatorConfig {
    fn default() -> Self {
        Self {
            clock: ClockMode::Running,
            log_limit: 20_000,
            names: Vec::new(),
        }
    }
}

impl Default for FujitsuAispfConfig {
    fn default() -> Self {
        Self {
            api_keys: texts(&["CANARY-aispf-primary-key", "CANARY-aispf-secondary-key"]),
            access_token_seconds: 3600,
            refresh_token_seconds: 86_400,
            rotate: false,
            require_grant_type: false,
            v1_fields: V1Fields::default(),
            clients: vec![FujitsuAispfClient::new(
                "aispf-client",
                "CANARY-aispf-secret",
            )],
            answers: Vec::new(),
        }
    }
}

impl Default for V1Fields {
    fn default() -> Self {
        Self {
            client_id: "clientId".to_owned(),
            client_secret: "clientSecret".to_owned(),
            refresh_token: "refreshToken".to_owned(),
            expires_in: "expiresIn".to_owned(),
        }
    }
}

impl Default for JootoConfig {
    fn default() -> Self {
        Self {
            api_keys: texts(&["hogehoge"]),
            access_token_seconds: 3600,
            code_seconds: 600,
            rotate: true,
            clients: vec![JootoClient {
                id: "jooto-client".to_owned(),
                secret: "CANARY-jooto-secret".to_owned(),
                redirect_uris: texts(&[
                    "https://app.example.com/callback",
                    "http://127.0.0.1:8400/callback",
                ]),
                organization_ids: vec![1],
            }],
            answers: Vec::new(),
        }
    }
}

impl Default for MarketoConfig {
    fn default() -> Self {
        Self {
            access_token_seconds: 3600,
            clients: vec![
                MarketoClient::new("marketo-client", "CANARY-marketo-secret"),
                MarketoClient::new("marketo-client-2", "CANARY-marketo-secret-2"),
            ],
            answers: Vec::new(),
        }
    }
}

fn documented_user() -> String {
    "apis@acmeinc.com".to_owned()
}

fn texts(values: &[&str]) -> Vec<String> {
    values.iter().map(|&value| value.to_owned()).collect()
}
