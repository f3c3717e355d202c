//! Converts a typed token answer into the input of the token cache.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::error::NO_REFRESH_TOKEN;
use crate::provider::spec::{Placement, Scheme, TokenAnswer};
use crate::provider::{Credential, Issued, Refresh, Seconds};
use crate::{Error, ErrorKind, Secret};

/// The result of a [`TokenSource`](crate::provider::TokenSource) for a token answer, given the scheme by which
/// the access token is sent.
///
/// An access token that is empty, that the scheme cannot send, or whose type is not that of the scheme (RFC
/// 6749, section 7.1) is not used. A new refresh token beside it is kept all the same: the result is then
/// [`Issued::unusable`], with the reason. A scheme other than Bearer names no type, so none is looked at.
///
/// # Errors
/// [`ErrorKind::InvalidResponse`] with the reason if the access token is not used and no new refresh token
/// came.
pub fn issued(
    scheme: Scheme,
    access_token: Secret,
    token_type: Option<&str>,
    lifetime: impl Into<Option<Duration>>,
    refresh: Refresh,
) -> Result<Issued, Error> {
    let Some(reason) = flaw(scheme, &access_token, token_type) else {
        return Ok(Issued::new(access_token, lifetime.into(), refresh));
    };
    match refresh {
        Refresh::Replace { .. } => Ok(Issued::unusable(reason, refresh)),
        // The answer holds no new refresh token that could be lost, and the present token may still be good.
        Refresh::Keep | Refresh::Forget => {
            let error = Error::new(ErrorKind::InvalidResponse, reason).at_token_endpoint();
            Err(error.with_media(Some(NO_REFRESH_TOKEN)))
        }
    }
}

/// The same for an answer that was put right, by the names of its members. A token without a lifetime has that of
/// `lifetimes`: of the access token, and of a new refresh token. Without a new refresh token, `or` is done with the former
/// one.
///
/// # Errors
/// As [`issued`].
pub fn issued_from(
    object: &Map<String, Value>,
    members: &TokenAnswer<'_>,
    scheme: Scheme,
    lifetimes: [Option<Duration>; 2],
    or: Refresh,
) -> Result<Issued, Error> {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let seconds = |name: &str| object.get(name).and_then(Value::as_i64);
    let [lifetime, refresh_lifetime] = lifetimes;
    let stated = members.expires_in.and_then(seconds);
    let stated = stated.map(|seconds| Seconds::new(seconds).lifetime());
    let refresh = members.refresh_token.and_then(text);
    let refresh = refresh.map_or(or, |token| Refresh::Replace {
        token: token.into(),
        lifetime: refresh_lifetime,
    });
    issued(
        scheme,
        text(members.access_token).unwrap_or_default().into(),
        members.token_type.and_then(text),
        stated.or(lifetime),
        refresh,
    )
}

fn flaw(scheme: Scheme, access_token: &Secret, token_type: Option<&str>) -> Option<&'static str> {
    let is_bearer = token_type.is_none_or(|kind| kind.trim().eq_ignore_ascii_case("bearer"));
    if scheme.placement == Placement::Bearer && !is_bearer {
        return Some(
            "the token endpoint issued a token that is not of type bearer (`token_type`): it is not used",
        );
    }
    if access_token.expose().trim().is_empty() {
        return Some("the answer of the token endpoint lacks an access token");
    }
    Credential::new(scheme, access_token)
        .is_err()
        .then_some("the token endpoint issued a token with a control character: it cannot be sent")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const BEARER: Scheme = Scheme {
        name: "OAuth2",
        placement: Placement::Bearer,
    };
    const HEADER: Scheme = Scheme {
        name: "AccessToken",
        placement: Placement::Header("x-access-token"),
    };
    const HOUR: Duration = Duration::from_secs(3600);

    fn replaced() -> Refresh {
        Refresh::Replace {
            token: "CANARY-refresh".into(),
            lifetime: None,
        }
    }

    #[rstest]
    #[case(BEARER, Some("Bearer"))]
    #[case(BEARER, Some("bearer"))]
    #[case(BEARER, Some(" BEARER "))]
    #[case(BEARER, None)]
    #[case(HEADER, Some("JWT"))]
    #[case(HEADER, None)]
    fn a_token_of_the_scheme_is_used(#[case] scheme: Scheme, #[case] token_type: Option<&str>) {
        let token = issued(scheme, "CANARY-access".into(), token_type, HOUR, replaced());
        let expected = Issued::new("CANARY-access", Some(HOUR), replaced());
        assert_eq!(token.expect("usable"), expected);
    }

    #[rstest]
    #[case(BEARER, "CANARY", Some("JWT"), "not of type bearer")]
    #[case(BEARER, "CANARY", Some("mac"), "not of type bearer")]
    #[case(BEARER, "CANARY", Some("N_A"), "not of type bearer")]
    #[case(BEARER, "CANARY", Some(""), "not of type bearer")]
    #[case(BEARER, "", Some("Bearer"), "lacks an access token")]
    #[case(HEADER, " \t", None, "lacks an access token")]
    #[case(BEARER, "CANARY\nCANARY", Some("Bearer"), "control character")]
    #[case(HEADER, "CANARY\u{0}", None, "control character")]
    fn a_token_that_is_not_to_be_used_leaves_the_refresh_token(
        #[case] scheme: Scheme,
        #[case] access_token: &str,
        #[case] token_type: Option<&str>,
        #[case] why: &str,
        #[values(replaced(), Refresh::Keep, Refresh::Forget)] refresh: Refresh,
    ) {
        let outcome = issued(
            scheme,
            access_token.into(),
            token_type,
            HOUR,
            refresh.clone(),
        );
        let shown = format!("{outcome:?}");
        assert!(!shown.contains("CANARY"), "{shown}");
        if refresh == replaced() {
            let issued = outcome.expect("a refresh token came");
            assert_eq!(issued.refresh, refresh);
            assert!(issued.access_token.is_empty());
            assert!(
                issued.unusable.is_some_and(|reason| reason.contains(why)),
                "{shown}"
            );
        } else {
            let error = outcome.expect_err("nothing of use came");
            assert_eq!(error.kind(), ErrorKind::InvalidResponse);
            assert!(error.to_string().contains(why), "{error}");
            assert!(!error.may_have_held_a_refresh_token(), "{error:?}");
        }
    }
}
