//! The report as `JUnit` XML: a suite a provider, a test case a case. It is valid by the schema of Jenkins' xUnit
//! plugin (`junit-10.xsd`), which is stricter than what other programs read.

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
    let mut report = Report::new(line(&name));
    report.time = time(&run.cases);
    for (provider, cases) in run.by_provider() {
        let mut suite = TestSuite::new(provider.name());
        suite.time = time(cases.iter().copied());
        suite.add_properties(properties(run));
        suite.add_test_cases(cases.into_iter().map(|case| test_case(run, case)));
        report.add_test_suite(suite);
    }
    Ok(for_jenkins(&report.to_string()?, report.skipped))
}

/// The same without the number of skipped cases on the root, which the library always writes and the schema of Jenkins'
/// xUnit plugin does not know. Each suite has it.
fn for_jenkins(xml: &str, skipped: usize) -> String {
    let attribute = format!(" skipped=\"{skipped}\"");
    match xml.split_once("<testsuites ") {
        // Quotation marks in the name before it are escaped, so this is no part of the name.
        Some((before, rest)) => format!("{before}<testsuites {}", rest.replacen(&attribute, "", 1)),
        None => xml.to_owned(),
    }
}

/// Text in one line, for an attribute.
fn line(text: &str) -> XmlString {
    let lines = text.split(['\n', '\r']).map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    self::text(&lines.join(" "))
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
    .map(|(name, value)| Property::new(name, line(value)))
    .collect()
}

fn test_case(run: &Run, case: &CaseEntry) -> TestCase {
    let mut test = TestCase::new(line(&case.id), status(run, case));
    let class = format!("{}.{}", case.provider.name(), case.operation);
    test.set_classname(line(&class));
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
        Verdict::NotJudged => not_judged(run, case),
        Verdict::Info if case.standing == Standing::Xfail => skipped(&case.notes.join("; ")),
        Verdict::Pass | Verdict::Warn | Verdict::Info => TestCaseStatus::success(),
    }
}

fn skipped(reason: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(line(reason));
    status
}

/// Skipped, like what does not apply, but of a type of its own and with all that is known of it.
fn not_judged(run: &Run, case: &CaseEntry) -> TestCaseStatus {
    let reason = case.reason.as_deref().unwrap_or_default();
    let mut status = skipped(&format!("not judged: {reason}"));
    status.set_type("not-judged");
    status.set_description(text(&details(run, case)));
    status
}

fn failure(run: &Run, case: &CaseEntry) -> TestCaseStatus {
    let mut message: Vec<String> = Vec::new();
    // One line for a list of failures; the text has them all.
    let mut checks = case.failures();
    message.extend(checks.next().map(|check| failed(case, check)));
    let more = checks.count();
    if more > 0 {
        message.push(format!("{} failed", count(more, "more check")));
    }
    message.extend(case.notes.iter().cloned());
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(case.level.word());
    status.set_message(line(&message.join("; ")));
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
    for note in case.reason.iter().chain(&case.notes) {
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
