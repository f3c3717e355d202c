//! Who else can read a token file.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::place::{Place, owner, refused};
use crate::Error;

/// Refuses a file that holds a token for others to read.
pub(super) fn check_private(place: &Place, name: &str, path: &Path) -> Result<(), Error> {
    // Under a lock, since another thread's probe would look like the file's mode.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let failed = |error| place.failed("examined", error);
    if mode_for_others(path).map_err(failed)?.is_none() {
        return Ok(());
    }
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(mode) = mode_for_others(path).map_err(failed)? else {
        return Ok(());
    };
    if is_forced(path, mode).map_err(failed)? {
        return accept_forced(place, path, mode);
    }
    Err(refused(format!(
        "{name} has mode {mode:04o}, so that others can use the token: run `chmod 600 {}`, and consider the \
         token known",
        path.display()
    )))
}

/// Makes sure that others cannot read this file, unless that is accepted.
pub(super) fn make_private(place: &Place, path: &Path) -> Result<(), Error> {
    let mut mode = mode_for_others(path);
    if let Ok(Some(_)) = mode {
        // Some file systems refuse, others ignore it silently, so the resulting mode is checked.
        let _ = set_mode(path, 0o600);
        mode = mode_for_others(path);
    }
    match mode {
        Ok(Some(mode)) => accept_forced(place, path, mode),
        Ok(None) => Ok(()),
        Err(error) => Err(place.failed("examined", error)),
    }
}

fn accept_forced(place: &Place, path: &Path, mode: u32) -> Result<(), Error> {
    if place.accepts_forced_permissions {
        return Ok(());
    }
    Err(refused(format!(
        "the file system of {} gives every file mode {mode:04o}, so that others could read the token, whatever \
         chmod says: keep it elsewhere, or see FileStore::accept_forced_permissions{}",
        path.display(),
        owner(path)
    )))
}

/// Whether chmod changes nothing about this mode. The rights of others are not changed by the probe: when the
/// file was made private for a moment, another client took it for private, and replaced it.
fn is_forced(path: &Path, mode: u32) -> io::Result<bool> {
    let _ = set_mode(path, other_mode(mode));
    let is_forced = mode_for_others(path)? == Some(mode);
    if !is_forced {
        set_mode(path, mode)?;
    }
    Ok(is_forced)
}

fn other_mode(mode: u32) -> u32 {
    mode ^ 0o100
}

/// The mode of a file that others have rights to.
fn mode_for_others(path: &Path) -> io::Result<Option<u32>> {
    let permissions = fs::metadata(path)?.permissions();
    #[cfg(unix)]
    let mode = std::os::unix::fs::PermissionsExt::mode(&permissions) & 0o777;
    #[cfg(not(unix))]
    let (mode, _) = (0, permissions);
    Ok((mode & 0o077 != 0).then_some(mode))
}

#[cfg_attr(not(unix), allow(clippy::unnecessary_wraps))] // There it has nothing to do.
pub(super) fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode))?;
    let _ = (path, mode);
    Ok(())
}

pub(super) fn private_file(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

pub(super) fn private_folder(builder: &mut DirBuilder) -> &mut DirBuilder {
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(builder, 0o700);
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_mode_is_the_same_to_others() {
        for mode in 0..=0o777 {
            assert_ne!(other_mode(mode), mode);
            assert_eq!(other_mode(mode) & 0o077, mode & 0o077);
        }
    }
}
