//! Who else can read a token file.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::path::Path;

use super::place::{Place, owner, refused};
use crate::Error;

/// Refuses a file that holds a token for others to read.
pub(super) fn check_private(place: &Place, name: &str, path: &Path) -> Result<(), Error> {
    let failed = |error| place.failed("examined", error);
    let Some(mode) = mode_for_others(path).map_err(failed)? else {
        return Ok(());
    };
    // Whether chmod works shows what the reason is. Then all is as before, for the user has to know.
    make_private(place, path)?;
    if mode_for_others(path).map_err(failed)?.is_some() {
        return Ok(());
    }
    set_mode(path, mode).map_err(failed)?;
    Err(refused(format!(
        "{name} has mode {mode:04o}, so that others can use the token: run `chmod 600 {}`, and consider the \
         token known",
        path.display()
    )))
}

/// Sees to it that others cannot read what is, or will be, in this file, unless that is accepted.
pub(super) fn make_private(place: &Place, path: &Path) -> Result<(), Error> {
    let mut mode = mode_for_others(path);
    if let Ok(Some(_)) = mode {
        // Some file systems refuse, others only seem to obey: what counts is the mode that the file has then.
        let _ = set_mode(path, 0o600);
        mode = mode_for_others(path);
    }
    match mode {
        Ok(Some(mode)) if !place.accepts_forced_permissions => Err(refused(format!(
            "the file system of {} gives every file mode {mode:04o}, so that others could read the token, whatever \
             chmod says: keep it elsewhere, or see FileStore::accept_forced_permissions{}",
            path.display(),
            owner(path)
        ))),
        Ok(_) => Ok(()),
        Err(error) => Err(place.failed("examined", error)),
    }
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
