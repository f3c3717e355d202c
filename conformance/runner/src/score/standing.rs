//! The state of each case after known failures and requirements are taken into account.

use serde::Serialize;

use super::{Known, Requirements};
use crate::report::{CaseReport, Check, Verdict};

/// The state of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// A check failed that must not.
    Fail,
    /// A check that is known to fail passes: the entry is stale.
    Xpass,
    /// Nothing failed, but what the case is about could not be seen.
    NotJudged,
    /// A check failed that should not.
    Warn,
    /// Checks failed, and each is known to.
    Xfail,
    /// A check failed of a case that only informs.
    Info,
    /// A check failed of a case that the release does not demand.
    NotScored,
    /// Every check passed.
    Pass,
    /// The case does not apply.
    NotApplicable,
}

impl Standing {
    /// Every standing, the worst first.
    pub const ALL: [Self; 9] = [
        Self::Fail,
        Self::Xpass,
        Self::NotJudged,
        Self::Warn,
        Self::Xfail,
        Self::Info,
        Self::NotScored,
        Self::Pass,
        Self::NotApplicable,
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Xpass => "xpass",
            Self::NotJudged => "not judged",
            Self::Warn => "warn",
            Self::Xfail => "xfail",
            Self::Info => "info",
            Self::NotScored => "not scored",
            Self::Pass => "pass",
            Self::NotApplicable => "n/a",
        }
    }

    /// Whether the client conforms nevertheless.
    pub fn conforms(self) -> bool {
        !matches!(self, Self::Fail | Self::Xpass | Self::NotJudged)
    }
}

/// A case and its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Scored<'r> {
    /// The report.
    #[serde(flatten)]
    pub report: &'r CaseReport,
    /// Its state.
    pub standing: Standing,
    /// Checks that are known to fail and do not.
    pub stale: Vec<String>,
}

/// A whole run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score<'r> {
    /// The cases, in the suite's order.
    pub cases: Vec<Scored<'r>>,
}

impl<'r> Score<'r> {
    /// Scores reports.
    pub fn of(
        reports: impl IntoIterator<Item = &'r CaseReport>,
        known: &Known,
        requirements: Option<&Requirements>,
    ) -> Self {
        let score = |report: &'r CaseReport| Scored::of(report, known, requirements);
        Self {
            cases: reports.into_iter().map(score).collect(),
        }
    }

    /// Whether the client conforms.
    pub fn conforms(&self) -> bool {
        self.cases.iter().all(|case| case.standing.conforms())
    }

    /// How many cases have this state.
    pub fn count(&self, standing: Standing) -> usize {
        let there = |case: &&Scored<'_>| case.standing == standing;
        self.cases.iter().filter(there).count()
    }
}

impl<'r> Scored<'r> {
    fn of(report: &'r CaseReport, known: &Known, requirements: Option<&Requirements>) -> Self {
        let failed = |id: &str| report.failures().any(|check| check.id == id);
        let prefix = format!("{}#", report.case);
        let stale: Vec<String> = known
            .checks()
            .filter(|id| id.starts_with(&prefix) && !failed(id))
            .map(str::to_owned)
            .collect();
        let all_known = report
            .failures()
            .all(|check: &Check| known.of(&check.id).is_some());
        let demanded = requirements.is_none_or(|list| list.demand(&report.case));
        let standing = match report.verdict {
            _ if !stale.is_empty() => Standing::Xpass,
            Verdict::Pass => Standing::Pass,
            Verdict::NotApplicable => Standing::NotApplicable,
            Verdict::NotJudged => Standing::NotJudged,
            _ if all_known => Standing::Xfail,
            _ if !demanded => Standing::NotScored,
            Verdict::Fail => Standing::Fail,
            Verdict::Warn => Standing::Warn,
            Verdict::Info => Standing::Info,
        };
        Self {
            report,
            standing,
            stale,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Level;
    use crate::score::Entry;

    fn report(level: Level, checks: &[(&str, bool)]) -> CaseReport {
        let checks = checks.iter().map(|(id, passed)| Check {
            id: format!("a.case#{id}"),
            passed: *passed,
            expected: String::new(),
            seen: String::new(),
        });
        CaseReport::of("a.case", level, checks.collect())
    }

    fn known(checks: &[&str]) -> Known {
        let checks = checks.iter().map(|id| format!("a.case#{id}")).collect();
        let reason = "x".to_owned();
        let link = None;
        Known {
            entries: vec![Entry {
                reason,
                link,
                checks,
            }],
        }
    }

    fn standing(report: &CaseReport, known: &Known, demanded: Option<bool>) -> Standing {
        let requirements = demanded.map(|demanded| Requirements {
            release: String::new(),
            count: 0,
            sha256: String::new(),
            cases: if demanded {
                vec!["a.case".to_owned()]
            } else {
                Vec::new()
            },
        });
        Score::of([report], known, requirements.as_ref()).cases[0].standing
    }

    #[test]
    fn a_known_failure_is_no_failure_and_a_further_one_is() {
        let one = report(Level::Must, &[("x", false), ("y", true)]);
        assert_eq!(standing(&one, &known(&[]), None), Standing::Fail);
        assert_eq!(standing(&one, &known(&["x"]), None), Standing::Xfail);
        let two = report(Level::Must, &[("x", false), ("y", false)]);
        assert_eq!(standing(&two, &known(&["x"]), None), Standing::Fail);
    }

    #[test]
    fn an_entry_that_no_longer_holds_fails_whatever_the_level() {
        for level in [Level::Must, Level::Probe] {
            let passes = report(level, &[("x", true), ("y", false)]);
            let standing = standing(&passes, &known(&["x", "y"]), None);
            assert_eq!(standing, Standing::Xpass);
            assert!(!standing.conforms());
        }
        let gone = CaseReport::not_applicable("a.case");
        assert_eq!(standing(&gone, &known(&["x"]), None), Standing::Xpass);
        assert_eq!(standing(&gone, &known(&[]), None), Standing::NotApplicable);
    }

    #[test]
    fn only_what_the_release_demands_counts() {
        let fails = report(Level::Must, &[("x", false)]);
        assert_eq!(standing(&fails, &known(&[]), Some(true)), Standing::Fail);
        assert_eq!(
            standing(&fails, &known(&[]), Some(false)),
            Standing::NotScored
        );
        let passes = report(Level::Must, &[("x", true)]);
        assert_eq!(standing(&passes, &known(&[]), Some(false)), Standing::Pass);
    }

    #[test]
    fn a_recommendation_and_a_probe_do_not_fail() {
        let should = report(Level::Should, &[("x", false)]);
        assert_eq!(standing(&should, &known(&[]), None), Standing::Warn);
        let probe = report(Level::Probe, &[("x", false)]);
        assert_eq!(standing(&probe, &known(&[]), None), Standing::Info);
        assert!(Standing::Warn.conforms() && Standing::Info.conforms());
    }
}
