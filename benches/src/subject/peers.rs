//! Other libraries, each brought to "a valid credential is in the request" through its public API, with
//! nothing but loopback (or, where it insists on HTTPS, a transport in memory). A library that gives a
//! string pays for making the header of it, as its users do.

use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use http::Extensions;
use reqwest::Request;
use reqwest::header::AUTHORIZATION;
use tokio::runtime::Runtime;

use super::floors::bearer;
use super::{Attach, Subject, named};
use crate::endpoint::{self, Knobs};

/// Every library, built on this runtime.
pub(crate) fn all(runtime: &Runtime) -> Vec<Arc<dyn Subject>> {
    let _entered = runtime.enter();
    let knobs = Knobs::new(Duration::ZERO, 3600);
    let address = runtime.block_on(endpoint::serve(Arc::clone(&knobs)));
    let peers = vec![
        named("google-cloud-auth", Google::new(address)),
        named("azure_identity", azure::Identity::new(Arc::clone(&knobs))),
        named("aws LazyCache", aws::Lazy::new(knobs)),
        named("yup-oauth2", runtime.block_on(Yup::new(address))),
        named("gcp_auth", GcpAuth::new(address)),
    ];
    let mut request = super::request();
    for peer in &peers {
        // The first call fetches the token.
        peer.operations(runtime, &mut request, 1);
    }
    peers
}

/// A call of a library, and whether it was served.
pub(crate) type Call = Arc<dyn Fn() -> Called + Send + Sync>;

type Called = Pin<Box<dyn Future<Output = bool> + Send>>;

type Built = Pin<Box<dyn Future<Output = Call> + Send>>;

/// A library as herds see it.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    /// A lifetime, in seconds, that falls into the time before expiry in which it renews.
    pub(crate) due: u64,
    /// It opens a connection for each caller, or keeps the lock for seconds: with more callers it would take
    /// minutes.
    pub(crate) callers: usize,
    /// As `callers`, with the endpoint down.
    pub(crate) callers_of_down: usize,
    build: fn(Arc<Knobs>) -> Built,
}

impl Peer {
    pub(crate) async fn call(&self, knobs: &Arc<Knobs>) -> Call {
        (self.build)(Arc::clone(knobs)).await
    }
}

pub(crate) static PEERS: [Peer; 5] = [
    Peer {
        name: "google-cloud-auth",
        due: 200,
        callers: usize::MAX,
        callers_of_down: usize::MAX,
        build: |knobs| Box::pin(async { call_of(Google::new(endpoint::serve(knobs).await)) }),
    },
    Peer {
        name: "azure_identity",
        due: 200,
        callers: usize::MAX,
        callers_of_down: usize::MAX,
        build: |knobs| Box::pin(async { call_of(azure::Identity::new(knobs)) }),
    },
    Peer {
        name: "aws LazyCache",
        due: 3,
        callers: usize::MAX,
        callers_of_down: usize::MAX,
        build: |knobs| Box::pin(async { call_of(aws::Lazy::new(knobs)) }),
    },
    Peer {
        name: "yup-oauth2",
        due: 45,
        callers: 400,
        callers_of_down: 400,
        build: |knobs| Box::pin(async { call_of(Yup::new(endpoint::serve(knobs).await).await) }),
    },
    Peer {
        name: "gcp_auth",
        due: 15,
        callers: usize::MAX,
        callers_of_down: 50,
        build: |knobs| Box::pin(async { call_of(GcpAuth::new(endpoint::serve(knobs).await)) }),
    },
];

fn call_of(peer: impl Attach) -> Call {
    let peer = Arc::new(peer);
    Arc::new(move || {
        let peer = Arc::clone(&peer);
        Box::pin(async move { peer.attach(&mut super::request()).await.is_ok() })
    })
}

fn text(error: impl fmt::Display) -> String {
    error.to_string()
}

fn insert(request: &mut Request, token: &str) {
    request.headers_mut().insert(AUTHORIZATION, bearer(token));
}

