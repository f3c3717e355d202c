//! The lines on the terminal about one case.

use std::fmt::Write as _;

use crate::case::Suite;
use crate::report::CaseReport;

use super::Failure;

/// The case, where it was seen, and the checks that failed.
pub(super) fn case_line(
    text: &mut String,
    suite: &Suite,
    report: &CaseReport,
    place: Option<&str>,
) -> Result<(), Failure> {
    let word = report.verdict.loud_word();
    let title = suite
        .case(&report.case)
        .map_or("", |case| case.title.as_str());
    let place = place.map_or(String::new(), |place| format!(" ({place})"));
    writeln!(text, "{word} {}: {title}{place}", report.case)?;
    for check in report.failures() {
        writeln!(text, "  {check}")?;
    }
    Ok(())
}
