//! Why a request got no answer: the reason, where it went, and what to check.

use std::error::Error as StdError;
use std::io;
use std::iter::successors;

use reqwest::Response;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::request::media::media_type;
use crate::{Error, ErrorKind};

/// Proxies with a lower limit are rare.
const COMMON_HEADERS: usize = 4096;

/// A reason, and whether it is permanent.
#[derive(Clone, Copy)]
struct Reason {
    text: &'static str,
    is_lasting: bool,
}

impl Error {
    pub(crate) fn from_reqwest(error: reqwest::Error) -> Self {
        Self::from_sending(error, 0)
    }

    /// The error of a request with so many bytes of headers.
    pub(crate) fn from_sending(error: reqwest::Error, headers: usize) -> Self {
        // An error while a body is read has no URL of its own; reqwest puts in a placeholder.
        let url = error
            .url()
            .filter(|url| url.host_str() != Some("no.url.provided.local"));
        let origin = url.map(|url| url.origin().ascii_serialization());
        // The URL may hold a secret in its query, and reqwest prints it.
        let error = error.without_url();
        if error.is_builder() {
            let message = "the request could not be built";
            return Self::configuration(message).with_source(error);
        }
        let is_timeout = error.is_timeout();
        if origin.is_none() && !is_timeout {
            let message = "the connection failed before the answer was complete";
            return Self::new(ErrorKind::Connection, message).with_source(error);
        }
        let (kind, what) = if is_timeout {
            (ErrorKind::Timeout, "did not answer in time")
        } else if error.is_connect() {
            (ErrorKind::Connection, "could not be reached")
        } else {
            (ErrorKind::Connection, "gave no answer")
        };
        let place = origin.as_deref().unwrap_or("the server");
        let mut message = format!("{place} {what}");
        let reason = reason(&error);
        let may_be_too_large = !is_timeout && !error.is_connect() && headers > COMMON_HEADERS;
        if may_be_too_large {
            message.extend([": ", &too_large(headers)]);
        } else if let Some(Reason { text, .. }) = reason {
            message.extend([": ", text]);
        }
        let is_lasting = reason.is_some_and(|reason| reason.is_lasting);
        let made = Self::new(kind, message).with_source(error);
        if is_lasting { made.lasting() } else { made }
    }
}

/// Marks the answer to a request whose headers were large enough to be the reason of a failure.
#[derive(Clone, Copy)]
struct LargeHeaders(usize);

pub(crate) fn note_large_headers(response: &mut Response, headers: usize) {
    if headers > COMMON_HEADERS {
        response.extensions_mut().insert(LargeHeaders(headers));
    }
}

/// The message of a failed call if its headers were, or probably were, too large for the server: nginx and
/// haproxy answer 400 with a page, whereas a service explains in JSON what is wrong.
pub(crate) fn too_large_for(response: &Response) -> Option<String> {
    match (response.status().as_u16(), response.extensions().get()) {
        (431, Some(&LargeHeaders(headers))) => Some(too_large(headers)),
        (400, Some(&LargeHeaders(headers))) if media_type(response.headers()).is_some() => {
            Some(too_large(headers))
        }
        (431, None) => Some("the request's headers are too large for the server or a proxy".into()),
        _ => None,
    }
}

/// How many bytes of names and values a request has.
pub(crate) fn bytes_of_headers(headers: &HeaderMap) -> usize {
    let bytes = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len();
    headers.iter().map(bytes).sum()
}

fn too_large(headers: usize) -> String {
    format!(
        "the request has {headers} bytes of headers, and many proxies and servers take no more than \
         4 to 16 KiB; check how long the token is, and what they allow (nginx: \
         large_client_header_buffers, haproxy: tune.bufsize)"
    )
}

fn reason(error: &reqwest::Error) -> Option<Reason> {
    let is_said = |text| causes(error).any(|cause| cause.to_string().starts_with(text));
    if is_said("unsupported scheme socks") {
        return lasting(
            "the proxy is a SOCKS one; turn on reqwest's feature `socks`, or name an http proxy",
        );
    }
    // A failed connection to the proxy is not one to the origin.
    if is_said("tunnel error: failed to create underlying connection") {
        #[cfg(feature = "rustls")]
        if causes(error).any(<dyn StdError>::is::<rustls::Error>) {
            return lasting(
                "the connection to the proxy failed in TLS; check its certificate, and whether its URL is \
                 http or https",
            );
        }
        return passing(
            "the proxy could not be reached; check HTTPS_PROXY and ALL_PROXY, or except the host by \
             NO_PROXY",
        );
    }
    if error.is_dns() {
        return passing(
            "its name was not found; check the host in the base URL, and the resolver (DNS)",
        );
    }
    // Types are compared first, since an `io::Error` repeats the text of the error that it wraps.
    #[cfg(feature = "rustls")]
    if let Some(error) = causes(error).find_map(|cause| cause.downcast_ref()) {
        return of_rustls(error);
    }
    causes(error).find_map(|cause| {
        of_text(&cause.to_string()).or_else(|| of_io(cause.downcast_ref::<io::Error>()?))
    })
}