/// Credentials of a user: a refresh token at a token endpoint on loopback.
struct Google(google_cloud_auth::credentials::Credentials);

impl Google {
    fn new(endpoint: SocketAddr) -> Self {
        let user = serde_json::json!({
            "type": "authorized_user",
            "client_id": "id",
            "client_secret": "secret",
            "refresh_token": "refresh",
        });
        let built = google_cloud_auth::credentials::user_account::Builder::new(user)
            .with_token_uri(format!("http://{endpoint}/token"))
            .build();
        Self(built.expect("valid credentials"))
    }
}

impl Attach for Google {
    async fn attach(&self, request: &mut Request) -> Result<(), String> {
        use google_cloud_auth::credentials::CacheableResource::{New, NotModified};
        match self.0.headers(Extensions::new()).await.map_err(text)? {
            New { data, .. } => request.headers_mut().extend(data),
            NotModified => unreachable!("no entity tag was given"),
        }
        Ok(())
    }
}

mod azure {
    use std::sync::Arc;

    use azure_core::credentials::TokenCredential;
    use azure_core::http::headers::Headers;
    use azure_core::http::{
        AsyncRawResponse, ClientOptions, HttpClient, RetryOptions, StatusCode, Transport,
    };
    use reqwest::Request;

    use super::{Attach, Knobs, insert, text};

    /// Answers token requests in memory.
    #[derive(Debug)]
    struct InMemory(Arc<Knobs>);

    #[async_trait::async_trait]
    impl HttpClient for InMemory {
        async fn execute_request(
            &self,
            _: &azure_core::http::Request,
        ) -> azure_core::Result<AsyncRawResponse> {
            let (status, body) = match self.0.answer().await {
                Ok((token, lifetime)) => (
                    StatusCode::Ok,
                    serde_json::json!({
                        "access_token": token,
                        "token_type": "Bearer",
                        "expires_in": lifetime,
                        "ext_expires_in": lifetime,
                    }),
                ),
                Err(()) => (StatusCode::ServiceUnavailable, serde_json::json!({})),
            };
            Ok(AsyncRawResponse::from_bytes(
                status,
                Headers::new(),
                body.to_string(),
            ))
        }
    }

    pub(super) struct Identity(Arc<azure_identity::ClientSecretCredential>);

    impl Identity {
        pub(super) fn new(knobs: Arc<Knobs>) -> Self {
            let options = azure_identity::ClientSecretCredentialOptions {
                client_options: ClientOptions {
                    transport: Some(Transport::new(Arc::new(InMemory(knobs)))),
                    retry: RetryOptions::none(),
                    ..ClientOptions::default()
                },
            };
            let built = azure_identity::ClientSecretCredential::new(
                "00000000-0000-0000-0000-000000000000",
                "client".into(),
                "secret".into(),
                Some(options),
            );
            Self(built.expect("valid credentials"))
        }
    }

    impl Attach for Identity {
        async fn attach(&self, request: &mut Request) -> Result<(), String> {
            let scopes = &["https://x/.default"];
            let token = self.0.get_token(scopes, None).await.map_err(text)?;
            insert(request, token.token.secret());
            Ok(())
        }
    }
}

mod aws {
    use std::sync::Arc;

    use aws_smithy_async::rt::sleep::TokioSleep;
    use aws_smithy_async::time::SystemTimeSource;
    use aws_smithy_runtime::client::identity::IdentityCache;
    use aws_smithy_runtime_api::client::identity::http::Token;
    use aws_smithy_runtime_api::client::identity::{
        Identity, IdentityFuture, ResolveCachedIdentity as _, ResolveIdentity, SharedIdentityCache,
        SharedIdentityResolver,
    };
    use aws_smithy_runtime_api::client::runtime_components::{
        RuntimeComponents, RuntimeComponentsBuilder,
    };
    use aws_smithy_types::config_bag::ConfigBag;
    use reqwest::Request;

    use super::{Attach, Duration, Knobs, SystemTime, insert, text};

    #[derive(Debug)]
    struct Resolver(Arc<Knobs>);

