//! Unfinished saves, which leave a file beside the token file.

use rstest::rstest;

use super::*;

fn text(record: &Record) -> String {
    String::from_utf8(contents::to_bytes(record).expect("JSON")).expect("text")
}

/// A store with record 5, and this beside it.
fn with_beside(text: impl AsRef<[u8]>) -> (tempfile::TempDir, FileStore) {
    let (folder, store) = store();
    run(store.save(&record(5))).expect("saved");
    write_private(&store.beside(".new"), text);
    (folder, store)
}

#[rstest]
#[case::newer(text(&record(6)), record(6))]
#[case::newer_with_blanks(text(&record(6)) + "      ", record(6))]
#[case::a_deletion(
    text(&Record::deleted(SystemTime::UNIX_EPOCH).with_version(6)),
    Record::deleted(SystemTime::UNIX_EPOCH).with_version(6)
)]
#[case::of_no_version(text(&record(5)).replace(":0", ":1"), {
    let later = text(&record(5)).replace(":0", ":1");
    serde_json::from_str(&later).expect("a record")
})]
#[case::cut_off(text(&record(6)).trim_end_matches('}').to_owned(), record(5))]
#[case::overwritten_in_part(text(&record(6))[..40].to_owned() + &" ".repeat(4056), record(5))]
#[case::reserved(" ".repeat(4096), record(5))]
#[case::empty(String::new(), record(5))]
#[case::older(text(&record(4)), record(5))]
#[case::the_same_version(text(&record(5)).replace("access-5", "access-6"), record(5))]
fn the_next_lease_ends_a_save_of_a_newer_record(#[case] beside: String, #[case] expected: Record) {
    let (_folder, store) = with_beside(beside);
    assert_eq!(run(store.load()).expect("whole"), Some(record(5)));
    run(async {
        let lease = store.lease(TERMS).await.expect("a lease");
        assert_eq!(store.load().await.expect("whole"), Some(expected.clone()));
        drop(lease);
    });
    assert_eq!(run(store.load()).expect("whole"), Some(expected));
    assert_eq!(
        names_beside(store.path()),
        ["account.json", "account.json.lock"]
    );
}

#[test]
fn a_save_without_a_file_is_ended_too() {
    let (_folder, store) = with_beside(text(&record(1)));
    fs::remove_file(store.path()).expect("removed");
    run(async { drop(store.lease(TERMS).await.expect("a lease")) });
    assert_eq!(run(store.load()).expect("whole"), Some(record(1)));
}

#[test]
fn a_file_that_was_left_half_written_is_loaded_from_beside_it() {
    let (_folder, store) = with_beside(text(&record(6)));
    let half = text(&record(6))[..60].to_owned();
    store.set(&half);
    assert_eq!(run(store.load()).expect("whole"), Some(record(6)));
    assert_eq!(fs::read_to_string(store.path()).expect("there"), half);
    run(async { drop(store.lease(TERMS).await.expect("a lease")) });
    fs::remove_file(store.beside(".new")).expect_err("it is in its place");
    assert_eq!(run(store.load()).expect("whole"), Some(record(6)));
}

#[cfg(unix)]
#[rstest]
#[case::for_others_to_read(text(&record(6)), 0o644, "chmod 600")]
#[case::for_all_to_run(text(&record(6)), 0o755, "chmod 600")]
#[case::of_a_later_version(r#"{"format":9}"#.to_owned(), 0o600, "unknown format 9")]
fn an_unreadable_record_is_kept_and_nothing_is_sent(
    #[case] beside: String,
    #[case] mode: u32,
    #[case] expected: &str,
) {
    let (_folder, store) = with_beside(&beside);
    let new = store.beside(".new");
    set_mode(&new, mode);
    let error = run(store.lease(TERMS)).expect_err("refused");
    let shown = error.to_string();
    for part in ["nothing was sent", expected, &new.display().to_string()] {
        assert!(shown.contains(part), "{shown}");
    }
    assert_eq!(fs::read_to_string(&new).expect("kept"), beside);
}

#[cfg(unix)]
#[test]
fn a_useless_file_is_replaced_whatever_its_permissions() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_folder, store) = with_beside("cut off");
    set_mode(&store.beside(".new"), 0o644);
    run(store.save(&record(6))).expect("saved");
    assert_eq!(
        names_beside(store.path()),
        ["account.json", "account.json.lock"]
    );
    let mode = fs::metadata(store.path()).expect("there").permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
}

#[test]
fn an_unreadable_file_keeps_the_file_beside_it() {
    let (_folder, store) = with_beside(text(&record(6)));
    store.set(r#"{"format":9}"#);
    let error = run(store.lease(TERMS)).expect_err("refused");
    assert!(error.to_string().contains("unknown format 9"), "{error}");
    assert_eq!(
        fs::read_to_string(store.beside(".new")).expect("kept"),
        text(&record(6))
    );
}
