mod formats;
mod left;
mod links;
#[cfg(unix)]
mod mounts;
#[cfg(unix)]
mod odd;
#[cfg(unix)]
mod processes;
mod saves;
#[cfg(unix)]
mod users;

use std::fs;
use std::future::Future;
use std::path::PathBuf;
use std::time::SystemTime;

use super::*;
use crate::provider::{Issued, Refresh};
use crate::store::contract;
use crate::{ErrorKind, Token};

const TERMS: LeaseTerms = LeaseTerms {
    lifetime: Duration::from_secs(60),
    patience: Duration::from_secs(60),
};

const IMPATIENT: LeaseTerms = LeaseTerms {
    patience: Duration::ZERO,
    ..TERMS
};

/// A record with this version, which shows in its access token.
fn record(version: u64) -> Record {
    let refresh = Refresh::Replace {
        token: format!("CANARY-refresh-{version}").into(),
        lifetime: None,
    };
    let issued = Issued::new(format!("CANARY-access-{version}"), None, refresh);
    Record::new(Token::new(issued, SystemTime::UNIX_EPOCH, None)).with_version(version)
}

/// One that takes more than a page.
fn long_record(version: u64) -> Record {
    let issued = Issued::new("CANARY".repeat(1000), None, Refresh::Keep);
    let record = record(version);
    let token = Token::new(issued, SystemTime::UNIX_EPOCH, record.token());
    Record::new(token).with_version(version)
}

fn store() -> (tempfile::TempDir, FileStore) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = FileStore::new(folder.path().join("tokens").join("account.json"));
    (folder, store)
}

/// Runs it on its own runtime, and waits for all background work.
fn run<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().expect("a runtime");
    runtime.block_on(work)
}

impl FileStore {
    fn beside(&self, suffix: &str) -> PathBuf {
        let place = Place::find(&self.path, false).expect("a path");
        place.beside(suffix)
    }

    fn set(&self, text: impl AsRef<[u8]>) {
        write_private(&self.path, text);
    }
}

/// A file as this store writes one.
fn write_private(path: &Path, text: impl AsRef<[u8]>) {
    fs::write(path, text).expect("written");
    set_mode(path, 0o600);
}

fn set_mode(path: &Path, mode: u32) {
    rights::set_mode(path, mode).expect("set");
}

/// The sorted names of the files in the folder of this path.
fn names_beside(path: &Path) -> Vec<String> {
    let folder = fs::read_dir(path.parent().expect("a folder")).expect("a folder");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
    let mut names: Vec<_> = folder
        .map(|entry| name(entry).into_string().expect("text"))
        .collect();
    names.sort();
    names
}

#[tokio::test(start_paused = true)]
async fn it_keeps_the_contract() {
    let (_folder, store) = store();
    contract::check_shared(|| store.clone()).await;
}

#[tokio::test(start_paused = true)]
async fn stores_of_several_processes_keep_the_contract() {
    let (_folder, store) = store();
    contract::check_shared(|| FileStore::new(store.path())).await;
}

/// A lock is released on another thread, since that blocks, but a client that retries at once waits for no
/// timer.
#[tokio::test(start_paused = true)]
async fn a_lease_follows_the_last_one_at_once() {
    let (_folder, store) = store();
    let began = Instant::now();
    for _ in 0..100 {
        drop(store.clone().lease(IMPATIENT).await.expect("a lease"));
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn it_shows_its_path() {
    let store = FileStore::new("tokens/account.json");
    assert_eq!(store.path(), Path::new("tokens/account.json"));
    assert!(format!("{store:?}").contains("tokens/account.json"));
}

#[cfg(unix)]
#[tokio::test]
async fn file_and_folder_are_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, store) = store();
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    let lease = store.lease(TERMS).await.expect("a lease");
    assert_eq!(mode(&store.beside(".new")), 0o600);
    store.save(&record(1)).await.expect("saved");
    drop(lease);
    assert_eq!(mode(store.path()), 0o600);
    assert_eq!(mode(&store.beside(".lock")), 0o600);
    assert_eq!(mode(&folder.path().join("tokens")), 0o700);
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_others_can_read_is_refused_and_left_as_it_is() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_folder, store) = store();
    store.save(&record(1)).await.expect("saved");
    for store in [store.clone(), store.clone().accept_forced_permissions()] {
        for mode in [0o640, 0o604, 0o660, 0o755] {
            set_mode(store.path(), mode);
            let error = store.load().await.expect_err("refused");
            let text = error.to_string();
            let hint = format!("chmod 600 {}", store.path().display());
            assert!(text.contains(&hint), "{text}");
            assert!(text.contains(&format!("{mode:04o}")), "{text}");
            let kept = fs::metadata(store.path()).expect("there").permissions();
            assert_eq!(kept.mode() & 0o777, mode);
        }
    }
    set_mode(store.path(), 0o600);
    assert_eq!(store.load().await.expect("private"), Some(record(1)));
}

#[test]
fn a_file_without_a_folder_is_in_the_current_one() {
    let folder = |path: &str| {
        let place = Place::find(Path::new(path), false).expect("a path");
        place.folder().to_owned()
    };
    assert_eq!(folder("account.json"), Path::new("."));
    assert_eq!(folder("tokens/account.json"), Path::new("tokens"));
    assert_eq!(folder("/account.json"), Path::new("/"));
}