/// The error and what caused it. An `io::Error` that wraps another one names only that one's source as its
/// own.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    successors(Some(error), |&error| {
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        inner.map(|inner| inner as _).or_else(|| error.source())
    })
}

fn of_io(error: &io::Error) -> Option<Reason> {
    use io::ErrorKind as Io;
    match error.kind() {
        Io::ConnectionRefused => {
            passing("the connection was refused; check host and port, and that the server runs")
        }
        Io::HostUnreachable | Io::NetworkUnreachable | Io::NetworkDown => passing(
            "there is no way to it; check the network, and whether a proxy is needed (HTTPS_PROXY)",
        ),
        Io::PermissionDenied => lasting("this machine forbids the connection; check its firewall"),
        _ => None,
    }
}

/// Compares texts, for errors whose types are private to their library.
fn of_text(text: &str) -> Option<Reason> {
    // hyper-util's TunnelError
    if let Some(tunnel) = text.strip_prefix("tunnel error: ") {
        return match tunnel {
            "proxy authorization required" => lasting(
                "the proxy wants a user name and password (status 407); give them in the proxy's URL \
                 (HTTPS_PROXY=http://user:password@host:port)",
            ),
            _ => passing(
                "the proxy did not connect to it; check that the proxy allows this host and port, and \
                 takes the password",
            ),
        };
    }
    // hyper
    if text == "connection closed before message completed" {
        return passing("the connection was closed; the request may have been processed");
    }
    if text.starts_with("invalid HTTP ") {
        return passing("what came is not HTTP; check the port, and whether the URL is https");
    }
    // hyper's connector without TLS
    if text == "invalid URL, scheme is not http" {
        return lasting(
            "this program is built without TLS; turn on the feature `rustls` or `native-tls`",
        );
    }
    // OpenSSL, and rustls if another crate turned it on
    if text.contains("certificate verify failed") || text.starts_with("invalid peer certificate") {
        return lasting(
            "its certificate was not accepted; check its date, its names and who issued it",
        );
    }
    if text.contains("wrong version number") || text.contains("packet length too long") {
        return lasting(NO_TLS);
    }
    None
}

const NO_TLS: &str =
    "what answers there does not speak TLS; check the port, and whether the URL is https";

#[cfg(feature = "rustls")]
fn of_rustls(error: &rustls::Error) -> Option<Reason> {
    use rustls::{AlertDescription as Alert, CertificateError as Certificate, Error as Tls};
    match error {
        Tls::InvalidCertificate(error) => lasting(match error {
            Certificate::Expired | Certificate::ExpiredContext { .. } => {
                "its certificate has expired; the server has to renew it, unless this machine's clock is wrong"
            }
            Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
                "its certificate is not valid yet; check this machine's clock"
            }
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
                "its certificate is for another host name; check the host in the base URL"
            }
            // A signature is bad if another authority has the name of a trusted one.
            Certificate::UnknownIssuer | Certificate::BadSignature => {
                "its certificate is by an authority that this machine does not trust; add a private one to the \
                 system's store, SSL_CERT_FILE, or the client (`tls_certs_merge`)"
            }
            Certificate::Revoked => "its certificate has been revoked",
            _ => "its certificate was not accepted",
        }),
        Tls::NoCertificatesPresented => lasting("it presented no certificate"),
        Tls::InvalidMessage(_) => lasting(NO_TLS),
        Tls::PeerIncompatible(_) | Tls::NoApplicationProtocol => lasting(
            "it has no version or cipher of TLS, or no version of HTTP, in common with this client",
        ),
        Tls::AlertReceived(
            Alert::HandshakeFailure
            | Alert::ProtocolVersion
            | Alert::InsufficientSecurity
            | Alert::NoApplicationProtocol
            | Alert::UnrecognisedName
            | Alert::AccessDenied
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateExpired
            | Alert::CertificateRevoked
            | Alert::CertificateUnknown
            | Alert::CertificateRequired
            | Alert::UnknownCA,
        ) => lasting(
            "it refused the TLS handshake; check whether it wants a client certificate, and its host name",
        ),
        _ => None,
    }
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "arms of functions that may find no reason"
)]
fn passing(text: &'static str) -> Option<Reason> {
    let is_lasting = false;
    Some(Reason { text, is_lasting })
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "arms of functions that may find no reason"
)]
fn lasting(text: &'static str) -> Option<Reason> {
    let is_lasting = true;
    Some(Reason { text, is_lasting })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(4096, false)]
    #[case(4097, true)]
    fn more_headers_than_some_proxies_take_are_named(#[case] headers: usize, #[case] named: bool) {
        let mut answer = http::Response::new("<html>");
        *answer.status_mut() = reqwest::StatusCode::BAD_REQUEST;
        let html = HeaderValue::from_static("text/html");
        answer.headers_mut().insert("content-type", html);
        let mut answer = Response::from(answer);
        note_large_headers(&mut answer, headers);
        let reason = too_large_for(&answer);
        assert_eq!(
            reason.is_some_and(|text| text.contains(&headers.to_string())),
            named
        );
    }
}
