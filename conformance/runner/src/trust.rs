//! Certificate authorities that our own requests trust besides those of the system: only named ones;
//! verification is never turned off.

use std::error::Error;
use std::fmt;
use std::path::Path;

use reqwest::{Certificate, ClientBuilder};
use tokio_rustls::rustls;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

/// What to do about an untrusted certificate.
pub(crate) const NOT_TRUSTED: &str = "nothing was sent, for the server's certificate is not \
    trusted: if an authority of your own signed it, name that one by --ca FILE";

/// Authorities that are trusted in addition to those of the system.
#[derive(Clone, Debug, Default)]
pub struct Trust(Vec<Certificate>);

/// Why a file names no authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustError(String);

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for TrustError {}

impl Trust {
    /// The authorities in a file of certificates as PEM.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or holds no certificate, or one that is none.
    pub fn read(path: &Path) -> Result<Self, TrustError> {
        let name = path.display();
        let text = std::fs::read(path)
            .map_err(|error| TrustError(format!("{name} cannot be read: {error}")))?;
        Self::from_pem(&text).map_err(|problem| {
            let fix = "give the authority's certificate as PEM, which begins with -----BEGIN CERTIFICATE-----";
            TrustError(format!("{name} {problem}; {fix}"))
        })
    }

    fn from_pem(text: &[u8]) -> Result<Self, &'static str> {
        // Not by reqwest, which reads certificates as the TLS library does that the whole build has chosen.
        let found = CertificateDer::pem_slice_iter(text)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| "is no PEM")?;
        if found.is_empty() {
            return Err("holds no certificate");
        }
        let mut store = rustls::RootCertStore::empty();
        let mut certificates = Vec::with_capacity(found.len());
        for der in found {
            let unreadable = "holds a certificate that cannot be read";
            certificates.push(Certificate::from_der(&der).map_err(|_| unreadable)?);
            store.add(der).map_err(|_| unreadable)?;
        }
        Ok(Self(certificates))
    }

    pub(crate) fn apply(&self, builder: ClientBuilder) -> ClientBuilder {
        if self.0.is_empty() {
            return builder;
        }
        builder.tls_certs_merge(self.0.iter().cloned())
    }
}

/// Whether a request failed because the other side's certificate is not one to trust.
pub(crate) fn distrusts(error: &reqwest::Error) -> bool {
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = next {
        if matches!(
            error.downcast_ref(),
            Some(rustls::Error::InvalidCertificate(_))
        ) {
            return true;
        }
        // `source()` of an I/O error skips the error that it wraps.
        let held = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        next = match held {
            Some(held) => Some(held),
            None => error.source(),
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_certificate_is_no_authority() {
        for (text, problem) in [
            ("", "holds no certificate"),
            ("anything", "holds no certificate"),
            (
                "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n",
                "is no PEM",
            ),
            (
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                "holds a certificate that cannot be read",
            ),
        ] {
            assert_eq!(Trust::from_pem(text.as_bytes()).unwrap_err(), problem);
        }
        let ca = tegata_emulator::tls::Tls::generate().unwrap();
        assert!(Trust::from_pem(ca.ca().as_bytes()).is_ok());
    }
}
