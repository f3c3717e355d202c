//! A copy of the workspace, in which things may be wrong.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::{CodeError, Edit, Fate};

/// A copy of the workspace. Dropped, it is gone.
#[derive(Debug)]
pub struct Scratch {
    root: PathBuf,
    target: PathBuf,
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
        let folder = std::env::temp_dir().join(folder);
        let scratch = Self {
            target: target.map_or_else(|| folder.join("target"), Path::to_path_buf),
            root: folder,
        };
        for name in String::from_utf8_lossy(&listed).split('\0') {
            let from = root.join(name);
            // What is deleted and not yet committed is listed, too.
            if name.is_empty() || !from.is_file() {
                continue;
            }
            let to = scratch.root.join(name);
            let folder = to.parent().unwrap_or(&scratch.root);
            std::fs::create_dir_all(folder)
                .and_then(|()| std::fs::copy(&from, &to).map(drop))
                .map_err(|error| CodeError(format!("{name}: cannot be copied: {error}")))?;
        }
        Ok(scratch)
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo puts what it builds.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The copy must pass before anything is wrong with it.
    pub(super) fn baseline(&self, generated: bool) -> Result<(), CodeError> {
        let generate = generated.then_some(&GENERATE[..]);
        for arguments in generate.into_iter().chain([&JUDGE[..]]) {
            let output = self.cargo(arguments)?;
            if !output.status.success() {
                let said = String::from_utf8_lossy(&output.stderr);
                let end = said.len().saturating_sub(2000);
                return Err(CodeError(format!(
                    "`cargo {}` fails before anything is wrong: {}",
                    arguments.join(" "),
                    said.get(end..).unwrap_or(&said)
                )));
            }
        }
        Ok(())
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
        let fate = self.fate(edit.file.starts_with("specs"));
        std::fs::write(&path, right).map_err(fail)?;
        if edit.file.starts_with("specs") {
            self.cargo(&GENERATE)?;
        }
        fate
    }

    fn fate(&self, generated: bool) -> Result<Fate, CodeError> {
        // A generator that refuses the spec has noticed.
        if generated && !self.cargo(&GENERATE)?.status.success() {
            return Ok(Fate::Noticed);
        }
        if !self.cargo(&BUILD)?.status.success() {
            return Ok(Fate::Unviable);
        }
        Ok(if self.cargo(&JUDGE)?.status.success() {
            Fate::Survived
        } else {
            Fate::Noticed
        })
    }

    fn cargo(&self, arguments: &[&str]) -> Result<Output, CodeError> {
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
        // What cannot be removed is left to the system.
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

const GENERATE: [&str; 6] = ["run", "--quiet", "--package", "xtask", "--", "gen"];
const BUILD: [&str; 6] = [
    "test",
    "--quiet",
    "--package=tegata-conformance",
    "--test",
    "our_clients",
    "--no-run",
];
const JUDGE: [&str; 5] = [
    "test",
    "--quiet",
    "--package=tegata-conformance",
    "--test",
    "our_clients",
];
