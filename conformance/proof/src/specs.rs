//! M3 for specs: every wrong spec must be noticed. Most of what can
//! be wrong differs from what cases and fixtures say, which is found by reading, without a build. What became of the
//! rest, which has to be generated and built, is kept in `conformance/proof/specs.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::spec::{Said, Spec, SpecEdit, edits, fingerprint};
use tegata_conformance::case::{Provider, Suite};
use tegata_conformance::report::proof::Family;
use tegata_suite::LoadError;

/// What became of a wrong spec that differs from no case and no fixture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpecFate {
    /// `cargo xtask gen` refuses it.
    Refused,
    /// The code that is generated from it is the same, so nothing that is built can notice.
    Same,
    /// The generated code does not build, so the suite did not notice it.
    Unbuilt,
    /// A case, or a test of the provider's calls, fails.
    Noticed,
    /// Nothing fails.
    Survived,
}

/// The content of `conformance/proof/specs.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecRecord {
    /// The sha256 of the specs' wire facts when the fates were recorded, by provider.
    pub specs: BTreeMap<String, String>,
    /// The fates, by the name of the change.
    pub fates: BTreeMap<String, SpecFate>,
}

impl SpecRecord {
    /// That of specs as they are, without any fates.
    pub fn of(specs: &[Spec]) -> Self {
        let each = specs.iter();
        Self {
            specs: each
                .map(|spec| (spec.provider.name().to_owned(), fingerprint(spec)))
                .collect(),
            fates: BTreeMap::new(),
        }
    }

    /// The record that was embedded when the crate was built.
    ///
    /// # Errors
    ///
    /// If it is wrong: the error names the key.
    pub fn embedded() -> Result<Self, LoadError> {
        Self::read(include_str!("../specs.json"))
    }

    /// Reads a record.
    ///
    /// # Errors
    ///
    /// If it is wrong: the error names the key.
    pub fn read(text: &str) -> Result<Self, LoadError> {
        serde_json::from_str(text)
            .map_err(|error| LoadError::new("conformance/proof/specs.json", error.to_string()))
    }

    /// The record as it is kept.
    ///
    /// # Errors
    ///
    /// None that is known.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Takes over the fates of an older record of the same specs.
    pub fn take_over(&mut self, older: Self) {
        if older.specs == self.specs {
            for (name, fate) in older.fates {
                self.fates.entry(name).or_insert(fate);
            }
        }
    }

    /// Why the record does not fit to the specs and the suite, if it does not.
    ///
    /// # Errors
    ///
    /// If a spec cannot be read.
    pub fn problems(&self, suite: &Suite) -> Result<Vec<String>, LoadError> {
        let specs = embedded_specs()?;
        let again =
            "run `cargo run --manifest-path tools/mutants/Cargo.toml -- specs --record` again";
        if Self::of(&specs).specs != self.specs {
            return Ok(vec![format!(
                "the specs are not those of conformance/proof/specs.json; {again}"
            )]);
        }
        let left: Vec<String> = unnoticed(suite, &specs)
            .map(|(_, edit)| edit.name)
            .collect();
        let missing = left.iter().filter(|name| !self.fates.contains_key(*name));
        let stale = self.fates.keys().filter(|name| !left.contains(name));
        let missing =
            missing.map(|name| format!("not in conformance/proof/specs.json: {name}; {again}"));
        let stale =
            stale.map(|name| format!("of no use in conformance/proof/specs.json: {name}; {again}"));
        Ok(missing.chain(stale).collect())
    }
}

/// The specs as they were when the crate was built.
///
/// # Errors
///
/// If one is no YAML.
pub fn embedded_specs() -> Result<Vec<Spec>, LoadError> {
    Provider::all()
        .iter()
        .copied()
        .map(Spec::embedded)
        .collect()
}

/// Every change to the specs that differs from no case and no fixture.
pub fn unnoticed<'s>(
    suite: &'s Suite,
    specs: &'s [Spec],
) -> impl Iterator<Item = (&'s Spec, SpecEdit)> {
    specs.iter().flat_map(move |spec| {
        let trial = Trial::of(suite, spec);
        let all = edits(spec).into_iter();
        all.filter(move |edit| !trial.notices(edit))
            .map(move |edit| (spec, edit))
    })
}

