//! Who may save, and what is kept.

use std::time::Duration;

use tegata::{ErrorKind, Issued, Refresh, Token, TokenStore as _};
use tegata_redis::redis::Commands as _;

use crate::support::{Place, START, token, until};

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn every_save_counts_the_version_up() {
    let Some(place) = Place::find() else { return };
    let store = place.store();
    assert_eq!(place.version(), None);
    for version in 1..=3 {
        let lease = store.lease(LONG).await.expect("a lease");
        store.save(&token("main", version, 0)).await.expect("saved");
        drop(lease);
        assert_eq!(place.version(), Some(version));
    }
}

#[tokio::test]
async fn without_a_lease_it_saves_only_over_what_it_loaded() {
    let Some(place) = Place::find() else { return };
    let (first, second) = (place.store(), place.store());
    for store in [&first, &second] {
        assert_eq!(store.load().await.expect("loaded"), None);
    }
    second.save(&token("main", 2, 0)).await.expect("saved");
    let error = first.save(&token("main", 1, 0)).await.expect_err("moved");
    assert!(
        error.to_string().contains("somebody else has saved one"),
        "{error}"
    );
    assert_eq!(
        (error.kind(), error.is_transient()),
        (ErrorKind::Store, true),
        "{error:?}"
    );
    assert_eq!(
        first.load().await.expect("loaded"),
        Some(token("main", 2, 0))
    );
    first
        .save(&token("main", 3, 0))
        .await
        .expect("nobody was faster");
    first
        .save(&token("main", 4, 0))
        .await
        .expect("nobody but itself");
    let error = second.save(&token("main", 5, 0)).await.expect_err("moved");
    assert!(error.to_string().contains("load that first"), "{error}");
    assert_eq!(place.version(), Some(3));
}

#[tokio::test]
async fn after_a_lease_too_it_saves_over_what_it_loaded() {
    let Some(place) = Place::find() else { return };
    let store = place.store();
    let lease = store.lease(LONG).await.expect("a lease");
    store.save(&token("main", 1, 0)).await.expect("saved");
    drop(lease);
    store.released().await;
    store
        .save(&token("main", 2, 0))
        .await
        .expect("nobody was faster");
    assert_eq!(place.version(), Some(2));
}

#[tokio::test]
async fn a_store_that_never_loaded_overwrites_nothing_without_a_lease() {
    let Some(place) = Place::find() else { return };
    place
        .store()
        .save(&token("main", 1, 0))
        .await
        .expect("there was none");
    place
        .store()
        .save(&token("main", 2, 0))
        .await
        .expect_err("there is one");
    assert_eq!(
        place.store().load().await.expect("loaded"),
        Some(token("main", 1, 0))
    );
}

#[tokio::test]
async fn under_a_lease_too_it_minds_who_saved_without_one() {
    let Some(place) = Place::find() else { return };
    let (holder, other) = (place.store(), place.store());
    let lease = holder.lease(LONG).await.expect("a lease");
    holder.load().await.expect("loaded");
    other
        .save(&token("main", 2, 0))
        .await
        .expect("there was none");
    holder.save(&token("main", 1, 0)).await.expect_err("moved");
    drop(lease);
    let lease = holder.lease(LONG).await.expect("a lease");
    holder
        .save(&token("main", 3, 0))
        .await
        .expect("a new lease, and nothing loaded under it");
    drop(lease);
    assert_eq!(
        other.load().await.expect("loaded"),
        Some(token("main", 3, 0))
    );
}

/// <https://github.com/BerriAI/litellm/pull/31493>: a lease that ran out in mid-renewal.
#[tokio::test]
async fn who_lost_the_lease_does_not_overwrite_who_has_it() {
    let Some(place) = Place::find() else { return };
    let (former, holder) = (place.store(), place.store());
    let lost = former
        .lease(Duration::from_millis(1))
        .await
        .expect("a lease");
    let lease = holder.lease(LONG).await.expect("the next lease");
    let error = former.save(&token("main", 1, 0)).await.expect_err("lost");
    assert!(error.to_string().contains("the lease was lost"), "{error}");
    assert_eq!(
        (error.kind(), error.is_transient()),
        (ErrorKind::Store, true),
        "{error:?}"
    );
    holder.save(&token("main", 2, 0)).await.expect("saved");
    former
        .save(&token("main", 1, 0))
        .await
        .expect_err("still lost");
    drop(lost);
    drop(lease);
    assert_eq!(
        holder.load().await.expect("loaded"),
        Some(token("main", 2, 0))
    );
}

#[tokio::test]
async fn a_lease_that_ran_out_is_no_right_even_if_nobody_took_it() {
    let Some(place) = Place::find() else { return };
    let store = place.store();
    let lost = store
        .lease(Duration::from_millis(1))
        .await
        .expect("a lease");
    let mut raw = place.raw();
    until("the lease runs out", || {
        !raw.exists::<_, bool>(place.lease_key()).expect("asked")
    })
    .await;
    let error = store.save(&token("main", 1, 0)).await.expect_err("lost");
    assert!(error.to_string().contains("the lease was lost"), "{error}");
    assert_eq!(place.version(), None);
    drop(lost);
}

#[tokio::test]
async fn a_record_is_kept_as_long_as_its_refresh_token_is_good() {
    let Some(place) = Place::find() else { return };
    let store = place
        .builder()
        .ttl(Duration::from_secs(7200))
        .build("jooto", "main")
        .expect("a store");
    let mut raw = place.raw();
    for (lifetime, expected) in [(Some(86_400), 86_400), (None, 7200)] {
        let refresh = Refresh::Replace {
            token: "CANARY-refresh".into(),
            lifetime: lifetime.map(Duration::from_secs),
        };
        let issued = Issued {
            access_token: "CANARY-access".into(),
            lifetime: Some(Duration::from_secs(3600)),
            refresh,
        };
        let token = Token::new(issued, START, None);
        let lease = store.lease(LONG).await.expect("a lease");
        store.save(&token).await.expect("saved");
        drop(lease);
        let left: i64 = raw.ttl(store.key()).expect("asked");
        assert!(
            (expected - 60..=expected).contains(&left),
            "{left} s, not {expected}"
        );
    }
    let lease = place.store().lease(LONG).await.expect("a lease");
    let forever = place.store();
    forever.load().await.expect("loaded");
    forever.save(&token("main", 1, 0)).await.expect("saved");
    drop(lease);
    assert_eq!(
        raw.ttl::<_, i64>(store.key()).expect("asked"),
        -1,
        "an expiry is left"
    );
}
