//! Settings of an application, of its clients, and of any builder.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tegata::{MemoryStore, RenewalEvent, RenewalObserver, RenewalPolicy, Settings, reqwest};
use tegata_emulator::Provider;

use tegata_test_support::loopback::{
    HOUR, JOOTO_ID, JOOTO_SECRET, Loopback, MARKETO_ID, MARKETO_SECRET,
};

#[derive(Clone, Default)]
struct Renewals(Arc<AtomicUsize>);

impl Renewals {
    fn observer(&self) -> impl RenewalObserver + use<> {
        let counter = Arc::clone(&self.0);
        move |_: &RenewalEvent| {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_clients_settings_add_to_those_of_its_application() {
    let loopback = Loopback::start();
    let renewals = Renewals::default();
    let app = loopback.jooto_app(JOOTO_ID, JOOTO_SECRET);
    let app = app.observer(renewals.observer()).build();
    let app = app.expect("valid settings");
    let settings = Settings::new().renewal(RenewalPolicy::new().deadline(Duration::from_secs(9)));
    let client = app.client(loopback.token(&app).await).settings(settings);
    let client = client.build().expect("valid settings");
    // By the application's clock the token is still good.
    client.warm_up().await.expect("a token");
    assert_eq!(renewals.count(), 0);
    loopback.advance(HOUR);
    client.warm_up().await.expect("a token");
    assert_eq!(renewals.count(), 1);
}

#[tokio::test]
async fn a_builder_takes_every_part_by_itself() {
    let loopback = Loopback::start();
    let (renewals, store) = (Renewals::default(), MemoryStore::default());
    let client = tegata_marketo::Client::builder(MARKETO_ID, MARKETO_SECRET)
        .base_url(loopback.url(Provider::Marketo))
        .http_client(
            reqwest::Client::builder()
                .no_proxy()
                .user_agent("by the builder"),
        )
        .clock(loopback.clock.clone())
        .observer(renewals.observer())
        .store(store.clone())
        .build()
        .expect("valid settings");
    client.warm_up().await.expect("a token");
    loopback.advance(HOUR);
    client.warm_up().await.expect("a token");
    assert_eq!(renewals.count(), 2);
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
