//! The credential that is attached to a request.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::Request;
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue};

use crate::provider::spec::{Placement, Scheme};
use crate::request::credential_text::{check_credential, check_edges, control_character, empty};
use crate::sync::{AtomicBool, Ordering};
use crate::{Error, Secret};

/// A key or token, ready to be attached: the header value is made once, checked, and marked sensitive.
///
/// It carries a generation, so that a refusal is about exactly one credential, however late it is reported.
///
/// Cloning it is cheap; clones share the value.
#[derive(Clone)]
pub struct Credential(Arc<Inner>);

struct Inner {
    scheme: Scheme,
    place: Place,
    generation: u64,
    refused: AtomicBool,
}

/// Where it goes, and what goes there.
#[derive(Clone)]
enum Place {
    Header(HeaderName, HeaderValue),
    Query(&'static str, Secret),
    /// The pair of name and value.
    Cookie(HeaderValue),
}

/// How client id and secret are written before they are joined for HTTP Basic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BasicEncoding {
    /// As they are, as RFC 7617 says and most clients do.
    #[default]
    Raw,
    /// Form-encoded first, as RFC 6749 (section 2.3.1) says. It differs only for ids and secrets with
    /// characters other than letters, digits and `*-._`.
    Form,
}

impl Credential {
    /// A key or token for a scheme.
    ///
    /// Spaces and tabs around it are dropped, since HTTP does so anyway.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it is empty, holds a control character, or
    /// begins or ends with another blank or a byte order mark; if it does not fit into a cookie; or if the scheme is
    /// HTTP Basic, which [`basic`](Self::basic) makes, or several schemes.
    pub fn new(scheme: Scheme, secret: &Secret) -> Result<Self, Error> {
        let value = secret.expose().trim_matches([' ', '\t']);
        if value.is_empty() {
            return Err(empty(&what(scheme)));
        }
        let place = Place::new(scheme, scheme.placement, value)?;
        // Last, so that an error names the control character at its end.
        check_edges(&what(scheme), value)?;
        Ok(Self::of(scheme, place, 0))
    }

    /// Client id and secret for an HTTP Basic scheme.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the id or the secret is empty, holds a control
    /// character, or begins or ends with a blank; if the id holds a colon (with [`BasicEncoding::Raw`], where
    /// the first colon ends the id); or if the scheme is not HTTP Basic.
    pub fn basic(
        scheme: Scheme,
        id: &str,
        secret: &Secret,
        encoding: BasicEncoding,
    ) -> Result<Self, Error> {
        check_credential("client id", id)?;
        check_credential("client secret", secret.expose())?;
        let pair = match encoding {
            BasicEncoding::Raw if id.contains(':') => {
                return Err(Error::configuration(
                    "the client id holds a colon, which raw HTTP Basic cannot carry: choose \
                     BasicEncoding::Form",
                ));
            }
            BasicEncoding::Raw => format!("{id}:{}", secret.expose()),
            BasicEncoding::Form => format!("{}:{}", form_encode(id), form_encode(secret.expose())),
        };
        Self::of_pair(scheme, &pair)
    }

    /// User name and password for an HTTP Basic scheme (RFC 7617, section 2). One of them may be empty: many APIs
    /// take a key as user name without a password.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if both are empty, if one holds a control
    /// character, if the user name holds a colon, or if the scheme is not HTTP Basic.
    pub fn user(scheme: Scheme, name: &str, password: &Secret) -> Result<Self, Error> {
        let password = password.expose();
        for (what, text) in [("user name", name), ("password", password)] {
            if text.contains(char::is_control) {
                return Err(control_character(what));
            }
        }
        if name.is_empty() && password.is_empty() {
            return Err(empty("user name"));
        }
        if name.contains(':') {
            return Err(Error::configuration(
                "the user name holds a colon, which HTTP Basic cannot carry",
            ));
        }
        Self::of_pair(scheme, &format!("{name}:{password}"))
    }

    fn of_pair(scheme: Scheme, pair: &str) -> Result<Self, Error> {
        if scheme.placement != Placement::Basic {
            return Err(Error::configuration(format!(
                "{} is not HTTP Basic",
                scheme.name
            )));
        }
        let value = header_value(scheme, &format!("Basic {}", BASE64_STANDARD.encode(pair)))?;
        Ok(Self::of(scheme, Place::Header(AUTHORIZATION, value), 0))
    }

    /// The same credential as the one of this generation.
    #[must_use]
    pub fn with_generation(self, generation: u64) -> Self {
        Self::of(self.0.scheme, self.0.place.clone(), generation)
    }

    fn of(scheme: Scheme, place: Place, generation: u64) -> Self {
        Self(Arc::new(Inner {
            scheme,
            place,
            generation,
            refused: AtomicBool::new(false),
        }))
    }

    /// Which credential of its kind this is: a higher number was issued later.
    pub fn generation(&self) -> u64 {
        self.0.generation
    }

