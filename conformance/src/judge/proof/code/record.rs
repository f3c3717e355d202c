//! What was measured, kept beside the code: who wants the numbers need not wait for them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::sources::{Source, sources};
use super::{CodeError, Fate, MUTANTS_VERSION, Tried};
use crate::citation::sha256;
use crate::judge::proof::Family;
use crate::report::LoadError;

/// Where it lies, below the root.
pub const RECORD: &str = "conformance/proof/code.json";

/// Which kind of wrong code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// What cargo-mutants changes.
    Mutants,
    /// Names that go onto the wire.
    Names,
}

/// The content of `proof/code.json`: the wrong code that was tried, by kind and file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Who knows the mutants.
    tool: String,
    files: BTreeMap<Kind, BTreeMap<String, Measured>>,
}

/// What was tried in one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Measured {
    /// Of the file without its tests, which are not made wrong and may change.
    sha256: String,
    #[serde(flatten)]
    tally: Tally,
}

/// What became of what was tried.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// A test failed.
    pub failed: usize,
    /// The tests came to no end, which counts as noticed.
    pub endless: usize,
    /// Does not build, which counts as nothing.
    pub unviable: usize,
    /// What nothing noticed, by name.
    pub survivors: BTreeSet<String>,
}

impl Tally {
    /// Those that count.
    pub fn viable(&self) -> usize {
        self.failed + self.endless + self.survivors.len()
    }

    fn add(&mut self, other: &Self) {
        self.failed += other.failed;
        self.endless += other.endless;
        self.unviable += other.unviable;
        self.survivors.extend(other.survivors.iter().cloned());
    }

    fn count(&mut self, one: &Tried) {
        match one.fate {
            Fate::Noticed => self.failed += 1,
            Fate::Endless => self.endless += 1,
            Fate::Unviable => self.unviable += 1,
            Fate::Survived => {
                self.survivors.insert(one.name.clone());
            }
        }
    }
}

impl Record {
    /// The record that was embedded when the crate was built.
    ///
    /// # Errors
    ///
    /// If it is wrong: the error says where.
    pub fn embedded() -> Result<Self, LoadError> {
        Self::read(include_str!("../../../../proof/code.json"))
    }

    /// Reads one.
    ///
    /// # Errors
    ///
    /// If it is wrong: the error says where.
    pub fn read(text: &str) -> Result<Self, LoadError> {
        serde_json::from_str(text)
            .map_err(|error| LoadError::new("proof/code.json", error.to_string()))
    }

    /// Notes all that was tried of this kind in the workspace at `root`, or in some files of it. What was
    /// noted of files that are no more goes.
    ///
    /// # Errors
    ///
    /// If a file cannot be read.
    pub fn note(
        &mut self,
        kind: Kind,
        files: Option<&BTreeSet<String>>,
        tried: &[Tried],
        root: &Path,
    ) -> Result<(), CodeError> {
        let all = wanted(kind, root)?;
        self.tool = format!("cargo-mutants {MUTANTS_VERSION}");
        let noted = self.files.entry(kind).or_default();
        noted.retain(|path, _| all.iter().any(|file| file.path == *path));
        let wanted = |file: &&Source| files.is_none_or(|files| files.contains(&file.path));
        for file in all.iter().filter(wanted) {
            let mut tally = Tally::default();
            let here = tried.iter().filter(|one| one.file == file.path);
            here.for_each(|one| tally.count(one));
            let sha256 = sha256(file.code.as_bytes());
            noted.insert(file.path.clone(), Measured { sha256, tally });
        }
        Ok(())
    }

    /// Notes what became of survivors that were tried again.
    pub fn note_again(&mut self, kind: Kind, tried: &[Tried]) {
        let files = self.files.entry(kind).or_default();
        for one in tried.iter().filter(|one| one.fate != Fate::Survived) {
            if let Some(measured) = files.get_mut(&one.file)
                && measured.tally.survivors.remove(&one.name)
            {
                measured.tally.count(one);
            }
        }
    }

    /// What nothing noticed.
    pub fn survivors(&self, kind: Kind) -> BTreeSet<String> {
        let some = self.all().filter(|(of, _, _)| *of == kind);
        some.flat_map(|(_, _, measured)| measured.tally.survivors.iter().cloned())
            .collect()
    }

    /// The family that it comes to.
    pub fn family(&self) -> Family {
        let mut family = Family::default();
        for (_, _, Measured { tally, .. }) in self.all() {
            let noticed = (0..tally.failed + tally.endless).map(|_| (String::new(), true));
            let not = tally.survivors.iter().map(|name| (name.clone(), false));
            family.add(Family::of(noticed.chain(not)));
        }
        family
    }

    /// The numbers by kind and crate.
    pub fn crates(&self) -> BTreeMap<(Kind, String), Tally> {
        let mut crates: BTreeMap<(Kind, String), Tally> = BTreeMap::new();
        for (kind, path, measured) in self.all() {
            let name = path.split('/').nth(1).unwrap_or_default().to_owned();
            crates.entry((kind, name)).or_default().add(&measured.tally);
        }
        crates
    }

