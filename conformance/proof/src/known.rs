//! The known survivors, each with its reason.

use serde::{Deserialize, Serialize};

use tegata_conformance::report::proof::{Family, Proof, Survivor};
use tegata_suite::LoadError;

/// The content of `conformance/proof/survivors.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The survivors.
    #[serde(default)]
    survivor: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// `m1`, `m2` or `m3`.
    family: String,
    /// The mutant's name; `*` stands for any characters.
    name: String,
    reason: String,
    #[serde(default)]
    equivalent: bool,
}

/// A problem of a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A vacuous client passes a case that demands something.
    Vacuous(String),
    /// A mutant survives without a stated reason.
    Unexplained(String),
    /// An entry of the list that matches no survivor.
    Stale(String),
    /// Too few mutants of a family are noticed: its name, the rate and the required rate per thousand.
    Rate(&'static str, usize, usize),
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Vacuous(name) => write!(
                f,
                "passes: {name}; let the case demand something that this client does not do"
            ),
            Self::Unexplained(name) => write!(
                f,
                "survives: {name}; add a case that notices it, or say in conformance/proof/survivors.toml why none can"
            ),
            Self::Stale(name) => write!(
                f,
                "stale: `{name}` of conformance/proof/survivors.toml stands for no survivor; drop it"
            ),
            Self::Rate(family, has, bar) => {
                write!(f, "{family}: {has} of 1000 are noticed, {bar} must be")
            }
        }
    }
}

impl Known {
    /// The list that was embedded when the crate was built.
    ///
    /// # Errors
    ///
    /// If it is wrong: the error names the key.
    pub fn embedded() -> Result<Self, LoadError> {
        Self::read(include_str!("../survivors.toml"))
    }

    /// Reads a list.
    ///
    /// # Errors
    ///
    /// If it is wrong: the error names the key.
    pub fn read(text: &str) -> Result<Self, LoadError> {
        let file = "conformance/proof/survivors.toml";
        let known: Self =
            toml::from_str(text).map_err(|error| LoadError::new(file, error.to_string()))?;
        let bad = known.survivor.iter().find(|entry| {
            !matches!(entry.family.as_str(), "m1" | "m2" | "m3") || entry.reason.is_empty()
        });
        match bad {
            None => Ok(known),
            Some(entry) => Err(LoadError::new(
                file,
                format!(
                    "`{}`: family is m1, m2 or m3, and reason says something",
                    entry.name
                ),
            )),
        }
    }

    /// Gives every survivor its reason.
    pub fn explain(&self, proof: &mut Proof) {
        for (family, part) in [
            ("m1", &mut proof.m1),
            ("m2", &mut proof.m2),
            ("m3", &mut proof.m3),
        ] {
            for survivor in &mut part.survivors {
                let entry = self.entry(family, survivor);
                survivor.reason = entry.map(|entry| entry.reason.clone());
                survivor.equivalent = entry.is_some_and(|entry| entry.equivalent);
            }
        }
    }

    /// What is wrong with a proof whose survivors have been explained. Entries that begin with one
    /// of `whole` belong to a part that was tried as a whole, and are stale if they stand for
    /// nothing.
    pub fn problems(&self, proof: &Proof, whole: &[&str]) -> Vec<Problem> {
        let vacuous = proof.m0.survivors.iter();
        let mut problems: Vec<Problem> = vacuous
            .map(|one| Problem::Vacuous(one.name.clone()))
            .collect();
        let families = [
            ("M1", &proof.m1, 1000),
            ("M2", &proof.m2, 950),
            ("M3", &proof.m3, 950),
        ];
        for (_, family, _) in families {
            let unexplained = family.survivors.iter().filter(|one| one.reason.is_none());
            problems.extend(unexplained.map(|one| Problem::Unexplained(one.name.clone())));
        }
        for entry in &self.survivor {
            let tried = whole.iter().any(|part| entry.name.starts_with(part));
            let mut survivors = family_of(proof, &entry.family).survivors.iter();
            if tried && !survivors.any(|one| matches(&entry.name, &one.name)) {
                problems.push(Problem::Stale(entry.name.clone()));
            }
        }
        for (name, family, bar) in families {
            let has = family.per_mille();
            if has < bar {
                problems.push(Problem::Rate(name, has, bar));
            }
        }
        problems
    }

    fn entry(&self, family: &str, survivor: &Survivor) -> Option<&Entry> {
        let mut entries = self.survivor.iter().filter(|entry| entry.family == family);
        entries.find(|entry| matches(&entry.name, &survivor.name))
    }
}

fn family_of<'p>(proof: &'p Proof, name: &str) -> &'p Family {
    match name {
        "m1" => &proof.m1,
        "m2" => &proof.m2,
        _ => &proof.m3,
    }
}

/// Whether the text is the pattern, in which `*` stands for any characters.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(text) = text.strip_prefix(first) else {
        return false;
    };
    (0..=text.len())
        .filter(|at| text.is_char_boundary(*at))
        .any(|at| matches(rest, &text[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "[[survivor]]\nfamily = \"m3\"\nname = \"fixture a*: x\"\nreason = \"y\"\n";

    fn proof(killed: usize, survivor: &str) -> Proof {
        let none = Family::of([]);
        let mut m3 = Family::of((0..killed).map(|number| (format!("{number}"), true)));
        m3.add(Family::of([(survivor.to_owned(), false)]));
        Proof {
            format: tegata_conformance::report::proof::FORMAT,
            m0: none.clone(),
            m1: none.clone(),
            m2: none,
            m3,
        }
    }

    fn problems(list: &str, mut proof: Proof) -> Vec<Problem> {
        let known = Known::read(list).unwrap();
        known.explain(&mut proof);
        known.problems(&proof, &["fixture"])
    }

    #[test]
    fn a_survivor_with_a_reason_is_no_problem() {
        assert_eq!(problems(LIST, proof(30, "fixture a.b: x")), []);
    }

    #[test]
    fn a_survivor_without_one_is_named_and_its_entry_is_stale() {
        assert_eq!(
            problems(LIST, proof(30, "fixture b: x")),
            [
                Problem::Unexplained("fixture b: x".to_owned()),
                Problem::Stale("fixture a*: x".to_owned())
            ]
        );
    }

    #[test]
    fn too_many_survivors_fail_with_or_without_a_reason() {
        assert_eq!(
            problems(LIST, proof(9, "fixture a: x")),
            [Problem::Rate("M3", 900, 950)]
        );
        let equivalent = format!("{LIST}equivalent = true\n");
        assert_eq!(problems(&equivalent, proof(9, "fixture a: x")), []);
    }

    #[test]
    fn an_entry_of_a_part_that_was_not_tried_is_not_stale() {
        let list = LIST.replace("fixture a*", "spec a*");
        let named = problems(&list, proof(30, "fixture b: x"));
        assert_eq!(named, [Problem::Unexplained("fixture b: x".to_owned())]);
    }

    #[test]
    fn a_vacuous_client_that_passes_has_no_excuse() {
        let mut proof = proof(30, "fixture a: x");
        proof.m0 = Family::of([("SaysOk at a".to_owned(), false)]);
        assert_eq!(
            problems(LIST, proof),
            [Problem::Vacuous("SaysOk at a".to_owned())]
        );
    }

    #[test]
    fn a_list_without_reasons_or_families_is_refused() {
        for list in [LIST.replace("\"y\"", "\"\""), LIST.replace("m3", "m4")] {
            let error = Known::read(&list).unwrap_err().to_string();
            assert!(error.contains("`fixture a*: x`"), "{error}");
        }
    }
}
