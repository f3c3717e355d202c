//! Proxies and load balancers as real processes, and networks that fail: where a secret goes, how often, and
//! what an error says.
//!
//! nginx, haproxy and tinyproxy are started where they are installed (`apt-get install nginx haproxy
//! tinyproxy`). Otherwise the tests say so and count as passed; with `TEGATA_REQUIRE_PROXIES=1` they fail.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod backend;
mod balancers;
mod certificates;
mod environment;
mod forward;
mod process;
mod reasons;

use tegata::reqwest::{Certificate, ClientBuilder};
use tegata::{Error, HttpClient, Settings};
use tegata_jooto::Client;

/// Our defaults, with an authority to trust.
fn trusting(ca: &str) -> ClientBuilder {
    let ca = Certificate::from_pem(ca.as_bytes()).unwrap();
    HttpClient::builder().tls_certs_merge([ca])
}

/// A client that sends a canary as its key.
fn client(http: ClientBuilder, base: &str, key: &str) -> Client {
    let client = Client::builder(format!("CANARY-{key}")).base_url(base);
    client
        .settings(Settings::new().http_client(http))
        .build()
        .unwrap()
}

/// Makes a call that has to fail, and returns the error, which holds no secret.
async fn failed(client: &Client) -> Error {
    let error = client
        .api()
        .get_organizations()
        .await
        .expect_err("it must fail");
    let shown = format!("{error} {error:?} {error:#?}");
    assert!(!shown.contains("CANARY"), "{shown}");
    error
}
