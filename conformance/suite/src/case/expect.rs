//! What is expected of a step: its exchanges and its outcome.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ErrorKind;
use super::{Matcher, Operation, Reopen};

/// One step: the client gets a task, exchanges follow, and it reports an outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its name, unique in the case; the first part of its checks' ids.
    pub name: String,
    /// The task of the client.
    #[serde(rename = "do")]
    pub operation: Operation,
    /// How much time passes before the step, in seconds.
    #[serde(default)]
    pub advance: u64,
    /// The account that acts, where the case has several.
    pub account: Option<String>,
    /// Start the client anew before the step.
    pub reopen: Option<Reopen>,
    /// Expectations on the URL that the client makes, as if a browser had requested it.
    pub url: Option<Box<Exchange>>,
    /// The requests that the client must make, in order, and what each is answered.
    #[serde(default)]
    pub exchange: Vec<Exchange>,
    /// Fixtures that answer further requests to the same method and path, where the case leaves
    /// it to the client whether it makes any.
    #[serde(default)]
    pub otherwise: Vec<Further>,
    /// The most requests that the client may make; exactly those of `exchange` if not given.
    pub at_most: Option<usize>,
    /// The outcome.
    pub outcome: ExpectOutcome,
}

/// What further requests to one method and path are answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Further {
    /// The fixture.
    pub respond: String,
    /// Which values the fixture's variables stand for.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
}

/// One request, what it must be, and what it is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// Its name, unique in the case; the first part of its checks' ids.
    pub name: String,
    /// The fixture: its answer is given, its request is the reference.
    pub respond: String,
    /// Which values the fixture's variables stand for.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
    /// The method.
    pub method: Option<String>,
    /// The path.
    pub path: Option<String>,
    /// The query.
    #[serde(default)]
    pub query: Fields,
    /// The headers.
    #[serde(default)]
    pub headers: Fields,
    /// The body as a form.
    #[serde(default)]
    pub form: Fields,
    /// The top-level members of the body as JSON.
    #[serde(default)]
    pub json: Fields,
    /// The credential: exactly this one, and no other in any known place.
    pub credential: Option<Credential>,
    /// Named values that the body must carry, in whatever member or field.
    #[serde(default)]
    pub carries: Vec<String>,
    /// Named values that the body must not carry.
    #[serde(default)]
    pub carries_not: Vec<String>,
    /// The body must be that of an earlier exchange.
    pub body: Option<SameAs>,
    /// The request target must hold no secret.
    #[serde(default)]
    pub clean_url: bool,
    /// What an endpoint must answer, where the case judges endpoints.
    pub answer: Option<ExpectAnswer>,
}

/// Named fields of a query, a header block or a body. Each field named in `exact` or `require`
/// must be there exactly once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fields {
    /// These fields and no others.
    pub exact: Option<BTreeMap<String, Matcher>>,
    /// These fields, whatever else is there.
    #[serde(default)]
    pub require: BTreeMap<String, Matcher>,
    /// These fields must not be there.
    #[serde(default)]
    pub forbid: Vec<String>,
}

impl Fields {
    /// Whether anything is expected.
    pub fn is_empty(&self) -> bool {
        self.exact.is_none() && self.require.is_empty() && self.forbid.is_empty()
    }

    /// The fields that must be there.
    pub fn wanted(&self) -> impl Iterator<Item = (&String, &Matcher)> {
        self.exact.iter().flatten().chain(&self.require)
    }
}

/// A credential and its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credential {
    /// No credential in any known place.
    Absent,
    /// `Authorization: Bearer` and the named value.
    Bearer(String),
    /// `Authorization: Basic` and the named id and secret, raw or form-encoded.
    Basic(String, String),
    /// The same, form-encoded first as RFC 6749 section 2.3.1 has it.
    BasicForm(String, String),
    /// A header of its own and the named value.
    Header(String, String),
    /// A query parameter and the named value.
    Query(String, String),
}

/// The name of an exchange whose body is sent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SameAs {
    /// The exchange's name.
    pub same_as: String,
}

/// The outcome that a client must report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectOutcome {
    /// Success or failure.
    pub result: Resulting,
    /// The kinds of error that are right; any if none is given.
    #[serde(default)]
    pub kind: Vec<ErrorKind>,
    /// The status that the caller gets to see.
    pub status: Option<u16>,
    /// The vendor's or RFC's error code that the caller gets to see.
    pub code: Option<String>,
    /// The last answer's body reaches the caller complete.
    #[serde(default)]
    pub body: bool,
}

/// Success or failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Resulting {
    /// It succeeds.
    Ok,
    /// It fails.
    Error,
    /// The server's answer reaches the caller, as a success or as an error with its status.
    Answered,
    /// Either, as long as the step ends.
    Any,
}

/// What an endpoint must answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectAnswer {
    /// The statuses that are right.
    pub status: Vec<u16>,
    /// Headers.
    #[serde(default)]
    pub headers: Fields,
    /// Members of the JSON body; `errors.0.code` names one inside.
    #[serde(default)]
    pub json: Fields,
    /// The query of the `location` header.
    #[serde(default)]
    pub location: Fields,
    /// Values to take from the answer, for later requests: name, then the JSON member, or
    /// `location.<parameter>`.
    #[serde(default)]
    pub capture: BTreeMap<String, String>,
}
