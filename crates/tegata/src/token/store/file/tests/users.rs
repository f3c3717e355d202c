//! Tests as another user: file permissions do not apply to root, as which tests run in CI.

use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use super::processes::{again, file, name, this_program};
use super::*;

/// A user without files.
const USER: u32 = 65_534;

/// Runs a test of this module as another user, in a folder that is that user's.
fn as_another_user(test: &str, prepare: impl FnOnce(&FileStore)) {
    let folder = tempfile::tempdir().expect("a folder");
    if fs::metadata(folder.path()).expect("there").uid() != 0 {
        println!("not run: only root can start a process of another user");
        return;
    }
    set_mode(folder.path(), 0o755);
    // It may be built where that user cannot go.
    let program = folder.path().join("program");
    fs::copy(this_program(), &program).expect("copied");
    set_mode(&program, 0o755);
    let store = FileStore::new(folder.path().join("tokens/account.json"));
    run(store.save(&record(1))).expect("saved");
    for path in [
        folder.path().join("tokens"),
        store.path().to_owned(),
        store.beside(".lock"),
    ] {
        chown(path, Some(USER), Some(USER)).expect("given");
    }
    prepare(&store);
    let mut child = again(Command::new(program), test, store.path());
    child.uid(USER).gid(USER).current_dir("/");
    let output = loop {
        match child.output() {
            // A process that another test starts has the copy open for writing, until it runs its own program.
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {}
            output => break output.expect("run"),
        }
    };
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

fn refused(error: &Error, parts: &[&str]) {
    let shown = error.to_string();
    for part in parts {
        assert!(shown.contains(part), "{shown}");
    }
}

#[test]
fn a_file_of_another_user_is_named_with_its_owner() {
    let Some(file) = file() else {
        return as_another_user(
            name!(a_file_of_another_user_is_named_with_its_owner),
            |store| {
                // As after a renewal by root.
                chown(store.path(), Some(0), Some(0)).expect("given");
            },
        );
    };
    let store = FileStore::new(&file);
    let name = file.display().to_string();
    let parts = [&*name, "belongs to the user with the id 0"];
    refused(&run(store.load()).expect_err("not ours"), &parts);
    refused(&run(store.lease(TERMS)).expect_err("not ours"), &parts);
}

#[test]
fn a_lock_of_another_user_is_named_with_its_owner() {
    let Some(file) = file() else {
        return as_another_user(
            name!(a_lock_of_another_user_is_named_with_its_owner),
            |store| {
                chown(store.beside(".lock"), Some(0), Some(0)).expect("given");
            },
        );
    };
    let store = FileStore::new(&file);
    assert_eq!(run(store.load()).expect("ours"), Some(record(1)));
    let name = store.beside(".lock").display().to_string();
    let parts = [
        "nothing was sent",
        &name,
        "belongs to the user with the id 0",
    ];
    refused(&run(store.lease(TERMS)).expect_err("not ours"), &parts);
}

#[test]
fn in_a_folder_that_cannot_be_written_nothing_is_sent() {
    let Some(file) = file() else {
        return as_another_user(
            name!(in_a_folder_that_cannot_be_written_nothing_is_sent),
            |store| {
                set_mode(store.path().parent().expect("a folder"), 0o500);
            },
        );
    };
    let store = FileStore::new(&file);
    let folder = format!(
        "the folder {} cannot be written",
        file.parent().expect("a folder").display()
    );
    let error = run(store.lease(TERMS)).expect_err("it cannot be saved");
    refused(&error, &["nothing was sent", &folder, "Permission denied"]);
    assert_eq!(names_beside(&file), ["account.json", "account.json.lock"]);
    assert_eq!(run(store.load()).expect("ours"), Some(record(1)));
}

#[test]
fn a_file_without_write_permission_is_still_replaced() {
    let Some(file) = file() else {
        let name = name!(a_file_without_write_permission_is_still_replaced);
        return as_another_user(name, |store| set_mode(store.path(), 0o400));
    };
    let store = FileStore::new(&file);
    run(async {
        let lease = store.lease(TERMS).await.expect("a lease");
        store.save(&record(2)).await.expect("saved");
        drop(lease);
    });
    assert_eq!(run(store.load()).expect("ours"), Some(record(2)));
}
