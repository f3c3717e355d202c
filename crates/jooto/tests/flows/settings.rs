//! Settings of an application and of its clients.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tegata::{RenewalEvent, RenewalPolicy, Settings};

use tegata_test_support::loopback::{HOUR, JOOTO_ID, JOOTO_SECRET, Loopback};

#[tokio::test]
async fn a_clients_settings_add_to_those_of_its_application() {
    let loopback = Loopback::start();
    let renewals = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&renewals);
    let app = loopback.jooto_app(JOOTO_ID, JOOTO_SECRET);
    let app = app.observer(move |_: &RenewalEvent| {
        counter.fetch_add(1, Ordering::SeqCst);
    });
    let app = app.build();
    let app = app.expect("valid settings");
    let settings = Settings::new().renewal(RenewalPolicy::new().deadline(Duration::from_secs(9)));
    let client = app.client(loopback.token(&app).await).settings(settings);
    let client = client.build().expect("valid settings");
    // By the application's clock the token is still good.
    client.warm_up().await.expect("a token");
    assert_eq!(renewals.load(Ordering::SeqCst), 0);
    loopback.advance(HOUR);
    client.warm_up().await.expect("a token");
    assert_eq!(renewals.load(Ordering::SeqCst), 1);
}
