//! The report as `JUnit` XML: a suite a provider, a test case a case.

use std::fmt::Write as _;

use super::entry::CaseEntry;
use super::said::{count, failed, headline, place, seen_in};
use super::{Run, Verdict};
use crate::score::Standing;

/// The run as `JUnit` XML.
pub fn junit(run: &Run) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let all: Vec<&CaseEntry> = run.cases.iter().collect();
    let name = format!("tegata-conformance: {}", run.subject.name);
    let _ = writeln!(xml, "<testsuites{}>", counts(&name, &all));
    for (provider, cases) in run.by_provider() {
        let _ = writeln!(xml, "  <testsuite{}>", counts(provider.name(), &cases));
        properties(&mut xml, run);
        for case in cases {
            test_case(&mut xml, run, case);
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn counts(name: &str, cases: &[&CaseEntry]) -> String {
    let known = cases
        .iter()
        .filter(|case| case.standing == Standing::Xfail)
        .count();
    let of = |verdict| cases.iter().filter(|case| case.state() == verdict).count();
    format!(
        " name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\"{}",
        escaped(name),
        cases.len(),
        of(Verdict::Fail),
        of(Verdict::NotApplicable) + known,
        time(
            cases
                .iter()
                .filter_map(|case| case.millis)
                .reduce(|a, b| a + b)
        ),
    )
}

fn time(millis: Option<u64>) -> String {
    millis.map_or(String::new(), |millis| {
        format!(" time=\"{}.{:03}\"", millis / 1000, millis % 1000)
    })
}

fn properties(xml: &mut String, run: &Run) {
    xml.push_str("    <properties>\n");
    for (name, value) in [
        ("suite", run.suite.id.as_str()),
        ("suite-sha256", &run.suite.sha256),
        ("subject", &run.subject.name),
        ("subject-kind", run.subject.kind.word()),
        ("result", &headline(run)),
    ] {
        let value = escaped(value);
        let _ = writeln!(xml, "      <property name=\"{name}\" value=\"{value}\"/>");
    }
    for note in &run.notes {
        let value = escaped(note);
        let _ = writeln!(xml, "      <property name=\"note\" value=\"{value}\"/>");
    }
    xml.push_str("    </properties>\n");
}

fn test_case(xml: &mut String, run: &Run, case: &CaseEntry) {
    let _ = write!(
        xml,
        "    <testcase classname=\"{}.{}\" name=\"{}\"{}",
        case.provider.name(),
        escaped(&case.operation),
        escaped(&case.id),
        time(case.millis),
    );
    let failures = case.failures().count();
    let message = || {
        let checks: Vec<String> = case.failures().map(|check| failed(case, check)).collect();
        let said = format!("{} failed", count(failures, "check"));
        let whole = [vec![said], checks, case.notes.clone()].concat();
        escaped(&whole.join("; "))
    };
    match case.state() {
        Verdict::Pass => {
            xml.push_str("/>\n");
            return;
        }
        Verdict::Fail => {
            let _ = write!(
                xml,
                ">\n      <failure type=\"{}\" message=\"{}\">{}</failure>\n",
                case.level.word(),
                message(),
                escaped(&told(run, case)),
            );
        }
        Verdict::Info if case.standing == Standing::Xfail => {
            let _ = write!(
                xml,
                ">\n      <skipped message=\"{}\"/>\n      <system-out>{}</system-out>\n",
                escaped(&case.notes.join("; ")),
                escaped(&told(run, case)),
            );
        }
        Verdict::Warn | Verdict::Info => {
            let _ = write!(
                xml,
                ">\n      <system-out>{}</system-out>\n",
                escaped(&told(run, case)),
            );
        }
        Verdict::NotApplicable => {
            let reason = escaped(case.reason.as_deref().unwrap_or_default());
            let _ = write!(xml, ">\n      <skipped message=\"{reason}\"/>\n");
        }
    }
    xml.push_str("    </testcase>\n");
}

/// A case that did not pass, in full.
fn told(run: &Run, case: &CaseEntry) -> String {
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

/// Text for an element or attribute. Characters that XML cannot hold are replaced.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            '\n' | '\t' => safe.push(character),
            '\r' => safe.push_str("&#13;"),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            control if u32::from(control) < 0x20 => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}
