//! Reading data files, from the build or from a folder.

use std::path::Path;

use serde::de::DeserializeOwned;

use super::{Case, Suite, drafts, names, variant};
use crate::citation::{Document, Outside, sha256};
use crate::embedded;
use crate::finding::LoadError;
use crate::provider::{Known, Provider};

impl Suite {
    /// The suite that was embedded when the crate was built.
    ///
    /// # Errors
    ///
    /// If a data file is wrong: the error names the file and the key.
    pub fn embedded() -> Result<Self, LoadError> {
        Self::embedded_with(&[])
    }

    /// The same, with drafts: providers whose files say `draft = true`.
    ///
    /// # Errors
    ///
    /// If a data file is wrong, or there is no such draft.
    pub fn embedded_with(asked: &[&str]) -> Result<Self, LoadError> {
        with_drafts(embedded_files(), asked)
    }

    /// The suite of a folder that holds `citations`, `fixtures` and `cases`, and `providers` if it has any of its own.
    ///
    /// # Errors
    ///
    /// If a data file cannot be read or is wrong: the error names the file and the key.
    pub fn from_folder(root: &Path) -> Result<Self, LoadError> {
        Self::from_folder_with(root, &[])
    }

    /// The same, with drafts: providers whose files say `draft = true`.
    ///
    /// # Errors
    ///
    /// If a data file cannot be read or is wrong, or there is no such draft.
    pub fn from_folder_with(root: &Path, asked: &[&str]) -> Result<Self, LoadError> {
        with_drafts(folder(root)?, asked)
    }

    /// The suite of data files given as path and content. It knows the providers of `providers/<name>.toml`, and those
    /// that were embedded and of which there is no file.
    ///
    /// # Errors
    ///
    /// If a data file is wrong: the error names the file and the key.
    pub fn from_files(files: &[(String, String)]) -> Result<Self, LoadError> {
        with_drafts(files.to_vec(), &[])
    }
}

fn with_drafts(files: Vec<(String, String)>, asked: &[&str]) -> Result<Suite, LoadError> {
    let suite = build(&drafts::without(files, asked))?;
    let is_there = |name: &&&str| suite.providers.iter().any(|one| one.name() == **name);
    match asked.iter().find(|name| !is_there(name)) {
        None => Ok(suite),
        Some(name) => {
            let problem =
                "is not there, so there is no such draft; name one that `cargo xtask new` has made";
            Err(LoadError::new(&format!("providers/{name}.toml"), problem))
        }
    }
}

/// The data files that were embedded when the crate was built, as path and content.
fn embedded_files() -> Vec<(String, String)> {
    embedded::FILES
        .iter()
        .map(|(path, content)| ((*path).to_owned(), (*content).to_owned()))
        .collect()
}

/// The data files of a folder that holds `citations`, `fixtures` and `cases`, and `providers` if it has its own.
fn folder(root: &Path) -> Result<Vec<(String, String)>, LoadError> {
    let mut files = Vec::new();
    for part in ["citations", "fixtures", "cases"] {
        walk(&root.join(part), part, &mut files)?;
    }
    if root.join("providers").is_dir() {
        walk(&root.join("providers"), "providers", &mut files)?;
    }
    files.sort();
    Ok(files)
}

fn walk(folder: &Path, name: &str, files: &mut Vec<(String, String)>) -> Result<(), LoadError> {
    let fail = |error: std::io::Error| LoadError::new(name, format!("cannot be read: {error}"));
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let path = entry.path();
        let inner = format!("{name}/{}", entry.file_name().to_string_lossy());
        if path.is_dir() {
            walk(&path, &inner, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            let content = std::fs::read_to_string(&path)
                .map_err(|error| LoadError::new(&inner, format!("cannot be read: {error}")))?;
            files.push((inner, content));
        }
    }
    Ok(())
}

/// Builds a suite from data files.
fn build(files: &[(String, String)]) -> Result<Suite, LoadError> {
    let known = Known::of(files)?;
    let mut suite = Suite {
        sha256: digest(files),
        ..Suite::default()
    };
    for (path, content) in files {
        let stem = path.strip_suffix(".toml").unwrap_or(path);
        let parts: Vec<&str> = stem.split('/').collect();
        match parts.as_slice() {
            ["citations", "rfc" | "witnesses" | "assumptions"] | ["citations", "outside", _] => {
                let outside: Outside<String> = read(path, content)?;
                let outside = names::outside(&known, outside);
                let outside = outside.map_err(|problem| LoadError::new(path, problem))?;
                suite.registry.outside.push((path.clone(), outside));
            }
            ["citations", _] => {
                let document: Document<String> = read(path, content)?;
                let document = names::document(&known, document);
                let document = document.map_err(|problem| LoadError::new(path, problem))?;
                suite.registry.documents.push((path.clone(), document));
            }
            ["fixtures", provider, "values"] => {
                let provider = of_folder(&known, path, provider)?;
                let values = read(path, content)?;
                suite.fixtures.values.insert(provider, values);
            }
            ["fixtures", provider, name] => {
                of_folder(&known, path, provider)?;
                let key = format!("{provider}/{name}");
                suite.fixtures.files.insert(key, read(path, content)?);
            }
            ["cases", _, _] => {
                let case: Case<String> = read(path, content)?;
                let case = names::case(&known, case);
                let case = case.map_err(|problem| LoadError::new(path, problem))?;
                if let Some(dash) = case.id.find('@') {
                    let problem = format!("id `{}`: no `@` at {dash}; variants add it", case.id);
                    return Err(LoadError::new(path, problem));
                }
                suite.files.push((path.clone(), case.id.clone()));
                let cases = variant::expand(case).map_err(|text| LoadError::new(path, text))?;
                suite.cases.extend(cases);
            }
            // They are read before all others, which name them.
            ["providers", _] => {}
            _ => {
                let problem = "belongs nowhere; data files are providers/<name>.toml, \
                               citations/<source>.toml, citations/outside/<provider>.toml, fixtures/<provider>/<name>.toml and \
                               cases/<provider>/<name>.toml";
                return Err(LoadError::new(path, problem));
            }
        }
    }
    suite.providers = known.all();
    Ok(suite)
}

fn digest(files: &[(String, String)]) -> String {
    let mut sorted: Vec<_> = files.iter().collect();
    sorted.sort();
    let mut bytes = Vec::new();
    for (path, content) in sorted {
        bytes.extend_from_slice(format!("{path} {}\n{content}", content.len()).as_bytes());
    }
    sha256(&bytes)
}

fn of_folder(known: &Known, path: &str, name: &str) -> Result<Provider, LoadError> {
    let found = known.find(name);
    found.map_err(|error| LoadError::new(path, error.to_string()))
}

fn read<T: DeserializeOwned>(path: &str, content: &str) -> Result<T, LoadError> {
    toml::from_str(content).map_err(|error| LoadError::new(path, error.to_string()))
}
