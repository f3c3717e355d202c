//! Full disks and files on mounts, each made in a mount namespace of its own: this very test program, started
//! again under `unshare`. Where that is not permitted a test says so, and fails only if
//! `TEGATA_REQUIRE_MOUNTS` is set.

use std::process::Command;
use std::sync::Mutex;

use super::processes::{again, file, name, this_program};
use super::*;

/// Runs a test of this module in a mount namespace of its own, if its other needs are met.
fn in_own_mounts(test: &str, needs: &str) {
    let unshare = [&["-m"][..], &["-r", "-m"]].map(|flags| {
        let mut unshare = Command::new("unshare");
        unshare.args(flags);
        unshare
    });
    let probe = |unshare: &Command| {
        let mut probe = Command::new(unshare.get_program());
        let script = format!("mount -t tmpfs none /mnt && {needs}");
        probe.args(unshare.get_args()).args(["sh", "-c", &script]);
        probe.output().is_ok_and(|output| output.status.success())
    };
    let Some(mut unshare) = unshare.into_iter().find(probe) else {
        println!("not run: it needs `unshare -m`, mount, and `{needs}`");
        let required = std::env::var_os("TEGATA_REQUIRE_MOUNTS").is_some();
        assert!(!required, "TEGATA_REQUIRE_MOUNTS is set");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    unshare.arg(this_program());
    let output = again(unshare, test, folder.path()).output().expect("run");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}{errors}"
    );
}

fn mount(arguments: &[&str], folders: &[&Path]) {
    let mut mount = Command::new("mount");
    let mounted = mount.args(arguments).args(folders).status().expect("run");
    assert!(mounted.success(), "mount {arguments:?} {folders:?}");
}

fn tmpfs(options: &str, folder: &Path) {
    fs::create_dir_all(folder).expect("made");
    mount(&["-t", "tmpfs", "-o", options, "none"], &[folder]);
}

/// A file that takes all the remaining room in this folder.
fn fill(folder: &Path) -> PathBuf {
    let path = folder.join("fill");
    let mut file = fs::File::create(&path).expect("made");
    let full = std::io::copy(&mut std::io::repeat(1), &mut file).expect_err("it is full");
    assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    path
}

/// A token file with record 1 in `host`, which is mounted by itself into `app`.
fn mounted_by_itself(folder: &Path) -> (PathBuf, FileStore) {
    let host = folder.join("host");
    fs::create_dir_all(&host).expect("made");
    let host = FileStore::new(host.join("token.json"));
    run(host.save(&record(1))).expect("saved");
    fs::remove_file(host.beside(".lock")).expect("removed");
    let store = FileStore::new(folder.join("app/token.json"));
    fs::create_dir(folder.join("app")).expect("made");
    fs::write(store.path(), "").expect("made");
    mount(&["--bind"], &[host.path(), store.path()]);
    (host.path, store)
}

async fn stored_in(store: &FileStore) -> Record {
    store.load().await.expect("whole").expect("a record")
}

fn stored(store: &FileStore) -> Option<Record> {
    run(store.load()).expect("whole")
}

fn is_refused(store: &FileStore, parts: &[&str]) -> Error {
    let error = run(store.lease(TERMS)).expect_err("it cannot be saved");
    let shown = error.to_string();
    for part in [&["nothing was sent"], parts].concat() {
        assert!(shown.contains(part), "{shown}");
    }
    error
}

#[test]
fn on_a_full_disk_nothing_is_sent() {
    let Some(folder) = file() else {
        return in_own_mounts(name!(on_a_full_disk_nothing_is_sent), "true");
    };
    tmpfs("size=64k", &folder);
    let store = FileStore::new(folder.join("token.json"));
    run(store.save(&record(1))).expect("saved");
    let filler = fill(&folder);
    let says = format!(
        "the folder {} cannot be written (No space left",
        folder.display()
    );
    let error = is_refused(&store, &[&says]);
    assert!(error.is_transient());
    assert_eq!(
        names_beside(store.path()),
        ["fill", "token.json", "token.json.lock"]
    );
    assert_eq!(stored(&store), Some(record(1)));

    fs::remove_file(filler).expect("removed");
    run(async {
        let lease = store.lease(TERMS).await.expect("there is room");
        fill(&folder);
        store
            .save(&record(2))
            .await
            .expect("what was reserved is enough");
        drop(lease);
    });
    assert_eq!(stored(&store), Some(record(2)));
}

