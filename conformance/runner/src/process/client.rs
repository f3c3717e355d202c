//! A command as a client: one case at a time.

use std::process::ExitStatus;
use std::time::Duration;

use tokio::time::Instant;

use super::checks::{Seen, checks, is_sound};
use super::child::Running;
use super::{Answer, Fault, LogFile, Message, Profile, Words};
use crate::case::{Case, Suite};
use crate::fixture::Redactor;
use crate::judge::{Transcript, judge_client};
use crate::report::{CaseReport, Verdict};
use crate::script::{Outcome, RunError, Stage, Turn};

/// How long a case may take if nothing else is said.
pub const LIMIT: Duration = Duration::from_secs(30);
/// How long the command has to end by itself once its input is closed.
const GRACE: Duration = Duration::from_secs(10);
/// The most of a line that is no answer that is shown.
const SHOWN: usize = 120;

/// A command that drives a client.
#[derive(Debug)]
pub struct Client {
    words: Words,
    profile: Profile,
    logs: Vec<LogFile>,
    limit: Duration,
}

/// What became of a case.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The verdict.
    pub report: CaseReport,
    /// What was recorded; none if the case does not apply.
    pub transcript: Option<Transcript>,
}

impl Client {
    /// A command that can do what its profile declares.
    pub fn new(words: Words, profile: Profile) -> Self {
        Self {
            words,
            profile,
            logs: Vec::new(),
            limit: LIMIT,
        }
    }

    /// Searches this log file as well.
    #[must_use]
    pub fn log(mut self, log: LogFile) -> Self {
        self.logs.push(log);
        self
    }

    /// How long a case may take.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// The log files.
    pub fn logs(&self) -> &[LogFile] {
        &self.logs
    }

    /// The profile.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Runs a case and judges the client by it.
    ///
    /// # Errors
    ///
    /// If the command cannot be started, the harness fails or the case's data is wrong. Whatever
    /// the command does wrong is in the report instead.
    pub async fn run(&self, suite: &Suite, case: &Case) -> Result<Ran, RunError> {
        if !self.profile.suits(case) {
            return Ok(Ran {
                report: CaseReport::not_applicable(&case.id),
                transcript: None,
            });
        }
        let lengths: Vec<u64> = self.logs.iter().map(|log| log.length(&case.id)).collect();
        let until = Instant::now() + self.limit;
        let mut stage = Stage::start(suite, case).await?;
        let mut talk = Talk {
            client: self,
            until,
            running: None,
            stray: String::new(),
        };
        let mut fault = None;
        let mut more = case.step.len();
        while let Some(turn) = stage.turn()? {
            more -= 1;
            let origin = stage.origin().to_owned();
            let said = talk.ask(&turn, more, &origin, &stage.redactor()).await?;
            let (outcome, wrong) =
                said.map_or_else(|fault| (None, Some(fault)), |outcome| (Some(outcome), None));
            fault = wrong;
            stage.ended(outcome);
        }
        let (status, stderr, late) = talk.end(fault.as_ref()).await;
        let fault = fault.or(late);
        let logs = self.logs.iter().zip(lengths);
        let logs: String = logs
            .filter_map(|(log, length)| log.since(&case.id, length))
            .collect();
        let seen = Seen {
            fault: fault.as_ref(),
            status,
            stdout: &talk.stray,
            stderr: &stderr,
            logs: (!self.logs.is_empty()).then_some(&logs),
        };
        let transcript = stage.transcript();
        let mut all = judge_client(suite, case, &transcript);
        all.extend(checks(&case.id, &seen, &stage.redactor()));
        let sound = is_sound(&all);
        let mut report = CaseReport::of(&case.id, case.level, all);
        if !sound {
            report.verdict = Verdict::Fail;
        }
        Ok(Ran {
            report,
            transcript: Some(transcript),
        })
    }
}

/// The talk with the command in one case.
struct Talk<'a> {
    client: &'a Client,
    until: Instant,
    running: Option<Running>,
    /// Standard output that is judged nowhere else.
    stray: String,
}

impl Talk<'_> {
    async fn ask(
        &mut self,
        turn: &Turn,
        more: usize,
        origin: &str,
        redactor: &Redactor,
    ) -> Result<Result<Outcome, Fault>, RunError> {
        let line = Message::of(turn, more).line();
        let running = if let Some(running) = &mut self.running {
            running.send(&line, self.until).await;
            running
        } else {
            let variables = [
                ("CONFORM_BASE_URL", origin),
                ("CONFORM_CASE", turn.context.case.as_str()),
                ("CONFORM_CONTEXT", line.as_str()),
            ];
            let started = Running::start(&self.client.words, &variables);
            let program = &self.client.words.program;
            self.running.insert(started.map_err(|error| {
                RunError::Command(format!("`{program}` cannot be started: {error}"))
            })?)
        };
        let line = match running.line(self.until, self.client.limit).await {
            Ok(line) => line,
            Err(fault) => return Ok(Err(fault)),
        };
        let line = line.trim();
        Ok(match Answer::read(line) {
            Ok(answer) => {
                self.stray.push_str(answer.shown());
                self.stray.push('\n');
                match answer {
                    Answer::Ok(success) => Ok(Outcome::Ok(success)),
                    Answer::Error(failure) => Ok(Outcome::Error(failure)),
                    Answer::Unsupported(why) => Err(Fault::NotTestable(redactor.redact(&why))),
                }
            }
            Err(problem) => {
                self.stray.push_str(line);
                self.stray.push('\n');
                let shown: String = redactor.redact(line).chars().take(SHOWN).collect();
                let problem = redactor.redact(&problem);
                Err(Fault::Garbage(format!("`{shown}`: {problem}")))
            }
        })
    }

    /// Ends the command; returns its standard error, and its faults at the end.
    async fn end(&mut self, fault: Option<&Fault>) -> (Option<ExitStatus>, String, Option<Fault>) {
        let Some(running) = self.running.take() else {
            return (None, String::new(), None);
        };
        let grace = match fault {
            Some(Fault::Silent(_) | Fault::LongLine(_) | Fault::Flood(..)) => Duration::ZERO,
            // The text of its failure is searched as well.
            _ => GRACE,
        };
        let ended = running.end(self.until.min(Instant::now() + grace)).await;
        let mut late = ended.flood;
        for line in &ended.rest {
            let line = line.trim();
            match Answer::read(line) {
                Ok(answer) => self.stray.push_str(answer.shown()),
                Err(_) => self.stray.push_str(line),
            }
            self.stray.push('\n');
            late = late.or(Some(Fault::OneTooMany));
        }
        (ended.status, ended.stderr, late)
    }
}
