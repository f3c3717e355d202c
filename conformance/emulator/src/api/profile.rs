//! A profile: what a server of an API does, as data. `PROFILE.md` describes the format.

mod check;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use axum::http::Method;
use serde::Deserialize;
use serde_json::Value;

use crate::Error;
use crate::suggest::with_suggestion;

/// The version of the format that is read.
const VERSION: u32 = 1;

/// What a server of an API does: its operations, which credentials they take, and how tokens are issued.
///
/// `tegata-gen … --emulator FILE` writes one of an OpenAPI document.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Profile {
    tegata_profile: u32,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) servers: Vec<String>,
    #[serde(default)]
    pub(crate) schemes: BTreeMap<String, Scheme>,
    #[serde(default)]
    pub(crate) authorization_servers: Vec<AuthorizationServer>,
    #[serde(default)]
    pub(crate) refusal: Refusal,
    #[serde(default)]
    pub(crate) operations: Vec<Operation>,
}

/// Where a credential goes, in the words of OpenAPI.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scheme {
    #[serde(rename = "type")]
    pub(crate) kind: SchemeType,
    #[serde(default)]
    pub(crate) scheme: Option<HttpScheme>,
    #[serde(default, rename = "in")]
    pub(crate) place: Option<Place>,
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) prefix: Option<String>,
    #[serde(default)]
    pub(crate) description: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum SchemeType {
    #[serde(rename = "apiKey")]
    Key,
    #[serde(rename = "http")]
    Http,
    #[serde(rename = "oauth2")]
    Token,
    #[serde(rename = "unsupported")]
    Unsupported,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum HttpScheme {
    Basic,
    Bearer,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Place {
    Header,
    Query,
    Cookie,
}

#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct AuthorizationServer {
    pub(crate) schemes: Vec<String>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) token: String,
    #[serde(default)]
    pub(crate) refresh: Option<String>,
    #[serde(default)]
    pub(crate) authorize: Option<String>,
    #[serde(default)]
    pub(crate) device: Option<String>,
    #[serde(default)]
    pub(crate) client_auth: Vec<ClientAuth>,
    #[serde(default)]
    pub(crate) request: RequestFormat,
    #[serde(default)]
    pub(crate) pkce: Pkce,
    /// A note: any scope is granted.
    #[serde(default, rename = "scopes")]
    _scopes: Vec<String>,
    #[serde(default)]
    pub(crate) scope_separator: Option<String>,
    #[serde(default)]
    pub(crate) parameters: BTreeMap<Step, BTreeMap<String, String>>,
    #[serde(default)]
    pub(crate) answer: Members,
    #[serde(default)]
    pub(crate) lifetime: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Grant {
    ClientCredentials,
    AuthorizationCode,
    DeviceCode,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ClientAuth {
    Basic,
    BasicRaw,
    Post,
    None,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RequestFormat {
    #[default]
    Form,
    Json,
    PostQuery,
    GetQuery,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Pkce {
    #[default]
    Optional,
    Required,
    Refused,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Step {
    Authorization,
    Device,
    Token,
    Refresh,
}

/// What the members of a token answer are called; `None` is left out.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct Members {
    pub(crate) access_token: String,
    pub(crate) token_type: Option<String>,
    pub(crate) expires_in: Option<String>,
    pub(crate) refresh_token: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct Refusal {
    pub(crate) statuses: Vec<u16>,
    pub(crate) body_codes: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Operation {
    pub(crate) id: String,
    #[serde(deserialize_with = "method")]
    pub(crate) method: Method,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) security: Vec<Requirement>,
    #[serde(default)]
    pub(crate) answer: Answer,
}

/// Schemes of which all are needed, with the scopes that their tokens must have.
pub(crate) type Requirement = BTreeMap<String, Vec<String>>;

#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) json: Option<Value>,
    pub(crate) text: Option<String>,
    pub(crate) from: Option<String>,
    pub(crate) source: Option<String>,
}

impl Default for Members {
    fn default() -> Self {
        let name = |name: &str| Some(name.to_owned());
        Self {
            access_token: "access_token".to_owned(),
            token_type: name("token_type"),
            expires_in: name("expires_in"),
            refresh_token: name("refresh_token"),
        }
    }
}

impl Default for Refusal {
    fn default() -> Self {
        Self {
            statuses: vec![401],
            body_codes: Vec::new(),
        }
    }
}

impl Default for Answer {
    fn default() -> Self {
        Self {
            status: 200,
            content_type: None,
            json: None,
            text: None,
            from: None,
            source: None,
        }
    }
}

fn method<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Method, D::Error> {
    let text = String::deserialize(deserializer)?;
    Method::from_bytes(text.as_bytes())
        .map_err(|_| serde::de::Error::custom("this is no HTTP method"))
}

impl Profile {
    /// Reads and checks a file.
    ///
    /// # Errors
    ///
    /// Names the file, the key and the fix when the file cannot be read or is no profile of a known version.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::new(format!(
                "{name}: cannot be read: {error}; name a profile that exists (`tegata-gen … --emulator FILE` writes one)"
            ))
        })?;
        Self::from_json(&name, &text)
    }

    /// Reads and checks the text of a file of that name.
    ///
    /// # Errors
    ///
    /// As [`Profile::read`].
    pub fn from_json(name: &str, text: &str) -> Result<Self, Error> {
        let failed = |key: &str, reason: &str| {
            let key = match key {
                "" | "." => String::new(),
                key => format!("`{key}`: "),
            };
            Error::new(format!(
                "{name}: {key}{reason}; see PROFILE.md of tegata-emulator"
            ))
        };
        let mut json = serde_json::Deserializer::from_str(text);
        let profile: Self = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let key = error.path().to_string();
            failed(&key, &with_suggestion(&error.inner().to_string()))
        })?;
        json.end().map_err(|error| failed("", &error.to_string()))?;
        profile
            .check()
            .map_err(|(key, reason)| failed(&key, &reason))?;
        Ok(profile)
    }

    /// The name, which is also the first segment of every path at the emulator.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("name", &self.name)
            .field("operations", &self.operations.len())
            .finish_non_exhaustive()
    }
}
