//! The conventional method over days: a refresh token dies one day after its issue.

use std::sync::Arc;

use tegata::MemoryStore;
use tegata_emulator::Provider;

use tegata_test_support::Subject;
use tegata_test_support::loopback::{AISPF_ID, AISPF_SECRET, DAY, HOUR, Loopback};

const FUJITSU: Provider = Provider::FujitsuAispf;
const JOBS: &str = "/da/v2/async/jobs";

/// A little before the token's expiry, when a caller waits for the refresh.
const LATE: u64 = HOUR - 5;

fn client(loopback: &Loopback) -> Subject {
    let client = loopback
        .aispf_legacy(AISPF_ID, AISPF_SECRET)
        .store(Arc::new(MemoryStore::default()))
        .build();
    Subject::Aispf(client.expect("valid settings"))
}

/// One call each time the token is about to expire, for a little more than a day; the methods of the
/// token calls, none of which the server may have refused.
async fn day_of_calls(loopback: &Loopback) -> Vec<String> {
    let client = client(loopback);
    client.warm_up().await.expect("a token");
    for _ in 0..=DAY / LATE {
        loopback.advance(LATE);
        assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    }
    let requests = loopback.token_requests(FUJITSU);
    assert!(requests.iter().all(|request| request.status == Some(200)));
    requests.into_iter().map(|request| request.method).collect()
}

#[tokio::test]
async fn after_a_day_a_refresh_token_is_not_tried_any_more() {
    let loopback = Loopback::start();
    let methods = day_of_calls(&loopback).await;
    let (last, before) = methods.split_last().expect("requests");
    assert_eq!(last, "POST");
    assert_eq!(before[0], "POST");
    assert!(
        before[1..].iter().all(|method| method == "PATCH"),
        "{before:?}"
    );
    assert_eq!(before.len(), 25);
}

#[tokio::test]
async fn the_day_of_a_replaced_refresh_token_starts_anew() {
    let loopback = Loopback::with(|config| config.fujitsu_aispf.rotate = true);
    let methods = day_of_calls(&loopback).await;
    assert_eq!(methods[0], "POST");
    assert!(
        methods[1..].iter().all(|method| method == "PATCH"),
        "{methods:?}"
    );
}

#[tokio::test]
async fn a_client_that_slept_for_days_issues_anew() {
    let loopback = Loopback::start();
    let client = client(&loopback);
    client.warm_up().await.expect("a token");
    loopback.advance(3 * DAY);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    let requests = loopback.token_requests(FUJITSU);
    let methods: Vec<_> = requests.iter().map(|request| &*request.method).collect();
    assert_eq!(methods, ["POST", "POST"]);
}

#[tokio::test]
async fn refresh_tokens_that_die_early_cost_one_refused_refresh() {
    let loopback = Loopback::with(|config| config.fujitsu_aispf.refresh_token_seconds = 60);
    let client = client(&loopback);
    client.warm_up().await.expect("a token");
    loopback.advance(LATE);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    let requests = loopback.token_requests(FUJITSU);
    let answers: Vec<_> = requests.iter().map(|r| (&*r.method, r.status)).collect();
    let expected = [
        ("POST", Some(200)),
        ("PATCH", Some(401)),
        ("POST", Some(200)),
    ];
    assert_eq!(answers, expected);
}
