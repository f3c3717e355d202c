//! One run against a vendor.

use std::fmt;
use std::path::PathBuf;

use super::differences::{Differences, Exchanged};
use super::given::Credentials;
use super::plan::{Plan, real_path};
use super::wire::{Limits, Stop, Wire};
use crate::case::{Case, Suite, after_login, case_values};
use crate::fixture::{Answer, Recorded, ValueError, Values, form_encode};
use crate::judge::{StepRecord, Transcript, captures, judge_server};
use crate::record::{AllowList, Base, Redaction, Traffic, WriteError, Writer};
use crate::report::{CaseReport, CaseResult};
use crate::trust::{NOT_TRUSTED, Trust};
use tegata_suite::Server;

/// The result of a run.
#[derive(Debug)]
pub struct LiveRun {
    /// The cases that were run to their end. Every value in the transcripts is a placeholder.
    pub results: Vec<(CaseReport, Transcript)>,
    /// The others.
    pub not_run: Vec<NotRun>,
    /// How many calls were made.
    pub calls: usize,
    /// Where the vendor differs from the documents, and what the probes found.
    pub differences: Differences,
}

/// A case that was not run, or only in part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRun {
    /// The case's id.
    pub case: String,
    /// Why.
    pub why: Why,
}

/// Why a case was not run completely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its calls would exceed the budget.
    Budget,
    /// The time is over.
    Deadline,
    /// The vendor cannot be reached or gave no answer.
    NoAnswer,
    /// The vendor's certificate is not one to trust.
    Untrusted,
    /// An answer lacked a value that a later call has to send.
    Missing,
    /// It needs a login first.
    Login,
}

impl LiveRun {
    /// All cases for a report, in the suite's order: those that were not run with the reason.
    pub fn cases(&self, suite: &Suite) -> Vec<CaseResult> {
        let ran = self.results.iter();
        let ran = ran.map(|result| (result.0.case.as_str(), CaseResult::from(result.clone())));
        let not_run = self.not_run.iter().map(|one| {
            let result = CaseResult::left_out(&one.case, one.why.to_string());
            (one.case.as_str(), result)
        });
        CaseResult::in_order(suite, ran.chain(not_run).collect())
    }
}

/// Why a run cannot be made.
#[derive(Debug)]
pub enum LiveError {
    /// A case names something that does not exist.
    Data(String),
    /// The HTTP client cannot be made.
    Client(String),
    /// The recording cannot be written.
    Record(WriteError),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Budget => "the budget of calls is used up; raise it by --budget",
            Self::Deadline => "the time is over; raise it by --deadline",
            Self::NoAnswer => "there was no answer; look at the base URL and the network",
            Self::Untrusted => NOT_TRUSTED,
            Self::Missing => "an answer before lacks what the next call sends",
            Self::Login => {
                "a user has to log in first; the plan names the variables for what that gives"
            }
        })
    }
}

