//! What a case is about, by its checks: without these, nothing that it says of a client is an answer to its title.

use std::collections::BTreeSet;

use super::Part;
use crate::case::{Case, Suite};
use crate::judge::check_ids;

/// The parts of exchanges and steps that a case is about: those that its own wrong exchanges (`mutants`) change, or
/// those of the checks that it names in `about`.
pub struct About<'c> {
    case: &'c Case,
    parts: BTreeSet<(&'c str, Part)>,
}

impl<'c> About<'c> {
    /// What a case is about.
    pub fn of(case: &'c Case) -> Self {
        let killers = case.mutants.iter().map(|mutant| &mutant.killed_by);
        let named: Vec<&String> = if case.about.is_empty() {
            killers.collect()
        } else {
            case.about.iter().collect()
        };
        let parts = named.into_iter().map(|check| place(case, check));
        Self {
            case,
            parts: parts.collect(),
        }
    }

    /// The checks that the case is about, without its id. A case that names none is about all of its checks.
    pub fn checks(&self, suite: &Suite) -> Vec<String> {
        let all = check_ids(suite, self.case);
        let (about, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|check| self.has(check));
        if about.is_empty() { others } else { about }
    }

    /// Whether the case cannot be judged without the checks that are hidden. If none of those that are left is what
    /// the case is about, each of them counts: a recording shows the case by them or not at all.
    pub fn is_lost(&self, hidden: &[String], seen: &[String]) -> bool {
        let has = |check: &String| self.has(check);
        hidden.iter().any(has) || !hidden.is_empty() && !seen.iter().any(has)
    }

    fn has(&self, check: &str) -> bool {
        self.parts.contains(&place(self.case, check))
    }
}

/// The exchange or step that a check is on, and the part of it.
fn place<'i>(case: &Case, check: &'i str) -> (&'i str, Part) {
    let on = check.split('.').next().unwrap_or_default();
    (on, Part::of(case, check))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite() -> Suite {
        Suite::embedded().unwrap_or_else(|error| panic!("{error}"))
    }

    fn is_lost(id: &str, hidden: &[&str], seen: &[&str]) -> bool {
        let suite = suite();
        let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let about = About::of(suite.case(id).unwrap());
        about.is_lost(&owned(hidden), &owned(seen))
    }

    #[test]
    fn every_case_is_about_some_of_its_checks() {
        let suite = suite();
        for case in &suite.cases {
            let checks = About::of(case).checks(&suite);
            assert!(!checks.is_empty(), "{}", case.id);
            let seen: Vec<String> = check_ids(&suite, case);
            for check in &checks {
                assert!(seen.contains(check), "{} {check}", case.id);
                let hidden = std::slice::from_ref(check);
                assert!(
                    About::of(case).is_lost(hidden, &seen),
                    "{} {check}",
                    case.id
                );
            }
            assert!(!About::of(case).is_lost(&[], &seen), "{}", case.id);
        }
    }

    #[test]
    fn a_hidden_credential_loses_only_cases_about_it() {
        let seen = ["call.clean-url"];
        for id in ["jooto.use.bearer", "jooto.key.header"] {
            assert!(is_lost(id, &["call.credential"], &seen), "{id}");
            // It goes there and nowhere else.
            assert!(is_lost(id, &["call.one-credential"], &seen), "{id}");
        }
        let by_form = "marketo.token.post-form";
        let seen = ["issue.content-type", "issue.form.grant_type"];
        assert!(!is_lost(by_form, &["issue.credential"], &seen));
        assert!(is_lost(by_form, &["issue.form.client_id"], &seen));
    }

    #[test]
    fn a_case_that_names_its_checks_is_about_these() {
        let id = "fujitsu-aispf.v2.issue";
        let seen = ["issue.method"];
        assert!(is_lost(id, &["issue.credential"], &seen));
        assert!(is_lost(id, &["issue.form.client_id"], &seen));
        assert!(!is_lost(id, &["issue.answer.json.access_token"], &seen));
    }

    #[test]
    fn without_its_own_checks_a_case_needs_all_others() {
        // It is about the number of requests, which no recording shows.
        let id = "jooto.use.too-many";
        assert!(is_lost(id, &["call.credential"], &["call.sent"]));
        assert!(!is_lost(id, &[], &["call.sent"]));
    }
}
