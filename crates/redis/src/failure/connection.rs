//! Failed and broken connections.

use std::error::Error as _;
use std::io;
use std::sync::Arc;

use redis::{ConnectionAddr, RedisError};

use super::{Connection, Failure};

impl Failure {
    /// The error comes from the system or from TLS, not from the server.
    pub(super) fn of_connection(error: &RedisError) -> Self {
        #[cfg(feature = "rustls")]
        if let Some(failure) = cause(error).and_then(tls::failure) {
            return failure;
        }
        if error.is_connection_refusal() {
            return Self::away(
                "the connection was refused: check that the server runs, and its host and port",
            );
        }
        let failure = Self::away(format!("the connection failed ({error})"));
        if error.is_connection_dropped() {
            return failure.ended();
        }
        failure
    }

    /// A connection to this address could not be made.
    pub(crate) fn of_connecting(error: RedisError, address: &ConnectionAddr) -> Self {
        let kind = cause(&error)
            .and_then(|cause| cause.downcast_ref::<io::Error>())
            .map(io::Error::kind);
        let ConnectionAddr::Unix(path) = address else {
            return Self::from(error);
        };
        let path = path.display();
        match kind {
            Some(io::ErrorKind::NotFound) => Self::away(format!(
                "there is no unix socket `{path}`: check that the server runs, and its `unixsocket`"
            )),
            Some(io::ErrorKind::ConnectionRefused) => Self::away(format!(
                "nothing listens at the unix socket `{path}`: check that the server runs"
            )),
            Some(io::ErrorKind::PermissionDenied) => Self::refused(format!(
                "this user may not use the unix socket `{path}`: check its owner and the server's \
                 `unixsocketperm`"
            )),
            _ => Self::from(error),
        }
    }

    /// A new connection was closed before any answer. A server with too many clients sends an error and closes
    /// at once, and that error may be lost.
    pub(crate) fn closed_at_once() -> Self {
        Self::away(
            "the server closes new connections without an answer: it may have as many clients as it takes \
             (its `maxclients`), ask for TLS or for a client certificate, or be a proxy that has no server \
             behind it or does not know a command (SELECT, for a database other than 0)",
        )
        .ended()
    }

    fn ended(self) -> Self {
        Self {
            connection: Connection::Ended,
            ..self
        }
    }
}

/// The system error inside the client library's error, whose own accessor is private.
fn cause(error: &RedisError) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
    let shared = error
        .source()?
        .downcast_ref::<Arc<dyn std::error::Error + Send + Sync>>()?;
    Some(&**shared)
}

/// TLS errors that only an operator can fix.
#[cfg(feature = "rustls")]
mod tls {
    use std::io;

    use rustls::pki_types::InvalidDnsNameError;
    use rustls::{AlertDescription as Alert, CertificateError as Bad, Error as Tls};

    use super::Failure;

    pub(super) fn failure(
        cause: &(dyn std::error::Error + Send + Sync + 'static),
    ) -> Option<Failure> {
        if cause.is::<InvalidDnsNameError>() {
            return Some(Failure::refused(
                "the host in the URL is no name that a certificate can have",
            ));
        }
        let cause = cause.downcast_ref::<io::Error>()?.get_ref()?;
        text(cause.downcast_ref::<Tls>()?).map(Failure::refused)
    }

    fn text(error: &Tls) -> Option<&'static str> {
        let text = match error {
            Tls::InvalidCertificate(bad) => certificate(bad),
            Tls::AlertReceived(Alert::CertificateRequired) | Tls::NoCertificatesPresented => {
                "the server asks for a client certificate: build a client with one \
                 (`redis::Client::build_with_tls`) and hand it over (`RedisStore::with_client`)"
            }
            Tls::AlertReceived(
                Alert::BadCertificate
                | Alert::UnsupportedCertificate
                | Alert::CertificateRevoked
                | Alert::CertificateExpired
                | Alert::CertificateUnknown
                | Alert::UnknownCA
                | Alert::AccessDenied
                | Alert::DecryptError,
            ) => {
                "the server refused the client certificate: check that it has not expired, and that its \
                 issuer is one that the server trusts (`tls-ca-cert-file`)"
            }
            Tls::AlertReceived(Alert::UnrecognisedName) => {
                "the server has no certificate for the host in the URL: check the host"
            }
            Tls::AlertReceived(
                Alert::HandshakeFailure | Alert::ProtocolVersion | Alert::InsufficientSecurity,
            )
            | Tls::PeerIncompatible(_) => {
                "the server refused TLS as it is offered: it asks for a client certificate (hand over a \
                 client that has one, `RedisStore::with_client`), or for a version or cipher that is not \
                 supported here (TLS 1.2 and 1.3 are)"
            }
            Tls::InvalidMessage(_) => {
                "what the server answers is no TLS: check that the port is the one for TLS, or use \
                 `redis://`"
            }
            _ => return None,
        };
        Some(text)
    }

