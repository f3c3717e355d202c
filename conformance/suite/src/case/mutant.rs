//! Wrong exchanges: what is changed in the reference exchange, and the check that must notice.

use serde::{Deserialize, Serialize};

use super::ErrorKind;

/// One wrong exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutant {
    /// The exchange or step that is changed.
    pub on: String,
    /// The change.
    #[serde(rename = "do")]
    pub mutation: Mutation,
    /// The check that must fail, without the case's id.
    pub killed_by: String,
}

/// Where a field stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldPlace {
    /// In the query.
    Query,
    /// In the form.
    Form,
    /// In the JSON body.
    Json,
    /// In the header block.
    Header,
    /// In the JSON body of the answer.
    Answer,
    /// In the header block of the answer.
    AnswerHeader,
    /// In the query of the answer's `location`.
    Location,
}

/// One change. Values may hold `${…}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mutation {
    /// A field is left out: place, name.
    Drop(FieldPlace, String),
    /// A field has another name: place, name, new name.
    Rename(FieldPlace, String, String),
    /// A field comes twice: place, name.
    Duplicate(FieldPlace, String),
    /// A field has another value: place, name, value.
    Set(FieldPlace, String, String),
    /// A field too many: place, name, value.
    Add(FieldPlace, String, String),
    /// Another method.
    Method(String),
    /// A prefix before the path.
    PathPrefix(String),
    /// The fields of the body are in the query instead.
    BodyToQuery,
    /// The fields of the query are in the form instead.
    QueryToBody,
    /// The form is sent as JSON.
    FormToJson,
    /// The JSON body is sent as a form.
    JsonToForm,
    /// Quotation marks round the token behind `Bearer`.
    QuoteBearer,
    /// The credential moves to another header, as it is: from, to.
    SwapHeader(String, String),
    /// The body is replaced by this text.
    Body(String),
    /// The request, and all after it in its step, are never sent.
    StopBefore,
    /// The request is sent once more at the end of its step.
    Repeat,
    /// The request goes to the other origin.
    OtherOrigin,
    /// The step does not end.
    Hang,
    /// The step comes to success.
    Succeed,
    /// The step ends in an error of this kind.
    Fail(ErrorKind),
    /// The caller gets to see another status.
    Status(u16),
    /// The caller gets to see another error code.
    Code(String),
    /// The caller gets a body that is not the server's.
    CutBody,
    /// What the client says holds the named secret.
    Say(String),
    /// An endpoint answers with another status.
    AnswerStatus(u16),
}
