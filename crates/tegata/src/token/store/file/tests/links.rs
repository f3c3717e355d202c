//! Files that are reached by links.

#![cfg(unix)]

use std::os::unix::fs::symlink;

use super::*;

/// `common` with a token file, `a` and `b` with links to it, `far` with a link to the link in `a`.
fn linked() -> (tempfile::TempDir, impl Fn(&str) -> FileStore) {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["common", "a", "b", "far"] {
        fs::create_dir(folder.path().join(name)).expect("made");
    }
    let link = |target: &str, link: &str| {
        symlink(target, folder.path().join(link)).expect("linked");
    };
    link("../common/t.json", "a/t.json");
    link("../common/t.json", "b/other.json");
    link("../a/t.json", "far/t.json");
    link("common", "linked-folder");
    let path = folder.path().to_owned();
    (folder, move |name: &str| FileStore::new(path.join(name)))
}

const WAYS: [&str; 5] = [
    "common/t.json",
    "a/t.json",
    "b/other.json",
    "far/t.json",
    "linked-folder/t.json",
];

#[test]
fn a_link_stays_one_and_its_target_is_written() {
    let (folder, open) = linked();
    // The first save goes by links whose target is not there yet.
    for (version, way) in (1..).zip(WAYS.into_iter().rev()) {
        run(open(way).save(&record(version))).expect("saved");
        for way in WAYS {
            let loaded = run(open(way).load()).expect("whole");
            assert_eq!(loaded, Some(record(version)), "{way}");
        }
    }
    let common = folder.path().join("common/t.json");
    assert!(fs::symlink_metadata(&common).expect("there").is_file());
    assert_eq!(names_beside(&common), ["t.json", "t.json.lock"]);
    for link in ["a/t.json", "b/other.json", "far/t.json"] {
        let path = folder.path().join(link);
        assert!(path.is_symlink(), "{link}");
        assert_eq!(names_beside(&path).len(), 1, "{link}");
        assert_eq!(open(link).path(), path);
    }
}

#[tokio::test]
async fn all_ways_to_one_file_have_one_lock() {
    let (_folder, open) = linked();
    for held in WAYS {
        let lease = open(held).lease(TERMS).await.expect("a lease");
        for way in WAYS {
            let error = open(way).lease(IMPATIENT).await.expect_err("held");
            assert!(error.to_string().contains("t.json.lock"), "{error}");
        }
        drop(lease);
    }
}

#[tokio::test]
async fn an_error_names_the_link_and_its_target() {
    let (folder, open) = linked();
    let store = open("far/t.json");
    store.save(&record(1)).await.expect("saved");
    set_mode(store.path(), 0o644);
    let error = store.load().await.expect_err("refused").to_string();
    for name in ["far/t.json", "common/t.json"] {
        assert!(error.contains(name), "{error}");
    }
    fs::remove_file(store.path()).expect("removed");
    symlink(folder.path(), store.path()).expect("linked");
    let error = store.load().await.expect_err("a folder").to_string();
    assert!(
        error.contains("is a folder") && error.contains("far/t.json"),
        "{error}"
    );
}

#[tokio::test]
async fn links_in_a_circle_are_an_error() {
    let (folder, open) = linked();
    for (from, to) in [("x", "y"), ("y", "x")] {
        symlink(to, folder.path().join(from)).expect("linked");
    }
    let store = open("x");
    let load = store.load().await.expect_err("a circle");
    let lease = store.lease(TERMS).await.expect_err("a circle");
    for error in [load, lease] {
        assert!(error.to_string().contains("circle"), "{error}");
    }
}

#[tokio::test]
async fn a_path_that_names_no_file_is_refused_before_anything_is_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    for path in [
        PathBuf::new(),
        folder.path().join(".."),
        folder.path().join("no/"),
    ] {
        let store = FileStore::new(&path);
        let error = store.lease(TERMS).await.expect_err("no file");
        assert!(
            error.to_string().contains("nothing was sent"),
            "{path:?}: {error}"
        );
    }
    assert_eq!(names_beside(&folder.path().join("any")), [""; 0]);
}