    /// Marks it, and all its clones, as refused.
    pub(crate) fn refuse(&self) {
        self.0.refused.store(true, Ordering::Release);
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.0.refused.load(Ordering::Acquire)
    }

    /// The scheme it belongs to.
    pub fn scheme(&self) -> Scheme {
        self.0.scheme
    }

    /// Attaches it without the transport's check of the origin, for benchmarks.
    #[cfg(feature = "test-util")]
    pub fn attach_unchecked(&self, request: &mut Request) {
        self.attach(request);
    }

    pub(crate) fn attach(&self, request: &mut Request) {
        match &self.0.place {
            Place::Header(name, value) => {
                request.headers_mut().insert(name, value.clone());
            }
            Place::Query(name, value) => {
                let url = request.url_mut();
                let others: Vec<(String, String)> = url
                    .query_pairs()
                    .filter(|(key, _)| key != name)
                    .map(owned)
                    .collect();
                url.query_pairs_mut()
                    .clear()
                    .extend_pairs(others)
                    .append_pair(name, value.expose());
            }
            Place::Cookie(pair) => {
                let headers = request.headers_mut();
                let others = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
                let all: Vec<_> = others.chain([pair.as_bytes()]).collect();
                // RFC 6265, section 5.4: one header with all cookies. Valid parts make a valid whole.
                let all = HeaderValue::from_bytes(&all.join(&b"; "[..]));
                let mut all = all.unwrap_or_else(|_| pair.clone());
                all.set_sensitive(true);
                headers.insert(COOKIE, all);
            }
        }
    }
}

impl Place {
    fn new(scheme: Scheme, placement: Placement, value: &str) -> Result<Self, Error> {
        match placement {
            Placement::Header(name) => Ok(Self::Header(
                header_name(name)?,
                header_value(scheme, value)?,
            )),
            Placement::Bearer => {
                let value = header_value(scheme, &format!("Bearer {value}"))?;
                Ok(Self::Header(AUTHORIZATION, value))
            }
            Placement::Basic => Err(Error::configuration(
                "HTTP Basic takes a client id and a client secret",
            )),
            Placement::Query(_) | Placement::Cookie(_) if value.contains(char::is_control) => {
                Err(control_character(&what(scheme)))
            }
            Placement::Query(name) => Ok(Self::Query(name, value.into())),
            Placement::Cookie(name) => cookie(scheme, name, value).map(Self::Cookie),
            Placement::Prefixed((prefix, place)) => {
                Self::new(scheme, *place, &format!("{prefix}{value}"))
            }
            Placement::All(_) => Err(Error::configuration(
                "several credentials are needed: give each of them",
            )),
        }
    }
}

fn what(scheme: Scheme) -> String {
    format!("credential for {}", scheme.name)
}

/// RFC 6265, section 4.1.1: the name is a token, and the value ASCII without blanks and four separators.
fn cookie(scheme: Scheme, name: &str, value: &str) -> Result<HeaderValue, Error> {
    let fits = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | ',' | ';' | '\\');
    if HeaderName::try_from(name).is_err() {
        return Err(Error::configuration(format!("{name:?} is no cookie name")));
    }
    if !value.chars().all(fits) {
        return Err(Error::configuration(format!(
            "the {} holds a character that a cookie cannot carry: a blank, one of `\",;\\`, or one beyond ASCII",
            what(scheme)
        )));
    }
    header_value(scheme, &format!("{name}={value}"))
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("scheme", &self.scheme().name)
            .field("generation", &self.0.generation)
            .finish_non_exhaustive()
    }
}

fn owned((key, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)) -> (String, String) {
    (key.into_owned(), value.into_owned())
}

fn header_name(name: &'static str) -> Result<HeaderName, Error> {
    // Checked first, since `from_static`, which alone makes a name that is cheap to clone, panics.
    match HeaderName::try_from(name) {
        Ok(valid) if valid.as_str() == name => Ok(HeaderName::from_static(name)),
        _ => Err(Error::configuration(format!(
            "{name:?} is no lower-case header name"
        ))),
    }
}

fn header_value(scheme: Scheme, text: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::try_from(text).map_err(|_| control_character(&what(scheme)))?;
    value.set_sensitive(true);
    Ok(value)
}

