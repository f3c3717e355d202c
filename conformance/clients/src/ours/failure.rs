//! Our errors as the suite's error kinds.

use tegata::{Error, ErrorKind as Ours};

use tegata_conformance::script::{ErrorKind, Failure};

pub(super) fn of(error: &Error) -> Failure {
    Failure {
        kind: kind(error),
        status: error.status().map(u16::from),
        code: error.code().map(str::to_owned),
        said: said(error),
    }
}

fn kind(error: &Error) -> ErrorKind {
    match error.kind() {
        Ours::NotReplayable => ErrorKind::NotReplayable,
        _ if error.is_transient() => ErrorKind::Transient,
        Ours::TokenDenied if error.needs_authorization() => ErrorKind::InvalidGrant,
        Ours::TokenDenied | Ours::CredentialRejected => ErrorKind::Rejected,
        Ours::InvalidResponse | Ours::ExpiredToken => ErrorKind::Decode,
        Ours::Status => ErrorKind::Answer,
        Ours::OutOfScope => ErrorKind::Scope,
        Ours::Configuration => ErrorKind::Config,
        Ours::StateMismatch => ErrorKind::StateMismatch,
        Ours::Authorization => match error.code() {
            Some("access_denied") => ErrorKind::AccessDenied,
            Some(_) => ErrorKind::Authorization,
            None => ErrorKind::BadCallback,
        },
        _ => ErrorKind::Other,
    }
}

/// Everything that the error would show, with all its causes.
fn said(error: &Error) -> Vec<String> {
    let mut said = Vec::new();
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        said.extend([
            format!("{error}"),
            format!("{error:?}"),
            format!("{error:#?}"),
        ]);
        next = error.source();
    }
    said
}

#[allow(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
pub(super) fn to_failure(error: Error) -> Failure {
    of(&error)
}
