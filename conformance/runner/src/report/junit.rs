//! The report as `JUnit` XML: a suite a provider, a test case a case.

use std::fmt::Write as _;
use std::time::Duration;

use quick_junit::{
    NonSuccessKind, Property, Report, SerializeError, TestCase, TestCaseStatus, TestSuite,
    XmlString,
};

use super::entry::CaseEntry;
use super::said::{count, failed, headline, place, printable, seen_in};
use super::{Run, Verdict};
use crate::score::Standing;

/// The run as `JUnit` XML.
///
/// # Errors
///
/// If it cannot be written as XML.
pub fn junit(run: &Run) -> Result<String, SerializeError> {
    let name = format!("tegata-conformance: {}", run.subject.name);
    let mut report = Report::new(text(&name));
    report.time = time(&run.cases);
    for (provider, cases) in run.by_provider() {
        let mut suite = TestSuite::new(provider.name());
        suite.time = time(cases.iter().copied());
        suite.add_properties(properties(run));
        suite.add_test_cases(cases.into_iter().map(|case| test_case(run, case)));
        report.add_test_suite(suite);
    }
    report.to_string()
}

/// Text as XML can hold it.
fn text(text: &str) -> XmlString {
    // The library leaves tabs out, which would join the words beside them.
    XmlString::new(printable(text).replace('\t', " "))
}

/// How long the cases took together, if that was measured.
fn time<'r>(cases: impl IntoIterator<Item = &'r CaseEntry>) -> Option<Duration> {
    let millis = cases.into_iter().filter_map(|case| case.millis);
    millis.reduce(|a, b| a + b).map(Duration::from_millis)
}

fn properties(run: &Run) -> Vec<Property> {
    let notes = run.notes.iter().map(|note| ("note", note.as_str()));
    let headline = headline(run);
    [
        ("suite", run.suite.id.as_str()),
        ("suite-sha256", &run.suite.sha256),
        ("subject", &run.subject.name),
        ("subject-kind", run.subject.kind.word()),
        ("result", &headline),
    ]
    .into_iter()
    .chain(notes)
    .map(|(name, value)| Property::new(name, text(value)))
    .collect()
}

fn test_case(run: &Run, case: &CaseEntry) -> TestCase {
    let mut test = TestCase::new(text(&case.id), status(run, case));
    let class = format!("{}.{}", case.provider.name(), case.operation);
    test.set_classname(text(&class));
    test.time = time([case]);
    if matches!(case.state(), Verdict::Warn | Verdict::Info) {
        test.set_system_out(text(&details(run, case)));
    }
    test
}

fn status(run: &Run, case: &CaseEntry) -> TestCaseStatus {
    match case.state() {
        Verdict::Fail => failure(run, case),
        Verdict::NotApplicable => skipped(case.reason.as_deref().unwrap_or_default()),
        Verdict::Info if case.standing == Standing::Xfail => skipped(&case.notes.join("; ")),
        Verdict::Pass | Verdict::Warn | Verdict::Info => TestCaseStatus::success(),
    }
}

fn skipped(reason: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(text(reason));
    status
}

fn failure(run: &Run, case: &CaseEntry) -> TestCaseStatus {
    let summary = format!("{} failed", count(case.failures().count(), "check"));
    let checks = case.failures().map(|check| failed(case, check));
    let message: Vec<String> = [summary]
        .into_iter()
        .chain(checks)
        .chain(case.notes.iter().cloned())
        .collect();
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(case.level.word());
    status.set_message(text(&message.join("; ")));
    status.set_description(text(&details(run, case)));
    status
}

/// A case that did not pass, in full.
fn details(run: &Run, case: &CaseEntry) -> String {
    let mut text = format!(
        "{}: {} ({})\n",
        case.state().word(),
        case.title,
        case.level.word()
    );
    for note in &case.notes {
        let _ = writeln!(text, "{note}");
    }
    if let Some(place) = seen_in(&case.entries) {
        let _ = writeln!(text, "{place}");
    }
    for check in case.failures() {
        let _ = writeln!(text, "{}", check.id);
        let _ = writeln!(text, "  expected: {}", check.expected);
        let _ = writeln!(text, "  seen:     {}", check.seen);
    }
    for id in &case.cite {
        if let Some(entry) = run.citations.get(id) {
            let _ = writeln!(text, "{id} ({}): {}", place(run, id), entry.says);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_xml_forbids_are_shown_and_hide_nothing() {
        let given = "a\tb \u{1b}]0;title \u{9b}31m \u{fffe}\r\nc";
        let shown = "a b \u{fffd}]0;title \u{fffd}31m \u{fffd}\u{fffd}\nc";
        assert_eq!(text(given).as_str(), shown);
    }
}
