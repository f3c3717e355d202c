//! What the user's browser brings back.

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use url::Url;

use crate::provider::check_credential;
use crate::{Error, ErrorCode, ErrorKind, Secret};

/// A random text of 43 characters that stand in URLs as they are: 256 bits from the system's generator.
///
/// # Errors
/// [`ErrorKind::Configuration`] if the system has no random numbers.
pub fn random_text() -> Result<Secret, Error> {
    let mut random = [0; 32];
    getrandom::fill(&mut random)
        .map_err(|_| Error::configuration("the system has no random numbers for the state"))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random).into())
}

/// Checks a redirect URI, which is sent as it is (RFC 6749, section 3.1.2).
///
/// # Errors
/// [`ErrorKind::Configuration`] if it is no absolute URL or holds a fragment.
pub fn check_redirect_uri(uri: &str) -> Result<(), Error> {
    check_credential("redirect URI", uri)?;
    let why = match Url::parse(uri) {
        Ok(url) if url.fragment().is_none() => return Ok(()),
        Ok(_) => "the redirect URI must not hold a fragment",
        Err(_) => "the redirect URI must be an absolute URL",
    };
    Err(Error::configuration(why))
}

/// The issuer that an `iss` has to be (RFC 9207).
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Issuer {
    pub(crate) identifier: String,
    /// Whether its server sends `iss` with each answer, so that one without it is not of this server.
    pub(crate) is_always_sent: bool,
}

/// The authorization code in the URL to which a user was sent back: complete, or starting with its path or query.
///
/// Parameters that it does not know are ignored, as RFC 6749 (section 4.1.2) wants.
///
/// # Errors
/// * [`ErrorKind::StateMismatch`] if `state` is missing or not ours, or `iss` is another issuer (RFC 9207): the answer to
///   another request, or of another server, which must not be used.
/// * [`ErrorKind::Authorization`] if the answer is an error, such as `access_denied` ([`code`](Error::code)), or
///   holds no code.
pub fn callback_code(url: &str, state: &Secret, issuer: Option<&str>) -> Result<Secret, Error> {
    let issuer = issuer.map(|identifier| Issuer {
        identifier: identifier.to_owned(),
        is_always_sent: false,
    });
    code_of(url, state, issuer.as_ref())
}

/// The same for an issuer that may have to be there.
pub(crate) fn code_of(url: &str, state: &Secret, issuer: Option<&Issuer>) -> Result<Secret, Error> {
    let url = url.trim();
    let query = url.split('#').next().unwrap_or_default();
    let query = query.split_once('?').map_or(query, |(_, query)| query);
    let parameters: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    let find = |name: &str| single(&parameters, name);

    // The state is checked first, since nothing in a foreign answer may be used.
    let returned = find("state")?.map(|state| Secret::from(state.as_ref()));
    if returned.as_ref() != Some(state) {
        return Err(Error::new(
            ErrorKind::StateMismatch,
            "the state that came back is not the one that was sent: start the authorization again",
        ));
    }
    // Before an error or a code, which may be of another server (RFC 9207, section 2.4).
    if let Some(issuer) = issuer
        && let Some(why) = issuer.why_not(find("iss")?.as_deref())
    {
        return Err(Error::new(ErrorKind::StateMismatch, why));
    }
    if let Some(code) = find("error")? {
        let description = find("error_description")?.map(Cow::into_owned);
        return Err(Error::new(
            ErrorKind::Authorization,
            "the user was sent back with an error",
        )
        .with_code(Some(ErrorCode::from(code.as_ref())))
        .with_description(description));
    }
    match find("code")? {
        Some(code) if !code.is_empty() => Ok(code.as_ref().into()),
        _ => Err(Error::new(
            ErrorKind::Authorization,
            "the user came back without a code",
        )),
    }
}

impl Issuer {
    /// Why an answer with this `iss` is not of this issuer.
    fn why_not(&self, returned: Option<&str>) -> Option<&'static str> {
        match returned {
            Some(returned) => (returned != self.identifier).then_some(
                "the answer is of another issuer (`iss`) than the one that was asked: do not use it, and check `issuer`",
            ),
            None => self.is_always_sent.then_some(
                "the answer does not say of which issuer it is (`iss`), as the server always does: do not use it, and if \
                 the server does not, set `issuer` in place of `required_issuer`",
            ),
        }
    }
}

/// RFC 6749, section 3.1: no parameter may come twice.
fn single<'a>(
    parameters: &[(Cow<'a, str>, Cow<'a, str>)],
    name: &str,
) -> Result<Option<Cow<'a, str>>, Error> {
    let mut values = parameters
        .iter()
        .filter(|(key, _)| key == name)
        .map(|(_, value)| value);
    match (values.next(), values.next()) {
        (value, None) => Ok(value.cloned()),
        (_, Some(_)) => Err(Error::new(
            ErrorKind::Authorization,
            format!("the user came back with {name:?} twice"),
        )),
    }
}