impl fmt::Display for LiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data(problem) => write!(f, "the cases cannot be run: {problem}"),
            Self::Client(problem) => write!(f, "no call can be made: {problem}"),
            Self::Record(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for LiveError {}

impl From<ValueError> for LiveError {
    fn from(error: ValueError) -> Self {
        Self::Data(error.to_string())
    }
}

/// A case as it was run: by step and exchange, secrets and all.
struct Raw {
    case: Case,
    steps: Vec<Vec<Traffic>>,
}

/// Runs a plan. Writes a recording into `folder`, which is new or empty, if one is given.
///
/// # Errors
///
/// If the suite's data is wrong, or a secret would get into the recording.
pub async fn run_live(
    suite: &Suite,
    plan: &Plan,
    credentials: &Credentials,
    bases: &[Base],
    trust: &Trust,
    limits: Limits,
    folder: Option<PathBuf>,
) -> Result<LiveRun, LiveError> {
    let redaction = Redaction::new(AllowList::new(&suite.fixtures), &suite.providers);
    let mut writer = match folder {
        None => None,
        Some(folder) => {
            Some(Writer::new(&folder, redaction.clone(), Vec::new()).map_err(LiveError::Record)?)
        }
    };
    let mut wire =
        Wire::new(trust, limits).map_err(|error| LiveError::Client(error.to_string()))?;
    let mut raw = Vec::new();
    let left_out = plan.left_out.iter().map(|one| NotRun {
        case: one.case.clone(),
        why: Why::Login,
    });
    let mut not_run: Vec<NotRun> = left_out.collect();
    let mut over = None;
    for planned in &plan.cases {
        let case = suite
            .case(&planned.id)
            .ok_or_else(|| LiveError::Data(format!("`{}` is no case", planned.id)))?;
        let (case, _) = after_login(suite, case);
        let stopped = match over {
            Some(why) => Some(why),
            // A case is not begun if it cannot be ended.
            None if wire.left() < planned.calls.len() => Some(Why::Budget),
            None => {
                let mut steps = Vec::new();
                let run = Run {
                    suite,
                    credentials,
                    bases,
                    read: plan.read.as_deref(),
                };
                let stopped = run.case(&case, &mut wire, &mut writer, &mut steps).await?;
                if stopped.is_none() {
                    raw.push(Raw { case, steps });
                }
                stopped
            }
        };
        if let Some(why) = stopped {
            if matches!(why, Why::Budget | Why::Deadline) {
                over = Some(why);
            }
            not_run.push(NotRun {
                case: planned.id.clone(),
                why,
            });
        }
    }
    let (results, exchanged) = judge(suite, redaction, credentials, &raw)?;
    let differences = Differences::of(suite, &results, exchanged);
    Ok(LiveRun {
        results,
        not_run,
        calls: wire.made(),
        differences,
    })
}

/// What all cases of a run share.
struct Run<'a> {
    suite: &'a Suite,
    credentials: &'a Credentials,
    bases: &'a [Base],
    read: Option<&'a str>,
}

impl Run<'_> {
    async fn case(
        &self,
        case: &Case,
        wire: &mut Wire,
        writer: &mut Option<Writer>,
        steps: &mut Vec<Vec<Traffic>>,
    ) -> Result<Option<Why>, LiveError> {
        let mut values = case_values(self.suite, case);
        for (name, value) in self.credentials.all() {
            values.set(name, value);
        }
        for step in &case.step {
            let mut traffic = Vec::new();
            for exchange in &step.exchange {
                let (file, _) = self.suite.fixtures.get(&exchange.respond).ok_or_else(|| {
                    LiveError::Data(format!("`{}` is no fixture", exchange.respond))
                })?;
                let mut request = file.recorded(&values, &exchange.with)?;
                let server = Server::of(case.provider, request.path());
                let path = request.path().to_owned();
                let real = real_path(case.provider, &path, self.read);
                request.target.replace_range(..path.len(), real);
                let base = self
                    .bases
                    .iter()
                    .find(|base| base.server == server)
                    .ok_or_else(|| LiveError::Data(format!("{} has no base URL", server.name())))?;
                let answer = match wire.send(base, &request).await {
                    Ok(answer) => answer,
                    Err(Stop::Budget) => return Ok(Some(Why::Budget)),
                    Err(Stop::Deadline) => return Ok(Some(Why::Deadline)),
                    Err(Stop::NoAnswer) => return Ok(Some(Why::NoAnswer)),
                    Err(Stop::Untrusted) => return Ok(Some(Why::Untrusted)),
                };
                let one = Traffic {
                    server,
                    request,
                    answer: Some(answer),
                };
                if let Some(writer) = writer {
                    writer.add(&one).map_err(LiveError::Record)?;
                }
                traffic.push(one);
                let (
                    Some(expected),
                    Some(Traffic {
                        answer: Some(answer),
                        ..
                    }),
                ) = (&exchange.answer, traffic.last())
                else {
                    continue;
                };
                let found = captures(expected, answer);
                let missing = found.len() < expected.capture.len();
                for (name, value) in found {
                    values.set(&name, &value);
                }
                // The next call would send a placeholder. What was received is judged nevertheless.
                if missing {
                    steps.push(traffic);
                    return Ok(None);
                }
            }
            steps.push(traffic);
        }
        Ok(None)
    }
}

