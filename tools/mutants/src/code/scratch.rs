//! A copy of the workspace, to make changes in.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use super::{CodeError, Edit, Fate};
use tegata_conformance::process::Group;

/// A file that marks a folder as a copy that this program made.
const MARK: &str = ".tegata-copy";

/// How long building and testing one change may take.
const LONGEST: Duration = Duration::from_secs(900);

/// The tests, as arguments of cargo. Those that count allocations are left out, since the switch
/// allocates.
pub(super) const TESTS: [&str; 21] = [
    "--package=tegata",
    "--package=tegata-fujitsu-aispf",
    "--package=tegata-jooto",
    "--package=tegata-marketo",
    "--package=tegata-clients",
    "--package=tegata-tests",
    "--lib",
    "--test=network",
    "--test=transport",
    "--test=schedule",
    "--test=our_clients",
    "--test=flows",
    "--test=flows_odd_answers",
    "--test=flows_bodies",
    "--test=flows_classified",
    "--test=proxies",
    "--test=failures",
    "--test=properties",
    "--test=secrets",
    "--test=snapshots_fixtures",
    "--test=snapshots_cases",
];

/// A copy of the workspace. It is deleted on drop, unless it lies in a folder that is kept for the next build.
#[derive(Debug)]
pub(crate) struct Scratch {
    root: PathBuf,
    target: PathBuf,
    stays: bool,
}

impl Scratch {
    /// Copies the files that git knows of. The build output goes to `target`, which must not be that of another
    /// workspace: cargo would confuse the crates.
    ///
    /// # Errors
    ///
    /// If `root` is no git repository, or a file cannot be copied.
    pub(crate) fn copy(root: &Path, target: Option<&Path>) -> Result<Self, CodeError> {
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
        let scratch = Self::place(target)?;
        scratch.claim()?;
        let listed = String::from_utf8_lossy(&listed);
        // What is deleted and not yet committed is listed, too.
        let names = listed.split('\0').map(Path::new);
        let there: BTreeSet<&Path> = names.filter(|name| root.join(name).is_file()).collect();
        for name in &there {
            scratch.take(&root.join(name), name).map_err(|error| {
                CodeError(format!("{}: cannot be copied: {error}", name.display()))
            })?;
        }
        if scratch.stays {
            scratch
                .drop_others(Path::new(""), &there)
                .map_err(|error| {
                    let copy = scratch.root.display();
                    CodeError(format!(
                        "{copy}: cannot be cleared of an earlier copy: {error}"
                    ))
                })?;
        }
        Ok(scratch)
    }

    /// Its absolute path, since its programs run in other folders.
    fn place(target: Option<&Path>) -> Result<Self, CodeError> {
        let Some(target) = target else {
            let folder = format!("tegata-scratch-{}", std::process::id());
            let root = std::env::temp_dir().join(folder);
            return Ok(Self {
                target: root.join("target"),
                root,
                stays: false,
            });
        };
        let target = std::path::absolute(target)
            .map_err(|error| CodeError(format!("{}: {error}", target.display())))?;
        Ok(Self {
            root: target.join("copy"),
            target,
            stays: true,
        })
    }

    /// Creates the folder, or checks that it is a copy: files are written and removed in it, which must not
    /// happen in a folder of the user's.
    fn claim(&self) -> Result<(), CodeError> {
        let fail = |error: std::io::Error| CodeError(format!("{}: {error}", self.root.display()));
        std::fs::create_dir_all(&self.root).map_err(fail)?;
        let mark = self.root.join(MARK);
        let is_empty = std::fs::read_dir(&self.root)
            .map_err(fail)?
            .next()
            .is_none();
        if !is_empty && !mark.exists() {
            return Err(CodeError(format!(
                "{}: it holds something that is no copy of ours: name another folder by --target",
                self.root.display()
            )));
        }
        std::fs::write(mark, "").map_err(fail)
    }

