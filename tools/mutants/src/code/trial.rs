//! Test programs, built once and run with one mutant after the other.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::scratch::TESTS;
use super::switch::{CHOSEN, MET};
use super::{CodeError, Fate, Scratch};

/// Slow tests whose faults cheaper tests also notice.
const SLOW: [&str; 2] = [
    "--skip=ten_thousand",
    "--skip=results_do_not_depend_on_the_number_of_threads",
];

/// Longer than any test takes.
const SHORTEST_LIMIT: Duration = Duration::from_secs(20);

/// One test program.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) name: String,
    path: PathBuf,
    folder: PathBuf,
    limit: Duration,
    met: BTreeSet<usize>,
}

/// An empty file into which any user may write: some tests start themselves as another one.
fn open_to_all(path: &Path) -> std::io::Result<()> {
    std::fs::write(path, "")?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666))?;
    }
    Ok(())
}

/// The compiler's error.
fn errors(messages: &[u8]) -> Vec<String> {
    let said = String::from_utf8_lossy(messages);
    let all = said
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let errors = all.filter(|message| message["message"]["level"] == "error");
    errors
        .filter_map(|error| Some(error["message"]["rendered"].as_str()?.to_owned()))
        .collect()
}

impl Program {
    /// Builds all of them. Each must pass as long as no mutant is awake.
    pub(super) fn build(scratch: &Scratch, report: &dyn Fn(&str)) -> Result<Vec<Self>, CodeError> {
        report("building the tests");
        let fixed = ["test", "--no-run", "--message-format=json"];
        let arguments: Vec<&str> = fixed.into_iter().chain(TESTS).collect();
        let output = scratch.cargo(&arguments)?;
        if !output.status.success() {
            let said = errors(&output.stdout).join("\n");
            return Err(CodeError(format!("the tests cannot be built: {said}")));
        }
        let said = String::from_utf8_lossy(&output.stdout);
        let mut programs: Vec<Self> = said.lines().filter_map(Self::read).collect();
        for program in &mut programs {
            report(&format!("the copy as it is: {}", program.name));
            program.baseline(scratch)?;
        }
        programs.sort_by_key(|program| program.limit);
        Ok(programs)
    }

    fn read(line: &str) -> Option<Self> {
        let message: Value = serde_json::from_str(line).ok()?;
        let path = PathBuf::from(message["executable"].as_str()?);
        if message["profile"]["test"] != true {
            return None;
        }
        let manifest = Path::new(message["manifest_path"].as_str()?);
        let folder = manifest.parent()?.to_owned();
        let (package, target) = (folder.file_name()?, message["target"]["name"].as_str()?);
        Some(Self {
            name: format!("{} {target}", package.to_string_lossy()),
            path,
            folder,
            limit: Duration::from_secs(600),
            met: BTreeSet::new(),
        })
    }

    /// Runs without any mutant: how long it takes, and which mutants it reaches.
    fn baseline(&mut self, scratch: &Scratch) -> Result<(), CodeError> {
        let list = scratch.target().join("met");
        open_to_all(&list).map_err(|error| CodeError(format!("{}: {error}", list.display())))?;
        let from = Instant::now();
        let seen = self.run(&[(MET, list.to_string_lossy().as_ref())])?;
        if seen != Fate::Survived {
            let name = &self.name;
            return Err(CodeError(format!(
                "{name}: {seen:?} before anything is wrong"
            )));
        }
        self.limit = from.elapsed() * 5;
        let met = std::fs::read_to_string(&list).unwrap_or_default();
        self.met = met.lines().filter_map(|line| line.parse().ok()).collect();
        Ok(())
    }

    /// Runs with this mutant, if it reaches it.
    pub(super) fn attempt(&self, number: usize) -> Result<Fate, CodeError> {
        if !self.met.contains(&number) {
            return Ok(Fate::Survived);
        }
        self.run(&[(CHOSEN, &number.to_string())])
    }

    /// Runs it until a test fails, or all are done.
    fn run(&self, variables: &[(&str, &str)]) -> Result<Fate, CodeError> {
        let fail = |error: std::io::Error| CodeError(format!("{}: {error}", self.name));
        let mut child = Command::new(&self.path)
            .args(SLOW)
            .current_dir(&self.folder)
            .envs(variables.iter().copied())
            .env("CARGO_MANIFEST_DIR", &self.folder)
            .env("INSTA_UPDATE", "no")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(fail)?;
        let (say, hear) = mpsc::channel();
        let output = child.stdout.take();
        let reader = std::thread::spawn(move || {
            let lines = output
                .into_iter()
                .flat_map(|output| BufReader::new(output).lines());
            for line in lines.map_while(Result::ok) {
                if line.starts_with("test ")
                    && line.ends_with(" ... FAILED")
                    && say.send(()).is_err()
                {
                    break;
                }
            }
        });
        let heard = hear.recv_timeout(self.limit.max(SHORTEST_LIMIT));
        let seen = match heard {
            Ok(()) => Some(Fate::Noticed),
            Err(RecvTimeoutError::Timeout) => Some(Fate::Endless),
            Err(RecvTimeoutError::Disconnected) => None,
        };
        if seen.is_some() {
            child.kill().map_err(fail)?;
        }
        let status = child.wait().map_err(fail)?;
        drop(hear);
        if seen.is_none() {
            // Its output has ended.
            let _ = reader.join();
        }
        Ok(match seen {
            Some(seen) => seen,
            None if status.success() => Fate::Survived,
            None => Fate::Noticed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::scratch::JUDGE;
    use super::*;

    /// The packages that are tested, as cargo has them.
    fn packages() -> Vec<Value> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["metadata", "--no-deps", "--format-version=1"])
            .current_dir(root)
            .output()
            .unwrap();
        let known: Value = serde_json::from_slice(&output.stdout).unwrap();
        let named = |name: &str| {
            let all = known["packages"].as_array().unwrap().iter();
            let found = all.clone().find(|package| package["name"] == name);
            found.unwrap_or_else(|| panic!("no package {name}")).clone()
        };
        let names = TESTS
            .iter()
            .filter_map(|one| one.strip_prefix("--package="));
        names.map(named).collect()
    }

    /// All code in this folder.
    fn text_below(folder: &Path) -> String {
        let mut code = String::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                code.push_str(&text_below(&path));
            } else if path.extension().is_some_and(|end| end == "rs") {
                code.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
        code
    }

    #[test]
    fn all_tests_that_are_named_exist() {
        let packages = packages();
        let targets: Vec<&Value> = packages
            .iter()
            .flat_map(|package| package["targets"].as_array().unwrap())
            .filter(|target| target["kind"][0] == "test")
            .collect();
        for name in TESTS.iter().filter_map(|one| one.strip_prefix("--test=")) {
            assert!(
                targets.iter().any(|target| target["name"] == name),
                "{name}"
            );
        }
        let folders = packages.iter().map(|package| {
            let manifest = Path::new(package["manifest_path"].as_str().unwrap());
            text_below(manifest.parent().unwrap())
        });
        let code: String = folders.collect();
        let skipped = SLOW.iter().filter_map(|one| one.strip_prefix("--skip="));
        for name in skipped.chain(JUDGE.last().copied()) {
            assert!(code.contains(&format!("fn {name}")), "{name}");
        }
    }
}
