//! Which providers there are: those of data files, and those that were embedded.

use std::sync::LazyLock;

use super::facts::Facts;
use super::{Provider, UnknownProvider, lint};
use crate::embedded::FILES;
use crate::finding::LoadError;

static EMBEDDED: LazyLock<Result<Vec<Provider>, LoadError>> = LazyLock::new(|| {
    let files = FILES.iter().map(|(path, content)| (*path, *content));
    let whole = read(files)?.into_iter().filter(|facts| !facts.draft);
    together(whole.map(lasting).collect())
});

static NAMES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| embedded().iter().map(|one| one.name()).collect());

/// The providers that a suite knows.
#[derive(Debug)]
pub(crate) struct Known(Vec<Provider>);

impl Known {
    /// Those of data files, and those that were embedded and of which there is no file.
    pub(crate) fn of(files: &[(String, String)]) -> Result<Self, LoadError> {
        let files = files.iter().map(|(path, content)| (&**path, &**content));
        let mut all = Vec::new();
        for facts in read(files)? {
            let same = embedded().iter().find(|one| *one.0 == facts);
            all.push(same.copied().unwrap_or_else(|| lasting(facts)));
        }
        let is_left = |one: &Provider| !all.contains(one);
        let left: Vec<Provider> = embedded().iter().copied().filter(is_left).collect();
        all.extend(left);
        Ok(Self(together(all)?))
    }

    /// The provider of a name.
    pub(crate) fn find(&self, name: &str) -> Result<Provider, UnknownProvider> {
        Provider::named(name, &self.0)
    }

    /// All of them, by name.
    pub(crate) fn all(self) -> Vec<Provider> {
        self.0
    }
}

pub(super) fn embedded() -> &'static [Provider] {
    EMBEDDED.as_deref().unwrap_or_default()
}

pub(super) fn names() -> &'static [&'static str] {
    &NAMES
}

/// The files below `providers`, each by itself without a fault.
fn read<'f>(files: impl Iterator<Item = (&'f str, &'f str)>) -> Result<Vec<Facts>, LoadError> {
    let of_providers = files.filter_map(|(path, content)| {
        let stem = path.strip_prefix("providers/")?.strip_suffix(".toml")?;
        Some((path, stem, content))
    });
    of_providers
        .map(|(path, stem, content)| {
            let facts: Facts =
                toml::from_str(content).map_err(|error| LoadError::new(path, error.to_string()))?;
            lint::one(stem, &facts).map_err(|problem| LoadError::new(path, problem))?;
            Ok(facts)
        })
        .collect()
}

fn together(mut all: Vec<Provider>) -> Result<Vec<Provider>, LoadError> {
    all.sort();
    for (index, one) in all.iter().enumerate() {
        for other in &all[..index] {
            lint::pair(other.0, one.0).map_err(|problem| {
                LoadError::new(&format!("providers/{}.toml", one.name()), problem)
            })?;
        }
    }
    Ok(all)
}

/// A provider is a handle that lives as long as the program: its facts are never freed. Those that were embedded
/// are made once, and few others are ever read.
fn lasting(facts: Facts) -> Provider {
    Provider(Box::leak(Box::new(facts)))
}
