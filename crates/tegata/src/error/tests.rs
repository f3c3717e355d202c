use super::*;
use rstest::rstest;

#[test]
fn neither_code_nor_description_of_the_server_is_printed() {
    let error = Error::new(ErrorKind::Status, "the server answered with a failure")
        .with_status(400)
        .with_code(Some("CANARY-code".into()))
        .with_description(Some("CANARY-description".into()));
    let shown = format!("{error} {error:?} {error:#?}");
    assert!(!shown.contains("CANARY"), "{shown}");
    assert_eq!(error.code(), Some("CANARY-code"));
    assert_eq!(error.description(), Some("CANARY-description"));
}

#[test]
fn an_answer_is_read_as_its_type_and_not_printed() {
    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Problem {
        field: String,
    }
    let error = Error::new(ErrorKind::Status, "failure")
        .with_status(400)
        .with_answer(Some("{\"field\": \"CANARY\"}".into()));
    let expected = Problem {
        field: "CANARY".to_owned(),
    };
    assert_eq!(error.clone().answer(), Some(expected));
    assert_eq!(error.answer::<Vec<u8>>(), None);
    // A copy of a shared error has it too.
    let copied = error.clone().transient();
    assert!(copied.answer::<Problem>().is_some());
    let shown = format!("{error} {error:?} {error:#?}");
    assert!(!shown.contains("CANARY"), "{shown}");
    assert!(error.at_token_endpoint().answer::<Problem>().is_none());
}

#[rstest]
#[case(429, true)]
#[case(503, true)]
#[case(400, false)]
#[case(404, false)]
#[case(507, true)]
#[case(501, false)]
fn transience_follows_the_status(#[case] status: u16, #[case] transient: bool) {
    let error = Error::new(ErrorKind::Status, "failure").with_status(status);
    assert_eq!(error.is_transient(), transient, "{error}");
}

/// For other kinds than answers, status and code do not decide whether an error is transient.
#[rstest]
#[case(ErrorKind::CredentialRejected)]
#[case(ErrorKind::InvalidResponse)]
#[case(ErrorKind::ExpiredToken)]
fn a_status_that_may_pass_counts_for_failed_calls_only(#[case] kind: ErrorKind) {
    assert!(!Error::new(kind, "failure").with_status(503).is_transient());
}

#[test]
fn a_denial_is_of_the_token_endpoint_if_that_has_answered() {
    let denied = || Error::new(ErrorKind::TokenDenied, "denied");
    assert!(
        denied()
            .with_status(400)
            .at_token_endpoint()
            .is_at_token_endpoint()
    );
    assert!(!denied().at_token_endpoint().is_at_token_endpoint());
}

#[test]
fn only_a_clone_is_the_same_error() {
    let error = Error::new(ErrorKind::Status, "failure");
    assert!(error.is_same(&error.clone()));
    assert!(!error.is_same(&Error::new(ErrorKind::Status, "failure")));
}

fn at_token_endpoint(status: u16, code: &str) -> Error {
    let code = (!code.is_empty()).then(|| code.into());
    let error = Error::new(ErrorKind::Status, "failure").with_code(code);
    error.with_status(status).at_token_endpoint()
}

#[rstest]
#[case(400, "invalid_grant", ErrorKind::TokenDenied, true)]
#[case(422, "invalid_grant", ErrorKind::TokenDenied, true)]
#[case(200, "invalid_client", ErrorKind::TokenDenied, true)]
#[case(403, "unauthorized_client", ErrorKind::TokenDenied, true)]
#[case(400, "invalid_request", ErrorKind::TokenDenied, false)]
#[case(200, "bad_verification_code", ErrorKind::TokenDenied, false)]
#[case(404, "Not Found", ErrorKind::Status, false)]
#[case(403, "", ErrorKind::Status, false)]
#[case(401, "temporarily_unavailable", ErrorKind::Status, false)]
#[case(500, "invalid_grant", ErrorKind::Status, false)]
#[case(429, "", ErrorKind::Status, false)]
fn only_a_code_that_says_so_rejects_a_credential(
    #[case] status: u16,
    #[case] code: &str,
    #[case] kind: ErrorKind,
    #[case] rejected: bool,
) {
    let error = at_token_endpoint(status, code);
    assert_eq!(
        (error.kind(), error.is_credential_rejected()),
        (kind, rejected)
    );
    assert!(error.is_at_token_endpoint());
}

