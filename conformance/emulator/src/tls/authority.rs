//! A certificate authority, and the certificates of servers that it signs.

use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

use super::TlsError;

const DAY: Duration = Duration::from_secs(86_400);

/// Where a clock is a little behind, a certificate of this moment is not yet valid.
const BEFORE: Duration = DAY;
const AUTHORITY_LASTS: Duration = DAY.saturating_mul(3650);
/// The strictest of the limits that clients set to this is 398 days.
const SERVER_LASTS: Duration = DAY.saturating_mul(390);

/// Always there: what a program on this machine calls it.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The key of an authority, and its certificate as PEM.
pub(super) struct Authority {
    key: KeyPair,
    certificate: String,
}

impl From<rcgen::Error> for TlsError {
    fn from(error: rcgen::Error) -> Self {
        Self(error.to_string())
    }
}

impl Authority {
    pub(super) fn generate() -> Result<Self, TlsError> {
        let key = KeyPair::generate()?;
        let certificate = parameters(&key)?.self_signed(&key)?.pem();
        Ok(Self { key, certificate })
    }

    /// What [`Authority::to_pem`] wrote.
    pub(super) fn from_pem(text: &str) -> Result<Self, String> {
        let key = KeyPair::from_pem(text)
            .map_err(|_| "it holds no private key that can be read".to_owned())?;
        let certificate = CertificateDer::from_pem_slice(text.as_bytes())
            .map_err(|_| "it holds no certificate beside the key".to_owned())?;
        let public = key.public_key_raw();
        let of_key = certificate
            .windows(public.len().max(1))
            .any(|part| part == public);
        if !of_key {
            return Err("its certificate is of another key".to_owned());
        }
        let at = text.find("-----BEGIN CERTIFICATE-----");
        let certificate = at.and_then(|at| text.get(at..)).unwrap_or_default();
        Ok(Self {
            key,
            certificate: certificate.to_owned(),
        })
    }

    /// The key and the certificate: nothing for the eyes of others.
    pub(super) fn to_pem(&self) -> String {
        self.key.serialize_pem() + &self.certificate
    }

    /// What a client has to trust, as PEM.
    pub(super) fn certificate(&self) -> &str {
        &self.certificate
    }

    /// What is in its name and in no other's.
    #[cfg(feature = "process")]
    pub(super) fn id(&self) -> String {
        id(&self.key)
    }

    /// A certificate for loopback and these names, and its key as PKCS #8.
    pub(super) fn server(&self, names: &[String]) -> Result<(Vec<u8>, Vec<u8>), TlsError> {
        let issuer_parameters = parameters(&self.key)?;
        let issuer = Issuer::from_params(&issuer_parameters, &self.key);
        let mut all: Vec<_> = LOOPBACK.map(str::to_owned).into();
        all.extend(names.iter().cloned());
        all.sort_unstable();
        all.dedup();
        let mut server = CertificateParams::new(all)?;
        named(&mut server, "tegata-emulator");
        lasting(&mut server, SERVER_LASTS);
        server.use_authority_key_identifier_extension = true;
        server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate()?;
        let certificate = server.signed_by(&key, &issuer)?;
        Ok((certificate.der().to_vec(), key.serialize_der()))
    }
}

/// The same for the same key, so that a kept authority signs what its kept certificate vouches for.
fn parameters(key: &KeyPair) -> Result<CertificateParams, rcgen::Error> {
    let mut authority = CertificateParams::new(Vec::new())?;
    // By a name of its own each can be found in a list of what is trusted.
    let name = format!("tegata-conformance {}, for tests only", id(key));
    named(&mut authority, &name);
    lasting(&mut authority, AUTHORITY_LASTS);
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(authority)
}

fn id(key: &KeyPair) -> String {
    let whole = CertificateParams::default().key_identifier(key);
    let start = whole.iter().take(4);
    let number = start.fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    format!("{number:08x}")
}

fn named(certificate: &mut CertificateParams, name: &str) {
    certificate.distinguished_name = rcgen::DistinguishedName::new();
    certificate
        .distinguished_name
        .push(DnType::CommonName, name);
}

fn lasting(certificate: &mut CertificateParams, duration: Duration) {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = date_time_ymd(1970, 1, 1) + since_1970.unwrap_or_default();
    certificate.not_before = now - BEFORE;
    certificate.not_after = now + duration;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_read_back_as_it_was_written() {
        let made = Authority::generate().unwrap();
        let read = Authority::from_pem(&made.to_pem()).unwrap();
        assert_eq!(read.certificate(), made.certificate());
        assert!(!read.certificate().contains("PRIVATE"));
        assert_eq!(read.to_pem(), made.to_pem());
    }

    #[test]
    fn a_certificate_of_another_key_is_refused() {
        let [one, other] = [
            Authority::generate().unwrap(),
            Authority::generate().unwrap(),
        ];
        let mixed = one.key.serialize_pem() + other.certificate();
        let problem = Authority::from_pem(&mixed).err().unwrap();
        assert!(problem.contains("another key"), "{problem}");
        for part in [one.certificate(), &one.key.serialize_pem(), "", "CANARY"] {
            let problem = Authority::from_pem(part).err().unwrap();
            assert!(problem.contains("holds no"), "{problem}");
        }
    }
}
