//! Settings of a builder.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tegata::{MemoryStore, RenewalEvent, reqwest};
use tegata_emulator::Provider;

use tegata_test_support::loopback::{HOUR, Loopback, MARKETO_ID, MARKETO_SECRET};

#[tokio::test]
async fn a_builder_takes_every_part_by_itself() {
    let loopback = Loopback::start();
    let (renewals, store) = (Arc::new(AtomicUsize::new(0)), MemoryStore::default());
    let counter = Arc::clone(&renewals);
    let client = tegata_marketo::Client::builder(MARKETO_ID, MARKETO_SECRET)
        .base_url(loopback.url(Provider::Marketo))
        .http_client(
            reqwest::Client::builder()
                .no_proxy()
                .user_agent("by the builder"),
        )
        .clock(loopback.clock.clone())
        .observer(move |_: &RenewalEvent| {
            counter.fetch_add(1, Ordering::SeqCst);
        })
        .store(store.clone())
        .build()
        .expect("valid settings");
    client.warm_up().await.expect("a token");
    loopback.advance(HOUR);
    client.warm_up().await.expect("a token");
    assert_eq!(renewals.load(Ordering::SeqCst), 2);
    let asked = loopback.token_requests(Provider::Marketo);
    assert_eq!(asked.len(), 2);
    let is_named = |(name, value): &(String, String)| {
        name.eq_ignore_ascii_case("user-agent") && value == "by the builder"
    };
    assert!(asked[0].headers.iter().any(is_named));
    let stored = tegata::TokenStore::load(&Arc::new(store))
        .await
        .expect("loads");
    assert!(stored.is_some_and(|record| record.token().is_some()));
}
