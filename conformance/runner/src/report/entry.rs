//! One case in a report.

use serde::Serialize;

use super::exchange::{StepEntry, steps};
use super::show::Shown;
use super::{CaseReport, Check, Part, Subject, SubjectKind, Verdict, change};
use crate::case::{Case, Feature, Level, Operation, Provider, Role, Suite};
use crate::citation::Evidence;
use crate::fixture::ValueError;
use crate::judge::{MutantReport, NOTHING, Transcript};
use crate::score::Standing;

/// One case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseEntry {
    /// Its id.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// The provider.
    pub provider: Provider,
    /// The operation that it is about.
    pub operation: String,
    /// The verdict of a failed check.
    pub level: Level,
    /// What the level rests on.
    pub evidence: Evidence,
    /// Whom it judges.
    pub role: Role,
    /// What a client must be able to do for it.
    pub needs: Vec<Feature>,
    /// The citations, by id.
    pub cite: Vec<String>,
    /// Those that say otherwise.
    pub conflicts_with: Vec<String>,
    /// The verdict of its checks.
    pub verdict: Verdict,
    /// Its state after known failures and requirements are taken into account.
    pub standing: Standing,
    /// Why that differs from the verdict.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Why it was not run or not judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The entries of a recording, counted from 0, by which it was judged.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<usize>,
    /// How long it took, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub millis: Option<u64>,
    /// Its checks, in a fixed order.
    pub checks: Vec<CheckEntry>,
    /// The checks that could not be made, because a recording hides what they are on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<HiddenEntry>,
    /// The recorded exchanges.
    pub steps: Vec<StepEntry>,
    /// The wrong exchanges that its checks notice.
    pub mutants: Vec<MutantEntry>,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckEntry {
    /// `<case>#<exchange or step>.<part>`.
    pub id: String,
    /// The exchange or step.
    pub on: String,
    /// What it is about.
    pub part: Part,
    /// Whether what was seen is what was expected.
    pub passed: bool,
    /// What was expected.
    pub expected: String,
    /// What was seen.
    pub seen: String,
}

/// One check that could not be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HiddenEntry {
    /// `<case>#<exchange or step>.<part>`.
    pub id: String,
    /// What it is about.
    pub part: Part,
}

/// One wrong exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MutantEntry {
    /// The exchange or step that is changed.
    pub on: String,
    /// What is changed in it.
    pub change: String,
    /// The check that must notice, without the case's id.
    pub killed_by: String,
    /// Whether it does.
    pub killed: bool,
    /// Whether the case names it; otherwise it follows from the expectations.
    pub named: bool,
}

impl CaseEntry {
    /// The state of the case for a reader: a failure that is known, or that is not demanded, is
    /// information; one that is known and does not happen is a failure.
    pub fn state(&self) -> Verdict {
        match self.standing {
            Standing::Fail | Standing::Xpass => Verdict::Fail,
            Standing::Warn => Verdict::Warn,
            Standing::Xfail | Standing::Info | Standing::NotScored => Verdict::Info,
            Standing::Pass => Verdict::Pass,
            Standing::NotJudged => Verdict::NotJudged,
            Standing::NotApplicable => Verdict::NotApplicable,
        }
    }

    /// The verdict and the checks by themselves.
    pub(super) fn report(&self) -> CaseReport {
        let checks = self.checks.iter().map(|check| Check {
            id: check.id.clone(),
            passed: check.passed,
            expected: check.expected.clone(),
            seen: check.seen.clone(),
        });
        CaseReport {
            case: self.id.clone(),
            verdict: self.verdict,
            checks: checks.collect(),
            hidden: self.hidden.iter().map(|check| check.id.clone()).collect(),
        }
    }

    /// The checks that failed.
    pub fn failures(&self) -> impl Iterator<Item = &CheckEntry> {
        self.checks.iter().filter(|check| !check.passed)
    }

    /// The checks that failed for no other reason than that a request was not sent; that it was
    /// not is a check of its own.
    pub(super) fn follows(&self, check: &CheckEntry) -> bool {
        !check.passed && check.seen == NOTHING && self.short(check) != format!("{}.sent", check.on)
    }

    /// The check's id without the case's.
    pub fn short<'c>(&self, check: &'c CheckEntry) -> &'c str {
        self.short_id(&check.id)
    }

    /// An id of a check without the case's.
    pub(super) fn short_id<'i>(&self, id: &'i str) -> &'i str {
        id.strip_prefix(&self.id)
            .and_then(|rest| rest.strip_prefix('#'))
            .unwrap_or(id)
    }
}

