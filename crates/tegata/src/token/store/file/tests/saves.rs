//! A lease, a save, and what is beside the file meanwhile.

use std::sync::Mutex;

use super::*;

#[cfg(unix)]
fn inode(path: &Path) -> u64 {
    std::os::unix::fs::MetadataExt::ino(&fs::metadata(path).expect("there"))
}

#[test]
fn a_lease_reserves_room_which_goes_with_it() {
    let (_folder, store) = store();
    run(async {
        let lease = store.lease(TERMS).await.expect("a lease");
        let reserved = fs::read(store.beside(".new")).expect("reserved");
        assert_eq!(reserved, [b' '; 4096]);
        drop(lease);
    });
    assert_eq!(names_beside(store.path()), ["account.json.lock"]);
    run(store.save(&long_record(1))).expect("saved");
    let length = fs::metadata(store.path()).expect("there").len();
    run(async {
        let lease = store.lease(TERMS).await.expect("a lease");
        let reserved = fs::metadata(store.beside(".new")).expect("reserved");
        assert_eq!(reserved.len(), 2 * length);
        drop(lease);
    });
}

#[test]
fn a_lease_that_ends_outside_a_runtime_leaves_nothing() {
    let (_folder, store) = store();
    let lease = run(store.lease(TERMS)).expect("a lease");
    assert!(store.beside(".new").exists());
    drop(lease);
    assert_eq!(names_beside(store.path()), ["account.json.lock"]);
    assert_eq!(
        fs::read(store.beside(".lock")).expect("there"),
        b"",
        "it names no process"
    );
    drop(run(store.lease(IMPATIENT)).expect("it was given back"));
}

#[cfg(unix)]
#[tokio::test]
async fn a_save_under_a_lease_uses_the_reserved_room() {
    let (_folder, store) = store();
    for version in [1, 2] {
        let lease = store.lease(TERMS).await.expect("a lease");
        let reserved = inode(&store.beside(".new"));
        store.clone().save(&record(version)).await.expect("saved");
        assert_eq!(inode(store.path()), reserved);
        assert_eq!(store.load().await.expect("whole"), Some(record(version)));
        // A second save under it makes its own.
        store.save(&long_record(version)).await.expect("saved");
        assert_eq!(
            store.load().await.expect("whole"),
            Some(long_record(version))
        );
        drop(lease);
    }
}

#[tokio::test(start_paused = true)]
async fn a_save_without_the_lease_waits_for_the_one_that_has_it() {
    let (_folder, store) = store();
    let other = FileStore::new(store.path());
    let lease = other.lease(TERMS).await.expect("a lease");
    other.save(&record(1)).await.expect("saved");
    let record = record(2);
    let mut save = store.save(&record);
    let waited = tokio::time::timeout(Duration::from_secs(5), &mut save).await;
    waited.expect_err("it waits");
    drop(lease);
    save.await.expect("saved");
    assert_eq!(store.load().await.expect("whole"), Some(record));
}

#[tokio::test]
async fn a_dropped_save_finishes_and_keeps_the_lock_until_then() {
    static STEPS: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    let (_folder, store) = store();
    let store = store.at_each_step(|step| STEPS.lock().expect("not poisoned").push(step));
    let lease = store.lease(TERMS).await.expect("a lease");
    let record = record(1);
    let mut save = store.save(&record);
    let polled = std::future::poll_fn(|context| {
        std::task::Poll::Ready(save.as_mut().poll(context).is_ready())
    });
    assert!(!polled.await, "it runs on a thread of its own");
    drop(save);
    drop(lease);
    let other = FileStore::new(store.path());
    drop(
        other
            .lease(TERMS)
            .await
            .expect("the lock is free after the save"),
    );
    let steps = STEPS.lock().expect("not poisoned").clone();
    assert_eq!(steps.last(), Some(&"renamed"), "{steps:?}");
    assert_eq!(store.load().await.expect("whole"), Some(record));
}

#[tokio::test]
async fn a_save_goes_through_its_steps_in_their_order() {
    static STEPS: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    let (_folder, store) = store();
    let store = store.at_each_step(|step| STEPS.lock().expect("not poisoned").push(step));
    let steps = || std::mem::take(&mut *STEPS.lock().expect("not poisoned"));
    store.save(&record(1)).await.expect("saved");
    let saved = ["opened", "written", "synced", "renamed"];
    assert_eq!(steps(), [&["locked", "reserved"][..], &saved].concat());
    let lease = store.lease(TERMS).await.expect("a lease");
    assert_eq!(steps(), ["locked", "reserved"]);
    store.save(&record(2)).await.expect("saved");
    assert_eq!(steps(), saved);
    drop(lease);
}

