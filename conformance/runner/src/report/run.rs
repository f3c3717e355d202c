//! One run: everything that the reports say, in one place. Each format is a view of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;

use super::citations::{CitationEntry, SourceEntry, citations};
use super::coverage::{Coverage, coverage};
use super::entry::{CaseEntry, case_entry};
use super::families::families;
use super::proof::Proof;
use super::{CaseReport, Subject, SubjectKind, Verdict};
use crate::case::{Case, Provider, Suite};
use crate::fixture::ValueError;
use crate::judge::{Transcript, prove_cases};
use crate::score::{Known, Requirements, Score, Scored, Standing};

/// The format's version: it changes when a reader of the old one could misread the new one.
pub const VERSION: u32 = 1;

/// One run of the suite against one subject.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    /// Always `tegata-conformance-report`.
    pub format: &'static str,
    /// [`VERSION`].
    pub version: u32,
    /// The suite.
    pub suite: SuiteId,
    /// Who was judged.
    pub subject: Subject,
    /// The release whose demands count, if not all cases do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirements: Option<String>,
    /// Notes for the reader.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The counts.
    pub summary: Summary,
    /// The covered items, out of all.
    pub coverage: Coverage,
    /// Where the citations stand.
    pub sources: Vec<SourceEntry>,
    /// The citations by id.
    pub citations: BTreeMap<String, CitationEntry>,
    /// The cases, in the order in which they were run.
    pub cases: Vec<CaseEntry>,
}

/// Which suite it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SuiteId {
    /// Name and version of the program.
    pub id: String,
    /// The sha256 of all data files, each preceded by its path and length.
    pub sha256: String,
    /// How many cases it has; a run may be of some of them only.
    pub cases: usize,
}

/// The counts of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Whether no case failed, none is not judged, and at least one was judged.
    pub conforms: bool,
    /// Cases in this run.
    pub cases: usize,
    /// Cases that pass.
    pub pass: usize,
    /// Cases that fail.
    pub fail: usize,
    /// Cases that warn.
    pub warn: usize,
    /// Cases that inform.
    pub info: usize,
    /// Cases that do not apply.
    pub not_applicable: usize,
    /// Cases that are not judged, because a recording hides what they are about.
    #[serde(skip_serializing_if = "is_zero")]
    pub not_judged: usize,
    /// Of those for information: their failures were known.
    pub known: usize,
    /// Of those that fail: something was known to fail and does not.
    pub stale: usize,
    /// Of those for information: they fail, and the requirements do not demand them.
    pub not_demanded: usize,
    /// Checks that were made.
    pub checks: usize,
    /// Those that failed, at whatever level.
    pub checks_failed: usize,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Summary {
    /// Cases that say something about the subject.
    pub fn judged(&self) -> usize {
        self.cases - self.not_applicable - self.not_judged
    }
}

/// The result of one case and what was recorded of it; nothing if it was not run.
#[derive(Clone, Debug)]
pub struct CaseResult {
    report: CaseReport,
    transcript: Option<Transcript>,
    took: Option<Duration>,
    reason: Option<String>,
    entries: Vec<usize>,
}

impl From<CaseReport> for CaseResult {
    fn from(report: CaseReport) -> Self {
        (report, None).into()
    }
}

impl From<(CaseReport, Transcript)> for CaseResult {
    fn from((report, transcript): (CaseReport, Transcript)) -> Self {
        (report, Some(transcript)).into()
    }
}

impl From<(CaseReport, Option<Transcript>)> for CaseResult {
    fn from((report, transcript): (CaseReport, Option<Transcript>)) -> Self {
        Self {
            report,
            transcript,
            took: None,
            reason: None,
            entries: Vec::new(),
        }
    }
}

impl CaseResult {
    /// A case that was not run or does not apply, and why.
    pub fn left_out(case: &str, reason: impl Into<String>) -> Self {
        Self::from(CaseReport::not_applicable(case)).because(reason)
    }

    /// The same, with the reason why it was not run or not judged.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Results by case, in the suite's order.
    pub(crate) fn in_order(suite: &Suite, mut all: BTreeMap<&str, Self>) -> Vec<Self> {
        let cases = suite.cases.iter();
        cases
            .filter_map(|case| all.remove(case.id.as_str()))
            .collect()
    }

    /// The same, judged by these entries of a recording.
    #[must_use]
    pub fn seen_in(mut self, entries: Vec<usize>) -> Self {
        self.entries = entries;
        self
    }

    /// The same, with how long the case took. Reports show it on request only.
    #[must_use]
    pub fn took(mut self, time: Duration) -> Self {
        self.took = Some(time);
        self
    }
}

