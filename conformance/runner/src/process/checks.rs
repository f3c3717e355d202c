//! The checks on the process itself.

use std::process::ExitStatus;

use super::Fault;
use crate::fixture::Redactor;
use crate::report::Check;

/// The names of the checks, behind `process.`.
pub const CHECKS: [&str; 5] = ["answers", "end", "stdout", "stderr", "logs"];

/// Observations about a process, besides its requests and answers.
pub(super) struct Seen<'a> {
    pub(super) fault: Option<&'a Fault>,
    /// None if it had to be killed at the end.
    pub(super) status: Option<ExitStatus>,
    pub(super) stdout: &'a str,
    pub(super) stderr: &'a str,
    /// None if no log files were named.
    pub(super) logs: Option<&'a str>,
}

/// Whether the process was a client at all. If not, the case fails whatever its level.
pub(super) fn is_sound(checks: &[Check]) -> bool {
    let sound = |check: &Check| {
        check.passed
            || !(check.id.ends_with("#process.answers") || check.id.ends_with("#process.end"))
    };
    checks.iter().all(sound)
}

pub(super) fn checks(case: &str, seen: &Seen<'_>, redactor: &Redactor) -> Vec<Check> {
    let mut all = Vec::new();
    let mut check = |name: &str, passed: bool, expected: &str, seen: String| {
        all.push(Check {
            id: format!("{case}#process.{name}"),
            passed,
            expected: expected.to_owned(),
            seen: redactor.redact(&seen),
        });
    };
    let answered = seen.fault.map_or("that".to_owned(), ToString::to_string);
    check(
        "answers",
        seen.fault.is_none(),
        "one JSON line a task",
        answered,
    );
    // How one ended that was no client is part of the fault, and whether it would have ended by
    // itself is unknown.
    let (passed, ended) = match (seen.fault, seen.status) {
        (Some(_), _) => (true, "it was stopped".to_owned()),
        (None, Some(status)) => (status.success(), status.to_string()),
        (None, None) => (false, "it still ran and was killed".to_owned()),
    };
    check(
        "end",
        passed,
        "it ends with 0 once its input is closed",
        ended,
    );
    let mut search = |name: &str, text: &str| {
        let found = redactor.find(text);
        let names = if found.is_empty() {
            "none".to_owned()
        } else {
            found.join(", ")
        };
        check(name, found.is_empty(), "no secret", names);
    };
    search("stdout", seen.stdout);
    search("stderr", seen.stderr);
    if let Some(logs) = seen.logs {
        search("logs", logs);
    }
    all
}