#[test]
fn the_only_good_copy_is_kept_until_it_is_in_its_place() {
    static STEPS: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    let (_folder, store) = store();
    let store = store.at_each_step(|step| STEPS.lock().expect("not poisoned").push(step));
    let steps = || std::mem::take(&mut *STEPS.lock().expect("not poisoned"));
    run(async {
        let lease = store.lease(TERMS).await.expect("a lease");
        // A folder cannot be replaced by a file, nor written.
        fs::create_dir(store.path()).expect("made");
        let error = store.save(&record(1)).await.expect_err("fails");
        let shown = error.to_string();
        assert!(
            shown.contains("cannot be replaced") && shown.contains("is a folder"),
            "{shown}"
        );
        let whole = fs::read(store.beside(".new")).expect("kept");
        assert!(contents::to_bytes(&record(1)).expect("JSON") == whole);
        steps();
        store.save(&record(1)).await.expect_err("fails again");
        assert!(steps().is_empty(), "the good copy was written over");
        drop(lease);
    });
    let error = run(store.lease(TERMS)).expect_err("nothing can be saved");
    assert!(error.to_string().contains("nothing was sent"), "{error}");
    assert!(store.beside(".new").exists());
    fs::remove_dir(store.path()).expect("removed");
    run(async { drop(store.lease(TERMS).await.expect("a lease")) });
    assert_eq!(run(store.load()).expect("whole"), Some(record(1)));
}

#[tokio::test]
async fn a_retry_under_the_same_lease_saves_the_newest_token() {
    let (_folder, store) = store();
    let lease = store.lease(TERMS).await.expect("a lease");
    fs::create_dir(store.path()).expect("made");
    store.save(&record(1)).await.expect_err("fails");
    fs::remove_dir(store.path()).expect("removed");
    store.save(&record(2)).await.expect("saved");
    assert_eq!(store.load().await.expect("whole"), Some(record(2)));
    drop(lease);
}

#[tokio::test]
async fn a_reservation_that_was_cleaned_away_is_made_again() {
    let (_folder, store) = store();
    let lease = store.lease(TERMS).await.expect("a lease");
    fs::remove_file(store.beside(".new")).expect("reserved");
    store.save(&record(1)).await.expect("saved");
    assert_eq!(store.load().await.expect("whole"), Some(record(1)));
    drop(lease);
}

#[cfg(unix)]
#[test]
fn a_removed_lock_file_does_not_mix_the_saves_of_two_processes() {
    let (_folder, store) = store();
    let other = FileStore::new(store.path());
    run(async {
        let lease = store.lease(TERMS).await.expect("a lease");
        fs::remove_file(store.beside(".lock")).expect("removed");
        let second = other.lease(TERMS).await.expect("a lease too");
        store.save(&record(1)).await.expect("saved");
        assert_eq!(store.load().await.expect("whole"), Some(record(1)));
        other.save(&record(2)).await.expect("saved");
        assert_eq!(store.load().await.expect("whole"), Some(record(2)));
        drop((lease, second));
    });
    assert_eq!(
        names_beside(store.path()),
        ["account.json", "account.json.lock"]
    );
}

#[test]
fn after_a_deletion_no_secret_is_left() {
    let (_folder, store) = store();
    run(store.save(&long_record(3))).expect("saved");
    write_private(
        &store.beside(".new"),
        contents::to_bytes(&record(2)).expect("JSON"),
    );
    run(store.delete()).expect("deleted");
    let loaded = run(store.load()).expect("whole").expect("a record");
    assert!(loaded.deleted_at().is_some() && loaded.token().is_none());
    assert_eq!(loaded.version(), 4);
    let names = names_beside(store.path());
    assert_eq!(names, ["account.json", "account.json.lock"]);
    for name in names {
        let text = fs::read(store.path().with_file_name(&name)).expect("there");
        assert!(!String::from_utf8_lossy(&text).contains("CANARY"), "{name}");
    }
}

#[test]
fn a_deletion_considers_the_file_of_an_unfinished_save() {
    let (_folder, store) = store();
    run(store.save(&record(3))).expect("saved");
    write_private(
        &store.beside(".new"),
        contents::to_bytes(&record(4)).expect("JSON"),
    );
    run(store.delete()).expect("deleted");
    let loaded = run(store.load()).expect("whole").expect("a record");
    assert_eq!((loaded.version(), loaded.token()), (5, None));
}
