//! The proof that the suite can fail, as far as it is not computed with each report.

use serde::{Deserialize, Serialize};

use crate::judge::proof;

/// The families of mutants that take long, from the file that their run wrote. The wire mutants
/// (M1) are computed with each report and do not stand here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The families.
    #[serde(default)]
    pub family: Vec<Family>,
}

/// One family of mutants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// Its short name, such as `M2`.
    pub id: String,
    /// What it changes.
    pub title: String,
    /// How many there are, without the equivalent ones.
    pub mutants: usize,
    /// How many were noticed.
    pub killed: usize,
    /// The survivors.
    #[serde(default)]
    pub survivors: Vec<Survivor>,
}

/// A mutant that nobody noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survivor {
    /// Its name.
    pub name: String,
    /// Why it lives.
    pub reason: String,
}

impl Proof {
    /// Reads a proof file (JSON).
    ///
    /// # Errors
    ///
    /// If it is no proof file; the message says where.
    pub fn read(text: &str) -> Result<Self, String> {
        // What `prove --json` writes.
        if let Ok(proof) = serde_json::from_str::<proof::Proof>(text) {
            return Ok(Self::from(&proof));
        }
        let proof: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match proof.family.iter().find(|one| one.killed > one.mutants) {
            Some(one) => Err(format!(
                "{}: {} killed of {} mutants; count each mutant once",
                one.id, one.killed, one.mutants
            )),
            None => Ok(proof),
        }
    }
}

impl From<&proof::Proof> for Proof {
    fn from(proof: &proof::Proof) -> Self {
        let families = [
            ("M0", "clients that do nothing to the purpose", &proof.m0),
            ("M2", "wrong code", &proof.m2),
            ("M3", "wrong fixtures and specs", &proof.m3),
        ];
        let tried = families.iter().filter(|(_, _, part)| part.mutants > 0);
        Self {
            family: tried
                .map(|(id, title, part)| Family::of(id, title, part))
                .collect(),
        }
    }
}

impl Family {
    fn of(id: &str, title: &str, part: &proof::Family) -> Self {
        let survivors: Vec<_> = part
            .survivors
            .iter()
            .filter(|one| !one.equivalent)
            .collect();
        let partial = part.partial.as_deref().map(|what| format!(" ({what})"));
        Self {
            id: id.to_owned(),
            title: format!("{title}{}", partial.unwrap_or_default()),
            mutants: part.killed + survivors.len(),
            killed: part.killed,
            survivors: survivors
                .into_iter()
                .map(|one| Survivor {
                    name: one.name.clone(),
                    reason: one.reason.clone().unwrap_or_default(),
                })
                .collect(),
        }
    }
}