/// The state of a case without known failures.
fn standing(verdict: Verdict) -> Standing {
    match verdict {
        Verdict::Pass => Standing::Pass,
        Verdict::Fail => Standing::Fail,
        Verdict::Warn => Standing::Warn,
        Verdict::Info => Standing::Info,
        Verdict::NotJudged => Standing::NotJudged,
        Verdict::NotApplicable => Standing::NotApplicable,
    }
}

/// The entry of one case.
pub(super) fn case_entry(
    suite: &Suite,
    subject: &Subject,
    case: &Case,
    report: &CaseReport,
    transcript: Option<&Transcript>,
    proof: Vec<MutantReport>,
) -> Result<CaseEntry, ValueError> {
    let shown = transcript.map(|transcript| Shown::of(suite, subject.kind, case, transcript));
    let text = |text: &str| {
        shown
            .as_ref()
            .map_or_else(|| text.to_owned(), |shown| shown.text(text))
    };
    let checks = report.checks.iter().map(|check| {
        let short = check.id.split_once('#').map_or("", |(_, short)| short);
        let part = Part::of(case, short);
        let seen = shown.as_ref().map_or_else(
            || check.seen.clone(),
            |shown| shown.seen(part, field(short), check),
        );
        CheckEntry {
            id: check.id.clone(),
            on: short.split('.').next().unwrap_or_default().to_owned(),
            part,
            passed: check.passed,
            expected: text(&check.expected),
            seen,
        }
    });
    let hidden = report.hidden.iter().map(|id| HiddenEntry {
        id: id.clone(),
        part: Part::of(case, id.split_once('#').map_or("", |(_, short)| short)),
    });
    let mutants = proof.into_iter().map(|mutant| {
        let (on, killed_by) = (mutant.mutant.on, mutant.mutant.killed_by);
        MutantEntry {
            on,
            change: change::words(&mutant.mutant.mutation),
            killed_by,
            killed: mutant.killed,
            named: mutant.named,
        }
    });
    let recorded = match (&shown, transcript) {
        (Some(shown), Some(transcript)) => steps(suite, case, transcript, shown)?,
        _ => Vec::new(),
    };
    Ok(CaseEntry {
        id: case.id.clone(),
        title: case.title.clone(),
        provider: case.provider,
        operation: operation(suite, case),
        level: case.level,
        evidence: case.evidence,
        role: case.role,
        needs: case.needs.clone(),
        cite: case.cite.clone(),
        conflicts_with: case.conflicts_with.clone(),
        verdict: report.verdict,
        standing: standing(report.verdict),
        notes: Vec::new(),
        reason: (report.verdict == Verdict::NotApplicable).then(|| reason(subject, case)),
        entries: Vec::new(),
        millis: None,
        checks: checks.collect(),
        hidden: hidden.collect(),
        steps: recorded,
        mutants: mutants.collect(),
    })
}

/// The name of the field that a check is about, if it is about one.
fn field(check: &str) -> Option<&str> {
    let (_, rest) = check.split_once('.')?;
    let rest = rest.strip_prefix("answer.").unwrap_or(rest);
    let (place, name) = rest.split_once('.')?;
    let known = ["query", "header", "form", "json", "location"];
    // Of a member inside others, the last part is the name.
    let name = name.rsplit('.').next().unwrap_or(name);
    known.contains(&place).then_some(name)
}

/// The operation that a case is about: the one it names, or else that of its last exchange, which
/// is what the others lead to.
fn operation(suite: &Suite, case: &Case) -> String {
    let last = || {
        let exchange = case.exchanges().last()?;
        let (file, _) = suite.fixtures.get(&exchange.respond)?;
        file.operation.clone()
    };
    let word = || {
        let step = case.step.last()?;
        Some(match &step.operation {
            Operation::Call(_) | Operation::Send => "any call".to_owned(),
            other => other.word().to_owned(),
        })
    };
    case.operation
        .clone()
        .or_else(last)
        .or_else(word)
        .unwrap_or_default()
}

fn reason(subject: &Subject, case: &Case) -> String {
    let lacking: Vec<String> = case
        .needs
        .iter()
        .filter(|need| !subject.features.contains(need))
        .filter_map(|need| serde_json::to_value(need).ok())
        .filter_map(|need| need.as_str().map(str::to_owned))
        .collect();
    match subject.kind {
        SubjectKind::Client if !case.role.judges_clients() => "it judges endpoints".to_owned(),
        SubjectKind::Endpoint if !case.role.judges_servers() => "it judges clients".to_owned(),
        SubjectKind::Client if !lacking.is_empty() => {
            format!("the client does not declare {}", lacking.join(", "))
        }
        SubjectKind::Client => "the client's profile leaves it out".to_owned(),
        _ => "it was not run".to_owned(),
    }
}
