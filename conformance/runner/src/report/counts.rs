//! Counts of cases by verdict.

use std::fmt;

use crate::case::{Case, Provider, Suite};
use crate::citation::Evidence;

/// Numbers of cases. One case can count as several kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Those of each provider.
    pub providers: Vec<(Provider, usize)>,
    /// Those whose level rests on a clause of an RFC, and not on a vendor's document.
    pub rfc: usize,
    /// Those that guard secrets: a wrong exchange that is named in the case shows one, and is
    /// noticed by the check `leak` or `clean-url`.
    pub leak: usize,
}

impl Counts {
    /// The numbers of a suite's cases.
    pub fn of(suite: &Suite) -> Self {
        let count = |is: &dyn Fn(&Case) -> bool| suite.cases.iter().filter(|case| is(case)).count();
        Self {
            providers: suite
                .providers
                .iter()
                .map(|provider| (*provider, count(&|case| case.provider == *provider)))
                .collect(),
            rfc: count(&|case| case.evidence == Evidence::Rfc),
            leak: count(&guards_secrets),
        }
    }
}

fn guards_secrets(case: &Case) -> bool {
    case.mutants.iter().any(|mutant| {
        let (_, check) = mutant.killed_by.rsplit_once('.').unwrap_or_default();
        matches!(check, "leak" | "clean-url")
    })
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (provider, cases) in &self.providers {
            write!(f, "{} {cases}, ", provider.name())?;
        }
        write!(
            f,
            "of these {} rest on an RFC and {} guard secrets by a check of their own",
            self.rfc, self.leak
        )
    }
}