type Results = (Vec<(CaseReport, Transcript)>, Vec<Exchanged>);

/// Redacts everything, then judges it.
fn judge(
    suite: &Suite,
    mut redaction: Redaction,
    credentials: &Credentials,
    raw: &[Raw],
) -> Result<Results, LiveError> {
    let mut names = Vec::new();
    for (name, value) in credentials.all() {
        let field = match name {
            "api-key" => "x-api-key",
            other => other,
        };
        names.push((name, redaction.name_of(field, value)));
    }
    for traffic in raw.iter().flat_map(|raw| raw.steps.iter().flatten()) {
        redaction.learn(traffic);
    }
    let redacted: Vec<Vec<Vec<_>>> = raw
        .iter()
        .map(|raw| {
            let steps = raw.steps.iter();
            steps
                .map(|step| {
                    let one = step.iter();
                    one.map(|traffic| redact(&mut redaction, traffic)).collect()
                })
                .collect()
        })
        .collect();
    let placeholders = redaction.values();
    let filled = Values::from(&placeholders);
    let (mut results, mut exchanged) = (Vec::new(), Vec::new());
    for (raw, redacted) in raw.iter().zip(redacted) {
        let mut values = case_values(suite, &raw.case);
        for (name, placeholder) in &names {
            values.set(name, filled.get(placeholder).unwrap_or_default());
        }
        let mut steps = Vec::new();
        for (step, described) in redacted.into_iter().zip(&raw.case.step) {
            let mut record = StepRecord::default();
            for ((request, answer), exchange) in step.into_iter().zip(&described.exchange) {
                record.names.push(exchange.name.clone());
                record.requests.push(request.fill(&filled)?);
                record.answers.push(Some(answer.fill(&filled)?));
            }
            steps.push(record);
        }
        let mut transcript = Transcript { steps, values };
        let redactor = filled.redactor();
        let checks = judge_server(suite, &raw.case, &transcript)
            .into_iter()
            .map(|check| crate::report::Check {
                expected: redactor.redact(&check.expected),
                seen: redactor.redact(&check.seen),
                ..check
            })
            .collect();
        exchanged.extend(Exchanged::of(
            &raw.case,
            &transcript,
            same_either_way(suite, &raw.case, credentials),
        ));
        // Every value from the vendor has a name of its own.
        transcript.values.adopt_secrets(&filled);
        let report = CaseReport::of(&raw.case.id, raw.case.level, checks);
        results.push((report, transcript));
    }
    Ok((results, exchanged))
}

fn redact(
    redaction: &mut Redaction,
    traffic: &Traffic,
) -> (
    crate::fixture::RequestTemplate,
    crate::fixture::AnswerTemplate,
) {
    let none = || Answer {
        status: 0,
        reason: None,
        headers: Vec::new(),
        body: Vec::new(),
        cut_after: None,
        raw: None,
    };
    let request: &Recorded = &traffic.request;
    let answer = traffic.answer.clone().unwrap_or_else(none);
    (redaction.request(request), redaction.answer(&answer, ""))
}

/// Whether a case sends id and secret form-encoded although they are the same either way, so that
/// it shows nothing.
fn same_either_way(suite: &Suite, case: &Case, credentials: &Credentials) -> bool {
    let encoded = case.exchanges().any(|exchange| {
        suite
            .fixtures
            .get(&exchange.respond)
            .is_some_and(|(file, _)| {
                let headers = &file.request.headers;
                headers
                    .iter()
                    .any(|line| line.value.contains("${basic-form:"))
            })
    });
    let pair = ["client-id", "client-secret"];
    encoded
        && credentials
            .all()
            .filter(|(name, _)| pair.contains(name))
            .all(|(_, value)| form_encode(value) == value)
}