    /// The files of the workspace at `root` that are not as they were when this was measured.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    pub fn changed(&self, kind: Kind, root: &Path) -> Result<BTreeSet<String>, CodeError> {
        let noted = self.files.get(&kind);
        let mut changed: BTreeSet<String> = noted
            .into_iter()
            .flat_map(|files| files.keys().cloned())
            .collect();
        for file in wanted(kind, root)? {
            match noted.and_then(|files| files.get(&file.path)) {
                Some(measured) if measured.sha256 == sha256(file.code.as_bytes()) => {
                    changed.remove(&file.path);
                }
                _ => {
                    changed.insert(file.path);
                }
            }
        }
        Ok(changed)
    }

    /// Of a thousand of this kind, how many were tried in these files.
    pub fn share(&self, kind: Kind, files: &BTreeSet<String>) -> usize {
        let tried = |within: &dyn Fn(&str) -> bool| -> usize {
            let some = self
                .all()
                .filter(|(of, path, _)| *of == kind && within(path));
            some.map(|(_, _, measured)| measured.tally.viable()).sum()
        };
        (tried(&|path| files.contains(path)) * 1000)
            .checked_div(tried(&|_| true))
            .unwrap_or(1000)
    }

    fn all(&self) -> impl Iterator<Item = (Kind, &str, &Measured)> {
        self.files.iter().flat_map(|(kind, files)| {
            files
                .iter()
                .map(|(path, measured)| (*kind, path.as_str(), measured))
        })
    }
}

/// The files in which this kind is tried.
fn wanted(kind: Kind, root: &Path) -> Result<Vec<Source>, CodeError> {
    let mut all = sources(root)?;
    // Generated code is made wrong through the specs.
    all.retain(|file| kind == Kind::Names || !file.is_generated());
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "crates/jooto/src/client.rs";

    fn root() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    fn tried(name: &str, fate: Fate) -> Tried {
        Tried {
            file: FILE.to_owned(),
            name: name.to_owned(),
            fate,
        }
    }

    fn measured() -> Record {
        let mut record = Record::default();
        let all = [
            tried("a", Fate::Noticed),
            tried("b", Fate::Endless),
            tried("c", Fate::Unviable),
            tried("d", Fate::Survived),
        ];
        record.note(Kind::Mutants, None, &all, &root()).unwrap();
        record
    }

    #[test]
    fn what_does_not_build_counts_as_nothing_and_what_does_not_end_as_noticed() {
        let family = measured().family();
        assert_eq!((family.mutants, family.killed), (3, 2));
        assert_eq!(family.survivors[0].name, "d");
        let crates = measured().crates();
        let jooto = &crates[&(Kind::Mutants, "jooto".to_owned())];
        assert_eq!((jooto.viable(), jooto.unviable, jooto.endless), (3, 1, 1));
    }

    #[test]
    fn a_file_that_is_not_as_it_was_measured_is_named() {
        let mut record = measured();
        assert_eq!(
            record.changed(Kind::Mutants, &root()).unwrap(),
            BTreeSet::new()
        );
        let other = record.files.get_mut(&Kind::Mutants).unwrap();
        other.get_mut(FILE).unwrap().sha256.clear();
        let gone = "crates/jooto/src/gone.rs".to_owned();
        other.insert(gone.clone(), Measured::default());
        let changed = record.changed(Kind::Mutants, &root()).unwrap();
        assert_eq!(changed, BTreeSet::from([FILE.to_owned(), gone]));
        assert_eq!(record.share(Kind::Mutants, &changed), 1000);
        assert_eq!(record.share(Kind::Mutants, &BTreeSet::new()), 0);
    }

    #[test]
    fn what_is_measured_again_replaces_what_was() {
        let mut record = measured();
        let again = [tried("d", Fate::Noticed)];
        let files = BTreeSet::from([FILE.to_owned()]);
        record
            .note(Kind::Mutants, Some(&files), &again, &root())
            .unwrap();
        let family = record.family();
        assert_eq!((family.mutants, family.killed), (1, 1));
    }

    #[test]
    fn a_survivor_that_is_noticed_when_it_is_tried_again_is_none_any_more() {
        let mut record = measured();
        assert_eq!(
            record.survivors(Kind::Mutants),
            BTreeSet::from(["d".to_owned()])
        );
        record.note_again(Kind::Mutants, &[tried("d", Fate::Survived)]);
        assert_eq!(record, measured());
        record.note_again(Kind::Mutants, &[tried("d", Fate::Noticed)]);
        let family = record.family();
        assert_eq!((family.mutants, family.killed), (3, 3));
        assert!(family.survivors.is_empty(), "{family:?}");
    }

    #[test]
    fn it_reads_what_it_wrote() {
        let text = serde_json::to_string(&measured()).unwrap();
        assert_eq!(Record::read(&text).unwrap(), measured());
        let error = Record::read("{}").unwrap_err().to_string();
        assert!(error.contains("proof/code.json"), "{error}");
    }
}