    /// Copies a file, unless it is there already, so that unchanged files are not built again.
    fn take(&self, from: &Path, name: &Path) -> std::io::Result<()> {
        let (to, content) = (self.root.join(name), std::fs::read(from)?);
        if std::fs::read(&to).is_ok_and(|there| there == content) {
            return Ok(());
        }
        std::fs::create_dir_all(to.parent().unwrap_or(&self.root))?;
        std::fs::write(&to, content)
    }

    /// Removes what an earlier copy had besides these, below this folder of it.
    fn drop_others(&self, below: &Path, these: &BTreeSet<&Path>) -> std::io::Result<()> {
        for entry in std::fs::read_dir(self.root.join(below))? {
            let entry = entry?;
            let name = below.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                self.drop_others(&name, these)?;
            } else if !these.contains(name.as_path()) && name != Path::new(MARK) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// The folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo puts what it builds.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// A file of the copy.
    pub(crate) fn read(&self, path: &Path) -> Result<String, CodeError> {
        let path = self.root.join(path);
        std::fs::read_to_string(&path)
            .map_err(|error| CodeError(format!("{}: {error}", path.display())))
    }

    /// Writes a file of the copy, unless it has this content already.
    pub(crate) fn write(&self, path: &Path, content: &str) -> Result<(), CodeError> {
        if self.read(path).is_ok_and(|there| there == content) {
            return Ok(());
        }
        let path = self.root.join(path);
        std::fs::write(&path, content)
            .map_err(|error| CodeError(format!("{}: {error}", path.display())))
    }

    /// The unchanged copy must pass.
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

    /// Makes a change, runs the tests, and reverts it.
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
        let quiet = ["test", "--quiet"];
        let all: Vec<&str> = quiet.into_iter().chain(TESTS).collect();
        for arguments in [&JUDGE[..], &all] {
            let mut command = self.command(arguments);
            command.stdout(Stdio::null()).stderr(Stdio::null());
            match succeeds(command, LONGEST)? {
                Some(true) => {}
                Some(false) => return Ok(Fate::Noticed),
                None => return Ok(Fate::Endless),
            }
        }
        Ok(Fate::Survived)
    }

    /// Which of these tests of a suite fail. A hanging test counts as not failed.
    pub(crate) fn failures(
        &self,
        suite: &[&str],
        tests: &[&str],
    ) -> Result<Vec<String>, CodeError> {
        let compile = [&["test", "--quiet", "--no-run"][..], suite].concat();
        let built = self.cargo(&compile)?;
        if !built.status.success() {
            let said = String::from_utf8_lossy(&built.stderr);
            return Err(CodeError(format!("the tests cannot be built: {said}")));
        }
        let list = self.target.join("failures");
        let fail = |error: std::io::Error| CodeError(format!("{}: {error}", list.display()));
        let output = std::fs::File::create(&list).map_err(fail)?;
        let mut command = self.command(&[&["test"][..], suite, &["--"], tests].concat());
        command
            .env("RUST_BACKTRACE", "0")
            .env("PROPTEST_MAX_SHRINK_ITERS", "0")
            .stdout(output)
            .stderr(Stdio::null());
        succeeds(command, LONGEST)?;
        let said = std::fs::read_to_string(&list).map_err(fail)?;
        let failed = said.lines().filter_map(|line| {
            let name = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
            Some(name.to_owned())
        });
        Ok(failed.collect())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command
            .args(arguments)
            .current_dir(&self.root)
            .env_remove("CARGO_MANIFEST_DIR")
            .env("CARGO_TARGET_DIR", &self.target)
            .stdin(Stdio::null());
        command
    }

    pub(super) fn cargo(&self, arguments: &[&str]) -> Result<Output, CodeError> {
        self.command(arguments)
            .output()
            .map_err(|error| CodeError(format!("cargo cannot be started: {error}")))
    }
}