pub(crate) fn form_encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const KEY: Scheme = Scheme {
        name: "ApiKey",
        placement: Placement::Header("x-api-key"),
    };
    const BEARER: Scheme = Scheme {
        name: "OAuth2",
        placement: Placement::Bearer,
    };
    const BASIC: Scheme = Scheme {
        name: "Basic",
        placement: Placement::Basic,
    };
    const QUERY: Scheme = Scheme {
        name: "Query",
        placement: Placement::Query("access_token"),
    };

    fn attached(credential: &Credential, url: &str) -> Request {
        let mut request = Request::new(reqwest::Method::GET, url.parse().expect("a URL"));
        credential.attach(&mut request);
        request
    }

    #[test]
    fn a_header_credential_is_sent_as_it_is_and_marked_sensitive() {
        let credential = Credential::new(KEY, &" CANARY-key ".into()).expect("valid");
        let request = attached(&credential, "https://h/");
        let value = &request.headers()["x-api-key"];
        assert_eq!(value, "CANARY-key");
        assert!(value.is_sensitive());
        assert!(!format!("{credential:?} {request:?}").contains("CANARY"));
    }

    #[test]
    fn a_bearer_token_is_sent_without_quotation_marks() {
        let credential = Credential::new(BEARER, &"CANARY:int".into()).expect("valid");
        let request = attached(&credential, "https://h/");
        assert_eq!(request.headers()["authorization"], "Bearer CANARY:int");
    }

    #[cfg(feature = "test-util")]
    #[test]
    fn a_benchmark_attaches_the_same_header_as_a_transport() {
        let credential = Credential::new(KEY, &"CANARY-key".into()).expect("valid");
        let mut request = Request::new(reqwest::Method::GET, "https://h/".parse().expect("a URL"));
        credential.attach_unchecked(&mut request);
        let sent = attached(&credential, "https://h/");
        assert_eq!(request.headers(), sent.headers());
        assert_eq!(sent.headers()["x-api-key"], "CANARY-key");
    }

    #[test]
    fn a_query_credential_replaces_only_its_own_parameter() {
        let credential = Credential::new(QUERY, &"a+b:int".into()).expect("valid");
        let request = attached(&credential, "https://h/x?a=1&access_token=old&b=%20");
        assert_eq!(
            request.url().query(),
            Some("a=1&b=+&access_token=a%2Bb%3Aint")
        );
    }

    #[rstest]
    #[case("")]
    #[case("   ")]
    #[case("CANARY\n")]
    #[case("CAN\rARY")]
    #[case("CAN\0ARY")]
    #[case("CAN\u{7f}ARY")]
    #[case("\u{feff}CANARY")]
    #[case("CANARY\u{a0}")]
    fn a_text_that_fits_no_header_is_refused_without_being_shown(
        #[case] key: &str,
        #[values(KEY, BEARER, QUERY)] scheme: Scheme,
    ) {
        let error = Credential::new(scheme, &key.into()).expect_err("refused");
        assert!(error.is_configuration(), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("CAN"), "{error:?}");
    }

    #[rstest]
    #[case(BasicEncoding::Raw, "i d", "s:+%é", "i d:s:+%é")]
    #[case(BasicEncoding::Form, "i:d", "s:+% é", "i%3Ad:s%3A%2B%25+%C3%A9")]
    fn basic_is_raw_or_form_encoded(
        #[case] encoding: BasicEncoding,
        #[case] id: &str,
        #[case] secret: &str,
        #[case] pair: &str,
    ) {
        let credential = Credential::basic(BASIC, id, &secret.into(), encoding).expect("valid");
        let request = attached(&credential, "https://h/");
        let sent = request.headers()["authorization"].to_str().expect("ASCII");
        let decoded = BASE64_STANDARD
            .decode(&sent["Basic ".len()..])
            .expect("base64");
        assert_eq!(String::from_utf8(decoded).expect("UTF-8"), pair);
    }

    #[rstest]
    #[case("", "CANARY", "the client id is empty")]
    #[case("id", "", "the client secret is empty")]
    #[case("CANARY\n", "CANARY", "the client id holds a control character")]
    #[case("id", "CANARY\n", "the client secret holds a control character")]
    #[case("id", "CANARY ", "the client secret begins or ends")]
    fn basic_refuses_invalid_ids_and_secrets(
        #[case] id: &str,
        #[case] secret: &str,
        #[case] why: &str,
        #[values(BasicEncoding::Raw, BasicEncoding::Form)] encoding: BasicEncoding,
    ) {
        let error = Credential::basic(BASIC, id, &secret.into(), encoding).expect_err(why);
        assert!(error.to_string().contains(why), "{error}");
        assert!(
            !format!("{error} {error:?}").contains("CANARY"),
            "{error:?}"
        );
    }

    #[test]
    fn raw_basic_refuses_a_colon_in_the_id() {
        let error = Credential::basic(BASIC, "a:b", &"s".into(), BasicEncoding::Raw);
        assert!(
            error
                .expect_err("refused")
                .to_string()
                .contains("BasicEncoding::Form")
        );
    }

    #[test]
    fn a_header_name_in_upper_case_is_refused() {
        let scheme = Scheme {
            name: "ApiKey",
            placement: Placement::Header("X-Api-Key"),
        };
        let error = Credential::new(scheme, &"CANARY".into()).expect_err("no lower case");
        assert!(error.is_configuration(), "{error:?}");
    }
}
