//! A copy of what `cargo xtask new` reads and changes, in a temporary folder.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The document of the guide.
pub(crate) const DOCUMENT: &str = include_str!("../../../docs/your-own-api/library.yaml");

/// What is copied.
const PARTS: [&str; 11] = [
    "ARCHITECTURE.md",
    "Cargo.lock",
    "Cargo.toml",
    "README.ja.md",
    "README.md",
    "conformance/emulator/Cargo.toml",
    "conformance/suite/cases",
    "conformance/suite/citations",
    "conformance/suite/fixtures",
    "conformance/suite/providers",
    "specs/README.md",
];

pub(crate) struct Workspace {
    folder: TempDir,
    elsewhere: TempDir,
}

/// Exit code and output of the task.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Workspace {
    pub(crate) fn new() -> Self {
        let workspace = Self {
            folder: TempDir::new().unwrap(),
            elsewhere: TempDir::new().unwrap(),
        };
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for part in PARTS {
            copy(&root.join(part), &workspace.path(part));
        }
        fs::create_dir_all(workspace.path("crates")).unwrap();
        fs::write(workspace.elsewhere.path().join("library.yaml"), DOCUMENT).unwrap();
        workspace
    }

    /// The path of the document, which lies elsewhere.
    pub(crate) fn document(&self) -> String {
        self.elsewhere
            .path()
            .join("library.yaml")
            .display()
            .to_string()
    }

    /// The folder that the document is in.
    pub(crate) fn documents(&self) -> &Path {
        self.elsewhere.path()
    }

    /// Runs `cargo xtask new shelf` with the document.
    pub(crate) fn new_crate(&self, more: &[&str]) -> Ran {
        let document = self.document();
        let arguments = ["new", "shelf", "--spec", &document];
        self.run(&[&arguments[..], more].concat())
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .arg("--root")
            .arg(self.folder.path())
            .args(arguments)
            .env_remove("TEGATA_DOCUMENTS")
            .env_remove("TEGATA_SOURCES")
            .output()
            .unwrap();
        Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
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

    /// Every file and folder, with what is in it; folders end with a slash.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        list(self.folder.path(), "", &mut files);
        files
    }

    /// That all files are as they were.
    pub(crate) fn assert_files(&self, before: &BTreeMap<String, Vec<u8>>) {
        let after = self.files();
        let differs = |(path, text): &(&String, &Vec<u8>)| after.get(*path) != Some(*text);
        let gone: Vec<&String> = before
            .iter()
            .filter(differs)
            .map(|(path, _)| path)
            .collect();
        let left: Vec<&String> = after
            .keys()
            .filter(|path| !before.contains_key(*path))
            .collect();
        assert!(
            gone.is_empty() && left.is_empty(),
            "changed {gone:?}, left {left:?}"
        );
    }
}

fn list(folder: &Path, name: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{name}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            files.insert(format!("{name}/"), Vec::new());
            list(&path, &format!("{name}/"), files);
        } else {
            files.insert(name, fs::read(&path).unwrap());
        }
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        copy(&path, &to.join(path.file_name().unwrap()));
    }
}
