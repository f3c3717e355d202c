//! The proof that the suite can fail, as far as it is not computed with each report.

use serde::{Deserialize, Serialize};

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
