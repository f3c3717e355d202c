//! The proof that the suite can fail, in numbers: four families of wrong clients, exchanges, code
//! and data, how many of them were noticed, and the names of those that were not.

use serde::{Deserialize, Serialize};

/// The version of [`Proof`] as JSON. A reader takes no other.
pub const FORMAT: u32 = 1;

/// The four families.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// [`FORMAT`].
    pub format: u32,
    /// Vacuous clients, each with each `must` case: none may pass.
    pub m0: Family,
    /// Wrong exchanges: noticed by the check that is named for them.
    pub m1: Family,
    /// Wrong code: noticed by a case or a test.
    pub m2: Family,
    /// Wrong fixtures and specs: noticed by a case.
    pub m3: Family,
}

/// One family.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// How many mutants were tried.
    pub mutants: usize,
    /// How many were noticed.
    pub killed: usize,
    /// Those that were not, by name.
    pub survivors: Vec<Survivor>,
    /// The parts that were not tried, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<String>,
}

/// A mutant that nothing noticed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survivor {
    /// Its name.
    pub name: String,
    /// Why nothing notices it, if that is known.
    pub reason: Option<String>,
    /// It is no mistake: the change has no effect.
    pub equivalent: bool,
}

impl Default for Proof {
    fn default() -> Self {
        Self {
            format: FORMAT,
            m0: Family::default(),
            m1: Family::default(),
            m2: Family::default(),
            m3: Family::default(),
        }
    }
}

impl Family {
    /// A family of which these were tried, each with its name and whether it was noticed.
    pub fn of(tried: impl IntoIterator<Item = (String, bool)>) -> Self {
        let mut family = Self::default();
        for (name, killed) in tried {
            family.mutants += 1;
            if killed {
                family.killed += 1;
            } else {
                family.survivors.push(Survivor {
                    name,
                    reason: None,
                    equivalent: false,
                });
            }
        }
        family.survivors.sort();
        family
    }

    /// Adds another part of the same family.
    pub fn add(&mut self, other: Self) {
        self.mutants += other.mutants;
        self.killed += other.killed;
        self.survivors.extend(other.survivors);
        self.survivors.sort();
        self.partial = match (self.partial.take(), other.partial) {
            (Some(one), Some(two)) => Some(format!("{one}; {two}")),
            (one, two) => one.or(two),
        };
    }

    /// The numbers on one line.
    pub fn summary(&self) -> String {
        let same = self.survivors.iter().filter(|one| one.equivalent).count();
        let (whole, tenth) = (self.per_mille() / 10, self.per_mille() % 10);
        let partial = self.partial.as_deref().map(|part| format!(" ({part})"));
        format!(
            "{} mutants, {} killed, {same} of the others no mistakes: {whole}.{tenth} %{}",
            self.mutants,
            self.killed,
            partial.unwrap_or_default()
        )
    }

    /// Of a thousand mutants that are mistakes, how many were noticed; rounded down.
    pub fn per_mille(&self) -> usize {
        let equivalent = self.survivors.iter().filter(|one| one.equivalent).count();
        (self.killed * 1000)
            .checked_div(self.mutants - equivalent)
            .unwrap_or(1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(killed: usize, alive: usize) -> Family {
        let names = (0..killed + alive).map(|number| (format!("mutant {number}"), number < killed));
        Family::of(names)
    }

    #[test]
    fn the_rate_leaves_out_what_is_no_mistake() {
        let mut family = tried(19, 2);
        assert_eq!(family.per_mille(), 904);
        family.survivors[0].equivalent = true;
        assert_eq!(family.per_mille(), 950);
        assert_eq!(Family::default().per_mille(), 1000);
    }

    #[test]
    fn parts_of_a_family_add_up() {
        let mut family = tried(2, 1);
        let mut other = tried(3, 0);
        other.partial = Some("a tenth".to_owned());
        family.add(other);
        assert_eq!((family.mutants, family.killed), (6, 5));
        assert_eq!(family.survivors.len(), 1);
        let line = "6 mutants, 5 killed, 0 of the others no mistakes: 83.3 % (a tenth)";
        assert_eq!(family.summary(), line);
    }
}
