//! A repository in a temporary folder, and the task run on it.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A spec that uses every feature.
pub(crate) const EXAMPLE: &str = include_str!("../specs/example.yaml");

pub(crate) struct Repo {
    folder: TempDir,
}

/// Exit code and output of the task.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Repo {
    /// A repository with one spec, `specs/example.yaml`, and a crate for its code.
    pub(crate) fn with(spec: &str) -> Self {
        let repo = Self {
            folder: TempDir::new().unwrap(),
        };
        repo.add("example", spec);
        repo
    }

    /// Adds a spec and a crate for it.
    pub(crate) fn add(&self, provider: &str, spec: &str) {
        fs::create_dir_all(self.path(&format!("crates/{provider}/src"))).unwrap();
        self.write(&format!("specs/{provider}.yaml"), spec);
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Every file in the folder of the generated code, by name.
    pub(crate) fn generated(&self) -> BTreeMap<String, String> {
        let folder = self.path("crates/example/src/generated");
        let Ok(entries) = fs::read_dir(folder) else {
            return BTreeMap::new();
        };
        entries
            .map(|entry| entry.unwrap().path())
            .map(|path| (name(&path), fs::read_to_string(&path).unwrap()))
            .collect()
    }

    /// Runs `cargo xtask <arguments>` on this repository.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[])
    }

    /// The same, with variables of the environment.
    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &Path)]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .arg("--root")
            .arg(self.folder.path())
            .args(arguments)
            .env_remove("TEGATA_SOURCES")
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

/// The example with one passage replaced.
pub(crate) fn example_with(from: &str, to: &str) -> String {
    let found = EXAMPLE.matches(from).count();
    assert_eq!(found, 1, "the example holds {found} times: {from}");
    EXAMPLE.replace(from, to)
}