#[test]
fn a_record_too_large_for_a_full_disk_leaves_the_old_one() {
    let Some(folder) = file() else {
        let name = name!(a_record_too_large_for_a_full_disk_leaves_the_old_one);
        return in_own_mounts(name, "true");
    };
    tmpfs("size=64k", &folder);
    let store = FileStore::new(folder.join("token.json"));
    run(store.save(&record(1))).expect("saved");
    run(async {
        let lease = store.lease(TERMS).await.expect("there is room");
        let filler = fill(&folder);
        let error = store
            .save(&long_record(2))
            .await
            .expect_err("there is no room");
        assert!(error.is_transient(), "{error}");
        assert_eq!(store.load().await.expect("whole"), Some(record(1)));
        fs::remove_file(filler).expect("removed");
        store
            .save(&long_record(2))
            .await
            .expect("saved under the same lease");
        drop(lease);
    });
    assert_eq!(stored(&store), Some(long_record(2)));
}

#[test]
fn without_inodes_or_on_a_read_only_mount_nothing_is_sent() {
    let Some(folder) = file() else {
        let name = name!(without_inodes_or_on_a_read_only_mount_nothing_is_sent);
        return in_own_mounts(name, "true");
    };
    // One each for the folder, the file, the lock, and the new file.
    tmpfs("size=64k,nr_inodes=4", &folder);
    let store = FileStore::new(folder.join("token.json"));
    run(store.save(&record(1))).expect("saved");
    fs::write(folder.join("other"), "").expect("made");
    is_refused(&store, &["cannot be written (No space left"]);
    fs::remove_file(folder.join("other")).expect("removed");
    run(async { drop(store.lease(TERMS).await.expect("a lease")) });
    mount(&["-o", "remount,bind,ro"], &[&folder]);
    is_refused(&store, &["Read-only file system"]);
    assert_eq!(stored(&store), Some(record(1)));
}

static STEPS: Mutex<Vec<&str>> = Mutex::new(Vec::new());

#[test]
fn a_file_that_is_mounted_by_itself_is_written_in_place() {
    let Some(folder) = file() else {
        return in_own_mounts(
            name!(a_file_that_is_mounted_by_itself_is_written_in_place),
            "true",
        );
    };
    let (host, store) = mounted_by_itself(&folder);
    let store = store.at_each_step(|step| STEPS.lock().expect("not poisoned").push(step));
    for record in [record(2), long_record(3), record(4)] {
        STEPS.lock().expect("not poisoned").clear();
        run(async {
            let lease = store.lease(TERMS).await.expect("a lease");
            store.save(&record).await.expect("saved");
            drop(lease);
        });
        assert_eq!(stored(&store), Some(record.clone()));
        assert_eq!(
            fs::read(&host).expect("there"),
            contents::to_bytes(&record).expect("JSON")
        );
        let steps = STEPS.lock().expect("not poisoned").clone();
        let expected = [
            "locked",
            "reserved",
            "opened",
            "written",
            "synced",
            "written in place",
        ];
        assert_eq!(steps, expected);
        assert_eq!(
            names_beside(store.path()),
            ["token.json", "token.json.lock"]
        );
    }
    run(store.delete()).expect("deleted");
    assert!(stored(&store).expect("a record").deleted_at().is_some());
    assert!(!fs::read_to_string(&host).expect("there").contains("CANARY"));
}

#[test]
fn two_mounts_of_one_file_have_one_lease() {
    let Some(folder) = file() else {
        return in_own_mounts(name!(two_mounts_of_one_file_have_one_lease), "true");
    };
    let (host, first) = mounted_by_itself(&folder);
    // As in another container, which sees neither lock nor new file of the first.
    let second = FileStore::new(folder.join("other/token.json"));
    fs::create_dir(folder.join("other")).expect("made");
    fs::write(second.path(), "").expect("made");
    mount(&["--bind"], &[&host, second.path()]);
    run(async {
        for (one, other) in [(&first, &second), (&second, &first)] {
            let lease = one.lease(TERMS).await.expect("a lease");
            let error = other.lease(IMPATIENT).await.expect_err("held");
            assert!(error.is_transient(), "{error}");
            let next = stored_in(one).await.version() + 1;
            one.save(&record(next)).await.expect("saved");
            other.lease(IMPATIENT).await.expect_err("still held");
            drop(lease);
            drop(other.lease(TERMS).await.expect("given back"));
            assert_eq!(stored_in(other).await, record(next));
        }
    });
}

#[test]
fn a_process_that_ends_while_it_writes_in_place_loses_nothing() {
    let Some(folder) = file() else {
        let name = name!(a_process_that_ends_while_it_writes_in_place_loses_nothing);
        return in_own_mounts(name, "true");
    };
    let (host, store) = mounted_by_itself(&folder);
    let ending = store.clone().at_each_step(|step| {
        assert!(step != "written in place", "here it ends");
    });
    run(ending.save(&record(2))).expect_err("it ends");
    assert!(
        store.beside(".new").exists(),
        "until it is synced there are two"
    );
    // The disk may have got a part only.
    let half = fs::read(&host).expect("there").len() / 2;
    let file = fs::File::options().write(true).open(&host).expect("there");
    file.set_len(half as u64).expect("cut");
    assert_eq!(stored(&store), Some(record(2)));
    run(async { drop(store.lease(TERMS).await.expect("a lease")) });
    assert_eq!(
        fs::read(&host).expect("there"),
        contents::to_bytes(&record(2)).expect("JSON")
    );
    assert_eq!(
        names_beside(store.path()),
        ["token.json", "token.json.lock"]
    );
}

