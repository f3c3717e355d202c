//! The families of mutants that are not computed with each report.

use serde::Serialize;

use super::proof::{Family as Proved, Proof};

/// One family of mutants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Family {
    /// Its short name, such as `M2`.
    pub id: String,
    /// What it changes.
    pub title: String,
    /// How many there are, without those that are no mistakes.
    pub mutants: usize,
    /// How many were noticed.
    pub killed: usize,
    /// Those that were not.
    pub survivors: Vec<Survivor>,
    /// The parts that were not tried, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial: Option<String>,
}

/// A mutant that no check noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Survivor {
    /// Its name.
    pub name: String,
    /// Why nothing notices it, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// It is no mistake: the change has no effect.
    pub equivalent: bool,
}

/// The families of a proof, but for the wire mutants (M1), which each report computes.
pub(super) fn families(proof: &Proof) -> Vec<Family> {
    [
        ("M0", "clients that do nothing to the purpose", &proof.m0),
        ("M2", "wrong code", &proof.m2),
        ("M3", "wrong fixtures and specs", &proof.m3),
    ]
    .into_iter()
    .filter(|(_, _, family)| family.mutants > 0)
    .map(|(id, title, family)| one(id, title, family))
    .collect()
}

fn one(id: &str, title: &str, family: &Proved) -> Family {
    let same = family.survivors.iter().filter(|one| one.equivalent).count();
    Family {
        id: id.to_owned(),
        title: title.to_owned(),
        mutants: family.mutants - same.min(family.mutants),
        killed: family.killed,
        survivors: family
            .survivors
            .iter()
            .map(|one| Survivor {
                name: one.name.clone(),
                reason: one.reason.clone(),
                equivalent: one.equivalent,
            })
            .collect(),
        partial: family.partial.clone(),
    }
}
