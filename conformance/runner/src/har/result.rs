//! The result of judging a recording.

use std::collections::BTreeMap;
use std::fmt;

use super::Mistake;
use crate::case::Suite;
use crate::judge::Transcript;
use crate::report::{CaseReport, CaseResult, Verdict};

/// The result of judging a recording.
#[derive(Debug, Default)]
pub struct Judged {
    /// The cases that could be judged, each by all the times that it took place.
    pub results: Vec<(CaseReport, Transcript)>,
    /// For each of these, the entries that it was judged by.
    pub entries: Vec<Vec<usize>>,
    /// The cases that could not.
    pub unjudged: Vec<Unjudged>,
    /// What is wrong: each mistake once, with the cases that it breaks.
    pub mistakes: Vec<Mistake>,
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
    /// The recording has no times that decide it.
    Untimed,
    /// The tool that recorded left out the credentials.
    Redacted,
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
            Self::Untimed => {
                "the recording does not say when its exchanges began and ended: whether a call was \
                 sent again after the renewal cannot be told"
            }
            Self::Redacted => {
                "no request of the recording has a header with a credential: the tool may have left \
                 them out"
            }
        })
    }
}

impl Judged {
    /// Whether any case failed.
    pub fn failed(&self) -> bool {
        self.results
            .iter()
            .any(|(report, _)| report.verdict == Verdict::Fail)
    }

    /// All cases for a report, in the suite's order: those that could not be judged with the
    /// reason.
    pub fn cases(&self, suite: &Suite) -> Vec<CaseResult> {
        let judged = self.results.iter().zip(&self.entries);
        let judged = judged.map(|((report, transcript), entries)| {
            let result = CaseResult::from((report.clone(), transcript.clone()));
            (report.case.as_str(), result.seen_in(entries.clone()))
        });
        let unjudged = self.unjudged.iter().map(|one| {
            let result = CaseResult::left_out(&one.case, one.why.to_string());
            (one.case.as_str(), result)
        });
        CaseResult::in_order(suite, judged.chain(unjudged).collect())
    }
}
