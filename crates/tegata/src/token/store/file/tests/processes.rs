//! Other processes: this very test program, started again.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

use super::*;

const FILE: &str = "TEGATA_FILE_TEST";

/// A process that runs one test of this module, with this as its file.
pub(super) fn again(program: Command, test: &str, file: &Path) -> Command {
    let mut program = program;
    program
        .args([test, "--exact", "--nocapture"])
        .env(FILE, file);
    program
}

/// The name of a test, as the test program takes it.
macro_rules! name {
    ($test:ident) => {
        concat!(module_path!(), "::", stringify!($test))
            .split_once("::")
            .expect("a crate's name")
            .1
    };
}
pub(super) use name;

/// The file of this process, if another has started it for one test.
pub(super) fn file() -> Option<PathBuf> {
    std::env::var_os(FILE).map(PathBuf::from)
}

pub(super) fn this_program() -> PathBuf {
    std::env::current_exe().expect("this program")
}

/// Not a test by itself: has the lease until its input ends.
#[test]
fn a_holder() {
    let Some(file) = file() else { return };
    let lease = run(FileStore::new(file).lease(TERMS)).expect("a lease");
    println!("\nleased");
    let _ = std::io::stdin().read_line(&mut String::new());
    drop(lease);
}

fn holder(store: &FileStore) -> Child {
    let mut holder = again(Command::new(this_program()), name!(a_holder), store.path());
    let holder = holder.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut holder = holder.spawn().expect("a process");
    let mut lines = BufReader::new(holder.stdout.as_mut().expect("piped")).lines();
    let leased = lines.any(|line| line.expect("readable") == "leased");
    assert!(leased, "it has the lease");
    holder
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_stays_held_is_reported_with_its_process() {
    let (_folder, store) = store();
    let mut holder = holder(&store);
    let patience = Duration::from_secs(10);
    let began = Instant::now();
    let error = store.lease(LeaseTerms { patience, ..TERMS }).await;
    let error = error.expect_err("held");
    let waited = began.elapsed();
    assert!(waited >= patience && waited < patience * 2, "{waited:?}");
    assert_eq!(error.kind(), ErrorKind::Store);
    assert!(error.is_transient());
    let shown = error.to_string();
    let lock = store.beside(".lock").display().to_string();
    for part in [
        "nothing was sent",
        &lock,
        &format!("process {}", holder.id()),
    ] {
        assert!(shown.contains(part), "{shown}");
    }
    drop(holder.stdin.take());
    assert!(holder.wait().expect("ended").success());
    drop(store.lease(IMPATIENT).await.expect("it is given back"));
}

#[test]
fn the_lock_of_a_process_that_was_killed_is_free() {
    let (_folder, store) = store();
    let mut holder = holder(&store);
    holder.kill().expect("killed");
    holder.wait().expect("ended");
    assert!(store.beside(".new").exists(), "it had no time to clean up");
    write_private(&store.beside(".lock"), "99999999999999");
    let own = run(async {
        let lease = store.lease(IMPATIENT).await.expect("a lease");
        let error = FileStore::new(store.path()).lease(IMPATIENT).await;
        drop(lease);
        error.expect_err("held").to_string()
    });
    assert!(own.contains("another client of this process"), "{own}");
    assert_eq!(names_beside(store.path()), ["account.json.lock"]);
}

#[tokio::test]
async fn a_lock_whose_holder_notes_nothing_of_use_is_named_without_it() {
    let (_folder, store) = store();
    drop(store.lease(TERMS).await.expect("a lease"));
    let mut lock = loop {
        // Another thread does the lease's cleanup.
        let lock = fs::File::options()
            .read(true)
            .write(true)
            .open(store.beside(".lock"));
        let lock = lock.expect("there");
        if lock.try_lock().is_ok() {
            break lock;
        }
        tokio::task::yield_now().await;
    };
    for noted in ["", "somewhere", "-1", "99999999999999999999"] {
        lock.set_len(0).expect("emptied");
        std::io::Seek::rewind(&mut lock).expect("at its start");
        lock.write_all(noted.as_bytes()).expect("noted");
        let error = store.lease(IMPATIENT).await.expect_err("held");
        let shown = error.to_string();
        assert!(
            shown.contains("another process has the lock"),
            "{noted}: {shown}"
        );
    }
}
