//! Cases: what a client is given and asked to do, what it must send, what it is answered, and
//! which outcome it must report. Data, one file per case: `cases/<provider>/<name>.toml`.

mod drafts;
mod error_kind;
mod expect;
mod given;
mod lint;
mod live;
mod load;
mod matcher;
mod mutant;
mod names;
mod operation;
mod suite;
mod values;
mod variant;

pub use error_kind::ErrorKind;
pub use expect::{
    Credential, Exchange, ExpectAnswer, ExpectOutcome, Fields, Further, Resulting, SameAs, Step,
};
pub use given::{Account, Auth, Given, GivenTokens, Placement, Reopen, TokenRequest};
pub use lint::{check_cases, check_live, citing};
pub use live::{after_login, named};
pub use matcher::Matcher;
pub use mutant::{FieldPlace, Mutant, Mutation};
pub use operation::{Call, CallbackQuery, Operation};
pub use suite::Suite;
pub use values::{capture_state, case_values};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use crate::provider::Provider;

use crate::citation::Evidence;

/// Who is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A client.
    Client,
    /// An endpoint.
    Server,
    /// Either of them, by the same exchanges.
    Both,
}

impl Role {
    /// Whether a client is judged.
    pub fn judges_clients(self) -> bool {
        self != Self::Server
    }

    /// Whether an endpoint is judged.
    pub fn judges_servers(self) -> bool {
        self != Self::Client
    }
}

/// What a failed check of a case means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The client does not conform.
    Must,
    /// The client does not follow a recommendation.
    Should,
    /// The client breaks on something that has been seen: it hangs, asks without end or shows
    /// a secret. Nothing more may be demanded.
    Survive,
    /// Nothing: the case collects information.
    Probe,
}

impl Level {
    /// The word used in the data files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::Survive => "survive",
            Self::Probe => "probe",
        }
    }
}

/// A feature that a client may lack without being wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Feature {
    /// Takes API keys.
    ApiKey,
    /// Takes a second API key to fall back on.
    SecondKey,
    /// Issues and renews tokens by client credentials.
    ClientCredentials,
    /// Speaks the conventional method of AISPF.
    Legacy,
    /// Renews by refresh token.
    Refresh,
    /// Builds authorization URLs and reads callbacks.
    AuthorizationCode,
    /// Can be given tokens that were obtained before.
    GivenTokens,
    /// Takes its time from outside.
    Clock,
    /// Can ask for a token by GET.
    TokenByGet,
    /// Can ask for a token by POST with a form.
    TokenByForm,
    /// Can ask for a token by POST with a query.
    TokenByPostQuery,
    /// Can place the token in the query.
    QueryPlacement,
    /// Can send a partner id.
    PartnerId,
    /// Reads an organization id from a pasted URL.
    OrganizationUrl,
    /// Sends a body that cannot be sent twice.
    Streaming,
    /// Keeps several accounts in one process.
    Accounts,
    /// Refuses to send a credential to an origin that it is not for.
    OriginScope,
    /// Hands on any answer of a call, whatever its media type.
    RawCalls,
    /// Finds the token endpoint by the URL of the API alone.
    OneUrl,
}

impl Feature {
    /// Every feature.
    pub const ALL: [Self; 19] = [
        Self::ApiKey,
        Self::SecondKey,
        Self::ClientCredentials,
        Self::Legacy,
        Self::Refresh,
        Self::AuthorizationCode,
        Self::GivenTokens,
        Self::Clock,
        Self::TokenByGet,
        Self::TokenByForm,
        Self::TokenByPostQuery,
        Self::QueryPlacement,
        Self::PartnerId,
        Self::OrganizationUrl,
        Self::Streaming,
        Self::Accounts,
        Self::OriginScope,
        Self::RawCalls,
        Self::OneUrl,
    ];
}

/// One case. As it stands in its file, its provider is a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case<P = Provider> {
    /// Its stable id: `<provider>.<area>.<point>`, and `@<variant>` if the file has variants.
    pub id: String,
    /// What it shows, as a sentence.
    pub title: String,
    /// The provider.
    pub provider: P,
    /// The operation it is about, by the id in the spec; none for any other call.
    pub operation: Option<String>,
    /// Who is judged.
    pub role: Role,
    /// What a failed check means.
    pub level: Level,
    /// The kind of evidence that the level rests on.
    pub evidence: Evidence,
    /// The citations it rests on.
    pub cite: Vec<String>,
    /// Citations that say otherwise.
    #[serde(default)]
    pub conflicts_with: Vec<String>,
    /// What a client must be able to do for the case to apply.
    #[serde(default)]
    pub needs: Vec<Feature>,
    /// Whether it may be run against a vendor: it only reads and asks for tokens.
    #[serde(default)]
    pub live: bool,
    /// What the client is given.
    pub given: Given,
    /// Further names for fixtures, by variant: the file then stands for one case a variant, and
    /// `respond = "@name"` for the fixture.
    #[serde(default)]
    pub variants: BTreeMap<String, BTreeMap<String, String>>,
    /// What happens, in order.
    pub step: Vec<Step>,
    /// Wrong exchanges, each with the check that must fail for it.
    #[serde(default)]
    pub mutants: Vec<Mutant>,
    /// The checks that the title is about, where they are others than those of `mutants`.
    #[serde(default)]
    pub about: Vec<String>,
}

impl Case {
    /// The name of its file: `cases/<provider>/<name>.toml`.
    pub fn file_stem(&self) -> &str {
        let base = self.base_id();
        base.split_once('.').map_or(base, |(_, name)| name)
    }

    /// The id without the variant.
    pub fn base_id(&self) -> &str {
        self.id.split('@').next().unwrap_or(&self.id)
    }

    /// The exchanges of all steps, in order.
    pub fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.step.iter().flat_map(|step| step.exchange.iter())
    }
}
