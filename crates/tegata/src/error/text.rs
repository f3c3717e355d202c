//! The text of an error.

use std::borrow::Cow;

use super::{Error, ErrorKind, Inner, TokenEndpoint};

impl Error {
    /// The message, which names the token endpoint if it is one of its errors.
    pub(super) fn text(&self) -> Cow<'_, str> {
        let Inner { message, media, .. } = &*self.0;
        let Some(TokenEndpoint { setting, .. }) = self.0.at else {
            return message.as_ref().into();
        };
        let place = setting.map_or_else(String::new, |setting| format!(" (`{setting}`)"));
        if !self.is_answer() {
            return match setting {
                _ if !message.contains("token endpoint") => {
                    format!("at the token endpoint{place}: {message}").into()
                }
                // An answer of another media type suggests that the URL is wrong.
                Some(setting) if media.is_some() => format!("{message}: check `{setting}`").into(),
                _ => message.as_ref().into(),
            };
        }
        if self.kind() == ErrorKind::TokenDenied {
            return "the token endpoint refused to issue a token".into();
        }
        if self.is_transient() {
            return format!("the token endpoint{place} could not issue a token for now").into();
        }
        let setting = setting.map_or("its URL".into(), |setting| format!("`{setting}`"));
        match (self.0.status, media) {
            (Some(300..=399), _) => format!(
                "the token endpoint answered with a redirect, which is never followed with a credential: \
                 check {setting}"
            ),
            (Some(404 | 405 | 410), _) => {
                format!("there is no token endpoint at this URL: check {setting}")
            }
            (_, Some(media)) => format!(
                "the token endpoint answered with {media} in place of a token: check {setting} and the \
                 client credentials"
            ),
            (_, None) => format!(
                "the token endpoint issued no token, and no code says why: check {setting} and the client \
                 credentials"
            ),
        }
        .into()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::NO_BODY;
    use super::*;
    use crate::provider::spec::Refusal;

    const VENDOR: Refusal = Refusal {
        statuses: &[401],
        body_codes: &[],
        transient_codes: &[],
        denied_codes: &[],
    };

    fn answer(status: u16, code: Option<&str>, media: Option<&'static str>) -> Error {
        let error = Error::new(ErrorKind::Status, "the call failed").with_status(status);
        error.with_code(code.map(Into::into)).with_media(media)
    }

    #[rstest]
    #[case(
        answer(404, None, Some("text/html")),
        "there is no token endpoint at this URL: check `oauth_url` (status 404)"
    )]
    #[case(
        answer(308, None, None),
        "the token endpoint answered with a redirect, which is never followed with a credential: check \
         `oauth_url` (status 308)"
    )]
    #[case(
        answer(403, None, Some("text/html")),
        "the token endpoint answered with text/html in place of a token: check `oauth_url` and the client \
         credentials (status 403)"
    )]
    #[case(
        answer(400, None, Some(NO_BODY)),
        "the token endpoint answered with an empty body in place of a token: check `oauth_url` and the client \
         credentials (status 400)"
    )]
    #[case(
        answer(418, None, None),
        "the token endpoint issued no token, and no code says why: check `oauth_url` and the client credentials \
         (status 418)"
    )]
    #[case(
        answer(429, None, None),
        "the token endpoint (`oauth_url`) could not issue a token for now (status 429)"
    )]
    #[case(
        answer(400, Some("server_error"), None),
        "the token endpoint (`oauth_url`) could not issue a token for now (status 400, code server_error)"
    )]
    #[case(
        answer(400, Some("invalid_grant"), None),
        "the token endpoint refused to issue a token (status 400, code invalid_grant)"
    )]
    #[case(
        Error::new(ErrorKind::Timeout, "there was no answer in time"),
        "at the token endpoint (`oauth_url`): there was no answer in time"
    )]
    #[case(
        Error::new(ErrorKind::Connection, "the server could not be reached"),
        "at the token endpoint (`oauth_url`): the server could not be reached"
    )]
    #[case(
        Error::new(ErrorKind::InvalidResponse, "the answer of the token endpoint is empty")
            .with_media(Some(NO_BODY)),
        "the answer of the token endpoint is empty: check `oauth_url`"
    )]
    #[case(
        Error::new(
            ErrorKind::InvalidResponse,
            "the answer of the token endpoint lacks `access_token`"
        ),
        "the answer of the token endpoint lacks `access_token`"
    )]
    fn an_error_of_the_token_endpoint_says_so_and_what_to_check(
        #[case] error: Error,
        #[case] expected: &str,
    ) {
        let error = error.at_token_endpoint_of(&VENDOR, Some("oauth_url"));
        assert_eq!(error.to_string(), expected);
        assert!(format!("{error:?}").contains(&expected[..20]), "{error:?}");
    }

    #[rstest]
    #[case(
        answer(405, None, None),
        "no token endpoint at this URL: check its URL"
    )]
    #[case(answer(503, None, None), "the token endpoint could not issue")]
    #[case(
        Error::new(ErrorKind::Timeout, "there was no answer in time"),
        "at the token endpoint: there was"
    )]
    fn without_the_name_of_a_setting_its_url_is_to_be_checked(
        #[case] error: Error,
        #[case] expected: &str,
    ) {
        let said = error.at_token_endpoint().to_string();
        assert!(said.contains(expected), "{said}");
    }
}
