//! What clients have to trust, and the command that makes them.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::advise;
use crate::Error;
use crate::tls::Tls;

/// The variables in which programs look for an authority: curl; Node; Python's requests; OpenSSL,
/// and with it Python's ssl module, Ruby, PHP and others, and Go.
const VARIABLES: [&str; 4] = [
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
];

/// A server's TLS, and the file that says whom to trust.
#[derive(Debug)]
pub struct Trust {
    tls: Tls,
    file: PathBuf,
}

impl Trust {
    /// Writes the authority to that file; without one it is in the folder that keeps it, or else in a
    /// new temporary one.
    pub(super) fn write(
        tls: Tls,
        file: Option<&Path>,
        folder: Option<&Path>,
    ) -> Result<Self, Error> {
        let file = match (file, folder) {
            (Some(file), _) => {
                fs::write(file, tls.ca()).map_err(|error| fault(file, &error))?;
                file.to_owned()
            }
            (None, Some(folder)) => folder.join("ca.pem"),
            (None, None) => {
                let temporary = std::env::temp_dir();
                temporary_file(&temporary, tls.ca()).map_err(|error| fault(&temporary, &error))?
            }
        };
        // The command is of use in other folders, too.
        let file = std::path::absolute(&file).unwrap_or(file);
        Ok(Self { tls, file })
    }

    /// What the server speaks.
    pub fn tls(&self) -> &Tls {
        &self.tls
    }

    /// Adds what to trust to a line that says that a server is ready: the authority as PEM as `ca`, its
    /// file as `ca_file`, and the command of a POSIX shell that makes programs trust it as `trust`.
    pub fn add_to(&self, ready: &mut Value) {
        ready["ca"] = self.tls.ca().into();
        ready["ca_file"] = self.file.to_string_lossy().into();
        ready["trust"] = self.command().into();
    }

    /// Says to the person who started the server how to trust it.
    pub fn advise(&self) {
        let file = quoted(&self.file.to_string_lossy());
        advise(&format!(
            "TLS under the authority in {file}. To trust it:\n  \
             curl, Node, Python and others, if started in this shell after:\n    {}\n  \
             Of these, Node alone trusts other servers, too: use a shell for programs that talk to the emulator \
             only (pip does not), or take it back by:\n    {}\n  \
             Chromium on Linux, from its next start on:\n    {}",
            self.command(),
            unset(),
            self.chromium(&file)
        ));
    }

    fn command(&self) -> String {
        let file = quoted(&self.file.to_string_lossy());
        let set = VARIABLES.map(|name| format!("{name}={file}"));
        format!("export {}", set.join(" "))
    }

    /// The command by which the browser of this user trusts the authority, until it is taken out again. A
    /// name stands for one authority only, so it has a part that is the authority's own.
    fn chromium(&self, file: &str) -> String {
        let id = self.tls.id();
        let add = format!("certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n tegata-{id} -i {file}");
        format!("mkdir -p ~/.pki/nssdb && {add}")
    }
}

/// Undoes the command, for the variables are of use for nothing else.
fn unset() -> String {
    format!("unset {}", VARIABLES.join(" "))
}

/// For a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn fault(path: &Path, error: &io::Error) -> Error {
    let path = path.display();
    Error::new(format!(
        "{path} cannot be written: {error}; name another file by --ca"
    ))
}

/// In a folder of its own that is new, so that no other user has laid a link there, or a file.
fn temporary_file(parent: &Path, ca: &str) -> io::Result<PathBuf> {
    let process = std::process::id();
    for attempt in 0..1000 {
        let folder = parent.join(format!("tegata-emulator-{process}-{attempt}"));
        match create(&folder) {
            Ok(()) => {
                let file = folder.join("ca.pem");
                File::create_new(&file)?.write_all(ca.as_bytes())?;
                return Ok(file);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(unix)]
fn create(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn create(folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_quoted_for_a_shell() {
        assert_eq!(quoted("/a b/it's"), r"'/a b/it'\''s'");
    }

    #[test]
    fn a_temporary_file_is_never_one_that_is_there() {
        let parent = tempfile::tempdir().unwrap();
        let first = temporary_file(parent.path(), "one").unwrap();
        let second = temporary_file(parent.path(), "two").unwrap();
        assert_ne!(first, second);
        assert_eq!(fs::read_to_string(first).unwrap(), "one");
    }
}