/// Every change to the specs, and whether it is noticed, by the suite's data or as the record has it.
///
/// # Errors
///
/// If a spec cannot be read.
pub(super) fn family(suite: &Suite, record: &SpecRecord) -> Result<Family, LoadError> {
    let mut family = Family::default();
    for spec in embedded_specs()? {
        let trial = Trial::of(suite, &spec);
        family.add(Family::of(edits(&spec).into_iter().filter_map(|edit| {
            let noticed = trial.notices(&edit)
                || match record.fates.get(&edit.name) {
                    Some(SpecFate::Unbuilt) => return None,
                    Some(SpecFate::Refused | SpecFate::Noticed) => true,
                    Some(SpecFate::Same | SpecFate::Survived) | None => false,
                };
            Some((edit.name, noticed))
        })));
    }
    Ok(family)
}

struct Trial<'s> {
    said: Said,
    tree: &'s Value,
    before: usize,
}

impl<'s> Trial<'s> {
    fn of(suite: &Suite, spec: &'s Spec) -> Self {
        let said = Said::of(suite, spec.provider);
        let before = said.differences(&spec.tree).len();
        Self {
            said,
            tree: &spec.tree,
            before,
        }
    }

    fn notices(&self, edit: &SpecEdit) -> bool {
        self.said.differences(&edit.apply(self.tree)).len() > self.before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite() -> Suite {
        Suite::embedded().unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let mut record = SpecRecord::of(&embedded_specs().unwrap());
        record.fates.insert("spec x".to_owned(), SpecFate::Same);
        let text = record.json().unwrap();
        assert!(text.contains("\"spec x\": \"same\""), "{text}");
        assert_eq!(SpecRecord::read(&text).unwrap(), record);
    }

    /// One of which the cases of AISPF are gone, so that nothing holds its spec to them.
    fn weak() -> Suite {
        let mut suite = suite();
        suite
            .cases
            .retain(|case| case.provider.name() != "fujitsu-aispf");
        suite
    }

    fn first_left(suite: &Suite) -> String {
        let specs = embedded_specs().unwrap();
        let first = unnoticed(suite, &specs).next();
        first.map(|(_, edit)| edit.name).unwrap()
    }

    #[test]
    fn a_record_of_other_specs_is_of_no_use() {
        let mut older = SpecRecord::of(&embedded_specs().unwrap());
        older.fates.insert("x".to_owned(), SpecFate::Same);
        older.specs.insert("jooto".to_owned(), "0".to_owned());
        let problems = older.problems(&suite()).unwrap();
        assert!(
            problems[0].starts_with("the specs are not those"),
            "{problems:?}"
        );
        let mut record = SpecRecord::of(&embedded_specs().unwrap());
        record.take_over(older.clone());
        assert_eq!(record.fates.len(), 0);
        older.specs = record.specs.clone();
        record.take_over(older);
        assert_eq!(record.fates.len(), 1);
    }

    #[test]
    fn a_record_with_too_much_or_too_little_is_named() {
        let mut record = SpecRecord::embedded().unwrap();
        record
            .fates
            .insert("spec jooto: x".to_owned(), SpecFate::Same);
        let weak = weak();
        let problems = record.problems(&weak).unwrap();
        let lost = format!("not in conformance/proof/specs.json: {}", first_left(&weak));
        assert!(problems[0].starts_with(&lost), "{problems:?}");
        let last = problems.last().unwrap();
        assert!(
            last.contains("of no use in conformance/proof/specs.json: spec jooto: x"),
            "{problems:?}"
        );
    }

    #[test]
    fn the_recorded_fate_of_an_unnoticed_spec_counts() {
        let weak = weak();
        let name = first_left(&weak);
        let with = |fate: Option<SpecFate>| {
            let mut record = SpecRecord::embedded().unwrap();
            record.fates.extend(fate.map(|fate| (name.clone(), fate)));
            let family = family(&weak, &record).unwrap();
            let alive = family.survivors.iter().any(|one| one.name == name);
            (family.mutants, alive)
        };
        let (all, alive) = with(None);
        assert!(alive, "{name}");
        for (fate, expected) in [
            (SpecFate::Refused, (all, false)),
            (SpecFate::Noticed, (all, false)),
            (SpecFate::Same, (all, true)),
            (SpecFate::Survived, (all, true)),
            (SpecFate::Unbuilt, (all - 1, false)),
        ] {
            assert_eq!(with(Some(fate)), expected, "{fate:?}");
        }
    }
}
