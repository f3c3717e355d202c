//! Failed checks of all cases, grouped: one mistake of a client breaks several cases.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::{Level, Suite};
use crate::report::{Check, Verdict};

/// One failed check of one time that a case took place.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) case: String,
    /// The entry that the check is about.
    pub(super) entry: Option<usize>,
    /// What of the exchange was checked.
    pub(super) part: String,
    pub(super) check: Check,
}

/// What is wrong with one request or answer, or in the same way with several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The entries of the recording in which it was seen.
    pub entries: Vec<usize>,
    /// What was expected and what was seen instead, each with the ids of the checks that failed.
    pub seen: Vec<Wrong>,
    /// The cases that it breaks.
    pub cases: BTreeSet<String>,
    /// The verdict on the gravest of these.
    pub verdict: Verdict,
}

/// What was seen in place of what was expected.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wrong {
    /// What was expected, with secrets as their names.
    pub expected: String,
    /// What was seen, with secrets as their names.
    pub seen: String,
    /// The ids of the checks.
    pub checks: BTreeSet<String>,
}

/// What is wrong with one entry, by the part of it and what was seen there.
type Parts = BTreeMap<(String, String), Wrong>;

/// The mistakes, the one in the earliest entry first.
pub(super) fn mistakes(suite: &Suite, findings: Vec<Finding>) -> Vec<Mistake> {
    let mut entries: BTreeMap<Option<usize>, (Parts, BTreeSet<String>)> = BTreeMap::new();
    for finding in findings {
        let (parts, cases) = entries.entry(finding.entry).or_default();
        cases.insert(finding.case);
        let key = (finding.part, unnumbered(&finding.check.seen));
        let wrong = parts.entry(key).or_insert_with(|| Wrong {
            expected: finding.check.expected,
            seen: finding.check.seen,
            checks: BTreeSet::new(),
        });
        wrong.checks.insert(finding.check.id);
    }
    for (parts, _) in entries.values_mut() {
        join_unknown(parts);
    }
    let mut all: Vec<Mistake> = Vec::new();
    let mut known: BTreeMap<Vec<(String, BTreeSet<String>)>, usize> = BTreeMap::new();
    for (entry, (parts, cases)) in entries {
        // The same mistake is made again and again.
        let key = parts
            .iter()
            .map(|((_, seen), wrong)| (seen.clone(), wrong.checks.clone()));
        let index = *known.entry(key.collect()).or_insert(all.len());
        if let Some(mistake) = all.get_mut(index) {
            mistake.entries.extend(entry);
            continue;
        }
        all.push(Mistake {
            entries: entry.into_iter().collect(),
            seen: parts.into_values().collect(),
            verdict: verdict(suite, &cases),
            cases,
        });
    }
    all
}

/// What is an unknown value to one case may have a name in another.
fn join_unknown(parts: &mut Parts) {
    let is_unknown = |seen: &str| seen.contains("an unknown value of");
    let named: Vec<(String, String)> = parts
        .keys()
        .filter(|(_, seen)| !is_unknown(seen))
        .cloned()
        .collect();
    for key in named {
        let same: Vec<(String, String)> = parts
            .keys()
            .filter(|(part, seen)| *part == key.0 && is_unknown(seen))
            .cloned()
            .collect();
        for other in same {
            let checks = parts.remove(&other).map(|wrong| wrong.checks);
            if let Some(wrong) = parts.get_mut(&key) {
                wrong.checks.extend(checks.unwrap_or_default());
            }
        }
    }
}

fn verdict(suite: &Suite, cases: &BTreeSet<String>) -> Verdict {
    let levels = cases
        .iter()
        .filter_map(|id| suite.case(id))
        .map(|case| Verdict::failed_at(case.level));
    let gravest = levels.min_by_key(|verdict| {
        let mut all = Verdict::ALL.iter();
        all.position(|known| known == verdict)
    });
    gravest.unwrap_or(Verdict::failed_at(Level::Must))
}

/// A text without the numbers of the names in it: what is `[token-1]` to one case may be
/// `[token-2]` to another.
fn unnumbered(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        plain.push_str(before);
        plain.push('[');
        let (name, behind) = after.split_once(']').unwrap_or((after, ""));
        let name = name.trim_start_matches("other-");
        plain.push_str(name.trim_end_matches(|end: char| end.is_ascii_digit() || end == '-'));
        rest = behind;
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(case: &str, entry: usize, part: &str, seen: &str) -> Finding {
        Finding {
            case: case.to_owned(),
            entry: Some(entry),
            part: part.to_owned(),
            check: Check {
                id: format!("{case}#call.{part}"),
                passed: false,
                expected: "something".to_owned(),
                seen: seen.to_owned(),
            },
        }
    }

    fn grouped(findings: Vec<Finding>) -> Vec<Mistake> {
        let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
        mistakes(&suite, findings)
    }

    #[test]
    fn one_entry_is_one_mistake_with_the_cases_that_it_breaks() {
        let all = grouped(vec![
            finding("marketo.use.header", 3, "credential", "`[token-1]`"),
            finding("marketo.refused.twice", 3, "credential", "`[token-2]`"),
            finding("marketo.use.header", 3, "clean-url", "token-1"),
        ]);
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!((all[0].cases.len(), all[0].seen.len()), (2, 2), "{all:?}");
        assert_eq!(all[0].verdict, Verdict::Fail);
    }

    #[test]
    fn a_value_that_only_one_case_knows_is_shown_by_its_name() {
        let unknown = "an unknown value of 25 characters";
        let all = grouped(vec![
            finding("marketo.use.header", 3, "credential", unknown),
            finding("marketo.refused.twice", 3, "credential", "`[token-2]`"),
        ]);
        assert_eq!(all[0].seen.len(), 1, "{all:?}");
        assert_eq!(all[0].seen[0].seen, "`[token-2]`");
        assert_eq!(all[0].seen[0].checks.len(), 2, "{all:?}");
    }

    #[test]
    fn the_same_mistake_in_several_entries_is_one_and_another_is_not() {
        let all = grouped(vec![
            finding("marketo.refused.twice", 9, "credential", "`[token-4]`"),
            finding("marketo.refused.twice", 3, "credential", "`[token-2]`"),
            finding("marketo.refused.twice", 5, "credential", "none"),
        ]);
        let entries: Vec<_> = all.iter().map(|one| one.entries.clone()).collect();
        assert_eq!(entries, [vec![3, 9], vec![5]]);
        assert_eq!(all[0].verdict, Verdict::Warn);
    }
}
