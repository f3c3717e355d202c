//! A copy of the workspace, in which things may be wrong.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::trial::TESTS;
use super::{CodeError, Edit, Fate};

/// A copy of the workspace. Dropped, it is gone, unless it lies where it is to be built again.
#[derive(Debug)]
pub struct Scratch {
    root: PathBuf,
    target: PathBuf,
    stays: bool,
}

impl Scratch {
    /// Copies the files that git knows of. What is built of them goes to `target`, which must be
    /// no other workspace's: cargo would take the one's crates for the other's.
    ///
    /// # Errors
    ///
    /// If `root` is no git repository, or a file cannot be copied.
    pub fn copy(root: &Path, target: Option<&Path>) -> Result<Self, CodeError> {
        let listed = Command::new("git")
            .args([
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ])
            .current_dir(root)
            .output();
        let listed = match listed {
            Ok(output) if output.status.success() => output.stdout,
            _ => {
                return Err(CodeError(format!(
                    "{}: `git ls-files` fails; name the folder of the repository by --root",
                    root.display()
                )));
            }
        };
        let folder = format!("tegata-scratch-{}", std::process::id());
        let folder = target.map_or_else(|| std::env::temp_dir().join(folder), |at| at.join("copy"));
        let scratch = Self {
            target: target.map_or_else(|| folder.join("target"), Path::to_path_buf),
            stays: target.is_some(),
            root: folder,
        };
        for name in String::from_utf8_lossy(&listed).split('\0') {
            let from = root.join(name);
            // What is deleted and not yet committed is listed, too.
            if name.is_empty() || !from.is_file() {
                continue;
            }
            scratch
                .take(&from, Path::new(name))
                .map_err(|error| CodeError(format!("{name}: cannot be copied: {error}")))?;
        }
        Ok(scratch)
    }

    /// Copies a file, unless it is there already: what has not changed need not be built again.
    fn take(&self, from: &Path, name: &Path) -> std::io::Result<()> {
        let (to, content) = (self.root.join(name), std::fs::read(from)?);
        if std::fs::read(&to).is_ok_and(|there| there == content) {
            return Ok(());
        }
        std::fs::create_dir_all(to.parent().unwrap_or(&self.root))?;
        std::fs::write(&to, content)
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo puts what it builds.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// A file of the copy.
    pub(super) fn read(&self, path: &Path) -> Result<String, CodeError> {
        let path = self.root.join(path);
        std::fs::read_to_string(&path)
            .map_err(|error| CodeError(format!("{}: {error}", path.display())))
    }

    /// Writes a file of the copy, unless it is like that already.
    pub(super) fn write(&self, path: &Path, content: &str) -> Result<(), CodeError> {
        if self.read(path).is_ok_and(|there| there == content) {
            return Ok(());
        }
        let path = self.root.join(path);
        std::fs::write(&path, content)
            .map_err(|error| CodeError(format!("{}: {error}", path.display())))
    }

    /// The copy must pass before anything is wrong with it.
    pub(super) fn baseline(&self) -> Result<(), CodeError> {
        let output = self.cargo(&JUDGE)?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let end = said.len().saturating_sub(2000);
        Err(CodeError(format!(
            "`cargo {}` fails before anything is wrong: {}",
            JUDGE.join(" "),
            said.get(end..).unwrap_or(&said)
        )))
    }

    /// Makes a change, sees whether anything notices it, and takes it back.
    pub(super) fn attempt(&self, edit: &Edit) -> Result<Fate, CodeError> {
        let path = self.root.join(&edit.file);
        let fail = |error: std::io::Error| CodeError(format!("{}: {error}", path.display()));
        let right = std::fs::read_to_string(&path).map_err(fail)?;
        let wrong = edit
            .apply(&right)
            .ok_or_else(|| CodeError(format!("{}: does not fit", edit.name)))?;
        std::fs::write(&path, wrong).map_err(fail)?;
        let fate = self.fate();
        std::fs::write(&path, right).map_err(fail)?;
        fate
    }

    fn fate(&self) -> Result<Fate, CodeError> {
        if !self.cargo(&BUILD)?.status.success() {
            return Ok(Fate::Unviable);
        }
        if !self.cargo(&JUDGE)?.status.success() {
            return Ok(Fate::Noticed);
        }
        let quiet = ["test", "--quiet"];
        let arguments: Vec<&str> = quiet.into_iter().chain(TESTS).collect();
        if !self.cargo(&arguments)?.status.success() {
            return Ok(Fate::Noticed);
        }
        Ok(Fate::Survived)
    }

    pub(super) fn cargo(&self, arguments: &[&str]) -> Result<Output, CodeError> {
        Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(arguments)
            .current_dir(&self.root)
            .env_remove("CARGO_MANIFEST_DIR")
            .env("CARGO_TARGET_DIR", &self.target)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| CodeError(format!("cargo cannot be started: {error}")))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.stays {
            // What cannot be removed is left to the system.
            let _ = std::fs::remove_dir_all(&self.root);
        }
    }
}

const BUILD: [&str; 6] = [
    "test",
    "--quiet",
    "--package=tegata-conformance",
    "--test",
    "our_clients",
    "--no-run",
];
const JUDGE: [&str; 7] = [
    "test",
    "--quiet",
    "--package=tegata-conformance",
    "--test",
    "our_clients",
    "--",
    "our_clients_pass",
];
