//! Many callers at once.

use tegata_emulator::{Config, Emulator, Endpoint, Provider};

const IDENTITY: &str = "/identity/oauth/token?grant_type=client_credentials\
                        &client_id=marketo-client&client_secret=CANARY-marketo-secret";

/// As many connections as fit into the usual limit of 1024 open files, both ends being ours.
const CONNECTIONS: usize = 400;

/// 10,000 requests in all.
const REQUESTS_EACH: usize = 25;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_requests_over_many_connections_are_all_served() {
    let emulator = Emulator::start(Config::default()).unwrap();
    let url = format!("{}{IDENTITY}", emulator.provider_url(Provider::Marketo));
    emulator.hold(Provider::Marketo);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let callers: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (http, url) = (http.clone(), url.clone());
            tokio::spawn(async move {
                let mut served = 0;
                for _ in 0..REQUESTS_EACH {
                    let response = http.get(&url).send().await.unwrap();
                    served += usize::from(response.status() == 200);
                    response.bytes().await.unwrap();
                }
                served
            })
        })
        .collect();
    emulator
        .until_held(Provider::Marketo, Endpoint::Token, CONNECTIONS)
        .await;
    emulator.release(None);
    let mut served = 0;
    for caller in callers {
        served += caller.await.unwrap();
    }
    assert_eq!(served, CONNECTIONS * REQUESTS_EACH);
    let counts = emulator.counts(Provider::Marketo);
    assert_eq!(counts.token_requests, 10_000, "{counts:?}");
    assert_eq!(counts.tokens_issued, 1, "{counts:?}");
}
