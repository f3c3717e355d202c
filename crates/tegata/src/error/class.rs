//! What a failure means for the next try. The table in the crate's documentation says the same.

use crate::provider::spec::Refusal;

/// What a failure means for the next try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// The token endpoint knows this client, and issues it no token.
    ClientDenied,
    /// The refresh token or the code is no longer valid.
    GrantDenied,
    /// The same request may succeed later.
    Transient,
    /// Unknown: it may be transient or permanent.
    Unknown,
}

/// The facts about a failed answer that decide its class.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) is_at_token_endpoint: bool,
    /// The vendor's own codes.
    pub(super) vendor: Option<&'a Refusal>,
    pub(super) status: Option<u16>,
    pub(super) code: Option<&'a str>,
    pub(super) has_retry_after: bool,
}

/// Classifies a failure: a pure function, and the only place that knows statuses and codes.
pub(super) fn classify(facts: Facts<'_>) -> Class {
    let is_there = facts.is_at_token_endpoint;
    let code = facts.code.filter(|_| is_there);
    let by_code = code.and_then(|code| by_code(code, facts.vendor));
    match (facts.status, by_code) {
        // Not implemented, HTTP version not supported, network login required: these are permanent.
        (Some(501 | 505 | 511), _) => Class::Unknown,
        // A code in a 5xx says nothing reliable about the grant.
        (Some(500..=599), _) | (Some(408 | 425 | 429), None) => Class::Transient,
        (_, Some(class)) => class,
        (Some(400..=499), None) if is_there && facts.has_retry_after => Class::Transient,
        _ => Class::Unknown,
    }
}

/// RFC 6749 (4.1.2.1, 5.2) and RFC 8628 (3.5), and the vendor's own codes.
fn by_code(code: &str, vendor: Option<&Refusal>) -> Option<Class> {
    let says = |codes: fn(&Refusal) -> &[&str]| vendor.is_some_and(|v| codes(v).contains(&code));
    match code {
        "invalid_grant" => Some(Class::GrantDenied),
        "invalid_client" | "unauthorized_client" => Some(Class::ClientDenied),
        "server_error" | "slow_down" | "temporarily_unavailable" => Some(Class::Transient),
        _ if says(|vendor| vendor.denied_codes) => Some(Class::ClientDenied),
        _ if says(|vendor| vendor.transient_codes) => Some(Class::Transient),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Class::{ClientDenied, GrantDenied, Transient, Unknown};
    use super::*;

    const VENDOR: Refusal = Refusal {
        statuses: &[401],
        body_codes: &["601"],
        transient_codes: &["606"],
        denied_codes: &["unauthorized"],
    };

    fn facts(status: u16, code: &'static str) -> Facts<'static> {
        Facts {
            is_at_token_endpoint: true,
            vendor: None,
            status: Some(status),
            code: (!code.is_empty()).then_some(code),
            has_retry_after: false,
        }
    }

    #[rstest]
    fn a_code_that_denies_does_so_at_any_4xx_and_in_a_200(
        #[values(200, 201, 400, 401, 403, 404, 405, 409, 410, 422, 429, 451, 499)] status: u16,
        #[values(
            ("invalid_grant", GrantDenied),
            ("invalid_client", ClientDenied),
            ("unauthorized_client", ClientDenied)
        )]
        (code, class): (&'static str, Class),
        #[values(false, true)] has_retry_after: bool,
    ) {
        let facts = Facts {
            has_retry_after,
            ..facts(status, code)
        };
        assert_eq!(classify(facts), class);
    }

    #[rstest]
    fn passing_trouble_is_transient_at_any_status(
        #[values(200, 400, 401, 403, 404, 429, 500, 503)] status: u16,
        #[values("server_error", "temporarily_unavailable", "slow_down")] code: &'static str,
    ) {
        assert_eq!(classify(facts(status, code)), Transient);
    }

    #[rstest]
    fn any_5xx_but_three_is_transient_whatever_its_code(
        #[values("", "invalid_grant", "invalid_client", "unauthorized", "other")]
        code: &'static str,
    ) {
        for status in 500..=599 {
            let expected = match status {
                501 | 505 | 511 => Unknown,
                _ => Transient,
            };
            assert_eq!(classify(facts(status, code)), expected, "{status}");
        }
    }

    #[rstest]
    #[case(400, "", Unknown)]
    #[case(401, "", Unknown)]
    #[case(403, "", Unknown)]
    #[case(404, "", Unknown)]
    #[case(405, "", Unknown)]
    #[case(418, "", Unknown)]
    #[case(302, "", Unknown)]
    #[case(200, "", Unknown)]
    #[case(400, "invalid_request", Unknown)]
    #[case(400, "invalid_scope", Unknown)]
    #[case(400, "expired_token", Unknown)]
    #[case(400, "INVALID_CLIENT", Unknown)]
    #[case(200, "bad_verification_code", Unknown)]
    #[case(401, "unauthorized", Unknown)]
    #[case(408, "", Transient)]
    #[case(425, "", Transient)]
    #[case(429, "", Transient)]
    #[case(429, "too_many_requests", Transient)]
    fn without_a_code_that_says_more_the_status_decides(
        #[case] status: u16,
        #[case] code: &'static str,
        #[case] expected: Class,
    ) {
        assert_eq!(classify(facts(status, code)), expected);
    }

    #[rstest]
    fn a_4xx_with_retry_after_is_transient(
        #[values(400, 401, 403, 404, 409, 423, 429)] status: u16,
        #[values("", "invalid_request", "INVALID_CLIENT")] code: &'static str,
    ) {
        let facts = Facts {
            has_retry_after: true,
            ..facts(status, code)
        };
        assert_eq!(classify(facts), Transient);
    }

    #[rstest]
    #[case(401, "unauthorized", ClientDenied)]
    #[case(400, "unauthorized", ClientDenied)]
    #[case(502, "unauthorized", Transient)]
    #[case(200, "606", Transient)]
    #[case(200, "601", Unknown)]
    fn the_vendors_own_codes_count_too(
        #[case] status: u16,
        #[case] code: &'static str,
        #[case] expected: Class,
    ) {
        let facts = Facts {
            vendor: Some(&VENDOR),
            ..facts(status, code)
        };
        assert_eq!(classify(facts), expected);
    }

    #[rstest]
    #[case(400, "invalid_grant", Unknown)]
    #[case(403, "temporarily_unavailable", Unknown)]
    #[case(401, "unauthorized", Unknown)]
    #[case(413, "", Unknown)]
    #[case(507, "invalid_grant", Transient)]
    #[case(429, "", Transient)]
    fn for_an_api_only_the_status_decides_what_is_transient(
        #[case] status: u16,
        #[case] code: &'static str,
        #[case] expected: Class,
    ) {
        let facts = Facts {
            is_at_token_endpoint: false,
            has_retry_after: true,
            vendor: Some(&VENDOR),
            ..facts(status, code)
        };
        assert_eq!(classify(facts), expected);
    }
}
