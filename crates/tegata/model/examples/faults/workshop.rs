//! A copy of the crate in which things can be broken.

use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::list::{Fault, Suite};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The copy, gone when this is.
pub(crate) struct Workshop {
    root: PathBuf,
    target: PathBuf,
}

impl Workshop {
    pub(crate) fn open() -> Outcome<Self> {
        let origin = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
        let target = std::env::var_os("CARGO_TARGET_DIR");
        let workshop = Self {
            root: std::env::temp_dir().join(format!("tegata-faults-{}", std::process::id())),
            // One of its own: cargo tells what is built by where it lies in its workspace, and would take
            // something broken for the real thing.
            target: target
                .map_or_else(|| origin.join("target"), PathBuf::from)
                .join("faults"),
        };
        let root = &workshop.root;
        copy(&origin.join("crates/tegata"), &root.join("crates/tegata"))?;
        fs::copy(origin.join("Cargo.lock"), root.join("Cargo.lock"))?;
        // Of the workspace, only what is looked at.
        let manifest = fs::read_to_string(origin.join("Cargo.toml"))?;
        let (before, members) = manifest.split_once("members = [").ok_or("no members")?;
        let (_, after) = members.split_once(']').ok_or("no end of the members")?;
        let members = r#"members = ["crates/tegata", "crates/tegata/model"]"#;
        fs::write(root.join("Cargo.toml"), [before, members, after].concat())?;
        Ok(workshop)
    }

    pub(crate) fn plant(&self, fault: &Fault) -> Outcome<()> {
        self.replace(fault, fault.before, fault.after)
    }

    pub(crate) fn fix(&self, fault: &Fault) -> Outcome<()> {
        let origin = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src");
        fs::copy(origin.join(fault.file), self.source(fault))?;
        // Otherwise it would seem older than what was built of the broken one.
        let now = std::time::SystemTime::now();
        let file = fs::File::options().write(true).open(self.source(fault))?;
        file.set_modified(now)?;
        Ok(())
    }

    fn replace(&self, fault: &Fault, before: &str, after: &str) -> Outcome<()> {
        let path = self.source(fault);
        let text = fs::read_to_string(&path)?;
        if text.matches(before).count() != 1 {
            return Err(format!("{}: not once in {}", fault.name, fault.file).into());
        }
        fs::write(path, text.replace(before, after))?;
        Ok(())
    }

    fn source(&self, fault: &Fault) -> PathBuf {
        self.root.join("crates/tegata/src").join(fault.file)
    }

    /// Which of these tests of this suite fail.
    pub(crate) fn failures(&self, suite: Suite, tests: &[&str]) -> Outcome<Vec<String>> {
        let which: &[&str] = match suite {
            Suite::Races => &["-p", "tegata-model", "--test", "races"],
            Suite::Schedule => &["-p", "tegata", "--test", "schedule"],
            Suite::Cache => &["-p", "tegata", "--lib"],
            Suite::Transport => &["-p", "tegata", "--test", "transport"],
        };
        let command = self.command(which);
        let build = self.run(&[&command[..], &["--no-run".to_owned()]].concat())?;
        if !build.status.success() {
            return Err(String::from_utf8_lossy(&build.stderr).into_owned().into());
        }
        // A test that hangs has noticed nothing.
        let patience = ["timeout".to_owned(), "300".to_owned()];
        let end = ["--".to_owned()];
        let tests: Vec<_> = tests.iter().map(|test| (*test).to_owned()).collect();
        let output = self.run(&[&patience[..], &command, &end, &tests].concat())?;
        let output = String::from_utf8_lossy(&output.stdout).into_owned();
        let failed = output.lines().filter_map(|line| {
            let name = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
            Some(name.to_owned())
        });
        Ok(failed.collect())
    }

    fn run(&self, command: &[String]) -> io::Result<Output> {
        Command::new(&command[0])
            .args(&command[1..])
            .current_dir(&self.root)
            .env("RUST_BACKTRACE", "0")
            .env("PROPTEST_MAX_SHRINK_ITERS", "0")
            .output()
    }

    fn command(&self, which: &[&str]) -> Vec<String> {
        let target = self.target.display().to_string();
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        let fixed = [&cargo, "test", "--offline", "--target-dir", &target];
        let all = fixed.iter().chain(which);
        all.map(|part| (*part).to_owned()).collect()
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        // Nothing in it is of any use, and another one has another name.
        let _ = fs::remove_dir_all(&self.root);
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