#[rstest]
#[case(at_token_endpoint(400, "invalid_grant"), true)]
#[case(Error::new(ErrorKind::TokenDenied, "there is no refresh token"), true)]
#[case(Error::new(ErrorKind::TokenDenied, "ended").with_code(Some("invalid_grant".into())), true)]
#[case(at_token_endpoint(400, "invalid_grant").of_self_sufficient(true), false)]
#[case(at_token_endpoint(401, "invalid_client"), false)]
#[case(at_token_endpoint(400, "invalid_request"), false)]
#[case(at_token_endpoint(403, ""), false)]
#[case(at_token_endpoint(500, "invalid_grant"), false)]
#[case(Error::new(ErrorKind::CredentialRejected, "refused"), false)]
#[case(Error::configuration("no"), false)]
fn a_person_has_to_log_in_again_only_if_the_grant_is_gone(
    #[case] error: Error,
    #[case] expected: bool,
) {
    assert_eq!(error.needs_authorization(), expected, "{error:?}");
}

#[rstest]
#[case(ErrorKind::Connection)]
#[case(ErrorKind::Timeout)]
#[case(ErrorKind::InvalidResponse)]
fn an_error_without_an_answer_keeps_its_kind(#[case] kind: ErrorKind) {
    let error = Error::new(kind, "failure").at_token_endpoint();
    assert_eq!((error.kind(), error.is_at_token_endpoint()), (kind, true));
}

#[rstest]
#[case(ErrorKind::Configuration)]
#[case(ErrorKind::Store)]
#[case(ErrorKind::TokenDenied)]
fn an_unsent_request_is_no_failure_of_the_token_endpoint(#[case] kind: ErrorKind) {
    let error = Error::new(kind, "failure").at_token_endpoint();
    assert!(!error.is_at_token_endpoint());
    assert_eq!(error.to_string(), "failure");
}

#[test]
fn a_shared_error_can_be_reclassified_and_keeps_its_cause() {
    let first = Error::new(ErrorKind::Status, "failure").with_status(401);
    let kept = first.clone();
    let second = first.at_token_endpoint();
    assert_eq!(kept.kind(), ErrorKind::Status);
    assert!(second.is_at_token_endpoint() && !kept.is_at_token_endpoint());
    assert_eq!(second.status().map(u16::from), Some(401));
    assert!(std::error::Error::source(&second).is_some());
}

#[rstest]
#[case(None, None, "failure")]
#[case(Some(400), None, "failure (status 400)")]
#[case(None, Some("601"), "failure (code 601)")]
#[case(Some(400), Some("601"), "failure (status 400, code 601)")]
fn status_and_code_are_printed_if_there_are_any(
    #[case] status: Option<u16>,
    #[case] code: Option<&str>,
    #[case] text: &str,
) {
    let mut error = Error::new(ErrorKind::Status, "failure").with_code(code.map(Into::into));
    if let Some(status) = status {
        error = error.with_status(status);
    }
    assert_eq!(error.to_string(), text);
}

#[test]
fn debug_names_the_kind_and_the_cause() {
    let error = Error::store("it is gone", "the disk is full").with_code(Some("601".into()));
    let shown = format!("{error:?}");
    for part in ["Store", "it is gone", "the disk is full", "code: 601"] {
        assert!(shown.contains(part), "{shown}");
    }
}

#[test]
fn the_questions_of_an_error_follow_its_kind() {
    let of = |kind| Error::new(kind, "failure");
    assert!(of(ErrorKind::Timeout).is_timeout());
    assert!(!of(ErrorKind::Connection).is_timeout());
    assert!(of(ErrorKind::TokenDenied).is_credential_rejected());
    assert!(!of(ErrorKind::Status).is_credential_rejected());
    assert!(of(ErrorKind::OutOfScope).is_configuration());
    assert!(!of(ErrorKind::Store).is_configuration());
    assert!(!of(ErrorKind::Store).is_transient());
    assert!(of(ErrorKind::Store).transient().is_transient());
    assert!(of(ErrorKind::NotReplayable).is_transient());
    let closed = of(ErrorKind::Closed);
    assert!(!closed.is_transient() && !closed.is_configuration());
    assert!(!closed.is_credential_rejected() && !closed.needs_authorization());
    let later = Some(Duration::from_secs(7));
    let error = of(ErrorKind::Status).with_retry_after(later);
    assert_eq!(error.retry_after(), later);
}
