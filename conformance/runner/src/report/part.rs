//! The parts of an exchange that a check is about: the columns of the matrix.

use serde::Serialize;

use crate::case::Case;

/// What a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// That a request comes, to the right origin, and no more requests than are foreseen.
    Requests,
    /// The method.
    Method,
    /// The path.
    Path,
    /// The query.
    Query,
    /// The headers.
    Headers,
    /// The body: its media type, its fields, what it carries.
    Body,
    /// The credential: the right one, in its place, and no other.
    Credential,
    /// The outcome of the client.
    Outcome,
    /// No secret where none may be.
    Leak,
    /// What an endpoint answers.
    Answer,
}

impl Part {
    /// Every part, in the order of an exchange.
    pub const ALL: [Self; 10] = [
        Self::Requests,
        Self::Method,
        Self::Path,
        Self::Query,
        Self::Headers,
        Self::Body,
        Self::Credential,
        Self::Outcome,
        Self::Leak,
        Self::Answer,
    ];

    /// The part that a check of a case is about, by the check's id without the case's.
    pub fn of(case: &Case, check: &str) -> Self {
        let (on, rest) = check.split_once('.').unwrap_or(("", check));
        let of_step = case.step.iter().any(|step| step.name == on);
        match rest.split('.').next().unwrap_or_default() {
            "leak" => Self::Leak,
            // What a client's process wrote is searched for secrets; the rest is its outcome.
            "stdout" | "stderr" | "logs" if on == "process" => Self::Leak,
            _ if on == "process" => Self::Outcome,
            "sent" | "origin" | "requests" => Self::Requests,
            "method" => Self::Method,
            "path" => Self::Path,
            "query" => Self::Query,
            "header" => Self::Headers,
            "credential" | "one-credential" => Self::Credential,
            "outcome" | "status" | "code" => Self::Outcome,
            // A step's body is the one that reaches the caller.
            "body" if of_step => Self::Outcome,
            "clean-url" => Self::Leak,
            "answer" => Self::Answer,
            _ => Self::Body,
        }
    }

    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Method => "method",
            Self::Path => "path",
            Self::Query => "query",
            Self::Headers => "headers",
            Self::Body => "body",
            Self::Credential => "credential",
            Self::Outcome => "outcome",
            Self::Leak => "leak",
            Self::Answer => "answer",
        }
    }

    /// The question that the checks of this part answer.
    pub fn asks(self) -> &'static str {
        match self {
            Self::Requests => "Does each request come, to the right origin, and no other?",
            Self::Method => "Is the method right?",
            Self::Path => "Is the path right?",
            Self::Query => "Does the query hold what it must, and nothing that it must not?",
            Self::Headers => "Do the headers hold what they must, and nothing that they must not?",
            Self::Body => "Is the body of the right type, with the right fields?",
            Self::Credential => "Is it the right credential, in its place, and the only one?",
            Self::Outcome => "Does the client make of the answers what it must?",
            Self::Leak => "Does no secret show in a URL, an error, a log, or at another origin?",
            Self::Answer => "Does the endpoint answer as it must?",
        }
    }
}