impl Run {
    /// The run of a subject, out of the results of its cases in the suite's order. The wire
    /// mutants of those cases are computed here.
    ///
    /// # Errors
    ///
    /// If a result is of no case of the suite, or the suite's own data is wrong.
    pub fn of<R: Into<CaseResult>>(
        suite: &Suite,
        subject: Subject,
        results: impl IntoIterator<Item = R>,
    ) -> Result<Self, ValueError> {
        let mut ids = BTreeSet::new();
        let mut all: Vec<(&Case, CaseResult)> = Vec::new();
        for result in results {
            let result = result.into();
            let id = &result.report.case;
            let case = suite
                .case(id)
                .ok_or_else(|| ValueError::new(format!("`{id}` is no case of the suite")))?;
            if !ids.insert(id.clone()) {
                return Err(ValueError::new(format!("`{id}` has two results")));
            }
            all.push((case, result));
        }
        let known: Vec<&Case> = all.iter().map(|(case, _)| *case).collect();
        let proofs = prove_cases(suite, &known);
        let mut cases = Vec::new();
        for ((case, result), proof) in all.into_iter().zip(proofs) {
            let CaseResult {
                report,
                transcript,
                took,
                reason,
                entries,
            } = result;
            let transcript = transcript.as_ref();
            let mut entry = case_entry(suite, &subject, case, &report, transcript, proof?)?;
            entry.millis = took.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
            entry.reason = reason.or(entry.reason);
            entry.entries = entries;
            cases.push(entry);
        }
        let (sources, citations) = citations(suite, &cases);
        let coverage = coverage(suite, &cases, &citations);
        Ok(Self {
            format: "tegata-conformance-report",
            version: VERSION,
            suite: SuiteId {
                id: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_owned(),
                sha256: suite.sha256.clone(),
                cases: suite.cases.len(),
            },
            subject,
            requirements: None,
            notes: Vec::new(),
            summary: summary(&cases),
            coverage,
            sources,
            citations,
            cases,
        })
    }

    /// The same, with known failures and requirements taken into account.
    #[must_use]
    pub fn scored(mut self, known: &Known, requirements: Option<&Requirements>) -> Self {
        let reports: Vec<CaseReport> = self.cases.iter().map(CaseEntry::report).collect();
        let score = Score::of(&reports, known, requirements);
        for (case, scored) in self.cases.iter_mut().zip(&score.cases) {
            case.standing = scored.standing;
            case.notes = notes(scored, known, requirements);
        }
        self.requirements = requirements.map(|list| list.release.clone());
        self.summary = summary(&self.cases);
        self
    }

    /// The same, with what a reader must know besides.
    #[must_use]
    pub fn with_notes(mut self, notes: Vec<String>) -> Self {
        self.notes = notes;
        self
    }

    /// The same, with the families of mutants that are not computed with each report.
    #[must_use]
    pub fn with_proof(mut self, proof: &Proof) -> Self {
        self.coverage.families = families(proof);
        self
    }

    /// The same without times, so that equal runs are equal byte by byte.
    #[must_use]
    pub fn without_timings(mut self) -> Self {
        for case in &mut self.cases {
            case.millis = None;
        }
        self
    }

    /// Whether no case failed, none is not judged, and at least one was judged.
    pub fn conforms(&self) -> bool {
        self.summary.conforms
    }

    /// The cases that come to this for a reader.
    pub fn of_state(&self, state: Verdict) -> impl Iterator<Item = &CaseEntry> {
        self.cases.iter().filter(move |case| case.state() == state)
    }

    /// The verdicts that there can be, the worst first: only a recording hides what it would be judged by.
    pub(super) fn verdicts(&self) -> impl Iterator<Item = Verdict> {
        let hides = self.subject.kind == SubjectKind::Recording || self.summary.not_judged > 0;
        let all = Verdict::ALL.into_iter();
        all.filter(move |verdict| hides || *verdict != Verdict::NotJudged)
    }

    /// The providers with their cases, without those that have none in this run.
    pub(super) fn by_provider(&self) -> impl Iterator<Item = (Provider, Vec<&CaseEntry>)> {
        let mut of: BTreeMap<Provider, Vec<&CaseEntry>> = BTreeMap::new();
        for case in &self.cases {
            of.entry(case.provider).or_default().push(case);
        }
        of.into_iter()
    }

    /// The run as JSON, as `schema/report-1.schema.json` describes it.
    ///
    /// # Errors
    ///
    /// If serialization fails, which is not known to happen.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }
}

/// Why the state of a case differs from its verdict.
fn notes(scored: &Scored<'_>, known: &Known, requirements: Option<&Requirements>) -> Vec<String> {
    let mut notes = Vec::new();
    for check in scored.report.failures() {
        if let Some(entry) = known.of(&check.id) {
            let link = entry.link.as_deref().map(|link| format!(" ({link})"));
            let note = format!("known: {}{}", entry.reason, link.unwrap_or_default());
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    for check in &scored.stale {
        let text = "known to fail, but it does not; take the entry out";
        notes.push(format!("stale: {check} is {text}"));
    }
    if let (Standing::NotScored, Some(list)) = (scored.standing, requirements) {
        notes.push(format!("not demanded by {}", list.release));
    }
    notes
}

fn summary(cases: &[CaseEntry]) -> Summary {
    let mut summary = Summary {
        cases: cases.len(),
        ..Summary::default()
    };
    for case in cases {
        *match case.state() {
            Verdict::Pass => &mut summary.pass,
            Verdict::Fail => &mut summary.fail,
            Verdict::Warn => &mut summary.warn,
            Verdict::Info => &mut summary.info,
            Verdict::NotApplicable => &mut summary.not_applicable,
            Verdict::NotJudged => &mut summary.not_judged,
        } += 1;
        summary.known += usize::from(case.standing == Standing::Xfail);
        summary.stale += usize::from(case.standing == Standing::Xpass);
        summary.not_demanded += usize::from(case.standing == Standing::NotScored);
        summary.checks += case.checks.len();
        summary.checks_failed += case.checks.iter().filter(|check| !check.passed).count();
    }
    summary.conforms = summary.fail == 0 && summary.not_judged == 0 && summary.judged() > 0;
    summary
}
