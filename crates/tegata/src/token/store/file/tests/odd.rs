//! Devices, pipes and folders in the place of the token file.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::process::Command;

use rstest::rstest;

use super::*;

fn run_tool(tool: &str, path: &Path, arguments: &[&str]) -> bool {
    let mut tool = Command::new(tool);
    let status = tool.arg(path).args(arguments).status();
    status.expect("run").success()
}

/// Whether it could be made: devices are for root only.
fn make(kind: &str, path: &Path) -> bool {
    match kind {
        "folder" => fs::create_dir(path).expect("made"),
        "pipe" => assert!(run_tool("mkfifo", path, &[])),
        "link" => std::os::unix::fs::symlink("elsewhere", path).expect("made"),
        "socket" => drop(UnixListener::bind(path).expect("bound")),
        // One of its own: those of the system are not for a test that may fail.
        "device" => return run_tool("mknod", path, &["c", "1", "3"]),
        kind => panic!("no such thing: {kind}"),
    }
    true
}

#[rstest]
#[case("folder", "is a folder")]
#[case("pipe", "is a named pipe")]
#[case("socket", "is a socket")]
#[case("device", "is a device")]
#[tokio::test]
async fn it_is_named_neither_opened_nor_replaced(#[case] kind: &str, #[case] expected: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = FileStore::new(folder.path().join("account.json"));
    if !make(kind, store.path()) {
        println!("not run: no {kind} can be made here");
        let required = std::env::var_os("TEGATA_REQUIRE_MOUNTS").is_some();
        return assert!(!required, "TEGATA_REQUIRE_MOUNTS is set");
    }
    let load = store.load().await.expect_err("no file");
    let lease = store.lease(TERMS).await.expect_err("no file");
    let save = store.save(&record(1)).await.expect_err("no file");
    for error in [load, lease, save] {
        assert_eq!(error.kind(), ErrorKind::Store);
        let shown = error.to_string();
        assert!(shown.contains(expected), "{shown}");
        assert!(!shown.contains("chmod"), "{shown}");
    }
    assert_eq!(names_beside(store.path()), ["account.json"]);
}

#[rstest]
#[case("folder", ".lock")]
#[case("pipe", ".lock")]
#[case("link", ".lock")]
#[case("folder", ".new")]
#[case("pipe", ".new")]
#[tokio::test]
async fn beside_the_file_it_is_named_too(#[case] kind: &str, #[case] suffix: &str) {
    let (_folder, store) = store();
    store.save(&record(1)).await.expect("saved");
    let path = store.beside(suffix);
    let _ = fs::remove_file(&path);
    assert!(make(kind, &path));
    let lease = store.lease(TERMS).await.expect_err("in the way");
    assert!(lease.to_string().contains("nothing was sent"), "{lease}");
    let save = store.save(&record(2)).await.expect_err("in the way");
    for error in [lease, save] {
        let shown = error.to_string();
        for part in [kind, &path.display().to_string()] {
            assert!(shown.contains(part), "{shown}");
        }
    }
    assert_eq!(store.load().await.expect("still there"), Some(record(1)));
    let metadata = fs::symlink_metadata(&path).expect("there");
    if metadata.is_dir() {
        fs::remove_dir(&path).expect("removed");
    } else {
        fs::remove_file(&path).expect("removed");
    }
    store.save(&record(2)).await.expect("saved");
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_not_taken_for_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "no folder").expect("written");
    let store = FileStore::new(file.join("account.json"));
    let error = store.load().await.expect_err("it is no folder");
    assert!(error.to_string().contains("cannot be opened"), "{error}");
    let why = std::error::Error::source(&error).and_then(|why| why.downcast_ref());
    let kind = why.map(std::io::Error::kind);
    assert_eq!(kind, Some(std::io::ErrorKind::NotADirectory));
}

#[test]
fn a_file_that_others_can_read_is_never_taken_for_private() {
    let (_folder, store) = store();
    run(store.save(&record(1))).expect("saved");
    set_mode(store.path(), 0o644);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..200 {
                    store.read().expect_err("others can read it");
                }
            });
        }
    });
    let mode = fs::metadata(store.path()).expect("there").permissions();
    assert_eq!(mode.mode() & 0o777, 0o644, "as the user left it");
}
