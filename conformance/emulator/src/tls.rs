//! TLS for the servers of this crate, with a certificate authority made for one run.

use std::fmt;
use std::io;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// A certificate authority and a server on loopback with a certificate of it.
#[derive(Clone)]
pub struct Tls {
    ca: String,
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
    /// Makes an authority and a certificate for `localhost` and `127.0.0.1`. Neither key ever
    /// leaves the process, and that of the authority not this function.
    ///
    /// # Errors
    ///
    /// If the system has no randomness, or the cryptography refuses.
    pub fn generate() -> Result<Self, TlsError> {
        let (ca, certificate, key) = certificates().map_err(|error| TlsError(error.to_string()))?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key));
        let config = ServerConfig::builder_with_provider(Arc::new(
            tokio_rustls::rustls::crypto::aws_lc_rs::default_provider(),
        ))
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder
                .with_no_client_auth()
                .with_single_cert(vec![certificate.into()], key)
        })
        .map_err(|error| TlsError(error.to_string()))?;
        Ok(Self {
            ca,
            acceptor: TlsAcceptor::from(Arc::new(config)),
        })
    }

    /// The authority's certificate, as PEM: what a client has to trust.
    pub fn ca(&self) -> &str {
        &self.ca
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
}

/// The authority as PEM, the server's certificate and its key.
fn certificates() -> Result<(String, Vec<u8>, Vec<u8>), rcgen::Error> {
    let mut authority = CertificateParams::new(Vec::new())?;
    let name = &mut authority.distinguished_name;
    name.push(DnType::CommonName, "tegata-conformance, for tests only");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority_key = KeyPair::generate()?;
    let ca = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate()?;
    let mut server = CertificateParams::new(["localhost", "127.0.0.1"].map(str::to_owned))?;
    server.use_authority_key_identifier_extension = true;
    let certificate = server.signed_by(&key, &issuer)?;
    Ok((ca.pem(), certificate.der().to_vec(), key.serialize_der()))
}
