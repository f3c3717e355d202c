//! Certificates, good and bad ones.

use std::process::Stdio;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    date_time_ymd,
};
use rstest::rstest;
use tegata::{Error, ErrorKind, TokenStore as _};
use tegata_redis::RedisStore;
use tegata_redis::redis::{self, ClientTlsConfig, TlsCertificates};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::support::Make::{self, Redis6, Redis7, Valkey};
use crate::support::{LONG, Place, record};

struct Authority {
    pem: String,
    der: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

/// The defect of a server's certificate.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    Expired,
    OtherName,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, "for tests only");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("signed");
        Self {
            pem: certificate.pem(),
            der: certificate.der().to_vec(),
            issuer: Issuer::new(params, key),
        }
    }

    fn issue(&self, fault: Fault) -> (rcgen::Certificate, KeyPair) {
        let name = match fault {
            Fault::OtherName => "other.example",
            _ => "127.0.0.1",
        };
        let mut params = CertificateParams::new([name.to_owned()]).expect("parameters");
        params.use_authority_key_identifier_extension = true;
        if fault == Fault::Expired {
            params.not_after = date_time_ymd(2001, 1, 1);
        }
        let key = KeyPair::generate().expect("a key");
        (params.signed_by(&key, &self.issuer).expect("signed"), key)
    }

    /// A proxy that speaks TLS before this place, and asks for certificates of the other authority if there
    /// is one. Its URL.
    async fn before(&self, place: &Place, fault: Fault, clients: Option<&Self>) -> String {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
        let builder = builder
            .with_safe_default_protocol_versions()
            .expect("versions");
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.der.clone().into()).expect("a root");
                let roots = Arc::new(roots);
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
                builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
            }
        };
        let (certificate, key) = self.issue(fault);
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let chain = vec![certificate.der().to_vec().into()];
        let config = builder
            .with_single_cert(chain, key)
            .expect("a configuration");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("rediss://{}/", listener.local_addr().expect("an address"));
        let server = place
            .url()
            .trim_start_matches("redis://")
            .trim_end_matches('/')
            .to_owned();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (acceptor, server) = (acceptor.clone(), server.clone());
                tokio::spawn(async move {
                    if let Ok(mut client) = acceptor.accept(client).await {
                        let mut server = TcpStream::connect(server).await.expect("it is there");
                        let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                    }
                });
            }
        });
        url
    }
}

fn trusting(url: &str, authority: &Authority, client: Option<ClientTlsConfig>) -> RedisStore {
    let certificates = TlsCertificates {
        client_tls: client,
        root_cert: Some(authority.pem.clone().into_bytes()),
    };
    let client = redis::Client::build_with_tls(url, certificates).expect("a client");
    RedisStore::with_client(client)
        .build("jooto", "main")
        .expect("a store")
}

fn only_a_person_can_fix(error: &Error, why: &str) {
    let text = error.to_string();
    assert!(
        text.contains(why) && text.contains("tegata:{jooto:main}:"),
        "{text}"
    );
    assert_eq!(
        (error.kind(), error.is_transient()),
        (ErrorKind::Store, false),
        "{error:?}"
    );
}

#[rstest]
#[tokio::test]
async fn a_client_with_the_right_authority_and_certificate_is_served(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let (servers, clients) = (Authority::new(), Authority::new());
    let url = servers.before(&place, Fault::None, Some(&clients)).await;
    let (certificate, key) = clients.issue(Fault::None);
    let client = ClientTlsConfig {
        client_cert: certificate.pem().into_bytes(),
        client_key: key.serialize_pem().into_bytes(),
    };
    let store = trusting(&url, &servers, Some(client));
    let lease = store.lease(LONG).await.expect("a lease");
    store.save(&record("main", 1, 0)).await.expect("saved");
    drop(lease);
    store.released().await;
}

#[rstest]
#[case(Fault::None, "SSL_CERT_FILE", false)]
#[case(Fault::Expired, "has expired", true)]
#[case(Fault::OtherName, "for another name than the host", true)]
#[tokio::test]
async fn a_rejected_certificate_is_a_lasting_error_that_says_why(
    #[case] fault: Fault,
    #[case] why: &str,
    #[case] trusted: bool,
) {
    let Some(place) = Place::find(Redis7) else {
        return;
    };
    let authority = Authority::new();
    let url = authority.before(&place, fault, None).await;
    let store = if trusted {
        trusting(&url, &authority, None)
    } else {
        let builder = RedisStore::builder(&url);
        builder.build("jooto", "main").expect("a store")
    };
    only_a_person_can_fix(&store.load().await.expect_err("not accepted"), why);
}

#[tokio::test]
async fn a_client_certificate_that_is_missing_or_refused_is_named() {
    let Some(place) = Place::find(Redis7) else {
        return;
    };
    let (servers, clients) = (Authority::new(), Authority::new());
    let url = servers.before(&place, Fault::None, Some(&clients)).await;
    let without = trusting(&url, &servers, None);
    let error = without.load().await.expect_err("none");
    only_a_person_can_fix(&error, "asks for a client certificate");
    let (certificate, key) = servers.issue(Fault::None);
    let of_another = ClientTlsConfig {
        client_cert: certificate.pem().into_bytes(),
        client_key: key.serialize_pem().into_bytes(),
    };
    let store = trusting(&url, &servers, Some(of_another));
    let error = store.load().await.expect_err("of another authority");
    only_a_person_can_fix(&error, "refused the client certificate");
}

#[tokio::test]
async fn a_server_without_tls_is_said_to_have_none() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("rediss://{}/", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        use tokio::io::AsyncWriteExt as _;
        while let Ok((mut client, _)) = listener.accept().await {
            let _ = client.write_all(b"-ERR Protocol error\r\n").await;
        }
    });
    let builder = RedisStore::builder(&url);
    let store = builder.build("jooto", "main").expect("a store");
    only_a_person_can_fix(&store.load().await.expect_err("no TLS"), "is no TLS");
}

const URL: &str = "TEGATA_REDIS_TEST_TLS";

/// In another process, since the environment is shared by all tests here.
#[tokio::test]
async fn a_private_authority_can_be_named_in_the_environment() {
    let Some(place) = Place::find(Redis7) else {
        return;
    };
    let authority = Authority::new();
    let url = authority.before(&place, Fault::None, None).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, &authority.pem).expect("written");
    let program = std::env::current_exe().expect("this program");
    let status = tokio::process::Command::new(program)
        .args(["tls::a_process_with_ssl_cert_file", "--exact"])
        .env(URL, url)
        .env("SSL_CERT_FILE", file)
        .stdout(Stdio::null())
        .status();
    assert!(status.await.expect("it runs").success());
    assert_eq!(place.version(), Some(1), "it did nothing");
}

/// Not a test by itself: the other process.
#[tokio::test]
async fn a_process_with_ssl_cert_file() {
    let Ok(url) = std::env::var(URL) else {
        return;
    };
    let builder = RedisStore::builder(&url);
    let store = builder.build("jooto", "main").expect("a store");
    store.save(&record("main", 1, 0)).await.expect("saved");
}
