//! Files that were written by another version, or by hand.

use rstest::rstest;

use super::*;

#[tokio::test]
async fn a_file_says_its_format_beside_the_record() {
    let (_folder, store) = store();
    store.save(&record(7)).await.expect("saved");
    let text = fs::read(store.path()).expect("there");
    let json: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    assert_eq!(json["format"], 2);
    assert_eq!(json["version"], 7);
    assert_eq!(json["token"]["refresh_token"], "CANARY-refresh-7");
}

#[tokio::test]
async fn a_file_of_the_first_format_is_read_and_upgraded() {
    let (_folder, store) = store();
    store.save(&record(1)).await.expect("saved");
    store.set(
        r#"{"format":1,"token":{"access_token":"CANARY-access-0","issued_at":0,
            "refresh_token":"CANARY-refresh-0"}}"#,
    );
    let loaded = store.load().await.expect("readable").expect("a record");
    assert_eq!(loaded, record(0));
    store.save(&record(1)).await.expect("saved");
    assert_eq!(store.load().await.expect("readable"), Some(record(1)));
}

#[rstest]
#[case(r#"{"format":3,"token":"CANARY"}"#, "unknown format 3")]
#[case(r#"{"format":0,"anything":[]}"#, "unknown format 0")]
#[tokio::test]
async fn an_unknown_format_is_named_and_left_alone(#[case] text: &str, #[case] expected: &str) {
    let (_folder, store) = store();
    store.save(&record(1)).await.expect("saved");
    store.set(text);
    let error = store.load().await.expect_err("unknown");
    let shown = format!("{error} {error:?}");
    assert!(shown.contains(expected), "{shown}");
    assert!(
        shown.contains(&store.path().display().to_string()),
        "{shown}"
    );
    assert!(!shown.contains("CANARY"), "{shown}");
    assert_eq!(fs::read_to_string(store.path()).expect("there"), text);
}

#[tokio::test]
async fn a_file_that_an_editor_has_saved_is_read() {
    let (_folder, store) = store();
    store.save(&record(1)).await.expect("saved");
    let text = fs::read(store.path()).expect("there");
    let json: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    let pretty = serde_json::to_string_pretty(&json).expect("JSON");
    for text in [
        format!("{pretty}\r\n"),
        format!("\u{feff}{pretty}"),
        format!("\u{feff}{json}    \n"),
    ] {
        store.set(&text);
        assert_eq!(
            store.load().await.expect("readable"),
            Some(record(1)),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_damaged_file_is_set_aside_and_named_but_not_shown() {
    let (_folder, store) = store();
    store.save(&record(1)).await.expect("saved");
    let whole = fs::read(store.path()).expect("there");
    let damaged: [&[u8]; 7] = [
        &whole[..whole.len() / 2],
        b"",
        b"{\"format\":2}",
        b"{\"format\":2,\"version\":4}",
        br#"{"format":2,"token":{"access_token":"CANARY","issued_at":"CANARY"}}"#,
        br#"{"format":1,"token":{"access_token":1,"issued_at":0,"refresh_token":"CANARY"}}"#,
        b"\xff\xfeCANARY",
    ];
    for (number, damaged) in damaged.into_iter().enumerate() {
        store.set(damaged);
        let error = store.load().await.expect_err("damaged");
        assert_eq!(error.kind(), ErrorKind::Store);
        let shown = format!("{error} {error:?}");
        let aside = store.beside(&format!(".corrupt-{number}"));
        for path in [store.path(), &aside] {
            assert!(shown.contains(&path.display().to_string()), "{shown}");
        }
        assert!(!shown.contains("CANARY"), "{shown}");
        assert_eq!(fs::read(aside).expect("kept"), damaged);
        assert!(store.load().await.expect("gone").is_none());
        store.save(&record(1)).await.expect("saved");
    }
}

#[tokio::test]
async fn a_damaged_file_that_may_still_be_written_is_not_set_aside() {
    let (_folder, store) = store();
    let other = FileStore::new(store.path());
    let lease = other.lease(TERMS).await.expect("a lease");
    store.set("CANARY");
    let error = store.load().await.expect_err("damaged");
    let shown = error.to_string();
    assert!(
        shown.contains("damaged") && shown.contains(".lock"),
        "{shown}"
    );
    assert!(error.is_transient());
    assert_eq!(fs::read(store.path()).expect("there"), b"CANARY");
    // The process with the lease may.
    other.load().await.expect_err("damaged");
    assert!(!store.path().exists());
    drop(lease);
}

#[test]
fn a_file_that_is_whole_again_by_then_is_not_set_aside() {
    let (_folder, store) = store();
    run(store.save(&record(1))).expect("saved");
    let writer = store.prepared().flatten().expect("the lock");
    assert_eq!(writer.set_aside().expect("it is whole"), Some(record(1)));
    drop(writer);
    assert_eq!(
        names_beside(store.path()),
        ["account.json", "account.json.lock"]
    );
}
