//! One entry of a recording.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

use super::time::Times;
use crate::fixture::{Answer, Recorded};

/// One entry of a file, secrets and all.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its index in `log.entries`.
    pub index: usize,
    /// The URL.
    pub url: String,
    /// The request; its target is still empty.
    pub request: Recorded,
    /// The answer, if there was one.
    pub answer: Option<Answer>,
    /// When it began and how long it took.
    pub times: Times,
    /// What the tool that recorded left out.
    pub left_out: LeftOut,
    /// What it is part of, as browsers' tools say in `_resourceType`, such as `document` or `fetch`.
    pub resource_type: Option<String>,
    /// What the file says of the tool that wrote it.
    pub tool: Tool,
}

/// What a file says of the tool that wrote it. It may say so behind the entries, so that it is known only when the
/// whole file is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tool {
    sanitizes: Arc<OnceLock<()>>,
}

impl Tool {
    /// Takes note that it is one that leaves out credentials unless it is set to export them.
    pub(super) fn sanitizes(&self) {
        self.sanitizes.get_or_init(|| ());
    }

    /// Whether it is one that leaves out credentials unless it is set to export them.
    pub fn is_sanitizer(&self) -> bool {
        self.sanitizes.get().is_some()
    }
}

/// What a tool did to the headers of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Headers {
    /// They are there.
    #[default]
    Kept,
    /// None are there.
    LeftOut,
    /// That of the credential may have been taken out of this part of the file.
    Stripped,
    /// The tool, or else the client, wrote that of a credential twice.
    Doubled,
}

/// What a tool left out of an entry. A body that is not in the recording is unknown, not empty.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// The request's body.
    pub request_body: bool,
    /// The answer's body.
    pub answer_body: bool,
    /// What it did to the request's headers.
    pub headers: Headers,
    /// The files beside the recording that hold the bodies.
    pub request_file: Option<String>,
    /// The same for the answer.
    pub answer_file: Option<String>,
    /// Where a mask stands in place of a value, such as `header.authorization`, `query.code`, `body.client_secret` and
    /// `answer.access_token`.
    pub masked: BTreeSet<String>,
}

impl LeftOut {
    /// Whether a mask stands in place of a value of the answer.
    pub(super) fn masks_the_answer(&self) -> bool {
        self.masked.iter().any(|place| place.starts_with("answer."))
    }
}

/// An entry of which too little can be read, and where and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The place in the file, such as `log.entries[3].request.url`.
    pub place: String,
    /// The problem.
    pub problem: &'static str,
}

impl Entry {
    /// Whether a browser sent it by itself, before a request to another origin (Fetch standard, CORS preflight).
    pub fn is_preflight(&self) -> bool {
        self.request.method.eq_ignore_ascii_case("options")
            && !self
                .request
                .header("access-control-request-method")
                .is_empty()
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

// The names of masked fields are those of the recording, and may be values.
impl fmt::Debug for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeftOut")
            .field("request_body", &self.request_body)
            .field("answer_body", &self.answer_body)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}
