//! One run: everything that the reports say, in one place. Each format is a view of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;

use super::citations::{CitationEntry, SourceEntry, citations};
use super::coverage::{Coverage, coverage};
use super::entry::{CaseEntry, case_entry};
use super::{CaseReport, Proof, Subject, Verdict};
use crate::case::Suite;
use crate::fixture::ValueError;
use crate::judge::Transcript;

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
    /// The counts.
    pub summary: Summary,
    /// What was covered, of what.
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
    /// Whether no case failed, and at least one was judged.
    pub conforms: bool,
    /// Cases in this run.
    pub cases: usize,
    /// Cases by verdict.
    pub pass: usize,
    /// Cases by verdict.
    pub fail: usize,
    /// Cases by verdict.
    pub warn: usize,
    /// Cases by verdict.
    pub info: usize,
    /// Cases by verdict.
    pub not_applicable: usize,
    /// Checks that were made.
    pub checks: usize,
    /// Those that failed, at whatever level.
    pub checks_failed: usize,
}

/// The result of one case and what was recorded of it; nothing if it was not run.
#[derive(Clone, Debug)]
pub struct CaseResult {
    report: CaseReport,
    transcript: Option<Transcript>,
    took: Option<Duration>,
}

impl From<CaseReport> for CaseResult {
    fn from(report: CaseReport) -> Self {
        Self {
            report,
            transcript: None,
            took: None,
        }
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
        }
    }
}

impl CaseResult {
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
        let mut cases = Vec::new();
        let mut ids = BTreeSet::new();
        for result in results {
            let CaseResult {
                report,
                transcript,
                took,
            } = result.into();
            let id = &report.case;
            let case = suite
                .case(id)
                .ok_or_else(|| ValueError::new(format!("`{id}` is no case of the suite")))?;
            if !ids.insert(id.clone()) {
                return Err(ValueError::new(format!("`{id}` has two results")));
            }
            let mut entry = case_entry(suite, &subject, case, &report, transcript.as_ref())?;
            entry.millis = took.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
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
            summary: summary(&cases),
            coverage,
            sources,
            citations,
            cases,
        })
    }

    /// The same, with the other families of mutants.
    #[must_use]
    pub fn with_proof(mut self, proof: Proof) -> Self {
        self.coverage.families = proof.family;
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

    /// Whether no case failed, and at least one was judged.
    pub fn conforms(&self) -> bool {
        self.summary.conforms
    }

    /// The cases of a verdict.
    pub fn of_verdict(&self, verdict: Verdict) -> impl Iterator<Item = &CaseEntry> {
        self.cases
            .iter()
            .filter(move |case| case.verdict == verdict)
    }

    /// The run as JSON, as `schema/report-1.schema.json` describes it.
    ///
    /// # Errors
    ///
    /// Never, as far as we know; what serialising says is handed on.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }
}

fn summary(cases: &[CaseEntry]) -> Summary {
    let mut summary = Summary {
        cases: cases.len(),
        ..Summary::default()
    };
    for case in cases {
        *match case.verdict {
            Verdict::Pass => &mut summary.pass,
            Verdict::Fail => &mut summary.fail,
            Verdict::Warn => &mut summary.warn,
            Verdict::Info => &mut summary.info,
            Verdict::NotApplicable => &mut summary.not_applicable,
        } += 1;
        summary.checks += case.checks.len();
        summary.checks_failed += case.checks.iter().filter(|check| !check.passed).count();
    }
    summary.conforms = summary.fail == 0 && summary.not_applicable < summary.cases;
    summary
}