    impl ResolveIdentity for Resolver {
        fn resolve_identity<'a>(
            &'a self,
            _: &'a RuntimeComponents,
            _: &'a ConfigBag,
        ) -> IdentityFuture<'a> {
            IdentityFuture::new(async move {
                let (token, lifetime) = self.0.answer().await.map_err(|()| "down")?;
                let expiry = SystemTime::now() + Duration::from_secs(lifetime);
                Ok(Identity::new(Token::new(token, Some(expiry)), Some(expiry)))
            })
        }
    }

    /// The SDK's identity cache with its default settings.
    pub(super) struct Lazy {
        cache: SharedIdentityCache,
        resolver: SharedIdentityResolver,
        components: RuntimeComponents,
        bag: ConfigBag,
    }

    impl Lazy {
        pub(super) fn new(knobs: Arc<Knobs>) -> Self {
            let components = RuntimeComponentsBuilder::for_tests()
                .with_time_source(Some(SystemTimeSource::new()))
                .with_sleep_impl(Some(TokioSleep::new()))
                .build();
            Self {
                cache: IdentityCache::lazy().build(),
                resolver: SharedIdentityResolver::new(Resolver(knobs)),
                components: components.expect("complete"),
                bag: ConfigBag::base(),
            }
        }
    }

    impl Attach for Lazy {
        async fn attach(&self, request: &mut Request) -> Result<(), String> {
            let identity = self
                .cache
                .resolve_cached_identity(self.resolver.clone(), &self.components, &self.bag)
                .await
                .map_err(text)?;
            let token = identity.data::<Token>().ok_or("no token")?;
            insert(request, token.token());
            Ok(())
        }
    }
}

const SCOPE: &[&str] = &["https://www.googleapis.com/auth/cloud-platform"];

/// The throw-away key of a service account, whose token endpoint is on loopback.
fn service_account(endpoint: SocketAddr) -> serde_json::Value {
    use rsa::pkcs8::EncodePrivateKey as _;
    static PEM: OnceLock<String> = OnceLock::new();
    let pem = PEM.get_or_init(|| {
        let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).expect("a key");
        let pem = key.to_pkcs8_pem(rsa::pkcs8::LineEnding::LF);
        pem.expect("encodes").to_string()
    });
    serde_json::json!({
        "type": "service_account",
        "project_id": "p",
        "private_key_id": "1",
        "private_key": pem,
        "client_email": "x@p.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": format!("http://{endpoint}/token"),
    })
}

type PlainConnector = hyper_util::client::legacy::connect::HttpConnector;

struct Yup(yup_oauth2::authenticator::Authenticator<PlainConnector>);

impl Yup {
    async fn new(endpoint: SocketAddr) -> Self {
        let key = serde_json::from_value(service_account(endpoint)).expect("a key");
        let executor = hyper_util::rt::TokioExecutor::new();
        let client = hyper_util::client::legacy::Client::builder(executor)
            .build::<_, String>(PlainConnector::new());
        let built = yup_oauth2::ServiceAccountAuthenticator::with_client(
            key,
            yup_oauth2::CustomHyperClientBuilder::from(client),
        );
        Self(built.build().await.expect("an authenticator"))
    }
}

impl Attach for Yup {
    async fn attach(&self, request: &mut Request) -> Result<(), String> {
        let token = self.0.token(SCOPE).await.map_err(text)?;
        insert(request, token.token().ok_or("no token")?);
        Ok(())
    }
}

struct GcpAuth(gcp_auth::CustomServiceAccount);

impl GcpAuth {
    fn new(endpoint: SocketAddr) -> Self {
        let key = service_account(endpoint).to_string();
        Self(gcp_auth::CustomServiceAccount::from_json(&key).expect("a key"))
    }
}

impl Attach for GcpAuth {
    async fn attach(&self, request: &mut Request) -> Result<(), String> {
        use gcp_auth::TokenProvider as _;
        let token = self.0.token(SCOPE).await.map_err(text)?;
        insert(request, token.as_str());
        Ok(())
    }
}