    fn certificate(bad: &Bad) -> &'static str {
        match bad {
            Bad::UnknownIssuer => {
                "the certificate of the server was issued by an authority that is not trusted here: name \
                 that authority's certificate in the environment (`SSL_CERT_FILE`), or hand over a client \
                 that trusts it (`RedisStore::with_client`)"
            }
            Bad::Expired | Bad::ExpiredContext { .. } => {
                "the certificate of the server has expired: renew it there, or check the clock here"
            }
            Bad::NotValidYet | Bad::NotValidYetContext { .. } => {
                "the certificate of the server is not valid yet: check the clock here"
            }
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => {
                "the certificate of the server is for another name than the host in the URL: use a name \
                 that it is for"
            }
            Bad::Revoked => "the certificate of the server has been revoked: renew it there",
            _ => {
                "the certificate of the server is not acceptable: it may be damaged, or not be meant for \
                 servers"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn io(kind: io::ErrorKind) -> RedisError {
        RedisError::from(io::Error::from(kind))
    }

    #[test]
    fn an_ended_connection_is_distinguished_from_a_refused_one() {
        let ended = Failure::from(io(io::ErrorKind::BrokenPipe));
        assert!(
            ended.away && ended.connection == Connection::Ended,
            "{ended:?}"
        );
        let refused = Failure::from(io(io::ErrorKind::ConnectionRefused));
        assert!(
            refused.away && refused.connection == Connection::Broken,
            "{refused:?}"
        );
        assert!(refused.text.contains("was refused"), "{refused:?}");
    }

    #[rstest]
    #[case(io::ErrorKind::NotFound, true, "there is no unix socket `/run/r.sock`")]
    #[case(
        io::ErrorKind::ConnectionRefused,
        true,
        "nothing listens at the unix socket `/run/r.sock`"
    )]
    #[case(
        io::ErrorKind::PermissionDenied,
        false,
        "may not use the unix socket `/run/r.sock`"
    )]
    fn a_unix_socket_that_cannot_be_used_is_named(
        #[case] kind: io::ErrorKind,
        #[case] away: bool,
        #[case] text: &str,
    ) {
        let address = ConnectionAddr::Unix("/run/r.sock".into());
        let failure = Failure::of_connecting(io(kind), &address);
        assert!(failure.text.contains(text), "{failure:?}");
        assert!(!failure.text.contains("host and port"), "{failure:?}");
        assert_eq!(failure.away, away, "{failure:?}");
    }

    #[cfg(feature = "rustls")]
    #[rstest]
    #[case(rustls::CertificateError::UnknownIssuer.into(), "SSL_CERT_FILE")]
    #[case(rustls::CertificateError::Expired.into(), "has expired")]
    #[case(rustls::CertificateError::NotValidYet.into(), "not valid yet")]
    #[case(rustls::CertificateError::NotValidForName.into(), "another name")]
    #[case(rustls::CertificateError::Revoked.into(), "revoked")]
    #[case(rustls::CertificateError::BadEncoding.into(), "not acceptable")]
    #[case(
        rustls::Error::AlertReceived(rustls::AlertDescription::CertificateRequired),
        "asks for a client certificate"
    )]
    #[case(
        rustls::Error::AlertReceived(rustls::AlertDescription::UnknownCA),
        "refused the client certificate"
    )]
    #[case(
        rustls::Error::AlertReceived(rustls::AlertDescription::HandshakeFailure),
        "refused TLS as it is offered"
    )]
    #[case(
        rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType),
        "is no TLS"
    )]
    fn tls_faults_that_only_a_person_can_fix_say_so_and_do_not_pass(
        #[case] fault: rustls::Error,
        #[case] text: &str,
    ) {
        let error = io::Error::new(io::ErrorKind::InvalidData, fault);
        let failure = Failure::from(RedisError::from(error));
        assert!(failure.text.contains(text), "{failure:?}");
        assert!(
            !failure.away && failure.connection == Connection::Broken,
            "{failure:?}"
        );
    }
}