#[test]
fn a_mounted_file_turned_read_only_has_the_new_record_beside_it() {
    let Some(folder) = file() else {
        let name = name!(a_mounted_file_turned_read_only_has_the_new_record_beside_it);
        return in_own_mounts(name, "true");
    };
    let (host, store) = mounted_by_itself(&folder);
    run(async {
        let lease = store.lease(TERMS).await.expect("a lease");
        // As open as it is, it cannot be remounted.
        mount(&["--bind"], &[&host, store.path()]);
        mount(&["-o", "remount,bind,ro"], &[store.path()]);
        let error = store.save(&record(2)).await.expect_err("read-only");
        let shown = error.to_string();
        for part in ["cannot be replaced", "busy", "Read-only file system"] {
            assert!(shown.contains(part), "{shown}");
        }
        drop(lease);
    });
    let kept = fs::read(store.beside(".new")).expect("kept");
    assert!(kept == contents::to_bytes(&record(2)).expect("JSON"));
    // Another process does not send the spent refresh token.
    is_refused(&store, &["Read-only file system"]);
    mount(&["-o", "remount,bind,rw"], &[store.path()]);
    run(async { drop(store.lease(TERMS).await.expect("a lease")) });
    assert_eq!(stored(&store), Some(record(2)));
    assert_eq!(fs::read(&host).expect("there"), kept);
}

#[test]
fn a_mounted_file_on_a_full_disk_keeps_both_records_whole() {
    let Some(folder) = file() else {
        let name = name!(a_mounted_file_on_a_full_disk_keeps_both_records_whole);
        return in_own_mounts(name, "true");
    };
    // Only the disk that the file is on is full, not that of the folder.
    tmpfs("size=64k", &folder.join("host"));
    let (_, store) = mounted_by_itself(&folder);
    let filler = fill(&folder.join("host"));
    let error = run(store.save(&long_record(2))).expect_err("there is no room");
    assert!(error.is_transient(), "{error}");
    assert_eq!(stored(&store), Some(record(1)));
    is_refused(&store, &["No space left"]);
    fs::remove_file(filler).expect("removed");
    run(async { drop(store.lease(TERMS).await.expect("a lease")) });
    assert_eq!(stored(&store), Some(long_record(2)));
}

#[test]
fn no_token_is_written_under_forced_permissions_unless_accepted() {
    let Some(folder) = file() else {
        let name = name!(no_token_is_written_under_forced_permissions_unless_accepted);
        return in_own_mounts(name, "command -v bindfs && test -w /dev/fuse");
    };
    let [real, forced] = ["real", "forced"].map(|name| folder.join(name));
    for folder in [&real, &forced] {
        fs::create_dir(folder).expect("made");
    }
    let mut bindfs = Command::new("bindfs");
    let bindfs = bindfs.arg("--perms=0755").args([&real, &forced]);
    assert!(bindfs.status().expect("run").success());
    let store = FileStore::new(forced.join("token.json"));
    let reason = "gives every file mode 0755";
    is_refused(&store, &[reason, "accept_forced_permissions"]);
    run(store.save(&record(1))).expect_err("refused");
    assert_eq!(names_beside(store.path()), ["token.json.lock"]);

    let accepting = store.clone().accept_forced_permissions();
    run(accepting.save(&record(1))).expect("accepted");
    assert_eq!(stored(&accepting), Some(record(1)));
    let error = run(store.load()).expect_err("refused").to_string();
    assert!(
        error.contains(reason) && !error.contains("run `chmod"),
        "{error}"
    );

    // A single file of such a file system, in a folder of another.
    let single = FileStore::new(folder.join("token.json"));
    fs::write(single.path(), "").expect("made");
    mount(&["--bind"], &[store.path(), single.path()]);
    let error = run(single.load()).expect_err("refused").to_string();
    assert!(error.contains(reason), "{error}");
    run(single.save(&record(2))).expect_err("refused");
    assert_eq!(
        stored(&accepting),
        Some(record(1)),
        "others could have read it"
    );
    let single = single.accept_forced_permissions();
    run(async { drop(single.lease(TERMS).await.expect("a lease")) });
    assert_eq!(
        stored(&single),
        Some(record(2)),
        "it was kept beside the file"
    );
}
