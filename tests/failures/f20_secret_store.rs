//! The secret store is missing, locked, or blocks for ever.
//!
//! openai/codex#41031, marmot-protocol/whitenoise-rs#809

use std::process::Command;
use std::time::Duration;

use tegata::{ErrorKind, FileStore};

use crate::support::{
    Call, DEADLINE, LONGEST_SAVE, PAUSE, Scene, Trouble, Troubled, assert_all_different, file,
    until,
};
use tegata_test_support::loopback::{HOUR, WINDOW};
use tegata_test_support::traced::Traced;
use tegata_test_support::{Flow, soon};

const FLOW: Flow = Flow::JootoOAuth2;

/// The flows that start again from id and secret at any time.
const GRANTED: [Flow; 4] = [
    Flow::AispfOAuth2,
    Flow::AispfLegacy,
    Flow::MarketoGet,
    Flow::MarketoForm,
];

#[tokio::test(start_paused = true)]
async fn a_store_that_blocks_for_ever_costs_only_the_deadline() {
    for at in [Call::Load, Call::Lease] {
        let scene = Scene::begin();
        let store = Troubled::holding(scene.expired().await);
        let client = scene.jooto(store.clone());
        store.set(Some((at, Trouble::Hangs)));
        let caller = tokio::spawn({
            let client = client.clone();
            async move { client.get(FLOW.path()).await }
        });
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        scene.pass(DEADLINE).await;
        let error = soon("the deadline", caller).await.expect("no panic");
        assert!(error.expect_err("it hangs").is_timeout(), "{at:?}");
        assert!(
            scene.spent().is_empty(),
            "{at:?}: exchanged without the store"
        );

        store.set(None);
        scene.pass(PAUSE).await;
        assert_eq!(
            client.get(FLOW.path()).await.expect("unlocked"),
            200,
            "{at:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_blocking_save_does_not_keep_the_token_from_callers() {
    let scene = Scene::begin();
    let store = Troubled::holding(scene.expired().await);
    let client = scene.jooto(store.clone());
    let old = store.inner.token();
    store.set(Some((Call::Save, Trouble::Hangs)));
    let caller = tokio::spawn({
        let client = client.clone();
        async move { client.get(FLOW.path()).await }
    });
    // The answer takes real time, in which no second of the save's passes.
    until("the save hangs", || store.is_hanging()).await;
    scene.pass(LONGEST_SAVE).await;
    let status = soon("the call", caller).await.expect("no panic");
    assert_eq!(status.expect("served"), 200);
    assert_eq!(store.inner.token(), old);
    store.set(None);
    let is_saved = || store.inner.token() != old;
    scene
        .pass_until("it is saved", Duration::from_secs(1), is_saved)
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_locked_store_harms_no_current_token_and_is_reported() {
    for at in [Call::Load, Call::Lease, Call::Save] {
        let scene = Scene::begin();
        let store = Troubled::holding(scene.expired().await);
        let client = scene.jooto(store.clone());
        client.warm_up().await.expect("a token");
        store.set(Some((at, Trouble::Fails)));
        scene.pass(Duration::from_secs(HOUR - WINDOW)).await;
        for _ in 0..3 {
            assert_eq!(
                client.get(FLOW.path()).await.expect("still valid"),
                200,
                "{at:?}"
            );
            client.settled().await;
            scene.pass(PAUSE).await;
        }
        let snapshot = client.token_cache().expect("tokens").snapshot();
        if at == Call::Save {
            assert_eq!(
                snapshot.generation, 2,
                "the new token is used: {snapshot:?}"
            );
        } else {
            // It cannot be known whether another process has spent the refresh token.
            let error = snapshot.last_error.expect("an error");
            assert_eq!(error.kind(), ErrorKind::Store, "{at:?}: {error:?}");
            assert_eq!((snapshot.failures, scene.spent().len()), (3, 1), "{at:?}");
        }
        store.set(None);
        assert_eq!(
            client.get(FLOW.path()).await.expect("unlocked"),
            200,
            "{at:?}"
        );
        client.settled().await;
        assert_all_different(&scene.spent());
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_with_a_secret_works_and_reports_a_failing_store() {
    for flow in GRANTED {
        for at in [Call::Load, Call::Lease, Call::Save] {
            let (scene, log) = (Scene::begin(), Traced::begin());
            let store = Troubled::empty();
            store.set(Some((at, Trouble::Fails)));
            let client = scene.granted(flow, store.clone());
            client.warm_up().await.expect("id and secret will do");
            for _ in 0..3 {
                let status = client.get(flow.path()).await.expect("in memory");
                assert_eq!(status, 200, "{flow:?} {at:?}");
            }
            assert_eq!(scene.asked(flow), 1, "{flow:?} {at:?}");
            let text = log.take();
            let said = text.lines().any(|line| {
                line.contains("WARN")
                    && line.contains("token")
                    && line.contains("the store is locked")
            });
            assert!(said, "{flow:?} {at:?}: {text}");
            assert_eq!(store.inner.token(), None, "{flow:?} {at:?}");

            store.set(None);
            let is_saved = || store.inner.token().is_some();
            scene
                .pass_until("it is saved", Duration::from_secs(1), is_saved)
                .await;
            assert_eq!(scene.asked(flow), 1, "{flow:?} {at:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_blocking_store_leaves_the_login_half_of_the_deadline() {
    for flow in GRANTED {
        for at in [Call::Load, Call::Lease] {
            let scene = Scene::begin();
            let store = Troubled::empty();
            store.set(Some((at, Trouble::Hangs)));
            let client = scene.granted(flow, store);
            let caller = tokio::spawn(async move { client.get(flow.path()).await });
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            assert!(!caller.is_finished(), "{flow:?} {at:?}");
            scene.pass(DEADLINE / 2).await;
            let status = soon("the call", caller).await.expect("no panic");
            assert_eq!(status.expect("in memory"), 200, "{flow:?} {at:?}");
            assert_eq!(scene.asked(flow), 1, "{flow:?} {at:?}");
        }
    }
}

/// The file stays as it is for an administrator to look into, while the client works.
#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn a_readable_file_is_not_replaced_by_a_client_without_need() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_folder, path) = file();
    let scene = Scene::begin();
    let client = scene.granted(Flow::MarketoGet, FileStore::new(&path));
    client.warm_up().await.expect("a file of its own");
    let saved = std::fs::read_to_string(&path).expect("saved");
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(&path, open).expect("set");

    let cold = scene.granted(Flow::MarketoGet, FileStore::new(&path));
    scene.loopback.advance(HOUR);
    for client in [client, cold] {
        let log = Traced::begin();
        scene.pass(PAUSE).await;
        let status = client.get(Flow::MarketoGet.path()).await;
        assert_eq!(status.expect("in memory"), 200);
        let text = log.take();
        assert!(
            text.contains("WARN") && text.contains("account.json"),
            "{text}"
        );
        assert_eq!(std::fs::read_to_string(&path).expect("read"), saved);
    }
}

/// Opening a pipe into which nothing is written would block a thread for ever.
#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn a_pipe_in_the_place_of_the_file_is_named_and_blocks_nothing() {
    let scene = Scene::begin();
    let (_folder, path) = file();
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    let made = Command::new("mkfifo")
        .args(["-m", "600"])
        .arg(&path)
        .status();
    assert!(made.expect("mkfifo runs").success());
    let client = scene.jooto(FileStore::new(&path));
    let error = client.warm_up().await.expect_err("no token file");
    assert_eq!(error.kind(), tegata::ErrorKind::Store, "{error:?}");
    assert!(error.to_string().contains("is a named pipe"), "{error}");
}
