//! The lines on the terminal about what is wrong in a recording: each mistake once, with the cases
//! that it breaks.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::Failure;
use crate::case::Suite;
use crate::har::{Judged, Mistake};
use crate::report::seen_in;

/// Every mistake, where it was seen, and the cases that it breaks.
pub(super) fn lines(text: &mut String, suite: &Suite, judged: &Judged) -> Result<(), Failure> {
    let mut named = BTreeSet::new();
    for mistake in &judged.mistakes {
        one(text, suite, judged, mistake, &mut named)?;
    }
    Ok(())
}

/// The mistakes that break several cases, each in one line, for the notes of a report.
pub(super) fn notes(judged: &Judged) -> Vec<String> {
    let several = judged.mistakes.iter().filter(|one| one.cases.len() > 1);
    several
        .map(|mistake| {
            let cases: Vec<&str> = mistake.cases.iter().map(String::as_str).collect();
            let place = seen_in(&mistake.entries).unwrap_or_else(|| "nothing was sent".to_owned());
            format!(
                "one mistake, in {place}, breaks {} cases: {}",
                cases.len(),
                cases.join(", ")
            )
        })
        .collect()
}

/// One mistake, and the cases that have not been named yet.
fn one<'j>(
    text: &mut String,
    suite: &Suite,
    judged: &Judged,
    mistake: &'j Mistake,
    named: &mut BTreeSet<&'j str>,
) -> Result<(), Failure> {
    let place = seen_in(&mistake.entries).unwrap_or_else(|| "nothing was sent".to_owned());
    let cases = match mistake.cases.len() {
        1 => "1 case".to_owned(),
        count => format!("{count} cases"),
    };
    writeln!(text, "mistake in {place}, which breaks {cases}:")?;
    for wrong in &mistake.seen {
        let what = wrong.checks.iter().next().map_or("", String::as_str);
        let what = what.split_once('#').map_or(what, |(_, what)| what);
        writeln!(
            text,
            "  {what}: expected {}, saw {}",
            wrong.expected, wrong.seen
        )?;
    }
    let (new, old): (Vec<&str>, Vec<&str>) = mistake
        .cases
        .iter()
        .map(String::as_str)
        .partition(|id| named.insert(id));
    if !old.is_empty() {
        writeln!(text, "  as does another: {}", old.join(", "))?;
    }
    for id in new {
        let mut results = judged.results.iter().zip(&judged.entries);
        let Some(((report, _), entries)) = results.find(|((report, _), _)| report.case == id)
        else {
            continue;
        };
        let title = suite.case(id).map_or("", |case| case.title.as_str());
        let word = report.verdict.loud_word();
        let place = seen_in(entries).map_or(String::new(), |place| format!(" ({place})"));
        writeln!(text, "{word} {id}: {title}{place}")?;
    }
    Ok(())
}
