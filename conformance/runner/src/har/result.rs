//! The result of judging a recording.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::Mistake;
use super::hidden::Hidden;
use crate::case::Suite;
use crate::judge::Transcript;
use crate::report::{CaseReport, CaseResult, Verdict};

/// The result of judging a recording.
#[derive(Debug, Default)]
pub struct Judged {
    /// The cases that took place, each by all the times that it did.
    pub results: Vec<(CaseReport, Transcript)>,
    /// For each of these, the entries that it was judged by.
    pub entries: Vec<Vec<usize>>,
    /// The cases that could not be judged at all.
    pub unjudged: Vec<Unjudged>,
    /// What is wrong: each mistake once, with the cases that it breaks.
    pub mistakes: Vec<Mistake>,
    /// For a case, its checks that could not be made, by id, each with the reason.
    pub hidden: BTreeMap<String, BTreeMap<String, Hidden>>,
    /// How many entries concern a provider.
    pub concerned: BTreeMap<&'static str, usize>,
    /// Notes for the reader.
    pub notes: Vec<String>,
}

/// A case that could not be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unjudged {
    /// The case's id.
    pub case: String,
    /// Why not.
    pub why: WhyNot,
}

/// Why a case cannot be judged from a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WhyNot {
    /// No exchange of the recording is with this provider.
    NoExchange,
    /// The case did not take place.
    NotThere,
    /// It asks what a client makes of an answer.
    Outcome,
    /// It asks what a client does some time later.
    Clock,
    /// It needs credentials, accounts or addresses of its own.
    Given,
    /// It needs a request that only the suite sends.
    Sent,
    /// The tool that recorded left out what it needs.
    Hidden(Hidden),
}

impl WhyNot {
    /// The verdict of such a case. Only what is hidden leaves a question open: the rest is not asked.
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Hidden(_) => Verdict::NotJudged,
            _ => Verdict::NotApplicable,
        }
    }
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoExchange => "the recording has no exchange with this provider",
            Self::NotThere => {
                "it did not take place: what it is about does not occur in the recording"
            }
            Self::Outcome => "it asks what a client makes of an answer, which is in no recording",
            Self::Clock => "it asks what happens some time later, by a clock that the suite sets",
            Self::Given => "it needs credentials, accounts or addresses that the suite chooses",
            Self::Sent => "it needs a request that only the suite sends",
            Self::Hidden(what) => return what.fmt(f),
        })
    }
}

impl Judged {
    /// All that cases needed and the recording does not have.
    pub fn needed(&self) -> BTreeSet<Hidden> {
        let of_cases = self.unjudged.iter().filter_map(|one| match one.why {
            WhyNot::Hidden(what) => Some(what),
            _ => None,
        });
        let of_checks = self.hidden.values().flat_map(|checks| checks.values());
        of_checks.copied().chain(of_cases).collect()
    }

    /// Whether any case failed.
    pub fn failed(&self) -> bool {
        self.with(Verdict::Fail).next().is_some()
    }

    /// How many cases could be judged.
    pub fn count(&self) -> usize {
        let all = self.results.iter();
        all.filter(|(report, _)| report.verdict.is_judged()).count()
    }

    /// The cases that were not judged because the recording hides what they are about, with the reason.
    pub fn not_judged(&self) -> Vec<(&str, String)> {
        let lost = self.with(Verdict::NotJudged);
        let lost = lost.map(|report| (report.case.as_str(), because(report)));
        let unknown = self.unjudged.iter();
        let unknown = unknown.filter(|one| one.why.verdict() == Verdict::NotJudged);
        let unknown = unknown.map(|one| (one.case.as_str(), one.why.to_string()));
        lost.chain(unknown).collect()
    }

    /// All cases for a report, in the suite's order: those that could not be judged with the
    /// reason.
    pub fn cases(&self, suite: &Suite) -> Vec<CaseResult> {
        let judged = self.results.iter().zip(&self.entries);
        let judged = judged.map(|((report, transcript), entries)| {
            let result = CaseResult::from((report.clone(), transcript.clone()));
            let result = match report.verdict {
                Verdict::NotJudged => result.because(because(report)),
                _ => result,
            };
            (report.case.as_str(), result.seen_in(entries.clone()))
        });
        let unjudged = self.unjudged.iter().map(|one| {
            let report = match one.why.verdict() {
                Verdict::NotJudged => CaseReport::not_judged(&one.case),
                _ => CaseReport::not_applicable(&one.case),
            };
            let result = CaseResult::from(report).because(one.why.to_string());
            (one.case.as_str(), result)
        });
        CaseResult::in_order(suite, judged.chain(unjudged).collect())
    }

    fn with(&self, verdict: Verdict) -> impl Iterator<Item = &CaseReport> {
        let all = self.results.iter().map(|(report, _)| report);
        all.filter(move |report| report.verdict == verdict)
    }
}

/// Why a case that took place was not judged.
fn because(report: &CaseReport) -> String {
    const MOST: usize = 6;
    let short = |id: &String| {
        id.split_once('#')
            .map_or(id.clone(), |(_, id)| id.to_owned())
    };
    let names: Vec<String> = report.hidden.iter().take(MOST).map(short).collect();
    let more = if report.hidden.len() > MOST {
        ", …"
    } else {
        ""
    };
    format!(
        "the recording does not show what it is about; not checked: {}{more}",
        names.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Run, Subject};

    #[test]
    fn a_case_that_may_have_taken_place_is_not_judged() {
        let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
        let unjudged = |case: &str, why| Unjudged {
            case: case.to_owned(),
            why,
        };
        let judged = Judged {
            unjudged: vec![
                unjudged("marketo.refused.602", WhyNot::Hidden(Hidden::AnswerBody)),
                unjudged("marketo.refused.601@plain", WhyNot::NotThere),
            ],
            ..Judged::default()
        };
        let ids: Vec<&str> = judged.not_judged().into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids, ["marketo.refused.602"]);
        assert_eq!((judged.count(), judged.failed()), (0, false));
        let run = Run::of(&suite, Subject::recording("x"), judged.cases(&suite)).unwrap();
        assert_eq!((run.summary.not_judged, run.summary.not_applicable), (1, 1));
        assert!(!run.conforms());
        let case = run.of_state(Verdict::NotJudged).next().unwrap();
        assert!(
            case.reason
                .as_deref()
                .unwrap()
                .contains("lacks the body of an answer")
        );
    }
}