/// Whether a command succeeds, if it ends within this time.
fn succeeds(mut command: Command, longest: Duration) -> Result<Option<bool>, CodeError> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let fail = |error: std::io::Error| CodeError(format!("cargo cannot be run: {error}"));
    let mut child = command.spawn().map_err(fail)?;
    let group = Group::of(Some(child.id()));
    let from = Instant::now();
    while from.elapsed() < longest {
        if let Some(status) = child.try_wait().map_err(fail)? {
            return Ok(Some(status.success()));
        }
        // The standard library has no wait with a timeout.
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(group);
    child.kill().and_then(|()| child.wait()).map_err(fail)?;
    Ok(None)
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.stays {
            // A folder that cannot be removed is left to the system.
            let _ = std::fs::remove_dir_all(&self.root);
        }
    }
}

const BUILD: [&str; 6] = [
    "test",
    "--quiet",
    "--package=tegata-clients",
    "--test",
    "our_clients",
    "--no-run",
];
pub(super) const JUDGE: [&str; 7] = [
    "test",
    "--quiet",
    "--package=tegata-clients",
    "--test",
    "our_clients",
    "--",
    "our_clients_pass",
];

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_deleted_file_is_gone_from_the_next_copy() {
        let repository = tempfile::tempdir().unwrap();
        let root = repository.path();
        let init = ["init", "--quiet"];
        let git = Command::new("git").args(init).current_dir(root).status();
        assert!(git.unwrap().success());
        std::fs::create_dir(root.join("src")).unwrap();
        for name in ["src/a.rs", "src/b.rs"] {
            std::fs::write(root.join(name), name).unwrap();
        }
        let target = tempfile::tempdir().unwrap();
        let has = |name: &str| {
            let copy = Scratch::copy(root, Some(target.path())).unwrap();
            copy.read(Path::new(name))
                .is_ok_and(|content| content == name)
        };
        assert!(has("src/a.rs") && has("src/b.rs"));
        std::fs::remove_file(root.join("src/b.rs")).unwrap();
        assert!(has("src/a.rs") && !has("src/b.rs"));
    }

    #[test]
    fn a_folder_that_is_no_copy_is_left_alone() {
        let target = tempfile::tempdir().unwrap();
        let own = target.path().join("copy").join("thesis.txt");
        std::fs::create_dir(target.path().join("copy")).unwrap();
        std::fs::write(&own, "mine").unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let error = Scratch::copy(root, Some(target.path())).unwrap_err();
        assert!(error.to_string().contains("--target"), "{error}");
        let left = std::fs::read_dir(own.parent().unwrap()).unwrap().count();
        assert_eq!(
            (std::fs::read_to_string(&own).unwrap().as_str(), left),
            ("mine", 1)
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_hanging_command_is_ended_with_its_children() {
        let shell = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            command
        };
        assert_eq!(succeeds(shell("exit 0"), LONGEST).unwrap(), Some(true));
        assert_eq!(succeeds(shell("exit 1"), LONGEST).unwrap(), Some(false));
        // The pipe ends with the last process that has it; what runs in the background loses its input, not the rest.
        let (mut held_by_none, held) = std::io::pipe().unwrap();
        let mut endless = shell("exec 3<&0; sleep 3600 & wait");
        endless.stdin(held);
        let limit = Duration::from_millis(200);
        assert_eq!(succeeds(endless, limit).unwrap(), None);
        let (say, hear) = std::sync::mpsc::channel();
        std::thread::spawn(move || say.send(held_by_none.read(&mut [0]).unwrap()));
        let end = hear.recv_timeout(Duration::from_secs(30));
        assert_eq!(end, Ok(0), "something of it goes on");
    }

    #[test]
    fn a_copy_is_found_from_every_folder() {
        for target in [None, Some(Path::new("target/wrong-code"))] {
            let scratch = Scratch::place(target).unwrap();
            assert!(scratch.root().is_absolute(), "{scratch:?}");
            assert!(scratch.target().is_absolute(), "{scratch:?}");
        }
    }
}
