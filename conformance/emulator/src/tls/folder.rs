//! An authority that a folder keeps from one start to the next.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;

use super::TlsError;
use super::authority::Authority;

const KEY: &str = "ca-key.pem";
const CERTIFICATE: &str = "ca.pem";

/// What a group and all others may do.
#[cfg(unix)]
const OTHERS: u32 = 0o077;

/// The authority of the folder, which is made if there is none.
pub(super) fn open(folder: &Path) -> Result<Authority, TlsError> {
    let fault = |error: io::Error| {
        let place = folder.display();
        TlsError(format!(
            "the folder {place} cannot be used: {error}; name one that this user may write to"
        ))
    };
    create(folder).map_err(fault)?;
    let key = folder.join(KEY);
    let mut file = private(&key).map_err(fault)?;
    // Of two starts at once, one makes the authority and the other waits for it.
    file.lock().map_err(fault)?;
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(fault)?;
    let authority = if text.is_empty() {
        let authority = Authority::generate()?;
        file.rewind().map_err(fault)?;
        file.write_all(authority.to_pem().as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(fault)?;
        authority
    } else {
        check_mode(&file, &key)?;
        Authority::from_pem(&text).map_err(|problem| unusable(&key, &problem))?
    };
    let certificate = folder.join(CERTIFICATE);
    // One that is right is left alone, so that a program that reads it just now finds it whole.
    if fs::read_to_string(&certificate).ok().as_deref() != Some(authority.certificate()) {
        fs::write(&certificate, authority.certificate()).map_err(fault)?;
    }
    Ok(authority)
}

fn unusable(key: &Path, problem: &str) -> TlsError {
    let place = key.display();
    TlsError(format!(
        "{place}: {problem}; remove the file, and trust the authority that is then made"
    ))
}

#[cfg(unix)]
fn create(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(unix)]
fn private(key: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(key)
}

/// Who reads the key can pose as any server to those who trust its authority.
#[cfg(unix)]
fn check_mode(file: &File, key: &Path) -> Result<(), TlsError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file.metadata().map(|data| data.permissions().mode());
    if mode.is_ok_and(|mode| mode & OTHERS == 0) {
        return Ok(());
    }
    let place = key.display();
    Err(TlsError(format!(
        "{place} may be read or changed by others: trust this authority no longer and remove the \
         file, or, if no other user can have read it, `chmod 600` it"
    )))
}

#[cfg(not(unix))]
fn create(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(not(unix))]
fn private(key: &Path) -> io::Result<File> {
    File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(key)
}

#[cfg(not(unix))]
fn check_mode(_: &File, _: &Path) -> Result<(), TlsError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_start_has_the_authority_of_the_first() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("a/b");
        let first = open(&folder).unwrap();
        fs::remove_file(folder.join(CERTIFICATE)).unwrap();
        let second = open(&folder).unwrap();
        assert_eq!(first.certificate(), second.certificate());
        let written = fs::read_to_string(folder.join(CERTIFICATE)).unwrap();
        assert_eq!(written, first.certificate());
    }

    #[test]
    fn starts_at_once_agree_on_one_authority() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let together = std::sync::Barrier::new(4);
            let start = || {
                together.wait();
                open(folder.path()).unwrap().certificate().to_owned()
            };
            let all: std::collections::HashSet<_> = std::thread::scope(|scope| {
                let starts: Vec<_> = (0..4).map(|_| scope.spawn(start)).collect();
                let ends = starts.into_iter().map(|start| start.join().unwrap());
                ends.collect()
            });
            assert_eq!(all.len(), 1);
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_key_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        open(folder.path()).unwrap();
        let key = folder.path().join(KEY);
        let mode = fs::metadata(&key).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        for loose in [0o640, 0o604, 0o666] {
            fs::set_permissions(&key, fs::Permissions::from_mode(loose)).unwrap();
            let problem = open(folder.path()).err().unwrap().to_string();
            assert!(problem.contains("chmod 600"), "{problem}");
        }
    }

    #[test]
    fn a_spoilt_key_is_named_and_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join(KEY);
        drop(private(&key).unwrap());
        fs::write(&key, "CANARY").unwrap();
        let problem = open(folder.path()).err().unwrap().to_string();
        assert!(
            problem.contains(KEY) && problem.contains("remove the file"),
            "{problem}"
        );
        assert!(!problem.contains("CANARY"), "{problem}");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let problem = open(&file.path().join("under")).err().unwrap().to_string();
        assert!(
            problem.contains(&*file.path().to_string_lossy()),
            "{problem}"
        );
    }
}
