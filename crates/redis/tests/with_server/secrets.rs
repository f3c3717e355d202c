//! Passwords, tokens and keys, which must not appear anywhere.

use std::fmt::Write as _;
use std::sync::Arc;

use tegata::{ManualClock, SharedClock, TokenStore as _};
use tegata_redis::redis::{self, Commands as _};
use tegata_redis::{EncryptionKey, RedisStore, Unavailable};

use crate::support::{Endpoint, Log, Make, RedisServer, SECOND, START, record, token};

#[tokio::test]
async fn neither_logs_nor_errors_nor_debug_show_a_secret() {
    // A server that does not know a command repeats its arguments.
    let arguments = [
        "--requirepass",
        "CANARY-password",
        "--rename-command",
        "EVAL",
        "EVAL2",
    ];
    let Some(mut server) = RedisServer::start_with(Make::Redis7, &arguments) else {
        return;
    };
    let (log, _guard) = Log::capture();
    let (endpoint, clock) = (Endpoint::start().await, ManualClock::at(START));
    let mut shown = String::new();
    let mut show = |what: &dyn std::fmt::Debug| {
        write!(shown, "{what:?} {what:#?}").expect("written");
    };
    let url = server.url().replace("//", "//:CANARY-password@");
    let key = EncryptionKey::new(1, b"CANARYCANARYCANARYCANARYCANARY12");
    for builder in [
        RedisStore::builder(&url),
        RedisStore::builder(&url)
            .encrypt(key)
            .unavailable(Unavailable::GoOn),
    ] {
        show(&builder);
        let store = builder.build("jooto", "main").expect("a store");
        show(&store);
        show(&store.load().await.expect("none"));
        show(&store.lease(SECOND).await.expect_err("no EVAL"));
        let error = store
            .save(&record("main", 1, 0))
            .await
            .expect_err("no EVAL");
        assert!(error.to_string().contains("does not know EVAL"), "{error}");
        show(&error);
        let mut raw = redis::Client::open(url.as_str())
            .expect("a URL")
            .get_connection()
            .expect("connected");
        for lies in [
            "CANARY",
            "tegata 1 1 00ff {\"CANARY\"",
            "tegata 1 1 00ff \u{1}\u{1}CANARY",
        ] {
            raw.set::<_, _, ()>(store.key(), lies).expect("set");
            show(&store.load().await.expect_err("no record"));
        }
        raw.del::<_, ()>(store.key()).expect("deleted");
        let app = endpoint.app(SharedClock::new(clock.clone()));
        let client = app
            .client(token("main", 1, 0))
            .store(Arc::new(store.clone()))
            .build();
        let client = client.expect("a client");
        show(&client);
        show(&client.warm_up().await);
    }
    for wrong in ["", ":CANARY-wrong@", "CANARY-user:CANARY-wrong@"] {
        let url = server.url().replace("//", &format!("//{wrong}"));
        let store = RedisStore::builder(&url)
            .build("jooto", "main")
            .expect("a store");
        let error = store.load().await.expect_err("refused");
        let text = error.to_string();
        assert!(
            text.contains("password") && !error.is_transient(),
            "{error:?}"
        );
        show(&error);
    }
    server.stop();
    let store = RedisStore::builder(&url)
        .build("jooto", "main")
        .expect("a store");
    show(&store.load().await.expect_err("away"));
    shown.push_str(&log.text());
    assert!(!shown.contains("CANARY"), "{shown}");
    assert!(!shown.contains("67, 65, 78"), "{shown}");
    // Checks that something was written at all.
    assert!(shown.contains("tegata:{jooto:main}:lease"), "{shown}");
}
