//! TLS for the servers of this crate, under a certificate authority of their own.

mod authority;
mod folder;
mod names;

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use authority::Authority;
pub(crate) use names::{check_name, matches as name_matches};

/// A certificate authority and a server on loopback with a certificate of it.
#[derive(Clone)]
pub struct Tls {
    ca: String,
    #[cfg(feature = "process")]
    id: String,
    acceptor: TlsAcceptor,
}

/// Why there is no certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsError(String);

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no certificate can be made: {}", self.0)
    }
}

impl std::error::Error for TlsError {}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

impl Tls {
    /// Makes an authority and a certificate for `localhost`, `127.0.0.1` and `::1`. Neither key ever
    /// leaves the process, and that of the authority not this function.
    ///
    /// # Errors
    ///
    /// If the system has no randomness, or the cryptography refuses.
    pub fn generate() -> Result<Self, TlsError> {
        Self::generate_for(&[])
    }

    /// The same with a certificate that is also for these host names and addresses; a name may begin
    /// with `*.`.
    ///
    /// # Errors
    ///
    /// As [`Tls::generate`], and if one of them is no host name or address.
    pub fn generate_for(names: &[String]) -> Result<Self, TlsError> {
        Self::under(&Authority::generate()?, names)
    }

    /// The same under an authority that the folder keeps, so that it is trusted once and for all: the
    /// certificate in `ca.pem`, and the key in `ca-key.pem`, which its owner alone may read. What is
    /// missing is made.
    ///
    /// # Errors
    ///
    /// As [`Tls::generate_for`]; if the folder cannot be used; and if others may read the key.
    pub fn kept_in(folder: &Path, names: &[String]) -> Result<Self, TlsError> {
        Self::under(&folder::open(folder)?, names)
    }

    /// The authority's certificate, as PEM: what a client has to trust.
    pub fn ca(&self) -> &str {
        &self.ca
    }

    /// What distinguishes the authority from others of this crate.
    #[cfg(feature = "process")]
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }

    /// The server's end of a connection, once the client trusts the authority.
    ///
    /// # Errors
    ///
    /// If there is no handshake, such as with a client that does not trust the authority.
    pub async fn accept<S>(
        &self,
        stream: S,
    ) -> io::Result<impl AsyncRead + AsyncWrite + Unpin + Send + use<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        self.acceptor.accept(stream).await
    }

    fn under(authority: &Authority, names: &[String]) -> Result<Self, TlsError> {
        for name in names {
            check_name(name).map_err(TlsError)?;
        }
        let (certificate, key) = authority.server(names)?;
        let chain = vec![CertificateDer::from(certificate)];
        let config = ServerConfig::builder_with_provider(Arc::new(
            tokio_rustls::rustls::crypto::aws_lc_rs::default_provider(),
        ))
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder
                .with_no_client_auth()
                .with_single_cert(chain, PrivateKeyDer::Pkcs8(key.into()))
        })
        .map_err(|error| TlsError(error.to_string()))?;
        Ok(Self {
            ca: authority.certificate().to_owned(),
            #[cfg(feature = "process")]
            id: authority.id(),
            acceptor: TlsAcceptor::from(Arc::new(config)),
        })
    }
}
